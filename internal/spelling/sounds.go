package spelling

import "bytes"

// sounds reads a folded Latin word sound by sound.
type sounds struct {
	w    []byte
	i    int
	soft bool
}

// next returns the next sound: a vowel as 'a', 'i' or 'u', a consonant as the
// letter of its class, or 0 for what is silent.
func (s *sounds) next() (c byte, vowel bool) {
	c = s.w[s.i]
	if s.i > 0 && c == s.w[s.i-1] && c != 'e' && c != 'o' {
		s.i++
		return 0, false
	}
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'w', 'y':
		return s.vowel(c)
	}
	return s.consonant(c), false
}

// at returns the letter n places on, or 0.
func (s *sounds) at(n int) byte {
	if s.i+n < len(s.w) {
		return s.w[s.i+n]
	}
	return 0
}

// take passes over n letters and returns c.
func (s *sounds) take(n int, c byte) byte {
	s.i += n
	return c
}

// vowel reads a vowel, or a w or y that may be one.
func (s *sounds) vowel(c byte) (sound byte, vowel bool) {
	next := s.at(1)
	switch c {
	case 'a':
		return s.afterA()
	case 'e':
		switch {
		case next == 'i', next == 'y', next == 'e':
			return s.take(2, 'i'), true
		case next == 'a' && s.at(2) == 'u':
			return s.take(3, 'u'), true
		}
		return s.take(1, 'a'), true
	case 'i':
		return s.take(1, 'i'), true
	case 'y':
		if s.i == 0 && isVowel(next) {
			return s.take(1, 'y'), false
		}
		return s.take(1, 'i'), true
	case 'o':
		if next == 'u' || next == 'o' {
			return s.round(2)
		}
		return s.take(1, 'u'), true
	default: // u, w
		return s.round(1)
	}
}

// afterA reads an a and what melts into it: Said is Saeed, Daouda is Dauda, and
// the ahy of Yahya is the ay of Yaya.
func (s *sounds) afterA() (sound byte, vowel bool) {
	switch s.at(1) {
	case 'i', 'y', 'h', 'e', 'u', 'o', 'w':
	default:
		return s.take(1, 'a'), true
	}
	rest := s.w[s.i+1:]
	for _, d := range diphthongs {
		if !bytes.HasPrefix(rest, []byte(d.letters)) {
			continue
		}
		if d.sound == 'u' && d.letters != "u" && isVowel(s.at(1+len(d.letters))) {
			continue // Aoua is Awa
		}
		return s.take(1+len(d.letters), d.sound), true
	}
	return s.take(1, 'a'), true
}

// diphthongs are what may follow an a.
var diphthongs = [...]struct {
	letters string
	sound   byte
}{
	{"i", 'i'},
	{"y", 'i'},
	{"hy", 'i'},
	{"ee", 'i'},
	{"u", 'u'},
	{"ou", 'u'},
	{"wou", 'u'},
	{"wu", 'u'},
}

// round reads n letters that are a w before a vowel and a u elsewhere:
// Ouattara is Wattara, Aoua is Awa.
func (s *sounds) round(n int) (sound byte, vowel bool) {
	switch s.at(n) {
	case 'a', 'e', 'i', 'o':
		return s.take(n, 'w'), false
	}
	return s.take(n, 'u'), true
}

// consonant reads a consonant. Classes: d and dh; j, dj, di before a vowel and
// soft g; k, q, kh, ck and hard c; g and gh; s, z, sh, ch and soft c; f and ph;
// n, ny and gn. An h elsewhere is silent.
func (s *sounds) consonant(c byte) byte {
	next := s.at(1)
	switch c {
	case 'h':
		return s.take(1, 0)
	case 'c':
		return s.softOrHard(next)
	case 'd':
		if next == 'j' || (next == 'i' || next == 'y') && isVowel(s.at(2)) {
			return s.take(2, 'j')
		}
	case 'g':
		return s.throat(next)
	case 'n':
		if (next == 'i' || next == 'y') && isVowel(s.at(2)) {
			return s.take(2, 'n')
		}
	case 'p':
		if next == 'h' {
			return s.take(2, 'f')
		}
	case 'q':
		if next == 'u' {
			return s.take(2, 'k')
		}
		return s.take(1, 'k')
	case 't':
		switch {
		case next == 'c' && s.at(2) == 'h':
			return s.take(3, 's')
		case next == 'h' && s.soft:
			return s.take(2, 's')
		}
	case 'z':
		return s.take(1, 's')
	}
	return s.take(1, c)
}

// throat reads a g.
func (s *sounds) throat(next byte) byte {
	switch {
	case next == 'n':
		return s.take(2, 'n')
	case next == 'u' && (s.at(2) == 'e' || s.at(2) == 'i'):
		return s.take(2, 'g')
	case next == 'e', next == 'i':
		return s.take(1, 'j')
	}
	return s.take(1, 'g')
}

// softOrHard reads a c.
func (s *sounds) softOrHard(next byte) byte {
	switch next {
	case 'h':
		return s.take(2, 's')
	case 'k':
		return s.take(2, 'k')
	case 'e', 'i', 'y':
		return s.take(1, 's')
	}
	return s.take(1, 'k')
}

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}
