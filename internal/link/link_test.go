package link_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
	"amana/internal/vault/vaulttest"
)

var noon = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// house is an organisation with one device.
type house struct {
	*vaulttest.House
	admin  *vault.Session
	worker amana.MemberID
	team   amana.TeamID
	dir    string // of the first device
	other  string // of the one that was paired last
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := vaulttest.New(t)
	return &house{House: h, admin: h.Admin, worker: h.Worker, team: h.Team, dir: h.Dir}
}

// pair makes another device, with the worker on it.
func (h *house) pair(t testing.TB) (s *vault.Session) {
	t.Helper()
	h.other, s = h.Pair(t)
	return s
}

func (h *house) open(t testing.TB, s *vault.Session) amana.RecordID {
	t.Helper()
	return h.Open(t, s, "words")
}

// startHub runs a hub on SQLite, and returns an invitation to it.
func startHub(t testing.TB) wire.Invitation {
	t.Helper()
	return hubtest.Run(t, hubtest.Config{}).Invitation
}

func newKeeper(t testing.TB) *link.Keeper {
	t.Helper()
	life, end := context.WithCancel(t.Context())
	k := link.NewKeeper(life, now, slog.New(slog.NewTextHandler(t.Output(), nil)))
	k.Pace = link.Pace{Least: 10 * time.Millisecond, Most: 20 * time.Millisecond, Metered: time.Hour, AfterFail: 10 * time.Millisecond, Longest: 20 * time.Millisecond}
	t.Cleanup(func() { end(); k.Wait() })
	return k
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// Two devices that each do nothing but be unlocked come to hold the same.
func TestKeeper_keepsDevicesInStep(t *testing.T) {
	h := newHouse(t)
	if err := link.Join(t.Context(), h.admin, startHub(t).String()); err != nil {
		t.Fatal(err)
	}
	other := h.pair(t)
	newKeeper(t).Follow(h.admin, nil)
	k := newKeeper(t)
	k.Follow(other, nil)
	h.open(t, other)
	eventually(t, "the case of one is on the other", func() bool {
		return h.admin.Have()[other.Device()] == other.Have()[other.Device()]
	})
	eventually(t, "nothing waits", func() bool {
		st, err := k.Status(other)
		return err == nil && st.Waiting == 0 && st.Lacking == 0 && !st.Last.IsZero() && st.Failed == ""
	})
	words, err := h.admin.LastWords()
	if err != nil || words[other.Device()].Sub(noon).Abs() > time.Minute {
		t.Errorf("last words %v, %v", words, err)
	}
}

// A hub that takes connections and says nothing slows no work and keeps nobody from
// locking.
func TestKeeper_aSilentHubBlocksNothing(t *testing.T) {
	h := newHouse(t)
	i := startHub(t)
	if err := link.Join(t.Context(), h.admin, i.String()); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	came := make(chan struct{}, 64)
	go func() {
		for {
			c, err := silent.Accept()
			if err != nil {
				return
			}
			came <- struct{}{}
			go io.Copy(io.Discard, c)
		}
	}()
	i.Host = silent.Addr().String()
	if err := h.admin.KeepHubAddress(wire.Encode(i.Address)); err != nil {
		t.Fatal(err)
	}
	k := newKeeper(t)
	k.Follow(h.admin, nil)
	<-came
	began := time.Now()
	for range 20 {
		h.open(t, h.admin)
	}
	if st, err := k.Status(h.admin); err != nil || !st.Busy || st.Waiting < 20 {
		t.Errorf("while it is silent: %+v, %v", st, err)
	}
	said := make(chan error, 1)
	go func() { said <- k.SetMetered(h.admin, true) }()
	select {
	case err := <-said:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("to say that the connection costs waits for the hub")
	}
	if err := h.admin.Lock(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("20 saves and locking took %v beside a silent hub", took)
	}
}

// Where a connection costs, nothing is exchanged but when it is asked for.
func TestKeeper_metered(t *testing.T) {
	h := newHouse(t)
	if err := link.Join(t.Context(), h.admin, startHub(t).String()); err != nil {
		t.Fatal(err)
	}
	k := newKeeper(t)
	if err := k.SetMetered(h.admin, true); err != nil {
		t.Fatal(err)
	}
	k.Follow(h.admin, nil)
	settled := func() bool {
		st, err := k.Status(h.admin)
		return err == nil && st.Waiting == 0 && !st.Busy && st.Metered
	}
	eventually(t, "the first exchange", settled)
	h.open(t, h.admin)
	time.Sleep(200 * time.Millisecond) // ten times as long as it waits otherwise
	if settled() {
		t.Error("exchanged without being asked to")
	}
	k.Nudge()
	eventually(t, "the exchange that was asked for", settled)
}

func TestKeeper_saysWhyItFails(t *testing.T) {
	h := newHouse(t)
	i := startHub(t)
	if err := link.Join(t.Context(), h.admin, i.String()); err != nil {
		t.Fatal(err)
	}
	k := newKeeper(t)
	for _, tt := range []struct {
		want   link.Failure
		change func(*wire.Address)
	}{
		{"", func(*wire.Address) {}},
		{link.Away, func(a *wire.Address) { a.Host = "127.0.0.1:1" }},
		{link.Other, func(a *wire.Address) { a.Key = seal.NewHubKey().VerifyKey() }},
		{link.Refused, func(a *wire.Address) { *a = startHub(t).Address }},
	} {
		to := i.Address
		tt.change(&to)
		if err := h.admin.KeepHubAddress(wire.Encode(to)); err != nil {
			t.Fatal(err)
		}
		err := k.Exchange(t.Context(), h.admin)
		st, failed := k.Status(h.admin)
		if failed != nil || st.Failed != tt.want || (err == nil) != (tt.want == "") || st.Last.IsZero() {
			t.Errorf("want %q: %+v, %v, %v", tt.want, st, err, failed)
		}
	}
}

// What proves a lie can be checked by whoever has the text.
func TestProof(t *testing.T) {
	h := newHouse(t)
	i := startHub(t)
	if err := link.Join(t.Context(), h.admin, i.String()); err != nil {
		t.Fatal(err)
	}
	if _, err := link.Proof(h.admin, 0); err == nil {
		t.Error("a proof of nothing")
	}
	state := &syncer.State{Hub: i.Address, Lies: []syncer.Lie{{What: syncer.LieFork, Before: []byte("note one\n"), After: []byte("note two\n"), Size: 7}}}
	if err := h.admin.KeepHubState(state.Encode()); err != nil {
		t.Fatal(err)
	}
	raw, err := link.Proof(h.admin, 0)
	if err != nil || !strings.Contains(string(raw), "what: fork") || !strings.Contains(string(raw), "note one\n\n--- shown after\nnote two\n") {
		t.Errorf("%s, %v", raw, err)
	}
	if st, err := link.StatusOf(h.admin); err != nil || len(st.Lies) != 1 || st.Lies[0] != syncer.LieFork {
		t.Errorf("%+v, %v", st, err)
	}
}
