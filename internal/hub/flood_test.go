package hub_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"amana/internal/hub/wire"
)

// One organisation that floods a hub leaves another's latency within twice. The flood
// comes from this machine too, and a hub has as much of it as it asks for: so the hub's
// rate is set to what two processors bear.
func TestServer_aFloodLeavesOthersTheirTurn(t *testing.T) {
	t.Setenv("AMANA_TEST_RATE", "40")
	where := t.TempDir()
	if os.Getenv("AMANA_MEASURE") != "" {
		where = postgres(t)
	}
	p := startHub(t, where)
	p.store = open(t, where)
	quiet, loud := newOrg(t, p.store), newOrg(t, p.store)
	client := p.as(t, quiet)
	typical := func() time.Duration {
		var took []time.Duration
		for range 17 {
			raw := quiet.next(1).Append(nil)
			began := time.Now()
			if got, _ := ask(t, client, "POST", "https://"+p.addr+wire.PathBatch, bytes.NewReader(raw)); got != 200 {
				t.Fatalf("%d", got)
			}
			took = append(took, time.Since(began))
			time.Sleep(30 * time.Millisecond) // within its own rate
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	flood := func(c *chain) (time.Duration, int64) {
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var n atomic.Int64
		for range 16 {
			mine := c.next(100).Append(nil)
			c.head.Seq, c.head.Hash = 0, [32]byte{} // each connection sends its own, which is not the first: refused at work
			f := p.as(t, c)
			wg.Go(func() {
				for ctx.Err() == nil {
					req, _ := http.NewRequestWithContext(ctx, "POST", "https://"+p.addr+wire.PathBatch, bytes.NewReader(mine))
					if resp, err := f.Do(req); err == nil {
						resp.Body.Close()
						n.Add(1)
					}
				}
			})
		}
		time.Sleep(600 * time.Millisecond) // what it may ask for at once is used up
		took := typical()
		stop()
		wg.Wait()
		return took, n.Load()
	}
	typical()
	var ratios []float64
	for range 6 { // what else this machine does may slow one of them
		alone := typical()
		flooded, n := flood(loud)
		ratios = append(ratios, float64(flooded)/float64(alone))
		t.Logf("a push takes %v alone, %v beside %d requests of one that floods", alone, flooded, n)
		if slices.Min(ratios) <= 2 {
			return
		}
	}
	t.Errorf("%.2f times at best", slices.Min(ratios))
}
