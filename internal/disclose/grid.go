package disclose

// state is what becomes of a cell.
type state uint8

const (
	hidden   state = iota // nobody asks for it; it may be worked out all the same
	asked                 // to be shown, so far
	withheld              // asked for, and not shown
	locked                // shown before, to somebody: it cannot be taken back
)

// frame is one table over rows, areas and periods, margins included.
type frame struct {
	rows  *axis
	val   []int32
	state []state
	delta []int32 // of leaves, while a cell is being protected
	dirty []int32 // cells whose delta is not zero
	// extra are cells that are to be kept although they are not small themselves: what
	// they leave of something else is. known are withheld cells of which nothing is
	// known here but that somebody protected them already.
	extra, foreign map[int]bool
}

// grid is everything whose margins meet: a headline over areas and periods, and
// tables that each part it. What protects a cell is a world that differs from the
// true one, of which all that is shown says the same; see [grid.protect].
type grid struct {
	areas, periods *axis
	total          *frame // one row
	frames         []*frame
	policy         Policy
}

func (g *grid) plane() int { return g.areas.size() * g.periods.size() }

func (g *grid) newFrame(rows *axis) *frame {
	n := rows.size() * g.plane()
	return &frame{rows: rows, val: make([]int32, n), state: make([]state, n), delta: make([]int32, n)}
}

func (g *grid) at(r, a, p int) int { return (r*g.areas.size()+a)*g.periods.size() + p }

// sum fills inner nodes from the leaves.
func (g *grid) sum(f *frame) {
	for _, r := range f.rows.leaves {
		for _, a := range g.areas.leaves {
			for _, p := range g.periods.leaves {
				v := f.val[g.at(r, a, p)]
				if v == 0 {
					continue
				}
				g.spread(f, r, a, p, v)
			}
		}
	}
}

func (g *grid) spread(f *frame, r, a, p int, v int32) {
	for _, x := range f.rows.paths[r] {
		for _, y := range g.areas.paths[a] {
			for _, z := range g.periods.paths[p] {
				if x != r || y != a || z != p {
					f.val[g.at(x, y, z)] += v
				}
			}
		}
	}
}

// cube is one way to change a frame that leaves all else as it is: the corners are
// leaves, and what stands above them moves along.
type cube struct{ rows, areas, periods shift }

// each calls fn for every cell that a cube changes. sign is that of the change; leaf
// is true for the corners.
func (g *grid) each(c cube, fn func(at int, plus, leaf bool)) {
	c.rows.each(func(r int, rplus, rleaf bool) {
		c.areas.each(func(a int, aplus, aleaf bool) {
			c.periods.each(func(p int, pplus, pleaf bool) {
				fn(g.at(r, a, p), rplus == (aplus == pplus), rleaf && aleaf && pleaf)
			})
		})
	})
}

func (s shift) each(fn func(node int, plus, leaf bool)) {
	for i, n := range s.plus {
		fn(n, true, i == 0)
	}
	for i, n := range s.minus {
		fn(n, false, i == 0)
	}
}

// cells calls fn for every cell of a frame.
func (g *grid) cells(f *frame, fn func(at, r, a, p int)) {
	for r := range f.rows.size() {
		for a := range g.areas.size() {
			for p := range g.periods.size() {
				fn(g.at(r, a, p), r, a, p)
			}
		}
	}
}

const (
	noRoom     = int32(0)
	cellCost   = 1 << 12
	impossible = 1 << 40
)

// room says how far a cube can go and how many shown cells it would cost: up is for
// the change as it stands, down for the one that takes back.
func (g *grid) room(f *frame, c cube, enough int) (up, down int32, cost int) {
	up, down = 1<<30, 1<<30
	for rs, rows := range [2][]int{c.rows.plus, c.rows.minus} {
		for as, areas := range [2][]int{c.areas.plus, c.areas.minus} {
			for ps, periods := range [2][]int{c.periods.plus, c.periods.minus} {
				if len(rows) == 0 || len(areas) == 0 || len(periods) == 0 {
					continue
				}
				corner := g.at(rows[0], areas[0], periods[0])
				if v := f.val[corner] + f.delta[corner]; (rs+as+ps)%2 == 0 {
					down = min(down, v)
				} else {
					up = min(up, v)
				}
				if cost += g.cost(f, rows, areas, periods); cost >= enough {
					return up, down, cost
				}
			}
		}
	}
	return up, down, cost
}

// cost is what it costs to withhold a block of cells.
func (g *grid) cost(f *frame, rows, areas, periods []int) (cost int) {
	for _, r := range rows {
		for _, a := range areas {
			line := (r*g.areas.size() + a) * g.periods.size()
			for _, p := range periods {
				switch f.state[line+p] {
				case locked:
					return impossible
				case asked:
					cost += cellCost + int(min(f.val[line+p], cellCost-1))
				case hidden, withheld:
				}
			}
		}
	}
	return cost
}

// take withholds what a cube changes, and goes n along it.
func (g *grid) take(f *frame, c cube, n int32) {
	g.each(c, func(at int, plus, leaf bool) {
		if f.state[at] == asked {
			f.state[at] = withheld
		}
		if leaf {
			if f.delta[at] == 0 {
				f.dirty = append(f.dirty, int32(at))
			}
			if plus {
				f.delta[at] += n
			} else {
				f.delta[at] -= n
			}
		}
	})
}

func (f *frame) forget() {
	for _, at := range f.dirty {
		f.delta[at] = 0
	}
	f.dirty = f.dirty[:0]
}

func (g *grid) forget() {
	g.total.forget()
	for _, f := range g.frames {
		f.forget()
	}
}
