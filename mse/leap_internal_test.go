package mse

import (
	"math"
	"testing"
)

func small3(t testing.TB) Table {
	t.Helper()
	table, err := NewTable([]string{"a", "b", "c"}, map[Pattern]int{1: 20, 2: 15, 4: 12, 3: 6, 5: 5, 6: 3, 7: 2})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func samplerOf(t testing.TB, o LCMCROptions, seed uint64) *sampler {
	t.Helper()
	table := small3(t)
	if err := o.fill(table); err != nil {
		t.Fatal(err)
	}
	s := newSampler(table, o, source{stream(seed, 0)})
	s.begin()
	return s
}

// The slope that moves follow is that of the density that judges them.
func TestLeap_slope(t *testing.T) {
	for seed := range uint64(20) {
		s := samplerOf(t, LCMCROptions{Classes: 4, ListA: 1.5, ListB: 2.5, MostUnseen: 1e6}, seed)
		l := newLeaper(s)
		l.read()
		l.evaluate()
		slope := append([]float64(nil), l.slope...)
		const h = 1e-5
		for i := range l.pos {
			at := l.pos[i]
			l.pos[i] = at + h
			l.evaluate()
			up := l.density()
			l.pos[i] = at - h
			l.evaluate()
			down := l.density()
			l.pos[i] = at
			if want := (up - down) / (2 * h); math.Abs(slope[i]-want) > 1e-4*(1+math.Abs(want)) {
				t.Fatalf("seed %d, coordinate %d: slope %.6f, want %.6f", seed, i, slope[i], want)
			}
		}
	}
}

// Moves change how fast the chain goes, not where: with a cap that cuts deep, sweeps
// alone and sweeps with moves say the same of the unseen.
func TestLeap_keepsToTheTarget(t *testing.T) {
	run := func(moves int) (mean, high, spread float64) {
		s := samplerOf(t, LCMCROptions{Classes: 3, MostUnseen: 1}, 7)
		c := &chain{s: s, l: newLeaper(s), moves: moves}
		c.warmUp(800, func() bool { return false })
		const n = 20_000
		var draws []float64
		for range n / max(1, moves) {
			for range 2 * max(1, 2-moves) {
				s.sweep()
			}
			for range moves {
				c.l.move()
			}
			u := s.drawUnseen()
			draws = append(draws, u)
			mean += u
			if u > 0.75*s.cap {
				high++
			}
		}
		d := diagnose([][]float64{draws})
		_, variance := moments(draws)
		return mean / float64(len(draws)), high / float64(len(draws)), math.Sqrt(variance / d.ess)
	}
	plain, high, e := run(0)
	moved, highMoved, f := run(2)
	t.Logf("plain %.2f (%.2f), moved %.2f (%.2f); near the cap %.3f and %.3f", plain, e, moved, f, high, highMoved)
	if high == 0 {
		t.Fatal("the cap does not cut: nothing is tested")
	}
	if tell := 4 * math.Hypot(e, f); math.Abs(plain-moved) > tell || math.Abs(high-highMoved) > 0.05 {
		t.Errorf("mean unseen %.2f without moves, %.2f with; near the cap %.3f and %.3f", plain, moved, high, highMoved)
	}
}

// The work of the default is bounded, whatever the number of patterns.
func TestLCMCR_defaultWorkIsBounded(t *testing.T) {
	for patterns, want := range map[int]int{7: 20, 60: 20, 240: 5, 5000: 2} {
		var o LCMCROptions
		if err := o.fill(Table{Lists: make([]string, 13), Cells: make([]Cell, patterns)}); err != nil || o.Rounds != want {
			t.Errorf("%d patterns: %d rounds, want %d (%v)", patterns, o.Rounds, want, err)
		}
	}
}
