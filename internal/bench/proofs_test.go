package bench_test

import (
	"os"
	"testing"
	"time"

	"amana/internal/bench"
)

// A small run says every figure; what it reaches is for [bench.RunProofs] to say.
func TestRunProofs_measuresAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	r, err := bench.RunProofs(t.Context(), bench.Options{Dir: dir, Now: time.Now}, bench.Proofs{File: 3 << 20, Files: 3, DossierSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Figures) != 7 {
		t.Errorf("%+v", r.Figures)
	}
	for _, f := range r.Figures {
		if f.Value <= 0 && f.Unit != "MB" {
			t.Errorf("%+v", f)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
