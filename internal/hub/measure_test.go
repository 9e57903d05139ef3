package hub_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
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
	writers     = 8
	manyWriters = 32
	rounds      = 3
	span        = 1500 * time.Millisecond
)

// errMeasured: what was prepared is used up.
var errMeasured = errors.New("measured")

// speed is how many items were written a second, and how long processors were at each,
// which what else the machine does changes little.
type speed struct {
	rate float64
	work time.Duration
}

// rate runs fn from several writers for a while and returns how fast they wrote.
func rate(t *testing.T, writers, each int, fn func(writer int) error) speed {
	t.Helper()
	var n atomic.Int64
	var wg sync.WaitGroup
	before, began := worked(), time.Now()
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
	wrote := float64(n.Load())
	return speed{wrote / time.Since(began).Seconds(), time.Duration(float64(worked()-before) / wrote)}
}

// worked is how long processors were at this process and PostgreSQL's.
func worked() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	sum := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	if shared == nil {
		return sum
	}
	server := strconv.Itoa(shared.server.Process.Pid)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		raw, _ := os.ReadFile(path)
		_, after, _ := strings.Cut(string(raw), ") ")
		f := strings.Fields(after)
		if len(f) < 15 || f[1] != server && !strings.HasPrefix(string(raw), server+" ") {
			continue
		}
		for _, ticks := range f[11:15] { // its own, and of its children that ended
			n, _ := strconv.Atoi(ticks)
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
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

var noise16 = func() (list [manyWriters][]byte) {
	for i := range list {
		one := seal.Random16()
		list[i] = one[:]
	}
	return list
}()

// pushes has writers push batches of n, each to one of the hubs; with turns 1 to one
// after the other. Batches are made before: signing them is the devices' work.
func pushes(t *testing.T, writers, n, lots, turns int, stores ...*hub.Store) speed {
	t.Helper()
	made, chains, at := make([][]journal.Batch, writers), make([]*chain, writers), make([]int, writers)
	for w := range made {
		chains[w] = newOrg(t, stores[0])
		for range lots {
			made[w] = append(made[w], chains[w].next(n))
		}
	}
	return rate(t, writers, n, func(w int) error {
		if at[w] == lots {
			return errMeasured
		}
		at[w]++
		_, err := stores[(at[w]*turns+w)%len(stores)].Push(context.Background(), chains[w].org, made[w][at[w]-1])
		return err
	})
}

// compare tells how much faster one was than the other, round by round.
func compare(t *testing.T, what string, list, to []speed) {
	t.Helper()
	var fast, work, rates []float64
	for i := range list {
		fast, work = append(fast, list[i].rate/to[i].rate), append(work, float64(list[i].work)/float64(to[i].work))
		rates = append(rates, list[i].rate)
	}
	for _, l := range [][]float64{fast, work, rates} {
		slices.Sort(l)
	}
	n := len(list)
	t.Logf("%s: %.2f as fast (%.2f to %.2f; %.0f/s), for %.2f of processors' time each", what, fast[n/2], fast[0], fast[n-1], rates[n/2], work[n/2])
}

// How fast the hub takes entries on PostgreSQL, beside plain durable inserts and COPY of
// the same bytes, in turns, so that what else the machine does slows all of them.
func TestMeasure_push(t *testing.T) {
	measuring(t)
	where := postgres(t)
	s, other := open(t, where), open(t, where)
	raw := newPlain(t, where, newOrg(t, s).next(1).Items[0].AppendWire(nil))
	const lot = 512
	var single, one, two, turns, copied, many, one32, two32, turns32 []speed
	for range rounds {
		single = append(single, rate(t, writers, 1, raw.insert))
		one = append(one, pushes(t, writers, 1, 1200, 0, s))
		two = append(two, pushes(t, writers, 1, 1200, 0, s, other))
		turns = append(turns, pushes(t, writers, 1, 1200, 1, s, other))
		one32 = append(one32, pushes(t, manyWriters, 1, 300, 0, s))
		two32 = append(two32, pushes(t, manyWriters, 1, 300, 0, s, other))
		turns32 = append(turns32, pushes(t, manyWriters, 1, 300, 1, s, other))
		copied = append(copied, rate(t, writers, lot, func(w int) error { return raw.copy(w, lot) }))
		many = append(many, pushes(t, writers, lot, 8, 0, s))
	}
	t.Logf("%d bytes an entry; medians of %d rounds in turns; plain durable inserts %.0f/s, COPY %.0f/s", len(raw.body), rounds, single[0].rate, copied[0].rate)
	compare(t, "one at a time, beside plain durable inserts", one, single)
	compare(t, "two hubs on one database beside one", two, one)
	compare(t, "two hubs, every organisation at one and the other in turns, beside one", turns, one)
	compare(t, "two hubs beside one, 32 writers", two32, one32)
	compare(t, "two hubs in turns beside one, 32 writers", turns32, one32)
	compare(t, "in batches of 512, beside COPY", many, copied)
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

// How soon a hub works again after it was killed, with AMANA_LEAVES entries (1,000,000) in
// one organisation on PostgreSQL, beside a thousandth of that: until it takes connections,
// its first answers, and those after.
func TestMeasure_restart(t *testing.T) {
	measuring(t)
	leaves := uint64(1_000_000)
	if n, err := strconv.ParseUint(os.Getenv("AMANA_LEAVES"), 10, 32); err == nil {
		leaves = n
	}
	where := postgres(t)
	s, db := open(t, where), database(t, where)
	c := newOrg(t, s)
	p := newHubProcess(t, where)
	for _, n := range []uint64{leaves / 1000, leaves} {
		growTo(t, db, c, n)
		asks := []struct {
			what string
			do   func(*http.Client) int
		}{
			{"checkpoint", func(client *http.Client) int {
				got, _ := ask(t, client, "GET", "https://"+p.addr+wire.PathCheckpoint, nil)
				return got
			}},
			{"proof", func(client *http.Client) int {
				got, _ := ask(t, client, "GET", fmt.Sprintf("https://%s%s?old=%d", p.addr, wire.PathProof, n/3), nil)
				return got
			}},
			{"batch taken in", func(client *http.Client) int {
				got, _ := ask(t, client, "POST", "https://"+p.addr+wire.PathBatch, bytes.NewReader(c.next(1).Append(nil)))
				return got
			}},
		}
		var started []time.Duration
		first, later := make([][]time.Duration, len(asks)), make([][]time.Duration, len(asks))
		for range 5 {
			p.kill()
			began := time.Now()
			p.start(t)
			started = append(started, time.Since(began))
			client := p.as(t, c)
			for i, a := range asks {
				for j := range 4 {
					began := time.Now()
					if got := a.do(client); got != 200 {
						t.Fatalf("%s: %d", a.what, got)
					}
					if took := time.Since(began); j == 0 {
						first[i] = append(first[i], took)
					} else {
						later[i] = append(later[i], took)
					}
				}
			}
		}
		middle := func(d []time.Duration) time.Duration { slices.Sort(d); return d[len(d)/2] }
		t.Logf("%d entries: takes connections %v after it was started anew", n, middle(started))
		for i, a := range asks {
			t.Logf("%d entries: first %s %v, later %v", n, a.what, middle(first[i]), middle(later[i]))
		}
		p.kill()
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
