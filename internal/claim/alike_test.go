package claim_test

import (
	"fmt"
	"testing"

	"amana"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/record"
)

// happened is an incident with one girl of some age to whom something was done.
func happened(n byte, age int, more ...event.Fact) claim.Incident {
	facts := append([]event.Fact{
		event.Begun{Kind: amana.KindIncident},
		set("event_scope", "event"), set("event_from", "2024-03-09"), set("event_district", "A district"),
		set("person/p/sex", "female"), set("person/p/age", age), set("act/a/type", "020111010000"), set("act/a/victim", "p"),
		event.Set{Field: "person/p/role", Value: event.List("survivor")},
	}, more...)
	r := record.Fold(id(n), []record.Entry{at(1, facts...)})
	return claim.IncidentOf(claim.FromRecord(&r))
}

// People who have much in common are shown to somebody who decides, and never where age
// or sex speak against it, or where somebody has decided.
func TestSuggestPersons(t *testing.T) {
	decided := func(as string) []event.Fact {
		return []event.Fact{
			set("same/s/person", "p"), set("same/s/with", claim.PersonRef{Incident: id(2), Item: "p"}.String()), set("same/s/relation", as),
			set("same/s/reason", "the scar"),
		}
	}
	for _, c := range []struct {
		name  string
		other claim.Incident
		want  string
	}{
		{"all the same", happened(3, 16), "[district time act age sex]"},
		{"an age that is remembered", happened(3, 18), "[district time act age sex]"},
		{"another age", happened(3, 30), "[]"},
		{"another sex", happened(3, 16, set("person/p/sex", "male")), "[]"},
		{"the same code", happened(3, 16, set("person/p/code", "k7")), "[district time act age sex code]"},
		{"one event by decision, years apart", happened(3, 16, set("event_from", "2019"), set("related/r/incident", id(2).String()), set("related/r/relation", "same_event")), "[event district act age sex]"},
		{"years apart", happened(3, 16, set("event_from", "2019")), "[]"},
		{"a group", happened(3, 16, set("person/p/unit", "group")), "[]"},
		{"a pattern", happened(3, 16, set("event_scope", "pattern")), "[]"},
		{"a witness", happened(3, 16, set("act/a/victim", "other"), event.Set{Field: "person/p/role", Value: event.List("witness")}), "[]"},
		{"decided to be one", happened(3, 16, decided("same_person")...), "[]"},
		{"decided to be two", happened(3, 16, decided("different_person")...), "[]"},
	} {
		w := claim.World{Incidents: []claim.Incident{happened(2, 16, set("person/p/code", "K7")), c.other}}
		got := "[]"
		for _, s := range w.SuggestPersons() {
			got = fmt.Sprint(s.Reasons)
			if s.Strength() <= 0 || s.Strength() >= 1 {
				t.Errorf("%s: strength %g", c.name, s.Strength())
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	in := happened(3, 16, decided("same_person")...)
	if d := in.SamePersons(); len(d) != 1 || !d[0].Same || d[0].With != (claim.PersonRef{Incident: id(2), Item: "p"}) || d[0].Reason.IsEmpty() {
		t.Errorf("decisions %+v", d)
	}
}

func TestPersonRef_roundTrip(t *testing.T) {
	want := claim.PersonRef{Incident: id(7), Item: "x.y"}
	if got, ok := claim.ParsePersonRef(want.String()); !ok || got != want {
		t.Errorf("%v became %v", want, got)
	}
	for _, bad := range []string{"", "p", ".p", id(7).String(), id(7).String() + "."} {
		if _, ok := claim.ParsePersonRef(bad); ok {
			t.Errorf("%q is taken for a person", bad)
		}
	}
}

// What is about one act is about whom it was done to, and what is about none in
// particular is about everybody.
func TestDocuments(t *testing.T) {
	in := happened(3, 16, set("act/b/type", "020111010000"), set("act/b/victim", "q"), set("person/q/sex", "female"), set("person/g/unit", "group"))
	if !in.Documents(claim.Claim{}, "q") || !in.Documents(claim.Claim{Acts: []string{"b"}}, "q") || in.Documents(claim.Claim{Acts: []string{"a"}}, "q") {
		t.Error("a claim is about others than those to whom its acts were done")
	}
	if len(in.Harmed()) != 2 || in.Groups() != 1 {
		t.Errorf("%d people and %d groups, want 2 and 1", len(in.Harmed()), in.Groups())
	}
}
