package capture_test

import (
	"slices"
	"testing"

	"amana/internal/capture"
	"amana/mse"
)

// Five events on three lists: 0 and 1 are one by decision, 2 and 3 may be, 4 is apart
// from 3.
func sample() capture.Linkage {
	return capture.Linkage{
		Lists: []string{"a", "b", "c"}, Events: []mse.Pattern{1, 2, 1, 4, 2},
		Same: []capture.Pair{{A: 0, B: 1}}, Apart: []capture.Pair{{A: 3, B: 4}},
		Unsure: []capture.Pair{{A: 2, B: 3}, {A: 2, B: 4}},
	}
}

func cells(t *testing.T, l capture.Linkage, join []bool) []mse.Cell {
	t.Helper()
	table, err := l.Table(join)
	if err != nil {
		t.Fatal(err)
	}
	return table.Cells
}

func TestTable_followsDecisions(t *testing.T) {
	l := sample()
	for name, one := range map[string]struct {
		join []bool
		want []mse.Cell
	}{
		"only what was decided":                  {nil, []mse.Cell{{Pattern: 1, Count: 1}, {Pattern: 2, Count: 1}, {Pattern: 3, Count: 1}, {Pattern: 4, Count: 1}}},
		"one more":                               {[]bool{true, false}, []mse.Cell{{Pattern: 2, Count: 1}, {Pattern: 3, Count: 1}, {Pattern: 5, Count: 1}}},
		"a chain never joins what is held apart": {l.All(), []mse.Cell{{Pattern: 2, Count: 1}, {Pattern: 3, Count: 1}, {Pattern: 5, Count: 1}}},
	} {
		if got := cells(t, l, one.join); !slices.Equal(got, one.want) {
			t.Errorf("%s: %v, want %v", name, got, one.want)
		}
	}
}

func TestRedraw_followsFromSeedAndNumber(t *testing.T) {
	l := capture.Linkage{Unsure: make([]capture.Pair, 400)}
	a, b := l.Redraw(1, 0), l.Redraw(1, 0)
	if !slices.Equal(a, b) || slices.Equal(a, l.Redraw(1, 1)) || slices.Equal(a, l.Redraw(2, 0)) {
		t.Error("a draw is not that of its seed and number")
	}
	n := 0
	for _, is := range a {
		if is {
			n++
		}
	}
	if n < 150 || n > 250 {
		t.Errorf("%d of 400 are joined", n)
	}
}

func TestMost_keepsTheLargestLists(t *testing.T) {
	l := capture.Linkage{Lists: []string{"small", "large", "middle"}, Events: []mse.Pattern{2, 2, 6, 4, 3, 2}}
	kept, left := l.Most(2)
	if !slices.Equal(kept.Lists, []string{"large", "middle"}) || !slices.Equal(left, []string{"small"}) {
		t.Fatalf("kept %v, left %v", kept.Lists, left)
	}
	if want := []mse.Pattern{1, 1, 3, 2, 1, 1}; !slices.Equal(kept.Events, want) {
		t.Errorf("events %v, want %v", kept.Events, want)
	}
}
