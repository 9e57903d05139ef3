package syncer_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"

	"amana"
	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// onion is a Tor of one hop: it leads every name to one address, and says which it was
// asked for (RFC 1928).
func onion(t *testing.T, to string) (addr string, asked chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	asked = make(chan string, 16)
	lead := func(c net.Conn) {
		defer c.Close()
		head := make([]byte, 2)
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		_, _ = io.CopyN(io.Discard, c, int64(head[1]))
		_, _ = c.Write([]byte{5, 0})
		request := make([]byte, 5) // version, connect, 0, by name, its length
		if _, err := io.ReadFull(c, request); err != nil || !bytes.Equal(request[:4], []byte{5, 1, 0, 3}) {
			asked <- "not a name"
			return
		}
		name := make([]byte, int(request[4])+2)
		_, _ = io.ReadFull(c, name)
		asked <- string(name[:len(name)-2])
		_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		hub, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer hub.Close()
		go io.Copy(hub, c)
		_, _ = io.Copy(c, hub)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go lead(c)
		}
	}()
	return l.Addr().String(), asked
}

// A hub behind an onion service is reached through the Tor of this computer, which is
// asked for the name: no resolver hears of it.
func TestClient_onion(t *testing.T) {
	for host, through := range map[string]bool{
		"abc.onion:7265": true, "ABC.ONION:443": true,
		"hub.example:7265": false, "onion:7265": false, "onion.example:7265": false, "127.0.0.1:7265": false,
	} {
		if got := syncer.WayTo(host); (got != nil) != through {
			t.Errorf("%s: %v", host, got)
		}
	}
	run := hubtest.Run(t, hubtest.Config{})
	addr, asked := onion(t, run.Host)
	t.Cleanup(syncer.SetTor(addr))
	h := newHouse(t)
	own, err := h.admin.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Repeat("a", 56) + ".onion"
	c := syncer.NewClient(wire.Address{Host: name + ":7265", Key: run.Key, Note: run.Note}, own)
	defer c.Close()
	if err := c.Enrol(t.Context(), run.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got != name {
		t.Errorf("Tor was asked for %q", got)
	}
	other := syncer.NewClient(wire.Address{Host: name + ":7265", Key: seal.NewHubKey().VerifyKey(), Note: run.Note}, own)
	defer other.Close()
	if err := other.Enrol(t.Context(), run.Token, amana.OrgID{1}, amana.DeviceID{1}); err == nil {
		t.Error("Tor led to another hub, which was taken")
	}
}
