package disclose

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/stats"
)

// Agreement is an information-sharing agreement as data: who may show which tables to
// whom, under which rules, and on which day of the month they are due.
type Agreement struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Parties []string `json:"parties"` // organisations; the first is this one
	Tables  []string `json:"tables,omitempty"`
	// Policies by audience; an audience without one is not covered.
	Policies map[Audience]Policy `json:"policies"`
	Day      int                 `json:"day"` // of the month, 1 to 28
	From     string              `json:"from"`
	Until    string              `json:"until,omitempty"` // ISO dates; "" has no end
}

// Check says whether an agreement can be gone by. Kind: ErrInvalid.
func (a *Agreement) Check() error {
	bad := fmt.Errorf("disclose: agreement: %w", amana.ErrInvalid)
	if len(a.Parties) == 0 || len(a.Policies) == 0 || a.Day < 1 || a.Day > 28 || !isDay(a.From) || a.Until != "" && !isDay(a.Until) {
		return bad
	}
	seen := map[string]bool{}
	for _, p := range a.Parties {
		if p == "" || seen[p] {
			return bad
		}
		seen[p] = true
	}
	for audience, p := range a.Policies {
		if err := p.Check(audience); err != nil {
			return err
		}
	}
	for _, id := range a.Tables {
		if !slices.ContainsFunc(stats.Tables(), func(t stats.Table) bool { return t.ID == id }) {
			return bad
		}
	}
	return nil
}

func isDay(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil }

// ReadAgreement reads an agreement that was written down. Kind: ErrInvalid.
func ReadAgreement(b []byte) (Agreement, error) {
	var a Agreement
	if len(b) > 1<<20 || json.Unmarshal(b, &a) != nil {
		return Agreement{}, fmt.Errorf("disclose: not an agreement: %w", amana.ErrInvalid)
	}
	return a, a.Check()
}

// Approval is what a party says to one release.
type Approval struct {
	Party   string `json:"party"`
	Release string `json:"release"` // its id
	Yes     bool   `json:"yes"`
	By      string `json:"by"` // who wrote it down
	On      string `json:"on"` // ISO date
}

// Needs returns the parties that have to approve: inside of the coordination this
// organisation alone, outside all of them.
func (a *Agreement) Needs(to Audience) []string {
	if to == Coordination {
		return a.Parties[:1]
	}
	return a.Parties
}

// Missing returns the parties whose approval is still missing. Of several answers of a
// party the last one holds.
func (a *Agreement) Missing(r *Release, approvals []Approval) []string {
	said := map[string]bool{}
	for _, x := range approvals {
		if x.Release == r.ID {
			said[x.Party] = x.Yes
		}
	}
	return slices.DeleteFunc(slices.Clone(a.Needs(r.Audience)), func(p string) bool { return said[p] })
}

// Clear makes a plan safe to be written out: it refuses nothing, keeps to the
// agreement, and everybody who has to approved of it. Kind: ErrRefused.
func (p *Plan) Clear(a Agreement, approvals []Approval) (Safe, error) {
	if len(p.Refusals) > 0 {
		return Safe{}, fmt.Errorf("disclose: release %s: refused for %s: %w", p.release.ID, p.Refusals[0].Reason, amana.ErrRefused)
	}
	return ClearRelease(p.release, a, approvals)
}

// ClearRelease is [Plan.Clear] for a release that was prepared and kept. Whoever calls
// it answers for that it was not touched since: package casework takes it from the
// journal.
func ClearRelease(r Release, a Agreement, approvals []Approval) (Safe, error) {
	refused := func(why string) (Safe, error) {
		return Safe{}, fmt.Errorf("disclose: release %s: %s: %w", r.ID, why, amana.ErrRefused)
	}
	if err := a.Check(); err != nil {
		return Safe{}, err
	}
	policy, covered := a.Policies[r.Audience]
	switch {
	case !covered || policy != r.Policy:
		return refused("not what the agreement says for the audience")
	case r.Agreement != a.ID:
		return refused("another agreement")
	case r.Made < a.From || a.Until != "" && r.Made > a.Until:
		return refused("outside of the time of the agreement")
	case r.ID == "" || len(r.Tables) == 0:
		return refused("nothing to show")
	}
	for _, t := range r.Tables {
		if len(a.Tables) > 0 && !slices.Contains(a.Tables, t.ID) {
			return refused("a table that the agreement does not have")
		}
	}
	if len(a.Missing(&r, approvals)) > 0 {
		return refused("approvals are missing")
	}
	return Safe{r}, nil
}
