package mse

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// byHand weighs every graph at every number of unseen people as the method's authors
// write it: the whole table with its unseen cell, the margin of each clique and
// separator by adding up, hyper-Dirichlet, 1/N. It shares nothing with the grid but the
// graphs, whose number is known.
func byHand(t Table, delta float64, most int) (byUnseen []float64, saturated float64) {
	k := len(t.Lists)
	marginal := func(counts []int, set Pattern, n float64) (l float64) {
		margin := map[Pattern]float64{}
		for p := range counts {
			margin[Pattern(p)&set] += float64(counts[p])
		}
		size := 0
		for j := range k {
			size += int(set >> j & 1)
		}
		d := delta * math.Exp2(float64(k-size))
		l = lgamma(delta*math.Exp2(float64(k))) - lgamma(n+delta*math.Exp2(float64(k)))
		for _, v := range margin {
			l += lgamma(v+d) - lgamma(d)
		}
		return l
	}
	counts := t.counts()
	byUnseen = make([]float64, most)
	var logs [][]float64
	top := math.Inf(-1)
	for x := 1; x <= most; x++ {
		counts[0] = x
		n := float64(t.Observed() + x)
		var row []float64
		for _, g := range decomposable(k) {
			l := lgamma(n+1) - lgamma(float64(x+1)) - math.Log(n)
			for _, q := range g.cliques {
				l += marginal(counts, q, n)
			}
			for _, q := range g.separators {
				l -= marginal(counts, q, n)
			}
			row = append(row, l)
			top = max(top, l)
		}
		logs = append(logs, row)
	}
	total := 0.0
	for x, row := range logs {
		for i, l := range row {
			v := math.Exp(l - top)
			byUnseen[x] += v
			total += v
			if g := decomposable(k)[i]; g.saturated(k) {
				saturated += v
			}
		}
	}
	for x := range byUnseen {
		byUnseen[x] /= total
	}
	return byUnseen, saturated / total
}

// The average over graphs is that of the formula written out, on sparse tables at random.
func TestDGA_isTheSumByHand(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for run := range 12 {
		k, most := 3+run%2, 400
		counts := map[Pattern]int{}
		for p := Pattern(1); p < 1<<k; p++ {
			if r.IntN(3) > 0 {
				counts[p] = r.IntN(12)
			}
		}
		table, err := NewTable([]string{"a", "b", "c", "d"}[:k], counts)
		if err != nil {
			t.Fatal(err)
		}
		delta := []float64{0, 0.5, 1}[run%3]
		e, err := DGA(context.Background(), table, DGAOptions{Delta: delta, Most: most})
		if err != nil {
			t.Fatal(err)
		}
		if delta == 0 {
			delta = math.Exp2(-float64(k))
		}
		want, flat := byHand(table, delta, most)
		mean, sum, median := 0.0, 0.0, 0.0
		for x, v := range want {
			n := float64(table.Observed() + x + 1)
			mean += v * n
			if sum += v; sum >= 0.5 && median == 0 {
				median = n
			}
		}
		if math.Abs(*e.Mean-mean) > 1e-6*mean || *e.Median != median || math.Abs(e.Detail["saturated"].(float64)-flat) > 1e-7 {
			t.Errorf("run %d: mean %.8f, median %.0f, saturated %.8f; by hand %.8f, %.0f, %.8f", run, *e.Mean, *e.Median, e.Detail["saturated"], mean, median, flat)
		}
	}
}

// Cells of many numbers say what cells of one do; and where nothing is asked for, the
// grid goes as far as there is weight, however narrow or far away.
func TestDGA_gridFindsTheWeight(t *testing.T) {
	spread := map[Pattern]int{1: 60, 2: 50, 4: 30, 3: 3, 6: 2}
	table, err := NewTable([]string{"a", "b", "c"}, spread)
	if err != nil {
		t.Fatal(err)
	}
	auto, err := DGA(context.Background(), table, DGAOptions{})
	if err != nil {
		t.Fatal(err)
	}
	most := int(auto.Detail["largest_unseen"].(float64))
	unit, err := DGA(context.Background(), table, DGAOptions{Most: min(most, mostGrid)})
	if err != nil {
		t.Fatal(err)
	}
	a, b := auto.Detail["quantiles"].([5]float64), unit.Detail["quantiles"].([5]float64)
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1+1e-3*b[i] {
			t.Errorf("quantile %d: %.0f in wide cells, %.0f in cells of one", i, a[i], b[i])
		}
	}
	narrow := map[Pattern]int{}
	for p := Pattern(1); p < 8; p++ { // ten million people, each list by a third: all that is known is close to it
		narrow[p] = []int{1, 2, 2, 4, 2, 4, 4}[p^7] * 370_370
	}
	if table, err = NewTable([]string{"a", "b", "c"}, narrow); err != nil {
		t.Fatal(err)
	}
	e, err := DGA(context.Background(), table, DGAOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := float64(table.Observed()) + 8*370_370
	if math.Abs(e.Estimate-want) > 0.001*want || *e.Upper-*e.Lower > 0.01*want {
		t.Errorf("%.0f (%.0f to %.0f), want %.0f", e.Estimate, *e.Lower, *e.Upper, want)
	}
}

// Below with the draws averaged is what counting many draws says.
func TestUnseenGiven_isTheAverageOfWhatIsDrawn(t *testing.T) {
	for _, one := range []struct {
		n     int
		limit float64
		p0    []float64
	}{
		{5, 40, []float64{0.3, 0.6, 0.9}}, {400, 8000, []float64{0.2, 0.5, 0.55}}, {60_000, 1e6, []float64{0.3, 0.301}},
	} {
		r := source{stream(4, uint64(one.n))}
		u := newUnseenGiven(one.n, one.limit, one.p0)
		const draws = 40_000
		var list []float64
		for i := range draws {
			s := sampler{r: r, n: one.n, cap: one.limit, p0: one.p0[i%len(one.p0)]}
			list = append(list, s.drawUnseen())
		}
		for _, chance := range []float64{0.025, 0.5, 0.975} {
			at := u.quantile(chance, 1)
			if far := u.quantile(chance, one.limit); far != at {
				t.Errorf("%d: from afar %.0f, from near %.0f", one.n, far, at)
			}
			if u.below(at) < chance || u.below(at-1) >= chance {
				t.Errorf("%d: %.0f is not the smallest that reaches %g", one.n, at, chance)
			}
			count := 0.0
			for _, v := range list {
				if v <= at {
					count++
				}
			}
			if got := count / draws; math.Abs(got-u.below(at)) > 4*math.Sqrt(chance*(1-chance)/draws) {
				t.Errorf("%d: %.4f of draws are at most %.0f, want %.4f", one.n, got, at, u.below(at))
			}
		}
	}
}
