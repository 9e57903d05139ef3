package vault_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"amana"
)

// A change of members that failed half-way, because a browser went away or a disk
// was full, is done anew. The keys made for it the first time are nobody's.
func TestVault_aFailedTurnIsDoneAnew(t *testing.T) {
	c := newClinic(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.admin.RemoveMember(ctx, c.worker[1]); err == nil {
		t.Fatal("removed by a request that was given up")
	}
	ctx = context.Background()
	if err := c.asWorker(t, 1).Lock(); err != nil { // still a member, and not locked out
		t.Fatal(err)
	}
	w := c.asWorker(t, 0)
	if err := w.Lock(); err != nil {
		t.Fatal(err)
	}
	if err := c.admin.RemoveMember(ctx, c.worker[1]); err != nil {
		t.Fatalf("the second time: %v", err)
	}
	w = c.asWorker(t, 0)
	id := c.open(t, w, c.teams[0], "Exemple", "orchard")
	if _, err := w.Read(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := c.admin.SetRule(ctx, "languages", "fr"); err != nil {
		t.Fatal(err)
	}
	checks, err := c.admin.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range checks {
		if !ch.OK {
			t.Errorf("%s: %s", ch.Name, ch.Detail)
		}
	}
}

// Whoever tries many passphrases at once waits as whoever tries one after the other.
func TestVault_passphrasesTriedAtOnceAreCounted(t *testing.T) {
	c := newClinic(t)
	var tried atomic.Int32
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if _, err := c.v.Unlock(context.Background(), []byte("wrong")); errors.Is(err, amana.ErrPassphrase) {
				tried.Add(1)
			} else if !errors.Is(err, amana.ErrWait) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := tried.Load(); n != 3 {
		t.Errorf("%d passphrases were tried at once, want 3", n)
	}
}

// An order to erase that another member's unlocking carries out reaches the views of
// those who are at work already.
func TestErase_byWhoUnlocksNextReachesOpenViews(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	w := c.asWorker(t, 0)
	id := c.open(t, w, c.teams[0], "Exemple", "orchard")
	if rows := search(t, w, "orchard"); len(rows) != 1 {
		t.Fatal("not found")
	}
	if err := w.OrderErasure(ctx, "asked", id); err != nil {
		t.Fatal(err)
	}
	c.asWorker(t, 1)
	c.asWorker(t, 0) // waits for the view
	if rows := search(t, w, "orchard"); len(rows) != 0 {
		t.Error("an open view still has what was erased")
	}
}
