package vault_test

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/vault"
)

// What the pages do not show is no protection; keys are. These tests take one
// member's keys, and every file, and try them on everything.

func (h *house) plunder(t testing.TB, who string) vault.Loot {
	t.Helper()
	h.v.LockAll()
	return vault.Plunder(t, h.dir, h.Ways[who], h.Teams[:]...)
}

func TestKeys_ofOneMemberOpenNothingOfOtherTeams(t *testing.T) {
	h := newHouse(t)
	cases := map[string][]newCase{}
	views := map[string][]string{}
	for i, who := range []string{"w0", "w1"} {
		s := h.enter(t, who)
		for range 3 {
			c := mustOpenCase(t, s, h.Teams[i], "Fatoumata Exemple", "orchard")
			if err := addNote(s, c.Case, "river"); err != nil {
				t.Fatal(err)
			}
			cases[who] = append(cases[who], c)
		}
		allCases(t, s)
	}
	for _, who := range []string{"w0", "w1", "admin"} {
		for _, path := range vault.ViewsOf(h.enter(t, who)) {
			views[who] = append(views[who], filepath.Base(path))
		}
	}
	charter := amana.RecordID(vault.OrgOf(h.Ways["w0"]))
	for _, who := range []string{"w0", "w1", "admin"} {
		t.Run(who, func(t *testing.T) {
			loot := h.plunder(t, who)
			if loot.Entries != loot.Items || loot.Items < 25 {
				t.Errorf("of %d items %d entries open: the thief does not know the format", loot.Items, loot.Entries)
			}
			if loot.Bodies[charter] != loot.Seen[charter] {
				t.Errorf("%d of %d entries of the charter open", loot.Bodies[charter], loot.Seen[charter])
			}
			for owner, list := range cases {
				for _, c := range list {
					for _, id := range c.all() {
						if got, all := loot.Bodies[id], loot.Seen[id]; owner == who && got != all || all == 0 {
							t.Errorf("own record %s: %d of %d bodies open: the thief does not know the format", id, got, all)
						} else if owner != who && (got > 0 || loot.Records[id]) {
							t.Errorf("record %s of %s: %d bodies open", id, owner, got)
						}
					}
				}
			}
			if !slices.Equal(loot.Views, views[who]) {
				t.Errorf("views that open: %q, own: %q", loot.Views, views[who])
			}
			if loot.Slots > 0 {
				t.Errorf("%d slots open", loot.Slots)
			}
			for te := range loot.Teams {
				if i := slices.Index(h.Teams[:], te.Team); i >= 0 && who != "w"+string(rune('0'+i)) {
					t.Errorf("a key of team %d, epoch %d", i, te.Epoch)
				}
			}
		})
	}
}

// bodies are how many bodies of each record a thief opens.
func bodies(l vault.Loot) map[amana.RecordID]int { return maps.Clone(l.Bodies) }

// A member leaves the organisation, with all keys and every file, and comes back
// for the files as they are later.
func TestKeys_ofWhoWasRemovedOpenNothingWrittenAfter(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	admin, w0 := h.enter(t, "admin"), h.enter(t, "w0")
	if err := admin.JoinTeam(ctx, h.Teams[0], h.Who["w1"]); err != nil {
		t.Fatal(err)
	}
	if gave, err := w0.HandOn(ctx); err != nil || !gave {
		t.Fatalf("HandOn = %v, %v", gave, err)
	}
	before := mustOpenCase(t, w0, h.Teams[0], "Fatoumata Exemple", "orchard")
	w1 := h.enter(t, "w1")
	if _, err := w1.Read(ctx, before.Case); err != nil {
		t.Fatal(err)
	}
	knew := h.copied(t).plunder(t, "w1")
	if knew.Bodies[before.Case] == 0 || knew.Entries != knew.Items {
		t.Fatalf("a member of the team cannot read: %+v", knew)
	}
	w0 = h.enter(t, "w0")
	admin = h.enter(t, "admin")
	if err := admin.RemoveMember(ctx, h.Who["w1"]); err != nil {
		t.Fatal(err)
	}
	if err := addNote(w0, before.Case, "written after"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []amana.RecordID{before.Identity, before.Case} {
		if err := w0.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{event.Set{Field: "place_of_stay", Value: event.Text("written after")}}}); err != nil {
			t.Fatal(err)
		}
	}
	after := mustOpenCase(t, w0, h.Teams[0], "Awa Exemple", "written after")
	if err := admin.SetRule(ctx, "idle_minutes", "7"); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup")
	backupTo(t, w0, backup)
	h.mustVerify(t, w0)
	allCases(t, w0)
	loot := h.plunder(t, "w1")
	for _, id := range after.all() {
		if loot.Seen[id] > 0 || loot.Bodies[id] > 0 || loot.Records[id] {
			t.Errorf("record %s, begun after: seen %d, opened %d", id, loot.Seen[id], loot.Bodies[id])
		}
	}
	if was, now := bodies(knew), bodies(loot); !maps.Equal(was, now) {
		t.Errorf("bodies that open: %v before, %v after", was, now)
	}
	if was, now := knew.Entries, loot.Entries; now != was || loot.Items < was+8 {
		t.Errorf("of %d items %d entries open, %d before", loot.Items, now, was)
	}
	for te := range loot.Teams {
		if te.Epoch > 1 {
			t.Errorf("a key of epoch %d", te.Epoch)
		}
	}
	if len(loot.Views) > 0 {
		t.Errorf("views that open: %q", loot.Views)
	}
	if vault.BackupOpens(t, backup, h.Ways["w1"]) || !vault.BackupOpens(t, backup, h.Ways["w0"]) {
		t.Error("a backup made after opens for who was removed, or for nobody")
	}
}

// A member leaves a team and stays in the organisation: they see that something
// was written, and not what.
func TestKeys_ofWhoLeftATeamOpenNothingWrittenAfter(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	admin, w0 := h.enter(t, "admin"), h.enter(t, "w0")
	if err := admin.JoinTeam(ctx, h.Teams[0], h.Who["w1"]); err != nil {
		t.Fatal(err)
	}
	if _, err := w0.HandOn(ctx); err != nil {
		t.Fatal(err)
	}
	c := mustOpenCase(t, w0, h.Teams[0], "Fatoumata Exemple", "orchard")
	if err := admin.LeaveTeam(ctx, h.Teams[0], h.Who["w1"]); err != nil {
		t.Fatal(err)
	}
	if err := addNote(w0, c.Case, "written after"); err != nil {
		t.Fatal(err)
	}
	after := mustOpenCase(t, w0, h.Teams[0], "Awa Exemple", "written after")
	h.mustVerify(t, w0)
	loot := h.plunder(t, "w1")
	if loot.Bodies[c.Case] != 1 || loot.Seen[c.Case] != 2 {
		t.Errorf("%d of %d bodies open, want the one from before", loot.Bodies[c.Case], loot.Seen[c.Case])
	}
	for _, id := range after.all() {
		if loot.Seen[id] == 0 || loot.Bodies[id] > 0 || loot.Records[id] {
			t.Errorf("record %s, begun after: seen %d, opened %d", id, loot.Seen[id], loot.Bodies[id])
		}
	}
}
