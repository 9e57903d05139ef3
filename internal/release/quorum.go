package release

import (
	"slices"
	"time"

	"amana"
)

// Rules say when one member is not enough.
type Rules struct {
	Bulk      int           // of how many people on a release is a bulk release
	Approvals int           // that a release of many, or of identities, needs: k of those who may approve
	Delay     time.Duration // between the proposal and the release
	// Window is how far back what left to one recipient counts: releases of a few
	// people each are one of many, and need what that needs.
	Window time.Duration
}

// DefaultRules hold until the organisation sets its own.
func DefaultRules() Rules {
	const day = 24 * time.Hour
	return Rules{Bulk: 10, Approvals: 2, Delay: day, Window: 90 * day}
}

// Scope is what a proposal asks for. Approvals count for exactly this.
type Scope struct {
	Purpose   amana.Purpose
	Recipient amana.Private
	Format    string
	Records   []amana.RecordID
}

func (s Scope) covers(o Scope) bool {
	return s.Purpose == o.Purpose && Plain(s.Recipient) == Plain(o.Recipient) && s.Format == o.Format &&
		slices.Equal(sorted(s.Records), sorted(o.Records))
}

func sorted(ids []amana.RecordID) []amana.RecordID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b amana.RecordID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// Approval is what one member said to a proposal.
type Approval struct {
	By     amana.MemberID
	When   time.Time
	Reason amana.Private
	No     bool // an objection: nothing leaves while one stands
}

// Proposal is a release that others were asked about. Whoever reads it from the
// ledger puts in only approvals of members who may approve, each by the author that
// the journal vouches for.
type Proposal struct {
	Scope     Scope
	By        amana.MemberID
	When      time.Time
	Reason    amana.Private
	Approvals []Approval
}

// Given returns how many members approved, other than whoever proposed, each once
// and with a reason, and whether anybody objects.
func (p *Proposal) Given() (n int, objected bool) {
	var by []amana.MemberID
	for _, a := range p.Approvals {
		switch {
		case a.No:
			objected = true
		case a.By != p.By && !a.Reason.IsEmpty() && !slices.Contains(by, a.By):
			by = append(by, a.By)
		}
	}
	return len(by), objected
}

// Needs returns why a release needs the approval of others, as the key of a
// message, or "". Earlier are the people about whom something left to the recipient
// within the window: see [Ledger].
func (r Rules) Needs(p amana.Purpose, decided []Decided, earlier []amana.RecordID) string {
	if !counts(p) {
		return ""
	}
	about := map[amana.RecordID]bool{}
	for i := range decided {
		d := &decided[i]
		// A file says of itself nowhere that it was published. Nobody else is asked about
		// it, so that others look first.
		if d.Basis == IsPublic && d.Kind == amana.KindEvidence && d.Leaves() {
			return "release.quorum.public"
		}
		for _, l := range d.Lines {
			if l.Class == Identity && l.Verdict == Whole {
				return "release.quorum.identity"
			}
		}
		for _, id := range d.people() {
			about[id] = true
		}
	}
	if r.Bulk <= 0 || len(about) == 0 {
		return ""
	}
	if len(about) >= r.Bulk {
		return "release.quorum.bulk"
	}
	for _, id := range earlier {
		about[id] = true
	}
	if len(about) >= r.Bulk {
		return "release.quorum.window"
	}
	return ""
}

// counts reports whether releases for a purpose may need the approval of others. A
// referral is one person's, agreed to by her, on her way to help. Rows for counting
// hold no name and no word of anybody, and what of them becomes public has approvals
// of its own: see package disclose.
func counts(p amana.Purpose) bool {
	return p != amana.PurposeReferral && p != amana.PurposeStatistics
}

// people are those about whom something of the record leaves. Who told it is one of
// them, and so is everybody whose answer it rests on besides.
func (d *Decided) people() []amana.RecordID {
	if d.Basis != ByConsent || !d.Leaves() {
		return nil
	}
	who := d.Subject
	if who.IsZero() {
		who = d.ID
	}
	return []amana.RecordID{who}
}

// People returns everybody about whom something left by an entry, each once.
func (e *Entry) People() (ids []amana.RecordID) {
	for i := range e.Parts {
		p := &e.Parts[i]
		who := p.Subject
		if who.IsZero() {
			who = p.Record
		}
		if p.Basis == ByConsent && !slices.Contains(ids, who) {
			ids = append(ids, who)
		}
	}
	return ids
}

// Lacks says what a proposal lacks to be carried out now exactly as it was put forward, as
// the key of a message: for whoever carries out nothing else, whatever the number of people.
func (r Rules) Lacks(p *Proposal, now time.Time) string { return r.lacks(p, p.Scope, now) }

// lacks says what a proposal lacks to be carried out now, as the key of a message.
func (r Rules) lacks(p *Proposal, s Scope, now time.Time) string {
	if p == nil {
		return "release.refused.quorum"
	}
	n, objected := p.Given()
	switch {
	case !p.Scope.covers(s):
		return "release.refused.scope"
	case p.Reason.IsEmpty():
		return "release.refused.reason"
	case objected:
		return "release.refused.objection"
	case n < r.Approvals:
		return "release.refused.quorum"
	case now.Before(p.When.Add(r.Delay)):
		return "release.refused.delay"
	}
	return ""
}
