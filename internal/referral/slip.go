package referral

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"amana"
	"amana/internal/record"
)

// Slip is a piece of paper that she carries: where to go, when, whom to ask for.
// It holds no name of hers, no number, no service and no word that gives her away.
// Only [Package.Slip] makes one.
type Slip struct {
	code   string
	place  amana.Private
	person amana.Private
	day    string
	before string
}

// SlipWords are what stands on a slip, as the worker wrote it down.
type SlipWords struct {
	Place  amana.Private // where to go: as everybody there calls it
	Person amana.Private // whom to ask for: a role, a first name
	Day    string        // of the appointment, in ISO 8601, or ""
}

// Slip makes the slip of a package, or returns a [*RefusedError]: words that give
// her away are refused, whoever wrote them.
func (p Package) Slip(w SlipWords) (Slip, error) {
	if p.IsZero() {
		return Slip{}, refused("referral.refused.not_asked")
	}
	if err := CheckSlip(w); err != nil {
		return Slip{}, err
	}
	s := Slip{place: w.Place, person: w.Person, day: w.Day}
	if l, in := p.Line(ItemCode); in {
		s.code = l.Option
	}
	// The earliest reads as an opening hour. Where nobody knows how long it is still
	// open, no hour is made up.
	if l, in := p.Line(ItemWindows); in && l.Hours[0].Hours > 0 {
		s.before = p.when.Add(time.Duration(l.Hours[0].Hours) * time.Hour).Format("2006-01-02T15:04")
	}
	return s, nil
}

// CheckSlip says why words may not stand on a slip: a [*RefusedError], or nil.
func CheckSlip(w SlipWords) error {
	for _, words := range []amana.Private{w.Place, w.Person} {
		if GivesAway(words.Reveal()) {
			return refused("referral.slip.gives_away")
		}
	}
	if w.Day != "" && !record.IsDate(w.Day) {
		return refused("referral.slip.day")
	}
	return nil
}

// IsZero reports whether nothing stands on it.
func (s Slip) IsZero() bool { return s == Slip{} }

// Code returns her code, where she agreed to it.
func (s Slip) Code() string { return s.code }

// Place returns where to go.
func (s Slip) Place() amana.Private { return s.place }

// Person returns whom to ask for.
func (s Slip) Person() amana.Private { return s.person }

// Day returns the day of the appointment, or "".
func (s Slip) Day() string { return s.day }

// Before returns until when she should be there, in ISO 8601 with the hour, or "".
func (s Slip) Before() string { return s.before }

// telling are words, in small letters and without accents, that a stranger who
// finds the slip must not read; one that ends in a star is the beginning of words.
// Arabic ones may have an article or a conjunction before them, so they are looked
// for anywhere.
var telling = strings.Fields(`
	gbv sgbv vbg vssg crsv rape* sex sexes sexe sexual* sexuel* assault* abuse* violen* viol viole violee violeur victim* survivor*
	survivant* agress* abus incest* hiv vih sida aids pep contracepti* avort* abort* grossesse* pregnan* psych* trauma* police gendarm*
	tribunal court courts justice legal* juridi* protection shelter refuge genre gender temoin* witness* crime* exploitation`)

var tellingArabic = []string{
	"اغتصاب", "عنف", "جنس", "اعتداء", "ضحي", "ناجي", "ايدز", "الايدز", "اجهاض", "حمل غير", "شرطة", "محكمة", "ايواء", "نفسي", "حماية", "تحرش",
}

// GivesAway reports whether words tell a stranger what the paper is about. It errs
// on the side of refusing.
func GivesAway(text string) bool {
	flat := flatten(text)
	for _, w := range tellingArabic {
		if strings.Contains(flat, w) {
			return true
		}
	}
	for _, word := range strings.FieldsFunc(flat, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.ContainsFunc(telling, func(w string) bool {
			start, star := strings.CutSuffix(w, "*")
			return word == start || star && strings.HasPrefix(word, start)
		}) {
			return true
		}
	}
	return false
}

// flatten takes off accents, Arabic vowel signs and the forms of alef.
func flatten(s string) string {
	return flat.Replace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s))
}

var flat = strings.NewReplacer(
	"à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i", "ô", "o", "ö", "o",
	"ù", "u", "û", "u", "ü", "u", "œ", "oe", "أ", "ا", "إ", "ا", "آ", "ا", "ى", "ي", "ـ", "",
)
