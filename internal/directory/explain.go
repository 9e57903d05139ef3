package directory

import (
	"math"
	"slices"
	"time"
)

// explain says why a service is among the matches, and what is missing.
func (a *asking) explain(s Service, e *entry, f fit) Match {
	m := Match{
		Service: s, Site: e.sites[f.site].path, Opening: f.opening, Placed: f.placed,
		Km: math.Round(f.km*10) / 10, Travel: f.travel, Fresh: s.Freshness(a.Now), Score: f.score,
	}
	for _, n := range a.needs {
		a.explainNeed(&m, e, n, f)
	}
	a.explainPlace(&m, e, f)
	a.explainPerson(&m, e)
	a.explainRest(&m, e)
	return m
}

func (m *Match) why(key string, args ...any) { m.Reasons = append(m.Reasons, Say{key, args}) }
func (m *Match) but(key string, args ...any) { m.Missing = append(m.Missing, Say{key, args}) }

// NeedArg is the value of an argument that names a need: a page translates it.
type NeedArg string

func (a *asking) explainNeed(m *Match, e *entry, n need, f fit) {
	if !e.offers(n) {
		return
	}
	which := []any{"need", NeedArg(n.id)}
	switch {
	case n.stock != "" && e.flags[n.stock] == No:
		m.but("services.say.stock.no", which...)
	case n.skill != "" && e.flags[n.skill] == No:
		m.but("services.say.skill.no", which...)
	case n.stock != "" && e.flags[n.stock] == Yes:
		a.explainStock(m, e, n, which)
	case n.stock != "":
		m.but("services.say.stock.ask", which...)
	case n.skill != "" && e.flags[n.skill] != Yes:
		m.but("services.say.skill.ask", which...)
	default:
		m.why("services.say.offers", which...)
	}
	switch _, limited := a.Left[n.id]; {
	case e.lacks(n): // however near
	case a.tooLate(n, f):
		m.but("services.say.late", which...)
	case limited && f.placed && f.opening.Known:
		m.why("services.say.in_time", which...)
	}
}

func (a *asking) explainStock(m *Match, e *entry, n need, which []any) {
	seen := freshness(e.stockOn[n.stock], a.Now)
	switch {
	case seen.Never:
		m.why("services.say.stock.yes", which...)
		m.but("services.say.stock.when", which...)
	case seen.Stale:
		m.but("services.say.stock.old", append(which, "n", seen.Days)...)
	default:
		m.why("services.say.stock.seen", append(which, "n", seen.Days)...)
	}
}

func (a *asking) explainPlace(m *Match, e *entry, f fit) {
	switch o := f.opening; {
	case !o.Known:
		m.but("services.say.hours.unknown")
	case !o.Open && o.Next.IsZero():
		m.but("services.say.closed")
	}
	s := &e.sites[f.site]
	switch {
	case f.placed:
	case a.inArea(s):
		m.why("services.say.area")
	default:
		m.but("services.say.distance.unknown")
	}
}

func (a *asking) explainPerson(m *Match, e *entry) {
	flag := func(asked bool, name string) {
		if !asked {
			return
		}
		switch e.flags[name] {
		case Yes:
			m.why("services.say." + name + ".yes")
		case No:
			m.but("services.say." + name + ".no")
		default:
			m.but("services.say." + name + ".ask")
		}
	}
	flag(a.Age >= 0 && a.Age < 18, "child_competent")
	flag(a.Sex == "male", "male_competent")
	flag(a.Disability, "disability_access")
	if e.flags["women_on_staff"] == Yes && a.Sex != "male" {
		m.why("services.say.women_on_staff.yes")
	}
	switch {
	case a.speaks(e):
		m.why("services.say.language.yes")
	case a.language != "" && len(e.languages) > 0:
		m.but("services.say.language.no")
	}
	if a.Age < 0 && (e.minAge > 0 || e.maxAge >= 0) {
		m.but("services.say.age.ask")
	}
}

func (a *asking) explainRest(m *Match, e *entry) {
	if e.flags["confidential_entrance"] == Yes {
		m.why("services.say.confidential_entrance.yes")
	}
	if e.flags["transport_support"] == Yes {
		m.why("services.say.transport_support.yes")
	}
	switch e.flags["capacity"] {
	case "full":
		m.but("services.say.capacity.full")
	case "limited":
		m.but("services.say.capacity.limited")
	}
	if e.flags["mandatory_reporting"] == Yes {
		m.but("services.say.mandatory_reporting.yes")
	}
	if e.documents {
		m.but("services.say.documents")
	}
	switch f := m.Fresh; {
	case f.Never:
		m.but("services.say.verified.never")
	case f.Stale:
		m.but("services.say.verified.old", "n", f.Days)
	}
	if a.Sex == "" && slices.Contains([]string{No}, e.flags["male_competent"]) {
		m.but("services.say.male_competent.no")
	}
}

// OpenNow returns how a service stands at its first place, for pages of one.
func (d *Directory) OpenNow(s Service, now time.Time) Opening {
	i, ok := d.byID[s.ID]
	if !ok {
		return Opening{}
	}
	best := Opening{}
	for _, one := range d.entries[i].sites {
		o := one.hours.At(now)
		if o.Open {
			return o
		}
		if o.Known && (!best.Known || !o.Next.IsZero() && o.Next.Before(best.Next)) {
			best = o
		}
	}
	return best
}
