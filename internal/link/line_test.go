package link_test

import (
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/link"
)

// asked counts what a hub is asked for. A wait that ends counts as a look: the hub answers
// as if that had been asked.
type asked struct {
	waits, looks, proofs, fetches atomic.Int64
	of                            atomic.Value // the text of the device whose entries are counted in fetches
}

func (a *asked) over(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == wire.PathLog && r.URL.Query().Has("wait"):
			a.waits.Add(1)
		case r.URL.Path == wire.PathLog:
			a.looks.Add(1)
		case r.URL.Path == wire.PathProof:
			a.proofs.Add(1)
		case r.URL.Path == wire.PathBatch && r.URL.Query().Get("device") == a.of.Load():
			a.fetches.Add(1)
		}
		h.ServeHTTP(w, r)
	})
}

// A device that stays unlocked connects once. It waits, takes what is new and hands over
// what it wrote on that one connection, and looks nowhere twice: what it was told when it
// waited, or when it handed something over, it does not ask for, and what is small comes
// with the news. When it is locked the
// connection ends.
func TestKeeper_staysConnected(t *testing.T) {
	h, a := newHouse(t), &asked{}
	hub := hubtest.Run(t, hubtest.Config{Over: a.over})
	through := &line{to: hub.Host}
	var err error
	if through.l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { through.l.Close() })
	go through.serve()
	i := hub.Invitation
	i.Host = through.l.Addr().String()
	if err := link.Join(t.Context(), h.admin, i.String()); err != nil {
		t.Fatal(err)
	}
	joined := through.opened.Load()
	other := h.pair(t)
	a.of.Store(other.Device().String())
	if err := other.KeepHubAddress(wire.Encode(hub.Address)); err != nil { // by another way
		t.Fatal(err)
	}
	k := newKeeper(t)
	k.Pace.Least, k.Pace.Most = 10*time.Minute, 10*time.Minute // nothing but news ends a rest
	k.Follow(h.admin, nil)
	waited := func(n int64) {
		t.Helper()
		was := a.waits.Load()
		eventually(t, "it waits", func() bool { return a.waits.Load() >= was+n })
	}
	waited(3) // each wait came to its end, and the next one began
	write := func() {
		t.Helper()
		h.open(t, other)
		if _, err := exchange(t, other, noon); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the case came", func() bool { return h.admin.Have()[other.Device()] == other.Have()[other.Device()] })
		waited(2)
	}
	write()
	looked := func() int64 { return a.looks.Load() - a.waits.Load() }
	looks, proofs := looked(), a.proofs.Load()
	for range 3 {
		write()
		h.open(t, h.admin) // goes with what the next news bring
	}
	write()
	others := int64(4)                       // the looks of the other device's exchanges, which begins anew each time
	if n := looked() - looks; n > others+1 { // one wait may be under way
		t.Errorf("%d looks at the log, %d of them by the other device", n, others)
	}
	if n := a.proofs.Load() - proofs; n > others {
		t.Errorf("%d proofs asked for, want none but those of the other device", n)
	}
	if n := a.fetches.Load(); n > 1 { // the first time, before it waited
		t.Errorf("what the other device wrote was fetched %d times: it comes with the news", n)
	}
	eventually(t, "what it wrote itself is there", func() bool {
		st, err := k.Status(h.admin)
		return err == nil && st.Waiting == 0
	})
	if n := through.opened.Load() - joined; n != 1 {
		t.Errorf("%d connections, want one", n)
	}
	if err := h.admin.Lock(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the connection ends", func() bool { return through.ended.Load() == through.opened.Load() })
}
