package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"amana/internal/event"
	"amana/internal/gbv"
	"amana/internal/xlsform"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func form(t *testing.T, id string) *xlsform.Form {
	t.Helper()
	workbook, err := os.ReadFile(filepath.Join(workbooks, id+".xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	f, problems := xlsform.Read(workbook)
	for _, p := range problems {
		t.Errorf("%s, row %d, %s: %s %v", p.Sheet, p.Row, p.Column, p.Key, p.Args)
	}
	if f == nil {
		t.Fatal("not a form")
	}
	return f
}

// Every form is read without anything to remark on.
func TestWorkbooks_areReadWithoutARemark(t *testing.T) {
	everyForm(t, func(t *testing.T, id string, _ book) {
		f := form(t, id)
		if f.ID != id || f.Settings["amana_record"] == "" || f.Settings["amana_order"] == "" {
			t.Errorf("settings of %s: %s %v", id, f.ID, f.Settings)
		}
	})
}

// The form and the rules come to the same type, whatever is answered or not.
func TestIncident_typeIsThatOfTheRules(t *testing.T) {
	f := form(t, "gbv_incident_form")
	fields := []string{gbv.FieldOutOfScope}
	for _, q := range gbv.Questions() {
		fields = append(fields, q.Field)
	}
	answers := []event.Value{{}, event.Bool(true), event.Bool(false), event.Say(event.Declined)}
	combinations := 1
	for range fields {
		combinations *= len(answers)
	}
	for n := range combinations {
		given := xlsform.Answers{}
		for i, rest := 0, n; i < len(fields); i, rest = i+1, rest/len(answers) {
			if v := answers[rest%len(answers)]; !v.IsZero() {
				given[fields[i]] = v
			}
		}
		got := f.Evaluate(given, xlsform.Env{Now: noon}).Value(gbv.FieldType).Reveal()
		if want := gbv.TypeOf(given).Type; got != want {
			t.Fatalf("combination %d: the form says %q, the rules %q", n, got, want)
		}
	}
}

// A type from elsewhere, recorded without the questions, stays until they are asked.
func TestIncident_keepsATypeFromElsewhere(t *testing.T) {
	f := form(t, "gbv_incident_form")
	given := xlsform.Answers{gbv.FieldType: event.Text(gbv.ForcedMarriage)}
	if got := f.Evaluate(given, xlsform.Env{Now: noon}).Value(gbv.FieldType).Reveal(); got != gbv.ForcedMarriage {
		t.Errorf("type = %q, want it kept", got)
	}
	given["type_penetration"] = event.Bool(true)
	if got := f.Evaluate(given, xlsform.Env{Now: noon}).Value(gbv.FieldType).Reveal(); got != gbv.Rape {
		t.Errorf("type = %q, want %q", got, gbv.Rape)
	}
}

// What is asked, and what is not.
func TestForms_askWhatTheyShould(t *testing.T) {
	yes, no, years := event.Bool(true), event.Bool(false), event.Int
	involved, supports, absent := event.Text("may_be_involved"), event.Text("supports"), event.Text("absent")
	tests := []struct {
		name, form string
		given      xlsform.Answers
		asked      []string
		not        []string
	}{
		{"a child of 17", "gbv_survivor_information", xlsform.Answers{"age": years(17)}, []string{"survivor_lives_alone", "unaccompanied_separated_status"}, nil},
		{"an adult of 18", "gbv_survivor_information", xlsform.Answers{"age": years(18)}, nil, []string{"survivor_lives_alone", "survivor_caretaker", "unaccompanied_separated_status"}},
		{"of unknown age", "gbv_survivor_information", xlsform.Answers{}, []string{"unaccompanied_separated_status"}, []string{"survivor_lives_alone", "estimated"}},
		{"who does not say her age", "gbv_survivor_information", xlsform.Answers{"age": event.Say(event.Declined)}, []string{"unaccompanied_separated_status"}, []string{"survivor_lives_alone"}},
		{"a child who lives alone", "gbv_survivor_information", xlsform.Answers{"age": years(9), "survivor_lives_alone": yes}, nil, []string{"survivor_caretaker"}},
		{"5 years", "child", xlsform.Answers{"age": years(5), "caregiver_role": supports}, []string{"child_band_0_5", "child_caregiver_consent"}, []string{"child_assent", "child_maturity"}},
		{"6 years", "child", xlsform.Answers{"age": years(6), "caregiver_role": supports}, []string{"child_band_6_11", "child_assent", "child_caregiver_consent"}, []string{"child_band_0_5"}},
		{"11 years", "child", xlsform.Answers{"age": years(11)}, []string{"child_band_6_11"}, []string{"child_maturity"}},
		{"12 years", "child", xlsform.Answers{"age": years(12)}, []string{"child_band_12_14", "child_maturity"}, nil},
		{"14 years", "child", xlsform.Answers{"age": years(14)}, []string{"child_band_12_14"}, []string{"child_caregiver_may_know"}},
		{"15 years", "child", xlsform.Answers{"age": years(15), "caregiver_role": supports}, []string{"child_band_15_17", "child_caregiver_may_know"}, []string{"child_caregiver_consent"}},
		{"17 years, a caregiver may know", "child", xlsform.Answers{"age": years(17), "caregiver_role": supports, "child_caregiver_may_know": yes}, []string{"child_caregiver_consent"}, nil},
		{"18 years", "child", xlsform.Answers{"age": years(18)}, nil, []string{"child_band_15_17"}},
		{"the caregiver may be involved", "child", xlsform.Answers{"age": years(10), "caregiver_role": involved}, []string{"caregiver_is_not_asked", "child_decides_with", "best_interests"}, []string{"child_caregiver_consent", "child_caregiver_may_know"}},
		{"the caregiver of a child of 16 may be involved", "child", xlsform.Answers{"age": years(16), "caregiver_role": involved, "child_caregiver_may_know": yes}, []string{"caregiver_is_not_asked"}, []string{"child_caregiver_consent", "child_caregiver_may_know"}},
		{"no caregiver", "child", xlsform.Answers{"age": years(10), "caregiver_role": absent}, []string{"child_decides_with", "best_interests"}, []string{"child_caregiver_consent"}},
		{"nobody recorded it before", "prior_interview", xlsform.Answers{"prior_interview": no}, nil, []string{"prior_interview_by", "prior_interview_may_ask"}},
		{"somebody recorded it before", "prior_interview", xlsform.Answers{"prior_interview": yes}, []string{"prior_interview_by", "prior_interview_may_ask"}, nil},
		{"nobody knows when", "when_it_happened", xlsform.Answers{}, []string{"assault_date"}, []string{"assault_time", "assault_timeofday"}},
		{"the day is known", "when_it_happened", xlsform.Answers{"assault_date": event.Text("2026-11-24")}, []string{"assault_time", "assault_timeofday"}, nil},
		{"the hour is known", "when_it_happened", xlsform.Answers{"assault_date": event.Text("2026-11-24"), "assault_time": event.Text("21:30")}, []string{"assault_time"}, []string{"assault_timeofday"}},
		{"no other referral", "consent_for_referrals", xlsform.Answers{"consent_to_share_info_by_other": no}, nil, []string{"consent_to_share_info_by_other_details"}},
		{"another referral", "consent_for_referrals", xlsform.Answers{"consent_to_share_info_by_other": yes}, []string{"consent_to_share_info_by_other_details"}, nil},
		{"no safety plan", "safety_plan", xlsform.Answers{"safety_plan_needed": no}, nil, []string{"safety_plan_main_concern"}},
		{"a safety plan", "safety_plan", xlsform.Answers{"safety_plan_needed": yes}, []string{"safety_plan_main_concern"}, nil},
		{"a no is an answer that can be explained", "gbv_case_closure_form", xlsform.Answers{"closure_needs_met": no}, []string{"closure_needs_met_explain"}, []string{"closure_safety_plan_explain"}},
		{"the first yes ends the questions", "gbv_incident_form", xlsform.Answers{"type_penetration": yes}, nil, []string{"type_sexual_contact", "type_psychological"}},
		{"a no goes on to the next", "gbv_incident_form", xlsform.Answers{"type_penetration": no}, []string{"type_sexual_contact"}, []string{"type_physical_assault"}},
		{"told to nobody before", "gbv_incident_form", xlsform.Answers{"gbv_reported_elsewhere": event.Text("no")}, nil, []string{"gbv_reported_elsewhere_subform"}},
		{"told to another before", "gbv_incident_form", xlsform.Answers{"gbv_reported_elsewhere": event.Text("non-gbvims-org")}, []string{"gbv_reported_elsewhere_subform"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := form(t, tt.form).Evaluate(tt.given, xlsform.Env{Now: noon})
			for _, name := range tt.asked {
				if !st.Relevant(name) {
					t.Errorf("%s is not asked", name)
				}
			}
			for _, name := range tt.not {
				if st.Relevant(name) {
					t.Errorf("%s is asked", name)
				}
			}
			if faults := st.Faults(); len(faults) > 0 {
				t.Errorf("faults: %v", faults)
			}
		})
	}
}

func TestForms_refuseWhatCannotBe(t *testing.T) {
	tests := []struct {
		name, form, path string
		value            event.Value
		wrong            bool
	}{
		{"an age of 0", "gbv_survivor_information", "age", event.Int(0), false},
		{"an age of 120", "gbv_survivor_information", "age", event.Int(120), false},
		{"an age of 121", "gbv_survivor_information", "age", event.Int(121), true},
		{"an age that is not said", "gbv_survivor_information", "age", event.Say(event.Declined), false},
		{"a weight of 3.2", "clinical_visit", "clinical_visit/a/weight", event.Decimal(3.2), false},
		{"a weight of 0", "clinical_visit", "clinical_visit/a/weight", event.Decimal(0), true},
		{"a weight that is not said", "clinical_visit", "clinical_visit/a/weight", event.Say(event.NotAsked), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults := form(t, tt.form).Evaluate(xlsform.Answers{tt.path: tt.value}, xlsform.Env{Now: noon}).Faults()
			if wrong := len(faults) > 0; wrong != tt.wrong {
				t.Fatalf("wrong = %t, want %t", wrong, tt.wrong)
			}
			if tt.wrong && faults[0].Text["ar"] == "" {
				t.Error("it does not say why in Arabic")
			}
		})
	}
}
