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
	"amana/internal/seal"
)

// measuring skips what only measures, which says nothing on a busy machine, unless
// AMANA_MEASURE asks for it.
func measuring(t *testing.T) {
	t.Helper()
	if os.Getenv("AMANA_MEASURE") == "" {
		t.Skip("AMANA_MEASURE=1 measures")
	}
}

const (
	writers = 8
	rounds  = 3
	span    = 1500 * time.Millisecond
)

// errMeasured: what was prepared is used up.
var errMeasured = errors.New("measured")

// rate runs fn from several writers for a while and returns how many items a second
// they wrote.
func rate(t *testing.T, each int, fn func(writer int) error) float64 {
	t.Helper()
	var n atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	stop := began.Add(span)
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

// plain is a table of the same bytes, to which writers write without a hub.
type plain struct {
	db   *sql.DB
	body []byte
	seq  atomic.Int64
}

func newPlain(t *testing.T, where string, body []byte) *plain {
	t.Helper()
	db, err := sql.Open("pgx", where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(writers)
	db.SetMaxIdleConns(writers)
	if _, err := db.Exec("CREATE TABLE raw (org BYTEA, device BYTEA, seq BIGINT, wire BYTEA, PRIMARY KEY (org, device, seq)); ALTER TABLE raw ALTER COLUMN wire SET STORAGE EXTERNAL"); err != nil {
		t.Fatal(err)
	}
	return &plain{db: db, body: body}
}

func (p *plain) insert(w int) error {
	_, err := p.db.Exec("INSERT INTO raw VALUES($1,$2,$3,$4)", noise16[w], noise16[w], p.seq.Add(1), p.body)
	return err
}

func (p *plain) copy(w, n int) error {
	conn, err := p.db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().CopyFrom(context.Background(), pgx.Identifier{"raw"}, []string{"org", "device", "seq", "wire"},
			pgx.CopyFromSlice(n, func(int) ([]any, error) {
				return []any{noise16[w], noise16[w], p.seq.Add(1), p.body}, nil
			}))
		return err
	})
}

var noise16 = func() (list [writers][]byte) {
	for i := range list {
		one := seal.Random16()
		list[i] = one[:]
	}
	return list
}()

// pushes has writers push batches of n, each to one of the hubs; with turns 1 to one
// after the other. Batches are made before:
// signing them is the devices' work.
func pushes(t *testing.T, n, lots, turns int, stores ...*hub.Store) float64 {
	t.Helper()
	var made [writers][]journal.Batch
	var chains [writers]*chain
	for w := range made {
		chains[w] = newOrg(t, stores[0])
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
		_, err := stores[(at[w]*turns+w)%len(stores)].Push(context.Background(), chains[w].org, made[w][at[w]-1])
		return err
	})
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// How fast the hub takes entries on PostgreSQL, beside plain durable inserts and COPY of
// the same bytes, in turns, so that what else the machine does slows all of them.
func TestMeasure_push(t *testing.T) {
	measuring(t)
	where := postgres(t)
	s, other := open(t, where), open(t, where)
	raw := newPlain(t, where, newOrg(t, s).next(1).Items[0].AppendWire(nil))
	const lot = 512
	var single, one, two, turns, copied, many []float64
	for range rounds {
		single = append(single, rate(t, 1, raw.insert))
		one = append(one, pushes(t, 1, 600, 0, s))
		two = append(two, pushes(t, 1, 600, 0, s, other))
		turns = append(turns, pushes(t, 1, 600, 1, s, other))
		copied = append(copied, rate(t, lot, func(w int) error { return raw.copy(w, lot) }))
		many = append(many, pushes(t, lot, 8, 0, s))
	}
	ratio := func(of, to []float64) float64 {
		var list []float64
		for i := range of {
			list = append(list, of[i]/to[i])
		}
		return median(list)
	}
	t.Logf("%d writers, %d bytes an entry; medians of %d rounds in turns", writers, len(raw.body), len(one))
	t.Logf("one at a time: %.2f of plain durable inserts (%.0f/s)", ratio(one, single), median(single))
	t.Logf("two hubs on one database, one at a time: %.2f of one", ratio(two, one))
	t.Logf("two hubs, every organisation at one and the other in turns: %.2f of one", ratio(turns, one))
	t.Logf("in batches of %d: %.2f of COPY (%.0f/s)", lot, ratio(many, copied), median(copied))
	t.Logf("%.0f %.0f %.0f %.0f %.0f %.0f", single, one, two, turns, copied, many)
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
	typical := func() time.Duration {
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
	typical()
	alone := typical()
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
	flooded := typical()
	stop()
	wg.Wait()
	t.Logf("a push takes %v alone, %v while another organisation floods: %.2f times", alone, flooded, float64(flooded)/float64(alone))
}
