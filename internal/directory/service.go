package directory

import (
	"maps"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
)

// Service is one service as it is kept, with all that is known of it. Only [For]
// turns it into something that may leave.
type Service struct {
	ID     amana.RecordID // of its record; zero for what was just read from a file
	Values Values
}

// Text returns the words of a field, or "".
func (s Service) Text(path string) string { return s.Values[path].Reveal() }

// List returns the choices of a field.
func (s Service) List(path string) []string { return s.Values[path].RevealList() }

// Name returns what the service is called.
func (s Service) Name() string { return s.Text("name") }

// Key returns its id in HSDS, by which files know it again.
func (s Service) Key() string { return s.Text("id") }

// Organization returns who runs it.
func (s Service) Organization() string { return s.Text("organization/name") }

// Status is HSDS's: active, inactive, defunct or temporarily closed.
type Status string

// The statuses.
const (
	Active   Status = "active"
	Inactive Status = "inactive"
	Defunct  Status = "defunct"
	Paused   Status = "temporarily closed"
)

// Statuses returns the statuses.
func Statuses() []Status { return []Status{Active, Paused, Inactive, Defunct} }

// Status returns the status; one that is not known is inactive.
func (s Service) Status() Status {
	switch got := Status(s.Text("status")); {
	case got == "":
		return Active
	case slices.Contains(Statuses(), got):
		return got
	}
	return Inactive
}

// IsSafeHouse reports whether the place must never leave.
func (s Service) IsSafeHouse() bool { return slices.Contains(s.List("service_types"), SafeHouse) }

// Class returns who may be told of the service at all: partners, until somebody
// says otherwise; of a safe house nobody.
func (s Service) Class() Class {
	switch c := Class(s.Text(classField("service"))); {
	case c != "":
		return Classes()[c.width()]
	case s.IsSafeHouse():
		return Restricted
	}
	return Partners
}

// ClassOf returns who may be told the fields of a group.
func (s Service) ClassOf(group string) Class {
	g, ok := groupByID[group]
	if !ok || s.IsSafeHouse() && !g.SafeHouse {
		return Restricted
	}
	if c := Class(s.Text(classField(group))); c != "" && !g.Fixed {
		return Classes()[c.width()]
	}
	return g.Default
}

// classPrefix begins the names of the fields that hold classes. It is no key of
// HSDS.
const classPrefix = "class/"

func classField(group string) string { return classPrefix + group }

// ClassField returns the name of the field that holds the class of a group, or
// with "service" of the whole.
func ClassField(group string) string { return classField(group) }

// Items returns the ids of a list's items as paths: "phones/<item>".
func (s Service) Items(list string) []string {
	seen := map[string]int64{}
	for path := range s.Values {
		rest, ok := strings.CutPrefix(path, list+"/")
		if !ok {
			continue
		}
		item, field, nested := strings.Cut(rest, "/")
		if !nested {
			continue
		}
		n := seen[list+"/"+item]
		if field == place {
			n, _ = s.Values[path].Int()
		}
		seen[list+"/"+item] = n
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b string) int {
		if seen[a] != seen[b] {
			return int(seen[a] - seen[b])
		}
		return strings.Compare(a, b)
	})
}

// Days after which what nobody looked at is doubted, and hidden.
const (
	StaleAfter  = 30
	HiddenAfter = 90
)

// Freshness says how long ago somebody looked.
type Freshness struct {
	On     string // ISO date, or "" for never
	Days   int    // since then
	Never  bool
	Stale  bool
	Hidden bool // from the public, and from who asks what can help now
}

// Freshness returns how long ago somebody verified the service, at a moment of
// its own place.
func (s Service) Freshness(now time.Time) Freshness { return freshness(s.Text("assured_date"), now) }

func freshness(date string, now time.Time) Freshness {
	if len(date) > len(time.DateOnly) {
		date = date[:len(time.DateOnly)]
	}
	on, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return Freshness{Never: true, Stale: true, Hidden: true}
	}
	days := max(dayNumber(now)-dayNumber(on), 0)
	return Freshness{On: date, Days: days, Stale: days > StaleAfter, Hidden: days > HiddenAfter}
}

// dayNumber counts days where t is.
func dayNumber(t time.Time) int {
	_, offset := t.Zone()
	return int((t.Unix() + int64(offset)) / secondsADay)
}

const secondsADay = 24 * 60 * 60

// Paths returns where values stand, in order.
func (v Values) Paths() []string { return slices.Sorted(maps.Keys(v)) }

// clean returns the values without those that say nothing.
func (v Values) clean() Values {
	maps.DeleteFunc(v, func(_ string, value event.Value) bool { return value.IsZero() })
	return v
}

// Equal reports whether both hold the same.
func (v Values) Equal(w Values) bool {
	return maps.EqualFunc(v, w, event.Value.Equal)
}
