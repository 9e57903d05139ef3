package hub

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"amana/internal/seal"
)

// door is where connections come in. Whose one is shows only once hands are shaken and a
// request has named a device; until then it is a guest's. Guests are bounded together, and
// an address that has many makes room with its own: none shuts out another. Many devices
// may have one address, behind a router, a balancer or an onion service, so there is no
// bound for one address; there, most are as far as whoever floods, and one of these makes
// room: connections that are only held open shut out nobody who speaks.
//
// Shaking hands costs processors. Addresses take turns with it, in at most half of them:
// devices that are here already go on being answered.
type door struct {
	most     int           // guests
	patience time.Duration // for a guest to shake hands
	turns    turnstile

	mu     sync.Mutex              // guards what follows, and how far guests are
	guests map[netip.Prefix]*crowd // by where they come from
	n      int                     // of them
	away   atomic.Uint64           // turned away, to make room
}

const (
	mostGuests = 2048
	handshake  = 15 * time.Second // a satellite telephone shakes hands in less
)

func newDoor() *door {
	return &door{most: mostGuests, patience: handshake, turns: turnstile{free: max(1, runtime.GOMAXPROCS(0)/2)}, guests: map[netip.Prefix]*crowd{}}
}

// far is how far a guest is.
type far int

const (
	silent far = iota // said nothing yet
	spoke             // began to shake hands
	shaken            // showed a key
	known             // it is a device's, and no guest any more
)

// guest is a connection of which it is not known whose it is.
type guest struct {
	net.Conn
	door    *door
	from    netip.Prefix
	far     far           // guarded by door.mu
	gone    chan struct{} // closed when it makes room
	shaking atomic.Bool
	busy    bool // it has a processor's time; only who shakes hands looks
}

// from is the address by which guests are told apart: of a network of version 6, as far
// as it is usually given to one household.
func from(a net.Addr) netip.Prefix {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Prefix{}
	}
	bits := 64
	if at.Addr().Unmap().Is4() {
		bits = 32
	}
	p, _ := at.Addr().Unmap().WithZone("").Prefix(bits) // the bits fit
	return p
}

// enter takes a guest in. Where there are as many as may be, another one makes room: of the
// address that has the most of them, one of those who are as far as most of these.
func (d *door) enter(c net.Conn) *guest {
	g := &guest{Conn: c, door: d, from: from(c.RemoteAddr()), gone: make(chan struct{})}
	g.shaking.Store(true)
	d.mu.Lock()
	var out *guest
	if d.n >= d.most {
		out = d.guests[d.mostFrom(g.from)].any()
		d.leave(out)
		close(out.gone)
	}
	if d.guests[g.from] == nil {
		d.guests[g.from] = newCrowd()
	}
	d.guests[g.from][silent][g] = struct{}{}
	d.n++
	d.mu.Unlock()
	if out != nil {
		d.away.Add(1)
		out.Conn.Close()
	}
	return g
}

// mostFrom is the address that would have the most guests if another came from one.
// Callers hold mu.
func (d *door) mostFrom(comes netip.Prefix) netip.Prefix {
	most, n := comes, 0
	if c := d.guests[comes]; c != nil {
		n = c.n() + 1
	}
	for at, c := range d.guests {
		if c.n() > n {
			most, n = at, c.n()
		}
	}
	return most
}

// leave takes a guest off the list, if it is there. Callers hold mu.
func (d *door) leave(g *guest) {
	c := d.guests[g.from]
	if c == nil || g.far == known {
		return
	}
	if _, there := c[g.far][g]; !there {
		return
	}
	delete(c[g.far], g)
	if d.n--; c.n() == 0 {
		delete(d.guests, g.from)
	}
}

// crowd is the guests from one address, by how far they are.
type crowd [known]map[*guest]struct{}

func newCrowd() *crowd { return &crowd{silent: {}, spoke: {}, shaken: {}} }

func (c *crowd) n() (n int) {
	for _, list := range c {
		n += len(list)
	}
	return n
}

// any is one of the guests of whom most are as far as that, those who are less far first:
// which one, nobody chooses.
func (c *crowd) any() (g *guest) {
	most := silent
	for f, list := range c {
		if len(list) > len(c[most]) {
			most = far(f)
		}
	}
	for g = range c[most] {
		break
	}
	return g
}

// count is how many guests there are.
func (d *door) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.n
}

// is notes how far a guest is.
func (g *guest) is(f far) {
	g.door.mu.Lock()
	defer g.door.mu.Unlock()
	if g.far >= f {
		return
	}
	var there bool
	c := g.door.guests[g.from]
	if c != nil {
		_, there = c[g.far][g]
	}
	switch {
	case !there: // it made room
	case f == known:
		g.door.leave(g)
	default:
		delete(c[g.far], g)
		c[f][g] = struct{}{}
	}
	g.far = f
}

// Read implements [net.Conn]. Whoever waits for the other side to say something takes no
// processor's time meanwhile, and what it says is worked on in turn.
func (g *guest) Read(b []byte) (int, error) {
	if !g.shaking.Load() {
		return g.Conn.Read(b)
	}
	g.rest()
	n, err := g.Conn.Read(b)
	if err != nil {
		return n, err
	}
	g.is(spoke)
	if g.busy = g.door.turns.enter(g.from, g.gone); !g.busy {
		return 0, net.ErrClosed
	}
	return n, nil
}

// rest gives the processor's time back.
func (g *guest) rest() {
	if g.busy {
		g.busy = false
		g.door.turns.leave()
	}
}

// Close implements [net.Conn].
func (g *guest) Close() error {
	g.door.mu.Lock()
	g.door.leave(g)
	g.door.mu.Unlock()
	return g.Conn.Close()
}

// entrance is a listener whose connections come in by a door, with hands shaken.
type entrance struct {
	net.Listener
	door  *door
	in    chan net.Conn
	ended chan struct{}
	err   error // why, once it has ended
	once  sync.Once
}

// Listen answers on a listener with the hub's certificate. What it accepts are connections
// whose other side has shown a key; those that do not come so far, or show no device's, are
// bounded, see docs/threat-model.md. It is for the server that [Server.HTTP] returns.
func (s *Server) Listen(l net.Listener, own seal.Certificate) net.Listener {
	e := &entrance{Listener: l, door: s.door, in: make(chan net.Conn), ended: make(chan struct{})}
	go e.take(seal.Listen(raw{l, s.door}, own))
	return e
}

// raw is a listener whose connections are guests'.
type raw struct {
	net.Listener
	door *door
}

// Accept implements [net.Listener].
func (r raw) Accept() (net.Conn, error) {
	c, err := r.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return r.door.enter(c), nil
}

// handshaker is a connection that shakes hands when it is told to, over another one.
type handshaker interface {
	net.Conn
	Handshake() error
	NetConn() net.Conn
}

// take takes in whoever connects, until the listener ends.
func (e *entrance) take(l net.Listener) {
	wait := time.Duration(0)
	for {
		c, err := l.Accept()
		if err != nil {
			var passes interface{ Temporary() bool } // too many files are open, say
			if !errors.As(err, &passes) || !passes.Temporary() {
				e.end(err)
				return
			}
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			select {
			case <-time.After(wait):
			case <-e.ended:
			}
			continue
		}
		wait = 0
		go e.shake(c.(handshaker)) //nolint:forcetypeassert // seal made it
	}
}

// shake shakes hands with a guest and hands it on.
func (e *entrance) shake(c handshaker) {
	g := c.NetConn().(*guest)                          //nolint:forcetypeassert // raw made it
	_ = g.SetDeadline(time.Now().Add(e.door.patience)) //nolint:forbidigo // the network's clock
	err := c.Handshake()
	g.rest()
	g.shaking.Store(false)
	if err != nil {
		_ = g.Close()
		return
	}
	_ = g.SetDeadline(time.Time{})
	g.is(shaken)
	select {
	case e.in <- c:
	case <-e.ended:
		_ = g.Close()
	}
}

// Accept implements [net.Listener].
func (e *entrance) Accept() (net.Conn, error) {
	select {
	case c := <-e.in:
		return c, nil
	case <-e.ended:
		return nil, e.err
	}
}

// Close implements [net.Listener]. Guests that shake hands are let go.
func (e *entrance) Close() error {
	err := e.Listener.Close()
	e.end(net.ErrClosed)
	return err
}

func (e *entrance) end(err error) {
	e.once.Do(func() {
		e.err = err
		close(e.ended)
		e.door.mu.Lock()
		defer e.door.mu.Unlock()
		for _, c := range e.door.guests {
			for g := range c[silent] {
				_ = g.Conn.Close()
			}
			for g := range c[spoke] {
				_ = g.Conn.Close()
			}
		}
	})
}

// guestKey is where a request's context has the guest over whose connection it came.
type guestKey struct{}

// byGuest says over whose connection requests come.
func byGuest(ctx context.Context, c net.Conn) context.Context {
	if over, ok := c.(handshaker); ok {
		if g, ok := over.NetConn().(*guest); ok {
			return context.WithValue(ctx, guestKey{}, g)
		}
	}
	return ctx
}

// stays says that a request came from a device: its connection makes room for nobody.
func stays(ctx context.Context) {
	if g, ok := ctx.Value(guestKey{}).(*guest); ok {
		g.is(known)
	}
}

// turnstile has those who wait for a processor take turns by where they come from.
type turnstile struct {
	mu      sync.Mutex // guards what follows
	free    int
	waiting map[netip.Prefix][]chan struct{}
	order   []netip.Prefix // of those where somebody waits; the first is next
}

// enter waits for a turn, unless gone is closed first.
func (t *turnstile) enter(from netip.Prefix, gone <-chan struct{}) bool {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return true
	}
	turn := make(chan struct{})
	if t.waiting == nil {
		t.waiting = map[netip.Prefix][]chan struct{}{}
	}
	if len(t.waiting[from]) == 0 {
		t.order = append(t.order, from)
	}
	t.waiting[from] = append(t.waiting[from], turn)
	t.mu.Unlock()
	select {
	case <-turn:
		return true
	case <-gone:
	}
	t.mu.Lock()
	at := slices.Index(t.waiting[from], turn)
	if at < 0 { // its turn came in the same moment
		t.mu.Unlock()
		t.leave()
		return false
	}
	t.waiting[from] = slices.Delete(t.waiting[from], at, at+1)
	if len(t.waiting[from]) == 0 {
		delete(t.waiting, from)
		t.order = slices.DeleteFunc(t.order, func(p netip.Prefix) bool { return p == from })
	}
	t.mu.Unlock()
	return false
}

// leave ends a turn; the next one is of whoever waits from another address, if there is
// one.
func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.order) == 0 {
		t.free++
		return
	}
	from := t.order[0]
	t.order = t.order[1:]
	list := t.waiting[from]
	close(list[0])
	if len(list) == 1 {
		delete(t.waiting, from)
		return
	}
	t.waiting[from] = list[1:]
	t.order = append(t.order, from)
}
