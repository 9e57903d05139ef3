package release

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"amana"
	"amana/internal/spelling"
)

// Plain is how two ways of writing one recipient compare where a consent is looked
// for: letters in small, one space between words, without what nobody sees. It does
// not guess: a yes for one recipient is never taken for a yes to another with a name
// like it.
func Plain(p amana.Private) string {
	if p.IsEmpty() {
		return ""
	}
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(strings.Map(seen, p.Reveal()))), " "))
}

// seen drops what nobody sees: marks of direction, joiners, spaces of no width.
func seen(r rune) rune {
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// Same reports whether two recipients may be one, where what left is counted. Here a
// guess errs on the side of counting: accents, marks, articles and the order of words
// make no difference, "The Court" and "court, the" are one. Nobody by name is the
// public, and that is one recipient too.
func Same(a, b amana.Private) bool {
	return slices.Equal(wordsOf(a), wordsOf(b))
}

// small are words that say nothing of which recipient it is.
var small = []string{"the", "a", "an", "of", "le", "la", "les", "l", "un", "une", "de", "du", "des", "d", "al", "el"}

// wordsOf are the words of a name as a search would fold them, sorted.
func wordsOf(p amana.Private) []string {
	words := strings.Fields(string(spelling.AppendText(nil, Plain(p))))
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(small, w) })
	slices.Sort(words)
	return slices.Compact(words)
}
