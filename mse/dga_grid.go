package mse

import (
	"context"
	"math"
	"slices"
)

// The sizes of the grid on which the unseen are weighed.
const (
	noMass    = 1e-6       // of the last cell
	noTail    = 1e-3       // of all that would be beyond it
	meanTail  = 1e-2       // of the mean, that another e-fold of the grid would add
	mostGrid  = 20_000_000 // that may be asked for
	mostUnit  = 1e10       // that is considered where nothing is asked for
	chunkSize = 1024
	// Between nodes numbers grow by this factor: the weight of a graph is smooth in
	// their logarithm, and where it is not, its top is climbed to.
	nodeRatio = 1.03
	// A graph or cell whose logarithm of weight is so far below the top adds nothing
	// that can be seen.
	nothing = 42.0
	// Cells are of one number each at first, and twice as wide after every so many: where
	// a grid is asked for, where none is, and least of all where many graphs have weight.
	unitCells   = 65_536
	finest      = 8192
	coarsest    = 256
	cellsGraphs = 3e7
	surveyShare = 0.3
)

// survey is where the weight lies: which graphs have any, and from which number of
// unseen people to which.
type survey struct {
	graphs  []graph
	peaks   []float64 // of each graph: where it weighs most
	top     float64   // the logarithm of the largest weight
	from    float64
	most    float64
	spacing float64 // after how many cells they grow
}

// nodes are numbers of unseen people, and the logarithms of all marginal likelihoods.
type nodes struct {
	at   []float64
	sets [][]float64 // by node and set; the empty set has what all graphs share
}

func (w *weights) nodesTo(limit float64) (v nodes) {
	for x := 1.0; ; x = max(x+1, math.Round(x*nodeRatio)) {
		x = min(x, limit)
		v.at = append(v.at, x)
		v.sets = append(v.sets, w.row(x))
		if x >= limit {
			return v
		}
	}
}

// row returns the logarithm of every set's marginal likelihood at one number of unseen
// people.
func (w *weights) row(x float64) []float64 {
	row := make([]float64, 1<<w.k)
	total := lgamma(w.n + x + w.whole)
	for a := 1; a < len(row); a++ {
		row[a] = lgamma(x+w.zeros[a]+w.deltas[a]) + w.fixed[a] - total
	}
	row[0] = w.shared(x)
	return row
}

// shared is what all graphs share.
func (w *weights) shared(x float64) float64 {
	return lgamma(w.n+x+1) - lgamma(x+1) + w.prior(w.n+x)
}

func (g *graph) sum(row []float64) float64 {
	l := row[0]
	for _, q := range g.cliques {
		l += row[q]
	}
	for _, q := range g.separators {
		l -= row[q]
	}
	return l
}

// of is the logarithm of a graph's weight at one number of unseen people.
func (w *weights) of(g *graph, x float64) float64 {
	l, total := w.shared(x), lgamma(w.n+x+w.whole)
	for _, q := range g.cliques {
		l += lgamma(x+w.zeros[q]+w.deltas[q]) + w.fixed[q] - total
	}
	for _, q := range g.separators {
		l -= lgamma(x+w.zeros[q]+w.deltas[q]) + w.fixed[q] - total
	}
	return l
}

// climb finds the top of a graph's weight between two numbers, by golden section.
func (w *weights) climb(g *graph, low, high float64) (at, top float64) {
	const golden = 0.6180339887498949
	a, b := high-golden*(high-low), low+golden*(high-low)
	la, lb := w.of(g, a), w.of(g, b)
	for high-low > 1 && high-low > 1e-6*high {
		if la > lb {
			high, b, lb = b, a, la
			a = high - golden*(high-low)
			la = w.of(g, a)
		} else {
			low, a, la = a, b, lb
			b = low + golden*(high-low)
			lb = w.of(g, b)
		}
	}
	if la > lb {
		return a, la
	}
	return b, lb
}

// survey looks at every graph on few numbers of unseen people, and keeps those that
// may weigh something.
func (w *weights) survey(ctx context.Context, all []graph, most float64, progress func(float64)) (s survey, err error) {
	limit := most
	if most == 0 {
		limit = mostUnit
	}
	v := w.nodesTo(limit)
	peak, where := make([]float64, len(all)), make([]int, len(all))
	err = each(ctx, (len(all)+chunkSize-1)/chunkSize, func(c int) error {
		for i := c * chunkSize; i < min(len(all), (c+1)*chunkSize); i++ {
			peak[i] = math.Inf(-1)
			for x, row := range v.sets {
				if l := all[i].sum(row); l > peak[i] {
					peak[i], where[i] = l, x
				}
			}
		}
		return ctx.Err()
	}, part(progress, 0, 0.5))
	if err != nil {
		return s, err
	}
	s.top = slices.Max(peak)
	tops := make([]float64, len(all))
	err = each(ctx, (len(all)+chunkSize-1)/chunkSize, func(c int) error {
		for i := c * chunkSize; i < min(len(all), (c+1)*chunkSize); i++ {
			x := v.at[where[i]]
			tops[i] = x
			// Between nodes a weight can be higher by no more than its curve, which is
			// that of a few gamma functions, allows.
			if reach := float64(w.k) * x * (nodeRatio - 1) * (nodeRatio - 1) / 2; peak[i] > s.top-nothing-reach {
				at, l := w.climb(&all[i], v.at[max(0, where[i]-1)], v.at[min(len(v.at)-1, where[i]+1)])
				if l > peak[i] {
					tops[i], peak[i] = at, l
				}
			}
		}
		return ctx.Err()
	}, part(progress, 0.5, 0.5))
	if err != nil {
		return s, err
	}
	s.top = slices.Max(peak)
	for i, l := range peak {
		if l > s.top-nothing {
			s.graphs, s.peaks = append(s.graphs, all[i]), append(s.peaks, tops[i])
		}
	}
	s.spacing = math.Floor(min(finest, max(coarsest, cellsGraphs/float64(len(s.graphs)))))
	if most != 0 {
		s.spacing = unitCells
	}
	s.bound(w, v, most)
	return s, nil
}

// bound sets from which number of unseen people to which there is any weight.
func (s *survey) bound(w *weights, v nodes, most float64) {
	heights := make([]float64, len(v.at)) // the weight at each node, of the top
	for x, row := range v.sets {
		for i := range s.graphs {
			if l := s.graphs[i].sum(row) - s.top; l > -nothing {
				heights[x] += math.Exp(l)
			}
		}
	}
	first, total := len(v.at)-1, 1.0
	for x, h := range heights {
		if h > 0 {
			first = min(first, x)
		}
		total = max(total, h)
		if x > 0 {
			total += h * (v.at[x] - v.at[x-1])
		}
	}
	last := 0.0
	for x, h := range heights {
		if h/total >= noMass || h/total*v.at[x] >= noTail {
			last = v.at[min(x+1, len(v.at)-1)]
		}
	}
	for i, p := range s.peaks { // those between nodes
		at, _ := slices.BinarySearch(v.at, p)
		first = min(first, max(0, at-1))
		if next := v.at[min(at+1, len(v.at)-1)]; math.Exp(w.of(&s.graphs[i], p)-s.top)*(next-p+1) >= noTail*total {
			last = max(last, next)
		}
	}
	s.from = v.at[max(0, first-1)]
	if s.most = most; most == 0 {
		s.most = max(300, 10*w.n)
		for s.most < last {
			s.most *= 2
		}
		s.most = min(s.most, mostUnit)
	}
}

// lay divides the numbers that have weight into cells.
func (s *survey) lay() (cells []cell) {
	step := 1.0
	for at := s.from; at <= s.most; {
		for i := 0.0; i < s.spacing && at <= s.most; i++ {
			width := min(step, s.most-at+1)
			cells = append(cells, cell{from: at, step: width})
			at += width
		}
		step *= 2
	}
	return cells
}

// average weighs every graph in every cell. Memory grows with the cells, not with the
// graphs.
func (w *weights) average(ctx context.Context, s survey, progress func(float64)) (posterior, error) {
	p := posterior{graphs: s.graphs, byGraph: make([]float64, len(s.graphs)), cells: s.lay()}
	chunks := (len(p.cells) + chunkSize - 1) / chunkSize
	parts := make([][]float64, chunks) // by chunk, so that the sum does not depend on who was first
	err := each(ctx, chunks, func(c int) error {
		cells := p.cells[c*chunkSize : min(len(p.cells), (c+1)*chunkSize)]
		parts[c] = s.weigh(w, cells)
		return ctx.Err()
	}, progress)
	if err != nil {
		return p, err
	}
	for _, part := range parts {
		for i, v := range part {
			p.byGraph[i] += v
		}
	}
	p.normalise(w.k)
	return p, nil
}

// weigh adds the weights of all graphs to cells, and returns those of each graph.
func (s *survey) weigh(w *weights, cells []cell) (byGraph []float64) {
	byGraph = make([]float64, len(s.graphs))
	first, middle, last := cells[0].middle(), cells[len(cells)/2].middle(), cells[len(cells)-1].middle()
	ends := [][]float64{w.row(first), w.row(middle), w.row(last)}
	table := w.table(cells)
	logs := make([]float64, len(cells))
	for i := range s.graphs {
		g := &s.graphs[i]
		if s.farFrom(i, first, last, ends) {
			continue
		}
		copy(logs, table[0])
		for _, q := range g.cliques {
			for x, v := range table[q] {
				logs[x] += v
			}
		}
		for _, q := range g.separators {
			for x, v := range table[q] {
				logs[x] -= v
			}
		}
		flat, sum := g.saturated(w.k), 0.0
		for x, l := range logs {
			if l -= s.top; l <= -nothing {
				continue
			}
			v := cells[x].step * math.Exp(l)
			sum += v
			cells[x].mass += v
			if !flat {
				cells[x].within += v
			}
		}
		byGraph[i] = sum
	}
	return byGraph
}

// farFrom reports whether a graph surely weighs nothing between two numbers: its top is
// elsewhere, and at three places it is far below the smallest weight that counts.
func (s *survey) farFrom(i int, first, last float64, rows [][]float64) bool {
	const doubt = 15
	if s.peaks[i] >= first && s.peaks[i] <= last {
		return false
	}
	for _, row := range rows {
		if s.graphs[i].sum(row)-s.top > -nothing-doubt {
			return false
		}
	}
	return true
}

// table returns for every set the logarithm of its marginal likelihood in each cell,
// and for the empty set what all graphs share.
func (w *weights) table(cells []cell) [][]float64 {
	all := make([][]float64, 1<<w.k)
	total := make([]float64, len(cells))
	room := make([]float64, len(cells)*len(all))
	for a := range all {
		all[a], room = room[:len(cells)], room[len(cells):]
	}
	for x, c := range cells {
		total[x] = lgamma(w.n + c.middle() + w.whole)
		all[0][x] = w.shared(c.middle())
	}
	for a := 1; a < len(all); a++ {
		base := w.zeros[a] + w.deltas[a]
		g := 0.0
		for x, c := range cells {
			at := base + c.middle()
			// lnG(x+1) = lnG(x) + ln x: the logarithm of gamma is asked for once in a while.
			if x%256 == 0 || c.step != 1 || cells[x-1].step != 1 {
				g = lgamma(at)
			} else {
				g += math.Log(at - 1)
			}
			all[a][x] = g + w.fixed[a] - total[x]
		}
	}
	return all
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
	for i := range p.cells {
		p.cells[i].mass /= total
		rest += p.cells[i].within
	}
	for i := range p.cells {
		if p.cells[i].within > 0 {
			p.cells[i].within /= rest
		}
	}
}
