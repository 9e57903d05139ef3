package release

import (
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// Verdict says how a field leaves.
type Verdict string

// The verdicts.
const (
	Whole    Verdict = "whole"    // as it is
	Widened  Verdict = "widened"  // a district for a village, a month for a day
	Withheld Verdict = "withheld" // not at all
)

// Line is what was decided of one field. Value is empty where it is withheld.
type Line struct {
	Name    string
	Class   Class
	Verdict Verdict
	Reason  string // the key of a message
	Value   event.Value
}

// Decided is what was decided of one record.
type Decided struct {
	ID      amana.RecordID
	Kind    amana.Kind
	Subject amana.RecordID
	Basis   Basis
	// Consent is the answer that it rests on; zero where it rests on none.
	Consent record.ConsentState
	Refused string // the key of a message, where nothing of the record may leave
	Lines   []Line
}

// Field returns what was decided of a field; one that was not asked about is
// withheld.
func (d *Decided) Field(name string) Line {
	for _, l := range d.Lines {
		if l.Name == name {
			return l
		}
	}
	return Line{Name: name, Verdict: Withheld, Reason: "release.withheld.not_asked_for"}
}

// Leaves reports whether anything of the record leaves.
func (d *Decided) Leaves() bool {
	for i := range d.Lines {
		if d.Lines[i].Verdict != Withheld {
			return true
		}
	}
	return false
}

// decide decides every field of one record.
func decide(r *Record, a asking, met []amana.Private) Decided {
	d := Decided{
		ID: r.ID, Kind: r.Kind, Subject: r.Subject, Basis: r.Basis, Refused: refusedBasis(r, a.purpose),
		Lines: make([]Line, len(r.Fields)),
	}
	if d.Refused == "" && r.Basis == ByConsent {
		d.Consent, d.Refused = r.covered(a, met)
	}
	var said [16]amana.Decision // by class: each is looked up once
	for i := range r.Fields {
		f := &r.Fields[i]
		l := &d.Lines[i]
		l.Name, l.Class, l.Verdict = f.Name, f.Class, Withheld
		if d.Refused != "" {
			l.Reason = d.Refused
			continue
		}
		l.decide(f, r, a, d.Consent, &said)
	}
	return d
}

// covered returns the answer by which a record may leave, or why it may not: that of
// the person it is about, while all others agree too.
func (r *Record) covered(a asking, met []amana.Private) (record.ConsentState, string) {
	own, why := r.Consents.covers(a)
	if why == "" && !confirmed(own.Conditions, met) {
		why = "release.refused.conditions"
	}
	for i := range r.Others {
		if why != "" {
			break
		}
		var theirs record.ConsentState
		if theirs, why = r.Others[i].covers(a); why == "" && !confirmed(theirs.Conditions, met) {
			why = "release.refused.conditions"
		}
	}
	return own, why
}

// item returns what all whom a record is about said of an item: a yes only where
// each said yes, a no where any did.
func (r *Record) item(a asking, covered record.ConsentState, item Class) amana.Decision {
	said := r.Consents.item(a, covered, item)
	for i := range r.Others {
		theirs, why := r.Others[i].covers(a)
		if why != "" {
			return amana.Refused
		}
		if d := r.Others[i].item(a, theirs, item); d != amana.Granted && !denies(said) {
			said = d
		}
	}
	return said
}

// refusedBasis says why nothing of a record may leave, before anybody's answers are
// looked at.
func refusedBasis(r *Record, p amana.Purpose) string {
	switch r.Basis {
	case ByConsent:
		return ""
	case IsPublic, IsOurs:
		if p == amana.PurposePublication || p == amana.PurposeAccountability {
			return ""
		}
		return "release.refused.purpose"
	}
	return "release.refused.basis"
}

// publishedFile reports whether a record is a file that was kept for a publication.
func (r *Record) publishedFile() bool { return r.Basis == IsPublic && r.Kind == amana.KindEvidence }

// confirmed reports whether whoever releases said of these very conditions that
// they are met.
func confirmed(conditions amana.Private, met []amana.Private) bool {
	if conditions.IsEmpty() {
		return true
	}
	for _, m := range met {
		if m.Equal(conditions) {
			return true
		}
	}
	return false
}

func (l *Line) decide(f *Field, r *Record, a asking, covered record.ConsentState, said *[16]amana.Decision) {
	limit := ceiling(a.purpose, f.Class)
	answer := amana.NotAsked
	switch {
	case f.Value.IsZero():
		l.Reason = "release.withheld.empty"
		return
	case limit == never:
		l.Reason = "release.withheld.never"
		return
	case r.Basis == ByConsent && f.Class.IsItem():
		if answer = said[place(f.Class)]; answer == "" {
			answer = r.item(a, covered, f.Class)
			said[place(f.Class)] = answer
		}
	case r.Basis == IsPublic && f.Class == Account && a.purpose == amana.PurposeAccountability:
		answer = amana.Granted // a mechanism reads what everybody can read
	case r.publishedFile() && f.Class == Evidence && a.purpose == amana.PurposeAccountability:
		answer = amana.Granted // and sees it, once others looked: see [Rules.Needs]
	}
	switch {
	case limit == withAnswer:
		l.Verdict, l.Value, l.Reason = Whole, f.Value, "release.whole.coded"
	case denies(answer):
		l.Reason = "release.withheld.refused"
	case answer == amana.Granted && limit != widened:
		l.Verdict, l.Value, l.Reason = Whole, f.Value, "release.whole.agreed"
	case limit == ifItem:
		l.Reason = "release.withheld.not_agreed"
	default:
		l.widen(f)
	}
}

// widen puts in the wider value, or nothing where none is known.
func (l *Line) widen(f *Field) {
	wide := f.Coarse
	if _, said := f.Value.Answer(); said {
		wide = f.Value // "does not know" is nobody's place
	}
	if wide.IsZero() {
		switch f.Class { //nolint:exhaustive // the others are not widened
		case Age:
			wide = Band(f.Value)
		case Date:
			wide = month(f.Value)
		}
	}
	if wide.IsZero() {
		l.Reason = "release.withheld.no_wider"
		return
	}
	l.Verdict, l.Value, l.Reason = Widened, wide, "release.widened."+string(f.Class)
}

func place(c Class) int {
	for i, item := range Items() {
		if item == c {
			return i
		}
	}
	return len(Items())
}

// month leaves the month of a day.
func month(v event.Value) event.Value {
	date := v.Reveal()
	if len(date) > len(time.DateOnly) {
		date = date[:len(time.DateOnly)]
	}
	switch {
	case !record.IsDate(date):
		return event.Value{}
	case len(date) == len(time.DateOnly):
		return event.Text(date[:len("2006-01")])
	}
	return event.Text(date)
}

// bands are the age groups of the field's standard, by the first age of each.
var bands = []struct {
	from int64
	id   string
}{{61, "61+"}, {41, "41_60"}, {26, "26_40"}, {18, "18_25"}, {12, "12_17"}, {0, "0_11"}}

// Band returns the age group of an age in years, or nothing.
func Band(age event.Value) event.Value {
	years, ok := age.Int()
	if !ok || years < 0 {
		return event.Value{}
	}
	for _, b := range bands {
		if years >= b.from {
			return event.Text(b.id)
		}
	}
	return event.Value{}
}

// IsBand reports whether a value is an age group, as [Band] gives them.
func IsBand(v event.Value) bool {
	for _, b := range bands {
		if v.Reveal() == b.id {
			return true
		}
	}
	return false
}
