package link_test

import (
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/link"
	"amana/internal/vault"
)

// TestMeasure_largeFile takes a file of 200 MB from one device to another by a hub, and
// says how long it takes, and how much memory all three have at most in one process.
func TestMeasure_largeFile(t *testing.T) {
	if os.Getenv("AMANA_MEASURE") == "" {
		t.Skip("set AMANA_MEASURE to measure")
	}
	const size = 200_000_000
	h, b := newHouse(t), startFilesHub(t, 1<<40)
	if err := link.Join(t.Context(), h.admin, b.String()); err != nil {
		t.Fatal(err)
	}
	other := h.pair(t)
	c := h.open(t, h.admin)
	var peak atomic.Uint64
	stop := make(chan struct{})
	go func() {
		var m runtime.MemStats
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse))
			}
		}
	}()
	defer close(stop)
	step := func(name string, do func()) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak.Store(0)
		began := time.Now()
		do()
		took := time.Since(began)
		more := int64(peak.Load()) - int64(m.HeapInuse)
		t.Logf("%s: %.1f s, %.0f MB/s, %.1f MB of memory more", name, took.Seconds(), size/1e6/took.Seconds(), float64(more)/1e6)
		if more > 64<<20 {
			t.Errorf("%s: memory grows with the file: %d bytes", name, more)
		}
	}
	noisy := io.LimitReader(rand.NewChaCha8([32]byte{1}), size)
	step("taken in", func() {
		if _, err := h.admin.TakeIn(t.Context(), c, noisy, func(b evidence.Blob) ([]vault.Change, error) {
			return []vault.Change{{
				Record: b.Record, Begin: &vault.Begin{Kind: amana.KindEvidence, Case: c, Teams: []amana.TeamID{h.team}},
				Facts: []event.Fact{vault.TakenFact(b)},
			}}, nil
		}); err != nil {
			t.Fatal(err)
		}
	})
	step("to the hub", func() {
		if r, err := exchange(t, h.admin, noon); err != nil || r.Sent != 1 {
			t.Fatal(r, err)
		}
	})
	step("from the hub", func() {
		if r, err := exchange(t, other, noon); err != nil || r.Fetched != 1 {
			t.Fatal(r, err)
		}
	})
}
