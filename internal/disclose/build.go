package disclose

import (
	"slices"
	"strings"

	"amana/internal/stats"
)

// build is a request and everything released before, on one grid.
type build struct {
	c      stats.Counts
	q      Request
	ledger []Release // those that left, then those of which it is not sure
	sure   int       // how many of them left
	others []*build  // the same, in the worlds in which some of the others did not leave
	months stats.Span
	area   map[string]int // atoms of areas by id
	atoms  int            // how many, with the unknown one
	main   *part
	rape   *part // once main is done
	byArea bool  // the tables of rape alone are shown by area too
}

// part is a grid with what its frames are.
type part struct {
	g       *grid
	layouts []layout
	rowAt   [][]int // the node of each row of a layout
	areaAt  map[string]int
	spanAt  map[string]int
	want    []map[int]bool // cells that the request names, by frame; the headline last
	from    []map[int]int  // the ledger's release that showed a cell, likewise
	only    []map[int]set  // of cells that only doubtful releases show: which
	changed []Refusal
}

func newBuild(c stats.Counts, areas []string, q Request, e earlier) (*build, error) {
	b := &build{c: c, q: q, ledger: e.all(), sure: len(e.sure), months: c.Question.Span, area: map[string]int{}, atoms: 1}
	for _, id := range areas {
		b.area[id] = b.atoms
		b.atoms++
	}
	for _, list := range b.areaSets() {
		for _, id := range members(list) {
			if _, known := b.area[id]; !known && id != "" {
				b.area[id] = b.atoms
				b.atoms++
			}
		}
	}
	var err error
	b.main, err = b.newPart(b.areaSets(), layouts(&c))
	return b, err
}

// areaSets are those of the request and of all earlier releases.
func (b *build) areaSets() []AreaSet {
	list := append([]AreaSet{{}}, b.q.Areas...)
	for i := range b.ledger {
		list = append(list, b.ledger[i].Areas...)
	}
	return list
}

func members(a AreaSet) []string {
	if len(a.Members) == 0 {
		return []string{a.ID}
	}
	return a.Members
}

// key names an area by what lies in it: regions of one name that had other members then
// are others.
func (a AreaSet) key() string {
	if a.ID == "" {
		return ""
	}
	m := slices.Clone(members(a))
	slices.Sort(m)
	return strings.Join(slices.Compact(m), "\x00")
}

func (b *build) atomsOf(a AreaSet) (s set) {
	if a.ID == "" {
		for i := range b.atoms {
			s = append(s, i)
		}
		return s
	}
	for _, id := range members(a) {
		s = append(s, b.area[id])
	}
	slices.Sort(s)
	return slices.Compact(s)
}

func (b *build) newPart(sets []AreaSet, ls []layout) (*part, error) {
	p := &part{layouts: ls, areaAt: map[string]int{}, spanAt: map[string]int{}}
	g := &grid{policy: b.q.Policy}
	p.g = g
	var atoms []set
	for _, a := range sets {
		atoms = append(atoms, b.atomsOf(a))
	}
	var at []int
	var err error
	if g.areas, at, err = newAxis(atoms); err != nil {
		return nil, err
	}
	for i, a := range sets {
		p.areaAt[a.key()] = at[i]
	}
	spans := allSpans(b.q, b.ledger)
	atoms = nil
	for _, s := range spans {
		var months set
		for m := s.First; m <= s.Last; m++ {
			months = append(months, m)
		}
		atoms = append(atoms, months)
	}
	if g.periods, at, err = newAxis(atoms); err != nil {
		return nil, err
	}
	for i, s := range spans {
		p.spanAt[s.String()] = at[i]
	}
	one, _, err := newAxis([]set{{0}})
	if err != nil {
		return nil, err
	}
	g.total = g.newFrame(one)
	for _, l := range ls {
		if err := p.addFrame(l); err != nil {
			return nil, err
		}
	}
	for range len(ls) + 1 {
		p.want, p.from, p.only = append(p.want, map[int]bool{}), append(p.from, map[int]int{}), append(p.only, map[int]set{})
	}
	b.fill(p)
	return p, nil
}

func (p *part) addFrame(l layout) error {
	var all set
	for i := range l.fine {
		all = append(all, i)
	}
	sets := []set{all}
	for _, r := range l.rows {
		sets = append(sets, r.set)
	}
	rows, at, err := newAxis(sets)
	if err != nil {
		return err
	}
	p.g.frames = append(p.g.frames, p.g.newFrame(rows))
	p.rowAt = append(p.rowAt, at[1:])
	return nil
}

// leafOf says which leaf of an axis has an atom.
func leafOf(a *axis) map[int]int {
	of := map[int]int{}
	for _, n := range a.leaves {
		for _, atom := range a.sets[n] {
			of[atom] = n
		}
	}
	return of
}

// fill puts the counts on the leaves, and sums them up.
func (b *build) fill(p *part) {
	g := p.g
	areas, periods := leafOf(g.areas), leafOf(g.periods)
	for i, l := range p.layouts {
		f := g.frames[i]
		rows := leafOf(f.rows)
		for m := range b.months.Months() {
			period, counted := periods[b.months.First+m]
			if !counted {
				continue
			}
			for a := range min(b.c.Areas, b.atoms) {
				for fine := range l.fine {
					n := int32(l.count(&b.c, fine, m, a))
					f.val[g.at(rows[fine], areas[a], period)] += n
					if i == 0 {
						g.total.val[g.at(0, areas[a], period)] += n
					}
				}
			}
		}
		g.sum(f)
	}
	g.sum(g.total)
}

// place finds the cells of a row of a table: its frame and its node.
func (p *part) place(table, row string) (frame, node int, ok bool) {
	for i, l := range p.layouts {
		for j, r := range l.rows {
			if r.table == table && r.row == row {
				return i, p.rowAt[i][j], true
			}
		}
	}
	return -1, 0, table == "total" && row == "incidents" && p.layouts[0].name != "rape"
}

// slot is where a frame's notes are kept: those of the headline come last.
func (p *part) slot(frame int) int {
	if frame < 0 {
		return len(p.layouts)
	}
	return frame
}

// remember puts on the grid what earlier releases showed and withheld.
func (b *build) remember(p *part) {
	for k := range b.ledger {
		r := &b.ledger[k]
		for t := range r.Tables {
			b.rememberTable(p, k, &r.Tables[t])
		}
	}
}

func (b *build) rememberTable(p *part, k int, t *Released) {
	r := &b.ledger[k]
	for row, id := range t.Rows {
		frame, node, ok := p.place(t.ID, id)
		if !ok {
			continue
		}
		f := p.g.frameOf(frame)
		for a, area := range r.Areas {
			an, known := p.areaAt[area.key()]
			if !known {
				continue
			}
			for s, span := range r.Periods {
				at := p.g.at(node, an, p.spanAt[span])
				switch n := r.At(t, row, a, s); {
				case n >= 0:
					p.shown(b, frame, at, k)
					p.drift(b, frame, at, n, Refusal{Changed, t.ID, id, area.ID, span, r.ID})
				case n == Withheld && f.state[at] != locked:
					f.state[at] = withheld
				}
			}
		}
	}
}

// shown notes that a release of the ledger showed a cell.
func (p *part) shown(b *build, frame, at, k int) {
	f, only := p.g.frameOf(frame), p.only[p.slot(frame)]
	switch one, doubted := only[at]; {
	case k < b.sure || f.state[at] == locked && !doubted:
		delete(only, at)
	case !slices.Contains(one, k):
		only[at] = append(one, k)
	}
	f.state[at] = locked
	p.from[p.slot(frame)][at] = k
}

// drift refuses to show a figure again that changed by too few.
func (p *part) drift(b *build, frame, at, was int, r Refusal) {
	now := p.g.frameOf(frame).val[at]
	if _, doubted := p.only[p.slot(frame)][at]; doubted && b.q.Policy.small(now, true) {
		return // it is not shown
	}
	d := b.q.Policy.rounded(int(now)) - was
	if p.want[p.slot(frame)][at] && d != 0 && d < b.q.Policy.Threshold && -d < b.q.Policy.Threshold {
		p.changed = append(p.changed, r)
	}
}

// ask puts the request on the grid.
func (b *build) ask(p *part) {
	for i := -1; i < len(p.layouts); i++ {
		rows, nodes := []layoutRow{{"total", "incidents", nil}}, []int{0}
		if i >= 0 {
			rows, nodes = p.layouts[i].rows, p.rowAt[i]
		}
		for j, r := range rows {
			if p == b.rape && i < 0 || len(b.q.Tables) > 0 && !slices.Contains(b.q.Tables, r.table) {
				continue
			}
			for _, a := range p.areas(b) {
				for _, s := range b.q.Periods {
					at := p.g.at(nodes[j], p.areaAt[a.key()], p.spanAt[s.String()])
					p.want[p.slot(i)][at] = true
					p.g.frameOf(i).state[at] = asked
				}
			}
		}
	}
}

func (p *part) areas(b *build) []AreaSet {
	if p == b.rape && !b.byArea {
		return []AreaSet{{}}
	}
	return append([]AreaSet{{}}, b.q.Areas...)
}
