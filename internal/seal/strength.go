package seal

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longestJudged letters are judged; more add nothing.
const longestJudged = 64

// Strength estimates the cost of guessing a passphrase, in bits: 2^bits guesses
// by somebody who knows this code. It rather says too little.
//
// Four or more of our own words, however joined, count 16 bits each. Anything else is
// read as the cheapest sequence of pieces that an attacker would try, and each
// piece costs:
//
//	a well-known password, name or phrase      6 bits
//	a word: letters that can be pronounced     1 bit and 1.5 a letter, twice that if capitals are mixed in
//	the same, with 0 for o, @ for a …          1 bit more for each
//	a run on the keyboard, abc, 987            4 bits and its length's logarithm
//	a year, a date                             7 bits, 15 bits
//	what stood earlier in the passphrase       3 bits and its place's logarithm
//	a space, dash or stop between two pieces   1 bit the first time
//	any other sign                             as many as its class has (a: 4.7, 7: 3.3, !: 5)
//
// 1.5 bits a letter is above the 0.6 to 1.3 that C. E. Shannon found for running
// English ("Prediction and Entropy of Printed English", 1951), and below the 2
// of words drawn by lot, because people don't draw lots.
func Strength(passphrase string) float64 {
	text := strings.ToLower(norm.NFC.String(passphrase))
	if n, ok := ownWords(text); ok {
		return 16 * float64(n)
	}
	j := newJudged([]rune(norm.NFC.String(passphrase)))
	best := make([]float64, len(j.typed)+1)
	for end := 1; end <= len(j.typed); end++ {
		best[end] = best[end-1] + j.single(end-1)
		for start := 0; start <= end-2; start++ {
			if bits := best[start] + j.piece(start, end); bits < best[end] {
				best[end] = bits
			}
		}
	}
	return best[len(j.typed)]
}

// ownWords counts our own words, if the passphrase is nothing else, has at least
// four, and none twice or that people know.
func ownWords(text string) (n int, ok bool) {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" -.,", r) })
	seen := make(map[string]bool)
	for _, w := range words {
		if _, ours := wordValue(w); !ours || seen[w] || known[w] {
			return 0, false
		}
		seen[w] = true
	}
	return len(words), len(words) >= 4
}

// judged is a passphrase as it was typed, in small letters, and with signs that
// stand for letters undone.
type judged struct{ typed, small, plain []rune }

// standsFor undoes what everybody's attacker undoes.
var standsFor = map[rune]rune{
	'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't',
	'@': 'a', '$': 's', '!': 'i', '|': 'i', '€': 'e',
}

func newJudged(typed []rune) judged {
	j := judged{typed: typed[:min(len(typed), longestJudged)]}
	for _, r := range j.typed {
		small := unicode.ToLower(r)
		plain := small
		if letter, ok := standsFor[small]; ok {
			plain = letter
		}
		j.small, j.plain = append(j.small, small), append(j.plain, plain)
	}
	return j
}

// single is the cost of one sign by itself.
func (j judged) single(i int) float64 {
	r := j.small[i]
	switch {
	case strings.ContainsRune(" -_.,", r):
		if slices.Contains(j.small[:i], r) {
			return 0
		}
		return 1
	case unicode.IsDigit(r):
		return math.Log2(10)
	case unicode.IsLetter(r):
		return math.Log2(26)
	}
	return 5
}

// piece is the cost of the signs from start to end as one piece, or infinity.
func (j judged) piece(start, end int) float64 {
	bits := math.Inf(1)
	if n := end - start; n >= 3 {
		small := string(j.small[start:end])
		if strings.Contains(string(j.small[:end-1]), small) {
			bits = 3 + math.Log2(float64(end))
		}
		if isRun(small) {
			bits = min(bits, 4+math.Log2(float64(n)))
		}
		bits = min(bits, dateBits(small))
	}
	return min(bits, j.word(start, end))
}

// word is the cost of a piece as a word.
func (j judged) word(start, end int) float64 {
	bits := 1 + 1.5*float64(end-start)
	plain := j.plain[start:end]
	if known[string(plain)] {
		bits = 6
	} else if !pronounceable(plain) || end-start == 2 && !j.alone(start, end) {
		return math.Inf(1)
	}
	capitals, signs := 0, 0
	for i := start; i < end; i++ {
		if unicode.IsUpper(j.typed[i]) {
			capitals++
		}
		if j.plain[i] != j.small[i] {
			signs++
		}
	}
	switch {
	case 2*signs > end-start:
		return math.Inf(1)
	case capitals == end-start, capitals == 1 && unicode.IsUpper(j.typed[start]):
		bits++
	case capitals > 0:
		bits *= 2
	}
	return bits + float64(signs)
}

// alone reports whether no letter touches the piece.
func (j judged) alone(start, end int) bool {
	return (start == 0 || !unicode.IsLetter(j.small[start-1])) &&
		(end == len(j.small) || !unicode.IsLetter(j.small[end]))
}
