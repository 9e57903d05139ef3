package directory

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold forgets case, accents, and all that is not a letter or a digit, spaces
// too: an address or a number is found however it was typed.
func fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r), r == 'ـ':
		case unicode.IsDigit(r):
			b.WriteRune(western(r))
		case unicode.IsLetter(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

func western(r rune) rune {
	switch {
	case '٠' <= r && r <= '٩':
		return r - '٠' + '0'
	case '۰' <= r && r <= '۹':
		return r - '۰' + '0'
	}
	return r
}
