package brief

import (
	"slices"
	"strings"

	"amana"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/release"
)

// Crowd is how many people of a brief at least share whatever is said of when, where
// and of whom an incident is: of fewer, it is widened until they do, or left out. They
// are counted among the people of the brief, of whom there are never more than live
// there.
const Crowd = 5

// An incident is widened step by step: each takes away a little more.
const (
	exact      = iota // as the gate left it: a month, a district, an age group
	grown             // a child or an adult
	region            // and a region for a district
	year              // and a year for a month
	country           // and a country for a region
	ageless           // and no age
	faceless          // and not whether a woman or a man
	placeless         // and no place and no time: the kind of act, and who says so
	mostSteps  = placeless
	adultFirst = "18_25"
)

// kept are the fields that somebody agreed to see published as they are: they are not
// widened. By incident, and by the name of the field.
type kept map[amana.RecordID]map[string]bool

func (k kept) as(id amana.RecordID, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return k[id][n] })
}

// agreedTo gathers what somebody agreed to see published as it is.
func agreedTo(c release.Cleared) kept {
	k := kept{}
	for _, d := range c.Records() {
		for _, l := range d.Lines {
			if l.Verdict == release.Whole && l.Reason == "release.whole.agreed" && l.Class != release.Account {
				if k[d.ID] == nil {
					k[d.ID] = map[string]bool{}
				}
				k[d.ID][l.Name] = true
			}
		}
	}
	return k
}

// crowd widens incidents until at least [Crowd] people of the brief share what is said
// of each, now and in earlier briefs, and takes out the words that tell what was
// widened. It returns what is said of each now.
func (b *composer) crowd(k kept) map[amana.RecordID]string {
	steps := make([]int, len(b.w.Incidents))
	b.then = map[amana.RecordID]string{}
	for i := range b.w.Incidents {
		b.then[b.w.Incidents[i].ID] = b.w.Incidents[i].From
	}
	for step := range mostSteps {
		people := b.sharing(steps, step, k)
		for i := range b.w.Incidents {
			if steps[i] == step && people[b.known(b.w.Incidents[i], step, k)] < Crowd {
				steps[i]++
			}
		}
	}
	said := map[amana.RecordID]string{}
	for i := range b.w.Incidents {
		in := &b.w.Incidents[i]
		told := widened(*in, steps[i], k)
		said[in.ID] = likeness(told)
		b.quiet(in, told)
		in.From, in.To, in.Place, in.Persons = told.From, told.To, told.Place, told.Persons
		if steps[i] > exact {
			b.widened++
		}
	}
	return said
}

// known is what a reader of all briefs would know of an incident that stands at a step
// in this one.
func (b *composer) known(in claim.Incident, step int, k kept) string {
	now := likeness(widened(in, step, k))
	if b.before == nil {
		return now
	}
	return b.before(in.ID) + "\n" + now
}

// sharing counts the people of whom the same is said at a step. Those who stand at a
// finer one are told apart by it, and hide nobody here.
func (b *composer) sharing(steps []int, step int, k kept) map[string]int64 {
	people := map[string]int64{}
	for i := range b.w.Incidents {
		if steps[i] != step {
			continue
		}
		people[b.known(b.w.Incidents[i], step, k)] += peopleOf(b.w.Incidents[i])
	}
	return people
}

// peopleOf is of how many people at least an incident is. One that names no single
// person stands for as many as make a crowd: a pattern, what is said of many.
func peopleOf(in claim.Incident) (n int64) {
	for _, p := range in.Persons {
		if p.Has("source") && !p.Has("survivor") && !p.Has("missing") {
			continue
		}
		if count, ok := p.Number.Int(); p.Group {
			if !ok {
				count = Crowd // "several women": of nobody in particular
			}
			n += count
			continue
		}
		n++
	}
	if n == 0 {
		return Crowd
	}
	return n
}

// likeness is what is said of when, where and of whom.
func likeness(in claim.Incident) string {
	said := []string{in.From, in.To, in.Place.Village.Reveal(), in.Place.District, in.Place.Region, in.Place.Country}
	for _, p := range in.Persons {
		if !p.Group {
			said = append(said, p.Age.Reveal(), p.Sex.Reveal())
		}
	}
	return strings.Join(said, "|")
}

// widened is an incident at a step.
func widened(in claim.Incident, step int, k kept) claim.Incident {
	free := func(names ...string) bool { return !k.as(in.ID, names...) }
	where := free("event_place")
	if step >= region && where {
		in.Place.Village, in.Place.District = amana.Private{}, ""
	}
	if step >= country && where {
		in.Place.Region = ""
	}
	if step >= placeless && where {
		in.Place = claim.PlaceOf{}
	}
	if when := free("event_from", "event_to"); step >= year && when {
		in.From, in.To = in.From[:min(len(in.From), len("2006"))], in.To[:min(len(in.To), len("2006"))]
		if step >= placeless {
			in.From, in.To = "", ""
		}
	}
	in.Persons = slices.Clone(in.Persons)
	for i := range in.Persons {
		p := &in.Persons[i]
		if !p.Group && free("person/"+p.Item+"/age") {
			p.Age = agedAt(p.Age, step)
		}
		if !p.Group && step >= faceless {
			p.Sex = event.Value{}
		}
	}
	return in
}

// agedAt is an age group at a step: a child or an adult, or nothing.
func agedAt(age event.Value, step int) event.Value {
	switch {
	case step < grown || age.IsZero():
		return age
	case step >= ageless:
		return event.Value{}
	case age.Reveal() == "0_11" || age.Reveal() == "12_17":
		return event.Text("child")
	case age.Reveal() >= adultFirst || age.Reveal() == "61+":
		return event.Text("adult")
	}
	return event.Value{}
}

// quiet takes out words that were written to be published and tell a place that was
// widened since.
func (b *composer) quiet(in *claim.Incident, told claim.Incident) {
	var gone []string
	for _, pair := range [][2]string{
		{in.Place.Village.Reveal(), told.Place.Village.Reveal()}, {in.Place.District, told.Place.District}, {in.Place.Region, told.Place.Region},
	} {
		if pair[0] != "" && pair[1] == "" {
			gone = append(gone, pair[0])
		}
	}
	hide := func(words *amana.Private) {
		if !words.IsEmpty() && release.Tells(words.Reveal(), gone...) {
			*words = amana.Private{}
			b.hidden++
		}
	}
	if len(gone) == 0 {
		return
	}
	hide(&in.Public)
	in.Claims = slices.Clone(in.Claims)
	for i := range in.Claims {
		hide(&in.Claims[i].Public)
	}
}
