package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"amana/internal/event"
)

// Hours are the opening hours of one place.
type Hours struct {
	rules    []rule
	closures []closure
	words    []string // of schedules that no rule could be read from
	week     week
}

// Opening is how things stand at a moment.
type Opening struct {
	Known  bool
	Open   bool
	Always bool
	Until  time.Time // if open, and not always
	Next   time.Time // if closed: zero where it does not open again soon
}

// span is a stretch of minutes, counted from the beginning of day 0.
type span struct{ from, to int }

// lookAhead is how many days are looked through for the next opening.
const lookAhead = 35

// At returns how things stand at a moment, told in the time of the place.
func (h *Hours) At(t time.Time) Opening {
	if h == nil || len(h.rules) == 0 {
		return Opening{}
	}
	_, offset := t.Zone()
	day := dayNumber(t)
	now := int((t.Unix() + int64(offset)) / 60)
	if h.week.holds(day) {
		return h.week.at(t, day, now)
	}
	o := Opening{Known: true}
	for ahead := range lookAhead {
		for _, s := range h.around(day+ahead, offset/60) {
			switch {
			case s.to <= now:
			case s.from <= now:
				o.Open = true
				h.until(&o, t, s.to, now)
				return o
			default:
				o.Next = t.Add(time.Duration(s.from-now) * time.Minute).Truncate(time.Minute)
				return o
			}
		}
	}
	return o
}

// until follows an opening over midnight for as long as there is no gap.
func (h *Hours) until(o *Opening, t time.Time, to, now int) {
	_, offset := t.Zone()
	for range 8 {
		further := to
		for _, s := range h.around(floor(to), offset/60) {
			if s.from <= to && s.to > further {
				further = s.to
			}
		}
		if further == to {
			o.Until = t.Add(time.Duration(to-now) * time.Minute).Truncate(time.Minute)
			return
		}
		to = further
	}
	o.Always = true
}

func floor(minutes int) int {
	if minutes < 0 {
		return (minutes+1)/dayMinutes - 1
	}
	return minutes / dayMinutes
}

// around returns what is open on a day and what reaches into it, in order.
func (h *Hours) around(day, offset int) []span {
	open := make([]span, 0, 8)
	for d := day - 1; d <= day+1; d++ {
		for i := range h.rules {
			r := &h.rules[i]
			if d == day+1 && r.zone == nil || !r.on(d) {
				continue
			}
			shift := 0
			if r.zone != nil {
				shift = offset - *r.zone
			}
			open = append(open, span{d*dayMinutes + r.opens + shift, d*dayMinutes + r.closes + shift})
		}
	}
	slices.SortFunc(open, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	open = merge(open)
	if len(h.closures) == 0 {
		return open
	}
	for d := day - 2; d <= day+2; d++ { // of the day before too: it may reach into this one
		for i := range h.closures {
			if c := &h.closures[i]; c.on(d) {
				open = cut(open, span{d*dayMinutes + c.from, d*dayMinutes + c.to})
			}
		}
	}
	return open
}

// merge joins what touches, in place.
func merge(sorted []span) []span {
	out := sorted[:0]
	for _, s := range sorted {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

func cut(open []span, gone span) []span {
	var out []span
	for _, s := range open {
		if s.to <= gone.from || s.from >= gone.to {
			out = append(out, s)
			continue
		}
		if s.from < gone.from {
			out = append(out, span{s.from, gone.from})
		}
		if s.to > gone.to {
			out = append(out, span{gone.to, s.to})
		}
	}
	return out
}

// closure is a time at which it is closed in spite of the schedule.
type closure struct {
	first, last int   // days; or
	days        []nth // weekdays
	from, to    int   // minutes of the day
}

func (c *closure) on(day int) bool {
	if len(c.days) > 0 {
		return slices.ContainsFunc(c.days, func(d nth) bool { return d.day == weekday(day) })
	}
	return c.first <= day && day <= c.last
}

// ClosureValid reports whether a line says when it is closed: "FR 12:30-14:30"
// (every Friday), "* 13:00-14:00" (every day), "2026-12-25",
// "2026-04-01..2026-04-03", "2026-12-24 12:00-24:00", "SU".
func ClosureValid(line string) bool {
	_, ok := closureOf(line)
	return ok
}

func closureOf(line string) (closure, bool) {
	when, hours, timed := strings.Cut(strings.TrimSpace(line), " ")
	c := closure{from: 0, to: dayMinutes}
	if timed {
		from, to, ok := spanOf(hours)
		if !ok {
			return c, false
		}
		c.from, c.to = from, to
	}
	if when == "*" {
		c.first, c.last = never, forever
		return c, timed
	}
	first, last, isRange := strings.Cut(when, "..")
	day, ok := dayOf(first)
	if !ok || len(first) != len(time.DateOnly) {
		return c.weekly(when)
	}
	c.first, c.last = day, day
	if isRange {
		if c.last, ok = dayOf(last); !ok || c.last < c.first || c.last > c.first+366 {
			return c, false
		}
	}
	return c, true
}

func (c *closure) weekly(when string) (closure, bool) {
	for _, word := range listOf(when) {
		d, ok := weekdayOf(word)
		if !ok || d.n != 0 {
			return *c, false
		}
		c.days = append(c.days, d)
	}
	return *c, len(c.days) > 0
}

// spanOf reads "08:00-12:30". What ends before it begins ends on the next day.
func spanOf(text string) (from, to int, ok bool) {
	opens, closes, found := strings.Cut(strings.NewReplacer("–", "-", " ", "").Replace(text), "-")
	from, _, isClock := clockOf(opens)
	to, _, also := clockOf(closes)
	if to <= from {
		to += dayMinutes
	}
	return from, to, found && isClock && also
}

// hoursOf reads the schedules under a path, "" for those of the service itself.
func (s Service) hoursOf(lists ...string) *Hours {
	h := &Hours{}
	for _, list := range lists {
		for _, item := range s.Items(list) {
			get := func(key string) event.Value { return s.Values[item+"/"+key] }
			if r, ok := ruleOf(get); ok {
				h.rules = append(h.rules, r)
			} else if words := get("description").Reveal(); words != "" {
				h.words = append(h.words, words)
			}
		}
	}
	if len(h.rules) == 0 && len(h.words) == 0 {
		return nil
	}
	for _, line := range s.List("closures") {
		if c, ok := closureOf(line); ok {
			h.closures = append(h.closures, c)
		}
	}
	h.week = weekOf(h.rules, h.closures)
	return h
}
