package mse

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// LogLinearOptions say how a log-linear model is chosen and its interval drawn.
// The zero value is the default.
type LogLinearOptions struct {
	By   Criterion // BIC
	Seed uint64
	// Replicates of the bootstrap: 1,000 if 0, none if below 0.
	Replicates int
	// Progress, if not nil, is told the share of the work that is done.
	Progress func(share float64)
}

const (
	defaultReplicates = 1000
	mostReplicates    = 100_000
	// Of many models, each replicate chooses among those that were within this of
	// the best on the table itself.
	rivalWithin = 10.0
	mostRivals  = 120
)

// LogLinear chooses a log-linear model and returns its estimate. Up to five lists
// every hierarchical model is tried; for more, pairs are added stepwise. Models
// whose maximum likelihood does not exist, or whose parameters cannot be told
// apart, are left out (Fienberg and Rinaldo 2012). The interval is that of a BCa
// bootstrap in which each replicate chooses its model anew. Errors: [ErrNoModel],
// [ErrTooFewLists], [ErrOptions], and that of ctx.
func LogLinear(ctx context.Context, t Table, o LogLinearOptions) (Estimate, error) {
	k := len(t.Lists)
	if k < 3 {
		return Estimate{}, ErrTooFewLists
	}
	if k > mostListsLogLinear {
		return Estimate{}, fmt.Errorf("%d lists, at most %d: %w", k, mostListsLogLinear, ErrNoModel)
	}
	if o.By == "" {
		o.By = BIC
	}
	if o.Replicates == 0 {
		o.Replicates = defaultReplicates
	}
	if o.Replicates > mostReplicates || o.By != BIC && o.By != AIC && o.By != Stepwise {
		return Estimate{}, ErrOptions
	}
	e := Estimate{
		Model: "loglinear", Level: 0.95,
		Assumption: "no interaction of all lists at once, and the interactions that the model leaves out are zero for those whom no list has too",
	}
	if o.By != BIC {
		e.Model += "-" + string(o.By)
	}
	if k > mostListsHierarchical && o.By != Stepwise {
		e.warnOf("loglinear.stepwise", "with more than %.0f lists, pairs are added stepwise", mostListsHierarchical)
		o.By = Stepwise
	}
	s := selector{by: o.By, lists: k}
	if o.By != Stepwise {
		s.models = hierarchical(k)
	}
	counts, tried := t.counts(), max(1, len(s.models))
	m, f, err := s.first(ctx, counts)
	if err != nil {
		return e, err
	}
	n := float64(t.Observed())
	e.Estimate = n + f.unseen()
	half := z95 * math.Sqrt(f.variance)
	e.Detail = map[string]any{
		"selected": m.name(t.Lists), "by": string(o.By), "models": tried, "seed": o.Seed,
		"se": math.Sqrt(f.unseen() + f.unseen()*f.unseen()*f.variance), "aic": f.aic(), "bic": f.bic(t.Observed()),
		"normal_lower": n + f.unseen()*math.Exp(-half), "normal_upper": n + f.unseen()*math.Exp(half),
	}
	for _, set := range m {
		if sharedIn(counts, set) == 0 {
			e.warn("loglinear.empty", "nobody is on all of these lists: the interaction was taken to be total", namesOf(set, t.Lists)...)
		}
	}
	if lower, upper, ok := profile(counts, f); ok {
		e.Detail["profile_lower"], e.Detail["profile_upper"] = lower, upper
	}
	if s.rivals > 1 {
		e.warnOf("loglinear.rivals", "%.0f models are about as good; their estimates run from %.0f to %.0f", float64(s.rivals), s.low+n, s.high+n)
	}
	if o.Replicates < 0 {
		e.Lower, e.Upper = new(e.Detail["normal_lower"].(float64)), new(e.Detail["normal_upper"].(float64))
		return e, nil
	}
	return e, s.bootstrap(ctx, t, o, &e)
}

// selector chooses a model for a table, again and again.
type selector struct {
	by     Criterion
	lists  int
	models []model // none where pairs are added stepwise
	// rivals are how many models were within two of the best, and low and high the
	// range of the unseen that they say.
	rivals    int
	low, high float64
}

// twoPoints is the difference in a criterion within which models are not told apart.
const twoPoints = 2.0

// first chooses for the table itself, and keeps for replicates the models that come
// close.
func (s *selector) first(ctx context.Context, counts []int) (model, fitted, error) {
	if s.models == nil {
		return stepwise(counts, s.lists)
	}
	scores := make([]float64, len(s.models))
	best, f, err := choose(ctx, counts, s.models, s.by, scores)
	if err != nil {
		return nil, f, err
	}
	m := s.models[best]
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	s.low, s.high = f.unseen(), f.unseen()
	var close []model
	for _, i := range order {
		if scores[i] <= scores[best]+twoPoints {
			s.rivals++
			rival := fit(counts, designOf(counts, s.models[i]))
			u := rival.unseen()
			s.low, s.high = min(s.low, u), max(s.high, u)
		}
		if len(s.models) <= mostRivals || scores[i] <= scores[best]+rivalWithin && len(close) < mostRivals {
			close = append(close, s.models[i])
		}
	}
	s.models = close
	return m, f, nil
}

// unseen chooses a model for counts and returns how many it says are on no list.
func (s *selector) unseen(ctx context.Context, counts []int) (float64, error) {
	if s.models == nil {
		_, f, err := stepwise(counts, s.lists)
		return f.unseenIf(err), err
	}
	_, f, err := choose(ctx, counts, s.models, s.by, nil)
	return f.unseenIf(err), err
}

func (f *fitted) unseenIf(err error) float64 {
	if err != nil {
		return math.NaN()
	}
	return f.unseen()
}
