package mse

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// diagnosis says whether chains agree and how much they know (Vehtari, Gelman,
// Simpson, Carpenter and Bürkner 2021).
type diagnosis struct {
	rhat float64 // rank-normalised split R-hat, the larger of bulk and folded
	ess  float64 // of the bulk
	tail float64 // the smaller of those of the 5 and 95 % quantiles
}

func diagnose(chains [][]float64) diagnosis {
	halves := split(chains)
	bulk := rankNormal(halves)
	folded := rankNormal(fold(halves))
	d := diagnosis{rhat: max(rhat(bulk), rhat(folded)), ess: ess(bulk)}
	all := slices.Sorted(values(halves))
	low, high := quantile(all, 0.05), quantile(all, 0.95)
	d.tail = min(ess(below(halves, low)), ess(below(halves, high)))
	return d
}

func values(chains [][]float64) func(func(float64) bool) {
	return func(yield func(float64) bool) {
		for _, c := range chains {
			for _, v := range c {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// split takes each chain as two, so that one that drifts does not agree with itself.
func split(chains [][]float64) (halves [][]float64) {
	for _, c := range chains {
		h := len(c) / 2
		halves = append(halves, c[:h], c[len(c)-h:])
	}
	return halves
}

// fold takes distances from the median: chains may agree in the middle only.
func fold(chains [][]float64) [][]float64 {
	median := quantile(slices.Sorted(values(chains)), 0.5)
	out := make([][]float64, len(chains))
	for i, c := range chains {
		for _, v := range c {
			out[i] = append(out[i], math.Abs(v-median))
		}
	}
	return out
}

func below(chains [][]float64, limit float64) [][]float64 {
	out := make([][]float64, len(chains))
	for i, c := range chains {
		for _, v := range c {
			is := 0.0
			if v <= limit {
				is = 1
			}
			out[i] = append(out[i], is)
		}
	}
	return out
}

// rankNormal replaces values by the normal quantiles of their ranks, ties by the
// mean rank.
func rankNormal(chains [][]float64) [][]float64 {
	type place struct {
		v    float64
		i, k int
	}
	var all []place
	out := make([][]float64, len(chains))
	for i, c := range chains {
		out[i] = make([]float64, len(c))
		for k, v := range c {
			all = append(all, place{v, i, k})
		}
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Compare(a.v, b.v) })
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].v == all[from].v {
			to++
		}
		rank := float64(from+to+1) / 2
		z := distuv.UnitNormal.Quantile((rank - 0.375) / (float64(len(all)) + 0.25))
		for _, p := range all[from:to] {
			out[p.i][p.k] = z
		}
		from = to
	}
	return out
}

// moments of each chain.
func moments(c []float64) (mean, variance float64) {
	for _, v := range c {
		mean += v
	}
	mean /= float64(len(c))
	for _, v := range c {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(c)-1)
}

// spread is the variance within chains, and that of all by what lies between them.
func spread(chains [][]float64) (within, total float64) {
	n, m := float64(len(chains[0])), float64(len(chains))
	means := make([]float64, len(chains))
	for i, c := range chains {
		var v float64
		means[i], v = moments(c)
		within += v / m
	}
	_, between := moments(means)
	return within, (n-1)/n*within + between
}

func rhat(chains [][]float64) float64 {
	within, total := spread(chains)
	if within == 0 {
		if total == 0 {
			return 1
		}
		return math.Inf(1)
	}
	return math.Sqrt(total / within)
}

// ess is the number of independent draws that would say as much: Geyer's initial
// monotone sequence over all chains.
func ess(chains [][]float64) float64 {
	n := len(chains[0])
	draws := float64(n * len(chains))
	within, total := spread(chains)
	if total == 0 {
		return draws
	}
	lagged := autocovariances(chains)
	rho := func(t int) float64 { return 1 - (within-lagged(t))/total }
	sum, before := 0.0, math.Inf(1)
	for t := 0; t+1 < n; t += 2 {
		even := rho(t)
		if t == 0 {
			even = 1
		}
		pair := even + rho(t+1)
		if pair < 0 {
			break
		}
		pair = min(pair, before)
		before = pair
		sum += pair
	}
	tau := max(2*sum-1, 1/math.Log10(draws))
	return draws / tau
}

// autocovariances returns the mean autocovariance of the chains at a lag; few lags
// are asked for.
func autocovariances(chains [][]float64) func(lag int) float64 {
	means := make([]float64, len(chains))
	for i, c := range chains {
		means[i], _ = moments(c)
	}
	return func(lag int) (mean float64) {
		for i, c := range chains {
			sum := 0.0
			for k := lag; k < len(c); k++ {
				sum += (c[k] - means[i]) * (c[k-lag] - means[i])
			}
			mean += sum / float64(len(c)-1) / float64(len(chains))
		}
		return mean
	}
}
