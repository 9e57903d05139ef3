package seal

import (
	"encoding/binary"
	"fmt"
	"strings"

	"amana"
)

// The words in which secrets are written down and read out: five letters,
// consonants and vowels in turn, 16 bits a word, in no language. The code is
// that of D. Wilkerson, "A Proposal for Proquints", arXiv 0901.4016.
const (
	consonants  = "bdfghjklmnprstvz" // four bits each
	vowels      = "aiou"             // two bits each
	wordLetters = 5
)

// mostWords bounds what is read as words; nothing that is issued comes near.
const mostWords = 256

// WordError says which word was not copied as it was issued. It is of kind
// [amana.ErrInvalid] and never holds a word.
type WordError struct {
	Number int // counted from one; 0: several words, it cannot be said which
	With   int // not 0: Number and With have changed places
}

// Error implements [error].
func (e *WordError) Error() string {
	switch {
	case e.Number == 0:
		return "seal: several words are not as they were issued"
	case e.With != 0:
		return fmt.Sprintf("seal: words %d and %d have changed places", e.Number, e.With)
	}
	return fmt.Sprintf("seal: word %d is not as it was issued", e.Number)
}

// Unwrap returns the kind.
func (*WordError) Unwrap() error { return amana.ErrInvalid }

// EncodeWords writes bytes as words, two bytes a word, and adds two check words
// by which [DecodeWords] finds a slip. It panics unless b is of an even length
// between 2 and 508.
func EncodeWords(b []byte) []string {
	if len(b) == 0 || len(b)%2 != 0 || len(b)/2+checkWords > mostWords {
		panic("seal: internal error: bytes that are not whole words")
	}
	return wordsOf(withChecks(b))
}

// DecodeWords reads what EncodeWords wrote, in any case. It returns ErrInvalid,
// and a [WordError] where it can be said which word is wrong.
func DecodeWords(words []string) ([]byte, error) {
	if len(words) <= checkWords || len(words) > mostWords {
		return nil, fmt.Errorf("seal: %d words: %w", len(words), amana.ErrInvalid)
	}
	b := make([]byte, 0, 2*len(words))
	for i, w := range words {
		v, ok := wordValue(w)
		if !ok {
			return nil, &WordError{Number: i + 1}
		}
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return withoutChecks(b)
}

// wordsOf writes bytes as words, without checks.
func wordsOf(b []byte) []string {
	words := make([]string, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		v := binary.BigEndian.Uint16(b)
		words = append(words, string([]byte{
			consonants[v>>12], vowels[v>>10&3], consonants[v>>6&15], vowels[v>>4&3], consonants[v&15],
		}))
	}
	return words
}

func wordValue(word string) (v uint16, ok bool) {
	if len(word) != wordLetters {
		return 0, false
	}
	for i := range wordLetters {
		alphabet, bits := consonants, 4
		if i%2 == 1 {
			alphabet, bits = vowels, 2
		}
		n := strings.IndexByte(alphabet, word[i]|' ') // in small letters; ASCII only
		if n < 0 {
			return 0, false
		}
		v = v<<bits | uint16(n)
	}
	return v, true
}
