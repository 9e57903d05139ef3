package spelling

import "bytes"

// servant is the key of the first half of names like Abdelkarim. It is no name
// key, since those tell no consonant after the q but their own.
const servant = "zq0abd"

// arabicServant is the same in Arabic.
const arabicServant = "عبد"

// isServant reports whether a word is such a first half, written apart.
func isServant(w []byte) bool {
	switch string(w) {
	case "abd", "abdel", "abdal", "abdul", "abdoul", "abdol", "abdil":
		return true
	}
	return false
}

// afterServant returns the second half of a name like Abdelkarim, or nil.
func afterServant(w []byte) []byte {
	rest, ok := bytes.CutPrefix(w, []byte("abd"))
	if !ok {
		return nil
	}
	vowels := 0
	for vowels < len(rest) && vowels < 2 && isVowel(rest[vowels]) {
		vowels++
	}
	if vowels == 0 {
		return nil
	}
	rest = rest[vowels:]
	if len(rest) > 0 && rest[0] == 'l' {
		rest = rest[1:]
	}
	if k := keyOf(rest, false); k.n < 2 {
		return nil
	}
	return rest
}

// afterArticle returns a Latin word without the Arabic article it may begin
// with, or nil.
func afterArticle(w []byte) []byte {
	if len(w) < 6 || (w[0] != 'a' && w[0] != 'e') || w[1] != 'l' || isVowel(w[2]) {
		return nil
	}
	return w[2:]
}

// isPrefix reports whether a word is the beginning of a name written apart.
func isPrefix(w []byte) bool {
	switch string(w) {
	case "abou", "abu", "al", "el", arabicServant, "ابو":
		return true
	}
	return isServant(w)
}

// isArticleWord reports whether a word is the article, written apart.
func isArticleWord(w []byte) bool {
	s := string(w)
	return s == "al" || s == "el"
}

// isCommon reports whether a word with a capital is one that sentences begin
// with, not a name. It need not be complete: a key too many does little harm.
func isCommon(w []byte) bool {
	switch string(w) {
	case "a", "afin", "ai", "alors", "apres", "au", "aucun", "aucune", "aujourd", "aussi", "avant", "avec",
		"ce", "ces", "cet", "cette", "chez", "comme", "contact", "dans", "de", "depuis", "des", "deux", "du",
		"elle", "elles", "en", "entre", "est", "et", "famille", "femme", "fille", "homme", "il", "ils", "je",
		"la", "le", "les", "leur", "leurs", "lors", "lui", "ma", "mais", "mari", "mere", "mes", "mon", "ne",
		"nous", "nos", "notre", "on", "ont", "ou", "par", "pas", "pendant", "pere", "peu", "plus", "pour",
		"premier", "premiere", "quand", "que", "qui", "rendez", "sa", "sans", "se", "ses", "si", "soins",
		"son", "suivi", "sur", "tous", "tout", "toute", "trois", "un", "une", "va", "visite", "voir", "vu",
		"about", "after", "all", "also", "an", "and", "are", "as", "at", "before", "but", "by", "came", "did",
		"family", "first", "for", "from", "girl", "had", "has", "have", "he", "her", "his", "husband", "in",
		"is", "it", "man", "mother", "my", "no", "not", "of", "or", "our", "said", "seen", "she", "since",
		"some", "that", "the", "then", "there", "they", "this", "to", "two", "was", "we", "went", "were",
		"when", "while", "will", "with", "woman", "you":
		return true
	}
	return false
}
