package release

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words that somebody wrote can hold what their fields may not say: a name in a
// quote, a village in a summary. What is withheld or widened as a field is looked for
// in every text that would leave, and such a text stays.

// longestSecret is of how many words what is looked for may be; of what is longer,
// its first words are looked for.
const longestSecret = 8

// shortestSecret is how many letters it has at least: one letter is in every text.
const shortestSecret = 3

// secrets are what may not stand in any text, as [flat] writes it.
type secrets map[string]bool

// secretsOf gathers what does not leave as it is.
func secretsOf(records []Record, decided []Decided) secrets {
	s := secrets{}
	for i := range records {
		for j := range records[i].Fields {
			f := &records[i].Fields[j]
			switch f.Class {
			case Identity, Contact, Place, Age, Known:
			case Coded, Account, Date, Health, Evidence, Internal:
				continue
			}
			if !records[i].KnownOnly && decided[i].Lines[j].Verdict == Whole {
				continue
			}
			if years, ok := f.Value.Int(); ok {
				s[strconv.FormatInt(years, 10)] = true
				continue
			}
			words := flat(f.Value.Reveal())
			if text := strings.Join(words[:min(len(words), longestSecret)], " "); utf8.RuneCountInString(text) >= shortestSecret {
				s[text] = true
			}
		}
	}
	return s
}

// told reports whether a text holds a secret as whole words.
func (s secrets) told(text string) bool {
	if len(s) == 0 {
		return false
	}
	words := flat(text)
	for from := range words {
		for n := 1; n <= longestSecret && from+n <= len(words); n++ {
			if s[strings.Join(words[from:from+n], " ")] {
				return true
			}
		}
	}
	return false
}

// flat are the words of a text in small letters, without marks.
func flat(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
	})
}

// quiet takes out the texts that tell what their fields may not.
func quiet(records []Record, decided []Decided) {
	s := secretsOf(records, decided)
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
