package release

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"amana"
	"amana/internal/event"
	"amana/internal/spelling"
)

// Words that somebody wrote can hold what their fields may not say: a name in a
// quote, a village in a summary. What is withheld or widened as a field is looked for
// in every text that would leave, and such a text stays.
//
// It is looked for as a search would: without accents and marks, in the spellings that
// sound alike, in Arabic letters for Latin ones and the other way round, with spaces
// between its letters; an age also in English and French words, a day with its month
// in words. For the public each part of a name tells it. What it cannot find: a nickname that
// nobody wrote down, a description, letters that only look alike, an age in other
// words. Whoever publishes reads it first.

// longestSecret is of how many words what is looked for may be; of what is longer,
// its first words are looked for.
const longestSecret = 8

// shortestSecret is how many letters it has at least: one letter is in every text.
// From shortestSound on, a word is found by its sound too.
const (
	shortestSecret = 3
	shortestSound  = 4
	mostJoined     = 3 // words that may be written as one
)

// secret is something that may not stand in any text: words, each in any of its
// spellings.
type secret [][]string

// secrets are those of a release, by the spellings of their first word.
type secrets struct {
	first  map[string][]secret
	public bool
	known  map[string][]string // spellings of words that were looked up
	added  map[string]bool     // what is looked for already
	phones []string            // last digits
}

func newSecrets(public bool) secrets {
	return secrets{first: map[string][]secret{}, public: public, known: map[string][]string{}, added: map[string]bool{}}
}

// spellings are those of a word in a text.
func (s *secrets) spellings(w string) []string {
	if known, there := s.known[w]; there {
		return known
	}
	tokens := soundsOf(w)
	if !s.public { // only what is written like a name is found by its sound
		tokens = strings.Fields(string(spelling.AppendText(nil, w)))
	}
	s.known[w] = tokens
	return tokens
}

func (s *secrets) add(words secret) {
	if len(words) == 0 || slices.ContainsFunc(words, func(w []string) bool { return len(w) == 0 }) {
		return
	}
	for _, token := range words[0] {
		s.first[token] = append(s.first[token], words)
	}
}

// text adds words that may not be told. Parts says that each of them tells it.
func (s *secrets) text(text string, parts bool) {
	if s.added[text] {
		return
	}
	s.added[text] = true
	words := wordsIn(text)
	if n := len(words); n > 1 && n <= mostJoined { // written as one
		s.add(secret{askedFor(strings.Join(words, ""))})
	}
	var all secret
	letters := 0
	for _, w := range words[:min(len(words), longestSecret)] {
		t := askedFor(w)
		all = append(all, t)
		letters += utf8.RuneCountInString(w)
		if parts && utf8.RuneCountInString(w) >= shortestSecret {
			s.add(secret{t})
		}
	}
	if letters >= shortestSecret {
		s.add(all)
	}
}

// number adds a number, in digits and in words.
func (s *secrets) number(n int64) {
	if text := strconv.FormatInt(n, 10); s.added[text] {
		return
	}
	s.text(strconv.FormatInt(n, 10), false)
	s.add(secret{{strconv.FormatInt(n, 10)}})
	for _, words := range numberWords(n) {
		var all secret
		for _, w := range wordsIn(words) {
			all = append(all, foldsOf(w))
		}
		s.add(all)
	}
}

// phone adds a number to be dialled: what a text holds of its last digits tells it,
// however they are grouped.
func (s *secrets) phone(text string) {
	d := strings.ReplaceAll(digitsOf(text), " ", "")
	if len(d) >= local {
		s.phones = append(s.phones, d[len(d)-local:])
	}
}

// local is how many digits a number has that is dialled within a country.
const local = 8

// digitsOf are the digits of a text in a row; what is no part of a number parts them.
func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '0' + digit(r)
		case strings.ContainsRune(" .-/()+\u00a0", r):
			return -1
		}
		return ' '
	}, text)
}

// digit is the value of a digit of any script: they come in tens.
func digit(r rune) rune {
	n := rune(0)
	for unicode.IsDigit(r-1) && n < 9 {
		r, n = r-1, n+1
	}
	return n
}

// day adds a day, as it is written in figures and with its month in words.
func (s *secrets) day(iso string) {
	if s.added[iso] {
		return
	}
	s.added[iso] = true
	year, month, day := iso[:4], iso[5:7], iso[8:10]
	short := func(text string) []string { return []string{text, strings.TrimPrefix(text, "0")} }
	s.add(secret{{year}, short(month), short(day)})
	s.add(secret{short(day), short(month), {year}})
	n, err := strconv.Atoi(month)
	if err != nil || n < 1 || n > len(months) {
		return
	}
	for _, name := range months[n-1] {
		s.add(secret{short(day), foldsOf(name)})
		s.add(secret{foldsOf(name), short(day)})
	}
}

// secretsOf gathers what does not leave as it is.
func secretsOf(records []Record, decided []Decided, p amana.Purpose) secrets {
	s := newSecrets(p == amana.PurposePublication)
	for i := range records {
		for j := range records[i].Fields {
			f := &records[i].Fields[j]
			if !records[i].KnownOnly && decided[i].Lines[j].Verdict == Whole {
				continue
			}
			s.field(f.Class, f.Value)
		}
	}
	return s
}

func (s *secrets) field(c Class, v event.Value) {
	switch c {
	case Contact:
		s.phone(v.Reveal())
		s.text(v.Reveal(), false)
	case Identity, Known:
		s.phone(v.Reveal())
		s.text(v.Reveal(), s.public)
	case Place, Age:
		if years, ok := v.Int(); ok {
			s.number(years)
			return
		}
		s.text(v.Reveal(), false)
	case Date:
		if text := v.Reveal(); s.public && len(text) >= len("2006-01-02") {
			s.day(text)
		}
	case Coded, Account, Health, Evidence, Internal:
	}
}

// told reports whether a text holds a secret.
func (s *secrets) told(text string) bool {
	if len(s.first)+len(s.phones) == 0 {
		return false
	}
	if len(s.phones) > 0 {
		digits := digitsOf(text)
		if slices.ContainsFunc(s.phones, func(p string) bool { return strings.Contains(digits, p) }) {
			return true
		}
	}
	words, joined := wordsIn(text), joinedIn(text)
	return s.in(words) || len(joined) < len(words) && s.in(joined)
}

func (s *secrets) in(words []string) bool {
	tokens := make([][]string, len(words))
	for i, w := range words {
		tokens[i] = s.spellings(w)
	}
	for i := range tokens {
		for _, token := range tokens[i] {
			for _, words := range s.first[token] {
				if starts(tokens[i:], words) {
					return true
				}
			}
		}
	}
	return false
}

func starts(text [][]string, words secret) bool {
	if len(words) > len(text) {
		return false
	}
	for i, w := range words {
		if !slices.ContainsFunc(w, func(token string) bool { return slices.Contains(text[i], token) }) {
			return false
		}
	}
	return true
}

// Tells reports whether a text that is for the public holds any of these words, in any
// spelling.
func Tells(text string, words ...string) bool {
	s := newSecrets(true)
	for _, w := range words {
		s.text(w, false)
	}
	return s.told(text)
}

func isPart(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// wordsIn are the words of a text.
func wordsIn(text string) []string {
	return strings.FieldsFunc(strings.Map(seen, text), func(r rune) bool { return !isPart(r) })
}

// joinedIn are the words of a text where those with a hyphen or an apostrophe between
// them are one, and so are letters with spaces between them.
func joinedIn(text string) (words []string) {
	all := strings.FieldsFunc(strings.Map(seen, text), func(r rune) bool { return !isPart(r) && !isJoint(r) })
	for i := 0; i < len(all); {
		n := i
		for n < len(all) && utf8.RuneCountInString(all[n]) == 1 {
			n++
		}
		n = max(n, i+1)
		if n-i < shortestSecret {
			n = i + 1
		}
		words = append(words, strings.Map(func(r rune) rune {
			if isJoint(r) {
				return -1
			}
			return r
		}, strings.Join(all[i:n], "")))
		i = n
	}
	return words
}

func isJoint(r rune) bool { return strings.ContainsRune("'’ʼ-‐‑", r) }

// soundsOf are the spellings of a word as a name has them. One that is short is not
// found by its sound: too much sounds like it.
func soundsOf(w string) []string {
	if utf8.RuneCountInString(w) < shortestSound {
		return foldsOf(w)
	}
	return strings.Fields(string(spelling.AppendName(nil, w)))
}

// askedFor are the spellings by which a word is looked for, also in other letters.
func askedFor(w string) []string {
	if utf8.RuneCountInString(w) < shortestSound {
		return foldsOf(w)
	}
	var all []string
	for _, t := range spelling.Query(w) {
		all = append(all, t.Any...)
	}
	return all
}

// foldsOf is a word without accents and marks, in small letters.
func foldsOf(w string) []string {
	return strings.Fields(string(spelling.AppendText(nil, strings.ToLower(w))))
}

// quiet takes out the texts that tell what their fields may not.
func quiet(records []Record, decided []Decided, p amana.Purpose) {
	s := secretsOf(records, decided, p)
	for i := range decided {
		for j := range decided[i].Lines {
			l := &decided[i].Lines[j]
			text := l.Class == Account || l.Class == Health || records[i].Fields[j].Free
			if l.Verdict == Whole && text && s.told(l.Value.Reveal()) {
				*l = Line{Name: l.Name, Class: l.Class, Verdict: Withheld, Reason: "release.withheld.tells"}
			}
		}
	}
}
