package claim

import (
	"cmp"
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
)

// World is what somebody may read of incidents, parties, publications and accounts.
type World struct {
	Incidents    []Incident
	Actors       map[amana.RecordID]Actor
	Publications map[amana.RecordID]Publication
	Accounts     map[amana.RecordID]Account
}

// Chronology returns the incidents in the order in which they happened; those of
// which nobody knows when come last.
func (w *World) Chronology() []Incident {
	all := slices.Clone(w.Incidents)
	slices.SortStableFunc(all, func(a, b Incident) int {
		return cmp.Or(cmp.Compare(when(a), when(b)), strings.Compare(a.ID.String(), b.ID.String()))
	})
	return all
}

func when(in Incident) string {
	if in.From == "" {
		return "~"
	}
	return in.From
}

// Mention is a claim that attributes an act to somebody, under the name that was
// valid when it happened.
type Mention struct {
	Incident    Incident
	Claim       Claim
	Attribution Attribution
	Name        string // "" where nobody is named
}

// Before returns what is attributed to anybody for acts before a day. A claim that
// attributes nothing is there too.
func (w *World) Before(day string) []Mention {
	var all []Mention
	for _, in := range w.Chronology() {
		if in.From == "" || !before(in.From, day) {
			continue
		}
		for _, c := range in.Claims {
			n := len(all)
			for _, a := range in.Standing() {
				if a.Claim == c.Item {
					all = append(all, Mention{in, c, a, w.NameOn(a.Actor, in.From)})
				}
			}
			if len(all) == n {
				all = append(all, Mention{Incident: in, Claim: c})
			}
		}
	}
	return all
}

// NameOn returns what an actor was called on a day, or "".
func (w *World) NameOn(id amana.RecordID, day string) string {
	a, known := w.Actors[id]
	if !known {
		return ""
	}
	return a.NameOn(day)
}

// Voice is one source and what it says of an incident.
type Voice struct {
	Key    SourceKey
	Bases  []string
	Claims []Claim
}

// Corroboration says on whose word an incident stands.
type Corroboration struct {
	Incident                 Incident
	Supports, Doubts, Denies []Voice
	// OneWay is set where all who support it are known of through one publication: they
	// are several sources, and one way by which an error could have come.
	OneWay bool
}

// Corroborated reports whether more than one source supports it.
func (c Corroboration) Corroborated() bool { return len(c.Supports) > 1 }

// Corroborate returns on whose word an incident stands.
func Corroborate(in Incident) Corroboration {
	c := Corroboration{Incident: in}
	ways := map[amana.RecordID]bool{}
	for _, one := range in.Claims {
		list := &c.Supports
		switch one.Stance {
		case "doubts":
			list = &c.Doubts
		case "denies":
			list = &c.Denies
		case "context":
			continue
		default:
			way := one.In
			if !one.Account.IsZero() {
				way = one.Account
			}
			ways[way] = true
		}
		*list = heard(*list, one)
	}
	c.OneWay = len(c.Supports) > 1 && len(ways) == 1
	return c
}

func heard(list []Voice, c Claim) []Voice {
	key := SourceOf(c)
	i := slices.IndexFunc(list, func(v Voice) bool { return v.Key == key })
	if i < 0 {
		i = len(list)
		list = append(list, Voice{Key: key})
	}
	v := &list[i]
	v.Claims = append(v.Claims, c)
	if c.Basis != "" && !slices.Contains(v.Bases, c.Basis) {
		v.Bases = append(v.Bases, c.Basis)
	}
	return list
}

// Figure is one number that one claim gives.
type Figure struct {
	Incident Incident
	Claim    Claim
	Count    Count
}

// Figures are the numbers that are given for what is attributed to one actor.
type Figures struct {
	Actor     amana.RecordID // zero where nobody is named
	Described bool           // somebody is described, and not named
	All       []Figure
	// Least is the largest single number: so many at least. The numbers may be of the
	// same people, so they are never added; Of says of whom it is.
	Least int64
	Of    string
}

// Figures returns the numbers by actor. A claim that names two stands with both.
func (w *World) Figures() []Figures {
	var all []Figures
	for _, in := range w.Chronology() {
		for _, c := range in.Claims {
			if !c.Count.IsZero() && c.Stance != "context" {
				all = counted(all, Figure{in, c, c.Count})
			}
		}
	}
	return all
}

// counted puts a figure with each to whom its claim attributes something, or with
// nobody.
func counted(all []Figures, f Figure) []Figures {
	put := func(actor amana.RecordID, described bool) {
		i := slices.IndexFunc(all, func(x Figures) bool { return x.Actor == actor && x.Described == described })
		if i < 0 {
			i = len(all)
			all = append(all, Figures{Actor: actor, Described: described})
		}
		all[i].take(f)
	}
	named := false
	for _, a := range f.Incident.Standing() {
		if a.Claim == f.Claim.Item {
			named = true
			put(a.Actor, a.Actor.IsZero() && a.How == "described")
		}
	}
	if !named {
		put(amana.RecordID{}, false)
	}
	return all
}

func (f *Figures) take(one Figure) {
	if slices.ContainsFunc(f.All, func(x Figure) bool { return x.Claim.Incident == one.Claim.Incident && x.Claim.Item == one.Claim.Item }) {
		return
	}
	f.All = append(f.All, one)
	if n, ok := one.Count.Number.Int(); ok && n > f.Least {
		f.Least, f.Of = n, one.Count.Of
	}
}

// Asked is what an actor was asked, and what came.
type Asked struct {
	Actor    Actor
	Response Response
}

// Responses returns who was asked for a response, and what came; also that nothing
// did.
func (w *World) Responses() []Asked {
	var all []Asked
	for _, a := range w.Actors {
		for _, r := range a.Responses {
			all = append(all, Asked{a, r})
		}
	}
	slices.SortFunc(all, func(a, b Asked) int {
		return cmp.Or(cmp.Compare(a.Response.AskedOn, b.Response.AskedOn), cmp.Compare(a.Actor.Name, b.Actor.Name), cmp.Compare(a.Response.Item, b.Response.Item))
	})
	return all
}

// Silence is what is on record of somebody who told nothing.
type Silence struct {
	Incident Incident
	Claim    Claim
	Account  Account // zero where nobody here met the person
}

// Silences returns what is on record of those who told nothing.
func (w *World) Silences() []Silence {
	var all []Silence
	for _, in := range w.Chronology() {
		for _, c := range in.Claims {
			if a := w.Accounts[c.Account]; c.Silent() || a.Silent() {
				all = append(all, Silence{in, c, a})
			}
		}
	}
	return all
}

// Exposure says that a claim could tell who somebody is, and by what.
type Exposure struct {
	Incident Incident
	Claim    Claim
	By       []string // name, age, village, quote, relation
}

// Exposures returns the claims that name somebody or could identify them.
func (w *World) Exposures() []Exposure {
	var all []Exposure
	for _, in := range w.Chronology() {
		for _, c := range in.Claims {
			if by := in.exposedBy(c); len(by) > 0 {
				all = append(all, Exposure{in, c, by})
			}
		}
	}
	return all
}

func (in *Incident) exposedBy(c Claim) (by []string) {
	add := func(is bool, what string) {
		if is && !slices.Contains(by, what) {
			by = append(by, what)
		}
	}
	for _, p := range in.Persons {
		if p.Group {
			continue
		}
		_, aged := p.Age.Int()
		add(!p.Name.IsEmpty(), "name")
		add(aged, "age")
	}
	add(!in.Place.Village.IsEmpty(), "village")
	add(!c.Quote.IsEmpty(), "quote")
	add(len(in.Links) > 0, "relation")
	return by
}

// Element is one thing that a court would ask of somebody who commands, with what
// there is to it. A gap is a gap: nothing is concluded from it, or from its absence.
type Element struct {
	ID    string // position, control, crimes, notice, measures
	Lines []ElementLine
}

// Gap reports whether there is nothing.
func (e Element) Gap() bool { return len(e.Lines) == 0 }

// ElementLine is one piece of what there is.
type ElementLine struct {
	Kind     string // what sort of record it comes from, as the key of a message
	Words    amana.Private
	Choice   string // an option, or ""
	List     string // the list of that option
	From, To string
	In       amana.RecordID // the publication
	Incident amana.RecordID
}

// Command returns the elements of the responsibility of those who command an actor
// (Rome Statute article 28), each with what there is.
func (w *World) Command(id amana.RecordID) []Element {
	a := w.Actors[id]
	position, control := Element{ID: "position"}, Element{ID: "control"}
	crimes, notice, measures := Element{ID: "crimes"}, Element{ID: "notice"}, Element{ID: "measures"}
	for _, p := range a.Positions {
		line := ElementLine{Kind: "position", Words: p.Person, From: p.From, To: p.To, In: p.In}
		position.Lines = append(position.Lines, line)
		if p.Control == "command" || p.Control == "effective_authority" {
			line.Choice, line.List = p.Control, "position_control"
			control.Lines = append(control.Lines, line)
		}
	}
	for _, o := range a.Orders {
		control.Lines = append(control.Lines, ElementLine{Kind: "order", Words: o.What, From: o.On, In: o.In})
	}
	for _, p := range a.Presences {
		control.Lines = append(control.Lines, ElementLine{Kind: "presence", Words: amana.Conceal(p.Place), From: p.From, To: p.To, In: p.In})
	}
	for _, in := range w.Chronology() {
		for _, at := range in.Standing() {
			if at.Actor == id {
				crimes.Lines = append(crimes.Lines, ElementLine{
					Kind: "incident", Choice: at.How, List: "attribution_how", From: in.From, To: in.To, Incident: in.ID,
				})
			}
		}
	}
	for _, n := range a.Notices {
		notice.Lines = append(notice.Lines, ElementLine{
			Kind: "notice", Words: n.What, Choice: n.How, List: "notice_how", From: n.On, In: n.In, Incident: n.Incident,
		})
	}
	for _, m := range a.Measures {
		measures.Lines = append(measures.Lines, ElementLine{
			Kind: "measure", Words: m.What, Choice: m.Kind, List: "measure_kind", From: m.On, In: m.In,
		})
	}
	return []Element{position, control, crimes, notice, measures}
}

// Suggestion is two incidents that may be one, or belong together, and why somebody
// should look. Nothing is joined by the program.
type Suggestion struct {
	A, B    Incident
	Reasons []string // district, time, act, actor, people, source
}

// fewestReasons is how many must come together, the time or the place among them.
const fewestReasons = 3

// Suggest returns pairs of events that nobody has decided about.
func (w *World) Suggest() []Suggestion {
	var all []Suggestion
	list := w.Chronology()
	for i := range list {
		for j := i + 1; j < len(list); j++ {
			a, b := &list[i], &list[j]
			if a.From != "" && b.From != "" && !sameTime(a, b) && before(a.last(), b.From) {
				break // all that follow are later still
			}
			if a.Scope != "event" || b.Scope != "event" || decided(a, b) {
				continue
			}
			if why := alike(a, b); len(why) >= fewestReasons && (slices.Contains(why, "district") || slices.Contains(why, "time")) {
				all = append(all, Suggestion{*a, *b, why})
			}
		}
	}
	return all
}

func (in *Incident) last() string {
	if in.To != "" {
		return in.To
	}
	return in.From
}

// sameTime reports whether two incidents may have happened at the same time.
func sameTime(a, b *Incident) bool {
	if a.From == "" || b.From == "" {
		return false
	}
	return !before(a.last(), b.From) && !before(b.last(), a.From)
}

func decided(a, b *Incident) bool {
	about := func(in *Incident, other amana.RecordID) bool {
		return slices.ContainsFunc(in.Related, func(r Related) bool { return r.Incident == other && r.As != "" })
	}
	return about(a, b.ID) || about(b, a.ID)
}

func alike(a, b *Incident) (why []string) {
	add := func(is bool, what string) {
		if is {
			why = append(why, what)
		}
	}
	add(a.Place.District != "" && strings.EqualFold(a.Place.District, b.Place.District), "district")
	add(sameTime(a, b), "time")
	add(slices.ContainsFunc(a.Acts, func(x Act) bool {
		return slices.ContainsFunc(b.Acts, func(y Act) bool { return x.Type == y.Type && x.Type != "" })
	}), "act")
	add(slices.ContainsFunc(a.Standing(), func(x Attribution) bool {
		return !x.Actor.IsZero() && slices.ContainsFunc(b.Standing(), func(y Attribution) bool { return x.Actor == y.Actor })
	}), "actor")
	add(slices.ContainsFunc(a.Persons, func(x Person) bool {
		return slices.ContainsFunc(b.Persons, func(y Person) bool { return samePerson(x, y) })
	}), "people")
	add(slices.ContainsFunc(a.Claims, func(x Claim) bool {
		return slices.ContainsFunc(b.Claims, func(y Claim) bool { return SourceOf(x) == SourceOf(y) && SourceOf(x) != SourceKey{} })
	}), "source")
	return why
}

func samePerson(a, b Person) bool {
	if a.Group || b.Group || a.Age.Type() != event.TypeInt || b.Age.Type() != event.TypeInt {
		return false
	}
	return a.Age.Equal(b.Age) && a.Sex.Equal(b.Sex)
}
