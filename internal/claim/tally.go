package claim

import (
	"cmp"
	"slices"
	"strconv"
)

// Year is what reports on conflict ask of a year, from January to December: events that
// are held to have happened in it, counted in incidents and never in people.
type Year struct {
	Year      string // "" where no year is known
	Incidents int
	Late      int // that happened before it and were verified in it; in no line below
	Groups    []TallyGroup
}

// TallyGroup is one way to look at them: by the decision on each, the link with a
// conflict, the kind of act, who was harmed, and the kind of party by whoever's word. An
// incident may be in several lines of a group, or in none.
type TallyGroup struct {
	ID    string // status, link, form, harmed, party
	Lines []TallyLine
}

// TallyLine is how many incidents there are of one kind, by how they stand.
type TallyLine struct {
	ID                            string
	Incidents                     int
	Verified, Pending, Unverified int
}

// Who was harmed, as the monitoring mechanisms part them.
const (
	Girls    = "girls"
	Boys     = "boys"
	Women    = "women"
	Men      = "men"
	NotKnown = "unknown"
)

// notHappened is a decision by which an event is in no figure.
const notHappened = "verification_found_that_incident_did_not_occur"

// adult is the age from which nobody is a child (UN Convention on the Rights of the
// Child, article 1).
const adult = 18

// Tally counts events for reports on conflict (MARA: Security Council resolution 1960;
// MRM: 1612), the last year first. Patterns and context are no events; what was found
// not to have happened is left out.
func (w *World) Tally() []Year {
	years := map[string]*tallying{}
	of := func(year string) *tallying {
		if years[year] == nil {
			years[year] = &tallying{lines: map[[2]string]*TallyLine{}}
		}
		return years[year]
	}
	for _, in := range w.Chronology() {
		if in.Scope != "event" || in.Status() == notHappened {
			continue
		}
		of(yearOf(in.From)).add(w, &in)
		for _, v := range in.Decisions {
			if year := yearOf(v.On); v.Status == Verified && year > yearOf(in.From) && in.Late(year+"-01-01", year+"-12-31") {
				of(year).late++
				break
			}
		}
	}
	var list []Year
	for year, t := range years {
		list = append(list, t.year(year))
	}
	slices.SortFunc(list, func(a, b Year) int { return cmp.Compare(b.Year, a.Year) })
	return list
}

func yearOf(date string) string {
	if len(date) < 4 {
		return ""
	}
	if _, err := strconv.Atoi(date[:4]); err != nil {
		return ""
	}
	return date[:4]
}

// tallying is a year while it is counted.
type tallying struct {
	incidents, late int
	lines           map[[2]string]*TallyLine
}

func (t *tallying) add(w *World, in *Incident) {
	t.incidents++
	seen := map[[2]string]bool{}
	note := func(group, id string) {
		key := [2]string{group, id}
		if id == "" || seen[key] {
			return
		}
		seen[key] = true
		if t.lines[key] == nil {
			t.lines[key] = &TallyLine{ID: id}
		}
		l := t.lines[key]
		l.Incidents++
		switch in.Status() {
		case Verified:
			l.Verified++
		case Pending:
			l.Pending++
		default:
			l.Unverified++
		}
	}
	note("status", in.Status())
	if a, assessed := in.Assessed(); assessed {
		note("link", a.Assessment)
	} else {
		note("link", NotKnown)
	}
	for _, a := range in.Acts {
		note("form", a.Type)
	}
	for _, p := range in.Persons {
		if p.Has("survivor") || slices.ContainsFunc(in.Acts, func(a Act) bool { return a.Victim == p.Item }) {
			note("harmed", p.harmedAs())
		}
	}
	for _, a := range in.Standing() {
		kind := NotKnown
		if actor, known := w.Actors[a.Actor]; known {
			kind = cmp.Or(actor.Kind, NotKnown)
		}
		note("party", kind)
	}
}

// harmedAs is how reports part people: who of both is not known is not guessed.
func (p Person) harmedAs() string {
	age, known := p.Age.Int()
	sex := p.Sex.Reveal()
	switch {
	case !known:
		return NotKnown
	case sex == "female" && age < adult:
		return Girls
	case sex == "male" && age < adult:
		return Boys
	case sex == "female":
		return Women
	case sex == "male":
		return Men
	}
	return NotKnown
}

func (t *tallying) year(year string) Year {
	y := Year{Year: year, Incidents: t.incidents, Late: t.late}
	for _, group := range []string{"status", "link", "form", "harmed", "party"} {
		g := TallyGroup{ID: group}
		for key, l := range t.lines {
			if key[0] == group {
				g.Lines = append(g.Lines, *l)
			}
		}
		slices.SortFunc(g.Lines, func(a, b TallyLine) int { return cmp.Or(b.Incidents-a.Incidents, cmp.Compare(a.ID, b.ID)) })
		if len(g.Lines) > 0 {
			y.Groups = append(y.Groups, g)
		}
	}
	return y
}
