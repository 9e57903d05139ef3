package disclose

import "amana/internal/stats"

// work decides about every cell, and writes the plan.
func (b *build) work(p *Plan) {
	b.ask(b.main)
	b.remember(b.main)
	b.main.contexts()
	b.main.g.thin()
	p.Refusals = append(p.Refusals, b.main.changed...)
	p.Refusals = append(p.Refusals, b.subtractions(b.main)...)
	p.Refusals = append(p.Refusals, b.settle(b.main)...)

	b.ask(b.rape)
	b.remember(b.rape)
	b.underRape()
	p.Refusals = append(p.Refusals, b.rape.changed...)
	p.Refusals = append(p.Refusals, b.subtractions(b.rape)...)
	p.Refusals = append(p.Refusals, b.settle(b.rape)...)
	for _, t := range stats.Tables() {
		b.write(p, t.ID)
	}
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

// underRape ties the tables of rape alone to the row of table 10 that is their sum:
// where it is shown it is known, where it is not they are not shown.
func (b *build) underRape() {
	m, r := b.main.g, b.rape.g
	frame, node, _ := b.main.place("type", "rape")
	for p := range r.periods.size() {
		from := m.at(node, 0, p)
		if s := m.frames[frame].state[from]; s == asked || s == locked {
			r.total.state[r.at(0, 0, p)] = locked
			continue
		}
		for row := range r.frames[0].rows.size() {
			at := r.at(row, 0, p)
			if r.frames[0].state[at] == asked {
				r.frames[0].state[at] = withheld
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
	for id, node := range p.areaAt {
		if node == s.area {
			r.Area = id
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
		part := b.main
		if id == "elapsed_rape" || id == "elapsed_rape_health" {
			part = b.rape
		}
		frame, node, ok := part.place(id, row)
		for _, a := range p.release.Areas {
			for _, s := range p.release.Periods {
				n := Absent
				if an, known := part.areaAt[a.ID]; ok && known {
					n = b.figure(part, frame, part.g.at(node, an, part.spanAt[s]), &tally)
				}
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

func (b *build) figure(p *part, frame, at int, tally *Tally) int {
	f := p.g.frameOf(frame)
	if !p.want[p.slot(frame)][at] {
		return Absent
	}
	switch f.state[at] {
	case asked, locked:
		tally.Shown++
		return b.q.Policy.rounded(int(f.val[at]))
	case withheld:
		if b.q.Policy.small(f.val[at], true) {
			tally.TooFew++
		} else {
			tally.WithThem++
		}
		return Withheld
	case hidden:
	}
	tally.TooFine++
	return Absent
}
