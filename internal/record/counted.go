package record

import (
	"strings"

	"amana/internal/event"
)

// counted are the fields of a case of which figures about care are made, beside lists of
// items: choices, days, numbers, yes and no.
var counted = set(
	"created_on", "sex", "age", "date_of_birth", "estimated", "gbv_disability_type", "status", "risk_level", "owned_by",
	"date_closure", "closure_reason", "closure_safety_plan", "closure_supervisor_review",
	"safety_plan_needed", "safety_plan_developed_with_survivor", "safety_plan_completion_date", "assessment_completion_timing",
	Windows+"/outcome", Windows+"/missed",
	ActionPlans+"/service_type", ActionPlans+"/service_referral",
	FollowUps+"/followup_date", FollowUps+"/gbv_assessment_progress_safety", FollowUps+"/gbv_assessment_progress_health",
	FollowUps+"/gbv_assessment_progress_psychosocial", FollowUps+"/gbv_assessment_progress_justice", FollowUps+"/gbv_assessment_other_goals",
	Approvals+"/approval_type", Approvals+"/status",
)

// written are fields of which figures say only that somebody wrote something there.
var written = set(
	"assessment_safety_needs", "assessment_health_needs", "assessment_psychosocial_needs", "assessment_legal_needs", "assessment_material_needs",
	"safety_plan_main_concern", ActionPlans+"/action_plan_description",
)

// Counted returns what figures are made of, of the fields of a case: no words, but where
// they tell whether a form is complete, that there are some.
func (r *Record) Counted() []event.Set {
	var list []event.Set
	for _, c := range r.cells {
		switch {
		case counted.has(c.Name):
			list = append(list, event.Set{Field: c.Name, Value: c.Value})
		case !c.Value.IsZero() && written.has(c.Name):
			list = append(list, event.Set{Field: c.Name, Value: event.Bool(true)})
		}
	}
	return list
}

// names are names of fields, those of lists as "list/field".
type names map[string]bool

func set(list ...string) names {
	n := make(names, len(list))
	for _, name := range list {
		n[name] = true
	}
	return n
}

// has is asked of every field of every case: it allocates nothing.
func (n names) has(field string) bool {
	list, rest, in := strings.Cut(field, "/")
	_, name, item := strings.Cut(rest, "/")
	if !in || !item || strings.Contains(name, "/") {
		return n[field]
	}
	var room [96]byte
	key := append(append(append(room[:0], list...), '/'), name...)
	return n[string(key)]
}
