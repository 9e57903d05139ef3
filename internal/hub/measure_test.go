package hub_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/journal"
)

// measuring skips what only measures, which says nothing on a busy machine, unless
// AMANA_MEASURE asks for it.
func measuring(t *testing.T) {
	t.Helper()
	if os.Getenv("AMANA_MEASURE") == "" {
		t.Skip("AMANA_MEASURE=1 measures")
	}
}

const writers = 8

// errMeasured: what was prepared is used up.
var errMeasured = errors.New("measured")

// rate runs fn from several writers for a while and returns how many items a second
// they wrote.
func rate(t *testing.T, each int, fn func(writer int) error) float64 {
	t.Helper()
	var n atomic.Int64
	var wg sync.WaitGroup
	stop := time.Now().Add(4 * time.Second)
	began := time.Now()
	for w := range writers {
		wg.Go(func() {
			for time.Now().Before(stop) {
				if err := fn(w); errors.Is(err, errMeasured) {
					return
				} else if err != nil {
					t.Error(err)
					return
				}
				n.Add(int64(each))
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(began).Seconds()
}

// How fast the hub takes entries on PostgreSQL, beside plain durable inserts and COPY of
// the same bytes in the same run.
func TestMeasure_push(t *testing.T) {
	measuring(t)
	where := postgres(t)
	s := open(t, where)
	db, err := sql.Open("pgx", where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(writers)
	db.SetMaxIdleConns(writers)
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, "CREATE TABLE raw (org BYTEA, device BYTEA, seq BIGINT, wire BYTEA, PRIMARY KEY (org, device, seq)); ALTER TABLE raw ALTER COLUMN wire SET STORAGE EXTERNAL"); err != nil {
		t.Fatal(err)
	}
	var chains [writers]*chain
	for i := range chains {
		chains[i] = newOrg(t, s)
	}
	body := chains[0].next(1).Items[0].AppendWire(nil)
	chains[0].head.Seq, chains[0].head.Hash = 0, [32]byte{}
	var seq atomic.Int64
	single := rate(t, 1, func(w int) error {
		_, err := db.ExecContext(ctx, "INSERT INTO raw VALUES($1,$2,$3,$4)", chains[w].org[:], chains[w].device.ID[:], seq.Add(1), body)
		return err
	})
	// Batches are made before: signing them is the devices' work.
	push := func(n, lots int, stores ...*hub.Store) float64 {
		var made [writers][]journal.Batch
		var chains [writers]*chain
		for w := range made {
			chains[w] = newOrg(t, s)
			for range lots {
				made[w] = append(made[w], chains[w].next(n))
			}
		}
		var at [writers]int
		return rate(t, n, func(w int) error {
			if at[w] == lots {
				return errMeasured
			}
			at[w]++
			_, err := stores[at[w]%len(stores)].Push(ctx, chains[w].org, made[w][at[w]-1])
			return err
		})
	}
	one := push(1, 4000, s)
	const lot = 512
	copied := rate(t, lot, func(w int) error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		return conn.Raw(func(c any) error {
			_, err := c.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{"raw"}, []string{"org", "device", "seq", "wire"},
				pgx.CopyFromSlice(lot, func(int) ([]any, error) {
					return []any{chains[w].org[:], chains[w].device.ID[:], seq.Add(1), body}, nil
				}))
			return err
		})
	})
	many := push(lot, 60, s)
	t.Logf("%d writers, %d bytes an entry", writers, len(body))
	t.Logf("one at a time: %.0f/s, %.2f of %.0f/s plain durable inserts", one, one/single, single)
	t.Logf("in batches of %d: %.0f/s, %.2f of %.0f/s by COPY", lot, many, many/copied, copied)
	other := open(t, where)
	both := push(1, 4000, s, other)
	t.Logf("two hubs on one database, one at a time: %.0f/s, %.2f of one", both, both/one)
}

// What the log costs as it grows: appending and proving, by the number of leaves.
func TestMeasure_log(t *testing.T) {
	measuring(t)
	for _, leaves := range []uint64{100_000, 10_000_000} {
		var f wire.Frontier
		leaf := make([]byte, 134)
		for range leaves {
			f.Add(leaf)
		}
		began := time.Now()
		const n = 100_000
		for range n {
			f.Add(leaf)
			f.Root()
		}
		t.Logf("at %d leaves: %v for a leaf and its root on a device", leaves, time.Since(began)/n)
	}
	s := open(t, t.TempDir())
	c := newOrg(t, s)
	for _, upTo := range []int{1_000, 10_000} {
		for c.head.Seq < uint64(upTo-200) {
			if _, err := s.Push(t.Context(), c.org, c.next(1)); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		for range 200 {
			if _, err := s.Push(t.Context(), c.org, c.next(1)); err != nil {
				t.Fatal(err)
			}
		}
		pushed := time.Since(began) / 200
		began = time.Now()
		for i := range uint64(200) {
			if _, err := s.Proof(t.Context(), c.org, uint64(upTo), 1+i*uint64(upTo)/201); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("hub on SQLite at %d leaves: %v an append, %v a proof", upTo, pushed, time.Since(began)/200)
	}
}

// What one organisation waits for while another floods the hub, beside what it waits
// for alone.
func TestMeasure_flood(t *testing.T) {
	measuring(t)
	r := runOn(t, postgres(t))
	quiet, loud := newOrg(t, r.store), newOrg(t, r.store)
	client := r.as(t, quiet)
	median := func() time.Duration {
		var took []time.Duration
		for range 101 {
			raw := quiet.next(1).Append(nil)
			began := time.Now()
			if got, _ := ask(t, client, "POST", "https://"+r.addr+wire.PathBatch, bytes.NewReader(raw)); got != 200 {
				t.Fatalf("%d", got)
			}
			took = append(took, time.Since(began))
			time.Sleep(5 * time.Millisecond)
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	median()
	alone := median()
	ctx, stop := context.WithCancel(t.Context())
	flood := r.as(t, loud)
	again := loud.next(200).Append(nil)
	var wg sync.WaitGroup
	for range 48 {
		wg.Go(func() {
			for ctx.Err() == nil {
				req, _ := http.NewRequestWithContext(ctx, "POST", "https://"+r.addr+wire.PathBatch, bytes.NewReader(again))
				if resp, err := flood.Do(req); err == nil {
					resp.Body.Close()
				}
			}
		})
	}
	time.Sleep(500 * time.Millisecond)
	flooded := median()
	stop()
	wg.Wait()
	t.Logf("a push takes %v alone, %v while another organisation floods: %.2f times", alone, flooded, float64(flooded)/float64(alone))
}
