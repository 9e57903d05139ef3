package capture_test

import (
	"math"
	"slices"
	"testing"

	"amana/internal/capture"
	"amana/mse"
)

// Five entries on three lists: 0 and 1 are one by decision, 2 and 3 may be, 4 is apart
// from 3.
func sample() capture.Linkage {
	return capture.Linkage{
		Lists: []string{"a", "b", "c"}, Entries: []mse.Pattern{1, 2, 1, 4, 2},
		Same: []capture.Pair{{A: 0, B: 1}}, Apart: []capture.Pair{{A: 3, B: 4}},
		Unsure: []capture.Link{link(2, 3, 0.5), link(2, 4, 0.5)},
	}
}

func link(a, b int, chance float64) capture.Link {
	return capture.Link{Pair: capture.Pair{A: a, B: b}, Chance: chance}
}

func cells(t *testing.T, table mse.Table, err error) []mse.Cell {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return table.Cells
}

func TestTable_followsDecisions(t *testing.T) {
	l := sample()
	for name, one := range map[string]struct {
		all  bool
		want []mse.Cell
	}{
		"only what was decided":                  {false, []mse.Cell{{Pattern: 1, Count: 1}, {Pattern: 2, Count: 1}, {Pattern: 3, Count: 1}, {Pattern: 4, Count: 1}}},
		"a chain never joins what is held apart": {true, []mse.Cell{{Pattern: 2, Count: 1}, {Pattern: 3, Count: 1}, {Pattern: 5, Count: 1}}},
	} {
		table, err := l.Table(one.all)
		if got := cells(t, table, err); !slices.Equal(got, one.want) {
			t.Errorf("%s: %v, want %v", name, got, one.want)
		}
	}
	l.Apart = append(l.Apart, capture.Pair{A: 1, B: 0})
	if l.Contradicted() != 1 {
		t.Errorf("%d contradictions, want 1", l.Contradicted())
	}
	table, err := l.Table(false)
	if got := cells(t, table, err); !slices.Contains(got, mse.Cell{Pattern: 3, Count: 1}) {
		t.Errorf("the word that joins does not hold: %v", got)
	}
}

func TestDraw_followsFromSeedAndNumber(t *testing.T) {
	l := capture.Linkage{Lists: []string{"a", "b", "c"}}
	for i := range 200 {
		l.Entries = append(l.Entries, 1, 2)
		l.Unsure = append(l.Unsure, link(2*i, 2*i+1, 0.25))
	}
	draw := func(seed, number uint64) []mse.Cell {
		table, err := l.Draw(seed, number)
		return cells(t, table, err)
	}
	if !slices.Equal(draw(1, 0), draw(1, 0)) || slices.Equal(draw(1, 0), draw(1, 1)) && slices.Equal(draw(1, 0), draw(2, 0)) {
		t.Error("a draw is not that of its seed and number")
	}
	joined := 0
	for n := range uint64(10) {
		for _, c := range draw(7, n) {
			if c.Pattern == 3 {
				joined += c.Count
			}
		}
	}
	if joined < 430 || joined > 570 { // of 2,000 with a chance of a quarter
		t.Errorf("%d of 2000 are joined, want about 500", joined)
	}
}

// Links are drawn jointly: if a is b and b is c, a is c, and each division comes as often
// as its weight says. With all three pairs even, each of the five ways is as likely.
func TestDraw_isWhole(t *testing.T) {
	for name, one := range map[string]struct {
		unsure []capture.Link
		apart  []capture.Pair
		want   map[int]float64 // by how many are left of three
	}{
		"three pairs, even":     {[]capture.Link{link(0, 1, 0.5), link(1, 2, 0.5), link(0, 2, 0.5)}, nil, map[int]float64{1: 1. / 5, 2: 3. / 5, 3: 1. / 5}},
		"a chain of two, even":  {[]capture.Link{link(0, 1, 0.5), link(1, 2, 0.5)}, nil, map[int]float64{1: 1. / 59, 2: 39. / 59, 3: 19. / 59}}, // the ends: odds of 1/19
		"the ends held apart":   {[]capture.Link{link(0, 1, 0.5), link(1, 2, 0.5)}, []capture.Pair{{A: 0, B: 2}}, map[int]float64{1: 0, 2: 2. / 3, 3: 1. / 3}},
		"one sure, one is not":  {[]capture.Link{link(0, 1, 0.9)}, nil, map[int]float64{1: 0, 2: 0.9, 3: 0.1}},
		"the stronger of a two": {[]capture.Link{link(0, 1, 0.2), link(1, 0, 0.8)}, nil, map[int]float64{1: 0, 2: 0.8, 3: 0.2}},
	} {
		l := capture.Linkage{Lists: []string{"a", "b", "c"}, Entries: []mse.Pattern{1, 1, 1}, Unsure: one.unsure, Apart: one.apart}
		got := map[int]float64{}
		const draws = 2500
		for n := range uint64(draws) {
			table, err := l.Draw(3, n)
			got[cells(t, table, err)[0].Count] += 1. / draws
		}
		for left, want := range one.want {
			if math.Abs(got[left]-want) > 4*math.Sqrt(want*(1-want)/draws)+1e-9 {
				t.Errorf("%s: %d are left in %.3f of draws, want %.3f", name, left, got[left], want)
			}
		}
	}
}

// Where too many hang together to weigh all ways, dividing again and again says the same:
// seven in a ring by weighing, the same ring in a larger whole by dividing.
func TestDraw_manyThatHangTogether(t *testing.T) {
	joined := func(entries int, unsure []capture.Link) float64 {
		l := capture.Linkage{Lists: []string{"a", "b", "c"}, Unsure: unsure}
		for range entries {
			l.Entries = append(l.Entries, 1)
		}
		sum := 0.0
		const draws = 200
		for n := range uint64(draws) {
			table, err := l.Draw(5, n)
			sum += float64(entries-cells(t, table, err)[0].Count) / draws
		}
		return sum
	}
	var ring []capture.Link
	for i := range 7 {
		ring = append(ring, link(i, (i+1)%7, 0.4))
	}
	whole := joined(7, ring)
	divided := joined(8, append(slices.Clone(ring), link(6, 7, 0))) // one more that is never with them
	if math.Abs(whole-divided) > 0.35 {
		t.Errorf("%.3f are joined by weighing, %.3f by dividing", whole, divided)
	}
}

func TestMost_keepsTheLargestLists(t *testing.T) {
	l := capture.Linkage{Lists: []string{"small", "large", "middle"}, Entries: []mse.Pattern{2, 2, 6, 4, 3, 2}}
	kept, left := l.Most(2)
	if !slices.Equal(kept.Lists, []string{"large", "middle"}) || !slices.Equal(left, []string{"small"}) {
		t.Fatalf("kept %v, left %v", kept.Lists, left)
	}
	if want := []mse.Pattern{1, 1, 3, 2, 1, 1}; !slices.Equal(kept.Entries, want) {
		t.Errorf("entries %v, want %v", kept.Entries, want)
	}
}
