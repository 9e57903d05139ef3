package bench

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// fakeClock moves by what is done.
type fakeClock struct{ at time.Time }

func (f *fakeClock) now() time.Time        { return f.at }
func (f *fakeClock) spend(d time.Duration) { f.at = f.at.Add(d) }
func newFakeClock() (*fakeClock, clock)    { f := &fakeClock{time.Unix(1, 0)}; return f, f.now }
func rate(f *fakeClock, took time.Duration) load {
	return load{do: func(context.Context) (int, error) { f.spend(took); return 1, nil }}
}

func TestPercentile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for _, test := range []struct {
		name   string
		values []float64
		p      int
		want   float64
	}{
		{"of none", nil, 50, 0},
		{"of one", []float64{7}, 99, 7},
		{"the middle of three", []float64{9, 1, 5}, 50, 5},
		{"99 of a hundred", hundred, 99, 99},
		{"95 of a hundred", hundred, 95, 95},
		{"the least", hundred, 0, 1},
	} {
		if got := percentile(slices.Clone(test.values), test.p); got != test.want {
			t.Errorf("%s: %g, want %g", test.name, got, test.want)
		}
	}
}

func TestAlternate_ratesEachLoadInTurns(t *testing.T) {
	f, c := newFakeClock()
	var turns []string
	named := func(name string, took time.Duration) load {
		l := rate(f, took)
		l.after = func(context.Context) error {
			turns = append(turns, name)
			f.spend(time.Hour) // what comes after is not measured
			return nil
		}
		return l
	}
	rates, err := c.alternate(t.Context(), 2, time.Second, named("slow", 100*time.Millisecond), named("fast", 10*time.Millisecond))
	if err != nil || rates[0] != 10 || rates[1] != 100 {
		t.Errorf("rates %v, %v, want 10 and 100", rates, err)
	}
	if want := []string{"slow", "fast", "slow", "fast", "slow", "fast"}; !slices.Equal(turns, want) {
		t.Errorf("turns %v, want %v", turns, want)
	}
}

func TestAlternate_stops(t *testing.T) {
	f, c := newFakeClock()
	ctx, stop := context.WithCancel(t.Context())
	l := load{do: func(context.Context) (int, error) { f.spend(time.Millisecond); stop(); return 1, nil }}
	if _, err := c.alternate(ctx, 5, time.Second, l); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want Canceled", err)
	}
}

func TestEach_endsInTime(t *testing.T) {
	f, c := newFakeClock()
	took, err := c.each(t.Context(), 1000, time.Second, func(int) error { f.spend(100 * time.Millisecond); return nil })
	if err != nil || len(took) != fewest || took[0] != 100 {
		t.Errorf("%d calls, %v, want %d", len(took), err, fewest)
	}
}

func TestFigure_goals(t *testing.T) {
	for _, test := range []struct {
		name string
		got  Figure
		want bool
	}{
		{"no goal", figure("", 5, ""), true},
		{"under, and is", figure("", 5, "").under(5.1), true},
		{"under, and is not", figure("", 5, "").under(5), false},
		{"at least, and is", figure("", 5, "").atLeast(5), true},
		{"a ratio that is reached", figure("", 4, "").beside("", 10).ratioAtLeast(0.4), true},
		{"a ratio that is not", figure("", 3.9, "").beside("", 10).ratioAtLeast(0.4), false},
		{"a ratio without a reference", figure("", 3.9, "").ratioAtLeast(0.4), false},
		{"a ratio to nothing", figure("", 3.9, "").beside("", 0).ratioAtLeast(0.4), false},
		{"little more", figure("", 1.4, "").beside("", 1).moreAtMost(0.5), true},
		{"much more", figure("", 1.6, "").beside("", 1).moreAtMost(0.5), false},
		{"two goals, one missed", figure("", 5, "").atLeast(1).under(2), false},
		{"two goals, the first missed", figure("", 5, "").under(2).atLeast(1), false},
	} {
		if test.got.OK != test.want {
			t.Errorf("%s: ok is %v, goal %q", test.name, test.got.OK, test.got.Goal)
		}
	}
}
