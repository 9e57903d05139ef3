// Package vaulttest founds an organisation for tests and gives it devices: real vaults,
// with keys that cost little to make.
package vaulttest

import (
	"bytes"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
)

// The passphrases of a house.
const (
	AdminWords  = "lusab babad gutih tugad"
	WorkerWords = "gutuk bisog mudof sakat"
)

// House is an organisation with an administrator, a worker and a team of both, founded on
// one device.
type House struct {
	Dir    string         // the vault of the first device
	Admin  *vault.Session // administrator and caseworker, on the first device
	Worker amana.MemberID // caseworker and supervisor
	Team   amana.TeamID   // for care

	mu  sync.Mutex // guards now: devices look at the clock while a test sets it
	now time.Time
}

// Clock is what the devices take for the time.
func (h *House) Clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// Pass has that much time pass on the clocks of its devices.
func (h *House) Pass(years, months, days int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.AddDate(years, months, days)
}

// New founds a house in a folder of the test.
func New(t testing.TB) *House {
	t.Helper()
	ctx := t.Context()
	h := &House{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Dir: filepath.Join(t.TempDir(), "v")}
	v, admin, _, err := vault.Found(ctx, h.Dir, vault.New{
		Name: "Clinic", Administrator: "Admin", Roles: []amana.Role{amana.RoleAdministrator, amana.RoleCaseworker},
		Passphrase: []byte(AdminWords), Custodians: []string{"A", "B", "C"}, Threshold: 2, Cost: seal.SmallestCost, Now: h.Clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.LockAll() })
	h.Admin = admin
	if h.Worker, err = admin.AddMember(ctx, vault.NewMember{
		Name: "Worker", Roles: []amana.Role{amana.RoleCaseworker, amana.RoleSupervisor}, Passphrase: []byte(WorkerWords),
	}); err != nil {
		t.Fatal(err)
	}
	if h.Team, err = admin.FormTeam(ctx, event.TeamFormed{Name: "Team", Compartment: amana.Care}, admin.Member(), h.Worker); err != nil {
		t.Fatal(err)
	}
	return h
}

// Pair makes another device of the house, with the worker unlocked on it.
func (h *House) Pair(t testing.TB) (dir string, s *vault.Session) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "other")
	_, s = Pair(t, h.Admin, dir, WorkerWords, h.Clock, h.Worker)
	return dir, s
}

// Open writes a case of the team with some words in it.
func (h *House) Open(t testing.TB, s *vault.Session, words string) amana.RecordID {
	t.Helper()
	id := amana.RecordID(seal.Random16())
	if err := s.Save(t.Context(), vault.Change{
		Record: id, Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{h.Team}},
		Facts: []event.Fact{event.Set{Field: "assessment_main_concerns", Value: event.Text(words)}},
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

// Pair makes a new device of an administrator's organisation in dir, for members, and
// unlocks it with the passphrase of one of them.
func Pair(t testing.TB, admin *vault.Session, dir, words string, now func() time.Time, members ...amana.MemberID) (*vault.Vault, *vault.Session) {
	t.Helper()
	raw, err := vault.RequestPairing(dir)
	if err != nil {
		t.Fatal(err)
	}
	request, err := vault.ParseRequest(raw)
	if err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	if err := admin.Pair(t.Context(), request, "field", members, &answer); err != nil {
		t.Fatal(err)
	}
	v, s, err := vault.Join(t.Context(), dir, &answer, []byte(words), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.LockAll() })
	return v, s
}
