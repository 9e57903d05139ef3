package casework_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

const adminWords = "lusab-babad-gutih-tugad-mudof-sakat"

type office struct {
	*casework.Office
	now time.Time
}

func (o *office) clock() time.Time { return o.now }

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	var err error
	o.Office, err = casework.NewOffice(casework.Options{Dir: filepath.Join(t.TempDir(), "v"), Demo: true, Now: func() time.Time { return o.now }})
	if err != nil {
		t.Fatal(err)
	}
	shares, err := o.Found(context.Background(), newOrganisation())
	if err != nil || len(shares) != 3 || len(shares[0].Words) < 10 || len(shares[0].QR) == 0 {
		t.Fatalf("shares: %d, %v", len(shares), err)
	}
	t.Cleanup(func() { o.LockAll() })
	return o
}

func newOrganisation() casework.NewOrganisation {
	return casework.NewOrganisation{
		Name: "Clinic", Languages: []string{"fr"}, Administrator: "Admin", Passphrase: []byte(adminWords),
		Teams:      []casework.NewTeam{{Name: "Care", Compartment: amana.Care, Identities: true, Join: true}},
		Custodians: []string{"A", "B", "C"}, Threshold: 2,
	}
}

func (o *office) unlock(t testing.TB, words string) *casework.Desk {
	t.Helper()
	d, err := o.Unlock(context.Background(), []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	for !d.State().Progress.Searchable {
		time.Sleep(time.Millisecond)
	}
	return d
}

func intake(team amana.TeamID) casework.Intake {
	return casework.Intake{
		Team:     team,
		Identity: casework.Values{"name": event.Text("Aïssata Exemple"), "contact_how": event.List("visit")},
		Case: casework.Values{
			"age": event.Int(19), "sex": event.Text("female"), "risk_level": event.Text("high"),
			"maritial_status": event.Say(event.Declined), "assessment_main_concerns": event.Text("Elle demande un abri près du verger."),
		},
		Consents: []casework.Consent{
			{Purpose: amana.PurposeCare, Decision: amana.Granted, How: "spoken", GivenBy: "self", Language: "fra"},
			{Purpose: amana.PurposeStatistics, Decision: amana.Refused},
		},
	}
}

func TestDesk_opensACaseAndFindsItAgain(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	id, err := d.OpenCase(ctx, intake(d.Me().Teams[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	list, err := d.Cases(ctx, casework.Query{Search: amana.Conceal("Aissata verger")})
	if err != nil || list.Total != 1 || list.Rows[0].ID != id || list.Rows[0].Risk != "high" || list.Rows[0].Team != "Care" {
		t.Fatalf("list: %+v, %v", list, err)
	}
	if mine, _ := d.Cases(ctx, casework.Query{Team: d.Me().Teams[0].ID}); mine.Total != 1 {
		t.Errorf("by team: %d", mine.Total)
	}
	f, err := d.ReadCase(ctx, id)
	if err != nil || f.Identity == nil || f.Tampered+f.Unread != 0 || !f.MayWrite || !f.MayErase {
		t.Fatalf("file: %+v, %v", f, err)
	}
	for _, c := range f.Consents {
		want := map[amana.Purpose]amana.Decision{amana.PurposeCare: amana.Granted, amana.PurposeStatistics: amana.Refused}[c.Purpose]
		if want == "" {
			want = amana.NotAsked
		}
		if c.Decision != want {
			t.Errorf("consent %s: %s", c.Purpose, c.Decision)
		}
	}
}

func TestDesk_followUpsComeDue(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	id, err := d.OpenCase(ctx, intake(d.Me().Teams[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(24 * time.Hour)
	if err := d.AddFollowUp(ctx, id, casework.Values{
		"followup_date": event.Text("2026-03-02"), "need_follow_up_visit": event.Bool(true),
		"when_follow_up_visit_should_happen": event.Text("2026-03-09"),
	}); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(10 * 24 * time.Hour)
	today, err := d.Today(ctx)
	if err != nil || len(today.Overdue) != 1 || len(today.HighRisk) != 1 || today.Open != 1 {
		t.Fatalf("today: %+v, %v", today, err)
	}
}

// A form made before somebody else's change does not undo it in silence.
func TestDesk_aStaleFormKeepsBothValuesUntilSomebodyDecides(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	id, err := d.OpenCase(ctx, intake(d.Me().Teams[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := d.ReadCase(ctx, id)
	for _, age := range []int64{20, 21} {
		err := d.ChangeRecord(ctx, id, casework.Change{Record: id, Version: f.Case.Version, Values: casework.Values{"age": event.Int(age)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	f, _ = d.ReadCase(ctx, id)
	for _, c := range f.Case.Cells {
		if c.Name == "age" && len(c.Rivals) != 1 {
			t.Fatalf("rivals of age: %d, want 1", len(c.Rivals))
		}
	}
	if today, _ := d.Today(ctx); today.Conflicts != 1 {
		t.Errorf("conflicts on the day's page: %d", today.Conflicts)
	}
	err = d.ChangeRecord(ctx, id, casework.Change{Record: id, Version: f.Case.Version, Values: casework.Values{"age": event.Int(20)}})
	if err != nil {
		t.Fatal(err)
	}
	if list, _ := d.Cases(ctx, casework.Query{}); list.Rows[0].Conflict {
		t.Error("decided, and still shown as a conflict")
	}
}

func TestDesk_closesAndErases(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	id, err := d.OpenCase(ctx, intake(d.Me().Teams[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := d.ReadCase(ctx, id)
	if err := d.CloseCase(ctx, id, casework.Values{"closure_reason": event.Text("closure_needs_met"), "date_closure": event.Text("2026-03-01")}); err != nil {
		t.Fatal(err)
	}
	var bad casework.FieldErrors
	if err := d.EraseCase(ctx, id, "asked", "AAAA-AAAA-A", ""); !errors.As(err, &bad) || bad["code"] == "" {
		t.Fatalf("erase with another code: %v", err)
	}
	if err := d.EraseCase(ctx, id, "asked", f.Code, ""); err != nil {
		t.Fatal(err)
	}
	var erased *casework.ErasedError
	if _, err := d.ReadCase(ctx, id); !errors.As(err, &erased) || erased.Tombstone.Reason != "asked" {
		t.Fatalf("read after erasing: %v", err)
	}
	if err := d.Backup(ctx, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
}

func TestDesk_refusesWhatIsNotValidAndSaysWhere(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	_, err := d.OpenCase(ctx, casework.Intake{
		Team: d.Me().Teams[0].ID,
		Case: casework.Values{"age": event.Int(190), "sex": event.Text("dragon"), "created_on": event.Text("2027-01-01")},
	})
	var bad casework.FieldErrors
	if !errors.As(err, &bad) || bad["age"] == "" || bad["sex"] == "" || bad["created_on"] == "" {
		t.Fatalf("err = %v (%v)", err, bad)
	}
	if list, _ := d.Cases(ctx, casework.Query{}); list.Total != 0 {
		t.Error("something was saved")
	}
	// Nothing but the team is required.
	if _, err := d.OpenCase(ctx, casework.Intake{Team: d.Me().Teams[0].ID}); err != nil {
		t.Fatal(err)
	}
}

func TestDesk_members(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	team := d.Me().Teams[0]
	id, words, err := d.AddMember(ctx, casework.NewMember{Name: "Worker", Roles: []amana.Role{amana.RoleCaseworker}, Teams: []amana.TeamID{team.ID}})
	if err != nil {
		t.Fatal(err)
	}
	w := o.unlock(t, words)
	if me := w.Me(); me.ID != id || len(me.Teams) != 1 || w.Organisation().Name != "Clinic" {
		t.Fatalf("me: %+v", me)
	}
	if _, err := w.OpenCase(ctx, casework.Intake{Team: team.ID}); err != nil {
		t.Fatal(err)
	}
	if err := w.SetRule(ctx, casework.RuleIdleMinutes, "5"); !errors.Is(err, amana.ErrRefused) {
		t.Fatalf("a caseworker sets a rule: %v", err)
	}
	if err := d.RemoveMember(ctx, d.Me().ID); !errors.Is(err, amana.ErrRefused) && !errors.Is(err, amana.ErrInvalid) {
		t.Fatalf("the last administrator is removed: %v", err)
	}
	if err := d.RemoveMember(ctx, id); err != nil {
		t.Fatal(err)
	}
	if _, err := d.OpenCase(ctx, casework.Intake{Team: team.ID}); err != nil {
		t.Fatalf("after the turn: %v", err)
	}
}
