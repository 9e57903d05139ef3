package casework

import (
	"context"
	"errors"
	"slices"
	"strings"

	"amana"
	"amana/internal/capture"
	"amana/internal/claim"
	"amana/mse"
)

// estimateRun goes through the models, then through what is done differently.
type estimateRun struct {
	e   *Estimation
	t   mse.Table
	now *estimating
}

// step is one model on one table.
type step struct {
	model, about string
	into         *[]EstimateLine
	do           func(ctx context.Context, progress func(float64)) (mse.Estimate, error)
}

// EstimateModels are the models in the order in which they are shown.
func EstimateModels() []string { return []string{"chao", "loglinear", "dga", "lcmcr"} }

func (r *estimateRun) all(ctx context.Context, more func(context.Context, *Estimation) error) error {
	steps := r.steps()
	for i, s := range steps {
		r.at(i, len(steps), 0)
		e, err := s.do(ctx, func(share float64) { r.at(i, len(steps), share) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		line := lineOf(s.model, e, err)
		line.About = s.about
		*s.into = append(*s.into, line)
	}
	r.at(len(steps), len(steps), 0)
	if more != nil {
		return more(ctx, r.e)
	}
	return nil
}

func (r *estimateRun) at(done, total int, share float64) {
	r.now.mu.Lock()
	r.now.state.Done, r.now.state.Total, r.now.state.Share = done, total, share
	r.now.mu.Unlock()
}

// steps are the models, the table without each list in turn, and other settings.
func (r *estimateRun) steps() []step {
	e, t := r.e, r.t
	dga := func(t mse.Table, delta float64) func(context.Context, func(float64)) (mse.Estimate, error) {
		return func(ctx context.Context, p func(float64)) (mse.Estimate, error) {
			return mse.DGA(ctx, t, mse.DGAOptions{Delta: delta, Progress: p})
		}
	}
	latent := func(o mse.LCMCROptions) func(context.Context, func(float64)) (mse.Estimate, error) {
		return func(ctx context.Context, p func(float64)) (mse.Estimate, error) {
			o.Seed, o.Progress = e.Seed, p
			return mse.LCMCR(ctx, t, o)
		}
	}
	steps := []step{
		{"chao", "", &e.Models, func(context.Context, func(float64)) (mse.Estimate, error) { return mse.Chao(t), nil }},
		{"loglinear", "", &e.Models, func(ctx context.Context, p func(float64)) (mse.Estimate, error) {
			return mse.LogLinear(ctx, t, mse.LogLinearOptions{Seed: e.Seed, Progress: p})
		}},
		{"dga", "", &e.Models, dga(t, 0)},
		{"lcmcr", "", &e.Models, latent(mse.LCMCROptions{})},
	}
	if len(t.Lists) > 3 { // without one of three, two are left, which say nothing
		for j, name := range t.Lists {
			steps = append(steps, step{"dga", name, &e.Without, r.without(j)})
		}
	}
	delta := 1 / float64(int(1)<<len(t.Lists))
	return append(
		steps,
		step{"dga", "delta.more", &e.Settings, dga(t, 4*delta)}, step{"dga", "delta.less", &e.Settings, dga(t, delta/4)},
		step{"lcmcr", "classes", &e.Settings, latent(mse.LCMCROptions{Classes: 20, Enough: 1000})},
		step{"lcmcr", "alpha", &e.Settings, latent(mse.LCMCROptions{AlphaShape: 1, AlphaRate: 1, Enough: 1000})},
	)
}

// without estimates from all lists but one.
func (r *estimateRun) without(j int) func(context.Context, func(float64)) (mse.Estimate, error) {
	return func(ctx context.Context, p func(float64)) (mse.Estimate, error) {
		t, _, err := mse.Prepare(r.t.Without(j))
		if err != nil {
			return mse.Estimate{}, err
		}
		return mse.DGA(ctx, t, mse.DGAOptions{Progress: p})
	}
}

func lineOf(model string, e mse.Estimate, err error) EstimateLine {
	if err != nil {
		return EstimateLine{Model: model, Failed: true}
	}
	line := EstimateLine{Model: model, Lower: e.Lower, Upper: e.Upper, Modes: e.Modes, Warnings: e.Warnings}
	if len(e.Modes) == 0 { // where chains disagree, there is no one number
		line.Estimate, line.Rhat, line.ESS = &e.Estimate, e.Rhat, e.ESS
	}
	return line
}

// The sizes of an estimate from claims.
const (
	mostClaimLists = 6
	linkDraws      = 20
)

// EstimateClaims estimates how many events there are of whom no source tells, from the
// incidents of the accountability compartment that this member can read: a list is
// what one publisher tells by itself, or what was told here. Two incidents are one
// event where a person decided so. Kinds: EstimateError, ErrRefused.
func (d *Desk) EstimateClaims(ctx context.Context, seed uint64) error {
	if err := d.mayEstimate(); err != nil {
		return err
	}
	w, err := d.Claims(ctx)
	if err != nil {
		return err
	}
	all := linkage(&w)
	l, left := all.Most(mostClaimLists)
	t, err := l.Table(nil)
	if err != nil {
		return captureFault(err)
	}
	e := Estimation{Source: EstimateClaims, Seed: seed, LeftOut: left}
	if len(l.Unsure) == 0 {
		return d.beginEstimate(ctx, e, t, nil)
	}
	return d.beginEstimate(ctx, e, t, func(ctx context.Context, e *Estimation) (err error) {
		e.Links, err = linkSpread(ctx, &l, seed)
		return err
	})
}

// linkage reads the incidents as events on lists. A source that only repeats another
// is on the other's list; one that denies, doubts or tells nothing is on none.
func linkage(w *claim.World) capture.Linkage {
	var l capture.Linkage
	place := map[amana.RecordID]int{}
	for _, in := range w.Chronology() {
		if in.Scope != "event" {
			continue
		}
		place[in.ID] = len(l.Events)
		l.Events = append(l.Events, eventOn(w, &l, in.Claims))
	}
	for _, in := range w.Incidents {
		for _, r := range in.Related {
			a, here := place[in.ID]
			b, there := place[r.Incident]
			switch {
			case !here || !there || a == b:
			case r.As == "same_event":
				l.Same = append(l.Same, capture.Pair{A: a, B: b})
			case r.As != "":
				l.Apart = append(l.Apart, capture.Pair{A: a, B: b})
			}
		}
	}
	for _, s := range w.Suggest() {
		l.Unsure = append(l.Unsure, capture.Pair{A: place[s.A.ID], B: place[s.B.ID]})
	}
	return l
}

// eventOn returns the lists on which claims put an event, and takes in new ones.
func eventOn(w *claim.World, l *capture.Linkage, claims []claim.Claim) (p mse.Pattern) {
	for _, c := range claims {
		name, is := listOf(w, c)
		at := slices.Index(l.Lists, name)
		if is && at < 0 && len(l.Lists) < mse.MostLists {
			at = len(l.Lists)
			l.Lists = append(l.Lists, name)
		}
		if is && at >= 0 {
			p |= 1 << at
		}
	}
	return p
}

// listOf names the list on which a claim puts an event: "" for what was told here, or
// who published it.
func listOf(w *claim.World, c claim.Claim) (string, bool) {
	key := claim.SourceOf(c)
	switch {
	case c.Stance != "supports" || c.Silent() || key == claim.SourceKey{}:
		return "", false
	case !key.Account.IsZero():
		return "", true
	}
	p, known := w.Publications[key.In]
	name := strings.Join(strings.Fields(strings.ToLower(p.By)), " ")
	if name == "" {
		name = key.In.String()
	}
	return name, known
}

// linkSpread estimates with the links that nobody decided drawn anew.
func linkSpread(ctx context.Context, l *capture.Linkage, seed uint64) (*LinkSpread, error) {
	s := &LinkSpread{Model: "dga", Unsure: len(l.Unsure)}
	one := func(join []bool) (mse.Estimate, int, error) {
		t, err := l.Table(join)
		if err != nil {
			return mse.Estimate{}, 0, err
		}
		if t, _, err = mse.Prepare(t); err != nil {
			return mse.Estimate{}, 0, err
		}
		e, err := mse.DGA(ctx, t, mse.DGAOptions{})
		return e, t.Observed(), err
	}
	none, _, err := one(nil)
	s.None = lineOf(s.Model, none, err)
	all, _, err := one(l.All())
	s.All = lineOf(s.Model, all, err)
	var estimates []mse.Estimate
	var observed []int
	for i := range uint64(linkDraws) {
		e, n, err := one(l.Redraw(seed, i))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			s.Failed++
			continue
		}
		estimates, observed = append(estimates, e), append(observed, n)
	}
	s.Draws = len(estimates)
	drawn, err := mse.Combine(estimates, observed)
	if err != nil && !errors.Is(err, mse.ErrOptions) {
		return nil, err
	}
	s.Drawn = lineOf(s.Model, drawn, err)
	return s, nil
}
