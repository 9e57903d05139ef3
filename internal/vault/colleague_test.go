package vault_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/vault"
	"amana/internal/view"
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

// Who was taken off a team sees no more of its cases, though the device still holds
// what they could read; and sees them again when they come back.
func TestVault_whoLeftATeamSeesItNoMore(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	if err := c.admin.JoinTeam(ctx, c.teams[1], c.worker[0]); err != nil {
		t.Fatal(err)
	}
	other := c.asWorker(t, 1)
	if _, err := other.HandOn(ctx); err != nil {
		t.Fatal(err)
	}
	id := c.open(t, other, c.teams[1], "Exemple", "orchard")
	w := c.asWorker(t, 0)
	c.open(t, w, c.teams[0], "Autre", "orchard")
	for _, step := range []struct {
		change func(context.Context, amana.TeamID, amana.MemberID) error
		sees   int
		read   bool
	}{
		{nil, 2, true},
		{c.admin.LeaveTeam, 1, false},
		{c.admin.JoinTeam, 2, true},
	} {
		if step.change != nil {
			if err := step.change(ctx, c.teams[1], c.worker[0]); err != nil {
				t.Fatal(err)
			}
		}
		if rows := search(t, w, "orchard"); len(rows) != step.sees {
			t.Errorf("finds %d cases, want %d", len(rows), step.sees)
		}
		if n, err := w.Count(amana.Private{}, view.Filter{}, 10); err != nil || n != step.sees {
			t.Errorf("counts %d cases, want %d: %v", n, step.sees, err)
		}
		if _, err := w.Peek(id); (err == nil) != step.read {
			t.Errorf("reads: %v", err)
		}
	}
}

// What a changed program writes under another's name counts for nothing, and is named;
// what follows it in the same chain is as good as before, also after a restore.
func TestRestore_aForgedEntrySpoilsNothing(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	w := c.asWorker(t, 0)
	c.open(t, w, c.teams[0], "Exemple", "orchard")
	if err := w.ForgeAs(ctx, c.worker[1]); err != nil {
		t.Fatal(err)
	}
	c.open(t, w, c.teams[0], "Autre", "orchard")
	path, dir := filepath.Join(t.TempDir(), "b"), filepath.Join(t.TempDir(), "v")
	backupTo(t, w, path)
	done, err := vault.RestoreWithPassphrase(ctx, dir, reader(t, path), []byte(adminWords), c.clock)
	if err != nil || done.Quarantined != 0 {
		t.Fatalf("%+v, %v: want nothing kept aside", done, err)
	}
	v, err := vault.Open(dir, c.clock)
	if err != nil {
		t.Fatal(err)
	}
	defer v.LockAll()
	again := &clinic{v: v}
	s := again.asWorker(t, 0)
	if found := search(t, s, "orchard"); len(found) != 2 {
		t.Errorf("%d cases after the restore, want 2", len(found))
	}
	checks, err := s.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var named int
	for _, check := range checks {
		if !check.OK && check.Name == "signature" {
			named++
		}
	}
	if named != 1 {
		t.Errorf("%d forged entries named, want 1: %+v", named, checks)
	}
}
