package mse

import (
	"math"
	"math/bits"
)

// sampler is one chain of the latent-class model. Each person belongs to one of K
// classes; within a class lists are independent. See [LCMCR].
type sampler struct {
	r    source
	o    LCMCROptions
	k, j int
	n    int
	cap  float64 // the most unseen people

	cells []Cell
	bits  [][]int // the lists of each cell

	// theta: classes' weights, and probabilities of lists by class [j*k+class].
	logNu     []float64
	logIn     []float64
	logOut    []float64
	alpha     float64
	logV      []float64 // of the sticks
	logRest   []float64
	logNuLast float64

	// What is derived from theta.
	base  []float64 // log nu + sum of log(1-lambda)
	logit []float64
	p0    float64

	// The people as they are divided among classes.
	in     []int // by list and class
	out    []int
	size   []int // by class
	unseen float64

	weights []float64
	each    []int
	capped  int // draws of the unseen that were beyond the cap, and drawn again
}

func newSampler(t Table, o LCMCROptions, r source) *sampler {
	k, j := o.Classes, len(t.Lists)
	s := &sampler{
		r: r, o: o, k: k, j: j, n: t.Observed(), cells: t.Cells, cap: o.MostUnseen * float64(t.Observed()),
		logNu: make([]float64, k), logIn: make([]float64, j*k), logOut: make([]float64, j*k), logV: make([]float64, k), logRest: make([]float64, k),
		base: make([]float64, k), logit: make([]float64, j*k), in: make([]int, j*k), out: make([]int, j*k), size: make([]int, k),
		weights: make([]float64, k), each: make([]int, k),
	}
	for _, c := range t.Cells {
		var on []int
		for rest := c.Pattern; rest != 0; rest &= rest - 1 {
			on = append(on, bits.TrailingZeros32(uint32(rest)))
		}
		s.bits = append(s.bits, on)
	}
	return s
}

// begin draws theta from its prior: chains that begin apart tell whether they meet.
func (s *sampler) begin() {
	s.alpha = 0.2 + 1.8*s.r.Float64()
	for i := range s.logIn {
		s.logIn[i], s.logOut[i] = s.r.logBeta(1, 1)
	}
	for k := range s.k {
		s.logV[k], s.logRest[k] = s.r.logBeta(1, 1)
	}
	s.weigh()
	s.derive()
}

// sweep draws everything once, each given the rest: first to which class people
// belong and how many are unseen, given theta; then theta, given them.
func (s *sampler) sweep() {
	s.divide()
	s.lists()
	s.sticks()
	s.derive()
}

// divide draws to which class everybody belongs, and how many are unseen.
func (s *sampler) divide() {
	clear(s.in)
	clear(s.out)
	clear(s.size)
	for m, c := range s.cells {
		sum := s.weigh1(s.bits[m])
		clear(s.each)
		if c.Count == 1 {
			s.each[s.pick(sum)] = 1
		} else {
			s.r.multinomial(c.Count, s.weights, sum, s.each)
		}
		for k, n := range s.each {
			if n == 0 {
				continue
			}
			s.size[k] += n
			for _, j := range s.bits[m] {
				s.in[j*s.k+k] += n
			}
		}
	}
	s.unseen = s.drawUnseen()
	sum := s.weigh1(nil)
	clear(s.each)
	s.r.multinomial(int(s.unseen), s.weights, sum, s.each)
	for k, n := range s.each {
		s.size[k] += n
	}
	for j := range s.j {
		for k := range s.k {
			s.out[j*s.k+k] = s.size[k] - s.in[j*s.k+k]
		}
	}
}

// weigh1 sets the classes' weights for a pattern, and returns their sum.
func (s *sampler) weigh1(on []int) (sum float64) {
	most := math.Inf(-1)
	w := s.weights
	copy(w, s.base)
	for _, j := range on {
		for k, l := range s.logit[j*s.k : (j+1)*s.k] {
			w[k] += l
		}
	}
	for _, v := range w {
		most = max(most, v)
	}
	for k, v := range w {
		w[k] = math.Exp(v - most)
		sum += w[k]
	}
	return sum
}

func (s *sampler) pick(sum float64) int {
	at := s.r.Float64() * sum
	for k, w := range s.weights {
		if at -= w; at < 0 {
			return k
		}
	}
	return s.k - 1
}

// drawUnseen draws how many are on no list: negative binomial, which is what a
// prior of 1/N gives, and not more than the cap.
func (s *sampler) drawUnseen() float64 {
	odds := s.p0 / (1 - s.p0)
	for range 1000 {
		mean := s.r.gamma(float64(s.n)) * odds
		if !(mean <= 4*s.cap) {
			s.capped++
			continue
		}
		if n := s.r.poisson(mean); n <= s.cap {
			return n
		}
		s.capped++
	}
	return s.cap
}

// lists draws how likely each list is to name people of each class.
func (s *sampler) lists() {
	for i := range s.logIn {
		s.logIn[i], s.logOut[i] = s.r.logBeta(s.o.ListA+float64(s.in[i]), s.o.ListB+float64(s.out[i]))
	}
}

// sticks draws the classes' weights by breaking a stick, and how evenly it breaks.
func (s *sampler) sticks() {
	after := s.n + int(s.unseen)
	for k := range s.k - 1 {
		after -= s.size[k]
		s.logV[k], s.logRest[k] = s.r.logBeta(1+float64(s.size[k]), s.alpha+float64(after))
	}
	s.weigh()
	s.alpha = s.drawAlpha()
}

func (s *sampler) drawAlpha() float64 {
	shape, rate := s.o.AlphaShape+float64(s.k-1), s.o.AlphaRate-s.logNuLast
	return max(1e-6, math.Exp(s.r.logGamma(shape))/rate)
}

// weigh sets log nu from the sticks.
func (s *sampler) weigh() {
	left := 0.0
	for k := range s.k - 1 {
		s.logNu[k] = left + s.logV[k]
		left += s.logRest[k]
	}
	s.logNu[s.k-1] = left
	s.logNuLast = left
}

// derive sets what is derived from theta.
func (s *sampler) derive() {
	copy(s.base, s.logNu)
	for j := range s.j {
		at := j * s.k
		for k := range s.k {
			s.base[k] += s.logOut[at+k]
			s.logit[at+k] = s.logIn[at+k] - s.logOut[at+k]
		}
	}
	s.p0 = 0
	for _, b := range s.base {
		s.p0 += math.Exp(b)
	}
	s.p0 = min(s.p0, 1-1e-12)
}

// occupied is how many classes anybody belongs to.
func (s *sampler) occupied() (n int) {
	for _, c := range s.size {
		if c > 0 {
			n++
		}
	}
	return n
}
