package mse

import (
	"context"
	"math"
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

// choose returns the best of the models by the criterion, or [ErrNoModel] where none
// can be fitted. scores, if not nil, receives each model's criterion.
func (s *selector) choose(ctx context.Context, counts []int, scores []float64) (best int, f fitted, err error) {
	n := 0
	for _, c := range counts {
		n += c
	}
	best = -1
	where := supportOf(counts)
	value := math.Inf(1)
	for i, m := range s.models {
		if i%64 == 0 && ctx.Err() != nil {
			return -1, f, ctx.Err()
		}
		if scores != nil && s.progress != nil && i%64 == 0 {
			s.progress(float64(i) / float64(len(s.models)))
		}
		score := math.Inf(1)
		d := designOf(counts, m)
		if one := fit(counts, d); one.ok {
			score = one.aic()
			if s.by == BIC {
				score = one.bic(n)
			}
			// Whether the maximum exists is dear to ask, so only of what would win.
			if score < value || scores != nil {
				if s.found.of(m, where, counts, d) != 0 {
					score = math.Inf(1)
				}
			}
			if score < value {
				best, f, value = i, one, score
			}
		}
		if scores != nil {
			scores[i] = score
		}
	}
	if best < 0 {
		return best, f, ErrNoModel
	}
	return best, f, nil
}

// stepwise starts with main effects and adds the pair that the table asks for most.
func (s *selector) stepwise(ctx context.Context, counts []int) (model, fitted, error) {
	var m model
	k, where := s.lists, supportOf(counts)
	d := designOf(counts, m)
	f := fit(counts, d)
	if !f.ok || s.found.of(m, where, counts, d) != 0 {
		return nil, f, ErrNoModel
	}
	for {
		var pair Pattern
		least, next := stepwiseThreshold, fitted{}
		for i := range k {
			for j := i + 1; j < k; j++ {
				set := Pattern(1<<i | 1<<j)
				p := f.surprise(counts, set)
				if p >= least || slices.Contains(m, set) {
					continue
				}
				if ctx.Err() != nil {
					return nil, f, ctx.Err()
				}
				wider := append(slices.Clip(m), set)
				d := designOf(counts, wider)
				if s.found.of(wider, where, counts, d) != 0 {
					continue
				}
				if larger := fit(counts, d); larger.ok {
					pair, least, next = set, p, larger
				}
			}
		}
		if pair == 0 {
			return m, f, nil
		}
		m, f = append(m, pair), next
	}
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
