package disclose

import (
	"cmp"
	"slices"
)

// fewTotals is how many changes of the headline are tried on all tables, of each of
// four kinds: against another area or not, against another period or not.
const fewTotals = 10

// stepTotal changes the headline, and with it every table: each takes the change in
// rows of its own. For a cell of a table, that table takes it in the row of the cell.
func (g *grid) stepTotal(s cell, back bool) (int32, bool) {
	var b best
	forced := s.frame >= 0
	for _, o := range g.totals(s, back) {
		room, more := g.absorbed(o.cube, s, forced, back, o.room)
		if !b.offer(o.cube, room, o.cost+more, g.enough()) {
			break
		}
	}
	if !b.found {
		return 0, false
	}
	n := b.room
	g.go1(g.total, b.cube, n, back)
	for i, f := range g.frames {
		left := n
		for _, t := range g.takers(f, b.cube, s, forced && i == s.frame, back) {
			if left == 0 {
				break
			}
			m := min(left, t.room)
			g.go1(f, t.cube, m, back)
			left -= m
		}
	}
	return n, true
}

// totals are the best ways to change the headline, without regard to the tables.
func (g *grid) totals(s cell, back bool) []taker {
	var list []taker
	for _, a := range g.areas.ways[s.area] {
		for _, p := range g.periods.ways[s.period] {
			c := cube{shift{plus: []int{0}}, a, p}
			up, down, cost := g.room(g.total, c, impossible)
			if back {
				up = down
			}
			if up > 0 && cost < impossible {
				list = append(list, taker{c, min(up, g.enough()), cost})
			}
		}
	}
	slices.SortStableFunc(list, func(x, y taker) int {
		return cmp.Or(cmp.Compare(x.cost, y.cost), cmp.Compare(y.room, x.room))
	})
	var kinds [4]int
	return slices.DeleteFunc(list, func(t taker) bool {
		kind := min(len(t.cube.areas.minus), 1)*2 + min(len(t.cube.periods.minus), 1)
		kinds[kind]++
		return kinds[kind] > fewTotals
	})
}

func (g *grid) go1(f *frame, c cube, n int32, back bool) {
	if back {
		n = -n
	}
	g.take(f, c, n)
}

// absorbed says how much of a change of the headline all tables can take, and what it
// costs.
func (g *grid) absorbed(c cube, s cell, forced, back bool, want int32) (room int32, cost int) {
	room = want
	for i, f := range g.frames {
		left := room
		for _, t := range g.takers(f, c, s, forced && i == s.frame, back) {
			if left <= 0 {
				break
			}
			left -= t.room
			cost += t.cost
		}
		if room -= max(left, 0); room <= 0 {
			return noRoom, impossible
		}
	}
	return room, cost
}

// taker is a row that can take a change of the headline.
type taker struct {
	cube cube
	room int32
	cost int
}

// takers are the rows of a table that can take a change, the cheapest first.
func (g *grid) takers(f *frame, c cube, s cell, forced, back bool) []taker {
	var list []taker
	for _, u := range f.rows.leaves {
		if forced && !f.rows.within(u, s.row) {
			continue
		}
		path := f.rows.paths[u]
		if len(path) > 1 {
			path = path[:len(path)-1] // the headline is not a row of the table
		}
		t := taker{cube: cube{shift{plus: path}, c.areas, c.periods}}
		up, down, cost := g.room(f, t.cube, impossible)
		if t.room, t.cost = up, cost; back {
			t.room = down
		}
		if t.room > 0 && t.cost < impossible {
			list = append(list, t)
		}
	}
	slices.SortStableFunc(list, func(x, y taker) int {
		return cmp.Or(cmp.Compare(x.cost, y.cost), cmp.Compare(y.room, x.room))
	})
	return list
}
