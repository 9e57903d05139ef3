package casework_test

import (
	"errors"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/child"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/xlsform"
)

// fill fills in a form of the project.
func fill(t *testing.T, id string, answers xlsform.Answers) form.Filling {
	t.Helper()
	f, known := form.Builtin().Form(id)
	if !known {
		t.Fatalf("no form %s", id)
	}
	return form.Filling{Form: f, Answers: answers}
}

func faultAt(err error, path string) string {
	faults, _ := errors.AsType[form.Faults](err)
	for _, f := range faults {
		if f.Path == path {
			return f.Key
		}
	}
	return ""
}

const (
	assessment   = "survivor_assessment_form"
	problem      = "assessment_presenting_problem"
	whatHappened = "gbv_incident_form"
	told         = "incident_description"
)

// Requirement 10: no account before it was asked whether there is one already, and a
// second one only with a reason and a supervisor. What is no account never waits.
func TestGuard_beforeAnyAccount(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	d := o.unlock(t, adminWords)
	team := d.Me().Teams[0].ID
	in := intake(team)
	in.Case[problem] = event.Text("Ce qu’elle raconte.")
	if _, err := d.OpenCase(ctx, in); faultAt(err, problem) != "guard.ask" {
		t.Fatalf("an account in the first conversation, nothing asked: %v", err)
	}
	in.Case["prior_interview"] = event.Bool(true)
	if _, err := d.OpenCase(ctx, in); faultAt(err, problem) != "guard.intake" {
		t.Fatalf("an account of what was recorded elsewhere: %v", err)
	}
	delete(in.Case, problem)
	id, err := d.OpenCase(ctx, in)
	if err != nil {
		t.Fatalf("all but the account: %v", err)
	}
	save := func(formID string, rec amana.RecordID, answers xlsform.Answers) error {
		_, err := d.SaveForm(ctx, id, casework.FormChange{Record: rec, Filling: fill(t, formID, answers)})
		return err
	}
	account := xlsform.Answers{problem: event.Text("Ce qu’elle raconte.")}
	if err := save(assessment, id, xlsform.Answers{"assessment_health_needs": event.Text("Consultation.")}); err != nil {
		t.Errorf("care waits for the guard: %v", err)
	}
	if err := save(assessment, id, account); faultAt(err, problem) != "guard.reason" {
		t.Errorf("without a reason: %v", err)
	}
	if err := d.ChangeRecord(ctx, id, casework.Change{Record: id, Values: casework.Values(account)}); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("by the other door: %v", err)
	}
	var fields casework.FieldErrors
	if err := d.AskAccount(ctx, id, amana.Private{}); !errors.As(err, &fields) {
		t.Errorf("asked without a reason: %v", err)
	}
	if err := d.AskAccount(ctx, id, amana.Conceal("Elle veut ajouter quelque chose.")); err != nil {
		t.Fatal(err)
	}
	if err := d.AskAccount(ctx, id, amana.Conceal("Encore.")); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("asked twice: %v", err)
	}
	if err := save(assessment, id, account); faultAt(err, problem) != "guard.agreement" {
		t.Errorf("before the supervisor answered: %v", err)
	}
	f, err := d.ReadCase(ctx, id)
	if err != nil || f.Work.Guard.Lacks() != "guard.agreement" || !f.Work.Guard.Earlier {
		t.Fatalf("%+v, %v", f.Work.Guard, err)
	}
	item := f.Work.Asked[0].ID
	if err := d.DecideApproval(ctx, id, item, true, amana.Private{}); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("one's own work: %v", err)
	}
	_, words, err := d.AddMember(ctx, casework.NewMember{Name: "Superviseure", Roles: []amana.Role{amana.RoleSupervisor}, Teams: []amana.TeamID{team}})
	if err != nil {
		t.Fatal(err)
	}
	sup := o.unlock(t, words)
	if err := sup.DecideApproval(ctx, id, item, true, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	if err := save(assessment, id, account); err != nil {
		t.Errorf("agreed to: %v", err)
	}
	if err := save(assessment, id, xlsform.Answers{problem: event.Text("Ce qu’elle raconte, corrigé.")}); err != nil {
		t.Errorf("mending an account that stands: %v", err)
	}
}

// The first incident is the conversation the case began with; one more takes a
// supervisor.
func TestGuard_aSecondIncident(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	d := o.unlock(t, adminWords)
	in := intake(d.Me().Teams[0].ID)
	in.Case["prior_interview"] = event.Say(event.Declined) // asked; not said is an answer
	id, err := d.OpenCase(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	account := xlsform.Answers{told: event.Text("Ce qu’elle raconte.")}
	for n, want := range []string{"", "guard.reason"} {
		rec, err := d.BeginIncident(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.SaveForm(ctx, id, casework.FormChange{Record: rec, Filling: fill(t, whatHappened, account)})
		if got := faultAt(err, told); got != want || want == "" && err != nil {
			t.Errorf("incident %d: %q, want %q (%v)", n+1, got, want, err)
		}
	}
}

// Requirement 28: the version that was read is kept in the consent, from wherever
// it was read, and no other version than the organisation's.
func TestReporting_isKeptInTheConsent(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	d := o.unlock(t, adminWords)
	notice := casework.ReportingNotice{Country: "ML", Words: map[string]string{"fr": "Un avis inventé."}}
	if err := d.Adopt(ctx, casework.ReportingTable, "notice-1", notice.Encode()); err != nil {
		t.Fatal(err)
	}
	version := d.Reporting().Version
	if version == "" {
		t.Fatal("no version")
	}
	kept := func(id amana.RecordID) string {
		f, err := d.ReadCase(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return f.Work.Reporting
	}
	in := casework.Intake{Team: d.Me().Teams[0].ID, Reporting: version}
	id, err := d.OpenCase(ctx, in)
	if err != nil || kept(id) != version {
		t.Errorf("at the first conversation: %q, %v", kept(id), err)
	}
	in.Reporting = "made up"
	id, err = d.OpenCase(ctx, in)
	if err != nil || kept(id) != "" {
		t.Errorf("a version that nobody adopted: %q, %v", kept(id), err)
	}
	_, err = d.SaveForm(ctx, id, casework.FormChange{
		Record: id, Reporting: version, Filling: fill(t, assessment, xlsform.Answers{"assessment_health_needs": event.Text("Soin.")}),
	})
	if err != nil || kept(id) != version {
		t.Errorf("before an account: %q, %v", kept(id), err)
	}
}

// Requirement 27, on cases: at each edge of the bands, who may say yes to being
// counted, with a caregiver who supports and with one who may be involved.
func TestChildren_consentAtEveryAge(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	team := d.Me().Teams[0].ID
	for _, tt := range []struct {
		age              int64
		carer            child.Carer
		allowed, refused []string
	}{
		{5, child.Supports, []string{"guardian"}, []string{"self", ""}},
		{5, child.Involved, []string{"trusted_adult"}, []string{"guardian", "guardian_with_assent"}},
		{6, child.Supports, []string{"guardian_with_assent"}, []string{"guardian", "self"}},
		{11, child.Involved, []string{"supervisor_with_assent"}, []string{"guardian_with_assent", "trusted_adult"}},
		{12, child.Supports, []string{"guardian_with_assent"}, []string{"self"}},
		{14, child.Absent, []string{"trusted_adult_with_assent"}, []string{"self", "guardian_with_assent"}},
		{15, child.Supports, []string{"self", "self_with_guardian"}, []string{"guardian"}},
		{17, child.Involved, []string{"self"}, []string{"self_with_guardian", "guardian_with_assent"}},
		{18, child.Supports, []string{"self", ""}, []string{"guardian", "guardian_with_assent"}},
	} {
		try := func(by string, p amana.Purpose) error {
			in := casework.Intake{Team: team, Case: casework.Values{
				"age": event.Int(tt.age), "caregiver_role": event.Text(string(tt.carer)), "best_interests": event.Text("Sa tante décide avec elle."),
			}, Consents: []casework.Consent{{Purpose: p, Decision: amana.Granted, GivenBy: by}}}
			_, err := d.OpenCase(t.Context(), in)
			return err
		}
		for _, by := range tt.allowed {
			if err := try(by, amana.PurposeStatistics); err != nil {
				t.Errorf("%d years, %s, by %q: %v", tt.age, tt.carer, by, err)
			}
		}
		for _, by := range tt.refused {
			var bad casework.FieldErrors
			if err := try(by, amana.PurposeStatistics); !errors.As(err, &bad) || bad["consent_given_by"] == "" {
				t.Errorf("%d years, %s, by %q: passes (%v)", tt.age, tt.carer, by, err)
			}
			if err := try(by, amana.PurposeCare); err != nil {
				t.Errorf("%d years, %s, by %q: care waits for a signature: %v", tt.age, tt.carer, by, err)
			}
		}
	}
}

// The same where a referral asks, and where the form asks service by service.
func TestChildren_referralAndForm(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	d := o.unlock(t, adminWords)
	id, err := d.OpenCase(ctx, casework.Intake{Team: d.Me().Teams[0].ID, Case: casework.Values{
		"age": event.Int(11), "caregiver_role": event.Text("may_be_involved"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	ref, err := d.ProposeReferral(ctx, id, casework.NewReferral{Service: "health_medical_service", Name: amana.Conceal("Clinique")})
	if err != nil {
		t.Fatal(err)
	}
	agree := func(by, why string) error {
		return d.AgreeReferral(ctx, id, ref, casework.Agreement{Decision: amana.Granted, Consent: casework.Consent{GivenBy: by, BestInterests: amana.Conceal(why)}})
	}
	var bad casework.FieldErrors
	if err := agree("guardian_with_assent", "x"); !errors.As(err, &bad) || bad["consent_given_by"] != "child.missing.silent" {
		t.Errorf("the caregiver who may be involved agrees: %v", err)
	}
	yes := event.Bool(true)
	shares := xlsform.Answers{"consent_to_share_info_by_legal": yes, "consent_to_share_legal_organization": event.Text("Maison du droit")}
	share := func() error {
		_, err := d.SaveForm(ctx, id, casework.FormChange{Record: id, Filling: fill(t, "consent_for_referrals", shares)})
		return err
	}
	if err := share(); faultAt(err, "consent_to_share_info_by_legal") != "child.missing.who" {
		t.Errorf("the form, nobody agreed: %v", err)
	}
	if err := agree("trusted_adult_with_assent", "Sa tante décide avec elle."); err != nil {
		t.Errorf("a trusted adult, and why: %v", err)
	}
	_, err = d.SaveForm(ctx, id, casework.FormChange{Record: id, Filling: fill(t, "child", xlsform.Answers{
		"age": event.Int(11), "caregiver_role": event.Text("may_be_involved"), "child_assent": yes, "child_decides_with": event.Text("trusted_adult"),
	})})
	if err != nil {
		t.Fatal(err)
	}
	if err := share(); err != nil {
		t.Fatalf("the form, as the form about children has it: %v", err)
	}
	atOnce := casework.Intake{
		Team: d.Me().Teams[0].ID, Case: casework.Values{"age": event.Int(11)}, Forms: []form.Filling{fill(t, "consent_for_referrals", shares)},
	}
	if _, err := d.OpenCase(ctx, atOnce); faultAt(err, "consent_to_share_info_by_legal") != "child.missing.who" {
		t.Errorf("the form in the first conversation, nobody agreed: %v", err)
	}
	f, err := d.ReadCase(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Consents {
		if c.Recipient.Reveal() == "Maison du droit" && c.GivenBy != child.TrustedAdultWithAssent {
			t.Errorf("given by %q", c.GivenBy)
		}
	}
}

func TestFindKnown(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	d := o.unlock(t, adminWords)
	in := intake(d.Me().Teams[0].ID)
	in.Identity["name"], in.Identity["contact_phone"] = event.Text("Aïchatou Mint Mohamed"), event.Text("+22370000017")
	id, err := d.OpenCase(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	f, err := d.ReadCase(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	hide := func(s string) amana.Private { return amana.Conceal(s) }
	for name, tt := range map[string]struct {
		k    casework.Known
		want bool
	}{
		"the code":                   {casework.Known{Code: hide(f.Code)}, true},
		"the code as it is typed":    {casework.Known{Code: hide(" " + f.Code[:4] + f.Code[5:])}, true},
		"the telephone, the country": {casework.Known{Phone: hide("70 00 00 17")}, true},
		"the name as it is heard":    {casework.Known{Name: hide("Aichatou mint Mohammed")}, true},
		"in Arabic letters":          {casework.Known{Name: hide("محمد")}, true},
		"part of it":                 {casework.Known{Name: hide("Aichatou Traoré")}, true},
		"somebody else":              {casework.Known{Name: hide("Boubacar Diarra"), Phone: hide("66 11 22 33")}, false},
		"nothing":                    {casework.Known{}, false},
	} {
		list, err := d.FindKnown(ctx, tt.k)
		if err != nil || (len(list) == 1 && list[0].ID == id) != tt.want {
			t.Errorf("%s: %d found, %v", name, len(list), err)
		}
	}
	_, words, err := d.AddMember(ctx, casework.NewMember{Name: "Autre", Roles: []amana.Role{amana.RoleCaseworker}})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := o.unlock(t, words).FindKnown(ctx, casework.Known{Name: hide("Aïchatou")}); err != nil || len(list) > 0 {
		t.Errorf("by somebody of no team: %d found, %v", len(list), err)
	}
}

// Requirement 16: whoever only supervises sees codes in lists.
func TestCases_supervisorsSeeCodesOnly(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	d := o.unlock(t, adminWords)
	if _, err := d.OpenCase(ctx, intake(d.Me().Teams[0].ID)); err != nil {
		t.Fatal(err)
	}
	_, words, err := d.AddMember(ctx, casework.NewMember{Name: "S", Roles: []amana.Role{amana.RoleSupervisor}, Teams: []amana.TeamID{d.Me().Teams[0].ID}})
	if err != nil {
		t.Fatal(err)
	}
	list, err := o.unlock(t, words).Cases(ctx, casework.Query{})
	if err != nil || len(list.Rows) != 1 {
		t.Fatalf("%d rows, %v", len(list.Rows), err)
	}
	if row := list.Rows[0]; row.HasName || !row.Name.IsEmpty() || row.Code == "" {
		t.Error("the list of a supervisor shows a name")
	}
}
