package web_test

import (
	"context"
	"io"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/mse"
)

// fakeEstimate estimates nothing: what is begun is done at once, unless it stays.
type fakeEstimate struct {
	estimatesOn  bool
	estimateBusy bool
	estimateEnd  string // message key of why it stopped
	estimated    *casework.Estimation
	estimateSeed uint64
	estimateAsk  casework.EstimateAsk
}

func (f *fakeEstimate) EstimatesOn() bool { return f.estimatesOn }

func (f *fakeEstimate) EstimateState() (casework.EstimateState, bool) {
	return casework.EstimateState{Busy: f.estimateBusy, Done: 2, Total: 8, Share: 0.5, Result: f.estimated, Wrong: f.estimateEnd},
		f.estimateBusy || f.estimated != nil || f.estimateEnd != ""
}

func (f *fakeEstimate) begin(source string) error {
	if !f.estimatesOn {
		return &casework.Refusal{Key: "estimate.refused.off"}
	}
	if f.estimateBusy {
		return nil
	}
	e := sampleEstimation(source)
	f.estimated = &e
	return nil
}

func (f *fakeEstimate) EstimateCaptures(_ context.Context, r io.Reader, seed uint64) error {
	f.estimateSeed = seed
	t, err := mse.Read(r)
	if err != nil {
		return &casework.EstimateError{Key: "estimate.wrong.table", Line: 3}
	}
	if _, _, err := mse.Prepare(t); err != nil {
		return &casework.EstimateError{Key: "estimate.wrong.few"}
	}
	return f.begin(casework.EstimateFile)
}

func (f *fakeEstimate) EstimateClaims(_ context.Context, ask casework.EstimateAsk) error {
	f.estimateSeed, f.estimateAsk = ask.Seed, ask
	if ask.Persons {
		return f.begin(casework.EstimatePersons)
	}
	return f.begin(casework.EstimateClaims)
}

func (f *fakeEstimate) StopEstimate() {
	f.estimateBusy, f.estimated, f.estimateEnd = false, nil, "estimate.stopped.you"
}

func (f *fakeEstimate) DropEstimate() { f.estimateBusy, f.estimated, f.estimateEnd = false, nil, "" }

func (f *fakeEstimate) Estimates(context.Context) ([]casework.Estimation, error) {
	if !f.estimatesOn {
		return nil, nil
	}
	return []casework.Estimation{sampleEstimation(casework.EstimateFile)}, nil
}

func (f *fakeEstimate) ReadEstimate(_ context.Context, id amana.RecordID) (casework.Estimation, error) {
	e := sampleEstimation(casework.EstimateFile)
	if id != e.ID {
		return e, amana.ErrNotFound
	}
	return e, nil
}

// everyWarning has each warning that the estimators give.
func everyWarning(prefix string) (list []mse.Warning) {
	for key, numbers := range map[string][]float64{
		"list.empty": nil, "list.everyone": nil, "list.twin": nil, "list.small": nil, "overlap.none": nil, "overlap.thin": nil,
		"chao.corrected": nil, "loglinear.lost": nil, "loglinear.unbounded": nil, "loglinear.stepwise": {5}, "loglinear.empty": nil,
		"loglinear.rivals": {3, 9000, 12000}, "dga.edge": nil, "dga.saturated": {12, 10000, 9000, 12000}, "lcmcr.cap": {2}, "lcmcr.classes": {24, 10},
		"table.none": {7}, "links.groups": {4}, "links.contradicted": {2}, "chao.bare": nil, "loglinear.skewed": nil, "dga.mean": nil,
		"lcmcr.modes": nil, "lcmcr.short": {1.023, 310},
	} {
		if strings.HasPrefix(key, prefix) {
			list = append(list, mse.Warning{Key: key, Lists: []string{"A", "B"}, Numbers: numbers})
		}
	}
	return list
}

func sampleEstimation(source string) casework.Estimation {
	line := func(model, about string, n float64) casework.EstimateLine {
		return casework.EstimateLine{Model: model, About: about, Estimate: new(n), Lower: new(n - 900), Upper: new(n + 2100), Warnings: everyWarning(model)}
	}
	apart := casework.EstimateLine{Model: "lcmcr", Warnings: everyWarning("lcmcr"), Modes: []mse.Mode{
		{Median: 48500, Lower: 41000, Upper: 57000, Chains: 3}, {Median: 131000, Lower: 98000, Upper: 180000, Chains: 1},
	}}
	latent := line("lcmcr", "classes", 10431)
	latent.Rhat, latent.ESS = new(1.002), new(4120.0)
	e := casework.Estimation{
		ID: recordID(60), By: memberID(1), On: noon, Source: source, Lists: []string{"A", "B", ""}, Observed: 4400,
		Digest: strings.Repeat("0a", 32), Version: "2", Seed: 1, Doubts: append(append(everyWarning("list"), everyWarning("overlap")...), everyWarning("table")...),
		Models:   []casework.EstimateLine{line("chao", "", 10270), line("loglinear", "", 10356), line("dga", "", 12595), apart},
		Without:  []casework.EstimateLine{line("dga", "A", 11000), {Model: "dga", About: "B", Failed: true}},
		Settings: []casework.EstimateLine{line("dga", "delta.more", 12000), line("dga", "delta.less", 12800), latent, line("lcmcr", "alpha", 10500)},
		Kept:     source == casework.EstimateFile,
	}
	if source != casework.EstimateFile {
		e.LeftOut, e.Without = []string{"D"}, nil
		e.Doubts = append(e.Doubts, everyWarning("links")...)
		e.Links = &casework.LinkSpread{Model: "dga", Unsure: 7, Draws: 18, Failed: 2, Least: 0.43, Most: 0.86, None: line("dga", "", 12000), All: line("dga", "", 9000), Drawn: line("dga", "", 11000)}
	}
	if source == casework.EstimatePersons {
		e.Links.Chance = 0.3
		e.Without = []casework.EstimateLine{line("lcmcr", "A", 11000)}
	}
	return e
}
