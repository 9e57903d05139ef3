package casework_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/stats"
	"amana/internal/vault"
)

func indicators(f casework.Figures) map[string]stats.Indicator {
	got := map[string]stats.Indicator{}
	for _, i := range f.Indicators {
		got[i.ID] = i
	}
	return got
}

// brought saves many cases with one incident each in one go.
func brought(t *testing.T, d *casework.Desk, n int, care func(i int) casework.Values) {
	t.Helper()
	team := d.Me().Teams[0].ID
	sets := func(v casework.Values) (facts []event.Fact) {
		for name, value := range v {
			facts = append(facts, event.Set{Field: name, Value: value})
		}
		return facts
	}
	saves := make([][]vault.Change, n)
	for i := range saves {
		id := amana.RecordID(seal.Random16())
		saves[i] = []vault.Change{
			{Record: id, Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{team}}, Facts: sets(care(i))},
			{
				Record: amana.RecordID(seal.Random16()), Begin: &vault.Begin{Kind: amana.KindIncident, Case: id, Teams: []amana.TeamID{team}},
				Facts: sets(casework.Values{
					"consent_reporting": event.Bool(true), "gbv_sexual_violence_type": event.Text("rape"), "sex": event.Text("female"),
					"date_of_first_report": event.Text("2026-02-03"), "incident_date": event.Text("2026-02-02"),
				}),
			},
		}
	}
	if err := d.Session().SaveMany(context.Background(), saves...); err != nil {
		t.Fatal(err)
	}
	if err := d.Session().CatchUp(); err != nil {
		t.Fatal(err)
	}
}

// What came of a treatment is counted for everybody, however many they are, and her age
// is taken from her case where the incident does not say it.
func TestFigures_treatmentsOfMoreThanThreeHundred(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	const all, declined = 340, 11
	brought(t, d, all, func(i int) casework.Values {
		outcome := "given"
		if i%31 == 0 {
			outcome = "declined"
		}
		return casework.Values{
			"status": event.Text("open"), "created_on": event.Text("2026-02-03"), "age": event.Int(30), "window/pep/outcome": event.Text(outcome),
			"window/emergency_contraception/outcome": event.Text("given"),
		}
	})
	f := counted(t, d, casework.Counting{First: "2026-02", Last: "2026-02", Basis: stats.ByReport, Group: stats.Month})
	got := indicators(f)
	if pep := got["pep"]; pep.Numerator != all-declined || pep.Denominator != all || pep.Unknown != 0 || pep.Parts[2].N != declined {
		t.Errorf("PEP: %+v", pep)
	}
	if ec := got["ec"]; ec.Numerator != all || ec.Denominator != all || ec.Unknown != 0 {
		t.Errorf("emergency contraception: %+v", ec)
	}
	age := f.Counts.Table("age")
	if n := age.At(slices.Index(age.RowIDs, "18_49"), -1, -1); n != all {
		t.Errorf("%d of a known age, want %d", n, all)
	}
	if delay := got["delay"]; delay.Denominator != all || delay.Parts[0].N != all {
		t.Errorf("delay: %+v", delay)
	}
}

// The indicators on care follow what is written in the case files: a safety plan only
// where one is needed, a plan that is whole, where goals stand as the last follow-up says.
func TestFigures_careAsItIsRecorded(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	text := event.Text
	base := func(more casework.Values) casework.Values {
		v := casework.Values{"status": text("open"), "created_on": text("2026-02-03"), "sex": text("female"), "age": event.Int(30)}
		maps.Copy(v, more)
		return v
	}
	const plan, follow = "action_plan_section/", "gbv_follow_up_subform_section/"
	files := []casework.Values{
		base(casework.Values{ // everything
			"risk_level": text("low"), "assessment_safety_needs": text("a"), "assessment_health_needs": text("b"), "assessment_psychosocial_needs": text("c"),
			"assessment_legal_needs": text("d"), "assessment_material_needs": text("e"),
			"safety_plan_needed": event.Bool(true), "safety_plan_completion_date": text("2026-02-05"), "safety_plan_main_concern": text("words"),
			plan + "1/service_type": text("psychosocial_service"), plan + "1/service_referral": text("service_provided_by_your_agency"), plan + "1/action_plan_description": text("words"),
			plan + "2/service_type": text("legal_assistance_service"), plan + "2/service_referral": text("referred"),
			"approval/x/approval_type": text("case_plan"), "approval/x/status": text("approved"), "gbv_disability_type": text("no"),
			follow + "1/followup_date": text("2026-02-10"), follow + "1/gbv_assessment_progress_safety": text("in_progress"), follow + "1/gbv_assessment_progress_justice": text("n_a"),
			follow + "2/followup_date": text("2026-02-20"), follow + "2/gbv_assessment_progress_safety": text("met"), follow + "2/gbv_assessment_progress_health": text("in_progress"),
		}),
		base(casework.Values{"safety_plan_needed": text("true")}),  // needed, and not made; the yes arrived as text
		base(casework.Values{"safety_plan_needed": text("false")}), // needs none
		base(casework.Values{
			"age":                   event.Int(15), // said of nothing: a plan that is not whole
			plan + "1/service_type": text("health_medical_service"), plan + "1/service_referral": text("service_provided_by_your_agency"),
		}),
		base(casework.Values{"created_on": text("2025-10-01"), "status": text("closed"), "date_closure": text("2026-02-12"), "closure_reason": text("closure_needs_met"), "closure_supervisor_review": event.Bool(true)}),
		base(casework.Values{"status": text("closed"), "date_closure": text("2026-02-27"), "closure_reason": text("closure_survivor_contact")}),
	}
	brought(t, d, len(files), func(i int) casework.Values { return files[i] })
	got := indicators(counted(t, d, casework.Counting{First: "2026-02", Last: "2026-02", Basis: stats.ByReport, Group: stats.Month}))
	for id, want := range map[string][3]int{
		"cases_opened": {5, 0, 0}, "assessment": {1, 5, 0}, "safety_plan": {1, 2, 2}, "action_plan": {1, 5, 0}, "plan_approved": {1, 1, 0},
		"referrals_per_case": {1, 5, 0}, "follow_ups_per_case": {2, 5, 0}, "services_by_type": {0, 2, 0}, "services_by_age": {0, 2, 0}, "services_by_disability": {0, 1, 1},
		"goal_safety": {1, 1, 4}, "goal_health": {0, 1, 4}, "goal_justice": {0, 0, 4}, "cases_closed": {2, 0, 0}, "duration": {0, 2, 0}, "closed_within_90": {1, 2, 0},
		"closure_reasons": {0, 2, 0}, "closure_reviewed": {1, 1, 1}, "caseload": {0, 1, 4},
	} {
		if i := got[id]; [3]int{i.Numerator, i.Denominator, i.Unknown} != want {
			t.Errorf("%s: %d of %d, %d unknown; want %v", id, i.Numerator, i.Denominator, i.Unknown, want)
		}
	}
	part := func(id, part string) int {
		for _, p := range got[id].Parts {
			if p.ID == part {
				return p.N
			}
		}
		return -1
	}
	for _, want := range []struct {
		id, part string
		n        int
	}{
		{"duration", "91_180_days", 1},
		{"duration", "0_30_days", 1},
		{"closure_reasons", "closure_survivor_contact", 1},
		{"services_by_age", "12_17", 1},
		{"services_by_age", "18+", 1},
		{"services_by_type", "psychosocial_service", 1},
		{"services_by_sex", "female", 2},
		{"caseload", "under_10", 1},
	} {
		if n := part(want.id, want.part); n != want.n {
			t.Errorf("%s, %s: %d, want %d", want.id, want.part, n, want.n)
		}
	}
	if i := got["satisfaction"]; i.ID != "" {
		t.Errorf("of what nobody said: %+v", i)
	}
}
