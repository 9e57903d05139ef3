package claim

import (
	"slices"
	"strings"

	"amana"
	"amana/internal/record"
)

// PersonRef is a person of an incident.
type PersonRef struct {
	Incident amana.RecordID
	Item     string
}

// String is how a record writes it.
func (p PersonRef) String() string { return p.Incident.String() + "." + p.Item }

// ParsePersonRef reads what [PersonRef.String] writes.
func ParsePersonRef(text string) (PersonRef, bool) {
	id, item, ok := strings.Cut(text, ".")
	p := PersonRef{ref(id), item}
	return p, ok && !p.Incident.IsZero() && item != ""
}

// SamePerson is what a person decided of somebody in this incident and somebody in
// another.
type SamePerson struct {
	Item, Person string // the items of the decision and of the person here
	With         PersonRef
	Same         bool
	Reason       amana.Private
	Stamp
}

// SamePersons returns what was decided of the people of this incident.
func (in *Incident) SamePersons() (list []SamePerson) {
	for _, id := range in.sheet.Items(record.SamePersons) {
		i := in.sheet.item(record.SamePersons, id)
		with, ok := ParsePersonRef(i.text("with"))
		if relation := i.text("relation"); ok && relation != "" {
			list = append(list, SamePerson{id, i.text("person"), with, relation == "same_person", i.words("reason"), i.stamp("relation")})
		}
	}
	return list
}

// Harmed returns the people of an incident to whom something was done and who can be
// told apart: no groups.
func (in *Incident) Harmed() (list []Person) {
	for _, p := range in.Persons {
		victim := slices.ContainsFunc(in.Acts, func(a Act) bool { return a.Victim == p.Item })
		if !p.Group && (victim || p.Has("survivor") || p.Has("killed") || p.Missing()) {
			list = append(list, p)
		}
	}
	return list
}

// Groups returns how many groups of people an incident has: they cannot be told apart.
func (in *Incident) Groups() (n int) {
	for _, p := range in.Persons {
		if p.Group {
			n++
		}
	}
	return n
}

// Documents reports whether a claim is about somebody: about something that was done to
// them, or about everything.
func (in *Incident) Documents(c Claim, person string) bool {
	return len(c.Acts) == 0 || slices.ContainsFunc(in.Acts, func(a Act) bool { return a.Victim == person && slices.Contains(c.Acts, a.Item) })
}

// How many reasons there are for two incidents, and for two people; and how many must
// come together.
const (
	mostAlike       = 6
	mostAlikePeople = 7
	fewestOfPeople  = 3
)

// Strength says between 0 and 1 how much speaks for it: the share of the reasons that
// hold, of all that there are and one more, since none makes it certain.
func (s Suggestion) Strength() float64 { return float64(len(s.Reasons)) / (mostAlike + 1) }

// PersonSuggestion is two people in two incidents who may be one, and why.
type PersonSuggestion struct {
	A, B    PersonRef
	Reasons []string // event, district, time, act, age, sex, code
}

// Strength is as that of [Suggestion].
func (s PersonSuggestion) Strength() float64 { return float64(len(s.Reasons)) / (mostAlikePeople + 1) }

// SuggestPersons returns pairs of people in two events of whom nobody has decided, and
// who have much in common. Where age or sex speak against it, it is none.
func (w *World) SuggestPersons() (all []PersonSuggestion) {
	decided := map[[2]PersonRef]bool{}
	list := w.Chronology()
	for i := range list {
		for _, d := range list[i].SamePersons() {
			here := PersonRef{list[i].ID, d.Person}
			decided[[2]PersonRef{here, d.With}], decided[[2]PersonRef{d.With, here}] = true, true
		}
	}
	seen := map[[2]amana.RecordID]bool{}
	look := func(a, b *Incident) {
		pair := [2]amana.RecordID{a.ID, b.ID}
		if a.Scope == "event" && b.Scope == "event" && !seen[pair] {
			seen[pair], seen[[2]amana.RecordID{b.ID, a.ID}] = true, true
			all = append(all, peopleAlike(a, b, decided)...)
		}
	}
	for i := range list {
		for _, r := range list[i].Related { // those that were decided to be one event, whenever they are said to have been
			at := slices.IndexFunc(list, func(in Incident) bool { return in.ID == r.Incident })
			if at >= 0 && r.As == "same_event" {
				look(&list[i], &list[at])
			}
		}
		for j := i + 1; j < len(list); j++ {
			a, b := &list[i], &list[j]
			if a.From != "" && b.From != "" && !sameTime(a, b) && before(a.last(), b.From) {
				break // all that follow are later still
			}
			look(a, b)
		}
	}
	return all
}

func peopleAlike(a, b *Incident, decided map[[2]PersonRef]bool) (all []PersonSuggestion) {
	about := aroundPeople(a, b)
	for _, p := range a.Harmed() {
		for _, q := range b.Harmed() {
			pair := [2]PersonRef{{a.ID, p.Item}, {b.ID, q.Item}}
			why, may := alikePeople(p, q)
			if why = append(slices.Clip(about), why...); may && !decided[pair] && len(why) >= fewestOfPeople {
				all = append(all, PersonSuggestion{pair[0], pair[1], why})
			}
		}
	}
	return all
}

// aroundPeople is what two incidents have in common that speaks for their people.
func aroundPeople(a, b *Incident) (why []string) {
	same := func(in, other *Incident) bool {
		return slices.ContainsFunc(in.Related, func(r Related) bool { return r.Incident == other.ID && r.As == "same_event" })
	}
	if same(a, b) || same(b, a) {
		why = append(why, "event")
	}
	for _, r := range alike(a, b) {
		if r == "district" || r == "time" || r == "act" {
			why = append(why, r)
		}
	}
	return why
}

// alikePeople is what two people have in common; may is false where they cannot be one.
func alikePeople(p, q Person) (why []string, may bool) {
	const years = 2 // ages are told as they are remembered
	if a, known := p.Age.Int(); known {
		if b, also := q.Age.Int(); also {
			if a-b > years || b-a > years {
				return nil, false
			}
			why = append(why, "age")
		}
	}
	if a, b := p.Sex.Reveal(), q.Sex.Reveal(); a != "" && b != "" && p.Sex.Type() == q.Sex.Type() {
		if !p.Sex.Equal(q.Sex) {
			return nil, false
		}
		why = append(why, "sex")
	}
	if p.Code != "" && strings.EqualFold(p.Code, q.Code) {
		why = append(why, "code")
	}
	return why, true
}
