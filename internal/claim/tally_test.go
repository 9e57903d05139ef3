package claim_test

import (
	"testing"

	"amana"
	"amana/internal/claim"
)

// Events are counted once each, by how they stand; patterns, context and what did not
// happen are not; what was verified later is said apart.
func TestTally(t *testing.T) {
	girl := incident(
		at(2, set("event_from", "2025-03-02"), set("act/a/type", "020111010000"), set("act/a/victim", "p"), set("act/b/type", "020111010000"), set("act/b/victim", "p")),
		at(3, set("person/p/sex", "female"), set("person/p/age", 15), set("crsv/x/assessment", "possible_link")),
		at(4, set("claim/a/what", "x"), set("claim/a/category", "primary_witness"), set("claim/a/account", id(5).String()), set("claim/a/credibility", "high"), set("claim/a/stance", "supports"), set("claim/a/said", "told")),
		at(5, set("verification/v/step", "task_force"), set("verification/v/status", "verified"), set("verification/v/on", "2026-02-10")),
	)
	woman := incident(at(2, set("event_from", "2026-01"), set("act/a/type", "020111010000"), set("act/a/victim", "p"), set("act/b/type", "020111030000"), set("act/b/victim", "q")), at(3, set("person/p/sex", "female"), set("person/p/age", 30), set("person/q/sex", "male")))
	pattern := incident(at(2, set("event_scope", "pattern"), set("event_from", "2026-01")))
	none := incident(at(2, set("event_from", "2026-02"), set("verification/v/status", "verification_found_that_incident_did_not_occur")))
	undated := incident()
	for i, in := range []*claim.Incident{&girl, &woman, &pattern, &none, &undated} {
		in.ID = amana.RecordID{byte(i + 1)}
	}
	w := claim.World{Incidents: []claim.Incident{girl, woman, pattern, none, undated}}
	years := w.Tally()
	if len(years) != 3 || years[0].Year != "2026" || years[1].Year != "2025" || years[2].Year != "" {
		t.Fatalf("%+v", years)
	}
	line := func(y claim.Year, group, id string) claim.TallyLine {
		for _, g := range y.Groups {
			for _, l := range g.Lines {
				if g.ID == group && l.ID == id {
					return l
				}
			}
		}
		return claim.TallyLine{}
	}
	for _, c := range []struct {
		year      int
		group, id string
		want      int
	}{
		{0, "status", claim.NotVerified, 1},
		{0, "form", "020111010000", 1},
		{0, "form", "020111030000", 1},
		{0, "harmed", claim.Women, 1},
		{0, "harmed", claim.NotKnown, 1},
		{0, "link", claim.NotKnown, 1},
		{1, "form", "020111010000", 1},
		{1, "harmed", claim.Girls, 1},
		{1, "link", "possible_link", 1},
		{0, "harmed", claim.Girls, 0},
	} {
		if got := line(years[c.year], c.group, c.id); got.Incidents != c.want || got.Verified+got.Pending+got.Unverified != c.want {
			t.Errorf("%s, %s, %s: %+v, want %d", years[c.year].Year, c.group, c.id, got, c.want)
		}
	}
	for i, late := range []int{1, 0, 0} {
		if years[i].Incidents != 1 || years[i].Late != late {
			t.Errorf("%q: %d incidents, %d verified late", years[i].Year, years[i].Incidents, years[i].Late)
		}
	}
	if l := line(years[1], "status", claim.Verified); l.Verified != 1 {
		t.Errorf("of 2025: %+v", l)
	}
}
