package mse

import "math"

// z95 is the normal quantile of a 95 % interval.
const z95 = 1.959963984540054

// Chao returns Chao's lower bound (Chao 1987) from how many people are on one list
// and on two, with the log-normal interval of the same paper; where nobody is on
// two, its bias-corrected form. Heterogeneity only raises the truth above it;
// lists that avoid each other may push it too high.
func Chao(t Table) Estimate {
	n, f := float64(t.Observed()), t.onExactly()
	f1, f2 := float64(f[1]), 0.0
	if len(f) > 2 {
		f2 = float64(f[2])
	}
	e := Estimate{
		Model: "chao", Level: 0.95,
		Assumption: "a floor where no list makes another less likely and people differ; with few lists and people who are alike it is too high",
	}
	var f0, variance float64
	if f2 > 0 {
		r := f1 / f2
		f0 = f1 * f1 / (2 * f2)
		variance = f2 * (r*r/2 + r*r*r + r*r*r*r/4)
	} else {
		f0 = f1 * (f1 - 1) / 2
		variance = f1*(f1-1)/2 + f1*(2*f1-1)*(2*f1-1)/4
		if est := n + f0; est > 0 {
			variance -= f1 * f1 * f1 * f1 / (4 * est)
		}
		e.warn("chao.corrected", "nobody is on exactly two lists: the bias-corrected form was used")
	}
	e.Estimate = n + f0
	if lower, upper, ok := logNormal(n, f0, variance); ok {
		e.Lower, e.Upper = &lower, &upper
	} else {
		e.warn("chao.bare", "hardly anybody is on one list only: the floor is those on the lists, and has no interval")
	}
	lists := float64(len(t.Lists))
	e.Detail = map[string]any{
		"on_one": f[1], "on_two": f2, "se": math.Sqrt(max(0, variance)),
		"few_lists": n + f0*(lists-1)/lists, // of the version for a number of lists that is known
	}
	return e
}

// logNormal is the interval of Chao 1987 around n + f0; there is none where f0 is 0.
func logNormal(n, f0, variance float64) (lower, upper float64, ok bool) {
	if !(f0 > 0 && variance > 0) {
		return n, n, false
	}
	c := math.Exp(z95 * math.Sqrt(math.Log1p(variance/(f0*f0))))
	return n + f0/c, n + f0*c, !math.IsInf(c, 0)
}

// Coverage is the three estimators of Chao and Tsay (1998) by sample coverage.
type Coverage struct {
	Coverage    float64 // the share of people known that a new list would find
	D           float64
	Independent float64
	Low, High   float64 // for low and for high sample coverage
	Suggested   string  // independent, low or high: high only where coverage bears it
}

// enoughCoverage is where the high-coverage form may be used (Chao and Tsay 1998).
const enoughCoverage = 0.55

// SampleCoverage computes the estimators by sample coverage for three lists and
// more.
func SampleCoverage(t Table) Coverage {
	k := len(t.Lists)
	lists := float64(k)
	counts := t.counts()
	m := float64(t.Observed())
	var alone, share float64
	size, single := make([]float64, k), make([]float64, k)
	for j := range k {
		size[j], single[j] = float64(t.Size(j)), float64(counts[1<<j])
		alone += single[j]
		if size[j] > 0 {
			share += single[j] / size[j]
		}
	}
	c := Coverage{D: m - alone/lists, Coverage: 1 - share/lists}
	if c.Coverage <= 0 {
		return c
	}
	base := c.D / c.Coverage
	type pair struct{ a, b, i, j float64 }
	var pairs []pair
	for i := range k {
		for j := range i {
			if size[i] == 0 || size[j] == 0 {
				continue
			}
			pairs = append(pairs, pair{
				a: single[i] + single[j] + 2*float64(counts[1<<i|1<<j]), b: float64(t.shared(1<<i | 1<<j)), i: size[i], j: size[j],
			})
		}
	}
	sumA, sumAB, spread := 0.0, 0.0, 0.0
	for _, p := range pairs {
		sumA += p.a
		sumAB += p.a * p.b / (p.i * p.j)
		spread += p.a * (base*p.b/(p.i*p.j) - 1)
	}
	first := base + spread/(lists*c.Coverage)
	low := 0.0
	for _, p := range pairs {
		low += p.a * (p.b/(p.i*p.j)*first - 1)
	}
	c.Independent = base
	c.Low = base + low/(lists*c.Coverage)
	if d := lists*c.Coverage - sumAB; d > 0 {
		c.High = max(m, (lists*c.D-sumA)/d)
	} else {
		c.High = math.Inf(1)
	}
	c.Suggested = "low"
	if c.Coverage >= enoughCoverage {
		c.Suggested = "high"
	}
	return c
}
