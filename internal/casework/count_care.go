package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/gbv"
	"amana/internal/record"
	"amana/internal/stats"
	"amana/internal/vault"
	"amana/internal/window"
)

// care codes what was done in a case: see [record.Record.Counted] for what there is of it.
func (c *coder) care(l vault.Listed) stats.Case {
	v := l.Values
	opened := v["created_on"].Reveal()
	if opened == "" {
		opened = record.When(l.Opened).Format(time.DateOnly)
	}
	row := stats.Case{
		Opened: stats.DayOf(opened), Assessed: assessed(v), SafetyNeeded: stats.AnswerOf(gbv.YesNo(v["safety_plan_needed"])),
		SafetyDone:   stats.AnswerOf(!v["safety_plan_completion_date"].IsZero() && !v["safety_plan_main_concern"].IsZero(), true),
		PlanApproved: stats.AnswerOf(agreedTo(v, ApprovalPlan), true), Sex: c.choice(stats.Sex, "sex", v["sex"]),
		Age: c.book.Code(stats.Age, gbv.AgeAtReport(Values{"date_of_first_report": v["created_on"]}, v).Band()), Disability: c.disability(v["gbv_disability_type"]),
	}
	if v["status"].Reveal() == statusClosed {
		row.Closed = stats.DayOf(v["date_closure"].Reveal())
		row.Duration = c.book.Code(stats.Duration, gbv.CaseDuration(opened, v["date_closure"].Reveal()))
		row.Reason = stats.Code(1 + slices.Index(stats.Reasons(), v["closure_reason"].Reveal()))
		row.Reviewed = reviewed(v)
	}
	plans(&row, v)
	followUps(&row, v)
	return row
}

// survivorOf is what an incident is coded by of its case: her age where the incident does
// not say it, what came of the treatments, and why one was missed.
func survivorOf(v Values) Values {
	out := Values{}
	for name, value := range v {
		switch name {
		case "age", "estimated", "date_of_birth", "created_on", outcomeField(window.PEP), outcomeField(window.EmergencyContraception),
			missedField(window.PEP):
			out[name] = value
		}
	}
	return out
}

// needs are the questions of the assessment that show that it took place, as the list of
// tasks has it: see package task.
var needs = []string{
	"risk_level", "assessment_safety_needs", "assessment_health_needs", "assessment_psychosocial_needs", "assessment_legal_needs", "assessment_material_needs",
}

func assessed(v Values) stats.Answer {
	missing := slices.ContainsFunc(needs, func(field string) bool { return v[field].IsZero() })
	return stats.AnswerOf(!missing || !v["assessment_completion_timing"].IsZero(), true)
}

// agreedTo reports whether a supervisor agreed to the last that was asked of them.
func agreedTo(v Values, kind string) bool {
	yes := false
	for _, item := range itemsOf(v, record.Approvals) {
		name := record.Approvals + "/" + item
		yes = yes || v[name+"/approval_type"].Reveal() == kind && v[name+"/status"].Reveal() == approved
	}
	return yes
}

func reviewed(v Values) stats.Answer {
	if agreedTo(v, ApprovalClosure) {
		return stats.Yes
	}
	return stats.AnswerOf(gbv.YesNo(v["closure_supervisor_review"]))
}

// plans reads the action plan. A row is whole where it says which help, what is to be
// done, and how it is arranged.
func plans(row *stats.Case, v Values) {
	done := false
	for _, item := range itemsOf(v, record.ActionPlans) {
		name := record.ActionPlans + "/" + item
		service, how := v[name+"/service_type"].Reveal(), v[name+"/service_referral"].Reveal()
		done = done || service != "" && how != "" && !v[name+"/action_plan_description"].IsZero()
		switch how {
		case "referred":
			row.Plans++
		case "service_provided_by_your_agency":
			if at := slices.Index(stats.Services(), service); at >= 0 {
				row.Provided |= 1 << at
			}
		}
	}
	row.PlanDone = stats.AnswerOf(done, true)
}

// goalFields are where a follow-up says how a goal stands, in the order of [stats.Case].
var goalFields = [...]string{
	"gbv_assessment_progress_safety", "gbv_assessment_progress_health", "gbv_assessment_progress_psychosocial", "gbv_assessment_progress_justice", "gbv_assessment_other_goals",
}

var goalsBy = map[string]stats.Goal{"n_a": stats.NoGoal, "in_progress": stats.OnTheWay, "met": stats.Reached}

// followUps counts the follow-ups with a day. A goal stands as the last that speaks of it
// says.
func followUps(row *stats.Case, v Values) {
	var days [len(goalFields)]string
	for _, item := range itemsOf(v, record.FollowUps) {
		name := record.FollowUps + "/" + item
		day := v[name+"/followup_date"].Reveal()
		if day != "" {
			row.FollowUps++
		}
		for i, field := range goalFields {
			if g, told := goalsBy[v[name+"/"+field].Reveal()]; told && (row.Goals[i] == stats.NotTold || day >= days[i]) {
				row.Goals[i], days[i] = g, day
			}
		}
	}
}

// itemsOf are the items of a list among values, in the order of their ids.
func itemsOf(v Values, list string) (items []string) {
	for name := range v {
		if rest, in := strings.CutPrefix(name, list+"/"); in {
			if item, _, deep := strings.Cut(rest, "/"); deep && !slices.Contains(items, item) {
				items = append(items, item)
			}
		}
	}
	slices.Sort(items)
	return items
}

// staff is who works in the teams that are counted, and how many open cases they have.
func (d *Desk) staff(owned map[string]int) stats.Staff {
	var s stats.Staff
	c, seen := d.charter(), map[amana.MemberID]bool{}
	left := 0
	for _, n := range owned {
		left += n
	}
	for _, t := range d.countedTeams() {
		for _, id := range t.Members {
			m, there := c.Member(id)
			if seen[id] || !there || m.Left != 0 {
				continue
			}
			seen[id] = true
			if m.Has(amana.RoleSupervisor) {
				s.Supervisors++
			}
			if m.Has(amana.RoleCaseworker) || m.Has(amana.RoleClinician) {
				n := owned[id.String()]
				s.Workers++
				s.Loads, left = append(s.Loads, n), left-n
			}
		}
	}
	s.Nobodys = left
	return s
}

// freshness is how much of the directory was verified lately.
func (d *Desk) freshness(ctx context.Context) (stats.Directory, error) {
	all, err := d.Services(ctx)
	if err != nil {
		return stats.Directory{}, err
	}
	var n stats.Directory
	for _, s := range all.All() {
		n.Services++
		if f := s.Freshness(d.office.now()); !f.Never && !f.Stale {
			n.Fresh++
		}
	}
	return n, nil
}
