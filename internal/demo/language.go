package demo

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// language is one that the invented caseworkers write in.
type language struct {
	code     string // an option of the list "language"
	grammar  grammar
	months   [12]string
	weekdays [7]string
	date     string // day and month
	hour     string // hours and minutes
	finish   func(string) string
}

func english() language {
	return language{
		code: "eng", grammar: parseGrammar(englishWords),
		months: [...]string{
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		weekdays: [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		date:     "%d %s", hour: "%d:%02d",
		finish: func(s string) string { return s },
	}
}

func french() language {
	return language{
		code: "fra", grammar: parseGrammar(frenchWords),
		months: [...]string{
			"janvier", "février", "mars", "avril", "mai", "juin",
			"juillet", "août", "septembre", "octobre", "novembre", "décembre",
		},
		weekdays: [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		date:     "%d %s", hour: "%d h %02d",
		finish: contractions.Replace,
	}
}

// contractions joins French words that meet: "de le" to "du", "que elle" to
// "qu'elle".
var contractions = func() *strings.Replacer {
	pairs := []string{" de le ", " du ", " de les ", " des ", " à le ", " au ", " à les ", " aux "}
	for vowel := range strings.SplitSeq("a à â e é è ê i î o ô œ u", " ") {
		pairs = append(pairs, " de "+vowel, " d'"+vowel, " que "+vowel, " qu'"+vowel)
	}
	return strings.NewReplacer(pairs...)
}()

// sentences finishes a text: words joined as the language joins them, and a
// capital at the head of each sentence.
func (l language) sentences(s string) string {
	var b strings.Builder
	head := true
	s = strings.ReplaceAll(l.finish(s), "~", " ")
	b.Grow(len(s) + 4) // a capital may be longer
	for i, r := range s {
		if head && unicode.IsLetter(r) {
			r, head = unicode.ToUpper(r), false
		} else if head && unicode.IsDigit(r) {
			head = false
		}
		b.WriteRune(r)
		if r == '.' || r == '!' || r == '?' {
			next, _ := utf8.DecodeRuneInString(s[i+1:])
			head = next == ' '
		}
	}
	return b.String()
}

func (l language) monthOf(t time.Time) string { return l.months[t.Month()-1] }

func (l language) sayDate(t time.Time) string {
	return fmt.Sprintf(l.date, t.Day(), l.monthOf(t))
}
