package bench

import (
	"testing"
	"time"
)

func TestEstimates_reachWhatIsPromised(t *testing.T) {
	r := &run{scale: quick, clock: clock(time.Now)}
	if err := r.estimates(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := r.figures[0]; f.Ratio == nil || *f.Ratio < 5 {
		t.Errorf("effective draws %+v, want five times the reference's", f)
	} else {
		t.Logf("%.0f effective draws a second, %.1f times those of sweeps alone (%.0f); graphs of five lists in %.0f ms", f.Value, *f.Ratio, *f.ReferenceValue, r.figures[1].Value)
	}
}
