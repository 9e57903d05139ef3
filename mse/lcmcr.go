package mse

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// LCMCROptions say how the latent-class model is set and run. The zero value is
// the default.
type LCMCROptions struct {
	Classes    int     // 10; no more than patterns can tell apart
	AlphaShape float64 // 0.25
	AlphaRate  float64 // 0.25
	// ListA and ListB are the prior of how likely a list is to name somebody: 1, 1.
	ListA, ListB float64
	// MostUnseen bounds the unseen, in people for each one observed: 20.
	MostUnseen float64
	Chains     int // 4, begun apart
	Burn       int // sweeps to warm up: 2,000
	// Draws of one round are kept of each chain, one in Thin sweeps: 1,000 and 4, or less
	// where there are more than 600 patterns.
	Draws, Thin int
	// Rounds are run until all chains together have Enough effective draws and agree:
	// 4,000, in at most 20 rounds; fewer where there are more than 60 patterns, so that
	// the work is bounded, and it is said where chains would have needed more.
	Rounds int
	Enough float64
	Seed   uint64
	// Plain leaves out the moves of theta between sweeps: what the published sampler
	// does, to compare with.
	Plain bool
	// Progress, if not nil, is told the share of the work that is done, which may be
	// less than it says when chains agree early.
	Progress func(share float64)
}

// The limits of options, and what is said of results.
const (
	mostClasses   = 64
	mostChains    = 64
	mostSweeps    = 100_000_000
	cellRounds    = 1200 // rounds times patterns, for the default
	cellThin      = 2400 // sweeps a draw times patterns
	mostRhat      = 1.05 // beyond, chains do not agree and no interval is given
	goodRhat      = 1.01
	fewESS        = 400
	noticeable    = 0.1  // share of draws in which every class is in use
	noticeableCap = 0.01 // share of draws near the cap
)

func (o *LCMCROptions) fill(t Table) error {
	lists := len(t.Lists)
	set := func(v *int, to int) {
		if *v == 0 {
			*v = to
		}
	}
	setReal := func(v *float64, to float64) {
		if *v == 0 {
			*v = to
		}
	}
	set(&o.Classes, min(10, 1<<min(lists, 10)-1))
	set(&o.Chains, 4)
	set(&o.Burn, 2_000)
	set(&o.Draws, 1_000)
	set(&o.Thin, max(1, min(4, cellThin/max(1, len(t.Cells)))))
	set(&o.Rounds, max(2, min(20, cellRounds/max(1, len(t.Cells)))))
	setReal(&o.AlphaShape, 0.25)
	setReal(&o.AlphaRate, 0.25)
	setReal(&o.ListA, 1)
	setReal(&o.ListB, 1)
	setReal(&o.MostUnseen, 20)
	setReal(&o.Enough, 4000)
	reals := []float64{o.AlphaShape, o.AlphaRate, o.ListA, o.ListB, o.MostUnseen, o.Enough}
	bad := slices.ContainsFunc(reals, func(v float64) bool { return !(v > 0) || math.IsInf(v, 0) })
	sweeps := float64(o.Draws) * float64(o.Thin) * float64(o.Rounds)
	if bad || o.Classes < 1 || o.Classes > mostClasses || o.Chains < 2 || o.Chains > mostChains || o.Burn < 0 || o.Draws < 8 ||
		o.Thin < 1 || o.Rounds < 1 || sweeps+float64(o.Burn) > mostSweeps {
		return ErrOptions
	}
	return nil
}

// LCMCR estimates by a Bayesian nonparametric mixture of latent classes
// (Manrique-Vallier 2016): people fall into classes of which nobody knows how
// many, and within a class lists are independent. Several chains run in parallel,
// begun apart; where they do not agree, the result has modes and no interval.
// Errors: [ErrTooFewLists], [ErrOptions], and that of ctx.
func LCMCR(ctx context.Context, t Table, o LCMCROptions) (Estimate, error) {
	if len(t.Lists) < 3 {
		return Estimate{}, ErrTooFewLists
	}
	if err := o.fill(t); err != nil {
		return Estimate{}, err
	}
	chains := make([]*chain, o.Chains)
	for i := range chains {
		chains[i] = newChain(t, o, uint64(i))
	}
	var d diagnosis
	for round := range o.Rounds {
		err := each(ctx, len(chains), func(i int) error {
			return chains[i].round(ctx, round == 0)
		}, nil)
		if err != nil {
			return Estimate{}, err
		}
		if o.Progress != nil {
			o.Progress(float64(round+1) / float64(o.Rounds))
		}
		d = diagnose(totals(chains))
		if d.rhat < goodRhat && d.ess >= o.Enough && d.tail >= o.Enough/4 {
			break
		}
	}
	if o.Progress != nil {
		o.Progress(1)
	}
	return report(o, chains, d), nil
}

// chain is one run of the sampler, and what is kept of it.
type chain struct {
	s     *sampler
	l     *leaper
	moves int       // after each sweep
	total []float64 // draws of N
	p0    []float64 // draws of the chance to be on no list
	mean  float64   // sum of the mean of N given p0
	full  int       // draws in which every class was in use
	high  int       // draws near the cap
	alpha float64
	used  float64
}

func newChain(t Table, o LCMCROptions, number uint64) *chain {
	s := newSampler(t, o, source{stream(o.Seed, number)})
	s.begin()
	c := &chain{s: s, l: newLeaper(s), moves: movesPerSweep}
	if o.Plain {
		c.moves = 0
	}
	return c
}

func (c *chain) round(ctx context.Context, first bool) error {
	s := c.s
	if first && !c.warmUp(s.o.Burn, func() bool { return ctx.Err() != nil }) {
		return ctx.Err()
	}
	for range s.o.Draws {
		for range s.o.Thin {
			s.sweep()
			for range c.moves {
				c.l.move()
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		unseen := s.drawUnseen()
		c.total = append(c.total, float64(s.n)+unseen)
		c.p0 = append(c.p0, s.p0)
		c.mean += float64(s.n) / (1 - s.p0)
		c.alpha += s.alpha
		k := s.occupied()
		c.used += float64(k)
		if k == s.k {
			c.full++
		}
		if unseen > 0.95*s.cap {
			c.high++
		}
	}
	return nil
}

func totals(chains []*chain) [][]float64 {
	all := make([][]float64, len(chains))
	for i, c := range chains {
		all[i] = c.total
	}
	return all
}

// report says what the chains came to.
func report(o LCMCROptions, chains []*chain, d diagnosis) Estimate {
	e := Estimate{
		Model: "lcmcr", Level: 0.95, Rhat: finite(d.rhat), ESS: finite(d.ess),
		Assumption: "people fall into classes within which the lists are independent",
	}
	var all []float64
	var mean, full, high, alpha, used float64
	for _, c := range chains {
		all = append(all, c.total...)
		mean += c.mean
		full += float64(c.full)
		high += float64(c.high)
		alpha += c.alpha
		used += c.used
	}
	n := float64(len(all))
	slices.Sort(all)
	plain := 0.0
	for _, v := range all {
		plain += v / n
	}
	if high == 0 { // nothing was cut off: the smoother mean is that of the same numbers
		plain = mean / n
	}
	e.Detail = map[string]any{
		"classes": o.Classes, "chains": o.Chains, "burn": o.Burn, "thin": o.Thin, "draws": len(all) / len(chains), "seed": o.Seed,
		"classes_used": used / n, "alpha": alpha / n, "tail_ess": d.tail, "every_class": full / n, "near_cap": high / n,
		"most_unseen": o.MostUnseen, "alpha_shape": o.AlphaShape, "alpha_rate": o.AlphaRate, "list_a": o.ListA, "list_b": o.ListB,
		"trace": traces(chains),
	}
	if high/n > noticeableCap {
		e.warnOf("lcmcr.cap", "%.0f %% of draws are near the largest number that is considered: the upper limit is that bound, not the data's", 100*high/n)
	}
	if full/n > noticeable {
		e.warnOf("lcmcr.classes", "every class is in use in %.0f %% of draws: run it with more than %.0f", 100*full/n, float64(o.Classes))
	}
	if d.rhat > mostRhat || math.IsNaN(d.rhat) {
		e.Modes = modes(chains)
		e.Estimate = math.NaN()
		e.warn("lcmcr.modes", "the chains do not agree: what each group of them found is shown, and no interval")
		return e
	}
	at := limits(chains, all, 0.025, 0.5, 0.975)
	e.Mean, e.Median = new(plain), new(at[1])
	e.Estimate = *e.Median
	e.Lower, e.Upper = new(at[0]), new(at[2])
	e.Detail["mcse"] = map[string]float64{"lower": apart(chains, 0.025), "median": apart(chains, 0.5), "upper": apart(chains, 0.975)}
	if d.rhat > goodRhat || d.ess < fewESS || d.tail < fewESS {
		e.warnOf("lcmcr.short", "R-hat %.3f with %.0f effective draws: run it longer before relying on the limits", d.rhat, d.ess)
	}
	return e
}

// tracePoints are kept of each chain, to be drawn.
const tracePoints = 100

// traces returns some of what each chain drew, in its order.
func traces(chains []*chain) [][]float64 {
	all := make([][]float64, len(chains))
	for i, c := range chains {
		step := max(1, len(c.total)/tracePoints)
		for at := 0; at < len(c.total) && len(all[i]) < tracePoints; at += step {
			all[i] = append(all[i], c.total[at])
		}
	}
	return all
}

// apart is the standard error of a quantile, by how it differs between the halves of
// the chains.
func apart(chains []*chain, p float64) float64 {
	var each []float64
	for _, half := range split(totals(chains)) {
		each = append(each, quantile(slices.Sorted(slices.Values(half)), p))
	}
	_, variance := moments(each)
	return math.Sqrt(variance / float64(len(each)))
}

// modes groups chains that lie together: sorted by median, a group ends where the
// next chain's middle half does not touch its own.
func modes(chains []*chain) (found []Mode) {
	sorted := make([][]float64, len(chains))
	for i, c := range chains {
		sorted[i] = slices.Sorted(slices.Values(c.total))
	}
	slices.SortFunc(sorted, func(a, b []float64) int { return cmp.Compare(quantile(a, 0.5), quantile(b, 0.5)) })
	var group []float64
	count, reach := 0, math.Inf(-1)
	flush := func() {
		if count == 0 {
			return
		}
		slices.Sort(group)
		found = append(found, Mode{quantile(group, 0.5), quantile(group, 0.025), quantile(group, 0.975), count})
		group, count = nil, 0
	}
	for _, c := range sorted {
		if quantile(c, 0.25) > reach {
			flush()
		}
		group = append(group, c...)
		count++
		reach = quantile(group0(group), 0.75)
	}
	flush()
	return found
}

func group0(v []float64) []float64 { return slices.Sorted(slices.Values(v)) }

// quantile of sorted values, type 7.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
