package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Query asks what can help her now. What is not known is left zero, and counts
// as "ask there".
type Query struct {
	Needs      []string
	Left       map[string]time.Duration // of the needs that are of hours; absent is no limit
	Age        int                      // years, or -1
	Sex        string                   // as in the case: female, male, or ""
	Language   string
	Disability bool
	At         *Point
	Area       string
	ByRoad     bool // somebody drives her; else she walks
	Speeds     Speeds
	Now        time.Time // in the time of the place
	Old        bool      // show also what nobody verified for three months
	Most       int       // matches to return; 0 is 20
}

// Match is a service that may help, with why and what is missing.
type Match struct {
	Service Service
	Site    string // the path of its place, or ""
	Reasons []Say  // what speaks for it
	Missing []Say  // what does not, or is to be asked
	Opening Opening
	Placed  bool // the distance is known
	Km      float64
	Travel  time.Duration
	Fresh   Freshness
	Score   int
}

// Say is one sentence: a message key and its arguments, in pairs.
type Say struct {
	Key  string
	Args []any
}

// Found is what a search comes to.
type Found struct {
	Matches []Match
	Total   int            // before Most
	Left    map[string]int // left out, by reason: a message key
}

// Why a service that offers what is asked for is not among the matches.
const (
	LeftAge = "services.left.age"
)

// Now returns what can help, the best first.
func (d *Directory) Now(q Query) Found {
	if q.Most <= 0 {
		q.Most = 20
	}
	if !q.Speeds.Valid() {
		q.Speeds = DefaultSpeeds()
	}
	ask := asking{Query: q, today: dayNumber(q.Now), area: fold(q.Area), language: fold(q.Language)}
	for _, id := range q.Needs {
		ask.needs = append(ask.needs, needOf(id))
	}
	found := Found{Left: map[string]int{}}
	fits := make([]fit, 0, len(d.entries))
	for i := range d.entries {
		e := &d.entries[i]
		if !ask.offers(e) {
			continue
		}
		if reason := ask.leavesOut(e); reason != "" {
			found.Left[reason]++
			continue
		}
		f := ask.weigh(e)
		f.index = i
		fits = append(fits, f)
	}
	slices.SortFunc(fits, func(a, b fit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.travel, b.travel), cmp.Compare(a.index, b.index))
	})
	found.Total = len(fits)
	for _, f := range fits[:min(len(fits), q.Most)] {
		found.Matches = append(found.Matches, ask.explain(d.services[f.index], &d.entries[f.index], f))
	}
	return found
}

// asking is a query that is being answered.
type asking struct {
	Query
	needs    []need
	today    int
	area     string
	language string
}

// fit is how well a service fits.
type fit struct {
	index   int
	score   int
	site    int
	opening Opening
	placed  bool
	km      float64
	travel  time.Duration
}

func (a *asking) offers(e *entry) bool {
	if len(a.needs) == 0 {
		return len(e.types) > 0
	}
	return slices.ContainsFunc(a.needs, e.offers)
}

func (e *entry) offers(n need) bool {
	return slices.ContainsFunc(n.types, func(t string) bool { return slices.Contains(e.types, t) }) ||
		n.stock != "" && e.flags[n.stock] == Yes
}

func (a *asking) leavesOut(e *entry) string {
	switch {
	case e.status != Active:
		return LeftStatus
	case !a.Old && a.today-e.assured > HiddenAfter:
		return LeftStale
	case a.Age >= 0 && (e.minAge > float64(a.Age) || e.maxAge >= 0 && e.maxAge < float64(a.Age)):
		return LeftAge
	}
	return ""
}

// What each thing weighs. A need that is met outweighs all else.
const (
	weighMet     = 100
	weighAsk     = 60 // nobody said whether it is in stock
	weighNot     = 5  // it offers such care, and lacks this
	weighTimed   = 2  // times, for a need of hours
	weighOpen    = 40
	weighNear    = 40
	weighArea    = 20
	weighSpeaks  = 15
	weighCan     = 15
	weighCannot  = -60
	weighStale   = -15
	weighFull    = -40
	weighNowhere = -10 // its distance is not known
)

func (a *asking) weigh(e *entry) fit {
	best := fit{score: -1 << 30}
	person := a.weighPerson(e)
	for i := range e.sites {
		f := a.weighSite(e, i)
		f.score += person
		if f.score > best.score {
			best = f
		}
	}
	return best
}

func (a *asking) weighSite(e *entry, i int) fit {
	s := &e.sites[i]
	f := fit{site: i, opening: s.hours.At(a.Now)}
	if a.At != nil && s.placed {
		f.placed, f.km = true, a.At.Distance(s.at)
		f.travel = a.Speeds.Time(f.km, a.ByRoad)
	}
	for _, n := range a.needs {
		f.score += a.weighNeed(e, n, f)
	}
	switch {
	case f.opening.Open:
		f.score += weighOpen
	case !f.opening.Next.IsZero():
		f.score += max(weighOpen-2*int(f.opening.Next.Sub(a.Now)/time.Hour), 0)
	case !f.opening.Known:
		f.score += weighOpen / 2
	}
	switch {
	case f.placed:
		f.score += max(weighNear-int(f.travel/(6*time.Minute)), -weighNear)
	case a.inArea(s):
		f.score += weighArea
	default:
		f.score += weighNowhere
	}
	return f
}

func (a *asking) inArea(s *site) bool {
	return a.area != "" && slices.ContainsFunc(s.area, func(area string) bool {
		return area != "" && (strings.Contains(area, a.area) || strings.Contains(a.area, area))
	})
}

func (a *asking) weighNeed(e *entry, n need, f fit) int {
	if !e.offers(n) {
		return 0
	}
	weight := weighMet
	switch {
	case a.tooLate(n, f):
		weight = weighNot
	case e.lacks(n):
		weight = weighNot
	case n.stock != "" && e.flags[n.stock] != Yes, n.skill != "" && e.flags[n.skill] != Yes:
		weight = weighAsk
	}
	if n.timed {
		weight *= weighTimed
	}
	return weight
}

func (e *entry) lacks(n need) bool {
	return n.stock != "" && e.flags[n.stock] == No || n.skill != "" && e.flags[n.skill] == No
}

// tooLate reports whether the hours are over before she is there and it is open.
func (a *asking) tooLate(n need, f fit) bool {
	left, limited := a.Left[n.id]
	if !limited {
		return false
	}
	arrival := f.travel
	if !f.opening.Open && !f.opening.Next.IsZero() {
		arrival = max(arrival, f.opening.Next.Sub(a.Now))
	}
	return arrival > left
}

func (a *asking) weighPerson(e *entry) int {
	score := 0
	add := func(asked bool, flag string) {
		switch {
		case !asked:
		case e.flags[flag] == Yes:
			score += weighCan
		case e.flags[flag] == No:
			score += weighCannot
		}
	}
	add(a.Age >= 0 && a.Age < 18, "child_competent")
	add(a.Sex == "male", "male_competent")
	add(a.Disability, "disability_access")
	if a.Sex == "female" && e.flags["women_on_staff"] == Yes {
		score += weighCan
	}
	if a.speaks(e) {
		score += weighSpeaks
	}
	if e.flags["capacity"] == "full" {
		score += weighFull
	}
	if a.today-e.assured > StaleAfter {
		score += weighStale
	}
	return score
}

func (a *asking) speaks(e *entry) bool {
	return a.language != "" && slices.Contains(e.languages, a.language)
}
