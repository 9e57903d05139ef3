package task

import (
	"slices"
	"time"

	"amana"
	"amana/internal/record"
)

// needs are the questions of the assessment that show that it took place: what is
// declined was asked.
var needs = []string{
	"assessment_safety_needs", "assessment_health_needs", "assessment_psychosocial_needs",
	"assessment_legal_needs", "assessment_material_needs",
}

// Assessed reports whether her needs were gone through: the danger was judged, and
// each kind of need was asked about; or the form says that it is complete.
func Assessed(r *record.Record) bool {
	if !r.Value("assessment_completion_timing").IsZero() {
		return true
	}
	asked := func(name string) bool { return !r.Value(name).IsZero() }
	return asked("risk_level") && !slices.ContainsFunc(needs, func(n string) bool { return !asked(n) })
}

func (l *list) assessment() {
	if !Assessed(l.Case) {
		l.add(Task{Source: Assessment, Due: after(l.opened(), l.rules.Assessment)})
	}
}

// met returns the days on which follow-ups took place.
func (l *list) met() []string {
	var days []string
	for _, item := range l.Case.Items(record.FollowUps) {
		if d := day(l.text(record.FollowUps + "/" + item + "/followup_date")); d != "" {
			days = append(days, d)
		}
	}
	return days
}

// metSince reports whether a follow-up took place on a day or later.
func (l *list) metSince(from string) bool {
	return slices.ContainsFunc(l.met(), func(d string) bool { return d >= from })
}

// plan: an appointment is over when a follow-up on that day or later asked how it
// went.
func (l *list) plan() {
	for _, item := range l.Case.Items(record.ActionPlans) {
		name := record.ActionPlans + "/" + item
		on := day(l.text(name + "/service_appointment_date"))
		if on != "" && !l.metSince(on) {
			l.add(Task{Source: Plan, Item: item, Due: on, Service: l.text(name + "/service_type")})
		}
	}
}

// followUps: the next one, as agreed. One that was planned is done when another
// took place on that day or later.
func (l *list) followUps() {
	items := l.Case.Items(record.FollowUps)
	for _, item := range items {
		name := record.FollowUps + "/" + item
		planned := day(l.text(name + "/when_follow_up_visit_should_happen"))
		if planned == "" || no(l.Case.Value(name+"/need_follow_up_visit")) {
			continue
		}
		done := slices.ContainsFunc(items, func(other string) bool {
			return other != item && day(l.text(record.FollowUps+"/"+other+"/followup_date")) >= planned
		})
		if !done {
			l.add(Task{Source: FollowUp, Item: item, Due: planned, Contact: true})
		}
	}
}

// look: where nothing is agreed, somebody asks how she is after so many days, by
// the danger. Where she wants no contact nobody does.
func (l *list) look() {
	days := l.rules.Look[record.CaseOf(l.Case).Risk]
	if days == 0 || l.Reach == ReachNever {
		return
	}
	if slices.ContainsFunc(l.tasks, func(t Task) bool { return t.Source == FollowUp || t.Source == Plan || t.Source == Visit }) {
		return
	}
	last := day(l.opened())
	for _, d := range l.met() {
		last = max(last, d)
	}
	l.add(Task{Source: Look, Due: after(last, days), Contact: true})
}

// visits: whoever was treated is seen again. Only where the day of the assault is
// known to the day, and any treatment of the clock was given.
func (l *list) visits() {
	on := l.text("assault_date")
	if len(on) != len(time.DateOnly) || l.Reach == ReachNever || !l.treated() {
		return
	}
	for _, days := range l.rules.Visits {
		due := after(on, days)
		const early = -3 // who comes a little before the day has come
		if due != "" && !l.metSince(after(due, early)) {
			l.add(Task{Source: Visit, Due: due, Contact: true})
			return // one at a time
		}
	}
}

func (l *list) treated() bool {
	return slices.ContainsFunc(l.Case.Items("window"), func(id string) bool {
		return l.text("window/"+id+"/outcome") == "given"
	})
}

func (l *list) safetyPlan() {
	made := l.text("safety_plan_completion_date")
	switch {
	case no(l.Case.Value("safety_plan_needed")):
	case made != "":
		l.add(Task{Source: SafetyPlan, Item: "review", Due: after(made, l.rules.SafetyPlan)})
	case yes(l.Case.Value("safety_plan_needed")):
		l.add(Task{Source: SafetyPlan, Due: l.opened()})
	}
}

func (l *list) handMade() {
	for _, item := range l.Case.Items(record.Tasks) {
		name := record.Tasks + "/" + item
		if !yes(l.Case.Value(name + "/done")) {
			l.add(Task{
				Source: HandMade, Item: item, Due: l.text(name + "/due"),
				What: amana.Conceal(l.text(name + "/what")),
			})
		}
	}
}

// referrals that are over say so by having no next day.
func (l *list) referrals() {
	for _, r := range l.Referrals {
		switch r.Value("status").Reveal() {
		case "closed", "withdrawn", "expired":
			continue
		}
		if due := r.Value("next_due").Reveal(); due != "" {
			l.add(Task{Source: Referral, Item: r.ID.String(), Due: due, Service: r.Value("service").Reveal()})
		}
	}
}

func (l *list) approvals() {
	for _, item := range l.Case.Items(record.Approvals) {
		name := record.Approvals + "/" + item
		if l.text(name+"/status") == "pending" {
			l.add(Task{
				Source: Approval, Item: item, Due: after(l.text(name+"/requested_on"), l.rules.Approval),
				Asker: memberOf(l.text(name + "/requested_by")), Service: l.text(name + "/approval_type"),
			})
		}
	}
}

func (l *list) transfers() {
	for _, item := range l.Case.Items(record.Transfers) {
		name := record.Transfers + "/" + item
		if l.text(name+"/status") == "asked" {
			l.add(Task{
				Source: Transfer, Item: item, Due: l.text(name + "/asked_on"),
				For: memberOf(l.text(name + "/to")), Asker: memberOf(l.text(name + "/asked_by")),
			})
		}
	}
}

func memberOf(text string) amana.MemberID {
	id, err := amana.ParseID[amana.Member](text)
	if err != nil {
		return amana.MemberID{}
	}
	return id
}
