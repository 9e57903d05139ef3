package seal_test

import (
	"crypto/tls"
	"net"
	"testing"

	"amana/internal/seal"
)

// Nobody is let in without the hybrid key exchange, and nothing is left of a connection
// that a later one could go on with.
func TestListen(t *testing.T) {
	hub, device := seal.NewHubKey(), seal.NewHubKey()
	own, err := hub.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	shown, err := device.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := seal.Listen(inner, own)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if c.(*tls.Conn).Handshake() == nil {
					c.Write([]byte("heard"))
				}
			}()
		}
	}()
	tickets := &kept{}
	for _, tt := range []struct {
		name   string
		change func(*tls.Config)
		in     bool
	}{
		{"a device", func(*tls.Config) {}, true},
		{"one that would keep a ticket", func(c *tls.Config) { c.ClientSessionCache = tickets }, true},
		{"X25519 alone", func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} }, false},
		{"P-256 alone", func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.CurveP256} }, false},
		{"TLS 1.2", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 }, false},
		{"no certificate", func(c *tls.Config) { c.Certificates = nil }, false},
	} {
		config := seal.ClientConfig(shown, hub.VerifyKey())
		tt.change(config)
		got := 0
		c, err := tls.Dial("tcp", inner.Addr().String(), config)
		if err == nil {
			got, _ = c.Read(make([]byte, 8))
			c.Close()
		}
		if (got > 0) != tt.in {
			t.Errorf("%s: let in %v, want %v (%v)", tt.name, got > 0, tt.in, err)
		}
	}
	if tickets.n > 0 {
		t.Error("a ticket was handed out")
	}
}

// kept counts sessions that could be gone on with.
type kept struct{ n int }

func (k *kept) Get(string) (*tls.ClientSessionState, bool) { return nil, false }
func (k *kept) Put(_ string, s *tls.ClientSessionState) {
	if s != nil {
		k.n++
	}
}
