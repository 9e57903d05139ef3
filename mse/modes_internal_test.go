package mse

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// around are draws of a chain that stays at a number.
func around(seed uint64, n int, centre, spread float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0x6d6f6465))
	draws := make([]float64, n)
	for i := range draws {
		draws[i] = math.Round(centre + spread*r.NormFloat64())
	}
	return draws
}

func chainsOf(t *testing.T, draws ...[]float64) []*chain {
	t.Helper()
	o := LCMCROptions{}
	k := table(t, "kosovo")
	if err := o.fill(k); err != nil {
		t.Fatal(err)
	}
	var all []*chain
	for i, d := range draws {
		c := newChain(k, o, uint64(i))
		c.total = d
		for _, v := range d {
			c.p0 = append(c.p0, 1-float64(c.s.n)/v)
			c.mean += v
		}
		all = append(all, c)
	}
	return all
}

// Which chains lie together is told by where each stays: as many modes as there are
// places, in their order, each with its own chains and draws only.
func TestModes_areThePlacesWhereChainsStay(t *testing.T) {
	const n = 400
	joined := slices.Concat(around(1, n/2, 10_000, 100), around(2, n/2, 40_000, 400))
	for name, one := range map[string]struct {
		draws [][]float64
		want  []Mode // with limits that the mode may not pass
	}{
		"one place":   {[][]float64{around(1, n, 10_000, 100), around(2, n, 10_010, 100), around(3, n, 9_990, 100)}, []Mode{{10_000, 9_500, 10_500, 3}}},
		"two places":  {[][]float64{around(1, n, 48_000, 900), around(2, n, 130_000, 3000), around(3, n, 48_500, 900), around(4, n, 131_000, 3000)}, []Mode{{48_250, 44_000, 52_000, 2}, {130_500, 118_000, 143_000, 2}}},
		"one apart":   {[][]float64{around(1, n, 12_000, 300), around(2, n, 12_050, 300), around(3, n, 25_000, 300), around(4, n, 12_010, 300)}, []Mode{{12_020, 10_500, 13_500, 3}, {25_000, 23_500, 26_500, 1}}},
		"three":       {[][]float64{around(1, n, 30_000, 100), around(2, n, 20_000, 100), around(3, n, 10_000, 100)}, []Mode{{10_000, 9_500, 10_500, 1}, {20_000, 19_500, 20_500, 1}, {30_000, 29_500, 30_500, 1}}},
		"one crosses": {[][]float64{around(1, n, 10_000, 100), joined, around(4, n, 40_000, 400)}, []Mode{{10_000, 9_500, 42_000, 2}, {40_000, 38_000, 42_000, 1}}},
	} {
		chains := chainsOf(t, one.draws...)
		got := modes(chains)
		if len(got) != len(one.want) {
			t.Errorf("%s: %v, want %d modes", name, got, len(one.want))
			continue
		}
		for i, m := range got {
			w := one.want[i]
			if m.Chains != w.Chains || m.Lower < w.Lower || m.Upper > w.Upper || m.Lower >= m.Median || m.Median >= m.Upper {
				t.Errorf("%s: mode %d is %+v, want %+v", name, i, m, w)
			}
			if name != "one crosses" && math.Abs(m.Median-w.Median) > 0.01*w.Median {
				t.Errorf("%s: median %.0f, want %.0f", name, m.Median, w.Median)
			}
		}
		o := chains[0].s.o
		e := report(o, chains, diagnose(totals(chains)))
		if apart := name != "one place"; apart != (len(e.Modes) > 0) || apart != (e.Lower == nil) || apart != (e.Upper == nil) || apart != (e.Mean == nil) ||
			apart != (e.Median == nil) || apart != math.IsNaN(e.Estimate) {
			t.Errorf("%s: R-hat %.3f, %d modes, limits %v %v", name, *e.Rhat, len(e.Modes), e.Lower, e.Upper)
		}
		for _, key := range []string{"mcse", "mean", "median", "lower", "upper"} {
			if _, there := e.Detail[key]; there && name != "one place" {
				t.Errorf("%s: the details have %s", name, key)
			}
		}
		if _, err := json.Marshal(e.Detail); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Between 1.01 and 1.05 there is an interval, and it is said that it is not to be relied on.
func TestReport_saysWhereChainsHardlyAgree(t *testing.T) {
	chains := chainsOf(t, around(1, 500, 10_000, 500), around(2, 500, 10_200, 500), around(3, 500, 10_000, 500), around(4, 500, 10_100, 500))
	d := diagnose(totals(chains))
	if d.rhat <= goodRhat || d.rhat > mostRhat {
		t.Fatalf("R-hat %.3f", d.rhat)
	}
	e := report(chains[0].s.o, chains, d)
	if e.Lower == nil || e.Upper == nil || len(e.Modes) > 0 || !slices.ContainsFunc(e.Warnings, func(w Warning) bool { return w.Key == "lcmcr.short" }) {
		t.Errorf("%+v", e)
	}
}
