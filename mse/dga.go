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
	// is extended until its last cell holds no mass.
	Most int
	// LogPrior is the logarithm of the prior of a total number; 1/N if nil.
	LogPrior func(total float64) float64
	Progress func(share float64)
}

const (
	noMass       = 1e-6
	mostGrid     = 20_000_000
	gridPerChunk = 4096
)

// DGA averages over decomposable graphs (Madigan and York 1997, as in the R
// package dga): each graph says which lists depend on which, all are weighed by how
// well they fit, and the number of unseen people is summed over them, from 1 up.
// The prior on the total is 1/N. Errors: [ErrTooFewLists], [ErrNoModel],
// [ErrOptions], and that of ctx.
func DGA(ctx context.Context, t Table, o DGAOptions) (Estimate, error) {
	k := len(t.Lists)
	switch {
	case k < 3:
		return Estimate{}, ErrTooFewLists
	case k > mostListsDGA:
		return Estimate{}, fmt.Errorf("%d lists, at most %d: %w", k, mostListsDGA, ErrNoModel)
	case o.Delta < 0 || math.IsNaN(o.Delta) || math.IsInf(o.Delta, 0) || o.Most < 0 || o.Most > mostGrid:
		return Estimate{}, ErrOptions
	}
	if o.Delta == 0 {
		o.Delta = math.Exp2(-float64(k))
	}
	most, n := o.Most, t.Observed()
	if most == 0 {
		most = max(300, 10*n)
	}
	for {
		p, err := average(ctx, t, o, most)
		if err != nil {
			return Estimate{}, err
		}
		last := p.byUnseen[len(p.byUnseen)-1]
		if o.Most != 0 || last < noMass || most >= mostGrid {
			e := p.estimate(t, o)
			if last >= noMass {
				e.warn("dga.edge", "the largest number considered still has weight: the data do not bound the number from above")
			}
			return e, nil
		}
		most = min(mostGrid, 2*most)
	}
}

// posterior is what is known after the lists were seen.
type posterior struct {
	graphs   []graph
	byGraph  []float64
	byUnseen []float64 // of 1, 2, … unseen people
	flat     float64   // the weight of the saturated graph
	within   []float64 // byUnseen without the saturated graph, normalised
}

// average weighs every graph at every number of unseen people. Memory grows with
// the grid, not with the graphs.
func average(ctx context.Context, t Table, o DGAOptions, most int) (posterior, error) {
	k := len(t.Lists)
	p := posterior{graphs: decomposable(k)}
	w := newWeights(t, o)
	top := w.top(p.graphs, most)
	p.byGraph = make([]float64, len(p.graphs))
	p.byUnseen = make([]float64, most)
	p.within = make([]float64, most)
	chunks := (most + gridPerChunk - 1) / gridPerChunk
	parts := make([][]float64, chunks) // by chunk, so that the sum does not depend on who was first
	err := each(ctx, chunks, func(c int) error {
		from := 1 + c*gridPerChunk
		to := min(most+1, from+gridPerChunk)
		subsets := w.subsets(from, to)
		common := w.common(from, to)
		parts[c] = make([]float64, len(p.graphs))
		for i, g := range p.graphs {
			flat := g.saturated(k)
			for x := range common {
				l := common[x] - top
				for _, q := range g.cliques {
					l += subsets[q][x]
				}
				for _, q := range g.separators {
					l -= subsets[q][x]
				}
				if l > -45 { // below, it adds nothing that can be seen
					v := math.Exp(l)
					parts[c][i] += v
					p.byUnseen[from-1+x] += v
					if !flat {
						p.within[from-1+x] += v
					}
				}
			}
		}
		return ctx.Err()
	}, o.Progress)
	if err != nil {
		return p, err
	}
	for _, part := range parts {
		for i, v := range part {
			p.byGraph[i] += v
		}
	}
	p.normalise(k)
	return p, nil
}

func (p *posterior) normalise(k int) {
	total := 0.0
	for _, v := range p.byGraph {
		total += v
	}
	for i := range p.byGraph {
		p.byGraph[i] /= total
		if p.graphs[i].saturated(k) {
			p.flat = p.byGraph[i]
		}
	}
	rest := 0.0
	for i := range p.byUnseen {
		p.byUnseen[i] /= total
		rest += p.within[i]
	}
	for i := range p.within {
		p.within[i] /= rest
	}
}

// weights computes the parts of which the weight of a graph at a number of unseen
// people is made: section 3 of the method's description.
type weights struct {
	k      int
	n      float64
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

// subsets returns for every set of lists the logarithm of its marginal likelihood
// at each number of unseen people.
func (w *weights) subsets(from, to int) [][]float64 {
	all := make([][]float64, 1<<w.k)
	whole := math.Exp2(float64(w.k)) * w.delta
	total := make([]float64, to-from)
	for x := range total {
		total[x] = lgamma(w.n + float64(from+x) + whole)
	}
	for a := 1; a < len(all); a++ {
		all[a] = make([]float64, to-from)
		base := w.zeros[a] + w.deltas[a]
		// lnG(x+1) = lnG(x) + ln x: the logarithm of gamma is asked for once in a while.
		for x := range all[a] {
			at := base + float64(from+x)
			var g float64
			if x%256 == 0 {
				g = lgamma(at)
			} else {
				g = all[a][x-1] + total[x-1] - w.fixed[a] + math.Log(at-1)
			}
			all[a][x] = g + w.fixed[a] - total[x]
		}
	}
	return all
}

// common returns what all graphs share.
func (w *weights) common(from, to int) []float64 {
	c := make([]float64, to-from)
	for x := range c {
		n0 := float64(from + x)
		c[x] = lgamma(w.n+n0+1) - lgamma(n0+1) + w.prior(w.n+n0)
	}
	return c
}

// top is about the largest weight, so that none overflows: looked for on a grid
// that grows by a tenth.
func (w *weights) top(all []graph, most int) float64 {
	top := math.Inf(-1)
	for at := 1; at <= most; at = max(at+1, at*11/10) {
		subsets, common := w.subsets(at, at+1), w.common(at, at+1)
		for _, g := range all {
			l := common[0]
			for _, q := range g.cliques {
				l += subsets[q][0]
			}
			for _, q := range g.separators {
				l -= subsets[q][0]
			}
			top = max(top, l)
		}
	}
	return top
}

func lgamma(x float64) float64 {
	g, _ := math.Lgamma(x)
	return g
}

// estimate summarises the posterior.
func (p *posterior) estimate(t Table, o DGAOptions) Estimate {
	n := float64(t.Observed())
	e := Estimate{
		Model: "dga", Level: 0.95,
		Assumption: "the lists depend on each other as in some decomposable graph, and people are otherwise alike",
	}
	s := summarise(p.byUnseen, n)
	e.Estimate, e.Mean, e.Median = s.median, new(s.mean), new(s.median)
	e.Lower, e.Upper = new(s.quantiles[0]), new(s.quantiles[4])
	e.Detail = map[string]any{
		"delta": o.Delta, "sd": s.sd, "mode": s.mode, "quantiles": s.quantiles, "square_loss": s.relative,
		"graphs": p.best(t.Lists), "saturated": p.flat, "largest_unseen": len(p.byUnseen),
	}
	if p.flat > 0.05 {
		w := summarise(p.within, n)
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

func summarise(p []float64, n float64) (s summary) {
	var square, inverse, inverse2, most, sum float64
	levels := [5]float64{0.025, 0.25, 0.5, 0.75, 0.975}
	at := 0
	for x, v := range p {
		total := n + float64(x+1)
		s.mean += v * total
		square += v * total * total
		inverse += v / total
		inverse2 += v / (total * total)
		if v > most {
			most, s.mode = v, total
		}
		for sum += v; at < len(levels) && sum >= levels[at]; at++ {
			s.quantiles[at] = total
		}
	}
	for ; at < len(levels); at++ {
		s.quantiles[at] = n + float64(len(p))
	}
	s.sd = math.Sqrt(max(0, square-s.mean*s.mean))
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
func (g graph) name(lists []string) string {
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
