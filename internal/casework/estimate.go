package casework

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/mse"
)

// RuleEstimates is the rule by which an administrator allows estimates: "yes", or
// they are off.
const RuleEstimates = "estimates"

// LargestCaptures is the most bytes that a file of capture histories may have here.
const LargestCaptures = 64 << 20

// The sources of an estimate.
const (
	EstimateFile    = "file"
	EstimateClaims  = "claims"
	EstimatePersons = "persons"
)

// EstimateLine is what one model says, or that it says nothing. About names what was
// done differently: the list that was left out, or a setting.
type EstimateLine struct {
	Model    string        `json:"model"`
	About    string        `json:"about,omitempty"`
	Estimate *float64      `json:"estimate,omitempty"`
	Lower    *float64      `json:"lower,omitempty"`
	Upper    *float64      `json:"upper,omitempty"`
	Rhat     *float64      `json:"rhat,omitempty"`
	ESS      *float64      `json:"ess,omitempty"`
	Modes    []mse.Mode    `json:"modes,omitempty"`
	Warnings []mse.Warning `json:"warnings,omitempty"`
	Failed   bool          `json:"failed,omitempty"` // no model of the kind can be fitted
}

// LinkSpread is what the links that nobody decided do to an estimate.
type LinkSpread struct {
	Model  string       `json:"model"`
	Unsure int          `json:"unsure"`
	Chance float64      `json:"chance,omitempty"` // that was set; 0 where what pairs have in common says it
	Least  float64      `json:"least,omitempty"`  // the smallest and the largest chance that a pair was given
	Most   float64      `json:"most,omitempty"`
	Draws  int          `json:"draws"`  // that could be estimated
	Failed int          `json:"failed"` // and that could not
	None   EstimateLine `json:"none"`   // all of them held to be different
	All    EstimateLine `json:"all"`    // all of them held to be one
	Drawn  EstimateLine `json:"drawn"`  // with what is not known carried into the interval
}

// Estimation is what the models say of one table, side by side, with all that it
// takes to run them again.
type Estimation struct {
	ID       amana.RecordID `json:"-"`
	By       amana.MemberID `json:"-"`
	On       time.Time      `json:"on"`
	Source   string         `json:"source"`
	Lists    []string       `json:"lists"` // "" is what was told here
	LeftOut  []string       `json:"left_out,omitempty"`
	Observed int            `json:"observed"`
	Digest   string         `json:"digest"`
	Version  string         `json:"version"` // of the estimators
	Seed     uint64         `json:"seed"`
	Doubts   []mse.Warning  `json:"doubts,omitempty"`
	Models   []EstimateLine `json:"models"`
	Without  []EstimateLine `json:"without,omitempty"`
	Settings []EstimateLine `json:"settings,omitempty"`
	Links    *LinkSpread    `json:"links,omitempty"`
	Kept     bool           `json:"-"` // it is on record
}

// EstimateState is how an estimate stands.
type EstimateState struct {
	Busy   bool
	Done   int // of Total steps
	Total  int
	Share  float64     // of the step that is being done
	Result *Estimation // once it is done
	Wrong  string      // message key of why it stopped
}

// EstimateError is a file or a set of lists of which nothing can be estimated, with
// the key of a message, and the line of the file if it is one. Kind: ErrInvalid.
type EstimateError struct {
	Key  string
	Line int
}

// Error implements error.
func (f *EstimateError) Error() string {
	return fmt.Sprintf("casework: estimate: %s: line %d: %v", f.Key, f.Line, amana.ErrInvalid)
}

// Unwrap makes errors.Is(err, amana.ErrInvalid) true.
func (*EstimateError) Unwrap() error { return amana.ErrInvalid }

// estimating is the estimate at a desk, one at a time. The table is in memory and
// nowhere else.
type estimating struct {
	mu     sync.Mutex // guards what follows
	state  EstimateState
	cancel context.CancelFunc
	busy   sync.WaitGroup
}

// EstimatesOn reports whether the organisation allows estimates.
func (d *Desk) EstimatesOn() bool { return d.Rule(RuleEstimates) }

// mayEstimate: analysts, supervisors and administrators, once it is allowed.
func (d *Desk) mayEstimate() error {
	me := d.Me()
	if !d.EstimatesOn() {
		return refusal("estimate.refused.off")
	}
	if !me.Has(amana.RoleAnalyst) && !me.Has(amana.RoleSupervisor) && !me.Has(amana.RoleAdministrator) {
		return refusal("estimate.refused.role")
	}
	return nil
}

// EstimateCaptures reads a table of capture histories and begins to estimate, in place
// of any estimate before. The file is read into counts and not kept. Kinds:
// EstimateError, ErrRefused.
func (d *Desk) EstimateCaptures(ctx context.Context, r io.Reader, seed uint64) error {
	if err := d.mayEstimate(); err != nil {
		return err
	}
	t, err := mse.Read(io.LimitReader(r, LargestCaptures))
	if err != nil {
		return captureFault(err)
	}
	return d.beginEstimate(ctx, Estimation{Source: EstimateFile, Seed: seed}, t, nil)
}

func captureFault(err error) error {
	f := &EstimateError{Key: "estimate.wrong.table"}
	if at, ok := errors.AsType[*mse.LineError](err); ok {
		f.Line = at.Line
	}
	switch {
	case errors.Is(err, mse.ErrTooFewLists):
		f.Key = "estimate.wrong.few"
	case errors.Is(err, mse.ErrDisconnected):
		f.Key = "estimate.wrong.islands"
	}
	return f
}

// beginEstimate checks a table and runs the models on it, and then draws links if there are any.
func (d *Desk) beginEstimate(ctx context.Context, e Estimation, t mse.Table, links linkStep) error {
	ready, doubts, err := mse.Prepare(t)
	if err != nil {
		return captureFault(err)
	}
	digest := seal.Digest("amana/1/captures", ready.Canonical())
	e.On, e.Lists, e.Observed, e.Version = d.office.now(), ready.Lists, ready.Observed(), mse.Version
	e.Digest, e.Doubts = hex.EncodeToString(digest[:]), append(e.Doubts, doubts...)
	d.DropEstimate()
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	now := &d.estimate
	now.mu.Lock()
	now.state, now.cancel = EstimateState{Busy: true}, cancel
	now.mu.Unlock()
	now.busy.Go(func() {
		defer cancel()
		run := estimateRun{e: &e, t: ready, now: now}
		err := run.all(ctx, links)
		if err == nil {
			e.Kept, err = d.keepEstimate(ctx, &e)
		}
		now.mu.Lock()
		defer now.mu.Unlock()
		now.state.Busy = false
		if err == nil {
			now.state.Result = &e
			return
		}
		now.state.Wrong = "estimate.stopped.error"
		if ctx.Err() != nil {
			now.state.Wrong = "estimate.stopped.you"
		}
	})
	return nil
}

// EstimateState returns how the estimate at this desk stands, if there is one.
func (d *Desk) EstimateState() (EstimateState, bool) {
	d.estimate.mu.Lock()
	defer d.estimate.mu.Unlock()
	return d.estimate.state, d.estimate.cancel != nil
}

// StopEstimate stops what is being estimated.
func (d *Desk) StopEstimate() {
	d.estimate.mu.Lock()
	cancel := d.estimate.cancel
	d.estimate.mu.Unlock()
	if cancel != nil {
		cancel()
		d.estimate.busy.Wait()
	}
}

// DropEstimate stops it, and forgets it. What is on record stays.
func (d *Desk) DropEstimate() {
	d.StopEstimate()
	d.estimate.mu.Lock()
	d.estimate.state, d.estimate.cancel = EstimateState{}, nil
	d.estimate.mu.Unlock()
}

// AwaitEstimate waits until nothing is being estimated.
func (d *Desk) AwaitEstimate() { d.estimate.busy.Wait() }

// The field of a record of kind [amana.KindEstimate].
const estimateContent = "content"

// keepEstimate puts an estimate on record, for the first team for which the member may
// write, those that count before others. It is false where there is none.
func (d *Desk) keepEstimate(ctx context.Context, e *Estimation) (bool, error) {
	me := d.Me()
	teams := slices.DeleteFunc(slices.Clone(me.Teams), func(t Team) bool { return !d.countsIn([]amana.TeamID{t.ID}, me.ID) })
	at := slices.IndexFunc(teams, func(t Team) bool { return t.Compartment == amana.Statistics })
	if at < 0 {
		at = slices.IndexFunc(teams, func(t Team) bool { return t.Compartment == amana.Accountability })
	}
	if at < 0 {
		at = 0
	}
	if len(teams) == 0 {
		return false, nil
	}
	content, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("casework: estimate: %w", amana.ErrInvalid)
	}
	e.ID, e.By = d.session.NewRecord(amana.KindEstimate), me.ID
	return true, d.session.Save(ctx, vault.Change{
		Record: e.ID, Begin: &vault.Begin{Kind: amana.KindEstimate, Teams: []amana.TeamID{teams[at].ID}},
		Facts: sets(Values{estimateContent: event.Text(string(content))}),
	})
}

// Estimates returns the estimates on record that this member can read, the last
// first. What cannot be read any more is left out.
func (d *Desk) Estimates(context.Context) ([]Estimation, error) {
	var list []Estimation
	err := d.session.Listed(amana.KindEstimate, func(l vault.Listed) error {
		if e, ok := estimationOf(l.ID, l.Author, l.Values[estimateContent]); ok {
			list = append(list, e)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b Estimation) int { return b.On.Compare(a.On) })
	return list, err
}

// ReadEstimate returns one, verified. Kinds: ErrNotFound.
func (d *Desk) ReadEstimate(ctx context.Context, id amana.RecordID) (Estimation, error) {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		return Estimation{}, err
	}
	content, _ := o.Field(estimateContent)
	e, ok := estimationOf(id, content.By, content.Value)
	if o.Kind != amana.KindEstimate || !ok {
		return Estimation{}, fmt.Errorf("casework: record %s: no estimate: %w", id, amana.ErrNotFound)
	}
	return e, nil
}

func estimationOf(id amana.RecordID, by amana.MemberID, content event.Value) (Estimation, bool) {
	e := Estimation{ID: id, By: by, Kept: true}
	err := json.Unmarshal([]byte(content.Reveal()), &e)
	return e, err == nil && len(e.Models) > 0
}
