package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Search narrows and sorts a list by what somebody at a desk asks. What nobody
// said of a service does not leave it out of Guests: "ask there".
type Search struct {
	Filter
	Need     string   // one of [Needs], or ""
	Guests   []string // of [Guests]: services that said no are left out
	Language string   // only where it is spoken
	Women    bool     // only where women are on the staff
	OpenNow  bool
	Near     *Point
	ByRoad   bool
	Speeds   Speeds
}

// Guests are the fields that say whether somebody in particular may come.
func Guests() []string {
	return []string{"child_competent", "male_competent", "disability_access", "lgbti_safe"}
}

// Row is a service in a list.
type Row struct {
	Service Service
	Opening Opening
	Placed  bool // the distance is known
	Km      float64
	Travel  time.Duration
	Fresh   Freshness
	State   State
}

// Search returns the services that are asked for: the nearest first where a point
// is given, else by name.
func (d *Directory) Search(q Search, now time.Time) []Row {
	if !q.Speeds.Valid() {
		q.Speeds = DefaultSpeeds()
	}
	asked, language := foldAll(q.Words), fold(q.Language)
	var rows []Row
	for i, s := range d.services {
		e := &d.entries[i]
		if !q.lets(s, e, asked, now) || !q.suits(e, language) {
			continue
		}
		r := Row{Service: s, Fresh: s.Freshness(now), State: s.StateOf(now)}
		r.nearest(e, q, now)
		if q.OpenNow && !r.Opening.Open {
			continue
		}
		rows = append(rows, r)
	}
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.Service.Name()] = fold(r.Service.Name())
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		if a.Placed != b.Placed {
			if a.Placed {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Km, b.Km), strings.Compare(names[a.Service.Name()], names[b.Service.Name()]))
	})
	return rows
}

// suits reports whether a service offers what is asked for, to who asks.
func (q Search) suits(e *entry, language string) bool {
	switch {
	case q.Need != "" && !e.offers(needOf(q.Need)),
		q.Women && e.flags["women_on_staff"] != Yes,
		language != "" && !slices.Contains(e.languages, language):
		return false
	}
	return !slices.ContainsFunc(q.Guests, func(guest string) bool { return e.flags[guest] == No })
}

// nearest fills in how the best place of a service stands: the one that is open,
// and among these the nearest.
func (r *Row) nearest(e *entry, q Search, now time.Time) {
	for i := range e.sites {
		s := &e.sites[i]
		one := Row{Opening: s.hours.At(now)}
		if q.Near != nil && s.placed {
			one.Placed, one.Km = true, q.Near.Distance(s.at)
			one.Travel = q.Speeds.Time(one.Km, q.ByRoad)
		}
		better := one.Opening.Open && !r.Opening.Open || one.Opening.Open == r.Opening.Open && one.Placed && (!r.Placed || one.Km < r.Km)
		if i == 0 || better {
			r.Opening, r.Placed, r.Km, r.Travel = one.Opening, one.Placed, one.Km, one.Travel
		}
	}
}

// Whereabouts returns about where an area is: the middle of the places that are
// known in it. Safe houses are not counted. False where none is.
func (d *Directory) Whereabouts(area string) (Point, bool) {
	ask := asking{area: fold(area)}
	var sum Point
	n := 0.0
	for i := range d.entries {
		e := &d.entries[i]
		if slices.Contains(e.types, SafeHouse) {
			continue
		}
		for j := range e.sites {
			if s := &e.sites[j]; s.placed && ask.inArea(s) {
				sum.Latitude, sum.Longitude, n = sum.Latitude+s.at.Latitude, sum.Longitude+s.at.Longitude, n+1
			}
		}
	}
	if n == 0 {
		return Point{}, false
	}
	return Point{sum.Latitude / n, sum.Longitude / n}, true
}

func foldAll(words string) []string {
	var all []string
	for word := range strings.FieldsSeq(words) {
		all = append(all, fold(word))
	}
	return all
}
