package mse

import (
	"math"
	"math/rand/v2"
)

// source draws what the sampler needs from one stream of random numbers.
type source struct{ *rand.Rand }

// logGamma draws the logarithm of a Gamma(shape, 1) variable: by Marsaglia and
// Tsang (2000); below shape 1 from that of shape+1, on the log scale, since the
// variable itself would underflow.
func (r source) logGamma(shape float64) float64 {
	if shape < 1 {
		return r.logGamma(shape+1) - r.ExpFloat64()/shape
	}
	return math.Log(r.gamma(shape))
}

// gamma draws a Gamma(shape, 1) variable, shape at least 1.
func (r source) gamma(shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := r.Float64()
		x *= x
		if u < 1-0.0331*x*x || math.Log(u) < x/2+d*(1-v+math.Log(v)) {
			return d * v
		}
	}
}

// logBeta draws a Beta(a, b) variable x and returns the logarithms of x and 1-x.
func (r source) logBeta(a, b float64) (x, rest float64) {
	if a >= 1 && b >= 1 {
		g, h := r.gamma(a), r.gamma(b)
		s := math.Log(g + h)
		return math.Log(g) - s, math.Log(h) - s
	}
	g, h := r.logGamma(a), r.logGamma(b)
	s := logSum(g, h)
	return g - s, h - s
}

func logSum(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// small is the mean below which counting one by one is quickest.
const small = 10

// poisson draws a Poisson variable: by multiplication, or for large means by
// Hörmann's transformed rejection (PTRS, 1993).
func (r source) poisson(mean float64) float64 {
	if mean < small {
		limit, n := math.Exp(-mean), 0.0
		for p := r.Float64(); p > limit; p *= r.Float64() {
			n++
		}
		return n
	}
	root, logMean := math.Sqrt(mean), math.Log(mean)
	b := 0.931 + 2.53*root
	a := -0.059 + 0.02483*b
	inverse := 1.1239 + 1.1328/(b-3.4)
	vr := 0.9277 - 3.6224/(b-2)
	for {
		u, v := r.Float64()-0.5, r.Float64()
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + mean + 0.43)
		if us >= 0.07 && v <= vr {
			return k
		}
		if k < 0 || us < 0.013 && v > us {
			continue
		}
		if math.Log(v)+math.Log(inverse)-math.Log(a/(us*us)+b) <= k*logMean-mean-lgamma(k+1) {
			return k
		}
	}
}

// binomial draws a Binomial(n, p) variable: by inversion, or where many are
// expected by Hörmann's transformed rejection (BTRS, 1993).
func (r source) binomial(n int, p float64) int {
	switch {
	case n <= 0 || p <= 0:
		return 0
	case p >= 1:
		return n
	case p > 0.5:
		return n - r.binomial(n, 1-p)
	case n == 1:
		if r.Float64() < p {
			return 1
		}
		return 0
	case float64(n)*p < small:
		return r.fewOf(n, p)
	}
	nf := float64(n)
	spq := math.Sqrt(nf * p * (1 - p))
	b := 1.15 + 2.53*spq
	a := -0.0873 + 0.0248*b + 0.01*p
	c := nf*p + 0.5
	vr := 0.92 - 4.2/b
	alpha := (2.83 + 5.1/b) * spq
	logOdds := math.Log(p / (1 - p))
	m := math.Floor((nf + 1) * p)
	h := lgamma(m+1) + lgamma(nf-m+1)
	for {
		u, v := r.Float64()-0.5, r.Float64()
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + c)
		if us >= 0.07 && v <= vr {
			return int(k)
		}
		if k < 0 || k > nf {
			continue
		}
		v = math.Log(v * alpha / (a/(us*us) + b))
		if v <= h-lgamma(k+1)-lgamma(nf-k+1)+(k-m)*logOdds {
			return int(k)
		}
	}
}

// fewOf draws a binomial variable of which few are expected, by inversion.
func (r source) fewOf(n int, p float64) int {
	odds := p / (1 - p)
	first := math.Exp(float64(n) * math.Log1p(-p))
	scale := float64(n+1) * odds
	for {
		u, at := r.Float64(), first
		for k := 0; k <= n; k++ {
			if u < at {
				return k
			}
			u -= at
			at *= scale/float64(k+1) - odds
		}
	}
}

// multinomial divides n among classes by weights, and adds the parts to into. sum
// is that of the weights.
func (r source) multinomial(n int, weights []float64, sum float64, into []int) {
	for k, w := range weights {
		if n == 0 {
			return
		}
		if k == len(weights)-1 || w >= sum {
			into[k] += n
			return
		}
		c := r.binomial(n, w/sum)
		into[k] += c
		n -= c
		sum -= w
	}
}
