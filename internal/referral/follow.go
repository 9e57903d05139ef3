package referral

import (
	"slices"
	"time"

	"amana/internal/record"
)

// Proposal is a day on which she might be seen again. It is a proposal: who works
// with her decides, with her.
type Proposal struct {
	Day time.Time
	Why string // the key of a message: by the calendar or by risk
}

// Proposals returns the follow-ups that are not yet planned or done, the earliest
// first. planned and done are ISO dates; what is written less exactly than a day
// counts from its beginning.
func (t Table) Proposals(risk string, opened, now time.Time, planned, done []string) []Proposal {
	today := day(now)
	var list []Proposal
	if days, known := t.See[risk]; known {
		last := day(opened)
		for _, d := range done {
			if on, ok := parseDay(d); ok && on.After(last) {
				last = on
			}
		}
		list = append(list, Proposal{Day: last.AddDate(0, 0, days), Why: "referral.follow.risk." + risk})
	}
	for _, days := range t.Days {
		on := day(opened).AddDate(0, 0, days)
		if near(on, done, days) {
			continue
		}
		list = append(list, Proposal{Day: on, Why: "referral.follow.calendar"})
	}
	list = slices.DeleteFunc(list, func(p Proposal) bool { return covered(p.Day, planned) })
	for i := range list {
		if list[i].Day.Before(today) {
			list[i].Day = today // it is late: today
		}
	}
	slices.SortStableFunc(list, func(a, b Proposal) int { return a.Day.Compare(b.Day) })
	return slices.CompactFunc(list, func(a, b Proposal) bool { return a.Day.Equal(b.Day) })
}

// near reports whether she was seen about that day, or since: not earlier than a
// quarter of the time before it.
func near(on time.Time, done []string, days int) bool {
	margin := max(days/4, 3)
	return slices.ContainsFunc(done, func(d string) bool {
		seen, ok := parseDay(d)
		return ok && !seen.Before(on.AddDate(0, 0, -margin))
	})
}

// covered reports whether something is planned for that day or the days before it.
func covered(on time.Time, planned []string) bool {
	return slices.ContainsFunc(planned, func(d string) bool {
		p, ok := parseDay(d)
		return ok && !p.After(on) && on.Sub(p) <= 3*24*time.Hour
	})
}

func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// parseDay reads a date of this program, as exact as it is known.
func parseDay(s string) (time.Time, bool) {
	if !record.IsDate(s) {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, s+"0001-01-01"[len(s):])
	return t, err == nil
}
