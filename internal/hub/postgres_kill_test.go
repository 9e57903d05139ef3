package hub_test

import (
	"sync"
	"testing"
	"time"

	"amana/internal/hub/wire"
	"amana/internal/journal"
)

// PostgreSQL that is killed again and again under load, as a power cut would, loses
// nothing that was acknowledged, and the hub goes on by itself when it is back.
func TestKill_postgreSQL(t *testing.T) {
	p := newPostgres(t)
	p.start(t)
	t.Cleanup(func() { p.end() })
	s := open(t, p.url("postgres"))
	first := newOrg(t, s)
	chains := []*chain{first, newOrg(t, s)}
	for range 2 {
		c := newChain(first.org)
		if err := s.Admit(t.Context(), first.device, c.device); err != nil {
			t.Fatal(err)
		}
		chains = append(chains, c)
	}
	acked := make([]uint64, len(chains))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i, c := range chains {
		wg.Go(func() {
			for n := 0; ; n++ {
				b := c.next(1 + n%3*40) // both ways in
				for {
					select {
					case <-stop:
						return
					default:
					}
					if _, err := s.Push(t.Context(), c.org, b); err == nil {
						acked[i] = b.Last()
						break
					}
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	for range 2 {
		time.Sleep(250 * time.Millisecond)
		p.kill()
		p.start(t)
	}
	time.Sleep(250 * time.Millisecond)
	close(stop)
	wg.Wait()
	roots := map[[16]byte]*wire.Frontier{}
	there := map[[16]byte]uint64{}
	for _, c := range []*chain{chains[0], chains[1]} {
		leaves, err := s.Leaves(t.Context(), c.org, 0, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		roots[c.org] = &wire.Frontier{}
		for _, h := range leaves {
			roots[c.org].Add(wire.Leaf(h))
			there[h.Device] = h.Seq
		}
		if root, err := s.Root(t.Context(), c.org, roots[c.org].Size); err != nil || root != roots[c.org].Root() {
			t.Errorf("the log is not its leaves: %v", err)
		}
	}
	for i, c := range chains {
		if acked[i] == 0 || there[c.device.ID] < acked[i] {
			t.Errorf("device %d: %d acknowledged, %d there", i, acked[i], there[c.device.ID])
		}
		for from := uint64(1); from <= acked[i]; {
			raw, err := s.Batch(t.Context(), c.org, c.device.ID, from, 512)
			if err != nil {
				t.Fatal(err)
			}
			b, err := journal.ReadBatch(raw)
			if err != nil || b.First != from {
				t.Fatalf("device %d, from %d: %v", i, from, err)
			}
			from = b.Last() + 1
		}
	}
	t.Logf("acknowledged: %v", acked)
}
