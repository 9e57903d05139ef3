package disclose

import (
	"runtime"
	"slices"
	"sync"
)

// The method is the hypercube method (Repsilber 1994; Giessing and Repsilber 2002),
// with trees for margins and with tables that share their headline. A small cell is
// safe when there are worlds, with whole people and none negative, of which all that
// is shown says the same, and in which it holds other numbers: together at least as
// many as the threshold. Such a world is made of cubes: two rows, two areas, two
// periods, plus and minus in turn. The cells that a cube changes are withheld. What is
// found is a proof, so a cell that is called safe is safe; a cell that may be safe
// without a proof costs more figures than it had to.

// cell is a place in a frame; frame -1 is the headline.
type cell struct{ frame, row, area, period int }

func (g *grid) frameOf(i int) *frame {
	if i < 0 {
		return g.total
	}
	return g.frames[i]
}

// primaries withholds every small cell that was asked for, and returns all that are to
// be protected, those that nobody asked for included.
func (g *grid) primaries(i int) (list []cell) {
	f := g.frameOf(i)
	g.cells(f, func(at, r, a, p int) {
		headline := i >= 0 && r == 0 // it is the first row of a table
		if headline || f.state[at] == locked || !g.guarded(f, r, a, p) {
			return
		}
		if f.state[at] == asked {
			f.state[at] = withheld
		}
		list = append(list, cell{i, r, a, p})
	})
	return list
}

// guarded reports whether a cell is small and has to be kept from being worked out:
// it was asked for, or it is what is left when all its siblings are taken from their
// sum.
func (g *grid) guarded(f *frame, r, a, p int) bool {
	at := g.at(r, a, p)
	switch {
	case f.foreign[at]:
		return false
	case f.state[at] != hidden:
		return f.extra[at] || g.policy.small(f.val[at], true)
	}
	if !g.policy.small(f.val[at], false) {
		return false
	}
	told := func(x *axis, n int, at func(n int) int) bool {
		up := x.parent[n]
		if up < 0 || f.state[at(up)] == hidden {
			return false
		}
		for _, sibling := range x.children[up] {
			if sibling != n && f.state[at(sibling)] == hidden {
				return false
			}
		}
		return true
	}
	return told(g.periods, p, func(n int) int { return g.at(r, a, n) }) ||
		told(g.areas, a, func(n int) int { return g.at(r, n, p) }) ||
		r > 0 && told(f.rows, r, func(n int) int {
			if n == 0 {
				return g.at(0, a, p)
			}
			return g.at(n, a, p)
		})
}

// thin gives up detail of which most would be withheld: what is left then says more.
func (g *grid) thin() {
	for i := -1; i < len(g.frames); i++ {
		f := g.frameOf(i)
		g.thinPart(f, i, func(a, p int) bool { return a > 0 && p > 0 })
		g.thinPart(f, i, func(a, p int) bool { return a > 0 && p == 0 })
		g.thinPart(f, i, func(a, p int) bool { return a == 0 && p > 0 })
	}
}

func (g *grid) thinPart(f *frame, i int, in func(a, p int) bool) {
	small, filled := 0, 0
	var cells []int
	g.cells(f, func(at, r, a, p int) {
		if !in(a, p) || f.state[at] != asked || i >= 0 && r == 0 {
			return
		}
		cells = append(cells, at)
		if f.val[at] > 0 {
			filled++
			if g.policy.small(f.val[at], true) {
				small++
			}
		}
	})
	if 3*small > 2*filled && filled > 3 {
		for _, at := range cells {
			f.state[at] = hidden
		}
	}
}

// suppress withholds what has to be, and returns what could not be protected.
func (g *grid) suppress() (bare []cell) {
	g.thin()
	small := g.primaries(-1)
	parts := make([][]cell, len(g.frames))
	for i := range g.frames {
		parts[i] = g.primaries(i)
	}
	for _, s := range small {
		if !g.protectTotal(s) {
			bare = append(bare, s)
		}
	}
	if len(bare) > 0 { // of the headline
		bare = g.coarser(bare)
	}
	g.atOnce(func(i int) { // a table's rows against each other: no other table is touched
		parts[i] = slices.DeleteFunc(parts[i], func(s cell) bool { return g.protectRows(s) })
	})
	for i := range g.frames {
		bare = append(bare, g.protectFrame(i, parts[i])...)
	}
	return bare
}

// atOnce calls fn for every table, on as many cores as there are.
func (g *grid) atOnce(fn func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				fn(i)
			}
		})
	}
	for i := range g.frames {
		next <- i
	}
	close(next)
	wg.Wait()
}

func (g *grid) protectFrame(i int, small []cell) (bare []cell) {
	for _, s := range small {
		if !g.protect(s) {
			bare = append(bare, s)
		}
	}
	for step := range steps {
		if len(bare) == 0 {
			return nil
		}
		for _, s := range bare {
			g.blank(g.frames[i], s, step)
		}
		left := bare[:0]
		for _, s := range bare {
			if !g.protect(s) {
				left = append(left, s)
			}
		}
		bare = left
	}
	return bare
}

// steps are how far [grid.blank] goes: the line of a cell's area, the detail of its
// row, the detail of its table, all of its table.
const steps = 4

// blank withholds more than a cell.
func (g *grid) blank(f *frame, s cell, step int) {
	g.cells(f, func(at, r, a, p int) {
		detail := a > 0 || p > 0
		gone := step == 3 || detail && (step == 2 || step == 1 && r == s.row || step == 0 && a == s.area && a > 0 && (r == s.row || s.row == 0))
		if f.state[at] == asked && gone {
			f.state[at] = withheld
		}
	})
}

// coarser withholds the line of an area, then the detail of everything, then
// everything, until the headline is protected.
func (g *grid) coarser(bare []cell) []cell {
	for _, step := range []int{0, 2, 3} {
		for _, s := range bare {
			g.blank(g.total, s, step)
			for _, f := range g.frames {
				g.blank(f, s, step)
			}
		}
		var left []cell
		for _, s := range bare {
			if !g.protectTotal(s) {
				left = append(left, s)
			}
		}
		if bare = left; len(bare) == 0 {
			return nil
		}
	}
	return bare
}

// enough is how many numbers a cell must be able to be, beside the true one.
func (g *grid) enough() int32 { return int32(g.policy.Threshold - 1) }

// protect finds worlds for a cell of a table.
func (g *grid) protect(s cell) bool { return g.protectRows(s) || g.protectTotal(s) }

func (g *grid) protectRows(s cell) bool {
	f := g.frames[s.frame]
	return g.widen(f.forget, func(back bool) (int32, bool) { return g.stepRows(f, s, back) })
}

func (g *grid) protectTotal(s cell) bool {
	return g.widen(g.forget, func(back bool) (int32, bool) { return g.stepTotal(s, back) })
}

// widen takes steps up, then down, until the cell can be enough numbers.
func (g *grid) widen(forget func(), step func(back bool) (int32, bool)) bool {
	var width int32
	for _, back := range []bool{false, true} {
		for width < g.enough() {
			n, ok := step(back)
			if !ok {
				break
			}
			width += n
		}
		forget()
	}
	return width >= g.enough()
}

// mostTried bounds how many cubes are looked at for one step.
const mostTried = 1500

// best keeps the cheapest cube, and of those the one with most room.
type best struct {
	cube  cube
	room  int32
	cost  int
	found bool
	tried int
}

// offer reports whether to look further.
func (b *best) offer(c cube, room int32, cost int, enough int32) bool {
	b.tried++
	room = min(room, enough)
	if room > 0 && cost < impossible && (!b.found || cost < b.cost || cost == b.cost && room > b.room) {
		b.cube, b.room, b.cost, b.found = c, room, cost, true
	}
	done := b.found && b.cost == 0 && b.room >= enough
	return !done && b.tried < mostTried
}

func (b *best) limit() int {
	if b.found {
		return b.cost + 1
	}
	return impossible
}

// stepRows changes rows of one table against each other, so that no other table and
// no headline changes.
func (g *grid) stepRows(f *frame, s cell, back bool) (int32, bool) {
	var b best
	w := walk{g: g, f: f, s: s, back: back, best: &b, areas: g.areas.ways[s.area], periods: g.periods.ways[s.period]}
	for _, r := range f.rows.apart[s.row] {
		if !w.row(r) {
			break
		}
	}
	if !b.found {
		return 0, false
	}
	g.go1(f, b.cube, b.room, back)
	return b.room, true
}

// walk looks at cubes, and leaves out at once those in which a corner that would have
// to lose something has nothing.
type walk struct {
	g              *grid
	f              *frame
	s              cell
	back           bool
	best           *best
	areas, periods []shift
}

// has reports whether a corner has something to lose; where a shift comes from
// nowhere there is no such corner, and nothing that stands in the way.
func (w *walk) has(row, area, period int) bool {
	at := w.g.at(row, area, period)
	return w.f.val[at]+w.f.delta[at] > 0
}

func (w *walk) row(r shift) bool {
	u, v := r.plus[0], r.minus[0]
	for _, p := range w.periods {
		for _, a := range w.areas {
			x, z := a.plus[0], p.plus[0]
			near, far := v, u // the rows that lose at the corner of the cell, and beside it
			if w.back {
				near, far = u, v
			}
			if !w.has(near, x, z) || len(p.minus) > 0 && !w.has(far, x, p.minus[0]) || len(a.minus) > 0 && !w.has(far, a.minus[0], z) {
				continue
			}
			c := cube{r, a, p}
			up, down, cost := w.g.room(w.f, c, w.best.limit())
			if w.back {
				up = down
			}
			if !w.best.offer(c, up, cost, w.g.enough()) {
				return false
			}
		}
	}
	return true
}
