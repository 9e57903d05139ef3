package hub_test

import (
	"sync"
	"testing"
	"time"
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
	acked := make(acknowledged, len(chains))
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
						acked[i].Store(b.Last())
						break
					}
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	for range 2 {
		acked.more(t)
		p.kill()
		p.start(t)
	}
	acked.more(t)
	close(stop)
	wg.Wait()
	acked.kept(t, s, chains)
}
