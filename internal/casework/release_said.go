package casework

import (
	"context"
	"maps"
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/release"
	"amana/internal/vault"
)

// briefFormat is what a public brief is cleared as; see package brief.
const briefFormat = "brief"

// saidLines is how many incidents stand in one step of the ledger: a line is an id and
// what was said of when, where and of whom.
const saidLines = 20

// SaidBefore returns what public briefs said of an incident before, all of them
// together, for a brief that is made now. Except is the entry of that one. Where it
// cannot be told what one said, the incident is like no other. Kinds: ErrNotFound,
// ErrStorage.
func (d *Desk) SaidBefore(ctx context.Context, except amana.RecordID) (func(incident amana.RecordID) string, error) {
	rows, err := d.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	_, lost, err := d.rebegun(amana.KindRelease)
	if err != nil {
		return nil, err
	}
	said, unknown := map[amana.RecordID]string{}, len(lost) > 0
	slices.SortFunc(rows, func(a, b LedgerRow) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for i := range rows {
		r := &rows[i]
		unknown = unknown || r.lost
		left := r.State == ledgerLeft || r.Spoiled && r.State != ledgerStopped
		if r.ID == except || !left || r.Proposal.Scope.Format != briefFormat {
			continue
		}
		for _, id := range r.Proposal.Scope.Records {
			words, there := r.said[id]
			if !there || r.Spoiled {
				words = "?" + id.String()
			}
			said[id] += r.ID.String() + words + "\n"
		}
	}
	return func(id amana.RecordID) string {
		if unknown {
			return "?" + id.String()
		}
		return said[id]
	}, nil
}

// NoteSaid puts on record what a brief says, before it is handed out. Kinds:
// ErrNotFound, ErrRefused, ErrStorage.
func (d *Desk) NoteSaid(ctx context.Context, c release.Cleared, said map[amana.RecordID]string) error {
	if err := c.For(briefFormat); err != nil {
		return err
	}
	ids := slices.SortedFunc(maps.Keys(said), func(a, b amana.RecordID) int { return slices.Compare(a[:], b[:]) })
	var facts []event.Fact
	for part := range slices.Chunk(ids, saidLines) {
		lines := make([]string, len(part))
		for i, id := range part {
			lines[i] = id.String() + " " + strings.ReplaceAll(said[id], "\n", " ")
		}
		facts = append(facts, d.stepWith(ledgerSaid, amana.Private{}, Values{"said": event.Text(strings.Join(lines, "\n"))})...)
	}
	if len(facts) == 0 {
		return nil
	}
	return d.session.Save(ctx, vault.Change{Record: c.ID(), Facts: facts})
}

// heard reads what a step says was said. What is said twice of one is both.
func (r *LedgerRow) heard(text string) {
	if r.said == nil {
		r.said = map[amana.RecordID]string{}
	}
	for line := range strings.Lines(text) {
		id, words, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if id, err := amana.ParseID[amana.Record](id); err == nil {
			r.said[id] += words + "\n"
		}
	}
}
