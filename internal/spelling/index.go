package spelling

import "bytes"

// AppendText appends to dst the tokens by which a running text is found, each
// followed by a space. Words that look like names get their keys too.
func AppendText(dst []byte, text string) []byte { return appendTokens(dst, text, false) }

// AppendName appends to dst the tokens by which a name is found, each followed
// by a space.
func AppendName(dst []byte, name string) []byte { return appendTokens(dst, name, true) }

func appendTokens(dst []byte, text string, name bool) []byte {
	x := indexer{reader: reader{text: text}, dst: dst, name: name}
	for {
		w, ok := x.next()
		if !ok {
			break
		}
		x.add(&w)
	}
	x.endChain()
	return x.dst
}

// indexer turns the words of one text into tokens.
type indexer struct {
	reader
	dst  []byte
	name bool

	chain  chain // the words written together with this one
	number chain // the groups of digits of one number
	carry  chain // "Abd el", waiting for the rest of the name
}

// chain is words that are also looked for as one.
type chain struct {
	buf    [longest]byte
	n      int
	words  int
	head   int // letters of the first word
	in     script
	spoken bool // looks like a name
}

func (c *chain) letters() []byte { return c.buf[:c.n] }

// add puts a word at the end.
func (c *chain) add(w *word, spoken bool) {
	c.n += copy(c.buf[c.n:], w.letters)
	c.n = len(cut(c.buf[:c.n]))
	if c.words == 0 {
		c.head = c.n
	}
	c.words++
	c.in |= w.in
	c.spoken = c.spoken || spoken
}

func (c *chain) clear() { c.n, c.words, c.in, c.spoken = 0, 0, 0, false }

// elided reports whether the chain is a word with an elided one before it, as in
// "l'eau" or "qu'elle". N and m are not among them: N'Diaye is one name.
func (c *chain) elided() bool {
	switch string(c.buf[:c.head]) {
	case "l", "d", "j", "s", "t", "c", "qu":
		return c.words == 2
	}
	return false
}

// add writes the tokens of one word.
func (x *indexer) add(w *word) {
	spoken := x.looksLikeName(w)
	x.join(w, spoken)
	x.token(stem(w.letters))
	switch {
	case w.pure(latin) && len(w.letters) > 1:
		if spoken {
			x.dst = appendNameKeys(x.dst, w.letters)
			x.dst = x.parts(w.letters)
		}
	case w.pure(arabic):
		x.arabic(w.letters)
	case w.pure(digits):
		x.lastDigits(w.letters)
	}
}

// looksLikeName reports whether a word gets a key.
func (x *indexer) looksLikeName(w *word) bool {
	if !w.pure(latin) || len(w.letters) < 2 {
		return false
	}
	return x.name || w.capital && (!w.first || !isCommon(w.letters))
}

// join follows what is written in pieces: "N'Diaye", "Jean-Pierre", "Abd el
// Kader", "76 12 34 56".
func (x *indexer) join(w *word, spoken bool) {
	if !isApostrophe(w.joint) && !isHyphen(w.joint) {
		x.endWords()
	}
	x.chain.add(w, spoken)

	if !w.pure(digits) || !splitsDigits(w.joint) {
		x.endNumber()
	}
	if w.pure(digits) {
		x.number.add(w, false)
	}

	x.carryOn(w, spoken)
}

// carryOn joins the halves of a name like Abd el Kader.
func (x *indexer) carryOn(w *word, spoken bool) {
	c := &x.carry
	if c.words > 0 && c.in != w.in {
		c.clear()
	}
	named := spoken || w.pure(arabic)
	switch {
	case isPrefix(w.letters) && (named || c.words > 0):
		c.add(w, true)
		return
	case c.words > 0 && named:
		c.add(w, true)
		if w.pure(latin) {
			x.dst = appendNameKeys(x.dst, c.letters())
		} else {
			x.token(c.letters())
			x.skeleton(c.letters())
		}
	}
	c.clear()
}

// endChain writes what waits for an end.
func (x *indexer) endChain() {
	x.endWords()
	x.endNumber()
}

// endWords ends a chain of words, and writes it as one word.
func (x *indexer) endWords() {
	if c := &x.chain; c.words > 1 && !c.elided() {
		x.token(stem(c.letters()))
		if c.spoken && c.in == latin && c.words == 2 {
			x.dst = appendNameKeys(x.dst, c.letters())
		}
	}
	x.chain.clear()
}

// endNumber ends a number, and writes it without its gaps.
func (x *indexer) endNumber() {
	if c := &x.number; c.words > 1 {
		x.token(c.letters())
		x.lastDigits(c.letters())
	}
	x.number.clear()
}

// lastDigits writes a telephone number as it is dialled within a country.
func (x *indexer) lastDigits(number []byte) {
	if n := len(number); n > local {
		x.token(number[n-local:])
	}
}

// local is how many digits a number has that is dialled within a country.
const local = 8

func (x *indexer) token(w []byte) { x.dst = appendToken(x.dst, w) }

func (x *indexer) skeleton(w []byte) {
	k := arabicKey(w)
	before := len(x.dst)
	x.dst = k.appendSkeleton(x.dst)
	if len(x.dst) > before {
		x.dst = append(x.dst, ' ')
	}
}

// arabic writes what else an Arabic word is found by.
func (x *indexer) arabic(w []byte) {
	if rest, ok := bytes.CutPrefix(w, []byte(arabicServant)); ok && len(rest) >= len(article)+4 && bytes.HasPrefix(rest, []byte(article)) {
		x.token([]byte(arabicServant))
		x.token(rest)
		if bare := withoutArticle(rest); bare != nil {
			x.token(bare)
			x.skeleton(bare)
		}
	}
	if rest := withoutArticle(w); rest != nil {
		x.token(rest)
		w = rest
	}
	x.skeleton(w)
}

// parts writes the keys of what a name is made of: the Karim of Abdelkarim, the
// Ansari of Alansari.
func (x *indexer) parts(w []byte) []byte {
	if rest := afterServant(w); rest != nil {
		x.dst = append(x.dst, servant+" "...)
		return appendNameKeys(x.dst, rest)
	}
	if rest := afterArticle(w); rest != nil {
		return appendNameKeys(x.dst, rest)
	}
	return x.dst
}

// appendToken writes a folded word. A word that would look like a key is told
// apart.
func appendToken(dst, w []byte) []byte {
	if len(w) == 0 {
		return dst
	}
	if len(w) > 1 && w[0] == 'z' && (w[1] == 'q' || w[1] == 'x') {
		dst = append(dst, 'z')
	}
	dst = append(dst, w...)
	return append(dst, ' ')
}

// appendNameKeys writes the keys of a folded Latin word: two where "th" may be
// heard either way.
func appendNameKeys(dst, w []byte) []byte {
	if isServant(w) {
		return append(dst, servant+" "...)
	}
	k := keyOf(w, false)
	dst = appendKey(dst, &k)
	if bytes.Contains(w, []byte("th")) {
		k = keyOf(w, true)
		dst = appendKey(dst, &k)
	}
	return dst
}

func appendKey(dst []byte, k *key) []byte {
	before := len(dst)
	dst = k.appendName(dst)
	if len(dst) > before {
		dst = append(dst, ' ')
	}
	return dst
}
