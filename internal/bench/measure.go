package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// median returns the middle of the values, which it sorts.
func median(values []float64) float64 { return percentile(values, 50) }

// percentile returns the value that so many of a hundred do not exceed (nearest
// rank). It sorts the values.
func percentile(values []float64, p int) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	rank := (p*len(values) + 99) / 100
	return values[max(rank, 1)-1]
}

// clock measures time that passed.
type clock func() time.Time

// seconds returns how long fn took.
func (c clock) seconds(fn func() error) (float64, error) {
	start := c()
	err := fn()
	return c().Sub(start).Seconds(), err
}

// load is something that is measured over and over: do does it and returns how
// many times; after, if not nil, finishes what do left to be done later, and is
// not measured.
type load struct {
	do    func(ctx context.Context) (n int, err error)
	after func(ctx context.Context) error
}

// alternate runs loads in turns of a slice of time each, so that what the machine
// does besides falls on all of them, and returns the median rate of each in times
// a second. The first round warms up and does not count.
func (c clock) alternate(ctx context.Context, rounds int, slice time.Duration, loads ...load) ([]float64, error) {
	rates := make([][]float64, len(loads))
	for round := range rounds + 1 {
		for i, l := range loads {
			rate, err := c.rate(ctx, slice, l)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				rates[i] = append(rates[i], rate)
			}
		}
	}
	out := make([]float64, len(loads))
	for i, r := range rates {
		out[i] = median(r)
	}
	return out, nil
}

func (c clock) rate(ctx context.Context, slice time.Duration, l load) (float64, error) {
	start := c()
	for done := 0; ; {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("bench: %w", err)
		}
		n, err := l.do(ctx)
		if err != nil {
			return 0, err
		}
		done += n
		if passed := c().Sub(start); passed >= slice {
			if l.after != nil {
				err = l.after(ctx)
			}
			return float64(done) / passed.Seconds(), err
		}
	}
}

// fewest is how many calls a percentile is taken of at least.
const fewest = 50

// each calls fn n times, or fewer if that takes longer than most, and returns how
// long each call took, in milliseconds.
func (c clock) each(ctx context.Context, n int, most time.Duration, fn func(i int) error) ([]float64, error) {
	var took []float64
	start := c()
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		if i >= fewest && c().Sub(start) > most {
			break
		}
		s, err := c.seconds(func() error { return fn(i) })
		if err != nil {
			return nil, err
		}
		took = append(took, 1000*s)
	}
	return took, nil
}
