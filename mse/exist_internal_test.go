package mse

import (
	"math"
	"os"
	"testing"
)

func table(t testing.TB, name string) Table {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// The eight models of pairs on Artificial_3: codes and estimates of SparseMSE.
func TestFaults_artificial(t *testing.T) {
	const ab, ac, bc = 3, 5, 6
	counts := table(t, "sparsemse_artificial_3").counts()
	for _, one := range []struct {
		m    model
		code int
		n    float64
	}{
		{model{}, 0, 539.094},
		{model{ab}, 1, 0},
		{model{ac}, 0, 396},
		{model{ab, ac}, 1, 0},
		{model{bc}, 0, 429.333},
		{model{ab, bc}, 1, 0},
		{model{ac, bc}, 0, 296},
		{model{ab, ac, bc}, 2, 0},
	} {
		d := designOf(counts, one.m)
		if got := faults(counts, d); got != one.code {
			t.Errorf("%s: code %d, want %d", one.m.name([]string{"A", "B", "C"}), got, one.code)
			continue
		}
		if one.code == 0 {
			f := fit(counts, d)
			n := float64(table(t, "sparsemse_artificial_3").Observed()) + f.unseen()
			if math.Abs(n-one.n) > 0.001 {
				t.Errorf("%s: %.3f, want %.3f", one.m.name([]string{"A", "B", "C"}), n, one.n)
			}
		}
	}
}

func TestHierarchical_counts(t *testing.T) {
	for k, want := range map[int]int{3: 8, 4: 113, 5: 6893} {
		if got := len(hierarchical(k)); got != want {
			t.Errorf("%d lists: %d models, want %d", k, got, want)
		}
	}
}

// Main effects alone on Kosovo: what two R packages agree on.
func TestFit_independence(t *testing.T) {
	k := table(t, "kosovo")
	f := fit(k.counts(), designOf(k.counts(), model{}))
	n := float64(k.Observed()) + f.unseen()
	se := math.Sqrt(f.unseen() + f.unseen()*f.unseen()*f.variance)
	if !f.ok || math.Abs(n-7394.6) > 0.05 || math.Abs(se-129.6) > 0.05 {
		t.Errorf("%.2f (%.2f), want 7394.6 (129.6)", n, se)
	}
	half := z95 * math.Sqrt(f.variance)
	low, high := 4400+f.unseen()*math.Exp(-half), 4400+f.unseen()*math.Exp(half)
	if math.Abs(low-7173) > 0.5 || math.Abs(high-7634) > 0.5 {
		t.Errorf("interval %.1f to %.1f, want 7173 to 7634", low, high)
	}
}
