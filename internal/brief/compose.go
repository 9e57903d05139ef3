package brief

import (
	"slices"
	"strings"

	"amana"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/release"
)

// Format is what a release is cleared as.
const Format = "brief"

// Reader is the language of whoever reads it.
type Reader struct {
	T    func(key string, args ...any) string
	Date func(iso string) string // a day, a month or a year
	Lang string
	Dir  string
}

// Brief is a public brief in sections.
type Brief struct {
	Lang, Dir, Title, Lede string
	Sections               []Section
	// Said is what is said of when, where and of whom, by incident: what the next brief
	// has to know as [Before].
	Said map[amana.RecordID]string
}

// Before returns what earlier briefs said of an incident, all of them together: the
// same words for two incidents only where nobody can tell them apart by any of those
// briefs. It is "" where there were none.
type Before func(incident amana.RecordID) string

// Section is one part of it.
type Section struct {
	Title string
	Lede  string
	Parts []Part
	None  string // what is said where there is nothing
}

// Part is one incident, party, or thing that is not known.
type Part struct {
	Title string
	Lines []string
}

// Compose puts a brief together. Before knows the earlier ones, or is nil where there
// were none. Help are words about services as the public directory has them. Kind:
// ErrRefused for what was not cleared as this, for the public.
func Compose(c release.Cleared, before Before, help []string, r Reader) (Brief, error) {
	if err := c.For(Format); err != nil {
		return Brief{}, err
	}
	if c.Purpose() != amana.PurposePublication {
		return Brief{}, &release.RefusedError{Why: "release.refused.purpose"}
	}
	b := composer{Reader: r, w: worldOf(c), before: before}
	out := Brief{Lang: r.Lang, Dir: r.Dir, Title: r.T("brief.title"), Lede: r.T("brief.lede"), Said: b.crowd(agreedTo(c))}
	out.Sections = []Section{b.alleged(), b.numbers(), b.parties(), b.responses(), b.unknown(), b.help(help), b.method()}
	return out, nil
}

// worldOf reads what leaves, and nothing else.
func worldOf(c release.Cleared) claim.World {
	values := map[amana.RecordID]map[string]event.Value{}
	kinds := map[amana.RecordID]amana.Kind{}
	var order []amana.RecordID
	for _, d := range c.Records() {
		if values[d.ID] == nil {
			values[d.ID], kinds[d.ID] = map[string]event.Value{}, d.Kind
			order = append(order, d.ID)
		}
		for _, l := range d.Lines {
			if l.Verdict != release.Withheld {
				values[d.ID][l.Name] = l.Value
			}
		}
	}
	w := claim.World{Actors: map[amana.RecordID]claim.Actor{}, Publications: map[amana.RecordID]claim.Publication{}}
	for _, id := range order {
		s := claim.FromValues(id, kinds[id], values[id])
		switch kinds[id] { //nolint:exhaustive // no other kind is in a brief
		case amana.KindIncident:
			w.Incidents = append(w.Incidents, claim.IncidentOf(s))
		case amana.KindActor:
			w.Actors[id] = claim.ActorOf(s)
		case amana.KindPublication:
			w.Publications[id] = claim.PublicationOf(s)
		}
	}
	return w
}

type composer struct {
	Reader
	w       claim.World
	before  Before
	widened int // incidents
	hidden  int // words that told what was widened
	// then is when incidents happened, as the gate left it: parties are called what they
	// were called then, whatever is said of the time.
	then map[amana.RecordID]string
}

func (b *composer) option(list, id string) string {
	if id == "" {
		return ""
	}
	return b.T("option." + list + "." + id)
}

func (b *composer) alleged() Section {
	s := Section{Title: b.T("brief.alleged"), Lede: b.T("brief.alleged.lede"), None: b.T("brief.nothing")}
	for _, in := range b.w.Chronology() {
		if in.Scope == "context" {
			continue
		}
		p := Part{Title: b.heading(in)}
		if people := b.people(in); people != "" {
			p.Lines = append(p.Lines, people)
		}
		for _, c := range in.Claims {
			if c.Stance != "context" && c.Stance != "" {
				p.Lines = append(p.Lines, b.claim(in, c)...)
			}
		}
		if words := in.Public.Reveal(); words != "" {
			p.Lines = append(p.Lines, words)
		}
		if len(p.Lines) > 0 {
			s.Parts = append(s.Parts, p)
		}
	}
	return s
}

// heading says when, where and what kind of acts, as widely as the gate left them.
func (b *composer) heading(in claim.Incident) string {
	var parts []string
	if in.From != "" {
		when := b.Date(in.From)
		if in.To != "" && in.To != in.From {
			when = b.T("brief.from_to", "from", when, "to", b.Date(in.To))
		}
		parts = append(parts, when)
	}
	for _, place := range []string{in.Place.Village.Reveal(), in.Place.District, in.Place.Region, in.Place.Country} {
		if place != "" && !slices.Contains(parts, place) {
			parts = append(parts, place)
			break
		}
	}
	var acts []string
	for _, a := range in.Acts {
		if name := b.option("mt4", a.Type); name != "" && !slices.Contains(acts, name) {
			acts = append(acts, name)
		}
	}
	if len(acts) > 0 {
		parts = append(parts, strings.Join(acts, b.T("brief.comma")))
	}
	if len(parts) == 0 {
		return b.T("brief.undated")
	}
	return strings.Join(parts, " · ")
}

// people says of whom an incident is, in bands.
func (b *composer) people(in claim.Incident) string {
	var all []string
	for _, p := range in.Persons {
		if p.Has("source") && !p.Has("survivor") && !p.Has("missing") {
			continue
		}
		var of []string
		for _, role := range p.Roles {
			of = append(of, b.option("person_role", role))
		}
		if years, exact := p.Age.Int(); exact { // as agreed to
			of = append(of, b.T("brief.age", "n", years))
		} else if band := p.Age.Reveal(); band != "" {
			of = append(of, b.option("age_band", band))
		}
		if sex := p.Sex.Reveal(); sex != "" {
			of = append(of, b.option("person_sex", sex))
		}
		if len(of) > 0 {
			all = append(all, strings.Join(of, b.T("brief.comma")))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return b.T("brief.people", "people", strings.Join(all, "; "))
}

// claim says one claim: what, who says so, how they know, who is said to have done
// it and how that is known, how many.
func (b *composer) claim(in claim.Incident, c claim.Claim) (lines []string) {
	if words := c.Public.Reveal(); words != "" {
		lines = append(lines, words)
	}
	if quote := c.Quote.Reveal(); quote != "" { // it is here because whoever said it agreed
		lines = append(lines, b.T("brief.quote", "words", quote))
	}
	var said []string
	add := func(key, list, id string) {
		if id != "" {
			said = append(said, b.T(key, "what", b.option(list, id)))
		}
	}
	add("brief.by", "mt19", c.Connection)
	add("brief.basis", "claim_basis", c.Basis)
	if c.Stance != "supports" {
		add("brief.stance", "claim_stance", c.Stance)
	}
	if title := b.publication(c); title != "" {
		said = append(said, title)
	}
	for _, a := range in.Standing() {
		if a.Claim == c.Item {
			said = append(said, b.attribution(in, a))
		}
	}
	if n := b.count(c.Count); n != "" {
		said = append(said, n)
	}
	if len(said) > 0 {
		lines = append(lines, strings.Join(said, " · "))
	}
	return lines
}

func (b *composer) publication(c claim.Claim) string {
	p, known := b.w.Publications[c.In]
	if !known {
		return ""
	}
	if cited, is := b.w.Publications[c.Cited]; is {
		return b.T("brief.cited", "cited", b.named(cited), "in", b.named(p))
	}
	return b.T("brief.in", "in", b.named(p))
}

func (b *composer) named(p claim.Publication) string {
	name := p.Title
	if p.By != "" {
		name = p.By + b.T("brief.comma") + name
	}
	if p.On != "" {
		name += b.T("brief.comma") + b.Date(p.On)
	}
	return name
}

// attribution names a party as it was called then, and says how it is known to be it.
func (b *composer) attribution(in claim.Incident, a claim.Attribution) string {
	how := b.option("attribution_how", a.How)
	if name := b.w.NameOn(a.Actor, b.then[in.ID]); name != "" {
		return b.T("brief.attributed", "actor", name, "how", how)
	}
	return b.T("brief.attributed.nobody", "how", how)
}

func (b *composer) count(c claim.Count) string {
	if c.IsZero() {
		return ""
	}
	of := b.option("count_of", c.Of)
	n, ok := c.Number.Int()
	var text string
	switch {
	case ok && c.AtLeast:
		text = b.T("brief.count.least", "number", n, "of", of)
	case ok:
		text = b.T("brief.count", "number", n, "of", of)
	default:
		text = b.T("brief.count.word", "word", b.option("count_word", c.Word), "of", of)
	}
	if c.From != "" && c.To != "" {
		text += b.T("brief.comma") + b.T("brief.from_to", "from", b.Date(c.From), "to", b.Date(c.To))
	}
	return text
}

func (b *composer) numbers() Section {
	s := Section{Title: b.T("brief.numbers"), Lede: b.T("brief.numbers.lede"), None: b.T("brief.nothing")}
	for _, f := range b.w.Figures() {
		title := b.T("brief.nobody")
		switch a, known := b.w.Actors[f.Actor]; {
		case known:
			title = a.Name
			if len(f.All) > 0 {
				title = a.NameOn(b.then[f.All[0].Incident.ID])
			}
		case f.Described:
			title = b.T("brief.described")
		}
		p := Part{Title: title}
		if f.Least > 0 {
			p.Lines = append(p.Lines, b.T("brief.least", "number", f.Least, "of", b.option("count_of", f.Of)))
		}
		for _, one := range f.All {
			p.Lines = append(p.Lines, b.heading(one.Incident)+": "+b.count(one.Count))
		}
		s.Parts = append(s.Parts, p)
	}
	return s
}

func (b *composer) parties() Section {
	s := Section{Title: b.T("brief.parties"), Lede: b.T("brief.parties.lede"), None: b.T("brief.nothing")}
	for _, a := range b.sortedActors() {
		p := Part{Title: a.Name}
		for _, r := range a.Supports() {
			other, known := b.w.Actors[r.Actor]
			if !known {
				continue
			}
			line := b.T("brief.relation", "relation", b.option("actor_relation", r.Kind), "actor", other.Name)
			if r.From != "" {
				line += b.T("brief.comma") + b.T("brief.since", "date", b.Date(r.From))
			}
			if r.Opinion {
				line += " · " + b.T("brief.opinion")
			}
			line += " · " + b.T("brief.sources", "n", r.Sources)
			p.Lines = append(p.Lines, line)
		}
		if len(p.Lines) > 0 {
			s.Parts = append(s.Parts, p)
		}
	}
	return s
}

func (b *composer) sortedActors() []claim.Actor {
	var all []claim.Actor
	for _, a := range b.w.Actors {
		all = append(all, a)
	}
	slices.SortFunc(all, func(x, y claim.Actor) int { return strings.Compare(x.Name+x.ID.String(), y.Name+y.ID.String()) })
	return all
}

func (b *composer) responses() Section {
	s := Section{Title: b.T("brief.responses"), None: b.T("brief.responses.none")}
	for _, r := range b.w.Responses() {
		line := b.option("response_answer", r.Response.Answer)
		if r.Response.AskedBy != "" {
			line = b.T("brief.asked", "by", r.Response.AskedBy, "date", b.Date(r.Response.AskedOn), "answer", line)
		}
		s.Parts = append(s.Parts, Part{Title: r.Actor.Name, Lines: []string{line}})
	}
	return s
}

// unknown says what is not known, and what changes how the rest is to be read.
func (b *composer) unknown() Section {
	s := Section{Title: b.T("brief.unknown"), Lede: b.T("brief.unknown.lede"), None: b.T("brief.nothing")}
	var around Part
	uncounted := 0
	for _, in := range b.w.Chronology() {
		for _, c := range in.Claims {
			if c.Count.Word != "" {
				uncounted++
			}
			if words := c.Public.Reveal(); c.Stance == "context" && words != "" {
				around.Lines = append(around.Lines, words)
			}
		}
	}
	if uncounted > 0 {
		around.Lines = append(around.Lines, b.T("brief.uncounted", "n", uncounted))
	}
	around.Lines = append(around.Lines, b.T("brief.no_multiplier"))
	s.Parts = append(s.Parts, around)
	return s
}

func (b *composer) help(services []string) Section {
	s := Section{Title: b.T("brief.help"), None: b.T("brief.help.none")}
	if len(services) > 0 {
		s.Parts = append(s.Parts, Part{Lines: services})
	}
	return s
}

func (b *composer) method() Section {
	lines := []string{
		b.T("brief.method.allegation"), b.T("brief.method.widened"), b.T("brief.method.crowd", "k", Crowd, "n", b.widened),
		b.T("brief.method.quotes"), b.T("brief.method.numbers"),
	}
	if b.hidden > 0 {
		lines = append(lines, b.T("brief.method.hidden", "n", b.hidden))
	}
	return Section{Title: b.T("brief.method"), Parts: []Part{{Lines: append(lines, b.T("brief.method.limits"))}}}
}
