package mse

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/stat/distuv"
)

// stream returns the random numbers of one replicate or chain: a function of seed
// and number, whoever runs it.
func stream(seed, number uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, number^0x9e3779b97f4a7c15))
}

// bootstrap adds the BCa interval (Efron 1987, as in Chan, Silverman and Vincent
// 2021): people are drawn anew from the patterns observed, and each replicate
// chooses its own model.
func (s *selector) bootstrap(ctx context.Context, t Table, o LogLinearOptions, e *Estimate) error {
	n := t.Observed()
	draws := make([]float64, o.Replicates)
	err := each(ctx, o.Replicates, func(i int) error {
		counts := resample(t, stream(o.Seed, uint64(i)))
		u, err := s.unseen(ctx, counts)
		if err == nil {
			draws[i] = float64(n) + u
		} else {
			draws[i] = math.NaN()
		}
		return ctx.Err()
	}, part(o.Progress, chooseShare, 1-chooseShare-accelerateShare))
	if err != nil {
		return err
	}
	a, err := s.acceleration(ctx, t, part(o.Progress, 1-accelerateShare, accelerateShare))
	if err != nil {
		return err
	}
	kept := slices.DeleteFunc(draws, math.IsNaN)
	slices.Sort(kept)
	e.Detail["replicates"] = len(kept)
	if lost := o.Replicates - len(kept); lost*20 > o.Replicates {
		e.warn("loglinear.lost", "in more than one of twenty replicates no model could be fitted: the interval is too short")
	}
	if len(kept) < 20 {
		return ErrNoModel
	}
	lower, upper, bias := bca(kept, e.Estimate, a)
	if math.Abs(bias) > mostBias {
		e.warn("loglinear.skewed", "nearly all replicates lie on one side of the estimate: the limits rest on few of them")
	}
	e.Lower, e.Upper = new(max(float64(n), lower)), new(upper)
	if upper > 100*e.Estimate {
		e.warn("loglinear.unbounded", "the table does not bound the number from above")
	}
	return nil
}

// each runs fn for 0 to n-1 on all cores.
func each(ctx context.Context, n int, fn func(int) error, progress func(float64)) error {
	var next, done atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex // guards first
	var first error
	run, stop := context.WithCancel(ctx)
	defer stop()
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && run.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := fn(i); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
					stop()
				}
				if at := done.Add(1); progress != nil {
					progress(float64(at) / float64(n))
				}
			}
		})
	}
	wg.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return first
}

// resample draws as many people as there are, by their patterns.
func resample(t Table, r *rand.Rand) []int {
	counts := make([]int, 1<<len(t.Lists))
	left, people := t.Observed(), t.Observed()
	for _, c := range t.Cells {
		if left == 0 {
			break
		}
		p := float64(c.Count) / float64(people)
		drawn := left
		if p < 1 {
			drawn = int(distuv.Binomial{N: float64(left), P: p, Src: r}.Rand())
		}
		counts[c.Pattern] = drawn
		left -= drawn
		people -= c.Count
	}
	return counts
}

// acceleration is that of BCa, by taking one person off each cell in turn.
func (s *selector) acceleration(ctx context.Context, t Table, progress func(float64)) (float64, error) {
	counts := t.counts()
	values := make([]float64, len(t.Cells))
	err := each(ctx, len(t.Cells), func(i int) error {
		less := slices.Clone(counts)
		less[t.Cells[i].Pattern]--
		u, err := s.unseen(ctx, less)
		values[i] = u
		if err != nil {
			values[i] = math.NaN()
		}
		return ctx.Err()
	}, progress)
	if err != nil {
		return 0, err
	}
	mean, weight := 0.0, 0.0
	for i, v := range values {
		if !math.IsNaN(v) {
			mean += v * float64(t.Cells[i].Count)
			weight += float64(t.Cells[i].Count)
		}
	}
	mean /= weight
	cube, square := 0.0, 0.0
	for i, v := range values {
		if !math.IsNaN(v) {
			r := mean - v
			cube += float64(t.Cells[i].Count) * r * r * r
			square += float64(t.Cells[i].Count) * r * r
		}
	}
	if square == 0 {
		return 0, nil
	}
	return cube / (6 * math.Pow(square, 1.5)), nil
}

// mostBias is how far from the middle of the replicates, in standard deviations, the
// estimate may lie before it is said: beyond, the correction asks for quantiles that few
// replicates decide.
const mostBias = 1.5

// bca returns the limits of the 95 % interval from sorted draws, and how far from their
// middle the estimate lies.
func bca(draws []float64, estimate, a float64) (lower, upper, bias float64) {
	below := 0.0
	for _, d := range draws {
		switch { // replicates of few people often say the estimate itself
		case d < estimate:
			below++
		case d == estimate:
			below += 0.5
		}
	}
	share := (below + 0.5) / (float64(len(draws)) + 1)
	normal := distuv.UnitNormal
	bias = normal.Quantile(share)
	at := func(z float64) float64 {
		z += bias
		bend := 1 - a*z
		if bend <= 0 { // past the pole the formula turns back: the outermost is meant
			return quantile8(draws, normal.CDF(math.Copysign(math.Inf(1), z)))
		}
		return quantile8(draws, normal.CDF(bias+z/bend))
	}
	return at(-z95), at(z95), bias
}

// quantile8 is the median-unbiased quantile (Hyndman and Fan 1996, type 8) of
// sorted values.
func quantile8(sorted []float64, p float64) float64 {
	n := float64(len(sorted))
	h := (n+1.0/3)*p + 1.0/3
	i := math.Floor(h)
	switch {
	case i < 1:
		return sorted[0]
	case i >= n:
		return sorted[len(sorted)-1]
	}
	return sorted[int(i)-1] + (h-i)*(sorted[int(i)]-sorted[int(i)-1])
}
