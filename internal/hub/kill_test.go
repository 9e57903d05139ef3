package hub_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
)

// TestMain is also the hub that is killed.
func TestMain(m *testing.M) {
	if where := os.Getenv("AMANA_TEST_HUB"); where != "" {
		serveUntilKilled(where)
		return
	}
	code := m.Run()
	if shared != nil {
		shared.end()
	}
	os.Exit(code)
}

func serveUntilKilled(where string) {
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	raw, err := hex.DecodeString(os.Getenv("AMANA_TEST_KEY"))
	must(err)
	key, err := seal.ImportHubKey(raw)
	must(err)
	store, err := hub.OpenStore(context.Background(), where)
	must(err)
	own, err := key.Certificate()
	must(err)
	l, err := net.Listen("tcp", os.Getenv("AMANA_TEST_ADDR"))
	must(err)
	quiet := slog.New(slog.DiscardHandler)
	files := hub.NewFiles(store, nil, hub.FilesConfig{Quota: 1 << 30, Largest: 1 << 30, Now: time.Now, Logger: quiet})
	s := hub.New(hub.Config{Store: store, Key: key, Now: time.Now, Rate: testRate(), Logger: quiet, Files: files})
	tidy := make(chan os.Signal, 1)
	signal.Notify(tidy, syscall.SIGUSR1)
	go func() {
		for range tidy {
			debug.FreeOSMemory()
		}
	}()
	must(s.HTTP().Serve(s.Listen(l, own)))
}

// testRate is the rate of the hub in a process of its own: as usual, but where a test
// has many devices ask at once.
func testRate() float64 {
	rate, _ := strconv.ParseFloat(os.Getenv("AMANA_TEST_RATE"), 64)
	return rate
}

// A hub that is killed again and again while devices hand over loses nothing that it
// acknowledged, and its log stays the one it was.
func TestKill_losesNothingThatWasAcknowledged(t *testing.T) {
	for name, where := range map[string]func(testing.TB) string{
		"SQLite": func(t testing.TB) string { return t.TempDir() }, "PostgreSQL": postgres,
	} {
		t.Run(name, func(t *testing.T) { killHub(t, where(t)) })
	}
}

func killHub(t *testing.T, where string) {
	r := newHubProcess(t, where)
	store := open(t, where)
	first := newOrg(t, store)
	chains := []*chain{first}
	for range 3 {
		c := newChain(first.org)
		if err := store.Admit(t.Context(), first.device, c.device); err != nil {
			t.Fatal(err)
		}
		chains = append(chains, c)
	}
	acked := make(acknowledged, len(chains))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i, c := range chains {
		client := r.as(t, c)
		client.Timeout = 5 * time.Second
		wg.Go(func() { pushUntil(stop, client, r.addr, c, &acked[i]) })
	}
	for range 5 {
		r.start(t)
		acked.more(t)
		r.kill()
	}
	r.start(t)
	acked.more(t)
	close(stop)
	wg.Wait()
	acked.kept(t, store, chains)
}

// acknowledged is the last number that each device was told is kept.
type acknowledged []atomic.Uint64

// more waits until every device was told of several since.
func (a acknowledged) more(t testing.TB) {
	t.Helper()
	for i := range a {
		before := a[i].Load()
		for deadline := time.Now().Add(2 * time.Minute); a[i].Load() < before+3; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("nothing of device %d is acknowledged after %d", i, before)
			}
		}
	}
}

// kept checks that all that was acknowledged is there, in the log and as it was sent, and
// that each log is its leaves.
func (a acknowledged) kept(t testing.TB, s *hub.Store, chains []*chain) {
	t.Helper()
	there, seen := map[[16]byte]uint64{}, map[amana.OrgID]bool{}
	for _, c := range chains {
		if seen[c.org] {
			continue
		}
		seen[c.org] = true
		leaves, err := s.Leaves(t.Context(), c.org, 0, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		var f wire.Frontier
		for _, h := range leaves {
			f.Add(wire.Leaf(h))
			if h.Seq <= there[h.Device] {
				t.Errorf("device %s: %d after %d", h.Device, h.Seq, there[h.Device])
			}
			there[h.Device] = h.Seq
		}
		if root, err := s.Root(t.Context(), c.org, f.Size); err != nil || root != f.Root() {
			t.Errorf("the log is not its leaves: %v", err)
		}
	}
	for i, c := range chains {
		acked := a[i].Load()
		if there[c.device.ID] < acked {
			t.Errorf("device %d: %d acknowledged, %d there", i, acked, there[c.device.ID])
		}
		for from := uint64(1); from <= acked; {
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
}

// pushUntil hands batches over, each again until it is acknowledged.
func pushUntil(stop <-chan struct{}, client *http.Client, addr string, c *chain, acked *atomic.Uint64) {
	for {
		b := c.next(3)
		raw := b.Append(nil)
		for {
			select {
			case <-stop:
				return
			default:
			}
			resp, err := client.Post("https://"+addr+wire.PathBatch, "", bytes.NewReader(raw))
			if err == nil {
				resp.Body.Close()
			}
			if err == nil && resp.StatusCode == http.StatusOK {
				acked.Store(b.Last())
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}
