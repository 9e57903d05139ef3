package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/vault"
	"amana/internal/vault/vaulttest"
	"amana/internal/view"
)

// office is one device of an organisation.
type office struct {
	dir string
	now time.Time
	v   *vault.Vault
}

func (o *office) clock() time.Time { return o.now }

// second makes a new device of the clinic's organisation, unlocked for whoever's
// passphrase it is.
func (c *clinic) second(t testing.TB, words string, members ...amana.MemberID) (*office, *vault.Session) {
	t.Helper()
	o := &office{dir: filepath.Join(t.TempDir(), "second"), now: c.now}
	var s *vault.Session
	o.v, s = vaulttest.Pair(t, c.admin, o.dir, words, o.clock, members...)
	ready(t, s)
	return o, s
}

func ready(t testing.TB, s *vault.Session) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !s.Progress().Searchable; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) || s.Progress().Failed != nil {
			t.Fatalf("the view is not built: %+v", s.Progress())
		}
	}
}

// carry takes to one device what it lacks of another.
func carry(t testing.TB, from, to *vault.Session) vault.Imported {
	t.Helper()
	done, err := to.Import(context.Background(), batches(t, from, to.Have()))
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func batches(t testing.TB, from *vault.Session, have map[amana.DeviceID]uint64) func() (journal.Batch, bool, error) {
	t.Helper()
	var list []journal.Batch
	if err := from.HandOver(context.Background(), have, func(b journal.Batch) error {
		again, err := journal.ReadBatch(b.Append(nil))
		list = append(list, again)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return each(list)
}

func each(list []journal.Batch) func() (journal.Batch, bool, error) {
	return func() (b journal.Batch, ok bool, err error) {
		if len(list) == 0 {
			return b, false, nil
		}
		b, list = list[0], list[1:]
		return b, true, nil
	}
}

// verified fails where the vault does not verify.
func verified(t testing.TB, s *vault.Session) {
	t.Helper()
	checks, err := s.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if !c.OK {
			t.Errorf("%s: %s", c.Name, c.Detail)
		}
	}
}

// A second device has everything of its members; what either writes then reaches the
// other, by whichever way; and what both wrote at the same time is shown as such.
func TestDevices_twoMeet(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	first := c.open(t, here, c.teams[0], "Exemple", "orchard")
	_, there := c.second(t, workerWords+"0", c.worker[0])
	if n := eventually(t, there, "orchard"); n != 1 {
		t.Fatalf("%d cases on the new device, want 1", n)
	}
	second := c.open(t, there, c.teams[0], "Autre", "river")
	if done := carry(t, there, here); done.Taken == 0 || done.Refused+done.Waiting > 0 {
		t.Fatalf("%+v", done)
	}
	if n := eventually(t, here, "river"); n != 1 {
		t.Errorf("%d cases came back, want 1", n)
	}
	age := func(s *vault.Session, id amana.RecordID, n int64) {
		t.Helper()
		f, err := s.Peek(id)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Save(ctx, vault.Change{Record: id, Seen: f.Case.Version, Facts: []event.Fact{event.Set{Field: "age", Value: event.Int(n)}}}); err != nil {
			t.Fatal(err)
		}
	}
	age(here, first, 20)
	age(there, first, 21)
	carry(t, here, there)
	carry(t, there, here)
	for i, s := range []*vault.Session{here, there} {
		f, err := s.Peek(first)
		if err != nil {
			t.Fatal(err)
		}
		if cell, _ := f.Case.Field("age"); len(cell.Rivals) != 1 {
			t.Errorf("device %d: %d rivals, want 1", i, len(cell.Rivals))
		}
	}
	age(there, first, 22) // who saw both decides
	age(there, second, 30)
	carry(t, there, here)
	f, err := here.Peek(first)
	if err != nil {
		t.Fatal(err)
	}
	cell, _ := f.Case.Field("age")
	if n, _ := cell.Value.Int(); len(cell.Rivals) != 0 || n != 22 {
		t.Errorf("%d rivals, age %d", len(cell.Rivals), n)
	}
	if done := carry(t, there, here); done.Taken+done.Refused+done.Waiting > 0 {
		t.Errorf("nothing was new: %+v", done)
	}
	verified(t, here)
	verified(t, there)
}

// Two administrators, each on a device of their own, remove different members without
// knowing of each other: both are gone, on both devices; what was written meanwhile
// under either's key is read; and nobody who left holds the key that is current then.
func TestDevices_administratorsAtOnce(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	other, err := c.admin.AddMember(ctx, vault.NewMember{Name: "Second", Roles: []amana.Role{amana.RoleAdministrator}, Passphrase: []byte("second admin words kept")})
	if err != nil {
		t.Fatal(err)
	}
	third, err := c.admin.AddMember(ctx, vault.NewMember{Name: "Third", Roles: []amana.Role{amana.RoleCaseworker}, Teams: c.teams[:1], Passphrase: []byte("third worker words kept")})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.asWorker(t, 0).Settle(ctx); err != nil {
		t.Fatal(err)
	}
	o, there := c.second(t, "second admin words kept", other, c.worker[0])
	if err := c.admin.RemoveMember(ctx, third); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(time.Second)
	if err := there.RemoveMember(ctx, c.worker[1]); err != nil {
		t.Fatal(err)
	}
	worker, err := o.v.Unlock(ctx, []byte(workerWords+"0"))
	if err != nil {
		t.Fatal(err)
	}
	ready(t, worker)
	c.open(t, worker, c.teams[0], "Exemple", "meanwhile")
	for range 3 {
		carry(t, there, c.admin)
		if err := c.admin.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		carry(t, c.admin, there)
		if err := there.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	a, b := mustCharter(t, c.admin), mustCharter(t, there)
	for i, ch := range []*charter.Charter{a, b} {
		if ch.NeedsTurn(amana.TeamID{}) || ch.Epoch(amana.TeamID{}) < 3 {
			t.Errorf("device %d: epoch %d, needs a turn: %v", i, ch.Epoch(amana.TeamID{}), ch.NeedsTurn(amana.TeamID{}))
		}
	}
	for _, id := range []amana.MemberID{third, c.worker[1]} {
		if m, _ := a.Member(id); m.Left == 0 {
			t.Errorf("member %s is still there", id)
		}
		if m, _ := b.Member(id); m.Left == 0 {
			t.Errorf("member %s is still there on the other device", id)
		}
	}
	here := c.asWorker(t, 0)
	if n := eventually(t, here, "meanwhile"); n != 1 {
		t.Errorf("%d cases, want 1", n)
	}
	c.open(t, here, c.teams[0], "Exemple", "afterwards")
	carry(t, here, worker)
	if n := eventually(t, worker, "afterwards"); n != 1 {
		t.Errorf("%d cases on the other device, want 1", n)
	}
}

func mustCharter(t testing.TB, s *vault.Session) *charter.Charter {
	t.Helper()
	ch, err := s.Charter()
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// A device that was put back from an old copy, or whose chain somebody else went on
// with, is found: by who holds the other end, and by itself.
func TestDevices_twoHistories(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	c.open(t, here, c.teams[0], "Exemple", "orchard")
	o, _ := c.second(t, workerWords+"0", c.worker[0])
	o.v.LockAll()
	twin := &office{dir: filepath.Join(t.TempDir(), "twin"), now: o.now}
	copyDir(t, o.dir, twin.dir)
	open := func(o *office) *vault.Session {
		t.Helper()
		v, err := vault.Open(o.dir, o.clock)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { v.LockAll() })
		o.v = v
		s, err := v.Unlock(ctx, []byte(workerWords+"0"))
		if err != nil {
			t.Fatal(err)
		}
		ready(t, s)
		return s
	}
	there := open(o)
	other := open(twin)
	c.open(t, there, c.teams[0], "Un", "river")
	c.open(t, other, c.teams[0], "Deux", "bridge")
	carry(t, there, here)
	if done := carry(t, other, here); done.Refused == 0 {
		// The twin's chain is as long: it is compared where it is known.
		done, err := here.Import(ctx, batches(t, other, map[amana.DeviceID]uint64{}))
		if err != nil || done.Refused == 0 {
			t.Fatalf("%+v, %v: want another history refused", done, err)
		}
	}
	found, err := here.TwoHistories()
	if err != nil || len(found) == 0 {
		t.Fatalf("%d proofs, %v", len(found), err)
	}
	ch, err := here.Charter()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := ch.Device(found[0].Device)
	for _, h := range []journal.SignedHead{found[0].Ours, found[0].Theirs} {
		if err := h.Verify(d.VerifyKey, here.Organisation()); err != nil {
			t.Errorf("the proof does not hold: %v", err)
		}
	}
	if _, err := other.Import(ctx, batches(t, here, map[amana.DeviceID]uint64{})); err != nil {
		t.Fatal(err)
	}
	if err := other.Refuses(); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("the twin goes on: %v", err)
	}
}

// What is erased on one device is erased on every other when they meet, also where the
// content comes after the order.
func TestDevices_erasureReachesAll(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	id := c.open(t, here, c.teams[0], "Exemple", "orchard")
	_, there := c.second(t, workerWords+"0", c.worker[0])
	_, late := c.second(t, workerWords+"0", c.worker[0])
	// The late device writes to the case, and is off for a year.
	if err := late.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{event.Set{Field: "assessment_safety_needs", Value: event.Text("lantern")}}}); err != nil {
		t.Fatal(err)
	}
	if err := here.EraseCase(ctx, "asked", id); err != nil {
		t.Fatal(err)
	}
	carry(t, here, there)
	if found := search(t, there, "orchard"); len(found) != 0 {
		t.Errorf("%d cases on the other device, want none", len(found))
	}
	if done := carry(t, late, there); done.Erased == 0 {
		t.Errorf("what came after the order was kept: %+v", done)
	}
	carry(t, there, late)
	for i, s := range []*vault.Session{there, late} {
		ready(t, s)
		if rows, err := s.Cases(amana.Private{}, view.Filter{Limit: 10}); err != nil || len(rows) != 0 {
			t.Errorf("device %d: %d cases, %v", i, len(rows), err)
		}
		items, _ := s.ItemsOf(id)
		for _, it := range items {
			if it.Flags&journal.Erased == 0 {
				t.Errorf("device %d: item %d has content", i, it.Seq)
			}
		}
		if len(items) == 0 {
			t.Errorf("device %d: no items", i)
		}
	}
}

// Whatever order the batches of three devices come in, all end with the same.
func TestDevices_threeInAnyOrder(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	id := c.open(t, here, c.teams[0], "Exemple", "orchard")
	_, b := c.second(t, workerWords+"0", c.worker[0])
	_, d := c.second(t, workerWords+"0", c.worker[0])
	all := []*vault.Session{here, b, d}
	for round := range 6 {
		s := all[round%3]
		f, err := s.Peek(id)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Save(ctx, vault.Change{Record: id, Seen: f.Case.Version, Facts: []event.Fact{event.Set{Field: "age", Value: event.Int(int64(20 + round))}}}); err != nil {
			t.Fatal(err)
		}
		carry(t, all[round%3], all[(round*2+1)%3])
	}
	for range 2 {
		for i := range all {
			for j := range all {
				if i != j {
					carry(t, all[i], all[j])
				}
			}
		}
	}
	var want string
	for i, s := range all {
		f, err := s.Peek(id)
		if err != nil {
			t.Fatal(err)
		}
		cell, _ := f.Case.Field("age")
		n, _ := cell.Value.Int()
		got := fmt.Sprint(n, len(cell.Rivals), len(f.Case.History("age")), f.Case.Tampered, f.Case.Unread)
		if i == 0 {
			want = got
		}
		if got != want {
			t.Errorf("device %d: %s, want %s", i, got, want)
		}
		verified(t, s)
	}
}

// A bundle takes to one device what it lacks of another, is read by nobody else, and
// what is cut short is taken as far as it goes.
func TestDevices_bundle(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	_, there := c.second(t, workerWords+"0", c.worker[0])
	c.open(t, there, c.teams[0], "Exemple", "river")
	var b bytes.Buffer
	if made, err := there.WriteBundle(ctx, nil, &b); err != nil || made.Items == 0 {
		t.Fatal(made, err)
	}
	if bytes.Contains(b.Bytes(), []byte("river")) {
		t.Fatal("a bundle that can be read")
	}
	if _, _, err := newClinic(t).admin.ReadBundle(ctx, bytes.NewReader(b.Bytes())); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("in another organisation: %v", err)
	}
	if _, _, err := here.ReadBundle(ctx, bytes.NewReader(b.Bytes()[:b.Len()-20])); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("cut short: %v", err)
	}
	for i, want := range []bool{true, false} {
		done, _, err := here.ReadBundle(ctx, bytes.NewReader(b.Bytes()))
		if err != nil || (done.Taken > 0) != want || done.Refused+done.Waiting > 0 {
			t.Errorf("reading %d: %+v, %v", i, done, err)
		}
	}
	if n := eventually(t, here, "river"); n != 1 {
		t.Errorf("%d cases, want 1", n)
	}
}
