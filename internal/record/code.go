package record

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// A case's code is what people say and write instead of a name: "K7MX-Q9TR-5".
// Eight characters are random, the ninth checks them.
//
// The scheme is a pure system of ISO/IEC 7064 (one check character, Σ aᵢ·rⁱ ≡ 1
// modulo M) with M = 31 and r = 3 in place of the standard's 37 and 2: 31 is
// prime and the number of characters used, so the check character is one of them
// too, and 3 generates all of 1…30, so no two places weigh the same. Every single
// wrong character is found, and every exchange of two, neighbours or not.
const (
	codeLetters = "0123456789ABCDEFGHJKMNPQRTVWXYZ" // no I, L, O, S, U
	codeSize    = 9
	codeRadix   = 3
	codesInAll  = 31 * 31 * 31 * 31 * 31 * 31 * 31 * 31 // 2^39.6
)

// NewCode makes a code of random bytes. It may exist already: among 100,000 cases
// two share one with a probability of 1 in 170.
func NewCode(random [16]byte) string {
	// Of 128 bits, the remainder favours no code by more than 2^-88.
	n := bits.Rem64(binary.BigEndian.Uint64(random[:8]), binary.BigEndian.Uint64(random[8:]), codesInAll)
	var code [codeSize]byte
	sum := uint64(0)
	for i := range codeSize - 1 {
		a := n % uint64(len(codeLetters))
		n /= uint64(len(codeLetters))
		code[i] = codeLetters[a]
		sum = (sum + a) * codeRadix
	}
	m := uint64(len(codeLetters))
	code[codeSize-1] = codeLetters[(m+1-sum%m)%m]
	return spaced(code)
}

func spaced(c [codeSize]byte) string {
	return string(c[:4]) + "-" + string(c[4:8]) + "-" + string(c[8:])
}

// CheckCode reads a code as somebody wrote or said it, and returns it in its one
// spelling. Case, spaces and hyphens do not matter, nor do letters that look like
// one in use.
func CheckCode(written string) (code string, ok bool) {
	var c [codeSize]byte
	n, sum := 0, 0
	for _, r := range written {
		if strings.ContainsRune(" -\u00A0\u202F\u2010\u2011\u2012\u2013\u2014", r) {
			continue
		}
		a := codeLetter(r)
		if a < 0 || n == codeSize {
			return "", false
		}
		c[n] = codeLetters[a]
		n++
		sum = (sum*codeRadix + a) % len(codeLetters)
	}
	if n != codeSize || sum != 1 {
		return "", false
	}
	return spaced(c), true
}

func codeLetter(r rune) int {
	if d, ok := digit(r); ok {
		r = d
	}
	if r >= 'a' && r <= 'z' {
		r -= 'a' - 'A'
	}
	switch r {
	case 'I', 'L':
		r = '1'
	case 'O':
		r = '0'
	case 'S':
		r = '5'
	case 'U':
		r = 'V'
	}
	return strings.IndexRune(codeLetters, r)
}
