package spelling

// A name key says how a name written in Latin letters sounds, roughly enough for
// its spellings in French, English and the transliterations of Arabic to fall
// together, and finely enough to keep most other names away:
//
//	key = [first vowel] consonant [vowel] {consonant} ["u"]
//
// The vowel a name begins with is told as a, i or u. Names of two consonants or
// fewer also tell the vowel after the first one. A last "o" or "ou" is told, the
// other endings are not. Consonants fall into classes: see [sounds.consonant].
// An h is silent, doubled letters count once, and the feminine endings -ata,
// -atou and -etou are taken off (Fatoumata is Fatouma, Aïssata is Aïssa).

// mostConsonants is how many consonants of a name a key tells.
const mostConsonants = 12

// key is what [sounds] heard of a name.
type key struct {
	first      byte // the vowel it begins with, or 0
	consonants [mostConsonants]byte
	n          int
	inner      byte // the vowel after the first consonant, or 0
	round      bool // ends in o or ou
}

// appendName appends the key as a token, or nothing if it says too little.
func (k *key) appendName(dst []byte) []byte {
	if k.n == 0 {
		return dst
	}
	dst = append(dst, "zq"...)
	if k.first != 0 {
		dst = append(dst, k.first)
	}
	dst = append(dst, k.consonants[0])
	alone := k.n == 1 && k.first == 0
	switch {
	case alone && k.round:
		return append(dst, 'u')
	case (alone || k.n == 2) && k.inner != 0:
		dst = append(dst, k.inner)
	}
	dst = append(dst, k.consonants[1:k.n]...)
	if k.round {
		dst = append(dst, 'u')
	}
	return dst
}

// appendSkeleton appends the consonants alone as a token, which is what a name
// shares with its spelling in Arabic, or nothing if they say too little.
func (k *key) appendSkeleton(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, "zx"...)
	for _, c := range k.consonants[:k.n] {
		if c != 'w' && c != 'y' {
			dst = append(dst, c)
		}
	}
	switch len(dst) - start {
	case 2:
		return dst[:start]
	case 3: // one consonant: tell Aïcha from Issa
		if k.first == 0 {
			return dst[:start]
		}
		dst = append(dst, dst[len(dst)-1])
		dst[len(dst)-2] = k.first
	}
	if k.round {
		dst = append(dst, 'u')
	}
	return dst
}

// keyOf returns the key of a folded word of Latin letters. soft reads "th" as
// the s of Othman, not as the t of Thierno.
func keyOf(w []byte, soft bool) key {
	s := sounds{w: feminine(w), soft: soft}
	var k key
	last := byte(0) // the last sound
	for s.i < len(s.w) {
		at := s.i
		c, vowel := s.next()
		if c == 0 {
			continue
		}
		switch {
		case vowel && k.n == 0:
			if k.first == 0 {
				k.first = opening(s.w, at, c)
			}
		case vowel:
			if k.n == 1 && k.inner == 0 {
				k.inner = c
			}
		case c != last && k.n < mostConsonants:
			k.consonants[k.n] = c
			k.n++
		}
		k.round = vowel && c == 'u'
		last = c
	}
	if k.n == 0 {
		return key{}
	}
	k.assimilate()
	k.rename()
	return k
}

// feminine takes the feminine ending off.
func feminine(w []byte) []byte {
	n := len(w)
	if n < 6 || (w[n-1] != 'a' && w[n-1] != 'u') {
		return w
	}
	end := n - 1
	if w[n-1] == 'u' && w[n-2] == 'o' {
		end--
	}
	if w[end-1] == 't' && (w[end-2] == 'a' || w[end-2] == 'e') {
		return w[:end-1]
	}
	return w
}

// opening returns the vowel that a word is told to begin with: it is read at
// place at, and sounds like c. Aïcha begins with a and Eissa, which is Issa,
// with i.
func opening(w []byte, at int, c byte) byte {
	switch {
	case w[at] == 'a', at == 0 && isArticle(w):
		return 'a'
	case w[at] == 'e':
		return 'i'
	}
	return c
}

// isArticle reports whether a word begins with the Arabic article written "el":
// El- and Al- are one.
func isArticle(w []byte) bool {
	return len(w) > 3 && w[0] == 'e' && w[1] == 'l' && !isVowel(w[2])
}

// assimilate writes Abdel-Rahmane as it is said, Abderrahmane.
func (k *key) assimilate() {
	c := &k.consonants
	if k.n < 6 || k.first != 'a' || c[0] != 'b' || c[1] != 'd' || c[2] != 'l' {
		return
	}
	switch c[3] {
	case 't', 'd', 'r', 's', 'n':
		copy(c[2:], c[3:k.n])
		k.n--
	}
}

// rename gives a few families of names, whose spellings are further apart than
// the rules reach, the key of their main form.
func (k *key) rename() {
	switch string(k.consonants[:k.n]) {
	case "fdm": // Fadima, Fadimata: Fatima
		k.consonants[1] = 't'
	case "jnb": // Djeneba: Zeinab
		k.consonants[0] = 's'
	case "brm": // Brahim, Bourama: Ibrahim
		k.first = 'i'
	case "ssr": // Zacharia: Zakaria
		k.consonants[1] = 'k'
	case "wld": // Weld, Wuld: Ould
		*k = key{first: 'u', consonants: [mostConsonants]byte{'l', 'd'}, n: 2}
	}
}
