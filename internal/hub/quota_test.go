package hub_test

import (
	"bytes"
	"testing"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/wire"
)

// An organisation that has all that it may is refused, at whichever hub, with nothing
// lost and nobody else held up; what is erased makes room.
func storeQuota(t *testing.T, s, beside *hub.Store) {
	ctx := t.Context()
	c, other := newOrg(t, s), newOrg(t, s)
	one := int64(len(newChain(c.org).next(1).Items[0].AppendWire(nil)))
	s.Quota, beside.Quota = 10*one, 10*one
	defer func() { s.Quota, beside.Quota = 0, 0 }()
	for i := range 5 {
		for _, at := range []*hub.Store{s, beside} {
			if _, err := at.Push(ctx, c.org, c.next(1)); err != nil {
				t.Fatalf("entry %d: %v", i, err)
			}
		}
	}
	before := c.head
	for _, n := range []int{1, 300} {
		for _, at := range []*hub.Store{s, beside} {
			_, err := at.Push(ctx, c.org, c.next(n))
			wantKind(t, "more than it may", err, amana.ErrStorage)
			c.head = before
		}
	}
	if n, err := s.Size(ctx, c.org); n != 10 || err != nil {
		t.Errorf("%d leaves, %v: want 10", n, err)
	}
	if _, err := s.Push(ctx, other.org, other.next(9)); err != nil {
		t.Errorf("another organisation: %v", err)
	}
	if err := beside.Erase(ctx, c.org, c.device.ID, []uint64{3, 4, 3}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Push(ctx, c.org, c.next(1)); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	next := c.next(2)
	_, err := s.Push(ctx, c.org, next)
	wantKind(t, "more than was erased", err, amana.ErrStorage)
	s.Quota = 0
	if _, err := s.Push(ctx, c.org, next); err != nil {
		t.Errorf("as many as it brings: %v", err)
	}
}

// A device hears in a status of its own that there is no room for it, which says nothing
// of the hub's disk.
func TestServer_quota(t *testing.T) {
	r := run(t)
	c := newOrg(t, r.store)
	r.store.Quota = 1 << 10
	client := r.as(t, c)
	push := func(n int) int {
		got, _ := ask(t, client, "POST", "https://"+r.addr+wire.PathBatch, bytes.NewReader(c.next(n).Append(nil)))
		return got
	}
	if got := push(1); got != 200 {
		t.Fatalf("%d", got)
	}
	if got := push(5); got != 507 {
		t.Errorf("%d, want 507", got)
	}
	if got, words := r.ready(); got != 200 {
		t.Errorf("%d: %s", got, words)
	}
}
