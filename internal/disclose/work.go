package disclose

import "amana/internal/stats"

// work decides about every cell.
func (b *build) work(p *Plan) {
	b.ask(b.main)
	b.remember(b.main)
	b.main.contexts()
	b.main.g.thin()
	p.Refusals = append(p.Refusals, b.main.changed...)
	p.Refusals = append(p.Refusals, b.subtractions(b.main)...)
	p.Refusals = append(p.Refusals, b.settle(b.main)...)

	b.workRape(p)
}

func (b *build) settle(p *part) (list []Refusal) {
	for _, s := range p.g.suppress() {
		list = append(list, b.refusal(p, Bare, s, ""))
	}
	return list
}

// contexts keeps a context where what its types have without it is too few.
func (p *part) contexts() {
	g := p.g
	for i, l := range p.layouts {
		if l.within == nil {
			continue
		}
		f := g.frames[i]
		f.extra = map[int]bool{}
		g.cells(g.total, func(_, _, a, s int) {
			types, told := p.typesOf(l, a, s)
			at := g.at(p.rowAt[i][0], a, s)
			if left := types - f.val[at]; told && g.policy.small(left, false) {
				f.extra[at] = true
			}
		})
	}
}

// typesOf is how many incidents are of the types that a context is confined to, and
// whether that is told.
func (p *part) typesOf(l layout, area, period int) (n int32, told bool) {
	told = true
	for _, row := range l.within {
		frame, node, ok := p.place("type", row)
		if !ok {
			continue
		}
		at := p.g.at(node, area, period)
		n += p.g.frames[frame].val[at]
		told = told && p.g.frames[frame].state[at] != hidden
	}
	return n, told
}

// workRape decides about the tables of rape alone. Their headline is a row of table 10.
// They are shown by area only where all of that row is shown, for every area and every
// time: then no world in which another cell of the main tables is another number changes
// it, and what these tables say by area says nothing more of those.
func (b *build) workRape(p *Plan) {
	b.byArea = b.wholeRape()
	sets := []AreaSet{{}}
	if b.byArea || b.rapeShownByArea() {
		sets = b.areaSets()
	}
	var err error
	if b.rape, err = b.newPart(sets, []layout{rapeLayout(&b.c)}); err != nil {
		p.Refusals = append(p.Refusals, Refusal{Reason: Overlap}) // the main part would have had it
		return
	}
	b.ask(b.rape)
	b.remember(b.rape)
	b.underRape()
	p.Refusals = append(p.Refusals, b.rape.changed...)
	p.Refusals = append(p.Refusals, b.subtractions(b.rape)...)
	p.Refusals = append(p.Refusals, b.settle(b.rape)...)
}

// rapeState is what became of the row of table 10 that has rape, in an area and a time.
func (b *build) rapeState(area, period int) state {
	frame, node, ok := b.main.place("type", "rape")
	if !ok {
		return hidden
	}
	return b.main.g.frames[frame].state[b.main.g.at(node, area, period)]
}

// wholeRape reports whether that row is shown for every area and time that anybody
// asked for.
func (b *build) wholeRape() bool {
	g := b.main.g
	for a := range g.areas.size() {
		for s := range g.periods.size() {
			rest := a > 0 && g.areas.rest[a] || s > 0 && g.periods.rest[s] // what is left of the others, and known by them
			if st := b.rapeState(a, s); !rest && st != asked && st != locked {
				return false
			}
		}
	}
	return len(b.q.Areas) > 0
}

// rapeShownByArea reports whether an earlier release showed the tables of rape alone by
// area.
func (b *build) rapeShownByArea() bool {
	for i := range b.ledger {
		r := &b.ledger[i]
		for _, id := range []string{"elapsed_rape", "elapsed_rape_health"} {
			t := r.Table(id)
			for row := 0; t != nil && row < len(t.Rows); row++ {
				for k := len(r.Periods); k < len(r.Areas)*len(r.Periods); k++ {
					if r.At(t, row, k/len(r.Periods), k%len(r.Periods)) != Absent {
						return true
					}
				}
			}
		}
	}
	return false
}

// underRape ties the tables of rape alone to the row of table 10 that is their sum:
// where it is shown it is known, where it is not they are not shown.
func (b *build) underRape() {
	r := b.rape.g
	for a := range r.areas.size() {
		for p := range r.periods.size() {
			if s := b.rapeState(a, p); s == asked || s == locked {
				r.total.state[r.at(0, a, p)] = locked
				continue
			}
			for row := range r.frames[0].rows.size() {
				if at := r.at(row, a, p); r.frames[0].state[at] == asked {
					r.frames[0].state[at] = withheld
				}
			}
		}
	}
}

// subtractions are the cells that nobody asks for and that are too few, and that come
// out when new figures are taken from earlier ones or the other way round.
func (b *build) subtractions(p *part) (list []Refusal) {
	g := p.g
	for i := -1; i < len(g.frames); i++ {
		f := g.frameOf(i)
		g.cells(f, func(at, r, a, s int) {
			if f.state[at] != hidden || !g.policy.small(f.val[at], false) {
				return
			}
			if k, both := p.meet(i, r, a, s); both {
				list = append(list, b.refusal(p, Subtraction, cell{i, r, a, s}, b.ledger[k].ID))
			}
		})
	}
	return list
}

// meet reports whether a hidden cell is what is left between a sum and the other
// parts, all of them shown or about to be, some before and some now.
func (p *part) meet(frame, r, a, s int) (ledger int, both bool) {
	g, f := p.g, p.g.frameOf(frame)
	along := func(x *axis, n int, at func(n int) int) bool {
		up := x.parent[n]
		if up < 0 {
			return false
		}
		before, now := false, false
		look := func(c int) bool {
			switch f.state[at(c)] {
			case locked:
				before, ledger = true, p.from[p.slot(frame)][at(c)]
			case asked:
				now = true
			case hidden, withheld:
				return false
			}
			return true
		}
		if !look(up) {
			return false
		}
		for _, c := range x.children[up] {
			if c != n && !look(c) {
				return false
			}
		}
		return before && now
	}
	both = along(g.periods, s, func(n int) int { return g.at(r, a, n) }) || along(g.areas, a, func(n int) int { return g.at(r, n, s) })
	return ledger, both
}

func (b *build) refusal(p *part, why Reason, s cell, release string) Refusal {
	r := Refusal{Reason: why, Release: release, Table: "total", Row: "incidents"}
	if s.frame >= 0 {
		for j, node := range p.rowAt[s.frame] {
			if row := p.layouts[s.frame].rows[j]; node == s.row || p.g.frames[s.frame].rows.parent[s.row] == node {
				r.Table, r.Row = row.table, row.row
			}
		}
	}
	for _, a := range b.areaSets() {
		if node, there := p.areaAt[a.key()]; there && node == s.area {
			r.Area = a.ID
		}
	}
	r.Period = spanOfSet(p.g.periods.sets[s.period])
	return r
}

// spanOfSet names months that lie together; of others the first and the last.
func spanOfSet(s set) string { return stats.Span{First: s[0], Last: s[len(s)-1]}.String() }

// write puts a table into the release.
func (b *build) write(p *Plan, id string) {
	t := b.c.Table(id)
	out, tally := Released{ID: id, Rows: t.RowIDs}, Tally{Table: id}
	any := false
	for _, row := range t.RowIDs {
		for _, a := range p.release.Areas {
			for _, s := range p.release.Periods {
				n, what := b.decided(id, row, a, s)
				tally.count(what)
				any = any || n != Absent
				out.Cells = append(out.Cells, n)
			}
		}
	}
	if any {
		p.release.Tables = append(p.release.Tables, out)
	}
	if any || tally.TooFine > 0 {
		p.Tallies = append(p.Tallies, tally)
	}
}

// fate is what became of a figure that was asked for.
type fate uint8

const (
	unasked fate = iota
	told
	tooFew
	withThem
	tooFine
)

func (t *Tally) count(f fate) {
	switch f {
	case told:
		t.Shown++
	case tooFew:
		t.TooFew++
	case withThem:
		t.WithThem++
	case tooFine:
		t.TooFine++
	case unasked:
	}
}

// decided is a figure as it may be shown, whichever of the doubtful releases left.
func (b *build) decided(table, row string, a AreaSet, period string) (n int, f fate) {
	for _, one := range append([]*build{b}, b.others...) {
		if n, f = one.figure(table, row, a, period); f != told {
			return n, f
		}
	}
	return n, f
}

func (b *build) figure(table, row string, area AreaSet, period string) (int, fate) {
	p := b.main
	if table == "elapsed_rape" || table == "elapsed_rape_health" {
		p = b.rape
	}
	if p == nil { // it could not be laid out, which is refused
		return Absent, unasked
	}
	frame, node, ok := p.place(table, row)
	a, known := p.areaAt[area.key()]
	if !ok || !known {
		return Absent, unasked
	}
	f, at := p.g.frameOf(frame), p.g.at(node, a, p.spanAt[period])
	if !p.want[p.slot(frame)][at] {
		return Absent, unasked
	}
	switch f.state[at] {
	case asked, locked:
		return b.q.Policy.rounded(int(f.val[at])), told
	case withheld:
		if b.q.Policy.small(f.val[at], true) {
			return Withheld, tooFew
		}
		return Withheld, withThem
	case hidden:
	}
	return Absent, tooFine
}
