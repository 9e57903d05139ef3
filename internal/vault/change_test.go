package vault_test

import (
	"context"
	"testing"
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
