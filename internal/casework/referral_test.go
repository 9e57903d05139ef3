package casework_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/referral"
	"amana/internal/vault"
)

const provider = "Clinique du Fleuve"

// refusing is a case whose person said yes to care and no to everything else.
func refusing(team amana.TeamID) casework.Intake {
	in := intake(team)
	in.Consents = []casework.Consent{{Purpose: amana.PurposeCare, Decision: amana.Granted, How: "spoken"}}
	for _, p := range amana.Purposes() {
		if p != amana.PurposeCare && p != amana.PurposeReferral {
			in.Consents = append(in.Consents, casework.Consent{Purpose: p, Decision: amana.Refused})
		}
	}
	return in
}

type referring struct {
	*casework.Desk
	o        *office
	caseID   amana.RecordID
	referral amana.RecordID
}

// refer opens a case and prepares a referral.
func refer(t *testing.T) referring {
	t.Helper()
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	id, err := d.OpenCase(t.Context(), refusing(d.Me().Teams[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	r := referring{d, o, id, amana.RecordID{}}
	r.referral, err = d.ProposeReferral(t.Context(), id, casework.NewReferral{Service: "health_medical_service", Name: amana.Conceal(provider)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r referring) agree(t *testing.T, items ...referral.Item) {
	t.Helper()
	err := r.AgreeReferral(t.Context(), r.caseID, r.referral, casework.Agreement{
		Decision: amana.Granted, Items: append(referral.Minimal(), items...), Company: event.Bool(true),
		Consent: casework.Consent{GivenBy: "self", How: "spoken", Language: "fra"}, Reporting: "1",
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r referring) file(t *testing.T) casework.ReferralFile {
	t.Helper()
	f, err := r.ReadReferral(t.Context(), r.caseID, r.referral)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (r referring) step(t *testing.T, s referral.State, reason string) {
	t.Helper()
	if err := r.StepReferral(t.Context(), r.caseID, r.referral, casework.ReferralStep{State: s, Reason: reason}); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
}

var slip = referral.SlipWords{Place: amana.Conceal("La porte bleue"), Person: amana.Conceal("Mme Awa"), Day: "2026-03-02"}

// Requirement 2: a whole referral and the clinical record of somebody who refused
// every other purpose. Nothing is missing.
func TestReferral_wholeWithAllOtherPurposesRefused(t *testing.T) {
	r := refer(t)
	ctx := t.Context()
	if err := r.ChangeRecord(ctx, r.caseID, casework.Change{Record: r.caseID, Values: casework.Values{
		"assessment_health_needs": event.Text("Soins du jour : faits."), "assessment_safety_needs": event.Text("Aucun."),
	}}); err != nil {
		t.Fatal(err)
	}
	if err := r.AddFollowUp(ctx, r.caseID, casework.Values{"followup_date": event.Text("2026-03-01"), "action_taken_details": event.Text("Vue.")}); err != nil {
		t.Fatal(err)
	}
	if f := r.file(t); f.Course.State != referral.Draft || f.Urgency != referral.High || !f.Package.IsZero() || f.Refusal != "referral.refused.not_asked" {
		t.Fatalf("before she was asked: %s %s %s", f.Course.State, f.Urgency, f.Refusal)
	}
	r.agree(t)
	p, err := r.SendReferral(ctx, r.caseID, r.referral, casework.Dispatch{Channel: referral.Paper, Slip: slip})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range []referral.Item{referral.ItemCode, referral.ItemService, referral.ItemAgeBand, referral.ItemSex, referral.ItemUrgency, referral.ItemCompany} {
		if _, in := p.Line(item); !in {
			t.Errorf("%s does not leave, and she agreed", item)
		}
	}
	for _, item := range append(referral.Extra(), referral.Never()...) {
		if _, in := p.Line(item); in {
			t.Errorf("%s leaves, and she did not agree", item)
		}
	}
	r.o.now = r.o.now.Add(26 * time.Hour)
	for _, s := range []referral.State{referral.FirstContact, referral.ServiceReceived, referral.FeedbackToSurvivor, referral.Closed} {
		r.step(t, s, "")
	}
	f, err := r.ReadCase(ctx, r.caseID)
	if err != nil || len(f.Care.Referrals) != 1 {
		t.Fatalf("%d referrals, %v", len(f.Care.Referrals), err)
	}
	got := f.Care.Referrals[0]
	if got.Course.State != referral.Closed || got.Course.BSeR() != "7.0" || got.Reporting != "1" || got.Overdue || !got.Due.IsZero() {
		t.Errorf("at the end: %s %s %q due %v", got.Course.State, got.Course.BSeR(), got.Reporting, got.Due)
	}
	for _, c := range f.Consents {
		want := amana.Refused
		switch {
		case c.Purpose == amana.PurposeCare, c.Purpose == amana.PurposeReferral && !c.Recipient.IsEmpty():
			want = amana.Granted
		case c.Purpose == amana.PurposeReferral:
			want = amana.NotAsked
		}
		if c.Decision != want {
			t.Errorf("%s: %s, want %s", c.Purpose, c.Decision, want)
		}
	}
	if len(f.FollowUps) != 1 || f.Tampered+f.Unread != 0 {
		t.Errorf("%d follow-ups, %d tampered, %d unread", len(f.FollowUps), f.Tampered, f.Unread)
	}
}

// Requirement 3: without a standing consent for this recipient nothing is handed
// out and nothing is noted as sent.
func TestSendReferral_failsClosed(t *testing.T) {
	say := func(to string, d amana.Decision, until string) casework.Consent {
		return casework.Consent{Purpose: amana.PurposeReferral, Recipient: amana.Conceal(to), Decision: d, Until: until}
	}
	tests := []struct {
		name   string
		say    []casework.Consent
		refuse bool
	}{
		{"agreed", nil, false},
		{"withdrawn for this one", []casework.Consent{say(provider, amana.Withdrawn, "")}, true},
		{"withdrawn as a whole", []casework.Consent{say("", amana.Withdrawn, "")}, true},
		{"over", []casework.Consent{say(provider, amana.Granted, "2026-02-28")}, true},
		{"taken back to not asked", []casework.Consent{say(provider, amana.NotAsked, "")}, true},
		{"another one withdrawn", []casework.Consent{say("Autre", amana.Withdrawn, "")}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := refer(t)
			if _, err := r.SendReferral(t.Context(), r.caseID, r.referral, casework.Dispatch{Channel: referral.Phone}); !errors.Is(err, amana.ErrRefused) {
				t.Fatalf("before she was asked: %v", err)
			}
			r.agree(t)
			if err := r.SetConsent(t.Context(), r.caseID, tt.say); err != nil {
				t.Fatal(err)
			}
			p, err := r.SendReferral(t.Context(), r.caseID, r.referral, casework.Dispatch{Channel: referral.Phone})
			if refused := errors.Is(err, amana.ErrRefused); refused != tt.refuse || p.IsZero() != tt.refuse {
				t.Fatalf("refused %v (%v), package %v", refused, err, !p.IsZero())
			}
			if f := r.file(t); f.Package.IsZero() != tt.refuse || f.Course.Left() == tt.refuse {
				t.Errorf("left %v at %s", f.Course.Left(), f.Course.State)
			}
		})
	}
}

// between calls something at the moment at which a save waits to be written.
type between struct {
	context.Context
	once *sync.Once
	do   func()
}

func (b between) Err() error {
	b.once.Do(b.do)
	return b.Context.Err()
}

// Whoever withdraws between the look at her consents and the writing stops it.
func TestSendReferral_stopsWhenSheWithdrawsMeanwhile(t *testing.T) {
	r := refer(t)
	r.agree(t)
	happened := false
	ctx := between{t.Context(), &sync.Once{}, func() {
		happened = true
		if err := r.SetConsent(context.WithoutCancel(t.Context()), r.caseID, []casework.Consent{
			{Purpose: amana.PurposeReferral, Recipient: amana.Conceal(provider), Decision: amana.Withdrawn},
		}); err != nil {
			t.Error(err)
		}
	}}
	p, err := r.SendReferral(ctx, r.caseID, r.referral, casework.Dispatch{Channel: referral.Phone})
	if !happened {
		t.Fatal("nothing happened between: this test proves nothing")
	}
	if !errors.Is(err, amana.ErrRefused) || !p.IsZero() {
		t.Fatalf("%v, package %v: want refused and none", err, !p.IsZero())
	}
	if f := r.file(t); f.Course.State != referral.Withdrawn {
		t.Errorf("stands at %s", f.Course.State)
	}
}

func TestReferral_sheDecides(t *testing.T) {
	r := refer(t)
	if err := r.AgreeReferral(t.Context(), r.caseID, r.referral, casework.Agreement{Decision: amana.Refused}); err != nil {
		t.Fatal(err)
	}
	f := r.file(t)
	if f.Course.State != referral.Withdrawn || f.Course.Outcome() != "referral_declined_by_survivor" || f.Refusal != "referral.refused.refused" {
		t.Errorf("%s %s %s", f.Course.State, f.Course.Outcome(), f.Refusal)
	}
	if _, err := r.SendReferral(t.Context(), r.caseID, r.referral, casework.Dispatch{Channel: referral.Phone}); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("sent: %v", err)
	}
}

// Where she withdraws after it was sent, her consent is withdrawn with it, and the
// partner has to be asked to stop.
func TestReferral_withdrawnAfterItWasSent(t *testing.T) {
	r := refer(t)
	r.agree(t)
	if _, err := r.SendReferral(t.Context(), r.caseID, r.referral, casework.Dispatch{Channel: referral.InPerson}); err != nil {
		t.Fatal(err)
	}
	r.step(t, referral.Withdrawn, "she_decided")
	f := r.file(t)
	if f.Refusal != "referral.refused.withdrawn" || f.Consent.Decision != amana.Withdrawn || f.Course.BSeR() != "5.4" {
		t.Errorf("%s %s %s", f.Refusal, f.Consent.Decision, f.Course.BSeR())
	}
}

func TestReferral_overdue(t *testing.T) {
	r := refer(t)
	r.agree(t)
	if _, err := r.SendReferral(t.Context(), r.caseID, r.referral, casework.Dispatch{Channel: referral.Paper, Slip: slip}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct {
		after   time.Duration
		overdue int
	}{{71 * time.Hour, 0}, {2 * time.Hour, 1}} {
		r.o.now = r.o.now.Add(at.after)
		list, err := r.Referrals(t.Context(), casework.ReferralQuery{Which: casework.ReferralsOverdue})
		if err != nil || len(list.Rows) != at.overdue || list.Overdue != at.overdue {
			t.Errorf("%d overdue of %d, %v, want %d", len(list.Rows), list.Total, err, at.overdue)
		}
	}
	for which, want := range map[string]int{casework.ReferralsOpen: 1, casework.ReferralsWaiting: 1, casework.ReferralsEnded: 0, casework.ReferralsAll: 1} {
		if list, _ := r.Referrals(t.Context(), casework.ReferralQuery{Which: which, Mine: true, Service: "health_medical_service"}); list.Total != want {
			t.Errorf("%q: %d, want %d", which, list.Total, want)
		}
	}
	r.step(t, referral.NotReceived, "no_news")
	if list, _ := r.Referrals(t.Context(), casework.ReferralQuery{Which: casework.ReferralsOverdue}); list.Total != 0 {
		t.Error("still overdue")
	}
}

func TestReferral_stepsAreNotSkipped(t *testing.T) {
	r := refer(t)
	for _, s := range []referral.State{referral.Consented, referral.Sent, referral.ServiceReceived, referral.Closed} {
		err := r.StepReferral(t.Context(), r.caseID, r.referral, casework.ReferralStep{State: s})
		if _, ok := errors.AsType[*referral.MoveError](err); !ok {
			t.Errorf("%s: %v", s, err)
		}
	}
	r.agree(t)
	if _, err := r.SendReferral(t.Context(), r.caseID, r.referral, casework.Dispatch{Channel: referral.Paper, Slip: referral.SlipWords{Place: amana.Conceal("Centre VBG")}}); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a slip that gives her away: %v", err)
	}
	if _, err := r.SendReferral(t.Context(), r.caseID, r.referral, casework.Dispatch{Channel: referral.Phone}); err != nil {
		t.Fatal(err)
	}
	err := r.StepReferral(t.Context(), r.caseID, r.referral, casework.ReferralStep{State: referral.Accepted, When: "2026-03-09"})
	if fields, ok := errors.AsType[casework.FieldErrors](err); !ok || fields["when"] == "" {
		t.Errorf("accepted tomorrow: %v", err)
	}
	r.step(t, referral.Declined, "no_capacity")
	last, _ := r.file(t).Course.Last()
	if err := r.TakeBackStep(t.Context(), r.caseID, r.referral, last.Item); err != nil {
		t.Fatal(err)
	}
	if f := r.file(t); f.Course.State != referral.Sent || f.Due.IsZero() {
		t.Errorf("after taking back: %s", f.Course.State)
	}
	if err := r.TakeBackStep(t.Context(), r.caseID, r.referral, last.Item); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
}

func planLine(caseID amana.RecordID, item, service string) vault.Change {
	return vault.Change{Record: caseID, Facts: []event.Fact{
		event.Set{Field: "action_plan_section/" + item + "/service_type", Value: event.Text(service)},
		event.Set{Field: "action_plan_section/" + item + "/service_provider", Value: event.Text("Maison du droit")},
	}}
}

func TestReferral_fromTheActionPlan(t *testing.T) {
	r := refer(t)
	ctx := t.Context()
	err := r.Session().Save(ctx, planLine(r.caseID, "a1", "legal_assistance_service"), planLine(r.caseID, "b2", "food_service"))
	if err != nil {
		t.Fatal(err)
	}
	needs, err := r.PlannedNeeds(ctx, r.caseID)
	if err != nil || len(needs) != 2 {
		t.Fatalf("%d needs, %v", len(needs), err)
	}
	i := slices.IndexFunc(needs, func(n casework.PlannedNeed) bool { return n.Service == "legal_assistance_service" })
	id, err := r.ProposeReferral(ctx, r.caseID, casework.NewReferral{Service: needs[i].Service, Name: needs[i].Name, Plan: needs[i].Item})
	if err != nil {
		t.Fatal(err)
	}
	if needs, _ := r.PlannedNeeds(ctx, r.caseID); len(needs) != 1 || needs[0].Service != "food_service" {
		t.Errorf("needs that are left: %d", len(needs))
	}
	r.referral = id
	r.step(t, referral.Withdrawn, "received_elsewhere")
	f, err := r.Session().Peek(r.caseID)
	if got := f.Case.Value("action_plan_section/a1/service_referral").Reveal(); err != nil || got != "services_already_received_from_another_agency" {
		t.Errorf("the plan says %q, %v", got, err)
	}
}

// Requirement 37, as a case has it: of somebody who is never to be contacted the
// file holds no reminder and no number.
func TestContact_never(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	for _, tt := range []struct {
		how     []string
		contact amana.Decision
		want    int
	}{
		{[]string{"phone_call", "visit"}, amana.Granted, 2},
		{[]string{"phone_call", "visit"}, amana.Refused, 0},
		{[]string{"phone_call", "visit"}, amana.NotAsked, 0},
		{[]string{"phone_call", "never"}, amana.Granted, 0},
		{[]string{"only_when_she_comes"}, amana.Granted, 0},
	} {
		in := intake(d.Me().Teams[0].ID)
		in.Identity["contact_how"], in.Identity["contact_phone"] = event.List(tt.how...), event.Text("+22370000017")
		in.Consents = []casework.Consent{{Purpose: amana.PurposeContact, Decision: tt.contact}}
		id, err := d.OpenCase(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.AddFollowUp(t.Context(), id, casework.Values{
			"followup_date": event.Text("2026-03-01"), "need_follow_up_visit": event.Bool(true), "when_follow_up_visit_should_happen": event.Text("2026-03-15"),
		}); err != nil {
			t.Fatal(err)
		}
		f, err := d.ReadCase(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(f.Care.Contact.Reminders); got != tt.want || (f.Care.Contact.Why == "") != (tt.want > 0) {
			t.Errorf("%v, %s: %d reminders because %q, want %d", tt.how, tt.contact, got, f.Care.Contact.Why, tt.want)
		}
	}
}
