package vault_test

import (
	"context"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/vault"
)

// A member with a changed program writes what nobody may: it counts for nothing on any
// device, is named, and holds nobody up.
func TestDevices_aLyingMemberBlocksNobody(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	c.open(t, here, c.teams[0], "Exemple", "orchard")
	_, there := c.second(t, workerWords+"0", c.worker[0])
	lies := []error{
		there.ForgeAs(ctx, c.worker[1]),
		there.CharterJunk(ctx, true, 0, event.RuleSet{Rule: "idle_minutes", Value: "999"}),
		there.CharterJunk(ctx, false, 0, event.RuleSet{Rule: "idle_minutes", Value: "999"}),
		there.CharterJunk(ctx, false, 1<<63, event.Erased{Record: amana.RecordID{7}, Reason: "asked"}),
	}
	for _, err := range lies {
		if err != nil {
			t.Fatal(err)
		}
	}
	c.open(t, there, c.teams[0], "Autre", "river")
	if done := carry(t, there, here); done.Refused+done.Waiting > 0 {
		t.Errorf("%+v", done)
	}
	if n := eventually(t, here, "river"); n != 1 {
		t.Errorf("%d cases that came after the lies, want 1", n)
	}
	// An entry from the end of all times sets nobody's clock, and the organisation goes on.
	if behind := here.Behind(); behind > time.Minute {
		t.Errorf("the clock was set %v ahead", behind)
	}
	if err := c.admin.RemoveMember(ctx, c.worker[1]); err != nil {
		t.Fatalf("nobody can be removed any more: %v", err)
	}
	carry(t, c.admin, there)
	for i, s := range []*vault.Session{here, there} {
		ch := mustCharter(t, s)
		if m, _ := ch.Member(c.worker[1]); m.Left == 0 {
			t.Errorf("device %d: the removal does not count", i)
		}
		if ch.Rules()["idle_minutes"] == "999" {
			t.Errorf("device %d: the rule is believed", i)
		}
	}
	c.v.LockAll()
	s := c.asWorker(t, 0) // and the vault opens
	checks, err := s.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]int{}
	for _, check := range checks {
		if !check.OK {
			named[check.Name]++
		}
	}
	if named["signature"] == 0 || named["charter"] < 2 {
		t.Errorf("named: %v", named)
	}
}

// eventually returns how many cases are found by a word: where keys came, lists are
// made anew in the background, and are short of something meanwhile.
func eventually(t *testing.T, s *vault.Session, words string) (n int) {
	t.Helper()
	for range 200 {
		if n = len(search(t, s, words)); n > 0 {
			return n
		}
		time.Sleep(50 * time.Millisecond)
	}
	return n
}

// What was changed on the way, or lacks what comes before it, is not taken; what was
// sent right is taken after it.
func TestDevices_damagedOnTheWay(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	_, there := c.second(t, workerWords+"0", c.worker[0])
	c.open(t, there, c.teams[0], "Un", "river")
	one := batches(t, there, here.Have())
	first, _, _ := one()
	reached := here.Have()
	reached[there.Device()] = first.Last()
	c.open(t, there, c.teams[0], "Deux", "bridge")
	second, _, _ := batches(t, there, reached)()
	flip := func(b journal.Batch, change func(*journal.Batch)) journal.Batch {
		raw := b.Append(nil)
		again, err := journal.ReadBatch(raw)
		if err != nil {
			t.Fatal(err)
		}
		change(&again)
		return again
	}
	tests := []struct {
		name  string
		batch journal.Batch
		waits bool
	}{
		{"a byte of a body", flip(first, func(b *journal.Batch) { b.Items[0].Body[40] ^= 1 }), false},
		{"a byte of an entry", flip(first, func(b *journal.Batch) { b.Items[1].Entry[3] ^= 1 }), false},
		{"the signature", flip(first, func(b *journal.Batch) { b.Head.Signature[0] ^= 1 }), false},
		{"two items exchanged", flip(first, func(b *journal.Batch) { b.Items[0], b.Items[1] = b.Items[1], b.Items[0] }), false},
		{"content taken out without an order", flip(first, func(b *journal.Batch) { b.Items[0].Body = b.Items[0].Body[:8] }), false},
		{"content withheld, as if it had been erased", flip(first, func(b *journal.Batch) { b.Items[0] = b.Items[0].Blank() }), true},
		{"what comes before is missing", second, true},
		{"of a device nobody announced", flip(first, func(b *journal.Batch) { b.Head.Device = amana.DeviceID{9} }), true},
	}
	for _, tt := range tests {
		done, err := here.Import(ctx, each([]journal.Batch{tt.batch}))
		if err != nil || done.Taken > 0 || tt.waits != (done.Waiting > 0) || tt.waits == (done.Refused > 0) {
			t.Errorf("%s: %+v, %v", tt.name, done, err)
		}
	}
	done, err := here.Import(ctx, each([]journal.Batch{second, first, first}))
	if err != nil || done.Taken != len(first.Items)+len(second.Items) || done.Known != len(first.Items) {
		t.Errorf("%+v, %v: want %d and %d", done, err, len(first.Items), len(second.Items))
	}
	verifiedBut(t, here, "quarantine")
}

func verifiedBut(t testing.TB, s *vault.Session, name string) {
	t.Helper()
	checks, err := s.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if !c.OK && c.Name != name {
			t.Errorf("%s: %s", c.Name, c.Detail)
		}
	}
}
