package hub_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
)

// The store does the same on either database.
func TestStore(t *testing.T) {
	for _, db := range []struct {
		name  string
		where func(testing.TB) string
	}{
		{"SQLite", func(t testing.TB) string { return t.TempDir() }},
		{"PostgreSQL", postgres},
	} {
		t.Run(db.name, func(t *testing.T) {
			where := db.where(t)
			t.Run("batches", func(t *testing.T) { storeBatches(t, open(t, where)) })
			t.Run("devices", func(t *testing.T) { storeDevices(t, open(t, where)) })
			t.Run("log", func(t *testing.T) { storeLog(t, open(t, where)) })
			t.Run("quota", func(t *testing.T) { storeQuota(t, open(t, where), open(t, where)) })
			t.Run("orders", func(t *testing.T) { storeOrders(t, open(t, where)) })
			t.Run("orders of who took a device", func(t *testing.T) { storeOrdersBounded(t, open(t, where)) })
			t.Run("mail", func(t *testing.T) { storeMail(t, open(t, where)) })
			t.Run("two hubs at once", func(t *testing.T) { storeTogether(t, open(t, where), open(t, where)) })
			t.Run("two hubs in turns", func(t *testing.T) { storeInTurns(t, open(t, where), open(t, where)) })
			t.Run("opened again", func(t *testing.T) { open(t, where) })
		})
	}
}

func open(t testing.TB, where string) *hub.Store {
	t.Helper()
	s, err := hub.OpenStore(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// chain is one device's items, made of noise: the hub reads none.
type chain struct {
	org    amana.OrgID
	device hub.Device
	key    seal.DeviceKey
	head   journal.Head
}

// newOrg enrols an organisation with one device.
func newOrg(t testing.TB, s *hub.Store) *chain {
	t.Helper()
	token := seal.Random16()
	if err := s.Invite(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	c := newChain(amana.OrgID(seal.Random16()))
	c.device.Steward = true
	if err := s.Enrol(t.Context(), token, c.device); err != nil {
		t.Fatal(err)
	}
	return c
}

func newChain(org amana.OrgID) *chain {
	c := &chain{org: org, key: seal.NewDeviceKey()}
	c.device = hub.Device{Org: org, ID: amana.DeviceID(seal.Random16())}
	c.device.Verify = c.key.VerifyKey(c.device.ID)
	return c
}

// next makes the next n items, as a batch.
func (c *chain) next(n int) journal.Batch {
	b := journal.Batch{First: c.head.Seq + 1}
	for range n {
		noise := seal.Random16()
		it := journal.Item{
			Device: c.device.ID, Seq: c.head.Seq + 1, Epoch: 1, Nonce: seal.NewNonce(), Last: true,
			Entry: slices.Repeat(noise[:], 8), Body: slices.Repeat(noise[:], 17),
		}
		c.head = journal.Head{Seq: it.Seq, Hash: it.Next(c.org, c.head.Hash)}
		b.Items = append(b.Items, it)
	}
	b.Head = journal.SignHead(c.key, c.org, c.device.ID, c.head)
	return b
}

func wantKind(t testing.TB, what string, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

func storeBatches(t *testing.T, s *hub.Store) {
	ctx := t.Context()
	c := newOrg(t, s)
	push := func(b journal.Batch) error {
		_, err := s.Push(ctx, c.org, b)
		return err
	}
	first, second, third := c.next(3), c.next(1), c.next(600)
	wantKind(t, "what comes before is missing", push(second), amana.ErrConflict)
	for i, b := range []journal.Batch{first, first, second, first, third, third} { // again and again
		if err := push(b); err != nil {
			t.Fatalf("batch %d: %v", i, err)
		}
	}
	if n, err := s.Size(ctx, c.org); n != 3 || err != nil {
		t.Errorf("%d leaves, %v: want 3", n, err)
	}
	forged := c.next(2)
	forged.Head.Signature[0] ^= 1
	wantKind(t, "not signed", push(forged), amana.ErrTampered)
	stranger := newChain(c.org)
	wantKind(t, "of a device nobody admitted", push(stranger.next(1)), amana.ErrNotFound)
	fork := &chain{org: c.org, device: c.device, key: c.key, head: journal.Head{Seq: 604}}
	wantKind(t, "another history", push(fork.next(1)), amana.ErrTampered)
	// Nothing of another organisation.
	d := newOrg(t, s)
	_, err := s.Push(ctx, d.org, third)
	wantKind(t, "into another organisation", err, amana.ErrNotFound)
	_, err = s.Batch(ctx, d.org, c.device.ID, 1, 10)
	wantKind(t, "out of another organisation", err, amana.ErrNotFound)
	// It comes back as it went in, from any number on.
	for _, from := range []uint64{1, 2, 4, 5, 300} {
		raw, err := s.Batch(ctx, c.org, c.device.ID, from, 512)
		if err != nil {
			t.Fatal(err)
		}
		b, err := journal.ReadBatch(raw)
		if err != nil || b.First != from {
			t.Fatalf("from %d: begins with %d, %v", from, b.First, err)
		}
		if err := b.Head.Verify(c.device.Verify, c.org); err != nil {
			t.Error(err)
		}
	}
	if err := s.Erase(ctx, c.org, c.device.ID, []uint64{2, 2, 9999}); err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(ctx, d.org, c.device.ID, []uint64{3}); err != nil {
		t.Fatal(err)
	}
	raw, err := s.Batch(ctx, c.org, c.device.ID, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	b, err := journal.ReadBatch(raw)
	if err != nil || len(b.Items) != 3 || b.Items[0].Flags != 0 || b.Items[1].Flags != journal.Erased || b.Items[2].Flags != 0 {
		t.Errorf("after erasing item 2 of 3: %v", err)
	}
	if b.Items[1].BodyHash() != first.Items[1].BodyHash() {
		t.Error("the chain is not what it was")
	}
}

func storeDevices(t *testing.T, s *hub.Store) {
	ctx := t.Context()
	c, other := newOrg(t, s), newOrg(t, s)
	wantKind(t, "an invitation that was never given", s.Enrol(ctx, seal.Random16(), newChain(amana.OrgID{7}).device), amana.ErrRefused)
	d := newChain(c.org)
	wantKind(t, "admitted by another organisation", s.Admit(ctx, other.device, d.device), amana.ErrRefused)
	wantKind(t, "admitted by itself", s.Admit(ctx, d.device, d.device), amana.ErrRefused)
	for range 2 {
		if err := s.Admit(ctx, c.device, d.device); err != nil {
			t.Fatal(err)
		}
	}
	again := d.device
	again.Verify[0] ^= 1
	wantKind(t, "with another key", s.Admit(ctx, c.device, again), amana.ErrConflict)
	if got, err := s.DeviceBy(ctx, d.device.Verify); err != nil || got.ID != d.device.ID || got.Org != c.org || got.Steward || got.Revoked {
		t.Errorf("%+v, %v", got, err)
	}
	wantKind(t, "revoked by who may not", s.Revoke(ctx, d.device, c.device.ID), amana.ErrRefused)
	wantKind(t, "revoked by another organisation", s.Revoke(ctx, other.device, d.device.ID), amana.ErrNotFound)
	if err := s.Revoke(ctx, c.device, d.device.ID); err != nil {
		t.Fatal(err)
	}
	_, err := s.Push(ctx, c.org, d.next(1))
	wantKind(t, "of a revoked device", err, amana.ErrRefused)
}

// Every size of the log is proved to be the beginning of every later one, and what a
// device computes of the leaves is what the hub signs.
func storeLog(t *testing.T, s *hub.Store) {
	ctx := t.Context()
	c := newOrg(t, s)
	var f wire.Frontier
	roots := []tlog.Hash{f.Root()}
	for range 21 {
		b := c.next(1)
		if _, err := s.Push(ctx, c.org, b); err != nil {
			t.Fatal(err)
		}
		f.Add(wire.Leaf(b.Head))
		root, err := s.Root(ctx, c.org, f.Size)
		if err != nil || root != f.Root() {
			t.Fatalf("size %d: another root, %v", f.Size, err)
		}
		roots = append(roots, root)
	}
	for size := uint64(1); size <= f.Size; size++ {
		for old := uint64(1); old <= size; old++ {
			p, err := s.Proof(ctx, c.org, size, old)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(p, int64(size), roots[size], int64(old), roots[old]); err != nil {
				t.Errorf("from %d to %d: %v", old, size, err)
			}
		}
	}
	leaves, err := s.Leaves(ctx, c.org, 0, 100)
	if err != nil || len(leaves) != 21 {
		t.Fatalf("%d leaves, %v", len(leaves), err)
	}
	for i, l := range leaves {
		p, err := s.Inclusion(ctx, c.org, f.Size, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(p, int64(f.Size), roots[f.Size], int64(i), tlog.RecordHash(wire.Leaf(l))); err != nil {
			t.Errorf("leaf %d: %v", i, err)
		}
	}
	_, err = s.Proof(ctx, c.org, f.Size, f.Size+1)
	wantKind(t, "a proof from the future", err, amana.ErrInvalid)
}

// Two hubs on one database, with several devices of one organisation and each batch
// sent to both: nothing is lost, doubled or out of order.
func storeTogether(t *testing.T, a, b *hub.Store) {
	ctx := t.Context()
	c := newOrg(t, a)
	chains := []*chain{c}
	for range 3 {
		d := newChain(c.org)
		if err := a.Admit(ctx, c.device, d.device); err != nil {
			t.Fatal(err)
		}
		chains = append(chains, d)
	}
	const rounds = 12
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for _, d := range chains {
		wg.Go(func() {
			for range rounds {
				batch := d.next(2)
				for _, s := range []*hub.Store{a, b} {
					if _, err := s.Push(context.WithoutCancel(ctx), c.org, batch); err != nil {
						failed.Store(&err)
					}
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		t.Fatal(*err)
	}
	leaves, err := b.Leaves(ctx, c.org, 0, 1000)
	if err != nil || len(leaves) != rounds*len(chains) {
		t.Fatalf("%d leaves, %v: want %d", len(leaves), err, rounds*len(chains))
	}
	var f wire.Frontier
	last := map[amana.DeviceID]uint64{}
	for _, l := range leaves {
		if l.Seq <= last[l.Device] {
			t.Errorf("device %s: %d after %d", l.Device, l.Seq, last[l.Device])
		}
		last[l.Device] = l.Seq
		f.Add(wire.Leaf(l))
	}
	if root, err := a.Root(ctx, c.org, f.Size); err != nil || root != f.Root() {
		t.Errorf("the log is not its leaves: %v", err)
	}
}

// A device that hands over to one hub and the other in turns: each takes what goes on where
// the chain ends, and once it found that another one writes, reads that first.
func storeInTurns(t *testing.T, hubs ...*hub.Store) {
	c, quiet := newOrg(t, hubs[0]), newOrg(t, hubs[0])
	push := func(i int, c *chain) {
		if _, err := hubs[i%2].Push(t.Context(), c.org, c.next(1)); err != nil {
			t.Fatalf("batch %d: %v", i, err)
		}
	}
	for i := range 10 {
		push(i, c)
		push(0, quiet)
	}
	if leaves, err := hubs[1].Leaves(t.Context(), c.org, 0, 100); err != nil || len(leaves) != 10 {
		t.Errorf("%d leaves, %v", len(leaves), err)
	}
	if !hubs[0].OnPostgres() {
		return // where one writes at a time, and all is read
	}
	for i, s := range hubs {
		if s.ReadsAnew(c.org) == 0 {
			t.Errorf("hub %d does not know that another one writes there", i)
		}
		if s.ReadsAnew(quiet.org) > 0 {
			t.Errorf("hub %d reads what nobody else writes", i)
		}
	}
}
