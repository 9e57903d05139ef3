package vault_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/vault"
)

// Every member sees the IDs of all records. Who begins one that is somebody else's, for
// another team or for the same, before it or after it, and also where the true beginning
// did not come yet, begins nothing: the record is what its ID was made of.
func TestNewRecord_nobodyElseBeginsIt(t *testing.T) {
	c := newClinic(t)
	ctx := t.Context()
	one, other := c.asWorker(t, 0), c.asWorker(t, 1)
	c.now = c.now.Add(time.Hour)
	before := func() time.Time { return c.now.Add(-time.Minute) }

	id, consent := one.NewRecord(amana.KindCase), one.NewRecord(amana.KindConsent)
	yes := event.Consented{Purpose: amana.PurposePublication, Decision: amana.Granted}
	no := event.Consented{Purpose: amana.PurposePublication, Decision: amana.Refused}
	for _, s := range []*vault.Session{one, other} { // one's own changed program is one with another key
		team := c.teams[0]
		if s == other {
			team = c.teams[1]
		}
		if err := s.ForgeFirst(ctx, id, team, before, event.Begun{Kind: amana.KindCase}, event.Set{Field: "survivor_code_no", Value: event.Text("F-0001")}); err != nil {
			t.Fatal(err)
		}
		if err := s.ForgeFirst(ctx, consent, team, before, event.Begun{Kind: amana.KindConsent, Case: id}, yes); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Peek(id); !errors.Is(err, amana.ErrNotFound) {
			t.Errorf("the forged beginning is shown where the true one did not come yet: %v", err)
		}
	}
	begin := func(kind amana.Kind, of amana.RecordID) *vault.Begin {
		return &vault.Begin{Kind: kind, Case: of, Teams: []amana.TeamID{c.teams[0]}}
	}
	if err := one.Save(ctx,
		vault.Change{Record: id, Begin: begin(amana.KindCase, amana.RecordID{}), Facts: []event.Fact{event.Set{Field: "survivor_code_no", Value: event.Text("A-0001")}}},
		vault.Change{Record: consent, Begin: begin(amana.KindConsent, id), Facts: []event.Fact{no}},
	); err != nil {
		t.Fatal(err)
	}
	f, err := one.Peek(id)
	if err != nil || f.Case.Value("survivor_code_no").Reveal() != "A-0001" || f.Case.Contested || f.Case.Damaged || f.Case.Tampered == 0 {
		t.Errorf("the case: %v, %+v", err, f.Case)
	}
	if len(f.Records) != 1 || len(f.Records[0].Consents()) != 1 || f.Records[0].Consents()[0].Decision != amana.Refused {
		t.Errorf("her answer: %+v", f.Records)
	}
	if _, err := other.Peek(id); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("the other team has the record: %v", err)
	}
	checks, err := one.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, check := range checks {
		if check.Name == "name" && !check.OK && strings.Contains(check.Detail, "somebody else") {
			named++
		}
	}
	if named != 4 {
		t.Errorf("%d forged beginnings are named of 4: %v", named, checks)
	}
	if err := one.EraseCase(ctx, "asked", id); err != nil {
		t.Errorf("a forged beginning hinders an erasure: %v", err)
	}
}

// A record is begun once, in the session in which it was named, as what it was named for.
func TestNewRecord_isBegunOnce(t *testing.T) {
	c := newClinic(t)
	ctx := t.Context()
	one, other := c.asWorker(t, 0), c.asWorker(t, 1)
	team := []amana.TeamID{c.teams[0]}
	id := one.NewRecord(amana.KindCase)
	if named, ledger := amana.IsNamed(id); !named || ledger {
		t.Errorf("%s is named %t, ledger %t", id, named, ledger)
	}
	save := func(s *vault.Session, kind amana.Kind) error {
		return s.Save(ctx, vault.Change{Record: id, Begin: &vault.Begin{Kind: kind, Teams: team}, Facts: []event.Fact{event.Set{Field: "x", Value: event.Text("y")}}})
	}
	if err := save(other, amana.KindCase); err == nil {
		t.Error("begun by somebody else")
	}
	if err := save(one, amana.KindExchange); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("begun as a record of the ledger: %v", err)
	}
	if err := save(one, amana.KindCase); err != nil {
		t.Fatal(err)
	}
	if err := save(one, amana.KindCase); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("begun twice: %v", err)
	}
}

// However much was named and never begun: what is named after it is begun.
func TestNewRecord_afterManyNames(t *testing.T) {
	c := newClinic(t)
	s := c.asWorker(t, 0)
	s.NamedMany()
	saves := make([][]vault.Change, 1000)
	for i := range saves {
		saves[i] = []vault.Change{{
			Record: s.NewRecord(amana.KindCase), Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{c.teams[0]}},
			Facts: []event.Fact{event.Set{Field: "survivor_code_no", Value: event.Text("A-0001")}},
		}}
	}
	if err := s.SaveMany(t.Context(), saves...); err != nil {
		t.Error(err)
	}
}

// What left is erased by nobody: an order for a record of the ledger counts for nothing on
// any device, whoever gave it, and whatever it is said to be.
func TestErase_theLedgerStays(t *testing.T) {
	c := newClinic(t)
	ctx := t.Context()
	one := c.asWorker(t, 0)
	content := event.Set{Field: "ledger/a/step", Value: event.Text("left")}
	id := one.NewRecord(amana.KindRelease)
	if _, ledger := amana.IsNamed(id); !ledger {
		t.Fatalf("%s does not say that it is of the ledger", id)
	}
	if err := one.Save(ctx, vault.Change{Record: id, Begin: &vault.Begin{Kind: amana.KindRelease, Teams: []amana.TeamID{c.teams[0]}}, Facts: []event.Fact{content}}); err != nil {
		t.Fatal(err)
	}
	if err := one.Erase(ctx, "asked", id); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("the program erases it: %v", err)
	}
	if err := c.admin.CharterJunk(ctx, false, 0, event.Erased{Record: id, Reason: "asked"}); err != nil {
		t.Fatal(err)
	}
	_, there := c.second(t, workerWords+"0", one.Member())
	for name, s := range map[string]*vault.Session{"here": c.asWorker(t, 0), "on another device": there} {
		erased, err := s.Erased()
		if err != nil || len(erased) != 0 {
			t.Errorf("%s: ordered erased: %v, %v", name, erased, err)
		}
		o, err := s.ReadRecord(ctx, id)
		if err != nil || o.Value("ledger/a/step").Reveal() != "left" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What is none is not kept from being erased by an ID that says so: it is nothing.
	wrong := one.NewRecord(amana.KindFigures)
	if err := one.ForgeInto(ctx, wrong, &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{c.teams[0]}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.asWorker(t, 0).Peek(wrong); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("a case is there by the ID of a record of the ledger: %v", err)
	}
}
