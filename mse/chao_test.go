package mse_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"amana/mse"
)

// read returns a data set of testdata; their sources are in testdata/README.md.
func read(t testing.TB, name string) mse.Table {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := mse.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func near(t testing.TB, what string, got, want, within float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > within {
		t.Errorf("%s is %.4f, want %.4f within %g", what, got, want, within)
	}
}

func TestChao_references(t *testing.T) {
	e := mse.Chao(read(t, "kosovo"))
	near(t, "estimate", e.Estimate, 10270.5, 0.05)
	near(t, "se", e.Detail["se"].(float64), 296.3, 0.05)
	near(t, "lower", *e.Lower, 9718, 0.5)
	near(t, "upper", *e.Upper, 10881, 0.6)
}

// Animals and cars that were seen on several days, whose true number was known: by how
// many were seen how often, which is all that the floor looks at.
func TestChao_published(t *testing.T) {
	for _, one := range []struct {
		what  string
		seen  []int // once, twice …
		total int
		want  float64
	}{
		// Edwards and Eberhardt, J. Wildl. Manage. 31 (1967): 135 cottontails in a pen;
		// Chao, Biometrics 43 (1987) has 134.
		{"cottontails", []int{43, 16, 8, 6, 0, 2, 1}, 76, 133.8},
		// Carothers, J. Anim. Ecol. 42 (1973), scheme A: 420 taxis of Edinburgh.
		{"taxis", []int{142, 81, 49, 7, 3, 1}, 283, 407.5},
	} {
		counts := map[mse.Pattern]int{}
		for i, n := range one.seen {
			counts[1<<(i+1)-1] = n
		}
		table := tableOf(t, len(one.seen), counts)
		if table.Observed() != one.total {
			t.Fatalf("%s: %d seen, want %d", one.what, table.Observed(), one.total)
		}
		near(t, one.what, mse.Chao(table).Estimate, one.want, 0.05)
	}
}

func TestSampleCoverage_references(t *testing.T) {
	for _, one := range []struct {
		data             string
		d, c             float64
		indep, low, high float64
		tolerance        float64
	}{
		{"kosovo", 0, 0, 7633.5, 9102.6, 15045.9, 0.06},
		{"care1_hav", 208.667, 0.5127, 407.004, 507.772, 970.805, 0.001},
		{"care1_diabetes", 0, 0.8035, 2271.689, 2457.969, 2609.030, 0.001},
	} {
		c := mse.SampleCoverage(read(t, one.data))
		if one.d != 0 {
			near(t, one.data+" D", c.D, one.d, 0.001)
		}
		if one.c != 0 {
			near(t, one.data+" C", c.Coverage, one.c, 0.0001)
		}
		near(t, one.data+" independent", c.Independent, one.indep, one.tolerance)
		near(t, one.data+" low", c.Low, one.low, one.tolerance)
		near(t, one.data+" high", c.High, one.high, one.tolerance)
	}
}
