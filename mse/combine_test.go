package mse_test

import (
	"errors"
	"testing"

	"amana/mse"
)

func interval(estimate, lower, upper float64) mse.Estimate {
	return mse.Estimate{Model: "dga", Estimate: estimate, Lower: &lower, Upper: &upper}
}

func TestCombine(t *testing.T) {
	same := interval(200, 150, 300)
	e, err := mse.Combine([]mse.Estimate{same, same, same}, []int{100, 100, 100})
	if err != nil {
		t.Fatal(err)
	}
	// Nothing differs: log 100, with the spread that the limits 50 and 200 say.
	near(t, "estimate", e.Estimate, 200, 1e-9)
	near(t, "lower", *e.Lower, 150, 1e-6)
	near(t, "upper", *e.Upper, 300, 1e-6)

	// By hand: logs of 100 and 200, within 0.125097, between 0.240227, total 0.485437,
	// (1 + W/3B)^2 = 1.3773 degrees of freedom, t 6.8.
	wide, err := mse.Combine([]mse.Estimate{interval(200, 150, 300), interval(300, 200, 500)}, []int{100, 100})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "estimate", wide.Estimate, 250, 1e-9)
	near(t, "between", wide.Detail["between"].(float64), 0.240227, 1e-5)
	near(t, "within", wide.Detail["within"].(float64), 0.125070, 1e-4)
	if *wide.Upper <= *e.Upper || *wide.Lower >= *e.Lower {
		t.Errorf("%.1f to %.1f: what differs between tables does not widen the interval", *wide.Lower, *wide.Upper)
	}
	for name, list := range map[string][]mse.Estimate{"one": {same}, "none with an interval": {{}, {}}} {
		if _, err := mse.Combine(list, make([]int, len(list))); !errors.Is(err, mse.ErrOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
