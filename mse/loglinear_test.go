package mse_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
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

// Bruno and others, Diabetologia 37 (1994): 2,771 diabetics by the model that AIC chooses.
func TestLogLinear_diabetesByAIC(t *testing.T) {
	e := loglinear(t, "care1_diabetes", mse.LogLinearOptions{By: mse.AIC, Replicates: -1})
	near(t, "estimate", e.Estimate, 2771, 0.5)
}

// Of more than eight lists too, pairs are added stepwise: one that there is, is found, and
// the interval holds the number. Of more than twelve nothing is said.
func TestLogLinear_manyLists(t *testing.T) {
	const people = 3000
	r := rand.New(rand.NewPCG(3, 0x6d616e79))
	counts := map[mse.Pattern]int{}
	for range people {
		p := on(r, 0, 0.2)
		for j := 2; j < 10; j++ {
			p |= on(r, j, 0.12)
		}
		sent := 0.05
		if p&1 != 0 { // who is on the first is sent to the second
			sent = 0.6
		}
		counts[p|on(r, 1, sent)]++
	}
	table := tableOf(t, 10, counts)
	e, err := mse.LogLinear(t.Context(), table, mse.LogLinearOptions{Replicates: 40})
	if err != nil {
		t.Fatal(err)
	}
	if m := e.Detail["selected"].(string); !strings.HasPrefix(m, "[a b]") {
		t.Errorf("selected %s, want a and b together", m)
	}
	if *e.Lower > people || *e.Upper < people || math.Abs(e.Estimate-people) > 300 {
		t.Errorf("%.0f (%.0f to %.0f), and there are %d", e.Estimate, *e.Lower, *e.Upper, people)
	}
	alone, err := mse.LogLinear(t.Context(), table, mse.LogLinearOptions{By: mse.Stepwise, Replicates: -1})
	if err != nil || alone.Estimate != e.Estimate {
		t.Errorf("stepwise by name: %.1f, %v", alone.Estimate, err)
	}
	many := tableOf(t, 13, map[mse.Pattern]int{1: 5, 3: 4, 5: 3, 6: 2, 1<<13 - 1: 1})
	if _, err := mse.LogLinear(t.Context(), many, mse.LogLinearOptions{}); !errors.Is(err, mse.ErrNoModel) {
		t.Errorf("thirteen lists: %v", err)
	}
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
