package mse

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// leaper moves theta of a sampler by Hamiltonian Monte Carlo (Duane and others
// 1987; Neal 2011), with classes and the unseen summed out: where they are drawn,
// each draw holds theta back, and theta creeps. It works on the log odds of lists
// and sticks. Given alpha, the density of theta is
//
//	prior(theta) prod_m pi(x_m)^f_m (1-p0)^-n P(unseen <= cap | p0)
//
// The last factor is left out of the slope, and judged when a move is: any slope
// that is a function of theta leaves the target exact.
type leaper struct {
	s     *sampler
	pos   []float64 // log odds: of lists [j*k+class], then of sticks
	mom   []float64
	slope []float64
	scale []float64 // of each coordinate: how far it can go, as was found while warming up
	step  float64

	odds  []float64 // exp(pos)
	prob  []float64 // odds / (1+odds)
	rest  []float64 // 1 / (1+odds)
	nu    []float64
	base  []float64 // nu prod (1-lambda)
	w     []float64
	share []float64 // expected people by class
	in    []float64 // expected people on lists, by class
	pi    []float64 // of each cell
	p0    float64

	warm warming
}

func newLeaper(s *sampler) *leaper {
	d := s.j*s.k + s.k - 1
	l := &leaper{
		s: s, pos: make([]float64, d), mom: make([]float64, d), slope: make([]float64, d), scale: make([]float64, d), step: firstStep,
		odds: make([]float64, d), prob: make([]float64, d), rest: make([]float64, d), nu: make([]float64, s.k), base: make([]float64, s.k), w: make([]float64, s.k),
		share: make([]float64, s.k), in: make([]float64, s.j*s.k), pi: make([]float64, len(s.cells)),
	}
	for i := range l.scale {
		l.scale[i] = 1
	}
	l.warm.begin(d, firstStep)
	return l
}

// How a move is made. Longer ones go farther along the ridges on which what is
// unseen can be traded between classes; on the references, two of these a sweep gave
// the most effective draws a second.
const (
	firstStep     = 0.05 // in the first scale, which is 1 for everything
	mostLeaps     = 30
	movesPerSweep = 2
	farthest      = 600 // log odds beyond which only the sampler moves theta
)

// move tries one move, and sets the sampler's theta where it is made. It returns
// how likely it was to be made.
func (l *leaper) move() float64 {
	s := l.s
	if !l.read() {
		return 0
	}
	l.evaluate()
	before := l.density()
	kinetic := 0.0
	for i := range l.mom {
		l.mom[i] = s.r.NormFloat64()
		kinetic += l.mom[i] * l.mom[i] / 2
	}
	step := l.step * (0.8 + 0.4*s.r.Float64())
	for range 1 + s.r.IntN(mostLeaps) {
		for i, g := range l.slope {
			l.mom[i] += step / 2 * g * l.scale[i]
			l.pos[i] += step * l.mom[i] * l.scale[i]
		}
		l.evaluate()
		for i, g := range l.slope {
			l.mom[i] += step / 2 * g * l.scale[i]
		}
	}
	after := l.density()
	for _, m := range l.mom {
		kinetic -= m * m / 2
	}
	chance := math.Exp(min(0, after-before+kinetic))
	if math.IsNaN(chance) || !l.near() { // what could not come back may not go
		chance = 0
	}
	if s.r.Float64() < chance {
		l.write()
	}
	return chance
}

// read takes theta from the sampler. It is false where something is so close to
// zero or one that only the sampler can move it.
func (l *leaper) read() bool {
	s := l.s
	for i := range s.logIn {
		l.pos[i] = s.logIn[i] - s.logOut[i]
	}
	for k := range s.k - 1 {
		l.pos[s.j*s.k+k] = s.logV[k] - s.logRest[k]
	}
	return l.near()
}

func (l *leaper) near() bool {
	return !slices.ContainsFunc(l.pos, func(v float64) bool { return !(math.Abs(v) < farthest) })
}

// write gives theta to the sampler.
func (l *leaper) write() {
	s := l.s
	for i := range s.logIn {
		s.logIn[i], s.logOut[i] = logOdds(l.pos[i])
	}
	for k := range s.k - 1 {
		s.logV[k], s.logRest[k] = logOdds(l.pos[s.j*s.k+k])
	}
	s.weigh()
	s.derive()
}

// logOdds returns the logarithms of p and 1-p.
func logOdds(v float64) (p, rest float64) {
	if v > 0 {
		low := math.Log1p(math.Exp(-v))
		return -low, -v - low
	}
	low := math.Log1p(math.Exp(v))
	return v - low, -low
}

// evaluate sets what follows from pos, and the slope of the density.
func (l *leaper) evaluate() {
	s := l.s
	k, n := s.k, float64(s.n)
	for i, v := range l.pos {
		o := math.Exp(v)
		l.odds[i] = o
		l.rest[i] = 1 / (1 + o)
		l.prob[i] = o * l.rest[i]
	}
	sticks := l.prob[s.j*k:]
	left := 1.0
	for c, v := range sticks {
		l.nu[c] = left * v
		left *= l.rest[s.j*k+c]
	}
	l.nu[k-1] = left
	copy(l.base, l.nu)
	for j := range s.j {
		for c, rest := range l.rest[j*k : (j+1)*k] {
			l.base[c] *= rest
		}
	}
	l.p0 = 0
	for _, b := range l.base {
		l.p0 += b
	}
	unseen := n / (1 - l.p0)
	for c, b := range l.base {
		l.share[c] = unseen * b
	}
	l.divide()
	a, b := s.o.ListA, s.o.ListB
	for j := range s.j {
		at := j * k
		for c, p := range l.prob[at : at+k] {
			l.slope[at+c] = l.in[at+c] + a - (l.share[c]+a+b)*p
		}
	}
	after := l.share[k-1]
	for c := k - 2; c >= 0; c-- {
		v := sticks[c]
		l.slope[s.j*k+c] = (l.share[c]+1)*l.rest[s.j*k+c] - (after+s.alpha)*v
		after += l.share[c]
	}
}

// divide sets how many of the observed are expected in each class and on its lists.
func (l *leaper) divide() {
	s := l.s
	k := s.k
	clear(l.in)
	for m, cell := range s.cells {
		copy(l.w, l.base)
		for _, j := range s.bits[m] {
			odds := l.odds[j*k : (j+1)*k]
			for c := range l.w {
				l.w[c] *= odds[c]
			}
		}
		sum := 0.0
		for _, w := range l.w {
			sum += w
		}
		l.pi[m] = sum
		f := float64(cell.Count) / sum
		for c := range l.w {
			l.w[c] *= f
			l.share[c] += l.w[c]
		}
		for _, j := range s.bits[m] {
			in := l.in[j*k : (j+1)*k]
			for c := range in {
				in[c] += l.w[c]
			}
		}
	}
}

// density is the logarithm of the density at pos, where evaluate was called, but
// for a constant.
func (l *leaper) density() float64 {
	s := l.s
	n := float64(s.n)
	sum := -n * math.Log(1-l.p0)
	for m, c := range s.cells {
		sum += float64(c.Count) * math.Log(l.pi[m])
	}
	a, b := s.o.ListA, s.o.ListB
	for i, v := range l.pos[:s.j*s.k] {
		sum += a*v - (a+b)*math.Log(1+l.odds[i])
	}
	for i, v := range l.pos[s.j*s.k:] {
		sum += v - (1+s.alpha)*math.Log(1+l.odds[s.j*s.k+i])
	}
	return sum + s.logWithin(l.p0)
}

// logWithin is the logarithm of the chance that no more are unseen than the cap.
func (s *sampler) logWithin(p0 float64) float64 {
	n := float64(s.n)
	mean := n * p0 / (1 - p0)
	if spread := math.Sqrt(mean / (1 - p0)); mean+12*spread < s.cap {
		return 0
	}
	return math.Log(mathext.RegIncBeta(n, math.Floor(s.cap)+1, 1-p0))
}
