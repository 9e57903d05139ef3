package spelling

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longest is the most bytes kept of one word. What is longer is cut, when
// indexing and when asking alike.
const longest = 64

// script tells in what a word is written.
type script uint8

const (
	digits script = 1 << iota
	latin
	arabic
	other
)

// appendFolded appends the folded form of the first letter of s, which is not
// ASCII, and adds the script it is written in to in. Signs that fold to nothing
// leave both as they are.
func appendFolded(dst []byte, s string, r rune, in *script) []byte {
	if 0x0621 <= r && r <= 0x06ff {
		return appendArabic(dst, r, in)
	}
	decomposed := norm.NFKD.PropertiesString(s).Decomposition()
	if decomposed == nil {
		return appendLetter(dst, r, in)
	}
	for len(decomposed) > 0 {
		part, size := utf8.DecodeRune(decomposed)
		decomposed = decomposed[size:]
		dst = appendLetter(dst, part, in)
	}
	return dst
}

// appendLetter appends a letter that is decomposed already.
func appendLetter(dst []byte, r rune, in *script) []byte {
	switch {
	case 'a' <= r && r <= 'z':
		*in |= latin
		return append(dst, byte(r))
	case 'A' <= r && r <= 'Z':
		*in |= latin
		return append(dst, byte(r)|0x20)
	case '0' <= r && r <= '9':
		*in |= digits
		return append(dst, byte(r))
	case 0x0621 <= r && r <= 0x06ff:
		return appendArabic(dst, r, in)
	case unicode.Is(unicode.Mn, r):
		return dst
	}
	r = unicode.ToLower(r)
	if plain := plainLatin(r); plain != "" {
		*in |= latin
		return append(dst, plain...)
	}
	if !isWord(r) {
		return dst
	}
	*in |= other
	return utf8.AppendRune(dst, r)
}

// appendArabic appends a letter of Arabic, Persian or Urdu in the one form that
// stands for its variants, or a digit.
func appendArabic(dst []byte, r rune, in *script) []byte {
	switch {
	case 0x0660 <= r && r <= 0x0669:
		*in |= digits
		return append(dst, byte('0'+r-0x0660))
	case 0x06f0 <= r && r <= 0x06f9:
		*in |= digits
		return append(dst, byte('0'+r-0x06f0))
	case r == 'ء':
		return dst
	}
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ', 'ٲ', 'ٳ', 'ٵ':
		r = 'ا'
	case 'ة', 'ہ', 'ۂ', 'ھ', 'ە', 'ۀ', 'ۃ':
		r = 'ه'
	case 'ئ', 'ى', 'ی', 'ې', 'ے', 'ۓ', 'ٸ':
		r = 'ي'
	case 'ک', 'گ', 'ڭ', 'ڬ':
		r = 'ك'
	case 'ؤ', 'ٶ', 'ۆ', 'ۇ', 'ۋ':
		r = 'و'
	}
	if !isWord(r) {
		return dst
	}
	*in |= arabic
	return utf8.AppendRune(dst, r)
}

// plainLatin returns how a letter without a decomposition is written by someone
// whose keyboard has only the plain ones, or "".
func plainLatin(r rune) string {
	switch r {
	case 'œ':
		return "oe"
	case 'æ':
		return "ae"
	case 'ß':
		return "ss"
	case 'ø', 'ɔ':
		return "o"
	case 'đ', 'ð', 'ɗ', 'ɖ':
		return "d"
	case 'ł':
		return "l"
	case 'ı', 'ɩ':
		return "i"
	case 'þ':
		return "th"
	case 'ɓ':
		return "b"
	case 'ƙ':
		return "k"
	case 'ƴ':
		return "y"
	case 'ɛ', 'ə', 'ǝ':
		return "e"
	case 'ɲ':
		return "ny"
	case 'ŋ':
		return "ng"
	case 'ɣ':
		return "gh"
	case 'ʃ':
		return "sh"
	case 'ʒ':
		return "j"
	}
	return ""
}

// isWord reports whether a rune is part of words.
func isWord(r rune) bool {
	switch { // what is common, for speed
	case r < utf8.RuneSelf:
		return r >= 0 && folded[r] != 0
	case 0xc0 <= r && r <= 0x17f:
		return r != '×' && r != '÷'
	case 0x0620 <= r && r <= 0x063f, 0x0641 <= r && r <= 0x064a:
		return true
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r)
}

// isSilent reports whether a rune may stand inside a word and says nothing:
// accents on their own, stretching, marks of direction, soft hyphens.
func isSilent(r rune) bool {
	if 0xc0 <= r && r < 0x300 || 0x620 <= r && r <= 0x63f { // nothing silent here, for speed
		return false
	}
	return r == 'ـ' || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r)
}

// stem takes off a plural s or x and a doubled e, of words long enough to bear
// it. It is the same for all words, so that the two sides always agree.
func stem(w []byte) []byte {
	n := len(w)
	if n < 5 || w[n-1] >= utf8.RuneSelf {
		return w
	}
	switch {
	case w[n-1] == 's' && w[n-2] != 's', w[n-1] == 'x' && w[n-2] == 'u':
		w = w[:n-1]
	}
	if n = len(w); n > 4 && w[n-1] == 'e' && w[n-2] == 'e' {
		w = w[:n-1]
	}
	return w
}
