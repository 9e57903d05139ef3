package child_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/child"
)

func TestRule_atEveryEdge(t *testing.T) {
	tests := []struct {
		age     int
		agrees  child.Agrees
		given   []string // with a caregiver who supports
		without []string // where the caregiver may be involved
		note    bool
	}{
		{0, child.Caregiver, []string{"guardian", "guardian_with_assent"}, []string{"trusted_adult", "trusted_adult_with_assent", "supervisor", "supervisor_with_assent"}, true},
		{5, child.Caregiver, []string{"guardian", "guardian_with_assent"}, []string{"trusted_adult", "trusted_adult_with_assent", "supervisor", "supervisor_with_assent"}, true},
		{6, child.Assent, []string{"guardian_with_assent"}, []string{"trusted_adult_with_assent", "supervisor_with_assent"}, true},
		{11, child.Assent, []string{"guardian_with_assent"}, []string{"trusted_adult_with_assent", "supervisor_with_assent"}, true},
		{12, child.Assent, []string{"guardian_with_assent"}, []string{"trusted_adult_with_assent", "supervisor_with_assent"}, true},
		{14, child.Assent, []string{"guardian_with_assent"}, []string{"trusted_adult_with_assent", "supervisor_with_assent"}, true},
		{15, child.Own, []string{"self", "self_with_guardian"}, []string{"self", "trusted_adult_with_assent", "supervisor_with_assent"}, false},
		{17, child.Own, []string{"self", "self_with_guardian"}, []string{"self", "trusted_adult_with_assent", "supervisor_with_assent"}, false},
		{18, child.OwnAlone, []string{"self"}, []string{"self"}, false},
		{80, child.OwnAlone, []string{"self"}, []string{"self"}, false},
	}
	for _, tt := range tests {
		r := child.Default().Rule(tt.age, true, child.Supports)
		if r.Band.Agrees != tt.agrees || !slices.Equal(r.GivenBy, tt.given) || r.Note || r.Silent || r.Child != (tt.age < 18) {
			t.Errorf("age %d: %+v", tt.age, r)
		}
		r = child.Default().Rule(tt.age, true, child.Involved)
		if !slices.Equal(r.GivenBy, tt.without) || r.Note != tt.note || r.Silent != (tt.age < 18) {
			t.Errorf("age %d, the caregiver may be involved: %+v", tt.age, r)
		}
		if len(r.Reminders()) > 0 != (tt.age < 18) {
			t.Errorf("age %d: reminders %v", tt.age, r.Reminders())
		}
	}
}

func TestMissing(t *testing.T) {
	tests := []struct {
		name  string
		age   int
		carer child.Carer
		given string
		note  bool
		want  []string
	}{
		{"a caregiver for a small child", 5, child.Supports, "guardian", false, nil},
		{"nobody", 5, child.Supports, "", false, []string{"child.missing.who"}},
		{"a caregiver without the child", 6, child.Supports, "guardian", false, []string{"child.missing.assent"}},
		{"both", 6, child.Supports, "guardian_with_assent", false, nil},
		{"a child of fourteen alone", 14, child.Supports, "self", false, []string{"child.missing.adult"}},
		{"a girl of fifteen alone", 15, child.Supports, "self", false, nil},
		{"a caregiver for a girl of fifteen", 15, child.Supports, "guardian", false, []string{"child.missing.assent"}},
		{"a caregiver with her assent at seventeen", 17, child.Supports, "guardian_with_assent", false, []string{"child.missing.own"}},
		{"a husband for a woman of eighteen", 18, child.Supports, "guardian", false, []string{"child.missing.own"}},
		{"a caregiver who may be involved", 11, child.Involved, "guardian_with_assent", true, []string{"child.missing.silent"}},
		{"a trusted adult, and why", 11, child.Involved, "trusted_adult_with_assent", true, nil},
		{"a trusted adult, and not why", 11, child.Involved, "trusted_adult_with_assent", false, []string{"child.missing.note"}},
		{"a supervisor for a small child", 5, child.Absent, "supervisor", true, nil},
		{"a caregiver who is absent", 5, child.Absent, "guardian", true, []string{"child.missing.adult"}},
		{"who nobody knows to be away", 12, child.Supports, "supervisor_with_assent", true, []string{"child.missing.adult"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := child.Default().Rule(tt.age, true, tt.carer).Missing(tt.given, tt.note)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMissing_ofAnUnknownAge(t *testing.T) {
	if got := child.Default().Rule(0, false, "").Missing("self", false); got != nil {
		t.Errorf("got %v, want nothing", got)
	}
	r := child.Default().Rule(0, false, child.Involved)
	if got := r.Missing("guardian", false); !slices.Contains(got, "child.missing.silent") {
		t.Errorf("a caregiver who may be involved is asked: %v", got)
	}
}

// Where the caregiver may be involved, nothing that a caregiver says ever passes.
func TestSilent_neverTakesACaregiversWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := child.Default().Rule(rapid.IntRange(0, 17).Draw(t, "age"), true, child.Involved)
		given := rapid.SampledFrom([]string{"guardian", "guardian_with_assent", "self_with_guardian"}).Draw(t, "given by")
		if len(r.Missing(given, true)) == 0 || slices.Contains(r.GivenBy, given) {
			t.Fatalf("%s passes: %+v", given, r)
		}
	})
}

func TestTable_readsWhatItWrote(t *testing.T) {
	got, err := child.Read(child.Default().Write())
	if err != nil || !slices.Equal(got, child.Default()) {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestRead_refuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":             ``,
		"no bands":            `[]`,
		"a gap":               `[{"from":"0","to":"5","agrees":"caregiver"},{"from":"7","to":"17","agrees":"own_caregiver"},{"from":"18","to":"99","agrees":"own"}]`,
		"an overlap":          `[{"from":"0","to":"5","agrees":"caregiver"},{"from":"5","to":"17","agrees":"own_caregiver"},{"from":"18","to":"99","agrees":"own"}]`,
		"a child as an adult": `[{"from":"0","to":"15","agrees":"assent_caregiver"},{"from":"16","to":"99","agrees":"own"}]`,
		"an adult as a child": `[{"from":"0","to":"20","agrees":"assent_caregiver"},{"from":"21","to":"99","agrees":"own"}]`,
		"another word":        `[{"from":"0","to":"17","agrees":"uncle"},{"from":"18","to":"99","agrees":"own"}]`,
		"no number":           `[{"from":"0","to":"x","agrees":"caregiver"},{"from":"18","to":"99","agrees":"own"}]`,
		"no end":              `[{"from":"0","to":"17","agrees":"assent_caregiver"}]`,
	} {
		if _, err := child.Read([]byte(text)); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(child.Default().Write())
	f.Add([]byte(`[{"from":"0","to":"17","agrees":"own"}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		table, err := child.Read(text)
		if err != nil {
			return
		}
		for age := range 130 {
			if r := table.Rule(age, true, child.Supports); len(r.GivenBy) == 0 || r.Child == (r.Band.Agrees == child.OwnAlone) {
				t.Fatalf("age %d: %+v", age, r)
			}
		}
	})
}
