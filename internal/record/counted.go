package record

import (
	"slices"
	"strings"

	"amana/internal/event"
)

// counted are the fields of a case of which figures about care are made, beside lists of
// items: choices, days, numbers, yes and no.
var counted = []string{
	"created_on", "sex", "age", "date_of_birth", "estimated", "gbv_disability_type", "status", "risk_level", "owned_by",
	"date_closure", "closure_reason", "closure_safety_plan", "closure_supervisor_review",
	"safety_plan_needed", "safety_plan_developed_with_survivor", "safety_plan_completion_date", "assessment_completion_timing",
	Windows + "/outcome",
	ActionPlans + "/service_type", ActionPlans + "/service_referral",
	FollowUps + "/followup_date", FollowUps + "/gbv_assessment_progress_safety", FollowUps + "/gbv_assessment_progress_health",
	FollowUps + "/gbv_assessment_progress_psychosocial", FollowUps + "/gbv_assessment_progress_justice", FollowUps + "/gbv_assessment_other_goals",
	Approvals + "/approval_type", Approvals + "/status",
}

// written are fields of which figures say only that somebody wrote something there.
var written = []string{
	"assessment_safety_needs", "assessment_health_needs", "assessment_psychosocial_needs", "assessment_legal_needs", "assessment_material_needs",
	"safety_plan_main_concern", ActionPlans + "/action_plan_description",
}

// Counted returns what figures are made of, of the fields of a case: no words, but where
// they tell whether a form is complete, that there are some.
func (r *Record) Counted() []event.Set {
	var list []event.Set
	for _, c := range r.cells {
		name := c.Name
		if parts := strings.Split(name, "/"); len(parts) == 3 {
			name = parts[0] + "/" + parts[2]
		}
		switch {
		case slices.Contains(counted, name):
			list = append(list, event.Set{Field: c.Name, Value: c.Value})
		case slices.Contains(written, name) && !c.Value.IsZero():
			list = append(list, event.Set{Field: c.Name, Value: event.Bool(true)})
		}
	}
	return list
}
