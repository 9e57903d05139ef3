package syncer_test

import (
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"amana/internal/syncer"
	"amana/internal/vault"
)

// badLine passes bytes on as a bad line would: so many a second, late, with segments that
// are lost and come again after a while, and with breaks.
type badLine struct {
	rate    int           // bytes a second, each way
	latency time.Duration // each way
	lost    int           // of a hundred segments
	again   time.Duration // after which a lost one comes
	breaks  time.Duration // how long a connection holds
	carries int64         // how many bytes a connection carries; 0: any
	crossed atomic.Int64
	opened  atomic.Int64
	l       net.Listener
	to      string
}

const segment = 536

func (b *badLine) start(t testing.TB, to string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.l, b.to = l, to
	t.Cleanup(func() { l.Close() })
	go b.serve()
	return l.Addr().String()
}

func (b *badLine) serve() {
	for n := uint64(0); ; n++ {
		c, err := b.l.Accept()
		if err != nil {
			return
		}
		b.opened.Add(1)
		d, err := net.Dial("tcp", b.to)
		if err != nil {
			c.Close()
			continue
		}
		var once sync.Once
		end := func() {
			once.Do(func() {
				_ = c.(*net.TCPConn).SetLinger(0) // a reset, not an end
				c.Close()
				d.Close()
			})
		}
		time.AfterFunc(b.breaks, end)
		left := new(atomic.Int64)
		if left.Store(b.carries); b.carries == 0 {
			left.Store(1 << 60)
		}
		go b.pass(d, c, rand.New(rand.NewPCG(n, 1)), left, end)
		go b.pass(c, d, rand.New(rand.NewPCG(n, 2)), left, end)
	}
}

func (b *badLine) pass(to, from net.Conn, rnd *rand.Rand, left *atomic.Int64, end func()) {
	defer end()
	time.Sleep(b.latency)
	buf := make([]byte, segment)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			time.Sleep(time.Duration(n) * time.Second / time.Duration(b.rate))
			for rnd.IntN(100) < b.lost {
				time.Sleep(b.again + time.Duration(n)*time.Second/time.Duration(b.rate))
			}
			b.crossed.Add(int64(n))
			if left.Add(-int64(n)) < 0 {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// A day's work crosses a line of 9.6 kbit/s with 30 % loss that breaks every 30 seconds,
// both ways, and nothing comes twice or not at all. Time runs faster here, so that the
// test takes seconds; with AMANA_MEASURE=1 it is as it is.
func TestSync_overABadLine(t *testing.T) {
	faster := 60
	if os.Getenv("AMANA_MEASURE") != "" {
		faster = 1
	}
	scaled := func(d time.Duration) time.Duration { return d / time.Duration(faster) }
	h := newHouse(t)
	r := run(t, t.TempDir())
	if err := r.client(t, h.admin).Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	other, field := admitted(t, h, r), admitted(t, h, r)
	mustSync(t, r.syncer(t, h.admin))
	mustSync(t, r.syncer(t, other))
	line := &badLine{
		rate: 1200 * faster, latency: scaled(300 * time.Millisecond), lost: 30, again: scaled(400 * time.Millisecond), breaks: scaled(30 * time.Second),
	}
	slow := r.by(line.start(t, r.Host))
	const n = 60
	for range n {
		h.open(t, field, "what she said, and what was done for her that day, in some words")
		h.open(t, other, "what she said, and what was done for her that day, in some words")
	}
	a := r.syncer(t, other)
	mustSync(t, a)
	b := slow.syncer(t, field)
	began := time.Now()
	breaks := 0
	for {
		rep, err := b.Sync(t.Context())
		if err == nil && rep == (syncer.Report{}) {
			break
		}
		if err != nil {
			if !errors.Is(err, syncer.ErrAway) {
				t.Fatal(err)
			}
			breaks++
			time.Sleep(scaled(time.Second))
		}
		if limit := scaled(40 * time.Minute); time.Since(began) > limit+30*time.Second {
			t.Fatalf("not done after %v: %d bytes, %d connections", time.Since(began), line.crossed.Load(), line.opened.Load())
		}
	}
	took := time.Since(began)
	mustSync(t, a)
	for _, s := range []*vault.Session{field, other} {
		if got := cases(t, s); got != 2*n {
			t.Errorf("%d cases of %d", got, 2*n)
		}
	}
	t.Logf("%d bytes in %v (as on the real line: %v), %d connections, %d exchanges that broke off",
		line.crossed.Load(), took.Round(time.Millisecond), (took * time.Duration(faster)).Round(time.Second), line.opened.Load(), breaks)
	if faster > 1 && breaks == 0 && line.opened.Load() < 2 {
		t.Error("the line never broke: the test shows nothing")
	}
}

// admitted is another device, which the hub lets in.
func admitted(t testing.TB, h *house, r *running) *vault.Session {
	t.Helper()
	s := h.pair(t)
	d, _ := mustCharter(t, h.admin).Device(s.Device())
	if err := r.client(t, h.admin).Admit(t.Context(), s.Device(), d.VerifyKey, false); err != nil {
		t.Fatal(err)
	}
	return s
}

// What was brought before a line broke off in the middle of an answer is not brought
// again.
func TestClient_goesOnInTheMiddle(t *testing.T) {
	h := newHouse(t)
	r := run(t, t.TempDir())
	first := r.client(t, h.admin)
	if err := first.Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	field := admitted(t, h, r)
	for range 150 {
		h.open(t, field, "orchard")
	}
	mustSync(t, r.syncer(t, field))
	have := field.Have()[field.Device()]
	const connecting = 4500 // bytes
	line := &badLine{rate: 1 << 24, breaks: time.Minute, carries: 3 * connecting}
	slow := r.by(line.start(t, r.Host))
	c := slow.client(t, h.admin)
	from, whole := uint64(1), 0
	for from <= have {
		b, err := c.Batch(t.Context(), field.Device(), from)
		if err != nil {
			if !errors.Is(err, syncer.ErrAway) {
				t.Fatal(err)
			}
			continue
		}
		from = b.Last() + 1
		whole += len(b.Append(nil))
	}
	crossed, opened := line.crossed.Load(), line.opened.Load()
	if again := crossed - opened*connecting - int64(whole); opened < 5 || again > int64(whole)/3 {
		t.Errorf("%d bytes crossed for %d, over %d connections", crossed, whole, opened)
	}
}
