package gbv_test

import (
	"slices"
	"testing"

	"amana/internal/event"
	"amana/internal/gbv"
)

func incident(typ string, more ...any) fields {
	f := fields{
		gbv.FieldType: event.Text(typ), "incident_date": event.Text("2026-03-09"),
		"date_of_first_report": event.Text("2026-03-10"), "age": event.Int(30),
	}
	for i := 0; i < len(more); i += 2 {
		name := more[i].(string)
		switch v := more[i+1].(type) {
		case string:
			f[name] = event.Text(v)
		case bool:
			f[name] = event.Bool(v)
		case int:
			f[name] = event.Int(int64(v))
		case event.Value:
			f[name] = v
		}
	}
	return f
}

const relation = "alleged_perpetrator/a1/perpetrator_relationship"

func TestContexts_sixRules(t *testing.T) {
	const goods, taken, practice = "goods_money_exchanged", "abduction_status_time_of_incident", "harmful_traditional_practice"
	for _, c := range []struct {
		what string
		in   fields
		want []string
	}{
		{"partner", incident(gbv.PhysicalAssault, relation, "intimate_partner_former_partner"), []string{gbv.IntimatePartnerViolence}},
		{"partner, among others", incident(gbv.Rape, relation, "unknown", "alleged_perpetrator/b2/perpetrator_relationship", "intimate_partner_former_partner"), []string{gbv.IntimatePartnerViolence}},
		{"partner, in an older spelling", incident(gbv.PhysicalAssault, relation, "Intimate Partner / Former Partner"), []string{gbv.IntimatePartnerViolence}},
		{"partner, but no GBV", incident(gbv.NotGBV, relation, "intimate_partner_former_partner"), nil},
		{"somebody else", incident(gbv.PhysicalAssault, relation, "no_relation"), nil},
		{"child", incident(gbv.SexualAssault, "age", 12), []string{gbv.ChildSexualAbuse}},
		{"child, beaten", incident(gbv.PhysicalAssault, "age", 12), nil},
		{"early marriage", incident(gbv.ForcedMarriage, "age", 15), []string{gbv.EarlyMarriage}},
		{"forced marriage of an adult", incident(gbv.ForcedMarriage, "age", 30), nil},
		{"for goods", incident(gbv.Rape, goods, true), []string{gbv.PossibleSexualExploitation}},
		{"for goods, as text", incident(gbv.Rape, goods, "true"), []string{gbv.PossibleSexualExploitation}},
		{"for goods, not sexual", incident(gbv.PhysicalAssault, goods, true), nil},
		{"taken", incident(gbv.Rape, taken, "forced_conscription"), []string{gbv.PossibleSexualSlavery}},
		{"taken, in the recorder's words", incident(gbv.Rape, taken, "Other Abduction / Kidnapping"), []string{gbv.PossibleSexualSlavery}},
		{"practice", incident(gbv.SexualAssault, practice, "type_of_practice_2"), []string{gbv.HarmfulTraditionalPractice}},
		{"practice, locally named", incident(gbv.SexualAssault, practice, "of this place"), []string{gbv.HarmfulTraditionalPractice}},
		{"several", incident(gbv.Rape, goods, "yes", taken, "trafficked", "age", 17), []string{gbv.ChildSexualAbuse, gbv.PossibleSexualExploitation, gbv.PossibleSexualSlavery}},
		{"no type", incident("", goods, true, taken, "trafficked", "age", 17), nil},
	} {
		if got, _ := gbv.Contexts(c.in, nil); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// A stored "no" sets nothing, in whatever shape it was stored: values, not presence.
func TestContexts_noIsNo(t *testing.T) {
	no := map[string][]event.Value{
		"goods_money_exchanged": {event.Bool(false), event.Text("false"), event.Text("no"), event.Text("No"), event.Int(0), event.Text("0")},
		"abduction_status_time_of_incident": {
			event.Text("none"), event.Text("None"), event.Bool(false), event.Text("false"), event.Text("no"),
		},
		"harmful_traditional_practice": {
			event.Text("no"), event.Text("No"), event.Bool(false), event.Text("false"), event.Text("none"), event.Text("N/A"),
		},
	}
	for field, values := range no {
		for _, v := range values {
			in := incident(gbv.Rape, relation, "no_relation", "goods_money_exchanged", false,
				"abduction_status_time_of_incident", "none", "harmful_traditional_practice", "no")
			in[field] = v
			if hold, open := gbv.Contexts(in, nil); len(hold)+len(open) > 0 {
				t.Errorf("%s, a no (type %d): %v, open %v", field, v.Type(), hold, open)
			}
		}
		for _, v := range []event.Value{{}, event.Say(event.Declined), event.Say(event.NotAsked), event.Text("unknown")} {
			in := incident(gbv.Rape, relation, "no_relation", "goods_money_exchanged", false,
				"abduction_status_time_of_incident", "none", "harmful_traditional_practice", "no")
			in[field] = v
			if hold, open := gbv.Contexts(in, nil); len(hold) > 0 || len(open) != 1 {
				t.Errorf("%s, not said (type %d): %v, open %v", field, v.Type(), hold, open)
			}
		}
	}
}

// Seventeen is a child, eighteen is not; the age counts at the incident, not when
// it is told.
func TestContexts_seventeenEighteen(t *testing.T) {
	born := func(date string, more ...any) fields {
		return incident(gbv.Rape, append([]any{"age", event.Value{}, "date_of_birth", date}, more...)...)
	}
	for _, c := range []struct {
		what       string
		in, of     fields
		hold, open bool
	}{
		{"17 by age", incident(gbv.Rape, "age", 17, "date_of_first_report", "2026-03-09"), nil, true, false},
		{"18 by age", incident(gbv.Rape, "age", 18, "date_of_first_report", "2026-03-09"), nil, false, false},
		{"as text", incident(gbv.Rape, "age", "17"), nil, true, false},
		{"18 the day after: may have had her birthday between", incident(gbv.Rape, "age", 18), nil, false, true},
		{"18 when told, two years later", incident(gbv.Rape, "age", 18, "date_of_first_report", "2028-03-09"), nil, true, false},
		{"19 when told, half a year later", incident(gbv.Rape, "age", 19, "date_of_first_report", "2026-09-09"), nil, false, false},
		{"born so that it was the day before her birthday", born("2008-03-10"), nil, true, false},
		{"on her birthday", born("2008-03-09"), nil, false, false},
		{"born in that month", born("2008-03"), nil, false, true},
		{"born the month after", born("2008-04"), nil, true, false},
		{"born in that year", born("2008"), nil, false, true},
		{"born the year after", born("2009"), nil, true, false},
		{"the incident only by its month", born("2008-03-09", "incident_date", "2026-03"), nil, false, true},
		{"a child when told, no date of the incident", incident(gbv.Rape, "age", 17, "incident_date", event.Value{}), nil, true, false},
		{"an adult when told, no date of the incident", incident(gbv.Rape, "age", 18, "incident_date", event.Value{}), nil, false, true},
		{"nothing known", incident(gbv.Rape, "age", event.Say(event.DoesNotKnow)), nil, false, true},
		{"the case knows", incident(gbv.Rape, "age", event.Value{}), fields{"age": event.Int(16), "created_on": event.Text("2026-03-10")}, true, false},
		{"the incident's own goes first", incident(gbv.Rape, "age", 30), fields{"date_of_birth": event.Text("2020-01-01")}, false, false},
	} {
		hold, open := gbv.Contexts(c.in, c.of)
		if slices.Contains(hold, gbv.ChildSexualAbuse) != c.hold || slices.Contains(open, gbv.ChildSexualAbuse) != c.open {
			t.Errorf("%s: holds %v, open %v; age %+v", c.what, hold, open, gbv.AgeAt(c.in, c.of))
		}
	}
}

func TestPerpetrators(t *testing.T) {
	if n := gbv.NumberOfPerpetrators(fields{}); n != "" {
		t.Errorf("nobody described: %q", n)
	}
	described := func(n int) fields {
		f := fields{}
		for i := range n {
			f["alleged_perpetrator/"+string(rune('a'+i))+"/perpetrator_sex"] = event.Text("male")
		}
		return f
	}
	for n, want := range []string{"", gbv.OnePerpetrator, gbv.TwoPerpetrators, gbv.ThreePerpetrators, gbv.MorePerpetrators, gbv.MorePerpetrators} {
		if got := gbv.NumberOfPerpetrators(described(n)); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	one := described(1)
	for v, want := range map[event.Value]string{
		event.Int(3): gbv.ThreePerpetrators, event.Text("2"): gbv.TwoPerpetrators, event.Text("More than 3"): gbv.MorePerpetrators,
		event.Int(0): gbv.OnePerpetrator, event.Text("unknown"): gbv.OnePerpetrator,
	} {
		one[gbv.FieldNumberFromIR] = v
		if got := gbv.NumberOfPerpetrators(one); got != want {
			t.Errorf("one described, %q brought: %q, want %q", v.Reveal(), got, want)
		}
	}
}

func TestCopyToIncident(t *testing.T) {
	got := gbv.CopyToIncident(fields{
		"survivor_code_no": event.Text("K7MX-Q9TR-5"), "gbv_ethnicity": event.Say(event.Declined), "sex": event.Text("female"),
		"gbv_displacement_status": event.Text("idp"), "name": event.Text("nobody"), "assessment_main_concerns": event.Text("words"),
	})
	want := fields{
		"survivor_code": event.Text("K7MX-Q9TR-5"), "ethnicity": event.Say(event.Declined), "sex": event.Text("female"),
		"displacement_status": event.Text("idp"),
	}
	if len(got) != len(want) {
		t.Errorf("%d fields, want %d", len(got), len(want))
	}
	for name, v := range want {
		if !got[name].Equal(v) {
			t.Errorf("%s is not taken over", name)
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ list, text, want string }{
		{"incident_timeofday", "morning_sunrise_to_noon", "morning"},
		{"incident_timeofday", "Morning (sunrise to noon)", "morning"},
		{"incident_location_type", "bush_forest", "forest"},
		{"incident_location_type", "Perpetrator's Friend's Home", "perpetrators_friends_home"},
		{"displacement_incident", "not_displaced_home_community", "not_displaced"},
		{"age_group", "61", "61+"},
		{"age_group", "12–17", "12_17"},
		{"gbv_reported_elsewhere", "GBVIMS Org", "gbvims-org"},
		{"age_group", "", ""},
		{"no such list", "morning", ""},
	} {
		got, ok := gbv.Canonical(c.list, c.text)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s %q: %q, %t", c.list, c.text, got, ok)
		}
	}
}
