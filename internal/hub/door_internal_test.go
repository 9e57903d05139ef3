package hub

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"amana"
	"amana/internal/seal"
)

// Guests says how many connections there are of which it is not known whose they are.
func (s *Server) Guests() int { return s.door.count() }

// street is a listener to which connections come in memory, from any address.
type street struct {
	in    chan net.Conn
	ended chan struct{}
}

func (s *street) Accept() (net.Conn, error) {
	select {
	case c := <-s.in:
		return c, nil
	case <-s.ended:
		return nil, net.ErrClosed
	}
}

func (s *street) Close() error   { close(s.ended); return nil }
func (s *street) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects from an address, and says nothing.
func (s *street) dial(address string) net.Conn {
	here, there := net.Pipe()
	s.in <- cameFrom{there, net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(address), 4242))}
	return here
}

type cameFrom struct {
	net.Conn
	address net.Addr
}

func (c cameFrom) RemoteAddr() net.Addr { return c.address }

// doorstep is a door for few guests, and who passed it.
type doorstep struct {
	*street
	door   *door
	hub    seal.HubKey
	passed chan net.Conn
}

func newDoorstep(t *testing.T, most int) *doorstep {
	t.Helper()
	d := &doorstep{street: &street{in: make(chan net.Conn), ended: make(chan struct{})}, door: newDoor(), hub: seal.NewHubKey(), passed: make(chan net.Conn, 100)}
	d.door.most = most
	own, err := d.hub.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	l := (&Server{door: d.door}).Listen(d.street, own)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d.passed <- c
		}
	}()
	t.Cleanup(func() { l.Close() })
	return d
}

// come connects from an address and shakes hands, as a device does.
func (d *doorstep) come(t *testing.T, address string) (mine, theirs net.Conn) {
	t.Helper()
	key := seal.NewDeviceKey()
	own, err := key.Certificate(amana.DeviceID{1})
	if err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(d.dial(address), seal.ClientConfig(own, d.hub.VerifyKey()))
	if err := conn.HandshakeContext(t.Context()); err != nil {
		t.Fatalf("from %s: %v", address, err)
	}
	return conn, <-d.passed
}

// Connections that never finish shaking hands are bounded, and shut out nobody who does:
// from another address or from the same. A device that was known before stays.
func TestDoor_aFloodOfSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, flood = 8, "192.0.2.1"
		d := newDoorstep(t, most)
		mine, theirs := d.come(t, flood)
		stays(byGuest(t.Context(), theirs))
		for round := range 3 {
			var list []net.Conn
			for range 5 * most {
				list = append(list, d.dial(flood))
			}
			synctest.Wait()
			if n := d.door.count(); n != most {
				t.Fatalf("round %d: %d guests, want %d", round, n, most)
			}
			open := 0
			for _, c := range list {
				_ = c.SetReadDeadline(time.Now())
				if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
					open++
				}
			}
			if open > most {
				t.Errorf("round %d: %d silent connections are open", round, open)
			}
			for _, address := range []string{flood, "198.51.100.7", flood, "2001:db8::1"} {
				c, _ := d.come(t, address)
				defer c.Close()
			}
			go theirs.Write([]byte{42})
			if _, err := io.ReadFull(mine, make([]byte, 1)); err != nil {
				t.Fatalf("round %d: a device that was here before: %v", round, err)
			}
		}
		if n := d.door.away.Load(); n < 3*4*most {
			t.Errorf("%d were turned away", n)
		}
		for range 2 * most { // who shows some key is no better than another
			d.come(t, flood)
		}
		go theirs.Write([]byte{42})
		if _, err := io.ReadFull(mine, make([]byte, 1)); err != nil {
			t.Fatalf("a device that was here before, among strangers: %v", err)
		}
	})
}

// Where most are only there, whoever begins to shake hands from the same address makes no
// room for them; nor do those who showed some key, and stay, keep everybody else out.
func TestDoor_whoSpeaksStaysLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, flood = 8, "192.0.2.1"
		d := newDoorstep(t, most)
		slow := d.dial(flood)
		if _, err := slow.Write([]byte{22, 3, 1, 1, 0}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // it was heard
		for range 10 * most {
			d.dial(flood)
		}
		synctest.Wait()
		_ = slow.SetReadDeadline(time.Now())
		if _, err := slow.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			t.Error("who speaks slowly made room for silence")
		}
		d = newDoorstep(t, most)
		for range 2 * most {
			d.come(t, flood)
		}
		one, other := d.dial(flood), d.dial(flood)
		synctest.Wait()
		for _, c := range []net.Conn{one, other} {
			_ = c.SetReadDeadline(time.Now())
			if _, err := c.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
				t.Error("who comes made room for another who comes, beside many strangers who stay")
			}
		}
	})
}

// An address from which many come that show some key makes room with its own.
func TestDoor_noAddressShutsOutAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 4
		d := newDoorstep(t, most)
		_, quiet := d.come(t, "198.51.100.7")
		silent := d.dial("203.0.113.9")
		for range 5 * most {
			d.come(t, "192.0.2.1")
		}
		synctest.Wait()
		if n := d.door.count(); n != most {
			t.Errorf("%d guests, want %d", n, most)
		}
		g, _ := byGuest(t.Context(), quiet).Value(guestKey{}).(*guest)
		if g == nil || g.SetDeadline(time.Now()) != nil {
			t.Error("one that shook hands made room for others from another address")
		}
		_ = silent.SetReadDeadline(time.Now())
		if _, err := silent.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			t.Error("one that is slow made room for others from another address")
		}
	})
}

// Shaking hands waits for a processor's turn, gives it back while it waits for the other
// side, and at the end.
func TestDoor_shakingHandsTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoorstep(t, 8)
		all := d.door.turns.free
		if all < 1 || all > runtime.GOMAXPROCS(0) {
			t.Fatalf("%d processors shake hands", all)
		}
		silent := d.dial("192.0.2.3")
		half := d.dial("192.0.2.4")
		if _, err := half.Write([]byte{22, 3, 1, 1, 0}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for range all { // others have them
			if !d.door.turns.enter(netip.Prefix{}, nil) {
				t.Fatal("no turn")
			}
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			d.come(t, "192.0.2.1")
		}()
		synctest.Wait()
		select {
		case <-done:
			t.Error("hands were shaken while all processors were busy")
		default:
		}
		for range all {
			d.door.turns.leave()
		}
		<-done
		synctest.Wait()
		if d.door.turns.free != all {
			t.Errorf("%d turns afterwards, want %d", d.door.turns.free, all)
		}
		_, _ = silent.Close(), half.Close()
	})
}

// Whoever does not shake hands in time is let go.
func TestDoor_patienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoorstep(t, 8)
		silent, half := d.dial("192.0.2.1"), d.dial("192.0.2.2")
		if _, err := half.Write([]byte{22, 3, 1, 1, 0}); err != nil { // begins a message of 256 bytes
			t.Fatal(err)
		}
		time.Sleep(handshake - time.Second)
		synctest.Wait()
		if n := d.door.count(); n != 2 {
			t.Fatalf("%d guests before their time is over, want 2", n)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := d.door.count(); n != 0 {
			t.Errorf("%d guests after it", n)
		}
		for _, c := range []net.Conn{silent, half} {
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("not let go: %v", err)
			}
		}
	})
}

// Processors are busy with few handshakes at a time; addresses take turns, and who made
// room waits no more.
func TestTurnstile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &turnstile{free: 1}
		many, one := from(&net.TCPAddr{IP: net.IP{192, 0, 2, 1}}), from(&net.TCPAddr{IP: net.IP{192, 0, 2, 2}})
		s.enter(many, nil)
		order := make(chan string, 8)
		wait := func(from netip.Prefix, name string, gone chan struct{}) {
			go func() {
				if s.enter(from, gone) {
					order <- name
				}
			}()
			synctest.Wait()
		}
		gone := make(chan struct{})
		wait(many, "many 1", nil)
		wait(many, "many gone", gone)
		wait(many, "many 2", nil)
		wait(one, "one", nil)
		close(gone)
		synctest.Wait()
		for _, want := range []string{"many 1", "one", "many 2"} {
			if len(order) > 0 {
				t.Fatalf("%s has a turn before another one's ended", <-order)
			}
			s.leave()
			if got := <-order; got != want {
				t.Errorf("%s is next, want %s", got, want)
			}
		}
		s.leave()
		if len(s.waiting)+len(s.order) > 0 || s.free != 1 {
			t.Errorf("afterwards %d wait and %d are free", len(s.order), s.free)
		}
	})
}

// A household is one address, also with version 6.
func TestFrom(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1:99": "192.0.2.1/32", "[::ffff:192.0.2.1]:99": "192.0.2.1/32", "[2001:db8:1:2:3:4:5:6]:99": "2001:db8:1:2::/64", "[fe80::1%eth0]:99": "fe80::/64",
	} {
		if got := from(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))); got.String() != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	if got := from(&net.UnixAddr{Name: "x"}); got.IsValid() {
		t.Errorf("no address: %s", got)
	}
}
