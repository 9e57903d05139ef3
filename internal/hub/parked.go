package hub

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// A request that waits for news takes no goroutine and no buffers: its connection is
// taken from the server and parked. When there is news, or it waited for long enough, the
// connection is given back as if the device had asked again without waiting, and
// everything about that request is as for any other.

// errParked: the request is answered later, over the same connection.
var errParked = errors.New("hub: parked")

// parking hands parked connections back, a few at a time: many thousand who hear of the
// same news come one after the other.
type parking struct {
	back chan *returned
	addr net.Addr

	mu     sync.Mutex // guards what follows
	woken  []*returned
	wakes  bool // a goroutine hands back
	closed bool
	ended  chan struct{}
}

// returned is a connection that was parked. What it reads first is what the device is
// taken to have asked.
type returned struct {
	net.Conn
	ask []byte
}

// Read implements [net.Conn].
func (r *returned) Read(b []byte) (int, error) {
	if len(r.ask) > 0 {
		n := copy(b, r.ask)
		r.ask = r.ask[n:]
		return n, nil
	}
	return r.Conn.Read(b)
}

// parkedKey is where a request's context has the connection, if it was parked.
type parkedKey struct{}

// shown is the key that whoever asks showed.
func shown(r *http.Request) (seal.VerifyKey, error) {
	if c, ok := r.Context().Value(parkedKey{}).(*returned); ok {
		return seal.Shown(c.Conn)
	}
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return seal.VerifyKey{}, amana.ErrRefused
	}
	return seal.KeyOf([][]byte{r.TLS.PeerCertificates[0].Raw})
}

// asksFor is what a request takes from its organisation's bucket: nothing when it was
// parked, since it was asked once.
func asksFor(r *http.Request) float64 {
	if _, parked := r.Context().Value(parkedKey{}).(*returned); parked {
		return 0
	}
	return 1
}

// fetches reports whether a request is answered with what lies here, which may be much.
func fetches(r *http.Request) bool {
	return r.Method == http.MethodGet && (r.URL.Path == wire.PathBatch || r.URL.Path == wire.PathMail)
}

func newParking() *parking { return &parking{back: make(chan *returned), ended: make(chan struct{})} }

// park takes the connection of a request and has it wait for an organisation's log, for so
// long at most. It reports false where a connection cannot be parked.
func (s *Server) park(r *request, size uint64, hold time.Duration) bool {
	conn, buffered, err := http.NewResponseController(r.w).Hijack()
	if err != nil {
		return false
	}
	_ = conn.SetDeadline(time.Time{})
	if again, parked := conn.(*returned); parked {
		conn = again.Conn
	}
	with := ""
	if room, err := r.number("with"); err == nil {
		with = fmt.Sprintf("&with=%d", room)
	}
	c := &returned{Conn: conn, ask: fmt.Appendf(nil, "GET %s?from=%d%s HTTP/1.1\r\nHost: hub\r\n\r\n", wire.PathLog, size, with)}
	if buffered.Reader.Buffered() > 0 { // it asked for more before it was answered
		conn.Close()
		return true
	}
	s.parked.once(s, r.Request)
	s.watch.add(place{r.device.Org, r.device.ID}, size, hold, func() { s.parked.wake(c) })
	return true
}

// wake hands a connection back, soon.
func (p *parking) wake(c *returned) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		go c.Close()
		return
	}
	p.woken = append(p.woken, c)
	if !p.wakes {
		p.wakes = true
		go p.hand()
	}
}

// At most so many connections a moment are handed back.
const (
	handedBack = 32
	moment     = 10 * time.Millisecond
)

func (p *parking) hand() {
	for {
		p.mu.Lock()
		some := p.woken[:min(handedBack, len(p.woken))]
		p.woken = p.woken[len(some):]
		if len(some) == 0 {
			p.woken, p.wakes = nil, false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		for _, c := range some {
			select {
			case p.back <- c:
			case <-p.ended:
				c.Close()
			}
		}
		time.Sleep(moment)
	}
}

// once starts the server of those that are handed back; they are answered as r was.
func (p *parking) once(s *Server, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.addr != nil || p.closed {
		return
	}
	p.addr = &net.TCPAddr{}
	h := s.HTTP()
	if by, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
		h.Handler = by.Handler
	}
	h.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, parkedKey{}, c) }
	go h.Serve(p) //nolint:errcheck // it ends with the parking
}

// Accept implements [net.Listener].
func (p *parking) Accept() (net.Conn, error) {
	select {
	case c := <-p.back:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

// Addr implements [net.Listener].
func (p *parking) Addr() net.Addr { return p.addr }

// Close implements [net.Listener].
func (p *parking) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		close(p.ended)
	}
	return nil
}
