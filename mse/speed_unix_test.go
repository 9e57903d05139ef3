//go:build unix

package mse_test

import (
	"os"
	"syscall"
	"testing"
	"time"

	"amana/mse"
)

// processorTime is how long processors have worked for this program: on a machine that
// others use too, the time on the clock says nothing.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Effective draws of the number of people for each second of a processor, beside those of
// the reference implementation (about 36 on Kosovo, of statistics measured for it) and of
// its sweeps alone, here; and the graphs of five lists. AMANA_MEASURE=1 runs it.
func TestSpeed(t *testing.T) {
	if os.Getenv("AMANA_MEASURE") == "" {
		t.Skip("AMANA_MEASURE=1 runs it")
	}
	rate := func(name string, o mse.LCMCROptions) float64 {
		before := processorTime(t)
		e := lcmcr(t, "kosovo", o)
		took := (processorTime(t) - before).Seconds()
		t.Logf("%s: %.0f effective draws in %.2f s of a processor: %.0f a second", name, *e.ESS, took, *e.ESS/took)
		return *e.ESS / took
	}
	plain := rate("sweeps alone", mse.LCMCROptions{Seed: 1, Plain: true, Rounds: 1, Draws: 4000, Thin: 25, Classes: 10})
	moved := rate("with moves", mse.LCMCROptions{Seed: 1, Rounds: 1, Draws: 8000})
	const reference = 36
	if moved < 5*reference || moved < 5*plain {
		t.Errorf("%.0f effective draws a second, want five times %d and %.0f", moved, reference, plain)
	}
	for _, data := range []string{"madigan_york_5_congenital", "sparsemse_ukdat_5", "sparsemse_ukdat"} {
		before := processorTime(t)
		if _, err := mse.DGA(t.Context(), read(t, data), mse.DGAOptions{}); err != nil {
			t.Fatal(err)
		}
		took := processorTime(t) - before
		t.Logf("dga, %s: %v of a processor", data, took)
		if table := read(t, data); len(table.Lists) == 5 && took > time.Second {
			t.Errorf("%v for five lists, want less than a second", took)
		}
	}
}
