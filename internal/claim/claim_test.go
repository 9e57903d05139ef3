package claim_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"amana"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/record"
)

func id(n byte) amana.RecordID { return amana.RecordID{n} }

// at is an entry of a device at a time, which saw all before it.
func at(time uint64, facts ...event.Fact) record.Entry {
	e := record.Entry{Time: time << 16, Device: amana.DeviceID{1}, Seq: time, Author: amana.MemberID{byte(time)}, Body: event.Body{Facts: facts}}
	return e
}

func set(field string, v any) event.Fact {
	value := event.Value{}
	switch v := v.(type) {
	case string:
		value = event.Text(v)
	case int:
		value = event.Int(int64(v))
	case bool:
		value = event.Bool(v)
	}
	return event.Set{Field: field, Value: value}
}

func incident(entries ...record.Entry) claim.Incident {
	r := record.Fold(id(1), append([]record.Entry{at(1, event.Begun{Kind: amana.KindIncident}, set("event_scope", "event"))}, entries...))
	return claim.IncidentOf(claim.FromRecord(&r))
}

func actor(facts ...event.Fact) claim.Actor {
	r := record.Fold(id(9), []record.Entry{at(1, append([]event.Fact{event.Begun{Kind: amana.KindActor}}, facts...)...)})
	return claim.ActorOf(claim.FromRecord(&r))
}

// The assessment of the link with a conflict is apart from the type of violence: the
// one changes, the other does not, and both changes stay with who and when.
func TestAssessment_apartFromTheType(t *testing.T) {
	in := incident(
		at(2, set("act/a/type", "020111010000"), set("act/a/gbv", "rape")),
		at(3, set("crsv/x/assessment", "possible_link"), set("crsv/x/basis", "the place")),
		at(4, set("crsv/y/assessment", "no_link"), set("crsv/y/basis", "a second look"), event.Set{Field: "crsv/y/indicators", Value: event.List("victim_profile")}),
	)
	now, ok := in.Assessed()
	if !ok || now.Assessment != "no_link" || now.By != (amana.MemberID{4}) || len(now.Indicators) != 1 {
		t.Errorf("assessed %+v", now.Assessment)
	}
	if len(in.Assessments) != 2 || in.Assessments[0].By != (amana.MemberID{3}) || in.Assessments[0].When.IsZero() {
		t.Error("the first assessment is gone")
	}
	if in.Acts[0].GBV != "rape" || in.Acts[0].Type != "020111010000" {
		t.Errorf("the type became %s", in.Acts[0].GBV)
	}
}

func TestVerified_needsAPrimarySource(t *testing.T) {
	account := id(5).String()
	said := func(category, account, credibility, stance, answer string) []event.Fact {
		return []event.Fact{
			set("claim/a/what", "x"), set("claim/a/category", category), set("claim/a/account", account), set("claim/a/credibility", credibility),
			set("claim/a/stance", stance), set("claim/a/said", answer), set("claim/a/publication", id(6).String()),
		}
	}
	verified := []event.Fact{set("verification/v/step", "task_force"), set("verification/v/status", "verified"), set("verification/v/on", "2026-02-10")}
	for _, c := range []struct {
		name  string
		facts []event.Fact
		may   bool
	}{
		{"no source", nil, false},
		{"a witness heard here", said("primary_witness", account, "high", "supports", "told"), true},
		{"of whom nobody judged whether to believe it", said("primary_witness", account, "", "supports", "told"), false},
		{"who is hardly to be believed", said("primary_witness", account, "low", "supports", "told"), false},
		{"a survivor in a newspaper", said("primary_victim", "", "high", "supports", "told"), false},
		{"second-hand, heard here", said("secondary", account, "high", "supports", "told"), false},
		{"who denies it", said("primary_witness", account, "high", "denies", "told"), false},
		{"who said nothing", said("primary_victim", account, "high", "supports", "nothing"), false},
		{"who declined", said("primary_victim", account, "high", "supports", "declined"), false},
	} {
		in := incident(at(2, append(c.facts, set("event_from", "2025-11"))...), at(3, verified...))
		if err := in.MayVerify(); (err == nil) != c.may || err != nil && !errors.Is(err, amana.ErrRefused) {
			t.Errorf("%s: may be verified: %v", c.name, err)
		}
		if got := in.Status() == claim.Verified; got != c.may {
			t.Errorf("%s: somebody wrote that it is verified, and it is taken as %s", c.name, in.Status())
		}
		if got := in.Late("2026-01-01", "2026-03-31"); got != c.may {
			t.Errorf("%s: verified late: %v", c.name, got)
		}
		if in.Late("2025-01-01", "2025-12-31") {
			t.Errorf("%s: late in the period in which it happened", c.name)
		}
	}
}

func TestStatus_threeSteps(t *testing.T) {
	in := incident()
	if in.Status() != claim.NotVerified {
		t.Errorf("nothing decided: %s", in.Status())
	}
	in = incident(
		at(2, set("verification/a/step", "focal_point"), set("verification/a/status", "report_pending_verification")),
		at(3, set("verification/b/step", "technical_level"), set("verification/b/status", "not_mrm")),
		at(4, set("verification/c/step", "task_force"), set("verification/c/status", "verification_found_that_incident_did_not_occur")),
	)
	if in.Status() != "verification_found_that_incident_did_not_occur" || len(in.Decisions) != 3 || in.Decisions[1].By != (amana.MemberID{3}) {
		t.Errorf("%s after %d decisions", in.Status(), len(in.Decisions))
	}
}

// A succession that is added later changes nothing of what was before it.
func TestActor_nameOfThen(t *testing.T) {
	before := []event.Fact{
		set("name_official", "The force, as it is called today"),
		set("name/a/text", "The first force"), set("name/a/from", "2021-12"), set("name/a/to", "2025-06"),
	}
	after := append(slices.Clip(before),
		set("relation/r/kind", "succeeded_by"), set("relation/r/actor", id(8).String()), set("relation/r/from", "2025-06"),
		set("name/b/text", "The second force"), set("name/b/from", "2025-06"))
	for _, c := range []struct{ day, want, wantAfter string }{
		{"2024-03-01", "The first force", "The first force"},
		{"2024-03", "The first force", "The first force"},
		{"2021-12-15", "The first force", "The first force"},
		{"2025-06-20", "The first force", "The second force"},
		{"2026-01-01", "The force, as it is called today", "The second force"},
		{"2019", "The force, as it is called today", "The force, as it is called today"},
		{"", "The force, as it is called today", "The force, as it is called today"},
	} {
		a, b := actor(before...), actor(after...)
		if got := a.NameOn(c.day); got != c.want {
			t.Errorf("%s: %q, want %q", c.day, got, c.want)
		}
		if got := b.NameOn(c.day); got != c.wantAfter {
			t.Errorf("%s, with the succession: %q, want %q", c.day, got, c.wantAfter)
		}
	}
}

// Two sources, two attributions: both stand. Who writes over one changes nothing, and
// it is seen.
func TestAttributions_neverOverwritten(t *testing.T) {
	in := incident(
		at(2, set("claim/a/what", "x"), set("claim/b/what", "y")),
		at(3, set("attribution/a/claim", "a"), set("attribution/a/actor", id(8).String()), set("attribution/a/how", "insignia"), set("attribution/a/confidence", "high")),
		at(4, set("attribution/b/claim", "b"), set("attribution/b/actor", id(9).String()), set("attribution/b/how", "assumed"), set("attribution/b/confidence", "low")),
		at(5, set("attribution/a/actor", id(9).String()), set("attribution/a/how", "assumed")),
	)
	if len(in.Standing()) != 2 {
		t.Fatalf("%d stand", len(in.Standing()))
	}
	a := in.Standing()[0]
	if a.Actor != id(8) || a.How != "insignia" || a.By != (amana.MemberID{3}) {
		t.Errorf("written over: actor %s, %s", a.Actor, a.How)
	}
	if got := fmt.Sprint(in.WrittenOver()); got != "[attribution/a/actor attribution/a/how]" {
		t.Errorf("seen: %s", got)
	}
	in = incident(at(2, set("attribution/a/how", "named")), at(3, set("attribution/a/struck", "another claim was meant")))
	if len(in.Standing()) != 0 || len(in.Attributions) != 1 || len(in.WrittenOver()) != 0 {
		t.Errorf("struck: %d stand of %d", len(in.Standing()), len(in.Attributions))
	}
}

func TestCommand_gapsAreGaps(t *testing.T) {
	w := claim.World{Actors: map[amana.RecordID]claim.Actor{id(9): actor(
		set("position/p/person", "the commander"), set("position/p/control", "command"), set("position/p/from", "2024"),
		set("notice/n/what", "a public report"), set("notice/n/how", "report"), set("notice/n/publication", id(6).String()),
	)}}
	w.Incidents = []claim.Incident{incident(at(2, set("event_from", "2024-03"), set("attribution/a/actor", id(9).String()), set("attribution/a/how", "named")))}
	want := map[string]int{"position": 1, "control": 1, "crimes": 1, "notice": 1, "measures": 0}
	for _, e := range w.Command(id(9)) {
		if len(e.Lines) != want[e.ID] || e.Gap() != (want[e.ID] == 0) {
			t.Errorf("%s: %d lines, a gap: %v", e.ID, len(e.Lines), e.Gap())
		}
		delete(want, e.ID)
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
	for _, e := range w.Command(id(44)) {
		if !e.Gap() {
			t.Errorf("%s of nobody", e.ID)
		}
	}
}

func TestSuggest(t *testing.T) {
	begun := func(n byte, facts ...event.Fact) claim.Incident {
		r := record.Fold(id(n), []record.Entry{at(1, append([]event.Fact{event.Begun{Kind: amana.KindIncident}, set("event_scope", "event")}, facts...)...)})
		return claim.IncidentOf(claim.FromRecord(&r))
	}
	base := []fieldText{{"event_from", "2024-03"}, {"event_district", "A district"}, {"act/a/type", "020111010000"}}
	facts := func(more ...fieldText) (f []event.Fact) {
		for _, m := range append(slices.Clip(base), more...) {
			f = append(f, set(m.field, m.value))
		}
		return f
	}
	same := begun(2, facts()...)
	for _, c := range []struct {
		name  string
		other claim.Incident
		want  string
	}{
		{"the same month, district and act", begun(3, facts(fieldText{"event_from", "2024-03-09"})...), "[district time act]"},
		{"another year", begun(3, facts(fieldText{"event_from", "2023"})...), "[]"},
		{"another district", begun(3, facts(fieldText{"event_district", "B"})...), "[]"},
		{"decided to be different", begun(3, facts(fieldText{"related/r/incident", id(2).String()}, fieldText{"related/r/relation", "different"})...), "[]"},
		{"a pattern", begun(3, facts(fieldText{"event_scope", "pattern"})...), "[]"},
	} {
		w := claim.World{Incidents: []claim.Incident{same, c.other}}
		got := "[]"
		for _, s := range w.Suggest() {
			got = fmt.Sprint(s.Reasons)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

type fieldText struct{ field, value string }
