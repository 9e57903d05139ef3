package mse_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"amana/mse"
)

func loglinear(t testing.TB, data string, o mse.LogLinearOptions) mse.Estimate {
	t.Helper()
	e, err := mse.LogLinear(context.Background(), read(t, data), o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestLogLinear_kosovoByBIC(t *testing.T) {
	e := loglinear(t, "kosovo", mse.LogLinearOptions{Replicates: -1})
	near(t, "estimate", e.Estimate, 10356.5, 0.05)
	near(t, "se", e.Detail["se"].(float64), 785.9, 0.05)
	if got := e.Detail["selected"]; got != "[EXH ABA OSCE][EXH HRW][OSCE HRW]" {
		t.Errorf("selected %v", got)
	}
	if got := e.Detail["models"]; got != 113 {
		t.Errorf("%v models of four lists, want 113", got)
	}
	near(t, "profile, lower", e.Detail["profile_lower"].(float64), 8994, 1)
	near(t, "profile, upper", e.Detail["profile_upper"].(float64), 12110, 1)
}

func TestLogLinear_kosovoByAIC(t *testing.T) {
	e := loglinear(t, "kosovo", mse.LogLinearOptions{By: mse.AIC, Replicates: -1})
	near(t, "estimate", e.Estimate, 12741.0, 0.05)
	near(t, "se", e.Detail["se"].(float64), 1600.7, 0.1)
	near(t, "profile, lower", e.Detail["profile_lower"].(float64), 10184, 1)
	near(t, "profile, upper", e.Detail["profile_upper"].(float64), 16703, 1)
}

func TestLogLinear_stepwise(t *testing.T) {
	for _, one := range []struct {
		data                   string
		estimate, lower, upper float64
		within                 float64
	}{
		{"kosovo", 14341.7, 12541, 16540, 0.6},
		{"sparsemse_ukdat", 11417.99, 9977.28, 13145.66, 0.05},
		{"sparsemse_ukdat_5", 11312.99, 9884.40, 13027.40, 0.05},
	} {
		e := loglinear(t, one.data, mse.LogLinearOptions{By: mse.Stepwise, Replicates: -1})
		near(t, one.data, e.Estimate, one.estimate, one.within)
		near(t, one.data+", lower", *e.Lower, one.lower, one.within)
		near(t, one.data+", upper", *e.Upper, one.upper, one.within)
	}
}

func TestLogLinear_fiveListsAreTriedWhole(t *testing.T) {
	begun := time.Now()
	e := loglinear(t, "madigan_york_5_congenital", mse.LogLinearOptions{Replicates: -1})
	if got := e.Detail["models"]; got != 6893 {
		t.Errorf("%v models of five lists, want 6893", got)
	}
	t.Logf("%.0f with %v in %v", e.Estimate, e.Detail["selected"], time.Since(begun))
}

func TestLogLinear_bootstrap(t *testing.T) {
	o := mse.LogLinearOptions{Replicates: 100, Seed: 7}
	a, b := loglinear(t, "kosovo", o), loglinear(t, "kosovo", o)
	if *a.Lower != *b.Lower || *a.Upper != *b.Upper {
		t.Error("the same seed gives another interval")
	}
	t.Logf("%.0f: %.0f to %.0f", a.Estimate, *a.Lower, *a.Upper)
	if *a.Lower >= a.Estimate || *a.Upper <= a.Estimate || *a.Upper-*a.Lower < 2000 {
		t.Error("an interval that leaves the choice of the model out")
	}
	o.Seed = 8
	if c := loglinear(t, "kosovo", o); *a.Lower == *c.Lower {
		t.Error("another seed gives the same interval")
	}
}

func TestLogLinear_canBeStopped(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err := mse.LogLinear(ctx, read(t, "kosovo"), mse.LogLinearOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
