package vault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/view"
)

func text(field, value string) event.Set { return event.Set{Field: field, Value: event.Text(value)} }

func listedOf(t testing.TB, s *vault.Session, kind amana.Kind) (list []vault.Listed) {
	t.Helper()
	if err := s.Listed(kind, func(l vault.Listed) error {
		list = append(list, l)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestListed_followsTheRecordsOfACase(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	s := c.asWorker(t, 0)
	id, incident, referral := amana.RecordID(seal.Random16()), amana.RecordID(seal.Random16()), amana.RecordID(seal.Random16())
	teams := []amana.TeamID{c.teams[0]}
	save := func(changes ...vault.Change) {
		t.Helper()
		c.now = c.now.Add(time.Minute)
		if err := s.Save(ctx, changes...); err != nil {
			t.Fatal(err)
		}
	}
	save(
		vault.Change{Record: id, Begin: &vault.Begin{Kind: amana.KindCase, Teams: teams}, Facts: []event.Fact{
			text("survivor_code_no", "1000-0000-C"), text("status", "open"),
			event.Set{Field: "age", Value: event.Int(17)},
			text("task/aa/what", "x"), text("task/aa/due", "2026-03-20"), text("flag/bb/text", "x"),
			text("approval/cc/status", "pending"), text("owned_by", c.worker[0].String()),
		}},
		vault.Change{Record: incident, Begin: &vault.Begin{Kind: amana.KindIncident, Case: id, Teams: teams}, Facts: []event.Fact{
			text("incident_date", "2026-02-28"), text("incident_timeofday", "morning"), text("alleged_perpetrator/x1/age_group", "unknown"),
		}},
		vault.Change{Record: referral, Begin: &vault.Begin{Kind: amana.KindReferral, Case: id, Teams: teams}, Facts: []event.Fact{
			text("next_due", "2026-03-03"),
		}},
	)
	list := listedOf(t, s, amana.KindIncident)
	if len(list) != 1 || list[0].ID != incident || list[0].Case != id || list[0].Team != c.teams[0] || list[0].Author != c.worker[0] ||
		list[0].Values["alleged_perpetrator/x1/age_group"].Reveal() != "unknown" {
		t.Fatalf("incidents: %+v", list)
	}
	row := func() view.Case {
		t.Helper()
		rows, err := s.Cases(amana.Private{}, view.Filter{Limit: 10})
		if err != nil || len(rows) != 1 {
			t.Fatalf("cases: %v, %v", rows, err)
		}
		return rows[0]
	}
	r := row()
	if r.Due != "2026-03-03" || r.Flags != 1 || r.Waiting != 1 || !r.Child || r.Owner != c.worker[0].String() ||
		r.Assault != (view.Assault{Date: "2026-02-28", Part: "morning"}) {
		t.Errorf("row: %+v", r)
	}
	for _, f := range []view.Filter{
		{Owner: c.worker[0].String()},
		{Flagged: true},
		{Waiting: true},
		{Child: true},
		{Due: "2026-03-03", Status: "open"},
		{Since: "2026-02-28"},
	} {
		if n, err := s.Count(amana.Private{}, f, 10); err != nil || n != 1 {
			t.Errorf("%+v finds %d, %v", f, n, err)
		}
	}
	for _, f := range []view.Filter{{Owner: c.worker[1].String()}, {Due: "2026-03-02"}, {Since: "2026-03-01"}} {
		if n, err := s.Count(amana.Private{}, f, 10); err != nil || n != 0 {
			t.Errorf("%+v finds %d, %v", f, n, err)
		}
	}

	before, err := s.ListedState(amana.KindReferral)
	if again, _ := s.ListedState(amana.KindReferral); err != nil || again != before {
		t.Fatalf("nothing changed, and the state did (%v)", err)
	}
	save(vault.Change{Record: referral, Facts: []event.Fact{event.Removed{Field: "next_due"}}},
		vault.Change{Record: id, Facts: []event.Fact{text("assault_date", "2026-02"), text("window/pep/outcome", "given")}})
	if after, _ := s.ListedState(amana.KindReferral); after == before {
		t.Error("a change did not show in the state of the list")
	}
	if r := row(); r.Due != "2026-03-20" || r.Assault.Date != "2026-02" || len(r.Windows) != 1 || r.Windows[0] != "pep" {
		t.Errorf("row after: %+v", r)
	}
	save(vault.Change{Record: id, Facts: []event.Fact{text("status", "closed")}})
	if r := row(); r.Due != "" {
		t.Errorf("something is due in a closed case: %+v", r)
	}

	other := c.asWorker(t, 1)
	if list := listedOf(t, other, amana.KindIncident); len(list) != 0 {
		t.Errorf("another team lists %+v", list)
	}
	if err := s.EraseCase(ctx, "asked", id); err != nil {
		t.Fatal(err)
	}
	if list := listedOf(t, s, amana.KindIncident); len(list) != 0 {
		t.Errorf("after the erasure: %+v", list)
	}
}

func TestOpenKinds_areForEveryone(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	s := c.asWorker(t, 0)
	everyone := []amana.TeamID{{}}
	id := amana.RecordID(seal.Random16())
	begin := func(s *vault.Session, id amana.RecordID, kind amana.Kind, teams []amana.TeamID) error {
		return s.Save(ctx, vault.Change{Record: id, Begin: &vault.Begin{Kind: kind, Teams: teams}, Facts: []event.Fact{text("name", "Clinique")}})
	}
	if err := begin(s, id, amana.KindService, everyone); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []amana.Kind{amana.KindCase, amana.KindIdentity, amana.KindIncident, amana.KindFeedback, amana.KindReferral} {
		if err := begin(s, amana.RecordID(seal.Random16()), kind, everyone); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("a %s for everyone: %v, want ErrRefused", kind, err)
		}
	}
	if err := begin(s, amana.RecordID(seal.Random16()), amana.KindService, []amana.TeamID{c.teams[0], {}}); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("for everyone and a team: %v, want ErrInvalid", err)
	}

	other := c.asWorker(t, 1)
	if list := listedOf(t, other, amana.KindService); len(list) != 1 || list[0].ID != id || !list[0].Team.IsZero() {
		t.Fatalf("another team lists %+v", list)
	}
	if err := other.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{text("name", "Clinique du Puits")}}); err != nil {
		t.Fatal(err)
	}
	if err := c.admin.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{text("status", "active")}}); err != nil {
		t.Errorf("an administrator: %v", err)
	}
	o, err := s.ReadRecord(ctx, id)
	if err != nil || o.Value("name").Reveal() != "Clinique du Puits" || o.Tampered != 0 || o.Value("status").Reveal() != "active" {
		t.Errorf("read: %v, %v, %d tampered", o.Value("name").Reveal() == "Clinique du Puits", err, o.Tampered)
	}
	if rows, err := s.Cases(amana.Conceal("Clinique"), view.Filter{Limit: 10}); err != nil || len(rows) != 0 {
		t.Errorf("a service among the cases: %v, %v", rows, err)
	}
	if _, err := s.Read(ctx, id); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("opened as a case: %v", err)
	}
}

func TestListed_isWholeAcrossPagesAndAfterRebuilding(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	s := c.asWorker(t, 0)
	var saves [][]vault.Change
	const many = 1100
	for i := range many {
		saves = append(saves, []vault.Change{{
			Record: amana.RecordID(seal.Random16()), Begin: &vault.Begin{Kind: amana.KindService, Teams: []amana.TeamID{{}}},
			Facts: []event.Fact{text("name", fmt.Sprintf("Service %d", i))},
		}})
	}
	if err := s.SaveMany(ctx, saves...); err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		seen := map[amana.RecordID]bool{}
		last := ^uint64(0)
		for _, l := range listedOf(t, s, amana.KindService) {
			if l.Updated > last || l.Values["name"].IsZero() {
				t.Errorf("%s: out of order, or empty", when)
			}
			seen[l.ID], last = true, l.Updated
		}
		if len(seen) != many {
			t.Errorf("%s: %d services, want %d", when, len(seen), many)
		}
	}
	check("as they came")
	if err := s.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	for s.Progress().Done != s.Progress().Total {
		time.Sleep(5 * time.Millisecond)
	}
	check("built anew")
	stop := errors.New("enough")
	if err := s.Listed(amana.KindService, func(vault.Listed) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped: %v", err)
	}
	s.Lock()
	if err := s.Listed(amana.KindService, func(vault.Listed) error { return nil }); !errors.Is(err, amana.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}
