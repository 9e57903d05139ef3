package spelling

import (
	"unicode"
	"unicode/utf8"
)

// word is one folded word of a text.
type word struct {
	letters []byte // good until the next word is read
	in      script
	joint   rune // the only rune between it and the word before, or 0
	capital bool
	first   bool // begins a text, a line or a sentence
}

// pure reports whether the word is written in one script only.
func (w *word) pure(s script) bool { return w.in == s }

// reader reads the words of a text.
type reader struct {
	text  string
	begun bool
	buf   [longest + 40]byte // one letter folds to 33 bytes at most
}

// next returns the next word, and whether there was one.
func (r *reader) next() (word, bool) {
	var w word
	w.joint, w.first = r.skip()
	for r.text != "" {
		w = r.word(w)
		if len(w.letters) > 0 {
			return w, true
		}
		w.joint, _ = r.skip()
	}
	return word{}, false
}

// word reads the word that begins here.
func (r *reader) word(w word) word {
	out := r.buf[:0]
	text := r.text
	w.capital = w.capital || text != "" && 'A' <= text[0] && text[0] <= 'Z'
	i := 0
	for i < len(text) {
		if c := folded[text[i]]; c != 0 {
			if len(out) < longest {
				out = append(out, c)
				w.in |= digits << (c >> 6) // or latin
			}
			i++
			continue
		}
		if text[i] < utf8.RuneSelf {
			break
		}
		letter, size := utf8.DecodeRuneInString(text[i:])
		silent := isSilent(letter)
		if !isWord(letter) && (i == 0 || !silent) {
			break
		}
		w.capital = w.capital || i == 0 && (unicode.IsUpper(letter) || unicode.IsTitle(letter))
		if len(out) < longest && !silent {
			out = appendFolded(out, text[i:], letter, &w.in)
		}
		i += size
	}
	r.text = text[i:]
	w.letters = cut(out)
	return w
}

// skip passes over what is not a word. It returns the one rune passed over, or
// 0 if there were none or several, and whether a sentence may begin after it.
func (r *reader) skip() (joint rune, first bool) {
	first = !r.begun
	r.begun = true
	n := 0
	for i, c := range r.text {
		if isWord(c) {
			r.text = r.text[i:]
			if n != 1 {
				joint = 0
			}
			return joint, first
		}
		switch c {
		case '.', '!', '?', '\n', ':', '؟', '۔', '«', '"':
			first = true
		}
		joint = c
		n++
	}
	r.text = ""
	return 0, first
}

// cut shortens a word to the longest kept, at a whole letter.
func cut(w []byte) []byte {
	if len(w) <= longest {
		return w
	}
	n := longest
	for n > 0 && !utf8.RuneStart(w[n]) {
		n--
	}
	return w[:n]
}

// isApostrophe reports whether c joins the parts of one word, as in "l'eau",
// "N'Diaye" or "Sa'id".
func isApostrophe(c rune) bool {
	switch c {
	case '\'', '’', '‘', 'ʼ', 'ʻ', 'ʾ', 'ʿ', '`', '´', '′':
		return true
	}
	return false
}

// isHyphen reports whether c joins words that also stand alone.
func isHyphen(c rune) bool { return c == '-' || c == '‐' || c == '‑' }

// splitsDigits reports whether c groups the digits of one number.
func splitsDigits(c rune) bool {
	return c == ' ' || c == '.' || c == '/' || c == '\u00a0' || c == '\u202f' || isHyphen(c)
}

// folded is what ASCII letters and digits fold to, and 0 for every other byte.
var folded = func() (to [256]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			to[c] = c
		case 'A' <= c && c <= 'Z':
			to[c] = c | 0x20
		}
	}
	return to
}()
