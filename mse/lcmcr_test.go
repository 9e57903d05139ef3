package mse_test

import (
	"context"
	"errors"
	"math"
	"os"
	"reflect"
	"runtime"
	"testing"
	"time"

	"amana/mse"
)

// lcmcr runs the model, which must not fail.
func lcmcr(t *testing.T, data string, o mse.LCMCROptions) mse.Estimate {
	t.Helper()
	begun := time.Now()
	e, err := mse.LCMCR(context.Background(), read(t, data), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s in %v: R-hat %.4f, ESS %.0f, tail %.0f, estimate %.0f, modes %v, %v", data, time.Since(begun), *e.Rhat, *e.ESS,
		e.Detail["tail_ess"], e.Estimate, e.Modes, e.Warnings)
	return e
}

func TestLCMCR_kosovo(t *testing.T) {
	e := lcmcr(t, "kosovo", mse.LCMCROptions{Seed: 1, Enough: 1000})
	// With 1,000 effective draws and more, the standard error of the mean is 40.
	near(t, "mean", *e.Mean, 10684, 150)
	near(t, "median", *e.Median, 10431, 120)
	near(t, "2.5 %", *e.Lower, 9025, 200)
	near(t, "97.5 %", *e.Upper, 13884, 900)
	near(t, "classes used", e.Detail["classes_used"].(float64), 7.23, 0.3)
	near(t, "alpha", e.Detail["alpha"].(float64), 0.808, 0.06)
	if *e.Rhat >= 1.01 || *e.ESS < 1000 {
		t.Errorf("R-hat %.4f with %.0f effective draws", *e.Rhat, *e.ESS)
	}
	mcse := e.Detail["mcse"].(map[string]float64)
	if mcse["median"] <= 0 || mcse["upper"] < mcse["median"] || len(e.Detail["trace"].([][]float64)) != 4 {
		t.Errorf("errors of the limits %v", mcse)
	}
}

// The acceptance of the reference: eight chains, to its tolerances. AMANA_MSE=long
// runs it: half a minute of both cores.
func TestLCMCR_acceptance(t *testing.T) {
	if os.Getenv("AMANA_MSE") != "long" {
		t.Skip("AMANA_MSE=long runs it")
	}
	e := lcmcr(t, "kosovo", mse.LCMCROptions{Seed: 2, Chains: 8, Enough: 25_000, Draws: 5_000})
	near(t, "mean", *e.Mean, 10684, 75)
	near(t, "median", *e.Median, 10431, 40)
	near(t, "2.5 %", *e.Lower, 9025, 80)
	near(t, "97.5 %", *e.Upper, 13884, 300)
	near(t, "classes used", e.Detail["classes_used"].(float64), 7.23, 0.08)
	near(t, "alpha", e.Detail["alpha"].(float64), 0.808, 0.03)
	if *e.Rhat >= 1.01 {
		t.Errorf("R-hat %.4f", *e.Rhat)
	}
	// Where the reference's chains do not meet, either these do or there is no interval.
	if e := lcmcr(t, "sparsemse_ukdat_5", mse.LCMCROptions{Seed: 2}); (*e.Rhat > 1.05) == (e.Lower != nil) {
		t.Errorf("an interval with R-hat %.3f, or none", *e.Rhat)
	}
}

// Chains that do not agree have no interval between them, but what each group found.
func TestLCMCR_noIntervalWhereChainsDisagree(t *testing.T) {
	e := lcmcr(t, "sparsemse_ukdat_5", mse.LCMCROptions{Seed: 3, Burn: 1, Draws: 20, Thin: 1, Rounds: 1, Chains: 6, Plain: true})
	if *e.Rhat <= 1.05 {
		t.Fatalf("chains of 20 sweeps agree: R-hat %.3f", *e.Rhat)
	}
	if e.Lower != nil || e.Upper != nil || e.Mean != nil || e.Median != nil {
		t.Error("one interval for chains that do not agree")
	}
	chains := 0
	for _, m := range e.Modes {
		chains += m.Chains
		if m.Lower > m.Median || m.Median > m.Upper {
			t.Errorf("mode %+v", m)
		}
	}
	if chains != 6 {
		t.Errorf("the modes are of %d chains, want 6", chains)
	}
	if !warned(e.Warnings, "lcmcr.modes") {
		t.Errorf("nothing is said: %v", e.Warnings)
	}
}

// On a table that two answers fit about as well, chains settle in one or the other in
// their first round, and have not agreed after all rounds of the default (AMANA_MSE=long):
// what each found is shown, and no number is said.
func TestLCMCR_twoModes(t *testing.T) {
	o, modes := mse.LCMCROptions{Seed: 1, Rounds: 1}, 2
	if os.Getenv("AMANA_MSE") == "long" {
		o.Rounds, modes = 0, 1
	}
	e := lcmcr(t, "two_modes", o)
	if *e.Rhat <= 1.05 || len(e.Modes) < modes || e.Lower != nil || e.Upper != nil || e.Median != nil || e.Mean != nil || !math.IsNaN(e.Estimate) {
		t.Fatalf("R-hat %.3f, modes %v, and one number: %v", *e.Rhat, e.Modes, e.Lower != nil)
	}
	chains := 0
	for _, m := range e.Modes {
		chains += m.Chains
	}
	if first, last := e.Modes[0], e.Modes[len(e.Modes)-1]; modes == 2 && first.Median > 540_000 || last.Median < 550_000 || chains != 4 {
		t.Errorf("modes %v", e.Modes)
	}
}

func warned(list []mse.Warning, key string) bool {
	for _, w := range list {
		if w.Key == key {
			return true
		}
	}
	return false
}

// Results follow from table, options and seed, on any number of cores.
func TestEstimates_sameOnAnyNumberOfCores(t *testing.T) {
	all := func(cores int) (list []mse.Estimate) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		table := read(t, "kosovo")
		a, err := mse.LCMCR(context.Background(), table, mse.LCMCROptions{Seed: 5, Burn: 40, Draws: 20, Rounds: 2})
		b, err2 := mse.LogLinear(context.Background(), table, mse.LogLinearOptions{Seed: 5, Replicates: 40})
		c, err3 := mse.DGA(context.Background(), table, mse.DGAOptions{Most: 3000})
		if err := errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		return []mse.Estimate{a, b, c}
	}
	one, four := all(1), all(4)
	for i := range one {
		for _, e := range []*mse.Estimate{&one[i], &four[i]} {
			if len(e.Modes) > 0 { // no number is not the same as no number
				e.Estimate = 0
			}
		}
		if !reflect.DeepEqual(one[i], four[i]) {
			t.Errorf("%s differs between one core and four", one[i].Model)
		}
	}
	again, err := mse.LCMCR(context.Background(), read(t, "kosovo"), mse.LCMCROptions{Seed: 6, Burn: 40, Draws: 20, Rounds: 2})
	if err != nil || reflect.DeepEqual(again.Detail["trace"], one[0].Detail["trace"]) {
		t.Errorf("another seed gives the same: %v", err)
	}
}

func TestLCMCR_refusesWhatMakesNoSense(t *testing.T) {
	for name, o := range map[string]mse.LCMCROptions{
		"one chain": {Chains: 1}, "a negative prior": {ListA: -1}, "classes without end": {Classes: 1000},
		"sweeps without end": {Draws: 1_000_000, Thin: 1_000_000}, "too few draws": {Draws: 2},
	} {
		if _, err := mse.LCMCR(context.Background(), read(t, "kosovo"), o); !errors.Is(err, mse.ErrOptions) {
			t.Errorf("%s: %v, want ErrOptions", name, err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := mse.LCMCR(ctx, read(t, "kosovo"), mse.LCMCROptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
