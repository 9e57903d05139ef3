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
}

// DefaultRules hold until the organisation sets its own.
func DefaultRules() Rules { return Rules{Bulk: 10, Approvals: 2, Delay: 24 * time.Hour} }

// Scope is what a proposal asks for. Approvals count for exactly this.
type Scope struct {
	Purpose   amana.Purpose
	Recipient amana.Private
	Format    string
	Records   []amana.RecordID
}

func (s Scope) covers(o Scope) bool {
	return s.Purpose == o.Purpose && plain(s.Recipient) == plain(o.Recipient) && s.Format == o.Format &&
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
// message, or "".
func (r Rules) Needs(p amana.Purpose, decided []Decided) string {
	if p == amana.PurposeReferral {
		return "" // one person's, agreed to by her, on her way to help
	}
	about := map[amana.RecordID]bool{}
	for i := range decided {
		d := &decided[i]
		for _, l := range d.Lines {
			if l.Class == Identity && l.Verdict == Whole {
				return "release.quorum.identity"
			}
		}
		if d.Basis == ByConsent && d.Leaves() {
			who := d.Subject
			if who.IsZero() {
				who = d.ID
			}
			about[who] = true
		}
	}
	if r.Bulk > 0 && len(about) >= r.Bulk {
		return "release.quorum.bulk"
	}
	return ""
}

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
