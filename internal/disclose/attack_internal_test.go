package disclose

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// attacker knows how the tables are built and all that was shown, and works out by
// linear programming what a cell can be at least and at most.
type attacker struct {
	g     *grid
	vars  int
	index func(frame, row, area, period int) int
	rows  [][]float64 // independent equations, right side last
}

func newAttacker(g *grid) *attacker { return newAttackerUnder(g, nil) }

// newAttackerUnder is newAttacker for a grid whose last frame parts not the headline but a
// row of another frame.
func newAttackerUnder(g *grid, under *cell) *attacker {
	k := &attacker{g: g}
	base := make([]int, len(g.frames)+1)
	perRow := len(g.areas.leaves) * len(g.periods.leaves)
	for i, f := range g.frames {
		base[i+1] = base[i] + len(f.rows.leaves)*perRow
	}
	k.vars = base[len(g.frames)]
	place := func(list []int, n int) int {
		for i, x := range list {
			if x == n {
				return i
			}
		}
		panic("not a leaf")
	}
	k.index = func(frame, row, area, period int) int {
		f := g.frames[frame]
		return base[frame] + (place(f.rows.leaves, row)*len(g.areas.leaves)+place(g.areas.leaves, area))*len(g.periods.leaves) + place(g.periods.leaves, period)
	}
	for i, f := range g.frames {
		for r := range f.rows.size() {
			if r == 0 && under != nil && i == len(g.frames)-1 {
				continue // its headline is the row, which is learnt there
			}
			k.learn(i, f, r)
		}
	}
	k.learn(-1, g.total, 0)
	for i := 1; i < len(g.frames); i++ { // all tables have one headline
		whole, top := 0, g.frames[0].rows.leaves
		if under != nil && i == len(g.frames)-1 {
			whole, top = under.frame, g.frames[under.frame].rows.below[under.row]
		}
		for _, a := range g.areas.leaves {
			for _, p := range g.periods.leaves {
				row := make([]float64, k.vars+1)
				for _, r := range top {
					row[k.index(whole, r, a, p)]++
				}
				for _, r := range g.frames[i].rows.leaves {
					row[k.index(i, r, a, p)]--
				}
				k.add(row)
			}
		}
	}
	return k
}

// learn takes in what is shown of a row.
func (k *attacker) learn(frame int, f *frame, r int) {
	for a := range k.g.areas.size() {
		for p := range k.g.periods.size() {
			at := k.g.at(r, a, p)
			if s := f.state[at]; s == asked || s == locked {
				row := k.goal(cell{frame, r, a, p})
				k.add(append(row, float64(f.val[at])))
			}
		}
	}
}

func (k *attacker) goal(c cell) []float64 {
	row := make([]float64, k.vars, k.vars+1)
	frame, under := c.frame, []int(nil)
	if frame < 0 {
		frame, under = 0, k.g.frames[0].rows.leaves
	} else {
		under = k.g.frames[frame].rows.below[c.row]
	}
	for _, r := range under {
		for _, a := range k.g.areas.below[c.area] {
			for _, p := range k.g.periods.below[c.period] {
				row[k.index(frame, r, a, p)]++
			}
		}
	}
	return row
}

// add keeps an equation if it says something new, in a form that has one variable of
// its own.
func (k *attacker) add(row []float64) {
	for _, have := range k.rows {
		if lead := leading(have); row[lead] != 0 {
			f := row[lead] / have[lead]
			for i := range row {
				row[i] -= f * have[i]
			}
		}
	}
	for i, v := range row {
		if math.Abs(v) < 1e-9 {
			row[i] = 0
		}
	}
	if leading(row) < k.vars {
		k.rows = append(k.rows, row)
	}
}

func leading(row []float64) int {
	for i, v := range row[:len(row)-1] {
		if v != 0 {
			return i
		}
	}
	return len(row) - 1
}

// bounds returns the least and the most that a cell can be.
func (k *attacker) bounds(t tester, c cell) (least, most float64) {
	t.Helper()
	goal := k.goal(c)
	if len(k.rows) == 0 {
		return 0, math.Inf(1)
	}
	a, b := mat.NewDense(len(k.rows), k.vars, nil), make([]float64, len(k.rows))
	for i, row := range k.rows {
		sign := 1.0
		if row[k.vars] < 0 {
			sign = -1
		}
		for j := range k.vars {
			a.Set(i, j, sign*row[j])
		}
		b[i] = sign * row[k.vars]
	}
	solve := func(sign float64) float64 {
		for try := range uint64(12) { // the solver may fail for the order of the columns alone
			if v, ok := solveIn(rand.New(rand.NewPCG(try, 1)).Perm(k.vars), goal, a, b, sign); ok {
				return v
			}
		}
		return math.NaN()
	}
	return solve(1), -solve(-1)
}

func solveIn(order []int, goal []float64, a *mat.Dense, b []float64, sign float64) (float64, bool) {
	rows, vars := a.Dims()
	order = slices.DeleteFunc(order, func(j int) bool { return mat.Norm(a.ColView(j), 1) == 0 }) // of which nothing is said
	for j := range vars {
		if goal[j] != 0 && !slices.Contains(order, j) {
			if sign > 0 {
				continue // at least none
			}
			return math.Inf(-1), true
		}
	}
	if len(order) == 0 {
		return 0, true
	}
	turned, objective := mat.NewDense(rows, len(order), nil), make([]float64, len(order))
	for to, from := range order {
		objective[to] = sign * goal[from]
		for i := range rows {
			turned.Set(i, to, a.At(i, from))
		}
	}
	if len(order) == rows { // nothing is left open
		var x mat.VecDense
		if err := x.SolveVec(turned, mat.NewVecDense(rows, b)); err != nil {
			return 0, false
		}
		return mat.Dot(&x, mat.NewVecDense(rows, objective)), true
	}
	v, _, err := lp.Simplex(objective, turned, b, 1e-9, nil)
	if errors.Is(err, lp.ErrUnbounded) {
		return math.Inf(-1), true
	}
	return v, err == nil
}
