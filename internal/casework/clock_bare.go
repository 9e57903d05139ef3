package casework

import (
	"time"

	"amana/internal/record"
	"amana/internal/window"
)

// LongestBare is the most days ago that can be told apart by [Desk.Hours].
const LongestBare = 5

// Hours is what is open for somebody of whom nothing is written down: daysAgo is when
// it happened, below 0 where nobody knows and above [LongestBare] for any time before,
// part the part of that day, or "". It writes nothing and reads no case.
func (d *Desk) Hours(daysAgo int, part string) *Clock {
	now := d.surely()
	table, signed := d.Windows()
	clock := &Clock{Dated: daysAgo >= 0, Signed: signed}
	for _, s := range window.ByHaste(table.At(bareAssault(daysAgo, part, now), now)) {
		clock.States = append(clock.States, WindowState{State: s})
	}
	return clock
}

// HoursOf is what is open by what was typed of when it happened, before anything is
// saved. What cannot be read, or is yet to come, is not known. It writes nothing and
// reads no case.
func (d *Desk) HoursOf(a record.Assault) *Clock {
	now := d.surely()
	table, signed := d.Windows()
	clock := &Clock{Signed: signed}
	if _, err := window.When(a.Date, a.Time, a.Part, now.Location(), now); err == nil && a.Date != "" {
		clock.Assault, clock.Dated = a, true
	}
	for _, s := range window.ByHaste(table.At(assaultOf(clock.Assault, now, now), now)) {
		clock.States = append(clock.States, WindowState{State: s})
	}
	return clock
}

// bareAssault reads what was said. A part of today that is still to come was a slip:
// the whole of the day is taken, which closes nothing.
func bareAssault(daysAgo int, part string, now time.Time) window.Assault {
	switch {
	case daysAgo < 0:
		return window.Assault{Latest: now}
	case daysAgo > LongestBare:
		y, m, d := now.AddDate(0, 0, -LongestBare).Date()
		return window.Assault{Latest: time.Date(y, m, d, 0, 0, 0, 0, now.Location())}
	}
	date := now.AddDate(0, 0, -daysAgo).Format(time.DateOnly)
	for _, part := range []string{part, ""} {
		if a, err := window.When(date, "", part, now.Location(), now); err == nil {
			return a
		}
	}
	return window.Assault{Latest: now}
}
