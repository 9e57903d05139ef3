package mse

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkSweep(b *testing.B) {
	tab := table(b, "kosovo")
	o := LCMCROptions{}
	_ = o.fill(4)
	s := newSampler(tab, o, source{rand.New(rand.NewPCG(1, 2))})
	s.begin()
	for b.Loop() {
		s.sweep()
	}
}
