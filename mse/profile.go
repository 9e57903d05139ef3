package mse

import "math"

// chi95 is half the 95 % quantile of chi-square with one degree of freedom.
const chi95 = 3.841458820694124 / 2

// profile is the profile likelihood interval of one model: the multinomial
// likelihood at its best for each number of unseen people, within [chi95] of the
// highest. It does not account for the choice of the model.
func profile(counts []int, f fitted) (lower, upper float64, ok bool) {
	n := 0
	for _, c := range counts {
		n += c
	}
	at := func(unseen float64) float64 { return profileAt(counts, f.design, n, unseen) }
	best := math.Round(f.unseen())
	top := at(best)
	for step := math.Max(1, math.Round(best/64)); ; { // climb to the top
		switch up, down := at(best+step), at(math.Max(0, best-step)); {
		case up > top:
			best, top = best+step, up
		case down > top:
			best, top = math.Max(0, best-step), down
		case step > 1:
			step = math.Max(1, math.Floor(step/2))
		default:
			low := edge(at, best, top-chi95, -1)
			high := edge(at, best, top-chi95, +1)
			return float64(n) + low, float64(n) + high, !math.IsInf(high, 0) && !math.IsNaN(top)
		}
		if math.IsNaN(top) {
			return 0, 0, false
		}
	}
}

// edge returns the last whole number in a direction where the likelihood is at
// least the limit.
func edge(at func(float64) float64, from, limit float64, direction float64) float64 {
	in, step := from, math.Max(1, math.Round(from/16))
	var out float64
	for {
		next := in + direction*step
		if next <= 0 && direction < 0 {
			if at(0) >= limit {
				return 0
			}
			out = 0
			break
		}
		if next > 1e12 {
			return math.Inf(1)
		}
		if at(next) < limit {
			out = next
			break
		}
		in, step = next, step*2
	}
	for math.Abs(out-in) > 1 {
		mid := math.Round((in + out) / 2)
		if at(mid) >= limit {
			in = mid
		} else {
			out = mid
		}
	}
	return in
}

// profileAt is the multinomial log likelihood of a number of unseen people, with
// everything else at its best for it.
func profileAt(counts []int, d design, n int, unseen float64) float64 {
	y := make([]float64, len(d.cells)+1)
	y[0] = unseen
	full := design{cells: append([]Pattern{0}, d.cells...), terms: d.terms}
	full.index()
	for i, c := range d.cells {
		y[i+1] = float64(counts[c])
	}
	f := fitReal(y, full)
	if !f.ok {
		return math.NaN()
	}
	total := float64(n) + unseen
	ll, _ := math.Lgamma(total + 1)
	for i, mu := range f.mu {
		g, _ := math.Lgamma(y[i] + 1)
		ll -= g
		if y[i] > 0 {
			ll += y[i] * math.Log(mu/total)
		}
	}
	return ll
}
