package window

import (
	"cmp"
	"slices"
	"time"
)

// Openness says whether there is still time.
type Openness string

// The states of a window.
const (
	Open    Openness = "open"
	Soon    Openness = "soon"    // open, and closing soon
	Perhaps Openness = "perhaps" // may still be open: act as if it were
	Closed  Openness = "closed"
	NoLimit Openness = "no_limit"
)

// State is one window at one moment.
type State struct {
	Window
	Is Openness
	// Least and Most are how long it may still be open, never less than nothing.
	// They are the same where the time of the assault is exact.
	Least, Most time.Duration
	// Unknown: nobody knows since when, so Least is nothing.
	Unknown bool
}

// MayHelp reports whether to act: all states do but a closed one.
func (s State) MayHelp() bool { return s.Is != Closed }

// Pressing reports whether the hours themselves ask for haste.
func (s State) Pressing() bool { return s.Kind == Urgent && s.Is != Closed }

// soonest is how long before it closes a window is said to close soon: a sixth of
// it (12 of 72 hours, 20 of 120), at most a day.
func soonest(limit time.Duration) time.Duration { return min(limit/6, 24*time.Hour) }

// At returns what is open at a moment, in the order of the table. A window is
// open up to and with its last minute; what is not known counts as open.
func (t Table) At(a Assault, now time.Time) []State {
	states := make([]State, 0, len(t.Windows))
	for _, w := range t.Windows {
		states = append(states, w.at(a, now))
	}
	return states
}

func (w Window) at(a Assault, now time.Time) State {
	s := State{Window: w}
	if w.Hours == 0 {
		s.Is = NoLimit
		return s
	}
	limit := time.Duration(w.Hours) * time.Hour
	// A clock that stands before the assault is wrong: nothing has run out by it.
	left := func(since time.Time) time.Duration { return min(limit, since.Add(limit).Sub(now)) }
	most, least := limit, time.Duration(-1)
	if !a.Latest.IsZero() {
		most = left(a.Latest)
	}
	if s.Unknown = a.Earliest.IsZero(); !s.Unknown {
		least = left(a.Earliest)
	}
	switch {
	case most < 0:
		s.Is = Closed
	case least < 0:
		s.Is = Perhaps
	case least <= soonest(limit):
		s.Is = Soon
	default:
		s.Is = Open
	}
	s.Least, s.Most = max(least, 0), max(most, 0)
	return s
}

// ByHaste orders states: what must be done now, then what closes first, then what
// has time; what is closed comes last.
func ByHaste(states []State) []State {
	sorted := slices.Clone(states)
	slices.SortStableFunc(sorted, Haste)
	return sorted
}

// Haste compares states: less than zero where a comes first. Of those that have
// hours, what surely closes soon comes before what may be closing already, and
// that before what has time.
func Haste(a, b State) int {
	return cmp.Or(cmp.Compare(a.haste(), b.haste()), cmp.Compare(a.rank(), b.rank()),
		cmp.Compare(a.Least, b.Least), cmp.Compare(a.Most, b.Most))
}

func (s State) rank() int {
	return slices.Index([]Openness{Soon, Perhaps, Open, NoLimit, Closed}, s.Is)
}

func (s State) haste() int {
	switch {
	case s.Is == Closed:
		return 4
	case s.Kind == Now:
		return 0
	case s.Kind == Urgent:
		return 1
	case s.Is == NoLimit:
		return 3
	}
	return 2
}
