package mse

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// DGAOptions say how graphs are averaged. The zero value is the default.
type DGAOptions struct {
	// Delta is how many people each cell is taken to have beforehand:
	// 2 to the minus number of lists if 0.
	Delta float64
	// Most is the largest number of unseen people that is considered. If 0, the grid
	// is extended until its last cell holds no mass, and what would be beyond it none.
	Most int
	// LogPrior is the logarithm of the prior of a total number; 1/N if nil.
	LogPrior func(total float64) float64
	Progress func(share float64)
}

// DGA averages over decomposable graphs (Madigan and York 1997, as in the R
// package dga): each graph says which lists depend on which, all are weighed by how
// well they fit, and the number of unseen people is summed over them, from 1 up.
// The prior on the total is 1/N. Where the mean depends on where the grid ends, as it
// does when the saturated graph has weight, it is left out. Errors: [ErrTooFewLists],
// [ErrNoModel], [ErrOptions], and that of ctx.
func DGA(ctx context.Context, t Table, o DGAOptions) (Estimate, error) {
	k := len(t.Lists)
	switch {
	case k < 3:
		return Estimate{}, ErrTooFewLists
	case k > MostListsDGA:
		return Estimate{}, fmt.Errorf("%d lists, at most %d: %w", k, MostListsDGA, ErrNoModel)
	case o.Delta < 0 || math.IsNaN(o.Delta) || math.IsInf(o.Delta, 0) || o.Most < 0 || o.Most > mostGrid:
		return Estimate{}, ErrOptions
	case t.Observed() == 0:
		return Estimate{}, ErrNoModel
	}
	if o.Delta == 0 {
		o.Delta = math.Exp2(-float64(k))
	}
	w := newWeights(t, o)
	s, err := w.survey(ctx, decomposable(k), float64(o.Most), part(o.Progress, 0, surveyShare))
	if err != nil {
		return Estimate{}, err
	}
	p, err := w.average(ctx, s, part(o.Progress, surveyShare, 1-surveyShare))
	if err != nil {
		return Estimate{}, err
	}
	if o.Progress != nil {
		o.Progress(1)
	}
	return p.estimate(t, o, s), nil
}

// posterior is what is known after the lists were seen.
type posterior struct {
	graphs  []graph // those that weigh anything
	byGraph []float64
	cells   []cell
	flat    float64 // the weight of the saturated graph
}

// cell is some numbers of unseen people that follow each other, and what they weigh.
type cell struct {
	from, step float64
	mass       float64
	within     float64 // without the saturated graph, normalised
}

func (c cell) middle() float64 { return c.from + (c.step-1)/2 }

// weights computes the parts of which the weight of a graph at a number of unseen
// people is made: section 3 of the method's description.
type weights struct {
	k      int
	n      float64
	whole  float64 // pseudo-counts of all cells
	delta  float64
	prior  func(float64) float64
	zeros  []float64 // by set of lists: observed people on none of them
	fixed  []float64 // by set: what does not depend on the unseen
	deltas []float64 // by set: pseudo-counts of a cell of its margin
}

func newWeights(t Table, o DGAOptions) *weights {
	k := len(t.Lists)
	w := &weights{k: k, n: float64(t.Observed()), delta: o.Delta, prior: o.LogPrior}
	if w.prior == nil {
		w.prior = func(total float64) float64 { return -math.Log(total) }
	}
	sets := 1 << k
	w.zeros, w.fixed, w.deltas = make([]float64, sets), make([]float64, sets), make([]float64, sets)
	all := math.Exp2(float64(k)) * o.Delta
	w.whole = all
	for a := 1; a < sets; a++ {
		size := 0
		margin := map[Pattern]float64{}
		for rest := a; rest != 0; rest &= rest - 1 {
			size++
		}
		for _, c := range t.Cells {
			margin[c.Pattern&Pattern(a)] += float64(c.Count)
		}
		d := o.Delta * math.Exp2(float64(k-size))
		w.deltas[a], w.zeros[a] = d, margin[0]
		delete(margin, 0)
		// Cells that nobody is in add lnG(d) each and lose it again.
		sum := lgamma(all) - lgamma(d)*(1+float64(len(margin)))
		for _, p := range sortedKeys(margin) {
			sum += lgamma(margin[p] + d)
		}
		w.fixed[a] = sum
	}
	return w
}

func sortedKeys(m map[Pattern]float64) []Pattern {
	keys := make([]Pattern, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func lgamma(x float64) float64 {
	g, _ := math.Lgamma(x)
	return g
}

// estimate summarises the posterior.
func (p *posterior) estimate(t Table, o DGAOptions, found survey) Estimate {
	n := float64(t.Observed())
	e := Estimate{
		Model: "dga", Level: 0.95,
		Assumption: "the lists depend on each other as in some decomposable graph, and people are otherwise alike",
	}
	s := summarise(p.cells, n, func(c cell) float64 { return c.mass })
	e.Estimate, e.Median = s.median, new(s.median)
	e.Lower, e.Upper = new(s.quantiles[0]), new(s.quantiles[4])
	e.Detail = map[string]any{
		"delta": o.Delta, "mode": s.mode, "quantiles": s.quantiles, "square_loss": s.relative,
		"graphs": p.best(t.Lists), "saturated": p.flat, "largest_unseen": found.most,
	}
	last := p.cells[len(p.cells)-1]
	beyond := last.mass / last.step * last.middle() // what lies beyond, if the weight falls as the square does
	if o.Most != 0 || beyond*(n+last.middle()) < meanTail*s.mean {
		e.Mean, e.Detail["sd"] = new(s.mean), s.sd
	} else {
		e.warn("dga.mean", "the mean has no bound: it grows with the largest number that is considered, and is left out")
	}
	if last.mass/last.step >= noMass || beyond >= noTail && found.most >= mostUnit {
		e.warn("dga.edge", "the largest number considered still has weight: the data do not bound the number from above")
	}
	if p.flat > 0.05 && p.flat < 1 {
		w := summarise(p.cells, n, func(c cell) float64 { return c.within })
		e.warnOf("dga.saturated", "%.0f %% of the weight is on the graph in which everything depends on everything, which says nothing of the unseen; without it the median is %.0f (%.0f to %.0f)",
			100*p.flat, w.median, w.quantiles[0], w.quantiles[4])
	}
	return e
}

// summary of a distribution of unseen people, for totals.
type summary struct {
	mean, sd, mode, median, relative float64
	quantiles                        [5]float64 // 2.5, 25, 50, 75 and 97.5 %
}

func summarise(cells []cell, n float64, of func(cell) float64) (s summary) {
	var square, inverse, inverse2, most, sum float64
	levels := [5]float64{0.025, 0.25, 0.5, 0.75, 0.975}
	at := 0
	for _, c := range cells {
		v, total := of(c), n+c.middle()
		s.mean += v * total
		inverse += v / total
		inverse2 += v / (total * total)
		if v/c.step > most {
			most, s.mode = v/c.step, total
		}
		for ; at < len(levels) && sum+v >= levels[at]; at++ {
			s.quantiles[at] = n + c.from
			if c.step > 1 { // within a cell of many, as if all weighed the same
				s.quantiles[at] = n + c.from + max(0, math.Ceil(c.step*(levels[at]-sum)/v)-1)
			}
		}
		sum += v
	}
	for ; at < len(levels); at++ {
		s.quantiles[at] = n + cells[len(cells)-1].from
	}
	for _, c := range cells { // apart from the mean, lest a large one drown it
		off := n + c.middle() - s.mean
		square += of(c) * off * off
	}
	s.sd = math.Sqrt(square)
	s.median, s.relative = s.quantiles[2], inverse/inverse2
	return s
}

// Graph is one decomposable graph and the weight that it has.
type Graph struct {
	Cliques string  `json:"cliques"`
	Weight  float64 `json:"weight"`
}

// best returns the ten graphs of the most weight.
func (p *posterior) best(lists []string) []Graph {
	order := make([]int, len(p.graphs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.byGraph[b], p.byGraph[a]) })
	var list []Graph
	for _, i := range order[:min(10, len(order))] {
		list = append(list, Graph{p.graphs[i].name(lists), p.byGraph[i]})
	}
	return list
}

// name writes a graph by its cliques, as in [A B][B C].
func (g *graph) name(lists []string) string {
	cliques := slices.Clone(g.cliques)
	slices.SortFunc(cliques, func(a, b Pattern) int {
		return slices.Compare(positions(a), positions(b))
	})
	var b strings.Builder
	for _, q := range cliques {
		b.WriteString("[" + strings.Join(namesOf(q, lists), " ") + "]")
	}
	return b.String()
}

func positions(p Pattern) (at []int) {
	for j := range 32 {
		if p>>j&1 == 1 {
			at = append(at, j)
		}
	}
	return at
}
