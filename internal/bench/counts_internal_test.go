package bench

import (
	"testing"
	"time"
)

// The bench counts and withholds; what it takes is not judged here, where others work.
func TestCounting_measuresBoth(t *testing.T) {
	r := &run{scale: tiny, clock: clock(time.Now)}
	if err := r.counting(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(r.figures) != 2 || r.figures[0].Value <= 0 || r.figures[1].Value <= 0 || r.figures[0].Ratio == nil {
		t.Errorf("%+v", r.figures)
	}
}
