package casework

import (
	"context"

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

// linkStep is the last step of an estimate from claims: the links that nobody decided.
type linkStep func(ctx context.Context, e *Estimation, progress func(float64)) error

func (r *estimateRun) all(ctx context.Context, links linkStep) error {
	steps := r.steps()
	total := len(steps)
	if links != nil {
		total++
	}
	for i, s := range steps {
		r.at(i, total, 0)
		e, err := s.do(ctx, func(share float64) { r.at(i, total, share) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		line := lineOf(s.model, e, err)
		line.About = s.about
		*s.into = append(*s.into, line)
	}
	r.at(len(steps), total, 0)
	if links != nil {
		return links(ctx, r.e, func(share float64) { r.at(len(steps), total, share) })
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
			steps = append(steps, step{r.withoutModel(), name, &e.Without, r.without(j)})
		}
	}
	if delta := 1 / float64(int(1)<<len(t.Lists)); len(t.Lists) <= mse.MostListsDGA {
		steps = append(steps, step{"dga", "delta.more", &e.Settings, dga(t, 4*delta)}, step{"dga", "delta.less", &e.Settings, dga(t, delta/4)})
	}
	return append(
		steps,
		step{"lcmcr", "classes", &e.Settings, latent(mse.LCMCROptions{Classes: 20, Enough: 1000})},
		step{"lcmcr", "alpha", &e.Settings, latent(mse.LCMCROptions{AlphaShape: 1, AlphaRate: 1, Enough: 1000})},
	)
}

// withoutModel is the model that looks at the lists without one: graphs, or where there
// are too many lists for them, latent classes.
func (r *estimateRun) withoutModel() string {
	if len(r.t.Lists)-1 <= mse.MostListsDGA {
		return "dga"
	}
	return "lcmcr"
}

// without estimates from all lists but one.
func (r *estimateRun) without(j int) func(context.Context, func(float64)) (mse.Estimate, error) {
	return func(ctx context.Context, p func(float64)) (mse.Estimate, error) {
		t, _, err := mse.Prepare(r.t.Without(j))
		switch {
		case err != nil:
			return mse.Estimate{}, err
		case r.withoutModel() == "dga":
			return mse.DGA(ctx, t, mse.DGAOptions{Progress: p})
		}
		return mse.LCMCR(ctx, t, mse.LCMCROptions{Seed: r.e.Seed, Enough: 1000, Progress: p})
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
