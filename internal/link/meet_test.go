package link_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"amana"
	"amana/internal/link"
	"amana/internal/syncer"
)

// Two devices meet without a hub, and have the same after.
func TestMeet(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	h.open(t, h.admin)
	h.open(t, other)
	before := map[amana.DeviceID]uint64{h.admin.Device(): h.admin.Have()[h.admin.Device()], other.Device(): other.Have()[other.Device()]}
	var host link.Met
	m, err := link.Listen(h.admin, "127.0.0.1:0", 0, func(m link.Met) { host = m })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	met, err := visit(t, other, " "+m.Word+"\n")
	if err != nil || met.Taken == 0 || met.Handed == 0 {
		t.Fatalf("%+v, %v", met, err)
	}
	ours, theirs := h.admin.Have(), other.Have()
	for d, n := range before {
		if ours[d] < n || theirs[d] < n {
			t.Errorf("device %s wrote %d: %d here, %d there", d, n, ours[d], theirs[d])
		}
	}
	if host.Taken != met.Handed || host.Handed != met.Taken {
		t.Errorf("one side says %+v, the other %+v", host, met)
	}
	if again, err := visit(t, other, m.Word); err != nil || again.Taken > 3 {
		t.Errorf("again: %+v, %v", again, err)
	}
}

// Nobody meets but devices of the organisation that were not revoked, and by their keys.
func TestMeet_onlyAmongOurselves(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	m, err := link.Listen(h.admin, "127.0.0.1:0", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	stranger := newHouse(t)
	if _, err := visit(t, stranger.admin, m.Word); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a stranger: %v", err)
	}
	theirs, err := link.Listen(stranger.pair(t), "127.0.0.1:0", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	host, _, _ := strings.Cut(strings.TrimPrefix(theirs.Word, "amana-meet:"), "/")
	_, key, _ := strings.Cut(m.Word, "/")
	if _, err := visit(t, other, "amana-meet:"+host+"/"+key); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("another answers at the address: %v", err)
	}
	for _, word := range []string{"", "amana-meet:", "amana-meet:host/", "amana-meet:127.0.0.1:1/" + key + "AA", strings.TrimPrefix(m.Word, "amana-")} {
		if _, err := visit(t, other, word); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%q: %v", word, err)
		}
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if _, err := visit(t, other, "amana-meet:"+closed.Addr().String()+"/"+key); !errors.Is(err, syncer.ErrAway) {
		t.Errorf("nobody there: %v", err)
	}
	if err := h.admin.RevokeDevice(t.Context(), other.Device()); err != nil {
		t.Fatal(err)
	}
	if met, err := visit(t, other, m.Word); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a device that was revoked: %+v, %v", met, err)
	}
}
