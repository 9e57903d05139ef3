package hub_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/mod/sumdb/tlog"

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

// What appending and proving cost on PostgreSQL as the log of one organisation grows to
// AMANA_LEAVES leaves (10,000,000), each of one entry, beside what they cost at a
// hundredth of that.
func TestMeasure_log(t *testing.T) {
	measuring(t)
	leaves := uint64(10_000_000)
	if n, err := strconv.ParseUint(os.Getenv("AMANA_LEAVES"), 10, 32); err == nil {
		leaves = n
	}
	where := postgres(t)
	s, db := open(t, where), database(t, where)
	c := newOrg(t, s)
	var appended, proved, device []time.Duration
	for _, n := range []uint64{leaves / 100, leaves} {
		f := growTo(t, db, c, n)
		s = open(t, where) // which remembers nothing
		a := timed(t, 2000, func(uint64) error {
			b := c.next(1)
			f.Add(wire.Leaf(b.Head))
			_, err := s.Push(t.Context(), c.org, b)
			return err
		})
		root, err := s.Root(t.Context(), c.org, f.Size)
		if err != nil || root != f.Root() {
			t.Fatalf("another root, %v", err)
		}
		timed(t, 500, func(i uint64) error { // as on a hub that has run for a while
			_, err := s.Proof(t.Context(), c.org, f.Size, 1+i*7919*31%f.Size)
			return err
		})
		p := timed(t, 2000, func(i uint64) error {
			old := 1 + i*(f.Size-1)/2000
			_, err := s.Proof(t.Context(), c.org, f.Size, old)
			_, err2 := s.Inclusion(t.Context(), c.org, f.Size, old)
			return errors.Join(err, err2)
		})
		d := timed(t, 2000, func(i uint64) error {
			for range 100 {
				f.Add([]byte{byte(i)})
				f.Root()
			}
			return nil
		})
		appended, proved, device = append(appended, a), append(proved, p), append(device, d/100)
		t.Logf("at %d leaves, medians: %v an append, %v two proofs, %v a leaf and its root on a device", n, a, p, d/100)
	}
	ratio := func(d []time.Duration) float64 { return float64(d[1]) / float64(d[0]) }
	t.Logf("at %d beside %d: append %.2f, proofs %.2f, on a device %.2f times", leaves, leaves/100, ratio(appended), ratio(proved), ratio(device))
	if ratio(appended) > 2 || ratio(proved) > 2 {
		t.Error("more than twice")
	}
}

// timed returns the median of how long fn takes.
func timed(t *testing.T, n uint64, fn func(i uint64) error) time.Duration {
	t.Helper()
	took := make([]time.Duration, 0, n)
	for i := range n {
		began := time.Now()
		if err := fn(i); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// growTo fills an organisation's log up to a size without the hub: entries of its one
// device with the right hashes of the tree, but signatures of nobody.
func growTo(t *testing.T, db *sql.DB, c *chain, size uint64) *wire.Frontier {
	t.Helper()
	var at int64
	if err := db.QueryRow("SELECT size FROM org WHERE org=$1", c.org[:]).Scan(&at); err != nil {
		t.Fatal(err)
	}
	f := &wire.Frontier{}
	rows, err := db.Query("SELECT device, seq, head, signature FROM leaf WHERE org=$1 ORDER BY idx", c.org[:])
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		h := journal.SignedHead{Device: c.device.ID}
		var device, head, signature []byte
		if err := rows.Scan(&device, &h.Seq, &head, &signature); err != nil {
			t.Fatal(err)
		}
		h.Hash, h.Signature = seal.Hash(head), seal.Signature(signature)
		f.Add(wire.Leaf(h))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	item := newChain(c.org).next(1).Items[0].AppendWire(nil)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	copyIn := func(table string, columns []string, row func() []any) {
		t.Helper()
		err := conn.Raw(func(pg any) error {
			_, err := pg.(*stdlib.Conn).Conn().CopyFrom(t.Context(), pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) { return row(), nil }))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	seq := c.head.Seq
	copyIn("item", []string{"org", "device", "seq", "wire"}, func() []any {
		if seq == c.head.Seq+size-uint64(at) {
			return nil
		}
		seq++
		return []any{c.org[:], c.device.ID[:], int64(seq), item}
	})
	h := journal.SignedHead{Device: c.device.ID, Seq: c.head.Seq}
	copyIn("leaf", []string{"org", "idx", "device", "seq", "head", "signature", "hashes"}, func() []any {
		if f.Size == size {
			return nil
		}
		h.Seq++
		binary.BigEndian.PutUint64(h.Hash[:], h.Seq)
		leaf := wire.Leaf(h)
		hash := tlog.RecordHash(leaf)
		hashes := slices.Clone(hash[:])
		for n, i := f.Size, len(f.Roots)-1; n&1 == 1; n, i = n>>1, i-1 {
			hash = tlog.NodeHash(f.Roots[i], hash)
			hashes = append(hashes, hash[:]...)
		}
		f.Add(leaf)
		return []any{c.org[:], int64(f.Size - 1), c.device.ID[:], int64(h.Seq), h.Hash[:], h.Signature[:], hashes}
	})
	c.head = journal.Head{Seq: h.Seq, Hash: h.Hash}
	var edge []byte
	for _, r := range f.Roots {
		edge = append(edge, r[:]...)
	}
	if _, err := db.Exec("UPDATE org SET size=$1, edge=$2 WHERE org=$3", int64(size), edge, c.org[:]); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE device SET seq=$1, head=$2 WHERE org=$3 AND device=$4", int64(h.Seq), h.Hash[:], c.org[:], c.device.ID[:]); err != nil {
		t.Fatal(err)
	}
	return f
}
