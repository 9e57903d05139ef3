package mse_test

import (
	"context"
	"testing"
	"time"

	"amana/mse"
)

func TestLCMCR_kosovo(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	begun := time.Now()
	e, err := mse.LCMCR(context.Background(), read(t, "kosovo"), mse.LCMCROptions{Seed: 1, Enough: 1000})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(begun)
	// With 1,000 effective draws and more, the standard error of the mean is 40.
	near(t, "mean", *e.Mean, 10684, 150)
	near(t, "median", *e.Median, 10431, 120)
	near(t, "2.5 %", *e.Lower, 9025, 200)
	near(t, "97.5 %", *e.Upper, 13884, 900)
	near(t, "classes used", e.Detail["classes_used"].(float64), 7.23, 0.08)
	near(t, "alpha", e.Detail["alpha"].(float64), 0.808, 0.03)
	t.Logf("%v: R-hat %.4f, ESS %.0f (%.0f a second), tail %.0f, draws %v, %v", took, *e.Rhat, *e.ESS, *e.ESS/took.Seconds(), e.Detail["tail_ess"], e.Detail["draws"], e.Warnings)
}
