package capture

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"amana/mse"
)

// How links are drawn.
const (
	// unlike is how likely two are one of which nothing says so: that a chain of pairs
	// would join them speaks a little against the chain.
	unlike = 0.05
	// surest bounds the chance of a pair, so that no setting makes what others say count
	// for nothing.
	surest = 1e-6
	// mostWhole is up to how many entries that hang together all ways to divide them are
	// weighed (877 of 7); beyond, they are divided again and again, each given the rest.
	mostWhole = 7
	rounds    = 200
)

// Draw draws which entries are one, all links together, and returns the capture
// histories: a function of seed and number. A way to divide the entries has a weight
// of p for each undecided pair that it joins and 1-p for each that it parts, and is
// whole: if a is b and b is c, a is c. What people decided holds in every draw.
// Errors: [mse.ErrTable].
func (l *Linkage) Draw(seed, number uint64) (mse.Table, error) {
	r := rand.New(rand.NewPCG(seed, number^0x6c696e6b)) //nolint:gosec // no secret: it must be the same again
	units := l.units()
	of := make([]int, len(l.Entries))
	for i := range of {
		of[i] = units.find(i)
	}
	for _, c := range l.components(units) {
		c.draw(r)
		for i, u := range c.units {
			of[u] = c.units[slices.Index(c.label, c.label[i])]
		}
	}
	return l.tally(func(i int) int { return of[units.find(i)] })
}

// component is units that undecided pairs tie to each other.
type component struct {
	units []int
	odds  [][]float64 // by two units: the logarithm of the odds that they are one
	label []int       // of each unit: units with the same are one
}

// components returns what hangs together by undecided pairs, in order.
func (l *Linkage) components(units *groups) (all []component) {
	chance := map[Pair]float64{}
	tied := groups{of: make([]int, len(l.Entries)), members: make([][]int, len(l.Entries))}
	for i := range tied.of {
		tied.of[i] = i
	}
	for _, p := range l.Unsure {
		a, b := units.find(p.A), units.find(p.B)
		if a == b || units.held(a, b) {
			continue
		}
		// Several pairs between the same two units are one question: the strongest counts.
		pair := Pair{min(a, b), max(a, b)}
		chance[pair] = max(chance[pair], min(1-surest, max(surest, p.Chance)))
		tied.unite(a, b)
	}
	at := map[int]int{}
	for _, u := range slices.Sorted(maps.Keys(ends(chance))) {
		root := tied.find(u)
		if _, there := at[root]; !there {
			at[root] = len(all)
			all = append(all, component{})
		}
		c := &all[at[root]]
		c.units = append(c.units, u)
	}
	for i := range all {
		all[i].weigh(units, chance)
	}
	return all
}

func ends(pairs map[Pair]float64) map[int]bool {
	all := map[int]bool{}
	for p := range pairs {
		all[p.A], all[p.B] = true, true
	}
	return all
}

func (c *component) weigh(units *groups, chance map[Pair]float64) {
	for i, a := range c.units {
		c.label = append(c.label, i)
		row := make([]float64, len(c.units))
		for j, b := range c.units {
			p, asked := chance[Pair{min(a, b), max(a, b)}]
			switch {
			case i == j:
			case units.held(a, b):
				row[j] = math.Inf(-1)
			case asked:
				row[j] = math.Log(p / (1 - p))
			default:
				row[j] = math.Log(unlike / (1 - unlike))
			}
		}
		c.odds = append(c.odds, row)
	}
}

func (c *component) draw(r *rand.Rand) {
	if len(c.units) <= mostWhole {
		c.drawWhole(r)
		return
	}
	for range rounds {
		for i := range c.units {
			c.redraw(r, i)
		}
	}
}

// weight is the logarithm of how likely a division is.
func (c *component) weight(label []int) (sum float64) {
	for i := range label {
		for j := range i {
			if label[i] == label[j] {
				sum += c.odds[i][j]
			}
		}
	}
	return sum
}

// drawWhole weighs all ways to divide the units, and draws one.
func (c *component) drawWhole(r *rand.Rand) {
	var ways [][]int
	var weights []float64
	label := make([]int, len(c.units))
	var grow func(at, used int)
	grow = func(at, used int) {
		if at == len(label) {
			ways, weights = append(ways, slices.Clone(label)), append(weights, c.weight(label))
			return
		}
		for k := range used + 1 {
			label[at] = k
			grow(at+1, max(used, k+1))
		}
	}
	grow(0, 0)
	c.label = ways[choose(r, weights)]
}

// redraw draws with which of the others one unit is one, given how those are divided.
func (c *component) redraw(r *rand.Rand, i int) {
	with := map[int]float64{}
	for j, k := range c.label {
		if j != i {
			with[k] += c.odds[i][j]
		}
	}
	alone := 0
	for taken := true; taken; {
		if _, taken = with[alone]; taken {
			alone++
		}
	}
	labels := append(slices.Sorted(maps.Keys(with)), alone)
	weights := make([]float64, len(labels))
	for n, k := range labels[:len(labels)-1] {
		weights[n] = with[k]
	}
	c.label[i] = labels[choose(r, weights)]
}

// choose draws a place by the logarithms of weights.
func choose(r *rand.Rand, logs []float64) int {
	top, sum := slices.Max(logs), 0.0
	for _, l := range logs {
		sum += math.Exp(l - top)
	}
	left := r.Float64() * sum
	for i, l := range logs {
		if left -= math.Exp(l - top); left < 0 {
			return i
		}
	}
	return slices.Index(logs, top)
}
