package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/vault"
)

// ProposeReferral prepares a referral. Nothing leaves. Kinds: FieldErrors.
func (d *Desk) ProposeReferral(ctx context.Context, caseID amana.RecordID, n NewReferral) (amana.RecordID, error) {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return amana.RecordID{}, err
	}
	if n.Urgency == "" {
		n.Urgency = referral.UrgencyOf(record.CaseOf(&f.Case.Record).Risk, d.pressing(&f))
	}
	values := Values{
		"survivor_code_no": f.Case.Value("survivor_code_no"), "service": event.Text(n.Service),
		"provider_name": event.Text(n.Name.Reveal()), "urgency": event.Text(string(n.Urgency)), "plan": event.Text(n.Plan),
	}
	if n.Provider, err = d.providerNamed(ctx, n); err != nil {
		return amana.RecordID{}, err
	}
	if !n.Provider.IsZero() {
		values["provider"] = event.Text(n.Provider.String())
	}
	bad := FieldErrors{}
	for _, required := range []string{"service", "provider_name"} {
		if values[required].IsZero() {
			bad[required] = string(record.FaultRequired)
		}
	}
	d.check(bad, amana.KindReferral, values)
	if len(bad) > 0 {
		return amana.RecordID{}, bad
	}
	id := d.session.NewRecord(amana.KindReferral)
	r := referralOf(id, caseID, d.session.Member(), 0, values)
	d.moved(values, r, referral.Step{State: referral.Draft})
	return id, d.session.Save(ctx, vault.Change{
		Record: id, Begin: &vault.Begin{Kind: amana.KindReferral, Case: caseID, Teams: f.Case.Teams}, Facts: sets(values),
	})
}

// providerNamed returns the service that a referral names, or none where somebody
// wrote another name over it: her consent is for the name that she was told.
func (d *Desk) providerNamed(ctx context.Context, n NewReferral) (amana.RecordID, error) {
	if n.Provider.IsZero() {
		return n.Provider, nil
	}
	s, err := d.ServiceByID(ctx, n.Provider)
	if err != nil {
		return amana.RecordID{}, err
	}
	if s.Name() != n.Name.Reveal() {
		return amana.RecordID{}, nil
	}
	return n.Provider, nil
}

// moved adds a step to values, with the state and the day that lists show.
func (d *Desk) moved(values Values, r Referral, s referral.Step) referral.Course {
	s.Item, s.At, s.By = newItem(), d.office.now(), d.session.Member()
	all := Values{}
	for _, old := range r.Course.Steps {
		maps.Copy(all, old.Values())
	}
	for name, v := range s.Values() {
		all[name], values[name] = v, v
	}
	c := referral.CourseOf(all)
	values["status"] = event.Text(string(c.State))
	if due := d.ReferralTable().Due(c, r.Urgency); !due.IsZero() {
		values["next_due"] = event.Text(due.Format(time.DateOnly))
	}
	return c
}

// referralFacts are the facts of a step; where nothing is due any more, the day
// goes.
func referralFacts(values Values) []event.Fact {
	facts := sets(values)
	if values["next_due"].IsZero() {
		facts = append(facts, event.Removed{Field: "next_due"})
	}
	return facts
}

// openReferral peeks at a case and one referral of it.
func (d *Desk) openReferral(caseID, id amana.RecordID) (vault.CaseFile, Referral, error) {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return f, Referral{}, err
	}
	o, err := recordIn(&f, id, amana.KindReferral)
	if err != nil {
		return f, Referral{}, err
	}
	return f, d.referralIn(o), nil
}

// AgreeReferral records what she said to a referral: her consent for this
// recipient and, item by item, what may leave. Both are saved together. A no ends
// the referral. Kinds: FieldErrors, ErrRefused.
func (d *Desk) AgreeReferral(ctx context.Context, caseID, id amana.RecordID, a Agreement) error {
	f, r, err := d.openReferral(caseID, id)
	if err != nil {
		return err
	}
	step := referral.Step{State: referral.Consented}
	if a.Decision != amana.Granted {
		a.Decision, a.Items = amana.Refused, nil
		step = referral.Step{State: referral.Withdrawn, Reason: "she_decided"}
	}
	again := r.Course.State == referral.Consented && step.State == referral.Consented // she thought it over
	if err := referral.Move(r.Course.State, step.State, step.Reason); err != nil && !again {
		return err
	}
	a.Consent.Purpose, a.Consent.Recipient, a.Consent.Decision = amana.PurposeReferral, r.Name, a.Decision
	values := Values{
		"agreed": agreed(a.Items), "accompaniment": a.Company, "narrative": event.Text(a.Words.Reveal()),
		"reporting_version": event.Text(a.Reporting),
	}
	bad := FieldErrors{}
	checkConsents(bad, []Consent{a.Consent})
	d.minorOf(&f.Case.Record).checkMinor(bad, []Consent{a.Consent})
	d.check(bad, amana.KindReferral, values)
	if len(bad) > 0 {
		return bad
	}
	var facts []event.Fact
	for _, field := range []string{"agreed", "accompaniment", "narrative"} { // what was struck is gone
		if values[field].IsZero() {
			facts = append(facts, event.Removed{Field: field})
		}
	}
	if again {
		facts = append(facts, sets(values)...)
	} else {
		d.moved(values, r, step)
		facts = append(facts, referralFacts(values)...)
	}
	onCase, _ := besides([]Consent{a.Consent})
	consents := []event.Fact{a.Consent.fact()}
	if told := d.toldOf(f, a.Reporting); told != nil {
		consents = append(consents, told)
	}
	changes := []vault.Change{d.consentChange(&f, consents...), {Record: id, Facts: facts}}
	if len(onCase) > 0 {
		changes = append(changes, vault.Change{Record: caseID, Facts: onCase})
	}
	return d.session.Save(ctx, changes...)
}

// agreed keeps what she can be asked about, each once.
func agreed(list []referral.Item) event.Value {
	var ids []string
	for _, i := range list {
		if slices.Contains(referral.Asked(), i) && !slices.Contains(ids, string(i)) {
			ids = append(ids, string(i))
		}
	}
	return event.List(ids...)
}

// StepReferral notes what became of a referral. Where she withdraws, her consent
// for this recipient is withdrawn with it. Kinds: FieldErrors, ErrRefused as
// [*referral.MoveError].
func (d *Desk) StepReferral(ctx context.Context, caseID, id amana.RecordID, n ReferralStep) error {
	f, r, err := d.openReferral(caseID, id)
	if err != nil {
		return err
	}
	if n.State == referral.Consented || n.State == referral.Sent || n.State == referral.Draft {
		return &referral.MoveError{From: r.Course.State, To: n.State, Why: "referral.why.consent"}
	}
	if err := referral.Move(r.Course.State, n.State, n.Reason); err != nil {
		return err
	}
	step := referral.Step{State: n.State, When: n.When, Reason: n.Reason, Note: n.Note}
	if step.When == "" {
		step.When = d.today()
	}
	values := Values{}
	course := d.moved(values, r, step)
	bad := FieldErrors{}
	for name, v := range values {
		if fault := record.Validate(amana.KindReferral, name, v, d.office.now()); fault != "" {
			bad[last(name)] = string(fault)
		}
	}
	if len(bad) > 0 {
		return bad
	}
	changes := []vault.Change{{Record: id, Facts: referralFacts(values)}}
	if n.State == referral.Withdrawn && n.Reason == "she_decided" {
		changes = append(changes, d.consentChange(&f, event.Consented{
			Purpose: amana.PurposeReferral, Recipient: r.Name, Decision: amana.Withdrawn,
		}))
	}
	if plan, ok := planned(&f, r, course); ok {
		changes = append(changes, plan)
	}
	return d.session.Save(ctx, changes...)
}

// planned carries the outcome into the line of the action plan that the referral
// came from.
func planned(f *vault.CaseFile, r Referral, c referral.Course) (vault.Change, bool) {
	field := record.ActionPlans + "/" + r.Plan + "/service_referral"
	outcome := event.Text(c.Outcome())
	if r.Plan == "" || outcome.IsZero() || f.Case.Value(field).Equal(outcome) || len(f.Case.ItemCells(record.ActionPlans, r.Plan)) == 0 {
		return vault.Change{}, false
	}
	return vault.Change{Record: f.Case.ID, Facts: []event.Fact{event.Set{Field: field, Value: outcome}}}, true
}

// TakeBackStep takes back the last step of a referral: a slip of the finger, a
// call that nobody answered. The step stays on record as one that was taken back.
// What was sealed to a partner has left and is not taken back.
func (d *Desk) TakeBackStep(ctx context.Context, caseID, id amana.RecordID, item string) error {
	_, r, err := d.openReferral(caseID, id)
	if err != nil {
		return err
	}
	last, ok := r.Course.Last()
	if !ok || last.Item != item || last.State == referral.Draft {
		return fmt.Errorf("casework: referral %s: not its last step: %w", id, amana.ErrConflict)
	}
	if last.State == referral.Consented || last.State == referral.Sent && r.Channel == referral.AmanaFile {
		return &referral.MoveError{From: last.State, To: last.State, Why: "referral.why.left"}
	}
	field, yes := referral.TakenBack(item)
	all := Values{field: yes}
	for _, s := range r.Course.Steps {
		maps.Copy(all, s.Values())
	}
	c := referral.CourseOf(all)
	values := Values{field: yes, "status": event.Text(string(c.State))}
	if due := d.ReferralTable().Due(c, r.Urgency); !due.IsZero() {
		values["next_due"] = event.Text(due.Format(time.DateOnly))
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: referralFacts(values)})
}

func last(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[i+1:]
		}
	}
	return name
}

// PlanFollowUp puts a day on which to see her again on the case.
func (d *Desk) PlanFollowUp(ctx context.Context, caseID amana.RecordID, day string) error {
	return d.addItem(ctx, caseID, record.FollowUps, Values{
		"need_follow_up_visit": event.Bool(true), "when_follow_up_visit_should_happen": event.Text(day),
	}, "when_follow_up_visit_should_happen")
}

// AdoptReferralTable makes a table of waiting times the organisation's own. It is
// for administrators. Kinds: ErrInvalid, ErrRefused.
func (d *Desk) AdoptReferralTable(ctx context.Context, t referral.Table) error {
	if err := t.Check(); err != nil {
		return err
	}
	return d.Adopt(ctx, referral.TableName, d.today(), t.Bytes())
}
