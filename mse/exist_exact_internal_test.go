package mse

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// exactFace decides over the rationals, by another way than hasMaximum, whether the
// maximum exists: it does unless some direction c has (Ac) = 0 wherever anybody is
// and (Ac) >= 0, not all 0, elsewhere (Fienberg and Rinaldo 2012). It maximises the
// sum of Ac, each at most 1, by Bland's rule.
func exactFace(counts []int, d design) bool {
	var rows [][]int64
	var limits []int64
	goal := make([]int64, len(d.terms))
	for _, cell := range d.cells {
		up, down := make([]int64, len(d.terms)), make([]int64, len(d.terms))
		for k, term := range d.terms {
			if has(cell, term) {
				up[k], down[k] = 1, -1
			}
		}
		rows = append(rows, up, down)
		if counts[cell] > 0 {
			limits = append(limits, 0, 0)
			continue
		}
		limits = append(limits, 1, 0)
		for k := range goal {
			goal[k] += up[k]
		}
	}
	return maximum(rows, limits, goal).Sign() == 0
}

// maximum of goal*z where rows*z <= limits, limits >= 0 and z is free.
func maximum(rows [][]int64, limits, goal []int64) *big.Rat {
	m, n := len(rows), 2*len(goal)
	width := n + m + 1
	t := make([][]*big.Rat, m+1)
	for i := range t {
		t[i] = make([]*big.Rat, width)
		for j := range t[i] {
			t[i][j] = new(big.Rat)
		}
		for k := range goal {
			v := goal[k]
			if i < m {
				v = rows[i][k]
			} else {
				v = -v
			}
			t[i][2*k].SetInt64(v)
			t[i][2*k+1].SetInt64(-v)
		}
		if i < m {
			t[i][n+i].SetInt64(1)
			t[i][width-1].SetInt64(limits[i])
		}
	}
	basis := make([]int, m)
	for i := range basis {
		basis[i] = n + i
	}
	for {
		enter := -1
		for j := range width - 1 {
			if t[m][j].Sign() < 0 {
				enter = j
				break
			}
		}
		if enter < 0 {
			return t[m][width-1]
		}
		leave := -1
		var least *big.Rat
		for i := range m {
			if t[i][enter].Sign() <= 0 {
				continue
			}
			ratio := new(big.Rat).Quo(t[i][width-1], t[i][enter])
			if leave < 0 || ratio.Cmp(least) < 0 || ratio.Cmp(least) == 0 && basis[i] < basis[leave] {
				leave, least = i, ratio
			}
		}
		pivot(t, leave, enter)
		basis[leave] = enter
	}
}

func pivot(t [][]*big.Rat, row, column int) {
	by := new(big.Rat).Inv(t[row][column])
	for j := range t[row] {
		t[row][j].Mul(t[row][j], by)
	}
	for i := range t {
		if i == row || t[i][column].Sign() == 0 {
			continue
		}
		f := new(big.Rat).Set(t[i][column])
		for j := range t[i] {
			if t[row][j].Sign() != 0 {
				t[i][j].Sub(t[i][j], new(big.Rat).Mul(f, t[row][j]))
			}
		}
	}
}

// What floating point says of the existence of a maximum is what exact arithmetic says,
// on sparse tables at random, with counts from one to a hundred million.
func TestFaults_agreeWithExactArithmetic(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	seen := map[bool]int{}
	for run := range 240 {
		k := 3 + run%2
		models := hierarchical(k)
		counts := make([]int, 1<<k)
		share := r.Float64()
		for p := 1; p < len(counts); p++ {
			if r.Float64() < share {
				counts[p] = 1 + r.IntN([]int{3, 1000, 20_000_000}[run%3])
			}
		}
		m := models[r.IntN(len(models))]
		d := designOf(counts, m)
		if len(d.cells) == 0 {
			continue
		}
		want := exactFace(counts, d)
		seen[want]++
		if got := faults(counts, d)&noMaximum == 0; got != want {
			t.Fatalf("run %d: counts %v, model %v: a maximum %v, by exact arithmetic %v", run, counts, m, got, want)
		}
	}
	if seen[true] < 50 || seen[false] < 50 {
		t.Errorf("too few of one kind to tell: %v", seen)
	}
}
