package mse

import (
	"math"
	"math/bits"

	"gonum.org/v1/gonum/mat"
)

// design is a model on the cells of a table that can be observed. Cells of
// overlaps that nobody is in are left out together with the interaction that would
// go to minus infinity: the extended maximum likelihood estimate (Fienberg and
// Rinaldo 2012; Chan, Silverman and Vincent 2021).
type design struct {
	cells   []Pattern // those kept, in order
	terms   []Pattern // intercept 0, main effects, interactions kept
	dropped int       // interactions at minus infinity
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
func fitReal(y []float64, d design) fitted {
	f := fitted{design: d, theta: make([]float64, len(d.terms)), mu: make([]float64, len(d.cells))}
	for i := range y {
		f.mu[i] = y[i] + 0.5
	}
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

// evaluate sets the fitted counts and returns the log likelihood.
func (f *fitted) evaluate(theta, y []float64) (ll float64) {
	for i, c := range f.cells {
		eta := 0.0
		for k, term := range f.terms {
			if has(c, term) {
				eta += theta[k]
			}
		}
		mu := math.Exp(eta)
		f.mu[i] = max(mu, 1e-300)
		g, _ := math.Lgamma(y[i] + 1)
		ll += y[i]*eta - mu - g
	}
	if math.IsNaN(ll) {
		return math.Inf(-1)
	}
	return ll
}

// normal is the room for normal equations of one size.
type normal struct {
	info *mat.SymDense
	rhs  *mat.VecDense
	out  *mat.VecDense
	chol mat.Cholesky
}

func newNormal(k int) *normal {
	return &normal{info: mat.NewSymDense(k, nil), rhs: mat.NewVecDense(k, nil), out: mat.NewVecDense(k, nil)}
}

func (w *normal) theta() []float64 { return w.out.RawVector().Data }

// solve solves the weighted least squares; false where it has no one solution.
func (w *normal) solve(d design, weight, y []float64) bool {
	k := len(d.terms)
	info, rhs := w.info.RawSymmetric().Data, w.rhs.RawVector().Data
	clear(info)
	clear(rhs)
	for i, c := range d.cells {
		for a, ta := range d.terms {
			if !has(c, ta) {
				continue
			}
			rhs[a] += weight[i] * y[i]
			row := info[a*k:]
			for b := a; b < k; b++ {
				if has(c, d.terms[b]) {
					row[b] += weight[i]
				}
			}
		}
	}
	if !w.chol.Factorize(w.info) {
		return false
	}
	return w.chol.SolveVecTo(w.out, w.rhs) == nil
}

// variance is that of the intercept: one element of the inverse information.
func (w *normal) variance() float64 {
	w.rhs.Zero()
	w.rhs.SetVec(0, 1)
	if err := w.chol.SolveVecTo(w.out, w.rhs); err != nil {
		return math.Inf(1)
	}
	return w.out.AtVec(0)
}
