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
	i := 0
	for i < len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			if ascii[c] == 0 {
				break
			}
			w.capital = w.capital || i == 0 && ascii[c] == 'A'
			out = appendASCII(out, c, &w.in)
			i++
			continue
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

// appendASCII appends a letter or digit, if there is room.
func appendASCII(dst []byte, c byte, in *script) []byte {
	if len(dst) >= longest {
		return dst
	}
	if ascii[c] == '0' {
		*in |= digits
		return append(dst, c)
	}
	*in |= latin
	return append(dst, c|0x20)
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

// ascii tells letters, capitals and digits: 'a', 'A', '0', or 0.
var ascii = func() (kinds [utf8.RuneSelf]byte) {
	for c := range kinds {
		switch {
		case 'a' <= c && c <= 'z':
			kinds[c] = 'a'
		case 'A' <= c && c <= 'Z':
			kinds[c] = 'A'
		case '0' <= c && c <= '9':
			kinds[c] = '0'
		}
	}
	return kinds
}()
