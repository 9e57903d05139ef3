package link_test

import (
	"testing"

	"amana/internal/hub/hubtest"
	"amana/internal/link"
)

// A hub that has no room for more of an organisation is said on the page, what waits is
// kept, what others handed over before still comes, and all goes by itself when there is
// room.
func TestKeeper_aFullHub(t *testing.T) {
	h := newHouse(t)
	hub := hubtest.Run(t, hubtest.Config{})
	if err := link.Join(t.Context(), h.admin, hub.String()); err != nil {
		t.Fatal(err)
	}
	other := h.pair(t)
	k, k2 := newKeeper(t), newKeeper(t)
	for _, err := range []error{k.Exchange(t.Context(), h.admin), k2.Exchange(t.Context(), other), k.Exchange(t.Context(), h.admin)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	h.open(t, other)
	if err := k2.Exchange(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	hub.Store.Quota = 1
	h.open(t, h.admin)
	wantFull := func() {
		t.Helper()
		if err := k.Exchange(t.Context(), h.admin); err == nil {
			t.Fatal("a full hub took what it has no room for")
		}
		if st, err := k.Status(h.admin); err != nil || st.Failed != link.Full || st.Waiting == 0 {
			t.Fatalf("failed %q, %d wait, %v", st.Failed, st.Waiting, err)
		}
	}
	wantFull()
	if got, want := h.admin.Have()[other.Device()], other.Have()[other.Device()]; got != want {
		t.Errorf("%d entries of the other device came, want %d", got, want)
	}
	wantFull()
	hub.Store.Quota = 0
	if err := k.Exchange(t.Context(), h.admin); err != nil {
		t.Fatal(err)
	}
	if st, err := k.Status(h.admin); err != nil || st.Failed != "" || st.Waiting != 0 {
		t.Errorf("with room again: failed %q, %d wait, %v", st.Failed, st.Waiting, err)
	}
}
