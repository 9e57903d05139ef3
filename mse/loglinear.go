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
	// Replicates of the bootstrap: 1,000 if 0, or 400 of more than ten lists; none if
	// below 0.
	Replicates int
	// Progress, if not nil, is told the share of the work that is done.
	Progress func(share float64)
}

const (
	defaultReplicates = 1000
	replicatesOfMany  = 400 // of more than manyLists
	manyLists         = 10
	mostReplicates    = 100_000
	// Of many models, each replicate chooses among those that were within this of
	// the best on the table itself.
	rivalWithin = 10.0
	mostRivals  = 120
)

func (o *LogLinearOptions) fill(lists int) error {
	if lists < 3 {
		return ErrTooFewLists
	}
	if lists > mostListsLogLinear {
		return fmt.Errorf("%d lists, at most %d: %w", lists, mostListsLogLinear, ErrNoModel)
	}
	if o.By == "" {
		o.By = BIC
	}
	if o.Replicates == 0 {
		o.Replicates = defaultReplicates
		if lists > manyLists {
			o.Replicates = replicatesOfMany
		}
	}
	if o.Replicates > mostReplicates || o.By != BIC && o.By != AIC && o.By != Stepwise {
		return ErrOptions
	}
	return nil
}

// LogLinear chooses a log-linear model and returns its estimate. Up to five lists
// every hierarchical model is tried; for up to twelve, pairs are added stepwise. Models
// whose maximum likelihood does not exist, or whose parameters cannot be told
// apart, are left out (Fienberg and Rinaldo 2012). The interval is that of a BCa
// bootstrap in which each replicate chooses its model anew. Errors: [ErrNoModel],
// [ErrTooFewLists], [ErrOptions], and that of ctx.
func LogLinear(ctx context.Context, t Table, o LogLinearOptions) (Estimate, error) {
	k := len(t.Lists)
	if err := o.fill(k); err != nil {
		return Estimate{}, err
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
	s := selector{by: o.By, progress: part(o.Progress, 0, chooseShare)}
	if o.By != Stepwise {
		s.models = hierarchical(k)
	}
	counts, tried := t.counts(), max(1, len(s.models))
	m, f, err := s.first(ctx, counts)
	if err != nil {
		return e, err
	}
	n := float64(t.Observed())
	if e.Estimate = n + f.unseen(); math.IsInf(e.Estimate, 0) {
		return e, ErrNoModel
	}
	half := z95 * math.Sqrt(f.variance)
	e.Detail = map[string]any{
		"selected": m.name(t.Lists), "by": string(o.By), "models": tried, "seed": o.Seed,
		"se": math.Sqrt(f.unseen() + f.unseen()*f.unseen()*f.variance), "aic": f.aic(), "bic": f.bic(t.Observed()),
		"normal_lower": n + f.unseen()*math.Exp(-half), "normal_upper": n + f.unseen()*math.Exp(half),
	}
	for key, v := range e.Detail { // what has no bound is left out
		if x, is := v.(float64); is && finite(x) == nil {
			delete(e.Detail, key)
		}
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
		e.Lower, e.Upper = finite(n+f.unseen()*math.Exp(-half)), finite(n+f.unseen()*math.Exp(half))
		return e, nil
	}
	return e, s.bootstrap(ctx, t, o, &e)
}

// selector chooses a model for a table, again and again.
type selector struct {
	by     Criterion
	models []model // none where pairs are added stepwise
	// rivals are how many models were within two of the best, and low and high the
	// range of the unseen that they say.
	rivals    int
	low, high float64
	found     faultFinder
	progress  func(float64) // of the first choice
}

// The first choice among all models is taken to be this share of the work, and what
// the acceleration of the interval takes is the last.
const (
	chooseShare     = 0.2
	accelerateShare = 0.1
)

// part tells of a part of the work as a share of the whole.
func part(progress func(float64), from, share float64) func(float64) {
	if progress == nil {
		return nil
	}
	return func(done float64) { progress(from + share*done) }
}

// twoPoints is the difference in a criterion within which models are not told apart.
const twoPoints = 2.0

// first chooses for the table itself, and keeps for replicates the models that come
// close.
func (s *selector) first(ctx context.Context, counts []int) (model, fitted, error) {
	if s.models == nil {
		return s.stepwise(ctx, counts)
	}
	n, where := people(counts), supportOf(counts)
	scores, order := make([]float64, len(s.models)), make([]int, len(s.models))
	for i, m := range s.models {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, fitted{}, ctx.Err()
		}
		if i%64 == 0 && s.progress != nil {
			s.progress(float64(i) / float64(len(s.models)))
		}
		order[i] = i
		_, scores[i] = s.scoreOf(counts, n, m)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	var best model
	var f fitted
	value := math.Inf(1)
	var close []model
	for _, i := range order {
		m := s.models[i]
		if scores[i] > value+rivalWithin || math.IsInf(scores[i], 1) || len(close) >= mostRivals {
			break
		}
		one := fit(counts, designOf(counts, m))
		if s.found.of(m, where, counts, one.design) != 0 {
			continue
		}
		if u := one.unseen(); best == nil {
			best, f, value = m, one, scores[i]
			s.low, s.high, s.rivals = u, u, 1
		} else if scores[i] <= value+twoPoints {
			s.rivals++
			s.low, s.high = min(s.low, u), max(s.high, u)
		}
		close = append(close, m)
	}
	if best == nil {
		return nil, f, ErrNoModel
	}
	if len(s.models) > mostRivals {
		s.models = close
	}
	return best, f, nil
}

// unseen chooses a model for counts and returns how many it says are on no list.
func (s *selector) unseen(ctx context.Context, counts []int) (float64, error) {
	if s.models == nil {
		_, f, err := s.stepwise(ctx, counts)
		return f.unseenIf(err), err
	}
	f, err := s.choose(ctx, counts)
	return f.unseenIf(err), err
}

func (f *fitted) unseenIf(err error) float64 {
	if err != nil || finite(f.unseen()) == nil {
		return math.NaN()
	}
	return f.unseen()
}
