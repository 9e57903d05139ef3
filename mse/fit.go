package mse

import (
	"math"
	"math/bits"
)

// design is a model on the cells of a table that can be observed. Cells of
// overlaps that nobody is in are left out together with the interaction that would
// go to minus infinity: the extended maximum likelihood estimate (Fienberg and
// Rinaldo 2012; Chan, Silverman and Vincent 2021).
type design struct {
	cells   []Pattern // those kept, in order
	terms   []Pattern // intercept 0, main effects, interactions kept
	on      [][]int   // by cell: which terms take part in it
	dropped int       // interactions at minus infinity
}

// index sets which terms take part in which cell.
func (d *design) index() {
	d.on = make([][]int, len(d.cells))
	for i, c := range d.cells {
		for k, term := range d.terms {
			if has(c, term) {
				d.on[i] = append(d.on[i], k)
			}
		}
	}
}

func designOf(counts []int, m model) design {
	k := bits.Len(uint(len(counts))) - 1
	d := design{terms: []Pattern{0}}
	for j := range k {
		d.terms = append(d.terms, 1<<j)
	}
	var gone []Pattern
	for _, set := range m {
		if sharedIn(counts, set) == 0 {
			gone = append(gone, set)
			d.dropped++
			continue
		}
		d.terms = append(d.terms, set)
	}
cells:
	for p := Pattern(1); int(p) < len(counts); p++ {
		for _, set := range gone {
			if p&set == set {
				continue cells
			}
		}
		d.cells = append(d.cells, p)
	}
	d.index()
	return d
}

// sharedIn returns how many people are on all lists of a set.
func sharedIn(counts []int, set Pattern) (n int) {
	for p := int(set); p < len(counts); p++ {
		if Pattern(p)&set == set {
			n += counts[p]
		}
	}
	return n
}

// has reports whether a term takes part in a cell.
func has(cell, term Pattern) bool { return cell&term == term }

// fitted is a model at its maximum likelihood.
type fitted struct {
	design
	theta    []float64
	mu       []float64 // by cell
	logLik   float64
	variance float64 // of the intercept
	ok       bool    // it converged
}

// unseen is how many the model says are on no list.
func (f *fitted) unseen() float64 { return math.Exp(f.theta[0]) }

// penalty counts parameters, those at minus infinity too.
func (f *fitted) parameters() int { return len(f.terms) + f.dropped }

func (f *fitted) aic() float64 { return -2*f.logLik + 2*float64(f.parameters()) }

// bic counts people, not cells.
func (f *fitted) bic(n int) float64 {
	return f.aic() + float64(f.parameters())*(math.Log(float64(n))-2)
}

// Newton's method ends when the deviance settles, or gives up.
const (
	mostSteps   = 100
	settled     = 1e-10
	mostHalving = 30
)

// fit fits the Poisson regression by iteratively reweighted least squares.
func fit(counts []int, d design) fitted {
	y := make([]float64, len(d.cells))
	for i, c := range d.cells {
		y[i] = float64(counts[c])
	}
	return fitReal(y, d)
}

// fitReal is fit for numbers that need not be whole.
func fitReal(y []float64, d design) (f fitted) {
	f = fitted{design: d, theta: make([]float64, len(d.terms)), mu: make([]float64, len(d.cells))}
	for i := range y {
		f.mu[i] = y[i] + 0.5
	}
	defer func() { f.logLik += saturatedLogLik(y) }()
	work := newNormal(len(d.terms))
	working := make([]float64, len(y))
	for i, mu := range f.mu {
		working[i] = math.Log(mu) + (y[i]-mu)/mu
	}
	if !work.solve(d, f.mu, working) {
		return f
	}
	copy(f.theta, work.theta())
	f.logLik = f.evaluate(f.theta, y)
	for range mostSteps {
		for i, mu := range f.mu {
			working[i] = math.Log(mu) + (y[i]-mu)/mu
		}
		if !work.solve(d, f.mu, working) {
			return f
		}
		before := f.logLik
		if !f.step(work.theta(), y) {
			break
		}
		if math.Abs(f.logLik-before) < settled*(1+math.Abs(before)) {
			f.ok = true
			break
		}
	}
	f.ok = f.ok && work.solve(d, f.mu, working)
	if f.ok {
		f.variance = work.variance()
	}
	return f
}

// step goes towards new values, half as far where that is no better.
func (f *fitted) step(to, y []float64) bool {
	at := append([]float64(nil), f.theta...)
	before := f.logLik
	try := make([]float64, len(at))
	share := 1.0
	for range mostHalving {
		for i := range try {
			try[i] = at[i] + share*(to[i]-at[i])
		}
		if ll := f.evaluate(try, y); ll >= before-1e-9*(1+math.Abs(before)) {
			copy(f.theta, try)
			f.logLik = ll
			return true
		}
		share /= 2
	}
	f.evaluate(at, y)
	return false
}

// evaluate sets the fitted counts and returns the log likelihood, less that of counts
// which are what is expected: with many people both are large, and their difference
// is what matters.
func (f *fitted) evaluate(theta, y []float64) (ll float64) {
	for i, terms := range f.on {
		eta := 0.0
		for _, k := range terms {
			eta += theta[k]
		}
		mu := math.Exp(eta)
		f.mu[i] = max(mu, 1e-300)
		if y[i] == 0 {
			ll -= mu
			continue
		}
		off := (mu - y[i]) / y[i]
		if math.Abs(off) < 0.5 {
			ll += y[i] * (math.Log1p(off) - off)
		} else {
			ll += y[i]*(eta-math.Log(y[i])) - (mu - y[i])
		}
	}
	if math.IsNaN(ll) {
		return math.Inf(-1)
	}
	return ll
}

// saturatedLogLik is the log likelihood where each count is what is expected.
func saturatedLogLik(y []float64) (ll float64) {
	for _, v := range y {
		if v > 0 {
			ll += v*math.Log(v) - v - lgamma(v+1)
		}
	}
	return ll
}

// normal is the room for normal equations of one size. They are small and solved by
// the hundred thousand: what a library would check besides costs more than the solving.
type normal struct {
	k    int
	info []float64 // upper half, by row; then its Cholesky factor
	out  []float64
}

func newNormal(k int) *normal {
	return &normal{k: k, info: make([]float64, k*k), out: make([]float64, k)}
}

func (w *normal) theta() []float64 { return w.out }

// solve solves the weighted least squares; false where it has no one solution.
func (w *normal) solve(d design, weight, y []float64) bool {
	clear(w.info)
	clear(w.out)
	for i, terms := range d.on {
		v := weight[i] * y[i]
		for at, a := range terms {
			w.out[a] += v
			row := w.info[a*w.k:]
			for _, b := range terms[at:] {
				row[b] += weight[i]
			}
		}
	}
	if !w.factor() {
		return false
	}
	w.substitute()
	return true
}

// singular is the share of a diagonal element that must be left when what the others
// say is taken from it.
const singular = 1e-13

// factor replaces the matrix by the upper triangle R of which it is R'R; false where it
// is not positive definite.
func (w *normal) factor() bool {
	k := w.k
	for i := range k {
		row := w.info[i*k : (i+1)*k]
		whole := row[i]
		for h := range i {
			above := w.info[h*k : (h+1)*k]
			f := above[i]
			if f == 0 {
				continue
			}
			for j := i; j < k; j++ {
				row[j] -= f * above[j]
			}
		}
		if !(row[i] > singular*whole) || math.IsInf(row[i], 1) {
			return false
		}
		root := math.Sqrt(row[i])
		for j := i; j < k; j++ {
			row[j] /= root
		}
	}
	return true
}

// substitute solves R'R x = out in place.
func (w *normal) substitute() {
	k := w.k
	for i := range k {
		w.out[i] /= w.info[i*k+i]
		f := w.out[i]
		for j := i + 1; j < k; j++ {
			w.out[j] -= w.info[i*k+j] * f
		}
	}
	for i := k - 1; i >= 0; i-- {
		for j := i + 1; j < k; j++ {
			w.out[i] -= w.info[i*k+j] * w.out[j]
		}
		w.out[i] /= w.info[i*k+i]
	}
}

// variance is that of the intercept: one element of the inverse information.
func (w *normal) variance() float64 {
	clear(w.out)
	w.out[0] = 1
	w.substitute()
	return w.out[0]
}
