package link_test

import (
	"errors"
	"testing"

	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// A hub that answers at another address is taken up by each device, with a word that lets
// nobody begin, and is held to what it said where it was.
func TestJoin_whereTheHubMoved(t *testing.T) {
	h := newHouse(t)
	run := hubtest.Run(t, hubtest.Config{})
	if err := link.Join(t.Context(), h.admin, run.String()); err != nil {
		t.Fatal(err)
	}
	k := newKeeper(t)
	h.open(t, h.admin)
	if err := k.Exchange(t.Context(), h.admin); err != nil {
		t.Fatal(err)
	}
	for _, token := range [][16]byte{seal.Random16(), run.Invite(t).Token} { // no invitation, and one that is whole
		moved := wire.Invitation{Address: run.Address, Token: token}
		moved.Host = run.Serve(t, hubtest.Config{})
		if err := link.Join(t.Context(), h.admin, moved.String()); err != nil {
			t.Fatal(err)
		}
		st, err := link.StatusOf(h.admin)
		if err != nil || st.Hub != moved.Host {
			t.Errorf("goes to %q, not %q: %v", st.Hub, moved.Host, err)
		}
		l, err := link.Open(h.admin)
		if err != nil {
			t.Fatal(err)
		}
		if !l.State.Steward || l.State.Log.Size == 0 {
			t.Errorf("forgot what was known of the hub: %+v", l.State)
		}
		l.Close()
	}
	other := h.pair(t) // the first device still lets others in
	if err := errors.Join(k.Exchange(t.Context(), h.admin), k.Exchange(t.Context(), other)); err != nil {
		t.Error(err)
	}

	old := hubtest.Run(t, hubtest.Config{Key: &run.HubKey}) // its database was lost, and its key was not
	if err := link.Join(t.Context(), h.admin, old.String()); err != nil {
		t.Fatal(err)
	}
	if err := k.Exchange(t.Context(), h.admin); !errors.Is(err, syncer.ErrHubLies) {
		t.Errorf("a hub that forgot everything under its old key: %v", err)
	}
	fresh := hubtest.Run(t, hubtest.Config{}) // what the guide says to do then
	if err := link.Join(t.Context(), h.admin, fresh.String()); err != nil {
		t.Fatal(err)
	}
	if err := k.Exchange(t.Context(), h.admin); err != nil {
		t.Error(err)
	}
	if st, err := link.StatusOf(h.admin); err != nil || st.Waiting != 0 {
		t.Errorf("handed over again: %+v, %v", st, err)
	}
}
