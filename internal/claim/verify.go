package claim

import (
	"fmt"

	"amana"
)

// Verification is one decision on whether an incident is verified, by one of three
// bodies.
type Verification struct {
	Item, Step, Status string
	Basis              amana.Private
	On                 string
	Stamp
}

// The statuses that rules ask about.
const (
	Verified      = "verified"
	Pending       = "report_pending_verification"
	NotVerified   = "reported_not_verified"
	lowConfidence = "low"
)

// Sources counts sources by category, each once; those who support it only.
func (in *Incident) Sources() map[string]int {
	seen := map[SourceKey]bool{}
	n := map[string]int{}
	for _, c := range in.Claims {
		if c.Stance != "supports" && c.Stance != "" || c.Silent() || seen[SourceOf(c)] {
			continue
		}
		seen[SourceOf(c)] = true
		category := c.Category
		if category == "" {
			category = "secondary"
		}
		if !c.Primary() {
			category = "secondary"
		}
		n[category]++
	}
	return n
}

// MayVerify says whether the incident may be called verified: it takes at least one
// primary source, heard here, whose account is credible. Kind: ErrRefused.
func (in *Incident) MayVerify() error {
	for _, c := range in.Claims {
		if c.Primary() && (c.Stance == "supports" || c.Stance == "") && c.Credibility != "" && c.Credibility != lowConfidence {
			return nil
		}
	}
	return fmt.Errorf("claim: incident %s: no credible primary source: %w", in.ID, amana.ErrRefused)
}

// Status returns how the incident stands by the last decision. A decision that calls
// it verified counts only while a primary source is there.
func (in *Incident) Status() string {
	status := NotVerified
	for _, v := range in.Decisions {
		if v.Status == "" {
			continue
		}
		status = v.Status
	}
	if status == Verified && in.MayVerify() != nil {
		return Pending
	}
	return status
}

// Late reports whether the incident happened before a period and was verified in it:
// reports show it apart. Dates are ISO; the period is from its first to its last day.
func (in *Incident) Late(from, to string) bool {
	if in.Status() != Verified || in.From == "" || in.From >= from[:min(len(from), len(in.From))] {
		return false
	}
	for _, v := range in.Decisions {
		if v.Status == Verified && v.On >= from && v.On <= to {
			return true
		}
	}
	return false
}
