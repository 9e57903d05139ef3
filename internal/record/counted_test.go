package record_test

import (
	"slices"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// Figures are made of codes: of words they know at most that there are some.
func TestCounted_hasNoWords(t *testing.T) {
	all := map[string]event.Value{
		"sex": event.Text("female"), "name": event.Text("Words"), "age": event.Int(20),
		"assessment_safety_needs":                            event.Text("Words of hers"),
		record.FollowUps + "/k1/followup_date":               event.Text("2026-01-02"),
		record.FollowUps + "/k1/followup_comments":           event.Text("Words"),
		record.FollowUps + "/k1/k2/followup_date":            event.Text("2026-01-02"),
		record.ActionPlans + "/k1/action_plan_description":   event.Text("Words"),
		record.FollowUps + "/followup_date":                  event.Text("2026-01-03"),
		"other/k1/followup_date":                             event.Text("2026-01-02"),
		record.ActionPlans + "/k1/service_type":              event.Text("health"),
		record.ActionPlans + "/k1/action_plan_description/x": event.Text("Words"),
	}
	var facts []event.Fact
	for name, v := range all {
		facts = append(facts, event.Set{Field: name, Value: v})
	}
	r := record.Fold(amana.RecordID{1}, []record.Entry{{Time: 1, Seq: 1, Body: event.Body{Facts: facts}}})
	var got []string
	for _, s := range r.Counted() {
		got = append(got, s.Field)
		if s.Value.Reveal() != "" && s.Value.Reveal() != all[s.Field].Reveal() || s.Value.Reveal() == "Words" {
			t.Errorf("%s has words", s.Field)
		}
	}
	want := []string{
		record.ActionPlans + "/k1/action_plan_description", record.ActionPlans + "/k1/service_type", "age", "assessment_safety_needs",
		record.FollowUps + "/followup_date", record.FollowUps + "/k1/followup_date", "sex",
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("counted: %q\nwant %q", got, want)
	}
}
