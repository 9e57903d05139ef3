package directory

import (
	"cmp"
	"slices"
	"time"
)

// week are the hours of a place that are the same each week: what most places have,
// read once, so that ten thousand of them can be asked in one breath.
type week struct {
	known bool
	open  []span // from the day before the week's first to the end of the next, in minutes of the week
	dated []closure
}

// weekDays is how many days a week's spans reach over: the week that is asked about,
// and one more in which it opens next.
const weekDays = 15

// weekOf reads the hours as a week, where nothing but closures on single days makes
// one week other than the next. The week begins with day 0, a Thursday.
func weekOf(rules []rule, closures []closure) week {
	for i := range rules {
		if rules[i].dated || rules[i].zone != nil {
			return week{}
		}
	}
	w := week{known: true}
	for d := -1; d < weekDays; d++ {
		for i := range rules {
			if r := &rules[i]; r.onWeekday(d) {
				w.open = append(w.open, span{d*dayMinutes + r.opens, d*dayMinutes + r.closes})
			}
		}
	}
	slices.SortFunc(w.open, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	w.open = merge(w.open)
	for i := range closures {
		c := &closures[i]
		if len(c.days) == 0 && (c.first != never || c.last != forever) {
			w.dated = append(w.dated, *c)
			continue
		}
		for d := -2; d <= weekDays; d++ {
			if c.on(d) {
				w.open = cut(w.open, span{d*dayMinutes + c.from, d*dayMinutes + c.to})
			}
		}
	}
	return w
}

// holds reports whether no closure on single days lies in what is looked through from
// a day on.
func (w *week) holds(day int) bool {
	return w.known && !slices.ContainsFunc(w.dated, func(c closure) bool { return c.first <= day+lookAhead+2 && c.last >= day-2 })
}

// at returns how things stand at a minute since day 0 of time.
func (w *week) at(t time.Time, day, now int) Opening {
	first := day - ((day%7)+7)%7
	minute := now - first*dayMinutes
	for _, s := range w.open {
		switch {
		case s.to <= minute:
		case s.from > minute:
			return Opening{Known: true, Next: t.Add(time.Duration(s.from-minute) * time.Minute).Truncate(time.Minute)}
		case s.to >= weekDays*dayMinutes: // and no end in sight
			return Opening{Known: true, Open: true, Always: true}
		default:
			return Opening{Known: true, Open: true, Until: t.Add(time.Duration(s.to-minute) * time.Minute).Truncate(time.Minute)}
		}
	}
	return Opening{Known: true}
}
