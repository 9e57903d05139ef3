package spelling

import (
	"bytes"
	"unicode/utf8"
)

// article is the Arabic article, as it stands at the head of a word.
const article = "ال"

// withoutArticle returns a folded Arabic word without its article and what is
// written together with it (and, by, with, so), or nil if it has none or what
// would remain is too short to be a word.
func withoutArticle(w []byte) []byte {
	rest := w
	if r, size := utf8.DecodeRune(rest); r == 'و' || r == 'ف' || r == 'ب' || r == 'ك' {
		if bytes.HasPrefix(rest[size:], []byte(article)) {
			rest = rest[size:]
		}
	}
	switch {
	case bytes.HasPrefix(rest, []byte(article)):
		rest = rest[len(article):]
	case bytes.HasPrefix(rest, []byte("لل")):
		rest = rest[len("لل"):]
	default:
		return nil
	}
	if utf8.RuneCount(rest) < 3 {
		return nil
	}
	return rest
}

// arabicKey hears the consonants of a folded Arabic word, in the classes of
// [keyOf]. The long vowels are only heard at the head of a word and at its end.
func arabicKey(w []byte) key {
	var k key
	k.first = firstVowel(w)
	last := rune(0)
	for len(w) > 0 {
		r, size := utf8.DecodeRune(w)
		w = w[size:]
		doubled := r == 'ل' && last == 'ل' // as in Allah
		if c := arabicConsonant(r); c != 0 && !doubled && k.n < mostConsonants {
			k.consonants[k.n] = c
			k.n++
		}
		last = r
	}
	k.round = last == 'و'
	k.assimilate()
	return k
}

// firstVowel tells the vowel a word begins with as far as it is written: ا, ع, ح
// and ه begin one, and و is one. It is an a where it is not written.
func firstVowel(w []byte) byte {
	r, size := utf8.DecodeRune(w)
	switch r {
	case 'ا', 'ع', 'ح', 'ه':
	case 'و':
		return 'u'
	default:
		return 0
	}
	switch next, _ := utf8.DecodeRune(w[size:]); next {
	case 'ي':
		return 'i'
	case 'و':
		return 'u'
	}
	return 'a'
}

// opensLong reports whether the a that a word begins with is written out.
func opensLong(w []byte) bool {
	_, size := utf8.DecodeRune(w)
	next, _ := utf8.DecodeRune(w[size:])
	return next == 'ا'
}

// arabicConsonant returns the class of a letter, or 0 for one that is a vowel,
// silent, or left out in Latin spellings.
func arabicConsonant(r rune) byte {
	switch r {
	case 'ب':
		return 'b'
	case 'ت', 'ط':
		return 't'
	case 'ث', 'ز', 'س', 'ش', 'ص', 'ظ':
		return 's'
	case 'ج':
		return 'j'
	case 'خ', 'ق', 'ك':
		return 'k'
	case 'د', 'ذ', 'ض':
		return 'd'
	case 'ر':
		return 'r'
	case 'غ':
		return 'g'
	case 'ف', 'ڤ':
		return 'f'
	case 'ل':
		return 'l'
	case 'م':
		return 'm'
	case 'ن':
		return 'n'
	case 'پ':
		return 'p'
	}
	return 0
}

// latinKeys calls yield with each name key that the word may have in Latin
// letters, where its short vowels are written too.
func (k *key) latinKeys(w []byte, yield func(key)) {
	base := *k
	if r, _ := utf8.DecodeRune(w); r == 'ي' && base.n < mostConsonants {
		copy(base.consonants[1:], k.consonants[:k.n])
		base.consonants[0] = 'y'
		base.n++
	}
	firsts := []byte{base.first}
	if base.first == 'a' && !opensLong(w) {
		firsts = []byte{'a', 'i', 'u'}
	}
	inners := []byte{0}
	if base.n == 2 {
		inners = []byte{0, 'a', 'i', 'u'}
	}
	for _, first := range firsts {
		for _, inner := range inners {
			guess := base
			guess.first, guess.inner = first, inner
			guess.rename()
			yield(guess)
		}
	}
}
