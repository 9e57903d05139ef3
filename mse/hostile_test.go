package mse_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"amana/mse"
)

// names are those of so many lists.
func names(k int) []string { return strings.Split("a b c d e f g h i j k l m n o p q r s t", " ")[:k] }

func tableOf(t testing.TB, k int, counts map[mse.Pattern]int) mse.Table {
	t.Helper()
	table, err := mse.NewTable(names(k), counts)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// drawn is a table of people who come on lists independently, with these chances.
func drawn(t testing.TB, seed uint64, people int, chances ...float64) mse.Table {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0x686f7374))
	counts := map[mse.Pattern]int{}
	for range people {
		var p mse.Pattern
		for j, c := range chances {
			p |= on(r, j, c)
		}
		counts[p]++
	}
	delete(counts, 0)
	return tableOf(t, len(chances), counts)
}

// hostile are tables on which estimators have gone wrong.
func hostile(t testing.TB) map[string]mse.Table {
	t.Helper()
	million := map[mse.Pattern]int{1: 400_000, 2: 300_000, 4: 200_000, 3: 50_000, 5: 30_000, 6: 19_999, 7: 1}
	twelve := drawn(t, 12, 800, 0.2, 0.15, 0.1, 0.1, 0.08, 0.08, 0.06, 0.05, 0.05, 0.04, 0.04, 0.03)
	return map[string]mse.Table{
		"one person on each":          tableOf(t, 3, map[mse.Pattern]int{1: 1, 2: 1, 4: 1, 3: 1, 6: 1}),
		"nobody alone":                tableOf(t, 3, map[mse.Pattern]int{3: 5, 5: 6, 6: 4}),
		"nobody on two":               tableOf(t, 3, map[mse.Pattern]int{1: 9, 2: 8, 4: 7, 7: 2}),
		"everybody everywhere nearly": tableOf(t, 3, map[mse.Pattern]int{7: 500, 3: 1, 5: 1, 6: 1}),
		"a chain of overlaps":         tableOf(t, 4, map[mse.Pattern]int{1: 40, 2: 30, 4: 30, 8: 40, 3: 3, 6: 2, 12: 1}),
		"one overlap of each":         tableOf(t, 5, map[mse.Pattern]int{1: 90, 2: 80, 4: 70, 8: 60, 16: 50, 3: 1, 6: 1, 12: 1, 24: 1}),
		"no overlap of two":           tableOf(t, 3, map[mse.Pattern]int{1: 100, 2: 60, 4: 40, 3: 6, 6: 4}),
		"a million and one":           tableOf(t, 3, million),
		"a million of four":           tableOf(t, 4, map[mse.Pattern]int{1: 300_000, 2: 250_000, 4: 200_000, 8: 150_000, 3: 30_000, 5: 25_000, 9: 15_000, 6: 12_000, 10: 9_000, 12: 8_000, 15: 1_000}),
		"six lists, sparse":           drawn(t, 6, 150, 0.1, 0.1, 0.08, 0.06, 0.05, 0.04),
		"twelve lists":                twelve,
	}
}

// Whatever the table, each model says a number with its interval around the truth that is
// known: no fewer than are on the lists; or modes; or a plain reason why not. All that it
// says can be written down.
func TestModels_onHostileTables(t *testing.T) {
	for name, whole := range hostile(t) {
		table, _, err := mse.Prepare(whole)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for model, run := range map[string]func() (mse.Estimate, error){
			"chao": func() (mse.Estimate, error) { return mse.Chao(table), nil },
			"loglinear": func() (mse.Estimate, error) {
				return mse.LogLinear(context.Background(), table, mse.LogLinearOptions{Replicates: 25})
			},
			"dga": func() (mse.Estimate, error) { return mse.DGA(context.Background(), table, mse.DGAOptions{}) },
			"lcmcr": func() (mse.Estimate, error) {
				return mse.LCMCR(context.Background(), table, mse.LCMCROptions{Burn: 200, Draws: 200, Rounds: 1, Enough: 1})
			},
		} {
			begun := time.Now()
			e, err := run()
			if err != nil {
				if !errors.Is(err, mse.ErrNoModel) {
					t.Errorf("%s, %s: %v", name, model, err)
				}
				t.Logf("%s, %s: %v", name, model, err)
				continue
			}
			sound(t, name+", "+model, table, e)
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("%s, %s: %v", name, model, took)
			}
		}
	}
}

func sound(t *testing.T, what string, table mse.Table, e mse.Estimate) {
	t.Helper()
	n := float64(table.Observed())
	if _, err := json.Marshal(e.Detail); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if len(e.Modes) > 0 {
		if e.Lower != nil || e.Upper != nil || !math.IsNaN(e.Estimate) || e.Mean != nil {
			t.Errorf("%s: one number where chains do not agree", what)
		}
		return
	}
	if !(e.Estimate >= n) || math.IsInf(e.Estimate, 0) {
		t.Errorf("%s: %g of %g", what, e.Estimate, n)
	}
	if e.Lower == nil || e.Upper == nil {
		if !warned(e.Warnings, "chao.bare") {
			t.Errorf("%s: no interval, and no word of why", what)
		}
		return
	}
	if !(*e.Lower >= n) || !(*e.Lower <= *e.Upper) || math.IsInf(*e.Upper, 0) {
		t.Errorf("%s: %g to %g of %g", what, *e.Lower, *e.Upper, n)
	}
	if skewed := warned(e.Warnings, "loglinear.skewed"); !skewed && (*e.Lower > e.Estimate || *e.Upper < e.Estimate) {
		t.Errorf("%s: %g is outside of %g to %g", what, e.Estimate, *e.Lower, *e.Upper)
	}
	for _, w := range e.Warnings {
		for _, v := range w.Numbers {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s: warning %s has the number %g", what, w.Key, v)
			}
		}
	}
}

// Where lists are independent and large, all models but the floor say about the same,
// and it is the truth.
func TestModels_agreeWhereListsAreIndependent(t *testing.T) {
	counts := map[mse.Pattern]int{}
	chances := []float64{0.35, 0.3, 0.25, 0.3}
	for p := mse.Pattern(1); p < 16; p++ { // as many of each as are expected
		v := 4000.0
		for j, c := range chances {
			if p>>j&1 == 0 {
				c = 1 - c
			}
			v *= c
		}
		counts[p] = int(math.Round(v))
	}
	table := tableOf(t, 4, counts)
	all := map[string]mse.Estimate{}
	var err, failed error
	all["loglinear"], err = mse.LogLinear(context.Background(), table, mse.LogLinearOptions{Replicates: 100})
	failed = errors.Join(failed, err)
	all["dga"], err = mse.DGA(context.Background(), table, mse.DGAOptions{})
	failed = errors.Join(failed, err)
	all["lcmcr"], err = mse.LCMCR(context.Background(), table, mse.LCMCROptions{Enough: 400})
	if failed = errors.Join(failed, err); failed != nil {
		t.Fatal(failed)
	}
	for model, e := range all {
		near(t, model, e.Estimate, 4000, 60)
		if e.Lower == nil || *e.Lower > 4000 || *e.Upper < 4000 {
			t.Errorf("%s: 4000 is not in the interval of %+v", model, e)
		}
	}
}

// Ten times as many people in every cell: point estimates of the unseen are ten times as
// many, and intervals shorter, up to the largest counts that are taken.
func TestLogLinear_scales(t *testing.T) {
	counts := map[mse.Pattern]int{1: 113, 2: 84, 4: 93, 8: 30, 3: 17, 5: 22, 9: 10, 6: 21, 10: 3, 12: 12, 7: 18, 11: 1, 13: 4, 14: 3, 15: 2}
	fit := func(times int) mse.Estimate {
		more := map[mse.Pattern]int{}
		for p, n := range counts {
			more[p] = n * times
		}
		e, err := mse.LogLinear(context.Background(), tableOf(t, 4, more), mse.LogLinearOptions{Replicates: -1, By: mse.AIC})
		if err != nil {
			t.Fatalf("%d times: %v", times, err)
		}
		if again, err := mse.LogLinear(context.Background(), tableOf(t, 4, more), mse.LogLinearOptions{Replicates: -1, By: mse.Stepwise}); err != nil || again.Upper == nil {
			t.Fatalf("%d times, stepwise: %v", times, err)
		}
		return e
	}
	thousand, much := fit(1000), fit(200_000)
	near(t, "scaled", much.Estimate/thousand.Estimate, 200, 0.001)
	if (*much.Upper-*much.Lower)/much.Estimate > (*thousand.Upper-*thousand.Lower)/thousand.Estimate {
		t.Error("more people say less")
	}
}

// What is asked stops soon after it was stopped, and tells how far it is.
func TestModels_tellHowFarAndStop(t *testing.T) {
	five, seven := read(t, "sparsemse_ukdat_5"), drawn(t, 7, 400, 0.2, 0.15, 0.15, 0.1, 0.1, 0.1, 0.1)
	if _, err := mse.DGA(stopped(), seven, mse.DGAOptions{}); !errors.Is(err, context.Canceled) { // the graphs are made once
		t.Fatal(err)
	}
	for name, run := range map[string]func(context.Context, func(float64)) error{
		"loglinear": func(ctx context.Context, p func(float64)) error {
			_, err := mse.LogLinear(ctx, five, mse.LogLinearOptions{Replicates: 20_000, Progress: p})
			return err
		},
		"stepwise": func(ctx context.Context, p func(float64)) error {
			_, err := mse.LogLinear(ctx, seven, mse.LogLinearOptions{Replicates: 20_000, Progress: p})
			return err
		},
		"dga": func(ctx context.Context, p func(float64)) error {
			_, err := mse.DGA(ctx, seven, mse.DGAOptions{Progress: p})
			return err
		},
		"lcmcr": func(ctx context.Context, p func(float64)) error {
			_, err := mse.LCMCR(ctx, seven, mse.LCMCROptions{Draws: 500, Rounds: 2000, Enough: 1e9, Progress: p})
			return err
		},
	} {
		ctx, stop := context.WithCancel(context.Background())
		told := make(chan float64, 1<<20)
		done := make(chan error, 1)
		go func() { done <- run(ctx, func(share float64) { told <- share }) }()
		for range 2 { // it tells while it works
			select {
			case share := <-told:
				if share < 0 || share > 1 {
					t.Errorf("%s: %g of it is done", name, share)
				}
			case err := <-done:
				t.Fatalf("%s: it ended before it told anything: %v", name, err)
			case <-time.After(time.Minute):
				t.Fatalf("%s: it tells nothing", name)
			}
		}
		stop()
		begun := time.Now()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want that it was stopped", name, err)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s: it stopped only after %v", name, took)
		}
	}
}

func stopped() context.Context {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	return ctx
}
