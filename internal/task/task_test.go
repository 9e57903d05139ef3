package task_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/task"
)

// made folds fields into a record.
func made(kind amana.Kind, values map[string]any) *record.Record {
	facts := []event.Fact{event.Begun{Kind: kind}}
	for name, v := range values {
		value := event.Value{}
		switch v := v.(type) {
		case string:
			value = event.Text(v)
		case bool:
			value = event.Bool(v)
		case event.Answer:
			value = event.Say(v)
		}
		facts = append(facts, event.Set{Field: name, Value: value})
	}
	r := record.Fold(amana.RecordID{7}, []record.Entry{{Time: 1 << 16, Seq: 1, Body: event.Body{Facts: facts}}})
	return &r
}

// assessed are the fields of a case in which nothing is due, so that a test sees
// only its own.
func assessed(more map[string]any) map[string]any {
	values := map[string]any{
		"created_on": "2026-03-01", "assessment_completion_timing": "short", "safety_plan_needed": false,
	}
	maps.Copy(values, more)
	return values
}

const followUp = record.FollowUps + "/"

func TestOf(t *testing.T) {
	member := amana.MemberID{3}
	tests := []struct {
		name   string
		values map[string]any
		reach  task.Reach
		want   []task.Task // without what is empty
	}{
		{"a case in order", assessed(nil), task.ReachOpen, nil},
		{
			"a new case",
			map[string]any{"created_on": "2026-03-01"},
			task.ReachOpen,
			[]task.Task{{Source: task.Assessment, Due: "2026-03-08"}},
		},
		{
			"an assessment of answers", map[string]any{
				"created_on": "2026-03-01", "assessment_safety_needs": event.Declined, "assessment_health_needs": event.Declined,
				"assessment_psychosocial_needs": event.NotAsked, "assessment_legal_needs": event.DoesNotKnow, "assessment_material_needs": "none",
				"risk_level": "low", followUp + "a/followup_date": "2026-03-02",
			}, task.ReachNever, nil,
		},
		{
			"an appointment", assessed(map[string]any{"action_plan_section/a/service_appointment_date": "2026-03-05", "action_plan_section/a/service_type": "health_medical_service"}),
			task.ReachOpen,
			[]task.Task{{Source: task.Plan, Item: "a", Due: "2026-03-05", Service: "health_medical_service"}},
		},
		{
			"an appointment that was asked about", assessed(map[string]any{
				"action_plan_section/a/service_appointment_date": "2026-03-05", followUp + "b/followup_date": "2026-03-05",
			}), task.ReachOpen, nil,
		},
		{
			"a follow-up agreed", assessed(map[string]any{
				followUp + "b/followup_date": "2026-03-05", followUp + "b/when_follow_up_visit_should_happen": "2026-03-12", "risk_level": "high",
			}), task.ReachOpen, []task.Task{{Source: task.FollowUp, Item: "b", Due: "2026-03-12", Contact: true}},
		},
		{
			"a follow-up that took place", assessed(map[string]any{
				followUp + "b/when_follow_up_visit_should_happen": "2026-03-12", followUp + "c/followup_date": "2026-03-13",
			}), task.ReachOpen, nil,
		},
		{
			"a follow-up that is not needed", assessed(map[string]any{
				followUp + "b/when_follow_up_visit_should_happen": "2026-03-12", followUp + "b/need_follow_up_visit": false,
			}), task.ReachOpen, nil,
		},
		{
			"nobody asked, high danger", assessed(map[string]any{"risk_level": "high"}), task.ReachOpen,
			[]task.Task{{Source: task.Look, Due: "2026-03-04", Contact: true}},
		},
		{
			"nobody asked, low danger", assessed(map[string]any{"risk_level": "low", followUp + "a/followup_date": "2026-03-10"}), task.ReachComes,
			[]task.Task{{Source: task.Look, Due: "2026-04-07", Contact: true}},
		},
		{"nobody is to ask", assessed(map[string]any{"risk_level": "high"}), task.ReachNever, nil},
		{
			"treated", assessed(map[string]any{"assault_date": "2026-02-28", "window/hiv_pep/outcome": "given"}), task.ReachOpen,
			[]task.Task{{Source: task.Visit, Due: "2026-03-14", Contact: true}},
		},
		{
			"treated, and seen a little early", assessed(map[string]any{
				"assault_date": "2026-02-28", "window/hiv_pep/outcome": "given", followUp + "a/followup_date": "2026-03-12",
			}), task.ReachOpen, []task.Task{{Source: task.Visit, Due: "2026-03-30", Contact: true}},
		},
		{"treated, never to be reached", assessed(map[string]any{"assault_date": "2026-02-28", "window/hiv_pep/outcome": "given"}), task.ReachNever, nil},
		{"treated, some day", assessed(map[string]any{"assault_date": "2026-02", "window/hiv_pep/outcome": "given"}), task.ReachOpen, nil},
		{"not treated", assessed(map[string]any{"assault_date": "2026-02-28", "window/hiv_pep/outcome": "declined"}), task.ReachOpen, nil},
		{
			"a safety plan is needed", assessed(map[string]any{"safety_plan_needed": true}), task.ReachOpen,
			[]task.Task{{Source: task.SafetyPlan, Due: "2026-03-01"}},
		},
		{
			"a safety plan grows old", assessed(map[string]any{"safety_plan_needed": "true", "safety_plan_completion_date": "2026-03-02"}), task.ReachOpen,
			[]task.Task{{Source: task.SafetyPlan, Item: "review", Due: "2026-04-01"}},
		},
		{
			"made by hand", assessed(map[string]any{"task/x/what": "Ring the school", "task/x/due": "2026-03", "task/y/what": "Done", "task/y/due": "2026-03-01", "task/y/done": true}),
			task.ReachOpen,
			[]task.Task{{Source: task.HandMade, Item: "x", Due: "2026-03-01", What: amana.Conceal("Ring the school")}},
		},
		{
			"an approval", assessed(map[string]any{
				"approval/p/status": "pending", "approval/p/approval_type": "case_plan", "approval/p/requested_on": "2026-03-02", "approval/p/requested_by": member.String(),
				"approval/q/status": "approved", "approval/q/requested_on": "2026-03-02",
			}), task.ReachOpen, []task.Task{{Source: task.Approval, Item: "p", Due: "2026-03-05", Service: "case_plan", Asker: member}},
		},
		{
			"a transfer, of a case that is closed", assessed(map[string]any{
				"status": "closed", "transfer/t/status": "asked", "transfer/t/to": member.String(), "transfer/t/asked_on": "2026-03-02", "risk_level": "high",
			}), task.ReachOpen, []task.Task{{Source: task.Transfer, Item: "t", Due: "2026-03-02", For: member}},
		},
		{"what is no date", assessed(map[string]any{"task/x/what": "Some day", "task/x/due": "soon"}), task.ReachOpen, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := task.Of(task.File{Case: made(amana.KindCase, tt.values), Reach: tt.reach}, task.Defaults())
			if len(got) != len(tt.want) {
				t.Fatalf("got %+v, want %+v", got, tt.want)
			}
			for i := range got {
				if !got[i].What.Equal(tt.want[i].What) {
					t.Error("other words")
				}
				got[i].What, tt.want[i].What = amana.Private{}, amana.Private{}
				if !reflect.DeepEqual(got[i], tt.want[i]) {
					t.Errorf("got %+v, want %+v", got[i], tt.want[i])
				}
			}
		})
	}
}

func TestOf_referrals(t *testing.T) {
	c := made(amana.KindCase, assessed(nil))
	waits := made(amana.KindReferral, map[string]any{"status": "sent", "next_due": "2026-03-04", "service": "health_medical_service"})
	over := made(amana.KindReferral, map[string]any{"status": "closed", "next_due": "2026-03-04"})
	got := task.Of(task.File{Case: c, Referrals: []*record.Record{waits, over}}, task.Defaults())
	if len(got) != 1 || got[0].Source != task.Referral || got[0].Item != waits.ID.String() {
		t.Errorf("%+v", got)
	}
}

// Whoever wants no contact is never looked in on, whatever is recorded.
func TestOf_neverMeansNever(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := map[string]any{"created_on": "2026-03-01", "assault_date": "2026-02-20", "window/x/outcome": "given"}
		values["risk_level"] = rapid.SampledFrom([]string{"high", "medium", "low", "none"}).Draw(t, "danger")
		if rapid.Bool().Draw(t, "met") {
			values[followUp+"a/followup_date"] = rapid.SampledFrom([]string{"2026-03-02", "2026-04-09", "2026"}).Draw(t, "on")
		}
		for _, one := range task.Of(task.File{Case: made(amana.KindCase, values), Reach: task.ReachNever}, task.Defaults()) {
			if one.Contact {
				t.Fatalf("%+v", one)
			}
		}
	})
}

func TestReachOf(t *testing.T) {
	tests := []struct {
		decision amana.Decision
		how      []string
		want     task.Reach
	}{
		{amana.Granted, nil, task.ReachOpen},
		{amana.Granted, []string{"phone_call"}, task.ReachOpen},
		{amana.Granted, []string{"phone_call", "only_when_she_comes"}, task.ReachComes},
		{amana.Granted, []string{"phone_call", "never"}, task.ReachNever},
		{amana.Refused, []string{"phone_call"}, task.ReachNever},
		{amana.Withdrawn, nil, task.ReachNever},
		{amana.NotAsked, []string{"phone_call"}, task.ReachComes},
		{amana.NotAsked, []string{"never"}, task.ReachNever},
		{"", nil, task.ReachComes},
	}
	for _, tt := range tests {
		if got := task.ReachOf(tt.decision, tt.how); got != tt.want {
			t.Errorf("%s, %v: %s, want %s", tt.decision, tt.how, got, tt.want)
		}
	}
}

func TestDue(t *testing.T) {
	tasks := task.Of(task.File{Case: made(amana.KindCase, assessed(map[string]any{
		"task/a/due": "2026-03-09", "task/b/due": "2026-03-10", "task/c/due": "2026-03-11",
	}))}, task.Defaults())
	due := task.Due(tasks, "2026-03-10")
	if len(due) != 2 || due[0].Item != "a" || task.Next(tasks) != "2026-03-09" || task.Next(nil) != "" {
		t.Errorf("%+v", due)
	}
}

func TestRules_readWhatTheyWrote(t *testing.T) {
	r := task.Defaults()
	r.Look["high"] = 1
	got, err := task.ReadRules(r.Write())
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, text := range []string{``, `{"approval":-1}`, `{"approval":99999}`, `{"visits":[30,14]}`, `{"look":{"high":-3}}`, `{"assessment":"x"}`} {
		if got, err := task.ReadRules([]byte(text)); !errors.Is(err, amana.ErrInvalid) || !reflect.DeepEqual(got, task.Defaults()) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if got, err := task.ReadRules([]byte(`{"approval":1}`)); err != nil || got.Approval != 1 || !slices.Equal(got.Visits, task.Defaults().Visits) {
		t.Errorf("%+v, %v", got, err)
	}
}
