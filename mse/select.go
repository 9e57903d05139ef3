package mse

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Criterion says how a log-linear model is chosen.
type Criterion string

// The criteria.
const (
	BIC Criterion = "bic"
	AIC Criterion = "aic"
	// Stepwise adds pairs while they are needed at 2 % (Chan, Silverman and Vincent
	// 2021, SparseMSE).
	Stepwise Criterion = "stepwise"
)

// stepwiseThreshold is the p-value below which a pair is added.
const stepwiseThreshold = 0.02

// scoreOf fits a model, and returns its criterion: infinite where it cannot be fitted.
func (s *selector) scoreOf(counts []int, n int, m model) (fitted, float64) {
	f := fit(counts, designOf(counts, m))
	switch {
	case !f.ok:
		return f, math.Inf(1)
	case s.by == BIC:
		return f, f.bic(n)
	}
	return f, f.aic()
}

func people(counts []int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// choose returns the best of the models by the criterion, or [ErrNoModel] where none
// can be fitted.
func (s *selector) choose(ctx context.Context, counts []int) (f fitted, err error) {
	n, where := people(counts), supportOf(counts)
	value := math.Inf(1)
	for i, m := range s.models {
		if i%64 == 0 && ctx.Err() != nil {
			return f, ctx.Err()
		}
		// Whether the maximum exists is dear to ask, so only of what would win.
		if one, score := s.scoreOf(counts, n, m); score < value && s.found.of(m, where, counts, one.design) == 0 {
			f, value = one, score
		}
	}
	if math.IsInf(value, 1) {
		return f, ErrNoModel
	}
	return f, nil
}

// stepwise starts with main effects and adds the pair that the table asks for most.
func (s *selector) stepwise(ctx context.Context, counts []int) (model, fitted, error) {
	var m model
	where := supportOf(counts)
	d := designOf(counts, m)
	f := fit(counts, d)
	if !f.ok || s.found.of(m, where, counts, d) != 0 {
		return nil, f, ErrNoModel
	}
	for {
		if ctx.Err() != nil {
			return nil, f, ctx.Err()
		}
		grown := false
		for _, set := range f.asked(counts, m) {
			wider := append(slices.Clip(m), set)
			d := designOf(counts, wider)
			if s.found.of(wider, where, counts, d) != 0 {
				continue
			}
			if larger := fit(counts, d); larger.ok {
				m, f, grown = wider, larger, true
				break
			}
		}
		if !grown {
			return m, f, nil
		}
	}
}

// asked returns the pairs that are not in a model and that the table asks for, the one
// it asks for most first.
func (f *fitted) asked(counts []int, m model) (pairs []Pattern) {
	k := bits.Len(uint(len(counts))) - 1
	p := map[Pattern]float64{}
	for i := range k {
		for j := i + 1; j < k; j++ {
			set := Pattern(1<<i | 1<<j)
			if slices.Contains(m, set) {
				continue
			}
			if p[set] = f.surprise(counts, set); p[set] < stepwiseThreshold {
				pairs = append(pairs, set)
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b Pattern) int { return cmp.Compare(p[a], p[b]) })
	return pairs
}

// surprise is the smaller tail of the Poisson distribution at how many are on both
// lists, where the fit expects a number.
func (f *fitted) surprise(counts []int, set Pattern) float64 {
	seen, expected := 0, 0.0
	for i, c := range f.cells {
		if has(c, set) {
			seen += counts[c]
			expected += f.mu[i]
		}
	}
	if expected <= 0 {
		return 1
	}
	p := distuv.Poisson{Lambda: expected}
	low := p.CDF(float64(seen))
	high := 1.0
	if seen > 0 {
		high = 1 - p.CDF(float64(seen-1))
	}
	return min(low, high)
}
