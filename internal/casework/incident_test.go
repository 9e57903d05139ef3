package casework_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/gbv"
	"amana/internal/record"
	"amana/internal/vault"
)

func incidents(t *testing.T, d *casework.Desk, id amana.RecordID) []casework.Incident {
	t.Helper()
	f, err := d.ReadCase(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f.Incidents
}

// She is not asked again what the case knows.
func TestBeginIncident_takesOver(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	values := ago(o, 30*time.Hour)
	values["age"], values["sex"] = event.Int(17), event.Say(event.Declined)
	values["gbv_displacement_status"] = event.Text("idp")
	id, err := d.OpenCase(ctx, casework.Intake{
		Team: d.Me().Teams[0].ID, Case: values,
		Consents: []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Refused}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.BeginIncident(ctx, id); err != nil {
		t.Fatal(err)
	}
	in := incidents(t, d, id)[0]
	if _, ok := record.CheckCode(in.Code); !ok || in.Values["survivor_code"].IsZero() || in.Code == in.Values["survivor_code"].Reveal() {
		t.Errorf("the code %q", in.Code)
	}
	for field, want := range map[string]event.Value{
		"age": event.Int(17), "sex": event.Say(event.Declined), "displacement_status": event.Text("idp"),
		"incident_date": values["assault_date"], "incident_time": values["assault_time"], "consent_reporting": event.Bool(false),
	} {
		if !in.Values[field].Equal(want) {
			t.Errorf("%s is not taken over", field)
		}
	}
	if in.Type != "" || in.Decision.Open == "" {
		t.Errorf("nobody asked yet: %+v", in.Decision)
	}

	// Another one is another day, told today.
	o.now = o.now.Add(400 * 24 * time.Hour)
	second, err := d.BeginIncident(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	list := incidents(t, d, id)
	if len(list) != 2 || list[0].ID != second || !list[0].Values["incident_date"].IsZero() {
		t.Fatalf("the new one stands first, without a day")
	}
	if !list[0].Values["age"].IsZero() {
		t.Error("an age of more than a year ago is taken over")
	}
	if list[0].Values["date_of_first_report"].Reveal() != o.now.Format(time.DateOnly) {
		t.Error("it was told today")
	}
}

func TestIncident_workedOut(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	values := ago(o, 4*24*time.Hour)
	values["age"] = event.Int(17)
	id := open(t, d, values)
	in, err := d.BeginIncident(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	var facts []event.Fact
	said := casework.Values{
		"type_penetration": event.Bool(false), "type_sexual_contact": event.Bool(true),
		"goods_money_exchanged": event.Bool(false), "abduction_status_time_of_incident": event.Text("none"),
		"alleged_perpetrator/a1/perpetrator_relationship": event.Text("intimate_partner_former_partner"),
		"alleged_perpetrator/b2/perpetrator_sex":          event.Text("male"),
	}
	for field, v := range said {
		facts = append(facts, event.Set{Field: field, Value: v})
	}
	if err := d.Session().Save(ctx, vault.Change{Record: in, Facts: facts}); err != nil {
		t.Fatal(err)
	}
	got := incidents(t, d, id)[0]
	if got.Type != gbv.SexualAssault || got.Elapsed != gbv.ElapsedFiveDays || got.Number != gbv.TwoPerpetrators {
		t.Errorf("%s, %s, %s", got.Type, got.Elapsed, got.Number)
	}
	if !slices.Contains(got.Contexts, gbv.IntimatePartnerViolence) || slices.Contains(got.Contexts, gbv.PossibleSexualExploitation) {
		t.Errorf("contexts %v", got.Contexts)
	}
	if !slices.Contains(got.Open, gbv.HarmfulTraditionalPractice) || slices.Contains(got.Open, gbv.PossibleSexualSlavery) {
		t.Errorf("open %v", got.Open)
	}
	if slices.Contains(got.Contexts, gbv.ChildSexualAbuse) == slices.Contains(got.Open, gbv.ChildSexualAbuse) {
		t.Errorf("a girl of 17 when it was told, four days later: %v, open %v", got.Contexts, got.Open)
	}
}

// Another team reads neither the case nor what happened.
func TestBeginIncident_sameTeams(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	_, words, err := d.AddMember(ctx, casework.NewMember{Name: "Worker", Roles: []amana.Role{amana.RoleCaseworker}})
	if err != nil {
		t.Fatal(err)
	}
	id := open(t, d, nil)
	in, err := d.BeginIncident(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	w := o.unlock(t, words)
	if _, err := w.ReadCase(ctx, in); err == nil {
		t.Error("a member of no team reads an incident")
	}
	if _, err := w.BeginIncident(ctx, id); err == nil {
		t.Error("a member of no team begins an incident")
	}
}
