package vault_test

import (
	"context"
	"errors"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/vault"
)

// A colleague with a changed program knows the ID of another team's record. What
// they write there neither opens what is written next to their team, nor stops it,
// nor hides what was there.
func TestVault_nobodyBringsARecordIntoTheirTeam(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	owner := c.asWorker(t, 0)
	if err := c.admin.JoinTeam(ctx, c.teams[1], c.worker[0]); err != nil { // the owner is in both teams
		t.Fatal(err)
	}
	colleague := c.asWorker(t, 1)
	if _, err := colleague.HandOn(ctx); err != nil {
		t.Fatal(err)
	}
	id := c.open(t, owner, c.teams[0], "Exemple", "orchard")
	forged, err := colleague.Forge(ctx, id, c.teams[1], event.Begun{Kind: amana.KindIdentity}, event.Set{Field: "note", Value: event.Text("x")})
	if err != nil {
		t.Fatal(err)
	}
	err = owner.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{event.Set{Field: "assessment_main_concerns", Value: event.Text("well")}}})
	if err != nil {
		t.Fatalf("the owner can write no more: %v", err)
	}
	if n := owner.Opens(id, forged); n != 1 { // the forged entry itself
		t.Errorf("%d entries open with the key of a colleague, want 1", n)
	}
	for range 2 { // as it is followed, and as it is built anew
		if rows := search(t, owner, "well"); len(rows) != 1 || rows[0].ID != id || rows[0].Team != c.teams[0] {
			t.Errorf("in the list: %d rows", len(rows))
		}
		f, err := owner.Read(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if f.Case.Tampered != 1 || len(f.Case.Teams) != 1 || f.Case.Teams[0] != c.teams[0] {
			t.Errorf("read: %d tampered, teams %v", f.Case.Tampered, f.Case.Teams)
		}
		if err := owner.Rebuild(ctx); err != nil {
			t.Fatal(err)
		}
		owner = c.asWorker(t, 0)
	}
	if _, err := colleague.Read(ctx, id); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("the colleague reads the case: %v", err)
	}
}
