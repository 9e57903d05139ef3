package syncer_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"amana"
	"amana/internal/demo"
	"amana/internal/hub/hubtest"
	"amana/internal/journal/dictionary"
	"amana/internal/seal"
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
	broke   atomic.Int64 // connections that held as long as they do
	all     sync.WaitGroup
}

const segment = 536

func (b *badLine) start(t testing.TB, to string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d, err := net.Dial("tcp", to)
			if err != nil {
				c.Close()
				continue
			}
			b.join(c, d)
		}
	}()
	return l.Addr().String()
}

// join makes a line of two connections, until it breaks.
func (b *badLine) join(c, d net.Conn) {
	n := uint64(b.opened.Add(1))
	var once sync.Once
	end := func() {
		once.Do(func() {
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // a reset, not an end
			}
			c.Close()
			d.Close()
		})
	}
	breaks := time.AfterFunc(b.breaks, func() { b.broke.Add(1); end() })
	left := new(atomic.Int64)
	if left.Store(b.carries); b.carries == 0 {
		left.Store(1 << 60)
	}
	var both sync.WaitGroup
	both.Go(func() { b.pass(d, c, rand.New(rand.NewPCG(n, 1)), left, end) })
	both.Go(func() { b.pass(c, d, rand.New(rand.NewPCG(n, 2)), left, end) })
	b.all.Go(func() {
		both.Wait()
		breaks.Stop()
	})
}

// pass sends on what comes, at the line's rate and in order: what follows a lost segment
// waits for it. Each arrives later by the line's length.
func (b *badLine) pass(to, from net.Conn, rnd *rand.Rand, left *atomic.Int64, end func()) {
	type parcel struct {
		due time.Time
		raw []byte
	}
	under := make(chan parcel, 1<<10) // on their way
	defer close(under)
	b.all.Go(func() {
		defer end()
		for p := range under {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.raw); err != nil {
				break
			}
		}
		for range under { // nobody hears it any more
		}
	})
	buf := make([]byte, segment)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			each := time.Duration(n) * time.Second / time.Duration(b.rate)
			time.Sleep(each)
			for rnd.IntN(100) < b.lost {
				time.Sleep(b.again + each)
			}
			b.crossed.Add(int64(n))
			if left.Add(-int64(n)) < 0 {
				end()
				return
			}
			under <- parcel{time.Now().Add(b.latency), bytes.Clone(buf[:n])}
		}
		if err != nil {
			return
		}
	}
}

// inMemory is a listener for connections in memory, on which a virtual clock goes on.
type inMemory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *inMemory) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *inMemory) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *inMemory) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects; over a line, where there is one.
func (l *inMemory) dial(over *badLine) (net.Conn, error) {
	near, far := net.Pipe()
	if over != nil {
		to, hub := net.Pipe()
		over.join(far, to)
		far = hub
	}
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// A day's work crosses a line of 9.6 kbit/s with 30 % loss that breaks every 30 seconds,
// both ways, and nothing comes twice or not at all. The clock is a virtual one: it goes on
// when everybody waits, so the line is as it is said, and no machine is too slow for it.
func TestSync_overABadLine(t *testing.T) {
	warm(t)
	synctest.Test(t, overABadLine)
}

// warm has what all tests share made outside of a virtual clock's reach.
func warm(t *testing.T) {
	t.Helper()
	long := make([]byte, 1<<10) // what is hard to compress goes through all that compresses
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range long {
		long[i] = byte(rnd.IntN(256))
	}
	raw := dictionary.Compress(nil, long)
	if _, err := dictionary.Decompress(nil, raw, len(long)); err != nil {
		t.Fatal(err)
	}
}

func overABadLine(t *testing.T) {
	h := newHouse(t)
	l := &inMemory{conns: make(chan net.Conn), closed: make(chan struct{})}
	r := &running{hubtest.RunOn(t, hubtest.Config{Hold: 3 * time.Second}, l)}
	client := func(s *vault.Session, over *badLine) *syncer.Client {
		c := r.client(t, s)
		c.DialBy(func() (net.Conn, error) { return l.dial(over) })
		return c
	}
	admin := client(h.admin, nil)
	if err := admin.Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	by := func(s *vault.Session, over *badLine) *syncer.Syncer {
		one := r.syncer(t, s)
		one.Hub = client(s, over)
		return one
	}
	var devices [2]*vault.Session
	for i := range devices {
		devices[i] = h.pair(t)
		d, _ := mustCharter(t, h.admin).Device(devices[i].Device())
		if err := admin.Admit(t.Context(), d.ID, d.VerifyKey, false); err != nil {
			t.Fatal(err)
		}
	}
	town, field := devices[0], devices[1]
	mustSync(t, by(h.admin, nil))
	a := by(town, nil)
	mustSync(t, a)
	line := &badLine{rate: 1200, latency: 300 * time.Millisecond, lost: 30, again: 400 * time.Millisecond, breaks: 30 * time.Second}
	t.Cleanup(line.all.Wait)
	b := by(field, line)
	// until is how long it takes until the field's device has exchanged everything.
	until := func(limit time.Duration) time.Duration {
		t.Helper()
		for began := time.Now(); ; {
			rep, err := b.Sync(t.Context())
			took := time.Since(began)
			switch {
			case err == nil && rep == (syncer.Report{}):
				return took
			case err != nil && !errors.Is(err, syncer.ErrAway):
				t.Fatal(err)
			case took > limit:
				t.Fatalf("not done after %v: %d bytes, %d connections", took, line.crossed.Load(), line.opened.Load())
			case err != nil:
				time.Sleep(time.Second)
			}
		}
	}
	first := until(10 * time.Minute)
	intake := amana.RecordID(seal.Random16())
	if err := field.Save(t.Context(), vault.Change{
		Record: intake, Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{h.team}}, Facts: fullIntake(demo.New(7, h.Clock()), 1),
	}); err != nil {
		t.Fatal(err)
	}
	one := until(10 * time.Minute)
	mustSync(t, a)
	if _, err := town.Peek(intake); err != nil {
		t.Errorf("the intake in the town: %v", err)
	}
	const n = 60
	for range n {
		h.open(t, field, "what she said, and what was done for her that day, in some words")
		h.open(t, town, "what she said, and what was done for her that day, in some words")
	}
	mustSync(t, a)
	day := until(time.Hour)
	mustSync(t, a)
	for _, s := range devices {
		if got := cases(t, s); got != 2*n+1 {
			t.Errorf("%d cases of %d", got, 2*n+1)
		}
	}
	t.Logf("the first exchange takes %v, an intake %v, a day of %d cases each way %v; %d bytes, %d connections, %d breaks",
		first.Round(time.Second), one.Round(time.Second), n, day.Round(time.Second), line.crossed.Load(), line.opened.Load(), line.broke.Load())
	if line.broke.Load() < 3 {
		t.Error("the line hardly broke: the test shows nothing")
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
