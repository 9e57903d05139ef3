package spelling

import (
	"slices"
	"strings"
)

// mostTerms is how many words of a search count. Those after are left out.
const mostTerms = 16

// Term is one word asked for.
type Term struct {
	// Any are tokens: the word is found where one of them is.
	Any []string
	// Prefix is what a token may begin with, if the word may be unfinished. It is
	// empty where that would find nearly everything.
	Prefix string
}

// Query returns the terms of a search, all of which must be found. A text is
// found by each of its own words.
func Query(search string) []Term {
	q := asker{reader: reader{text: search}}
	for len(q.terms) < mostTerms {
		w, ok := q.next()
		if !ok {
			break
		}
		q.add(&w)
	}
	q.endNumber()
	return q.dropArticles()
}

// Match writes a search as a query for SQLite's FTS5, over tokens that
// [AppendText] and [AppendName] made. If typing, the last word may be the
// beginning of one. A search without words gives "".
func Match(search string, typing bool) string {
	terms := Query(search)
	var b strings.Builder
	for i, t := range terms {
		if i > 0 {
			b.WriteString(" AND ")
		}
		b.WriteByte('(')
		for j, token := range t.Any {
			if j > 0 {
				b.WriteString(" OR ")
			}
			b.WriteString(`"` + token + `"`)
		}
		if typing && i == len(terms)-1 && t.Prefix != "" {
			b.WriteString(` OR "` + t.Prefix + `" *`)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// asker turns the words of a search into terms.
type asker struct {
	reader
	terms    []Term
	articles []int  // terms that are only the article
	chain    chain  // words joined by apostrophes
	number   chain  // groups of digits
	grouped  []Term // the groups of that number, each alone
}

func (q *asker) add(w *word) {
	if w.pure(digits) {
		q.digits(w)
		return
	}
	q.endNumber()
	if !isApostrophe(w.joint) || q.chain.words == 0 {
		q.chain.clear()
		q.chain.add(w, true)
		if isArticleWord(w.letters) {
			q.articles = append(q.articles, len(q.terms))
		}
		q.terms = append(q.terms, termOf(w.letters, w.in))
		return
	}
	// "l'eau" asks for eau, "N'Diaye" for ndiaye, "Sa'id" for said: one term, of
	// the parts written as one or of the last part.
	at := len(q.terms) - 1
	if n := len(q.articles); n > 0 && q.articles[n-1] == at {
		q.articles = q.articles[:n-1]
	}
	q.chain.add(w, true)
	t, last := termOf(q.chain.letters(), q.chain.in), termOf(w.letters, w.in)
	t.Any = union(t.Any, last.Any)
	if q.chain.elided() {
		t = last
	}
	q.terms[at] = t
}

// digits gathers the groups of one number.
func (q *asker) digits(w *word) {
	if !splitsDigits(w.joint) {
		q.endNumber()
	}
	q.chain.clear()
	q.number.add(w, false)
	q.grouped = append(q.grouped, termOf(w.letters, w.in))
}

// endNumber asks for a number as one if it is long enough to be dialled, and
// for each of its groups otherwise.
func (q *asker) endNumber() {
	c := &q.number
	switch {
	case c.words > 1 && c.n >= local:
		q.terms = append(q.terms, termOf(c.letters(), digits))
	default:
		q.terms = append(q.terms, q.grouped...)
	}
	c.clear()
	q.grouped = nil
}

// dropArticles leaves out "el" and "al" where something else is asked for.
func (q *asker) dropArticles() []Term {
	if len(q.articles) == len(q.terms) {
		return q.terms
	}
	for _, at := range slices.Backward(q.articles) {
		q.terms = slices.Delete(q.terms, at, at+1)
	}
	return q.terms
}

// termOf asks for one folded word.
func termOf(w []byte, in script) Term {
	folded := stem(w)
	tokens := appendToken(make([]byte, 0, 128), folded)
	t := Term{}
	if len(folded) > 1 || in == digits {
		t.Prefix = strings.TrimSpace(string(tokens))
	}
	switch {
	case in == latin && len(w) > 1:
		tokens = appendNameKeys(tokens, w)
		if isServant(w) {
			tokens = appendToken(tokens, []byte(arabicServant))
		}
		if rest := afterArticle(w); rest != nil {
			tokens = appendToken(tokens, stem(rest))
			tokens = appendNameKeys(tokens, rest)
			tokens = appendSkeletons(tokens, rest)
		}
		tokens = appendSkeletons(tokens, w)
	case in == arabic:
		tokens = appendArabicTokens(tokens, w)
	case in == digits && len(w) > local:
		tokens = appendToken(tokens, w[len(w)-local:])
	}
	t.Any = union(nil, strings.Fields(string(tokens)))
	return t
}

// appendArabicTokens writes the other tokens of a folded Arabic word: without
// its article, by its consonants, and as it may be spelt in Latin letters.
func appendArabicTokens(dst, w []byte) []byte {
	if string(w) == arabicServant {
		dst = append(dst, servant+" "...)
	}
	if rest := withoutArticle(w); rest != nil {
		w = rest
		dst = appendToken(dst, w)
	}
	k := arabicKey(w)
	before := len(dst)
	dst = k.appendSkeleton(dst)
	if len(dst) == before {
		return dst
	}
	dst = append(dst, ' ')
	k.latinKeys(w, func(guess key) { dst = appendKey(dst, &guess) })
	return dst
}

// appendSkeletons writes the keys by which a Latin word meets Arabic ones.
func appendSkeletons(dst, w []byte) []byte {
	for _, soft := range []bool{false, true} {
		k := keyOf(w, soft)
		dst = append(k.appendSkeleton(dst), ' ')
	}
	return dst
}

// union returns a with what b has and a has not.
func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}
