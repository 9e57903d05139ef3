package window

import (
	"errors"
	"strconv"
	"time"
)

// Assault is when it happened, as exactly as is known: not before Earliest and
// not after Latest. A zero Earliest is "nobody knows since when"; a zero Latest,
// "nobody knows until when".
type Assault struct {
	Earliest, Latest time.Time
}

// Errors of [When].
var (
	// ErrFuture: it would have happened after it was told.
	ErrFuture = errors.New("in the future")
	// ErrTime: not a date, a time or a part of a day.
	ErrTime = errors.New("not a time")
)

// Parts of a day, by the ids of the field's standard. Sunrise and sunset move
// with season and place, so each part is taken as wide as it gets: a part that
// is too wide keeps a window open, one that is too narrow closes it on somebody.
const (
	morning   = "morning"
	afternoon = "afternoon"
	night     = "evening_night"
)

// When reads an assault: date is as exact as is known ("2026", "2026-03",
// "2026-03-09", or ""), clock "HH:MM" or "", part a part of the day or "". told is
// the latest that it can have been, when somebody first spoke of it, or zero; it
// bounds what is not known. The words are read in zone.
func When(date, clock, part string, zone *time.Location, told time.Time) (Assault, error) {
	a, err := spell(date, clock, part, zone)
	if err != nil {
		return Assault{}, err
	}
	if told.IsZero() {
		return a, nil
	}
	if a.Earliest.After(told) {
		return Assault{}, ErrFuture
	}
	if a.Latest.IsZero() || a.Latest.After(told) {
		a.Latest = told
	}
	return a, nil
}

func spell(date, clock, part string, zone *time.Location) (Assault, error) {
	if date == "" {
		return Assault{}, nil
	}
	from, until, err := days(date, zone)
	if err != nil {
		return Assault{}, err
	}
	if len(date) < len(time.DateOnly) { // an hour of some day says nothing
		return Assault{Earliest: from, Latest: until}, nil
	}
	y, m, d := from.Date()
	switch {
	case clock != "":
		hour, minute, ok := hhmm(clock)
		if !ok {
			return Assault{}, ErrTime
		}
		earliest, _ := moments(y, m, d, hour, minute, zone)
		_, latest := moments(y, m, d, hour, minute, zone)
		return Assault{Earliest: earliest, Latest: latest}, nil
	case part == morning:
		return span(y, m, d, 4, 13, zone), nil
	case part == afternoon:
		return span(y, m, d, 11, 20, zone), nil
	case part == night: // the night of a day is either of its nights
		return span(y, m, d, 0, 24+8, zone), nil
	}
	return Assault{Earliest: from, Latest: until}, nil
}

func span(y int, m time.Month, d, from, to int, zone *time.Location) Assault {
	earliest, _ := moments(y, m, d, from, 0, zone)
	_, latest := moments(y, m, d, to, 0, zone)
	return Assault{Earliest: earliest, Latest: latest}
}

// days returns the first and the last moment that a date may mean.
func days(date string, zone *time.Location) (from, until time.Time, err error) {
	for _, shape := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {time.DateOnly, 0, 0, 1}} {
		if len(date) != len(shape.layout) {
			continue
		}
		t, err := time.Parse(shape.layout, date)
		if err != nil {
			return from, until, ErrTime
		}
		y, m, d := t.Date()
		from, _ = moments(y, m, d, 0, 0, zone)
		y, m, d = t.AddDate(shape.years, shape.months, shape.days).Date()
		_, until = moments(y, m, d, 0, 0, zone)
		return from, until, nil
	}
	return from, until, ErrTime
}

// moments returns the first and the last moment at which clocks on the wall in
// zone show this. There are two when clocks are put back. There is none when they
// are put forward: then it is either of the two that people can mean.
func moments(y int, m time.Month, d, hour, minute int, zone *time.Location) (first, last time.Time) {
	wall := time.Date(y, m, d, hour, minute, 0, 0, time.UTC)
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	_, after := wall.Add(24 * time.Hour).In(zone).Zone()
	a := wall.Add(-time.Duration(before) * time.Second).In(zone)
	b := wall.Add(-time.Duration(after) * time.Second).In(zone)
	_, offA := a.Zone()
	_, offB := b.Zone()
	switch goodA, goodB := offA == before, offB == after; {
	case goodA && !goodB:
		b = a
	case goodB && !goodA:
		a = b
	}
	if b.Before(a) {
		return b, a
	}
	return a, b
}

func hhmm(s string) (hour, minute int, ok bool) {
	if len(s) != len("15:04") || s[2] != ':' {
		return 0, 0, false
	}
	h, err1 := strconv.ParseUint(s[:2], 10, 8)
	m, err2 := strconv.ParseUint(s[3:], 10, 8)
	return int(h), int(m), err1 == nil && err2 == nil && h < 24 && m < 60
}
