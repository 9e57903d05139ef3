package release

import (
	"fmt"
	"slices"
	"time"

	"amana"
)

// Cleared is what passed the gate: for one purpose, one recipient and one format,
// what of each field may leave. Its fields are unexported and only [Gate.Clear]
// fills them: a function that takes a Cleared cannot be called without passing the
// gate, and the ledger has its entry. The zero Cleared allows nothing.
type Cleared struct {
	id        amana.RecordID
	by        amana.MemberID
	purpose   amana.Purpose
	recipient amana.Private
	format    string
	when      time.Time
	records   []Decided
}

// For says whether it was cleared for a format; an exporter asks before it writes
// the first byte. Kind: ErrRefused.
func (c Cleared) For(format string) error {
	if c.id.IsZero() || c.format != format {
		return fmt.Errorf("release: not cleared as %s: %w", format, amana.ErrRefused)
	}
	return nil
}

// IsZero reports whether it allows nothing.
func (c Cleared) IsZero() bool { return c.id.IsZero() }

// ID returns the release: the record of the ledger.
func (c Cleared) ID() amana.RecordID { return c.id }

// By returns who let it leave.
func (c Cleared) By() amana.MemberID { return c.by }

// Purpose returns for what.
func (c Cleared) Purpose() amana.Purpose { return c.purpose }

// Recipient returns to whom; empty is the public.
func (c Cleared) Recipient() amana.Private { return c.recipient }

// Format returns as what.
func (c Cleared) Format() string { return c.format }

// When returns when it was cleared.
func (c Cleared) When() time.Time { return c.when }

// Records returns what was decided of each record, also of those that stay, with
// the reason of each field.
func (c Cleared) Records() []Decided { return slices.Clone(c.records) }

// Record returns the first that was decided of one record; one that was not asked
// for has nothing that leaves. A record that rests on the answers of several people
// has several parts: see [Cleared.Field].
func (c Cleared) Record(id amana.RecordID) (Decided, bool) {
	for i := range c.records {
		if c.records[i].ID == id {
			return c.records[i], true
		}
	}
	return Decided{}, false
}

// Field returns what was decided of one field of a record, in whatever part of it.
// One that was not asked for is withheld.
func (c Cleared) Field(id amana.RecordID, name string) Line {
	last := Line{Name: name, Verdict: Withheld, Reason: "release.withheld.not_asked_for"}
	for i := range c.records {
		if c.records[i].ID != id {
			continue
		}
		if l := c.records[i].Field(name); l.Verdict != Withheld {
			return l
		} else if l.Class != "" {
			last = l
		}
	}
	return last
}
