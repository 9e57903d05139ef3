package link_test

import (
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"amana"
	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/link"
	"amana/internal/syncer"
	"amana/internal/vault"
	"amana/internal/vault/vaulttest"
)

const secondWords = "mudof lusab gutih bisog"

// second is another administrator, on a device of their own.
func (h *house) second(t *testing.T) *vault.Session {
	t.Helper()
	id, err := h.admin.AddMember(t.Context(), vault.NewMember{
		Name: "Second", Roles: []amana.Role{amana.RoleAdministrator, amana.RoleCaseworker}, Teams: []amana.TeamID{h.team}, Passphrase: []byte(secondWords),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, s := vaulttest.Pair(t, h.admin, filepath.Join(t.TempDir(), "second"), secondWords, h.Clock, id)
	return s
}

func mustExchange(t *testing.T, sessions ...*vault.Session) {
	t.Helper()
	for _, s := range sessions {
		if _, err := exchangeEntries(t, s); err != nil {
			t.Fatal(err)
		}
	}
}

// refused reports whether the hub refuses a device, and what its page says of that.
func refused(t *testing.T, s *vault.Session) (ended bool, why *link.EndedHere) {
	t.Helper()
	err := newKeeper(t).Exchange(t.Context(), s)
	st, noted := link.StatusOf(s)
	if noted != nil {
		t.Fatal(noted)
	}
	if err != nil && !errors.Is(err, amana.ErrRefused) {
		t.Fatal(err)
	}
	return err != nil, st.Ended
}

// Any administrator ends any device at the hub, from any device, at once: also the one
// that began there, while it is off.
func TestOrders_fromAnyDevice(t *testing.T) {
	h := newHouse(t)
	i := startHub(t)
	if err := link.Join(t.Context(), h.admin, i.String()); err != nil {
		t.Fatal(err)
	}
	second, lost := h.second(t), h.pair(t)
	mustExchange(t, h.admin, second, lost)

	for _, one := range []*vault.Session{lost, h.admin} { // and nothing is heard of the first device any more
		if err := second.RevokeDevice(t.Context(), one.Device()); err != nil {
			t.Fatal(err)
		}
		if err := link.Tell(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		ended, why := refused(t, one)
		if !ended {
			t.Fatal("a lost device is let in")
		}
		if why == nil || why.By != second.Member() || why.At != second.Device() {
			t.Errorf("its page says %+v", why)
		}
	}
	_, fresh := vaulttest.Pair(t, second, filepath.Join(t.TempDir(), "fresh"), secondWords, h.Clock, second.Member())
	mustExchange(t, second, fresh)
	st, err := link.StatusOf(second)
	if err != nil || !st.AtHub.Known || len(st.AtHub.Ended) != 2 || st.AtHub.NoSay {
		t.Errorf("%+v, %v", st.AtHub, err)
	}
}

// Who is no administrator any more has nobody ended, also with what the charter was
// before they left.
func TestOrders_byWhoWasRemoved(t *testing.T) {
	h := newHouse(t)
	i := startHub(t)
	if err := link.Join(t.Context(), h.admin, i.String()); err != nil {
		t.Fatal(err)
	}
	second, field := h.second(t), h.pair(t)
	mustExchange(t, h.admin, second, field)
	if err := h.admin.RemoveMember(t.Context(), second.Member()); err != nil {
		t.Fatal(err)
	}
	if err := link.Tell(t.Context(), h.admin); err != nil {
		t.Fatal(err)
	}
	if err := second.RevokeDevice(t.Context(), field.Device()); err != nil {
		t.Fatal(err)
	}
	if err := link.Tell(t.Context(), second); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("told by who left: %v", err)
	}
	if ended, _ := refused(t, field); ended {
		t.Error("a device was ended by who left")
	}
}

// A device that was ended at the hub and nowhere else is let in again, by an administrator
// and not by itself.
func TestOrders_returned(t *testing.T) {
	h := newHouse(t)
	r := hubtest.Run(t, hubtest.Config{})
	if err := link.Join(t.Context(), h.admin, r.String()); err != nil {
		t.Fatal(err)
	}
	field := h.pair(t)
	mustExchange(t, h.admin, field)
	if err := r.Store.EndDevice(t.Context(), field.Device()); err != nil {
		t.Fatal(err)
	}
	mustExchange(t, h.admin)
	if ended, _ := refused(t, field); !ended {
		t.Error("let in again by nobody")
	}
	st, err := link.StatusOf(h.admin)
	if err != nil || !slices.Equal(st.AtHub.Ended, []amana.DeviceID{field.Device()}) {
		t.Errorf("%+v, %v", st.AtHub, err)
	}
	if err := link.Return(t.Context(), field, field.Device()); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("let in by itself: %v", err)
	}
	if err := link.Return(t.Context(), h.admin, field.Device()); err != nil {
		t.Fatal(err)
	}
	if ended, why := refused(t, field); ended || why != nil {
		t.Errorf("refused after it was let in again: %v", why)
	}
}

// At a hub of the version before, the device that began there ends others as it did.
func TestOrders_atAHubOfTheVersionBefore(t *testing.T) {
	h := newHouse(t)
	r := hubtest.Run(t, hubtest.Config{Over: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == wire.PathOrders {
				http.NotFound(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}})
	if err := link.Join(t.Context(), h.admin, r.String()); err != nil {
		t.Fatal(err)
	}
	second, lost := h.second(t), h.pair(t)
	mustExchange(t, h.admin, second, lost)
	if err := second.RevokeDevice(t.Context(), lost.Device()); err != nil {
		t.Fatal(err)
	}
	if err := link.Tell(t.Context(), second); !errors.Is(err, syncer.ErrAway) {
		t.Errorf("told from a device that did not begin there: %v", err)
	}
	mustExchange(t, second)
	ended := func() bool { // as the hub has it: the device itself refuses to write once it hears of its end
		t.Helper()
		c, err := h.admin.Charter()
		if err != nil {
			t.Fatal(err)
		}
		one, _ := c.Device(lost.Device())
		d, err := r.Store.DeviceBy(t.Context(), one.VerifyKey)
		if err != nil {
			t.Fatal(err)
		}
		return d.Revoked
	}
	if ended() {
		t.Error("ended by whom that hub does not obey")
	}
	mustExchange(t, h.admin) // learns of it
	mustExchange(t, h.admin)
	if !ended() {
		t.Error("not ended by the device that began there")
	}
}
