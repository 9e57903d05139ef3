package gbv

import (
	"time"

	"amana/internal/event"
	"amana/internal/record"
)

// span is when something was, as exactly as is known: a first and a last day.
type span struct{ first, last time.Time }

// spanOf reads an ISO date, as exact as is known, with or without a time of day.
func spanOf(text string) (s span, ok bool) {
	if len(text) > len(time.DateOnly) {
		if text[len(time.DateOnly)] != 'T' && text[len(time.DateOnly)] != ' ' {
			return s, false
		}
		text = text[:len(time.DateOnly)]
	}
	if !record.IsDate(text) {
		return s, false
	}
	t, err := time.Parse(time.DateOnly[:len(text)], text)
	if err != nil {
		return s, false
	}
	switch len(text) {
	case 4:
		return span{t, t.AddDate(1, 0, -1)}, true
	case 7:
		return span{t, t.AddDate(0, 1, -1)}, true
	}
	return span{t, t}, true
}

func spanOfValue(v event.Value) (span, bool) { return spanOf(v.Reveal()) }

// daysBetween returns whole days; both are midnights of the same zone.
func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// minutes returns the first and the last minute that a moment may mean: an ISO
// date as exact as is known, or one with a time, "2026-03-09T14:30".
func minutes(text string) (first, last time.Time, ok bool) {
	const exact = "2006-01-02T15:04"
	if len(text) >= len(exact) {
		t, err := time.Parse(exact, text[:len(exact)])
		return t, t, err == nil
	}
	s, ok := spanOf(text)
	return s.first, s.last.Add(24 * time.Hour), ok
}
