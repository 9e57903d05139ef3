package mse

import "math"

// warming finds the scale and the step of moves while a chain warms up. Afterwards
// both are fixed: a chain that kept learning would not keep to its target.
type warming struct {
	n      float64
	curved []float64 // sums of how sharply the density curves along each coordinate
	// Nesterov's dual averaging of the step, as in Hoffman and Gelman (2014), section
	// 3.2, with the constants given there.
	moves, short, logStep, settled, centre float64
}

const (
	goalAccept = 0.8 // share of moves that are to be made
	shrink     = 0.05
	delay      = 10
	forget     = 0.75
)

func (w *warming) begin(coordinates int, step float64) {
	*w = warming{curved: make([]float64, coordinates), logStep: math.Log(step), centre: math.Log(3 * step)}
}

// adapt moves once, and learns from it.
func (l *leaper) adapt() {
	chance := l.move()
	w := &l.warm
	w.moves++
	w.short += (goalAccept - chance - w.short) / (w.moves + delay)
	w.logStep = w.centre - math.Sqrt(w.moves)/shrink*w.short
	w.settled += math.Pow(w.moves, -forget) * (w.logStep - w.settled)
	l.step = math.Exp(w.logStep)
	if l.read() {
		l.evaluate()
		l.curve()
	}
}

// curve adds how sharply the density would curve if classes were known: at least as
// sharply as it does.
func (l *leaper) curve() {
	s, w := l.s, &l.warm
	k := s.k
	w.n++
	for i := range s.j * k {
		w.curved[i] += (l.share[i%k] + s.o.ListA + s.o.ListB) * l.prob[i] * l.rest[i]
	}
	after := l.share[k-1]
	for i := s.j*k + k - 2; i >= s.j*k; i-- {
		after += l.share[i-s.j*k]
		w.curved[i] += (after + 1 + s.alpha) * l.prob[i] * l.rest[i]
	}
}

// rescale takes what was learned as the scale, and begins anew.
func (l *leaper) rescale() {
	const doubt = 5 // looks that say 1, lest few mislead
	w := &l.warm
	for i, v := range w.curved {
		l.scale[i] = 1 / math.Sqrt((v+doubt)/(w.n+doubt))
	}
	l.step = 4 * firstStep
	w.begin(len(w.curved), l.step)
}

// settle ends the warming up.
func (l *leaper) settle() { l.step = math.Exp(l.warm.settled) }

// warmUp brings a chain from where it begins to where it stays, in so many sweeps:
// some to get near, some to find the scale, twice, and some to find the step.
func (c *chain) warmUp(sweeps int, stop func() bool) bool {
	for i := range sweeps {
		if i%64 == 0 && stop() {
			return false
		}
		c.s.sweep()
		if i < sweeps/4 || c.moves == 0 {
			continue
		}
		if i == sweeps/2 || i == 3*sweeps/4 {
			c.l.rescale()
		}
		c.l.adapt()
	}
	c.l.settle()
	return true
}
