package referral_test

import (
	"slices"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/referral"
)

// What this package says and what records may hold are the same.
func TestSchema(t *testing.T) {
	for _, s := range referral.States() {
		if !slices.Contains(record.Options("referral_state"), string(s)) {
			t.Errorf("no record can hold the state %s", s)
		}
		for _, r := range referral.Reasons(s) {
			if !slices.Contains(record.Options("referral_reason"), r) {
				t.Errorf("no record can hold the reason %s", r)
			}
		}
	}
	for _, i := range referral.Asked() {
		if !slices.Contains(record.Options("referral_item"), string(i)) {
			t.Errorf("no record can hold her agreement to %s", i)
		}
	}
	for _, c := range referral.Channels() {
		if !slices.Contains(record.Options("referral_channel"), string(c)) {
			t.Errorf("no record can hold the channel %s", c)
		}
	}
	step := referral.Step{Item: "a", State: referral.Sent, At: noon, When: "2026-03-09", By: amana.MemberID{1}, Reason: "other", Note: amana.Conceal("x")}
	fields := step.Values()
	field, v := referral.TakenBack("a")
	fields[field] = v
	for name, v := range fields {
		if fault := record.Validate(amana.KindReferral, name, v, noon); fault != "" {
			t.Errorf("%s: %s", name, fault)
		}
	}
	if fault := record.Validate(amana.KindReferral, "status", event.Text("lost"), noon); fault == "" {
		t.Error("any status is taken")
	}
}
