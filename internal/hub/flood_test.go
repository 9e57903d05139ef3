package hub_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"amana/internal/hub/wire"
)

// flooding is one way to flood a hub: from each connection again and again.
type flooding struct {
	name string
	make func(c *chain, connection int) func() (method, path string, body []byte)
}

func floodings() []flooding {
	again := func(method, path string, body []byte) func() (string, string, []byte) {
		return func() (string, string, []byte) { return method, path, body }
	}
	return []flooding{
		{"batches of 100 that do not go on where the chain ends", func(c *chain, _ int) func() (string, string, []byte) {
			raw := c.next(100).Append(nil)
			c.head.Seq, c.head.Hash = 0, [32]byte{}
			return again("POST", wire.PathBatch, raw)
		}},
		{"noise of 2 MiB", func(*chain, int) func() (string, string, []byte) {
			return again("POST", wire.PathBatch, make([]byte, 2<<20))
		}},
		{"polls", func(*chain, int) func() (string, string, []byte) {
			return again("GET", wire.PathLog+"?from=1", nil)
		}},
		{"fetches of 500 entries", func(c *chain, _ int) func() (string, string, []byte) {
			return again("GET", fmt.Sprintf("%s?device=%s&from=1", wire.PathBatch, c.device.ID), nil)
		}},
		{"entries one at a time", func(c *chain, connection int) func() (string, string, []byte) {
			return func() (string, string, []byte) {
				if connection > 0 { // they are one chain
					return "GET", wire.PathCheckpoint, nil
				}
				return "POST", wire.PathBatch, c.next(1).Append(nil)
			}
		}},
	}
}

// What an organisation that floods a hub at its usual rate does to another's latency, on
// PostgreSQL, with everything on this machine: hub, database, and the flood itself. It
// should stay within twice.
func TestMeasure_flood(t *testing.T) {
	measuring(t)
	where := postgres(t)
	p := startHub(t, where)
	p.store = open(t, where)
	quiet := newOrg(t, p.store)
	client := p.as(t, quiet)
	push := func() time.Duration {
		raw := quiet.next(1).Append(nil)
		began := time.Now()
		if got, _ := ask(t, client, "POST", "https://"+p.addr+wire.PathBatch, bytes.NewReader(raw)); got != 200 {
			t.Fatalf("%d", got)
		}
		return time.Since(began)
	}
	typical := func() time.Duration {
		took := make([]time.Duration, 0, 33)
		for range cap(took) {
			took = append(took, push())
			time.Sleep(20 * time.Millisecond)
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	typical()
	for _, kind := range floodings() {
		var ratios []float64
		for range 5 {
			alone := typical()
			loud := newOrg(t, p.store)
			if _, err := p.store.Push(t.Context(), loud.org, loud.next(500)); err != nil {
				t.Fatal(err)
			}
			stop, asked := p.flood(t, loud, kind)
			first := push()
			flooded := typical()
			stop()
			ratios = append(ratios, float64(flooded)/float64(alone))
			t.Logf("%s: a push takes %v alone, %v beside %d of them (%v as they begin)", kind.name, alone, flooded, asked.Load(), first)
		}
		slices.Sort(ratios)
		t.Logf("%s: %.2f times (%.2f to %.2f)", kind.name, ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
	}
}

// flood floods the hub from 16 connections, until it is stopped.
func (p *hubProcess) flood(t *testing.T, loud *chain, kind flooding) (stop func(), asked *atomic.Int64) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	asked = &atomic.Int64{}
	for i := range 16 {
		next := kind.make(loud, i)
		f := p.as(t, loud)
		wg.Go(func() {
			for ctx.Err() == nil {
				method, path, body := next()
				req, _ := http.NewRequestWithContext(ctx, method, "https://"+p.addr+path, bytes.NewReader(body))
				if resp, err := f.Do(req); err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					asked.Add(1)
				}
			}
		})
	}
	return func() { cancel(); wg.Wait() }, asked
}
