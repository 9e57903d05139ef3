package syncer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/hub/hubtest"
	"amana/internal/journal"
	"amana/internal/syncer"
	"amana/internal/vault"
	"amana/internal/vault/vaulttest"
	"amana/internal/view"
)

// device is a vault, as the syncer wants it.
type device struct{ *vault.Session }

func (d device) Import(ctx context.Context, next func() (journal.Batch, bool, error)) (taken, left int, err error) {
	done, err := d.Session.Import(ctx, next)
	return done.Taken, done.Waiting + done.Refused, err
}

func (d device) Erased(ctx context.Context) (map[amana.DeviceID][]uint64, error) {
	return d.ErasedItems(ctx)
}

// house is an organisation whose devices sync with a hub.
type house struct {
	*vaulttest.House
	admin  *vault.Session
	worker amana.MemberID
	team   amana.TeamID
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := vaulttest.New(t)
	return &house{House: h, admin: h.Admin, worker: h.Worker, team: h.Team}
}

// pair makes another device, with the worker on it.
func (h *house) pair(t testing.TB) *vault.Session {
	t.Helper()
	_, s := h.Pair(t)
	return s
}

// open writes a case.
func (h *house) open(t testing.TB, s *vault.Session, words string) amana.RecordID {
	t.Helper()
	return h.Open(t, s, words)
}

func cases(t testing.TB, s *vault.Session) int {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !s.Progress().Searchable; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the view is not built: %+v", s.Progress())
		}
	}
	rows, err := s.Cases(amana.Private{}, view.Filter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}

// running is a hub that answers on this machine.
type running struct{ *hubtest.Hub }

// run starts a hub on a database, with one invitation.
func run(t testing.TB, where string) *running {
	t.Helper()
	return &running{hubtest.Run(t, hubtest.Config{Where: where, Hold: 3 * time.Second})}
}

// by is the hub at another address.
func (r *running) by(address string) *running {
	h := *r.Hub
	h.Host = address
	return &running{&h}
}

func (r *running) client(t testing.TB, s *vault.Session) *syncer.Client {
	t.Helper()
	own, err := s.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	c := syncer.NewClient(r.Address, own)
	t.Cleanup(c.Close)
	return c
}

func (r *running) syncer(t testing.TB, s *vault.Session) *syncer.Syncer {
	t.Helper()
	return &syncer.Syncer{
		Device: device{s}, Hub: r.client(t, s), State: &syncer.State{Hub: r.Address}, Keep: func(*syncer.State) error { return nil },
	}
}

func mustSync(t testing.TB, s *syncer.Syncer) syncer.Report {
	t.Helper()
	r, err := s.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Two devices work through a hub; a third has never met another but by it.
func TestSync_throughAHub(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	r := run(t, t.TempDir())
	field := h.pair(t)
	first := r.client(t, h.admin)
	if err := first.Enrol(ctx, r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	if err := first.Enrol(ctx, r.Token, h.admin.Organisation(), h.admin.Device()); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("an invitation used twice: %v", err)
	}
	a, b := r.syncer(t, h.admin), r.syncer(t, field)
	if _, err := b.Sync(ctx); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("before it was admitted: %v", err)
	}
	ch, err := h.admin.Charter()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := ch.Device(field.Device())
	if err := r.client(t, field).Admit(ctx, field.Device(), d.VerifyKey, true); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a device that admits itself: %v", err)
	}
	if err := first.Admit(ctx, field.Device(), d.VerifyKey, false); err != nil {
		t.Fatal(err)
	}
	id := h.open(t, field, "orchard")
	if got := mustSync(t, a); got.Pushed == 0 {
		t.Errorf("%+v", got)
	}
	if got := mustSync(t, b); got.Pushed == 0 || got.Waiting != 0 {
		t.Errorf("%+v", got)
	}
	if got := mustSync(t, a); got.Pulled == 0 || got.Left != 0 || got.Waiting != 0 {
		t.Errorf("%+v", got)
	}
	if got := mustSync(t, a); got != (syncer.Report{}) {
		t.Errorf("nothing was new: %+v", got)
	}
	// Who waits hears of it at once.
	heard := make(chan error, 1)
	go func() { heard <- a.Wait(ctx) }()
	time.Sleep(50 * time.Millisecond)
	h.open(t, field, "river")
	mustSync(t, b)
	if err := <-heard; err != nil {
		t.Error(err)
	}
	if got := mustSync(t, a); got.Pulled == 0 {
		t.Errorf("%+v", got)
	}
	if n := cases(t, field); n != 2 {
		t.Errorf("%d cases, want 2", n)
	}
	// An erasure reaches the hub.
	if err := field.EraseCase(ctx, "asked", id); err != nil {
		t.Fatal(err)
	}
	if got := mustSync(t, b); got.Erased == 0 {
		t.Errorf("%+v", got)
	}
	fresh := h.pair(t)
	d2, _ := mustCharter(t, h.admin).Device(fresh.Device())
	if err := first.Admit(ctx, fresh.Device(), d2.VerifyKey, false); err != nil {
		t.Fatal(err)
	}
	mustSync(t, a)
	mustSync(t, r.syncer(t, fresh))
	if n := cases(t, fresh); n != 1 {
		t.Errorf("%d cases after the erasure, want 1", n)
	}
	// Revoked, it is out at once.
	if err := first.Revoke(ctx, field.Device()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sync(ctx); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("after it was revoked: %v", err)
	}
	// Another hub at the same address is not taken for this one.
	wrong := r.Address
	wrong.Key[0] ^= 1
	own, _ := h.admin.Certificate()
	if _, err := syncer.NewClient(wrong, own).Log(ctx, 0, false); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("a hub with another key: %v", err)
	}
}

func mustCharter(t testing.TB, s *vault.Session) *charter.Charter {
	t.Helper()
	c, err := s.Charter()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
