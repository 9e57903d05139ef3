package vault_test

import (
	"context"
	"errors"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
)

// A release officer keeps the ledger of what leaves, and writes nothing else; what
// somebody with a changed program writes in their name is left out by whoever reads.
func TestVault_releaseOfficersKeepTheLedgerOnly(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	owner := c.takesIn(t, "officer words for the test", amana.RoleReleaseOfficer)
	file := c.open(t, owner, c.teams[0], "Exemple", "orchard")
	s := c.unlock(t, "officer words for the test")
	left := event.Released{Release: amana.RecordID{7}, Purpose: amana.PurposeAccountability, Format: "dossier"}
	ledger := event.Set{Field: "ledger/0a/step", Value: event.Text("proposed")}
	words := event.Set{Field: "assessment_main_concerns", Value: event.Text("other")}
	entry := amana.RecordID(seal.Random16())
	begin := &vault.Begin{Kind: amana.KindRelease, Teams: c.teams[:1]}
	for _, try := range []struct {
		what string
		ch   vault.Change
		want error
	}{
		{"what left, on the case", vault.Change{Record: file, Facts: []event.Fact{left}}, nil},
		{"words on the case", vault.Change{Record: file, Facts: []event.Fact{words}}, amana.ErrRefused},
		{"words beside what left", vault.Change{Record: file, Facts: []event.Fact{left, words}}, amana.ErrRefused},
		{"a consent", vault.Change{Record: file, Facts: []event.Fact{event.Consented{Purpose: amana.PurposeAccountability, Decision: amana.Granted}}}, amana.ErrRefused},
		{"an entry of the ledger", vault.Change{Record: entry, Begin: begin, Facts: []event.Fact{ledger}}, nil},
		{"its next step", vault.Change{Record: entry, Facts: []event.Fact{event.Set{Field: "ledger/0b/step", Value: event.Text("approved")}}}, nil},
		{"a case", vault.Change{Record: amana.RecordID(seal.Random16()), Begin: &vault.Begin{Kind: amana.KindCase, Teams: c.teams[:1]}, Facts: []event.Fact{ledger}}, amana.ErrRefused},
	} {
		if err := s.Save(ctx, try.ch); !errors.Is(err, try.want) {
			t.Errorf("%s: %v, want %v", try.what, err, try.want)
		}
	}
	o, err := owner.OpenRecord(ctx, entry)
	if err != nil || o.Tampered != 0 || len(o.Items("ledger")) != 2 || len(o.Readings()) != 1 {
		t.Errorf("the ledger: %v, %d tampered, %d steps, %d readings", err, o.Tampered, len(o.Items("ledger")), len(o.Readings()))
	}
	f, err := owner.Read(ctx, file)
	if err != nil || f.Case.Tampered != 0 || len(f.Case.Releases()) != 1 {
		t.Errorf("the case: %v, %d tampered, %d released", err, f.Case.Tampered, len(f.Case.Releases()))
	}
	if _, err := owner.OpenRecord(ctx, file); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("a case opened as what stands alone: %v", err)
	}
}
