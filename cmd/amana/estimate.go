package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"amana/internal/seal"
	"amana/mse"
)

// estimateModels are the models in the order in which they are shown.
var estimateModels = []string{"chao", "loglinear", "dga", "lcmcr"}

func (p *program) estimateCommand() *cobra.Command {
	model, seed, asJSON := "all", uint64(1), false
	c := &cobra.Command{
		Use:   "estimate FILE.csv",
		Short: "Estimate how many there are of whom no list has everyone",
		Long: `Estimate how many people there are from three lists and more that partly name the
same people. FILE.csv has one column of 0 and 1 for each list and, if its rows are
patterns and not people, one named count; - is standard input.

Every model rests on something that no list can show: it is printed beside the
number. Where models differ widely, none of them is an answer. Nothing is
estimated from two lists.`,
		Args:        exactly("FILE.csv"),
		Annotations: canExit(exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			if model != "all" && !slices.Contains(estimateModels, model) {
				return usagef("%s: no such model; there are %s and all", model, strings.Join(estimateModels, ", "))
			}
			table, err := p.readTable(args[0])
			if err != nil {
				return err
			}
			chosen := estimateModels
			if model != "all" {
				chosen = []string{model}
			}
			answer, err := p.estimate(c.Context(), table, chosen, seed)
			if err != nil {
				return err
			}
			if asJSON {
				return p.console.printJSON(answer)
			}
			return p.printEstimates(answer)
		},
	}
	c.Flags().StringVar(&model, "model", model, "`model` to use: chao, loglinear, dga, lcmcr or all")
	c.Flags().Uint64Var(&seed, "seed", seed, "`number` from which all random numbers follow")
	jsonFlag(c, &asJSON)
	return c
}

func (p *program) readTable(path string) (mse.Table, error) {
	var in io.Reader = p.console.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return mse.Table{}, errors.New("the file cannot be opened")
		}
		defer f.Close()
		in = f
	}
	return mse.Read(in)
}

// estimated is what is printed: the names are an interface to other programs.
type estimated struct {
	Observed  int            `json:"observed"`
	Lists     []string       `json:"lists"`
	Digest    string         `json:"digest"` // of the table, whatever the order of its rows
	Seed      uint64         `json:"seed"`
	Version   string         `json:"version"`
	Warnings  []string       `json:"warnings,omitempty"`
	Estimates []estimateLine `json:"estimates"`
}

type estimateLine struct {
	Model      string         `json:"model"`
	Estimate   *float64       `json:"estimate,omitempty"`
	Mean       *float64       `json:"mean,omitempty"`
	Median     *float64       `json:"median,omitempty"`
	Lower      *float64       `json:"lower,omitempty"`
	Upper      *float64       `json:"upper,omitempty"`
	Rhat       *float64       `json:"rhat,omitempty"`
	ESS        *float64       `json:"ess,omitempty"`
	Seconds    float64        `json:"seconds"`
	Warnings   []string       `json:"warnings"`
	Assumption string         `json:"assumption,omitempty"`
	Modes      []mse.Mode     `json:"modes,omitempty"`
	Detail     map[string]any `json:"detail,omitempty"`
}

// estimate runs the models one after the other. A model that cannot be fitted is
// one line that says so; the others go on.
func (p *program) estimate(ctx context.Context, table mse.Table, models []string, seed uint64) (estimated, error) {
	answer := estimated{Seed: seed, Version: thisVersion().Version}
	ready, doubts, err := mse.Prepare(table)
	if err != nil {
		return answer, err
	}
	digest := seal.Digest("amana/1/captures", ready.Canonical())
	answer.Observed, answer.Lists, answer.Digest = ready.Observed(), ready.Lists, hex.EncodeToString(digest[:])
	answer.Warnings = texts(doubts)
	var failed error
	for _, model := range models {
		begun := p.now()
		e, err := p.run(ctx, ready, model, seed)
		if ctx.Err() != nil {
			return answer, ctx.Err()
		}
		line := lineOf(model, e, err)
		line.Seconds = math.Round(1000*p.now().Sub(begun).Seconds()) / 1000
		if err != nil {
			failed = fmt.Errorf("%s: %w", model, err)
		}
		answer.Estimates = append(answer.Estimates, line)
	}
	if said := func(l estimateLine) bool { return l.Estimate != nil || len(l.Modes) > 0 }; !slices.ContainsFunc(answer.Estimates, said) {
		return answer, failed
	}
	return answer, nil
}

// lineOf is what is printed of one model: where chains disagree there is no one number.
func lineOf(model string, e mse.Estimate, err error) estimateLine {
	line := estimateLine{
		Model: model, Mean: e.Mean, Median: e.Median, Lower: e.Lower, Upper: e.Upper, Rhat: e.Rhat, ESS: e.ESS,
		Warnings: texts(e.Warnings), Assumption: e.Assumption, Modes: e.Modes, Detail: e.Detail,
	}
	switch {
	case err != nil:
		line.Warnings = append(line.Warnings, err.Error())
	case len(e.Modes) == 0:
		line.Estimate = &e.Estimate
	}
	return line
}

func (p *program) run(ctx context.Context, t mse.Table, model string, seed uint64) (mse.Estimate, error) {
	progress := p.progressOf(model)
	switch model {
	case "chao":
		return mse.Chao(t), nil
	case "loglinear":
		return mse.LogLinear(ctx, t, mse.LogLinearOptions{Seed: seed, Progress: progress})
	case "dga":
		return mse.DGA(ctx, t, mse.DGAOptions{Progress: progress})
	default:
		return mse.LCMCR(ctx, t, mse.LCMCROptions{Seed: seed, Progress: progress})
	}
}

// progressOf says how far a model is, no more often than once a second.
func (p *program) progressOf(model string) func(float64) {
	var mu sync.Mutex // guards said
	said := p.now()
	return func(share float64) {
		mu.Lock()
		defer mu.Unlock()
		if now := p.now(); now.Sub(said) >= time.Second {
			said = now
			p.console.say("%s: %.0f %%\n", model, 100*share)
		}
	}
}

func texts(warnings []mse.Warning) []string {
	list := make([]string, 0, len(warnings))
	for _, w := range warnings {
		text := w.Text
		if len(w.Lists) > 0 {
			text = strings.Join(w.Lists, ", ") + ": " + text
		}
		list = append(list, text)
	}
	return list
}

func (p *program) printEstimates(a estimated) error {
	p.console.printf("%d people on %d lists\n", a.Observed, len(a.Lists))
	for _, w := range a.Warnings {
		p.console.printf("! %s\n", w)
	}
	t := tabwriter.NewWriter(p.console.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nmodel\testimate\t95 % interval\tR-hat\tseconds")
	for _, e := range a.Estimates {
		interval, rhat := "none", ""
		if e.Lower != nil && e.Upper != nil {
			interval = fmt.Sprintf("%.0f – %.0f", *e.Lower, *e.Upper)
		}
		if e.Rhat != nil {
			rhat = fmt.Sprintf("%.3f", *e.Rhat)
		}
		estimate := "none"
		if e.Estimate != nil {
			estimate = fmt.Sprintf("%.0f", *e.Estimate)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.1f\n", e.Model, estimate, interval, rhat, e.Seconds)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	for _, e := range a.Estimates {
		p.console.printf("\n%s takes for granted: %s.\n", e.Model, e.Assumption)
		for _, m := range e.Modes {
			p.console.printf("  %d chains: %.0f (%.0f – %.0f)\n", m.Chains, m.Median, m.Lower, m.Upper)
		}
		for _, w := range e.Warnings {
			p.console.printf("  ! %s\n", w)
		}
	}
	p.console.printf("\nNo list can show whether these assumptions hold. Do not multiply or compare places by these numbers.\n")
	return nil
}
