package vault_test

import (
	"context"
	"path/filepath"
	"testing"

	"amana/internal/vault"
)

// A device made from a backup is one of its own: whoever restores it, an
// administrator who unlocks brings it into the charter, and work goes on there. A
// backup of that device makes a third.
func TestRestore_makesADeviceOfItsOwn(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	s := h.enter(t, "w0")
	c := mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "orchard")
	devices := map[string]bool{s.Device().String(): true}
	for generation := 1; generation <= 3; generation++ {
		backup := filepath.Join(t.TempDir(), "backup")
		backupTo(t, s, backup)
		h.v.LockAll()
		h = restored(t, h, backup)
		admin := h.enter(t, "admin")
		for range 2 {
			if err := admin.Settle(ctx); err != nil {
				t.Fatalf("generation %d: %v", generation, err)
			}
		}
		charter, err := admin.Charter()
		if err != nil {
			t.Fatal(err)
		}
		if _, known := charter.Device(admin.Device()); !known || devices[admin.Device().String()] {
			t.Fatalf("generation %d: device %s is known: %v", generation, admin.Device(), known)
		}
		devices[admin.Device().String()] = true
		s = h.enter(t, "w0")
		if err := addNote(s, c.Case, "written here"); err != nil {
			t.Fatal(err)
		}
		f, err := s.Read(ctx, c.Case)
		if err != nil || len(notesOf(f)) != generation || f.Case.Tampered+f.Case.Unread > 0 || f.Case.Conflicts() > 0 {
			t.Fatalf("generation %d: %d notes, %d tampered, %v", generation, len(notesOf(f)), f.Case.Tampered, err)
		}
		h.mustVerify(t, s)
		if n, reason, err := s.Quarantined(); n > 0 || err != nil {
			t.Errorf("generation %d: %d refused, %s, %v", generation, n, reason, err)
		}
	}
}

// Recovery by shares works on a restored device too, and verifies afterwards.
func TestRestore_canBeRecovered(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	backup := filepath.Join(t.TempDir(), "backup")
	backupTo(t, c.admin, backup)
	dir := filepath.Join(t.TempDir(), "restored")
	if _, err := vault.RestoreWithShares(ctx, dir, reader(t, backup), c.shares[:2], c.clock); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Recover(ctx, dir, c.shares[1:], "Admin", []byte("new words here now"), c.clock); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(dir, c.clock)
	if err != nil {
		t.Fatal(err)
	}
	defer v.LockAll()
	s, err := v.Unlock(ctx, []byte("new words here now"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	checks, err := s.Verify(ctx)
	if found := append(problems(checks), problems(vault.VerifyFiles(dir))...); err != nil || len(found) > 0 {
		t.Errorf("%v %q", err, found)
	}
}
