package disclose

import (
	"fmt"
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// randomGrid makes tables over areas and periods, with margins of which some are
// asked for, and with regions or quarters.
func randomGrid(t *rapid.T) *grid {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	tree := func(n int) *axis {
		var sets []set
		for i := range n {
			if r.IntN(8) > 0 || n == 1 {
				sets = append(sets, set{i})
			}
		}
		if n > 2 && r.IntN(2) == 0 {
			sets = append(sets, set{0, 1})
		}
		var all set
		for i := range n {
			all = append(all, i)
		}
		if r.IntN(4) > 0 || len(sets) == 0 {
			sets = append(sets, all)
		}
		a, _, err := newAxis(sets)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	g := &grid{areas: tree(1 + r.IntN(4)), periods: tree(1 + r.IntN(3)), policy: Policy{Threshold: 3 + r.IntN(4), Zeros: r.IntN(3) == 0}}
	one, _, _ := newAxis([]set{{0}})
	g.total = g.newFrame(one)
	for range 1 + r.IntN(2) {
		g.frames = append(g.frames, g.newFrame(tree(2+r.IntN(3))))
	}
	for range r.IntN(120) {
		a, p := g.areas.leaves[int(float64(len(g.areas.leaves))*r.Float64()*r.Float64())], g.periods.leaves[r.IntN(len(g.periods.leaves))]
		g.total.val[g.at(0, a, p)]++
		for _, f := range g.frames {
			row := f.rows.leaves[int(float64(len(f.rows.leaves))*r.Float64()*r.Float64())]
			f.val[g.at(row, a, p)]++
		}
	}
	ask := func(f *frame, i int) {
		g.sum(f)
		for row := range f.rows.size() {
			for a := range g.areas.size() {
				for p := range g.periods.size() {
					if (!f.rows.rest[row] || row == 0) && !g.areas.rest[a] && !g.periods.rest[p] && (i < 0 || row > 0) {
						f.state[g.at(row, a, p)] = asked
					}
				}
			}
		}
	}
	ask(g.total, -1)
	for i, f := range g.frames {
		ask(f, i)
	}
	return g
}

// attack checks every small cell, asked for or not, against all that is shown.
func attack(t tester, fail func(string), g *grid, bare []cell) {
	t.Helper()
	attackWith(t, fail, g, bare, newAttacker(g))
}

// attackUnder is attack where the last frame parts a row of another.
func attackUnder(t tester, fail func(string), g *grid, under cell) {
	t.Helper()
	attackWith(t, fail, g, nil, newAttackerUnder(g, &under))
}

func attackWith(t tester, fail func(string), g *grid, bare []cell, k *attacker) {
	t.Helper()
	failed := map[cell]bool{}
	for _, s := range bare {
		failed[s] = true
	}
	unsolved, solved := 0, 0
	defer func() {
		if unsolved > 3 && 10*unsolved > solved {
			fail(fmt.Sprintf("%d of %d programs could not be solved: this proves little", unsolved, solved+unsolved))
		}
	}()
	for i := -1; i < len(g.frames); i++ {
		f := g.frameOf(i)
		for r := range f.rows.size() {
			for a := range g.areas.size() {
				for p := range g.periods.size() {
					at, s := g.at(r, a, p), cell{i, r, a, p}
					if i >= 0 && r == 0 || failed[s] || !g.guarded(f, r, a, p) {
						continue
					}
					if f.state[at] == asked {
						fail(fmt.Sprintf("%+v: %d is shown", s, f.val[at]))
					}
					least, most := k.bounds(t, s)
					if math.IsNaN(least) || math.IsNaN(most) {
						unsolved++
						continue
					}
					solved++
					if most-least < float64(g.policy.Threshold-1)-1e-6 {
						fail(fmt.Sprintf("%+v: %d is known to be %.2f to %.2f", s, f.val[at], least, most))
					}
				}
			}
		}
	}
}

// No small cell can be bounded more tightly than the rule allows, from all that is
// shown, by any linear reasoning: test 8 of standards.md section 10.
func TestSuppress_holdsAgainstLinearProgramming(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := randomGrid(rt)
		bare := g.suppress()
		attack(t, func(s string) { rt.Fatal(s) }, g, bare)
	})
}

// The attacker is no scarecrow: with primary suppression alone it gets cells.
func TestAttacker_findsWhatPrimarySuppressionLeaves(t *testing.T) {
	one, _, _ := newAxis([]set{{0}})
	rows, _, _ := newAxis([]set{{0}, {1}, {2}, {0, 1, 2}})
	g := &grid{areas: one, periods: one, policy: Policy{Threshold: 5}}
	g.total = g.newFrame(one)
	f := g.newFrame(rows)
	g.frames = []*frame{f}
	g.total.val[0], g.total.state[0] = 22, asked
	for i, v := range []int32{22, 10, 9, 3} {
		f.val[i], f.state[i] = v, asked
	}
	f.state[0] = hidden
	g.primaries(0)
	found := ""
	attack(t, func(s string) { found = s }, g, nil)
	if found == "" {
		t.Fatal("one cell withheld in a row with its sum was not worked out")
	}
	if bare := g.suppress(); len(bare) > 0 || f.state[1] == asked && f.state[2] == asked {
		t.Error("nothing else was withheld")
	}
	attack(t, func(s string) { t.Error(s) }, g, nil)
}

// big makes a release of 24 tables with 50 areas and 12 months.
func big(incidents int) *grid {
	r := rand.New(rand.NewPCG(5, 5))
	tree := func(n int) *axis {
		var sets []set
		var all set
		for i := range n {
			sets, all = append(sets, set{i}), append(all, i)
		}
		a, _, _ := newAxis(append(sets, all))
		return a
	}
	g := &grid{areas: tree(50), periods: tree(12), policy: DefaultPolicy(Partners)}
	one, _, _ := newAxis([]set{{0}})
	g.total = g.newFrame(one)
	for i := range 24 {
		g.frames = append(g.frames, g.newFrame(tree([]int{2, 3, 5, 6, 7, 8, 14}[i%7])))
	}
	for range incidents {
		a, p := g.areas.leaves[int(50*r.Float64()*r.Float64())], g.periods.leaves[r.IntN(12)]
		g.total.val[g.at(0, a, p)]++
		for _, f := range g.frames {
			x := r.Float64()
			f.val[g.at(f.rows.leaves[int(float64(len(f.rows.leaves))*x*x)], a, p)]++
		}
	}
	for i, f := range append([]*frame{g.total}, g.frames...) {
		g.sum(f)
		for at := range f.state {
			if i == 0 || at >= g.plane() {
				f.state[at] = asked
			}
		}
	}
	return g
}

// cpu is how long the processor worked for this process: what others do on the same
// machine does not count.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestSuppress_fiftyAreasTwelveMonths(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	for _, n := range []int{500, 5_000, 100_000} {
		g := big(n)
		begin, used := time.Now(), cpu(t)
		bare := g.suppress()
		wall, took := time.Since(begin), cpu(t)-used
		shown, all, small := 0, 0, 0
		for i, f := range append([]*frame{g.total}, g.frames...) {
			for at, s := range f.state {
				if i > 0 && at < g.plane() {
					continue
				}
				all++
				if s == asked {
					shown++
				}
				if g.policy.small(f.val[at], true) {
					small++
				}
			}
		}
		t.Logf("%d incidents: %v of work in %v; %d cells, %d small, %d shown, %d without a proof", n, took, wall, all, small, shown, len(bare))
		if took > 10*time.Second {
			t.Errorf("%d incidents: %v, want under 10 s", n, took)
		}
	}
}
