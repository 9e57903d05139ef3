package mse

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// unseenGiven is the distribution of the unseen that chains found: for each draw of
// p0, the chance of being on no list, they are negative binomial, cut at the cap. Its
// quantiles are those of the average over draws (Rao-Blackwell), which is the same
// target as the quantiles of the draws themselves, without the noise of drawing them.
type unseenGiven struct {
	n, cap float64
	p0     []float64
	within []float64 // the chance that the cap is not passed
}

func newUnseenGiven(n int, limit float64, p0 []float64) *unseenGiven {
	u := &unseenGiven{n: float64(n), cap: math.Floor(limit), p0: p0, within: make([]float64, len(p0))}
	for i, p := range p0 {
		u.within[i] = negativeBinomial(u.n, p, u.cap)
	}
	return u
}

// below is the chance that no more than x are unseen.
func (u *unseenGiven) below(x float64) (sum float64) {
	if x >= u.cap {
		return 1
	}
	for i, p := range u.p0 {
		switch c := negativeBinomial(u.n, p, x); {
		case u.within[i] > 0:
			sum += min(1, c/u.within[i])
		case x >= u.cap:
			sum++
		}
	}
	return sum / float64(len(u.p0))
}

// quantile is the smallest number of unseen people that is reached with a chance; about
// is where it may be.
func (u *unseenGiven) quantile(chance, about float64) float64 {
	about = math.Round(min(max(0, about), u.cap))
	low, high := -1.0, u.cap // below(low) < chance <= below(high)
	reach := 1 + math.Ceil(math.Sqrt(about+1))
	for at := about; ; reach *= 2 { // bracket it
		if u.below(at) >= chance {
			high = at
			if at = at - reach; at <= low {
				break
			}
		} else {
			low = at
			if at = at + reach; at >= high {
				break
			}
		}
		if low >= 0 && high < u.cap {
			break
		}
	}
	for high-low > 1 {
		middle := math.Floor((low + high) / 2)
		if u.below(middle) >= chance {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// exactPeople is up to how many people the incomplete beta function is relied on;
// beyond, the normal distribution with the first correction for skewness is as close.
const exactPeople = 50_000

// negativeBinomial is the chance of no more than x failures before n successes, where a
// failure has chance p.
func negativeBinomial(n, p, x float64) float64 {
	switch {
	case x < 0:
		return 0
	case p <= 0:
		return 1
	}
	mean, spread := n*p/(1-p), math.Sqrt(n*p)/(1-p)
	z := (x + 0.5 - mean) / spread
	switch {
	case z < -9: // the lower tail is lighter than the normal one
		return 0
	case z > 9+40/math.Sqrt(n):
		return 1
	case n > exactPeople:
		skew := (1 + p) / math.Sqrt(n*p)
		return min(1, max(0, distuv.UnitNormal.CDF(z)-skew/6*(z*z-1)*distuv.UnitNormal.Prob(z)))
	}
	return mathext.RegIncBeta(n, math.Floor(x)+1, 1-p)
}

// limits are the quantiles of the total at these chances.
func limits(chains []*chain, sorted []float64, chances ...float64) (at []float64) {
	s := chains[0].s
	var p0 []float64
	for _, c := range chains {
		p0 = append(p0, c.p0...)
	}
	slices.Sort(p0) // neighbours are alike: the sum is the same on any number of cores
	u := newUnseenGiven(s.n, s.cap, p0)
	for _, chance := range chances {
		at = append(at, float64(s.n)+u.quantile(chance, quantile(sorted, chance)-float64(s.n)))
	}
	return at
}
