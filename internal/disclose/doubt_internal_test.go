package disclose

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"amana/internal/stats"
)

// claiming is a release that somebody made up: it shows what its table says, whatever
// is too small.
func claiming(id string, span stats.Span, areas []AreaSet, tables ...Released) Release {
	return Release{
		ID: id, Made: "2026-11-20", Audience: Coordination, Policy: DefaultPolicy(Coordination), Agreement: "own", Basis: stats.ByReport, Contributors: 1,
		Areas: append([]AreaSet{{}}, areas...), Periods: []string{span.String()}, Tables: tables,
	}
}

// A count that is too small is not public because a version that was made up shows it:
// it is withheld, and others with it, as if it stood nowhere. And whoever has that
// version can take it from nothing else.
func TestPrepare_whatADoubtfulReleaseShowsIsNotPublic(t *testing.T) {
	b := &stats.Book{}
	rows := slices.Concat(reported(b, 1, 30, "a", "female"), reported(b, 1, 2, "a", "male"))
	ask := request("r1", Partners, []string{"total", "sex"}, nil, month(1, 1))
	forged := claiming("r0", month(1, 1), nil, Released{ID: "sex", Rows: []string{"female", "male"}, Cells: []int{Withheld, 2}})
	male := func(p *Plan) int {
		t.Helper()
		r := p.Preview()
		table := r.Table("sex")
		if table == nil {
			return Absent
		}
		return r.At(table, slices.Index(table.Rows, "male"), 0, 0)
	}
	if n := male(prepare(t, b, rows, ask, forged)); n != 2 {
		t.Fatalf("of one that left it is shown: %d", n) // else what follows proves nothing
	}
	ask.Doubtful = []Release{forged}
	p := prepare(t, b, rows, ask)
	if n := male(p); n >= 0 {
		t.Errorf("made public by whoever made it up: %d", n)
	}
	if r := p.Preview(); r.Table("sex") != nil && r.At(r.Table("sex"), slices.Index(r.Table("sex").Rows, "female"), 0, 0) >= 0 && r.At(r.Table("total"), 0, 0, 0) >= 0 {
		t.Error("it comes out of the others")
	}
}

// What may have left counts against what may be told: what would be left too small
// between it and what is new is refused.
func TestPrepare_aDoubtfulReleaseCountsAgainst(t *testing.T) {
	b := &stats.Book{}
	rows := slices.Concat(reported(b, 1, 12, "a", "female"), reported(b, 2, 3, "a", "female"))
	ask := request("r2", Partners, []string{"total"}, nil, month(1, 2))
	if p := prepare(t, b, rows, ask); len(p.Refusals) > 0 {
		t.Fatalf("%+v", p.Refusals)
	}
	ask.Doubtful = []Release{claiming("r1", month(1, 1), nil, Released{ID: "total", Rows: []string{"incidents"}, Cells: []int{12}})}
	if p := prepare(t, b, rows, ask); !refused(p, Subtraction) {
		t.Errorf("January and February, where January may have left: %+v", p.Refusals)
	}
	overlaps := request("r2", Partners, []string{"total"}, nil, month(2, 4))
	overlaps.Doubtful = []Release{claiming("r1", month(1, 3), nil, Released{ID: "total", Rows: []string{"incidents"}, Cells: []int{15}})}
	if p := prepare(t, b, rows, overlaps); !refused(p, Overlap) {
		t.Errorf("what overlaps in part: %+v", p.Refusals)
	}
}

// Where more is in doubt than can be looked at, nothing is shown.
func TestPrepare_tooDoubtful(t *testing.T) {
	b := &stats.Book{}
	rows := reported(b, 1, 60, "a", "female")
	ask := request("r1", Partners, []string{"total"}, nil, month(1, 1))
	for i := range mostDoubts + 1 {
		area := fmt.Sprint("a", i)
		rows = append(rows, reported(b, 1, 1, area, "female")...)
		ask.Areas = append(ask.Areas, AreaSet{ID: area})
		ask.Doubtful = append(ask.Doubtful, claiming(fmt.Sprint("f", i), month(1, 1), []AreaSet{{ID: area}}, Released{ID: "total", Rows: []string{"incidents"}, Cells: []int{Absent, 1}}))
	}
	few := ask
	few.Doubtful = few.Doubtful[1:]
	if p := prepare(t, b, rows, few); refused(p, TooDoubtful) {
		t.Errorf("%d in doubt: %+v", len(few.Doubtful), p.Refusals)
	}
	if p := prepare(t, b, rows, ask); !refused(p, TooDoubtful) {
		t.Errorf("%d in doubt: %+v", len(ask.Doubtful), p.Refusals)
	}
}

// Whichever of the doubtful releases left, nothing that is too small comes out of all
// that was shown, but what those that left show themselves.
func TestPrepare_doubtsHoldAgainstLinearProgramming(t *testing.T) {
	tables, proved := []string{"total", "sex", "prior"}, 0
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 7))
		b := &stats.Book{}
		var rows []stats.Incident
		for range 20 + r.IntN(120) {
			one := reported(b, 1+r.IntN(2), 1, []string{"a", "b", "c"}[int(3*r.Float64()*r.Float64())], []string{"female", "female", "female", "male"}[r.IntN(4)])[0]
			one.Prior = stats.Answer(r.IntN(3))
			rows = append(rows, one)
		}
		areas := [][]AreaSet{nil, {{ID: "a"}, {ID: "b"}, {ID: "c"}}}[r.IntN(2)]
		q := request("new", Partners, tables, areas, month(1, 1+r.IntN(2)))
		c := stats.Add(rows, b, stats.Question{Span: month(1, 2), Basis: q.Basis, Group: stats.Month, ByArea: true})
		for i := range 1 + r.IntN(2) { // each shows a few cells, as they are
			q.Doubtful = append(q.Doubtful, someOf(r, b, &c, fmt.Sprint("d", i), tables, areas))
		}
		p := prepare(rt, b, rows, q)
		if len(p.Refusals) > 0 || p.Shown() == 0 {
			return
		}
		proved++
		shown := p.Preview()
		for _, table := range shown.Tables {
			if slices.ContainsFunc(table.Cells, func(n int) bool { return n > 0 && n < q.Policy.Threshold }) {
				rt.Fatalf("a count that is too small is shown: %+v\n%+v", table, q.Doubtful)
			}
		}
		for which := range 1 << len(q.Doubtful) {
			left := []Release{p.Preview()}
			for k, one := range q.Doubtful {
				if which&(1<<k) != 0 {
					left = append(left, one)
				}
			}
			last := request("last", Partners, nil, nil, month(1, 2))
			final, err := newBuild(c, b.IDs(stats.Area), last, earlierOf(last, left))
			if err != nil {
				rt.Fatal(err)
			}
			final.remember(final.main)
			g := *final.main.g
			g.frames = nil
			for i, l := range final.main.layouts {
				if l.name == "sex" || l.name == "prior" {
					g.frames = append(g.frames, final.main.g.frames[i])
				}
			}
			var lost []cell // what those that left show themselves
			for i := -1; i < len(g.frames); i++ {
				f := g.frameOf(i)
				g.cells(f, func(at, r, a, s int) {
					if f.state[at] == locked {
						lost = append(lost, cell{i, r, a, s})
					}
				})
			}
			attack(rt, func(s string) { rt.Fatalf("left %b: %s\n%+v\n%+v", which, s, shown, q.Doubtful) }, &g, lost)
		}
	})
	if proved == 0 {
		t.Error("everything was refused: this proves nothing")
	}
}

// someOf is a release of one month that shows some cells of what was counted and
// withholds the others.
func someOf(r *rand.Rand, b *stats.Book, c *stats.Counts, id string, tables []string, areas []AreaSet) Release {
	made := claiming(id, month(1, 1), areas)
	for _, name := range tables {
		counted := c.Table(name)
		t := Released{ID: name, Rows: counted.RowIDs}
		for row := range counted.RowIDs {
			for _, a := range made.Areas {
				n := Absent
				if r.IntN(6) == 0 {
					n = countOf(b, c, name, row, a.ID)
				}
				t.Cells = append(t.Cells, n)
			}
		}
		made.Tables = append(made.Tables, t)
	}
	return made
}

// countOf is a count of the first month, in an area or in all of them.
func countOf(b *stats.Book, c *stats.Counts, table string, row int, area string) int {
	t, at := c.Table(table), -1
	if area != "" {
		at = slices.Index(b.IDs(stats.Area), area)
		if at < 0 {
			return 0
		}
		at++ // the first is nowhere that is known
	}
	return t.At(row, 0, at)
}

// Of the time after a day nothing had been counted: whoever makes up a release that names
// it says nothing of that time.
func TestRelease_UpTo(t *testing.T) {
	r := Release{
		ID: "r", Areas: []AreaSet{{}, {ID: "a"}}, Periods: []string{"2026-01", "2026-02/2027-12", "2027-01"},
		Tables: []Released{{ID: "total", Rows: []string{"incidents"}, Cells: []int{1, 2, 3, 4, 5, 6}}},
	}
	got, err := r.UpTo("2026-03-05")
	if err != nil || !slices.Equal(got.Periods, []string{"2026-01", "2026-02/2026-03"}) || !slices.Equal(got.Tables[0].Cells, []int{1, 2, 4, 5}) {
		t.Errorf("%+v, %v", got, err)
	}
	if !slices.Equal(r.Tables[0].Cells, []int{1, 2, 3, 4, 5, 6}) {
		t.Error("it was changed itself")
	}
	if _, err := r.UpTo("no day"); err == nil {
		t.Error("up to no day")
	}
}
