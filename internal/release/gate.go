package release

import (
	"context"
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
)

// RefusedError says why nothing leaves. It is of kind [amana.ErrRefused] and holds
// no name.
type RefusedError struct {
	Why string // the key of a message
}

// Error implements error.
func (e *RefusedError) Error() string { return "release: " + e.Why + ": refused" }

// Unwrap returns the kind.
func (*RefusedError) Unwrap() error { return amana.ErrRefused }

// Ledger is where releases are written down. Enter returns when the entry is
// durable; only then does anything leave.
type Ledger interface {
	Enter(ctx context.Context, e Entry) error
	// Stop says of an entry that nothing left after all, and why.
	Stop(ctx context.Context, release amana.RecordID, why string) error
	// Earlier returns the people about whom something left to a recipient since a time,
	// by any release that is known here: see [Same] for whether two recipients are one.
	// A ledger that cannot be read whole is an error, and nothing leaves.
	Earlier(ctx context.Context, recipient amana.Private, since time.Time) ([]amana.RecordID, error)
}

// Gate decides what may leave.
type Gate struct {
	Now    func() time.Time
	Ledger Ledger
	Rules  Rules
}

// By is the member who lets something leave.
type By struct {
	Member amana.MemberID
	Roles  []amana.Role
}

// Request is what somebody would let leave.
type Request struct {
	ID        amana.RecordID // of the release: fresh, or that of its proposal
	By        By
	Purpose   amana.Purpose
	Recipient amana.Private // to whom; empty is the public, where the purpose allows it
	Format    string        // of the export
	// Records returns what is asked for, as it stands. It is asked twice: before the
	// ledger has its entry, and after.
	Records func(context.Context) ([]Record, error)
	// Met are the conditions of which the member says that they are met, in the words
	// in which they were made.
	Met      []amana.Private
	Proposal *Proposal // where others were asked
}

// Preview is what would leave. Nothing can be exported of it.
type Preview struct {
	Records []Decided
	Refused string // the key of a message, where nothing may leave
	Needs   string // why the approval of others is needed, or ""
}

// Preview decides without letting anything leave. Kinds: those of Records and of the
// ledger.
func (g *Gate) Preview(ctx context.Context, r Request) (Preview, error) {
	records, err := r.Records(ctx)
	if err != nil {
		return Preview{}, err
	}
	now := g.Now()
	p := Preview{Records: r.decide(records, now)}
	var earlier []amana.RecordID
	if counts(r.Purpose) && g.Rules.Window > 0 {
		if earlier, err = g.Ledger.Earlier(ctx, r.Recipient, now.Add(-g.Rules.Window)); err != nil {
			return Preview{}, fmt.Errorf("release: %s: %w", r.ID, err)
		}
	}
	p.Needs = g.Rules.Needs(r.Purpose, p.Records, earlier)
	p.Refused = g.refusal(r, p, now)
	return p, nil
}

func (r Request) decide(records []Record, now time.Time) []Decided {
	a := asking{purpose: r.Purpose, whom: Plain(r.Recipient), now: now}
	decided := make([]Decided, len(records))
	for i := range records {
		decided[i] = decide(&records[i], a, r.Met)
	}
	quiet(records, decided, r.Purpose)
	asked := decided[:0]
	for i := range decided {
		if !records[i].KnownOnly {
			asked = append(asked, decided[i])
		}
	}
	return asked
}

// refusal says why nothing at all may leave, or "".
func (g *Gate) refusal(r Request, p Preview, now time.Time) string {
	switch {
	case r.ID.IsZero() || r.Format == "":
		return "release.refused.request"
	case ceiling(r.Purpose, Coded) == never:
		return "release.refused.purpose"
	case needsRecipient(r.Purpose) && Plain(r.Recipient) == "":
		return "release.refused.no_recipient"
	case !MayRelease(r.Purpose, r.By.Roles):
		return "release.refused.role"
	}
	why := "release.refused.nothing"
	leaves := false
	for i := range p.Records {
		if p.Records[i].Leaves() {
			leaves = true
		} else if p.Records[i].Refused != "" {
			why = p.Records[i].Refused
		}
	}
	if !leaves {
		return why
	}
	if p.Needs != "" {
		return g.Rules.lacks(r.Proposal, r.scope(p.Records), now)
	}
	return ""
}

func (r Request) scope(decided []Decided) Scope {
	s := Scope{Purpose: r.Purpose, Recipient: r.Recipient, Format: r.Format}
	for i := range decided {
		s.Records = append(s.Records, decided[i].ID)
	}
	return s
}

// Clear lets leave what may. It writes the ledger before it returns, and looks
// again afterwards: whoever withdrew between the two stops it. Kinds: ErrRefused as
// [*RefusedError], and those of Records and of the ledger.
func (g *Gate) Clear(ctx context.Context, r Request) (Cleared, error) {
	first, err := g.Preview(ctx, r)
	if err != nil {
		return Cleared{}, err
	}
	if first.Refused != "" {
		return Cleared{}, &RefusedError{first.Refused}
	}
	when := g.Now()
	if err := g.Ledger.Enter(ctx, entryOf(r, first, when)); err != nil {
		return Cleared{}, fmt.Errorf("release: %s: %w", r.ID, err)
	}
	again, err := g.Preview(ctx, r)
	why := again.Refused
	if err == nil && why == "" && !again.covers(first) {
		why = "release.refused.changed"
	}
	switch {
	case err != nil:
		why = "release.refused.unread"
	case why == "":
		return Cleared{
			id: r.ID, by: r.By.Member, purpose: r.Purpose, recipient: r.Recipient, format: r.Format, when: when,
			records: first.Records,
		}, nil
	}
	if stop := g.Ledger.Stop(ctx, r.ID, why); stop != nil {
		return Cleared{}, fmt.Errorf("release: %s: %w", r.ID, stop)
	}
	if err != nil {
		return Cleared{}, err
	}
	return Cleared{}, &RefusedError{why}
}

// covers reports whether all that leaves by the first decision leaves by this one.
func (p Preview) covers(first Preview) bool {
	if len(p.Records) != len(first.Records) {
		return false
	}
	for i := range first.Records {
		a, b := &first.Records[i], &p.Records[i]
		if a.ID != b.ID || len(a.Lines) != len(b.Lines) {
			return false
		}
		for j := range a.Lines {
			x, y := &a.Lines[j], &b.Lines[j]
			if x.Verdict == Withheld {
				continue
			}
			if x.Name != y.Name || x.Verdict != y.Verdict || !x.Value.Equal(y.Value) {
				return false
			}
		}
	}
	return true
}

// Entry is what the ledger holds of one release.
type Entry struct {
	ID        amana.RecordID
	By        amana.MemberID
	When      time.Time
	Purpose   amana.Purpose
	Recipient amana.Private
	Format    string
	Why       string // it needed the approval of others, or ""
	Parts     []Part
}

// Part is what left of one record.
type Part struct {
	Record, Subject amana.RecordID
	Kind            amana.Kind
	Basis           Basis
	Released        event.Released
}

func entryOf(r Request, p Preview, when time.Time) Entry {
	e := Entry{
		ID: r.ID, By: r.By.Member, When: when, Purpose: r.Purpose, Recipient: r.Recipient, Format: r.Format, Why: p.Needs,
	}
	for i := range p.Records {
		d := &p.Records[i]
		if !d.Leaves() {
			continue
		}
		part := Part{Record: d.ID, Subject: d.Subject, Kind: d.Kind, Basis: d.Basis, Released: event.Released{
			Release: r.ID, Purpose: r.Purpose, Recipient: r.Recipient, Format: r.Format, Consent: d.Consent.Time,
		}}
		for _, l := range d.Lines {
			switch l.Verdict {
			case Whole:
				part.Released.Whole = append(part.Released.Whole, l.Name)
				if item := string(l.Class); l.Class.IsItem() && !slices.Contains(part.Released.Items, item) {
					part.Released.Items = append(part.Released.Items, item)
				}
			case Widened:
				part.Released.Widened = append(part.Released.Widened, l.Name)
			case Withheld:
			}
		}
		e.Parts = append(e.Parts, part)
	}
	return e
}
