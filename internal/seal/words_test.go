package seal_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/seal"
)

// The addresses that arXiv 0901.4016 gives as examples.
func TestEncodeWords_isThePublishedCode(t *testing.T) {
	for _, tc := range []struct {
		bytes []byte
		want  string
	}{
		{[]byte{127, 0, 0, 1}, "lusab-babad"},
		{[]byte{63, 84, 220, 193}, "gutih-tugad"},
		{[]byte{140, 98, 193, 141}, "mudof-sakat"},
		{[]byte{12, 110, 110, 204}, "budov-kuras"},
	} {
		if got := strings.Join(seal.EncodeWords(tc.bytes)[:2], "-"); got != tc.want {
			t.Errorf("%v: got %s, want %s", tc.bytes, got, tc.want)
		}
	}
}

func evenBytes() *rapid.Generator[[]byte] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 60), func(b []byte) []byte {
		return b[:len(b)/2*2]
	}).Filter(func(b []byte) bool { return len(b) > 0 })
}

func TestWords_comeBackInAnyCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := evenBytes().Draw(t, "bytes")
		words := seal.EncodeWords(b)
		words[0] = strings.ToUpper(words[0])
		if got, err := seal.DecodeWords(words); err != nil || !bytes.Equal(got, b) {
			t.Fatalf("got %x, %v; want %x", got, err, b)
		}
	})
}

func TestDecodeWords_saysWhichWordIsWrong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := seal.EncodeWords(evenBytes().Draw(t, "bytes"))
		i := rapid.IntRange(0, len(words)-1).Draw(t, "word")
		other := seal.EncodeWords(rapid.SliceOfN(rapid.Byte(), 2, 2).Draw(t, "other"))[0]
		if other == words[i] {
			return
		}
		words[i] = other
		_, err := seal.DecodeWords(words)
		var slip *seal.WordError
		if !errors.As(err, &slip) || !errors.Is(err, amana.ErrInvalid) {
			t.Fatalf("err = %v, want a WordError of kind ErrInvalid", err)
		}
		// A wrong Q word can look like two neighbours in each other's place.
		if slip.Number != i+1 && slip.With == 0 {
			t.Fatalf("word %d is wrong: %v", i+1, err)
		}
	})
}

func TestDecodeWords_neverTakesTwoWrongWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := seal.EncodeWords(evenBytes().Draw(t, "bytes"))
		issued := slices.Clone(words)
		for range 2 {
			i := rapid.IntRange(0, len(words)-1).Draw(t, "word")
			words[i] = seal.EncodeWords(rapid.SliceOfN(rapid.Byte(), 2, 2).Draw(t, "other"))[0]
		}
		if _, err := seal.DecodeWords(words); err == nil && !slices.Equal(words, issued) {
			t.Fatal("two wrong words were taken")
		}
	})
}

func TestDecodeWords_seesNeighboursInEachOthersPlace(t *testing.T) {
	words := seal.EncodeWords([]byte("some ten words!!"))
	for i := range len(words) - 3 {
		swapped := slices.Clone(words)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		_, err := seal.DecodeWords(swapped)
		var slip *seal.WordError
		if !errors.As(err, &slip) || slip.Number != i+1 || slip.With != i+2 {
			t.Errorf("words %d and %d: err = %v", i+1, i+2, err)
		}
	}
}

func TestDecodeWords_refuses(t *testing.T) {
	words := seal.EncodeWords([]byte("ok"))
	for name, given := range map[string][]string{
		"nothing":                     nil,
		"check words only":            words[1:],
		"a word cut short":            {"baba", words[1], words[2]},
		"a letter that is not ours":   {"cabab", words[1], words[2]},
		"a vowel for a consonant":     {"aabab", words[1], words[2]},
		"a sign that lowers to ours":  {"\u212Aab", words[1], words[2]},
		"a dropped word":              seal.EncodeWords([]byte("four"))[1:],
		"zeros with check words of 0": {"babab", "babab", "babab"},
		"far too many":                slices.Repeat(words, 100),
	} {
		if _, err := seal.DecodeWords(given); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: err = %v, want ErrInvalid", name, err)
		}
	}
}
