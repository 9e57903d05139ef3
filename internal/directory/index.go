package directory

import (
	"slices"
	"strings"
	"time"

	"amana"
)

// Directory is an index of services for lists and for the search, built once and
// then only read. The zero Directory is empty.
type Directory struct {
	services []Service
	entries  []entry
	byID     map[amana.RecordID]int
	byKey    map[string]int
}

// entry is what the search asks of a service, read once.
type entry struct {
	types     []string
	flags     map[string]string // yes, no or unknown, where said
	stockOn   map[string]string // days
	languages []string
	minAge    float64
	maxAge    float64
	status    Status
	assured   int // the day, or never
	sites     []site
	words     string // folded: names and places, for lists
	documents bool
}

// site is one place of a service. A service without places has one, of which
// nothing is known.
type site struct {
	path   string
	at     Point
	placed bool
	area   []string // folded
	hours  *Hours
}

// New builds the index.
func New(services []Service) *Directory {
	d := &Directory{services: services, byID: make(map[amana.RecordID]int, len(services)), byKey: make(map[string]int, len(services))}
	for i, s := range services {
		d.entries = append(d.entries, entryOf(s))
		d.byID[s.ID] = i
		if key := s.Key(); key != "" {
			d.byKey[key] = i
		}
	}
	return d
}

// All returns every service.
func (d *Directory) All() []Service { return d.services }

// ByID returns a service by its record.
func (d *Directory) ByID(id amana.RecordID) (Service, bool) {
	i, ok := d.byID[id]
	if !ok {
		return Service{}, false
	}
	return d.services[i], true
}

func entryOf(s Service) entry {
	e := entry{
		types: s.List("service_types"), flags: map[string]string{}, stockOn: map[string]string{},
		minAge: -1, maxAge: -1, status: s.Status(), assured: never,
		documents: len(s.Items("required_documents")) > 0,
	}
	for _, a := range additions {
		if v := s.Text(a.Name); v != "" && a.Type == Choice {
			e.flags[a.Name] = v
		}
	}
	for _, stock := range Stocks() {
		e.stockOn[stock] = s.Text(stock + "_on")
	}
	if n, ok := s.Values["minimum_age"].Decimal(); ok {
		e.minAge = n
	}
	if n, ok := s.Values["maximum_age"].Decimal(); ok {
		e.maxAge = n
	}
	if day, ok := dayOf(s.Text("assured_date")); ok {
		e.assured = day
	}
	for _, item := range s.Items("languages") {
		e.languages = append(e.languages, fold(s.Text(item+"/code")), fold(s.Text(item+"/name")))
	}
	e.sites = s.sites()
	e.words = s.searchWords(e.sites)
	return e
}

func (s Service) sites() []site {
	var areas []string
	for _, item := range s.Items("service_areas") {
		areas = append(areas, fold(s.Text(item+"/name")))
	}
	var all []site
	for _, path := range s.Items("service_at_locations") {
		one := site{path: path, area: slices.Clone(areas)}
		one.at, one.placed = s.point(path)
		if one.hours = s.hoursOf(path+"/schedules", path+"/location/schedules"); one.hours == nil {
			one.hours = s.hoursOf("schedules")
		}
		for _, address := range s.Items(path + "/location/addresses") {
			for _, key := range []string{"city", "region", "state_province"} {
				if words := s.Text(address + "/" + key); words != "" {
					one.area = append(one.area, fold(words))
				}
			}
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		all = []site{{area: areas, hours: s.hoursOf("schedules")}}
	}
	return all
}

func (s Service) searchWords(sites []site) string {
	words := []string{fold(s.Name()), fold(s.Text("alternate_name")), fold(s.Organization())}
	for _, one := range sites {
		words = append(words, one.area...)
	}
	return strings.Join(words, " ")
}

// Filter narrows a list. Zero fields do not narrow.
type Filter struct {
	Words string
	Type  string
	Class Class
	State State
}

// State is how a service stands, for lists.
type State string

// The states.
const (
	StateStale   State = "stale"   // not verified for a month
	StateHidden  State = "hidden"  // not verified for three
	StateStopped State = "stopped" // closed for a time or for good
	StateFresh   State = "fresh"
)

// States returns the states.
func States() []State { return []State{StateFresh, StateStale, StateHidden, StateStopped} }

// StateOf returns how a service stands on a day.
func (s Service) StateOf(now time.Time) State {
	f := s.Freshness(now)
	switch {
	case s.Status() != Active:
		return StateStopped
	case f.Hidden:
		return StateHidden
	case f.Stale:
		return StateStale
	}
	return StateFresh
}

// holds reports whether a filter lets a state through: what is hidden is stale too.
func (f State) holds(s State) bool {
	return f == "" || f == s || f == StateStale && s == StateHidden
}

// List returns the services that a filter lets through, by name.
func (d *Directory) List(f Filter, now time.Time) []Service {
	asked := foldAll(f.Words)
	var found []Service
	for i, s := range d.services {
		if f.lets(s, &d.entries[i], asked, now) {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b Service) int { return strings.Compare(fold(a.Name()), fold(b.Name())) })
	return found
}

// lets reports whether a filter lets a service through.
func (f Filter) lets(s Service, e *entry, asked []string, now time.Time) bool {
	switch {
	case f.Type != "" && !slices.Contains(e.types, f.Type),
		f.Class != "" && s.Class() != f.Class,
		f.State != "" && !f.State.holds(s.StateOf(now)):
		return false
	}
	return !slices.ContainsFunc(asked, func(word string) bool { return !strings.Contains(e.words, word) })
}
