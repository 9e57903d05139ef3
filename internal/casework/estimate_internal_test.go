package casework

import (
	"context"
	"errors"
	"slices"
	"testing"

	"amana"
	"amana/internal/capture"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/record"
	"amana/mse"
)

func numbered(n byte) (id amana.RecordID) { id[0] = n; return id }

// What a source only repeats is the other's; what denies, doubts or tells nothing is on
// no list; what people decided of two incidents joins them, or holds them apart.
func TestLinkage(t *testing.T) {
	told := func(account byte, said string) claim.Claim {
		return claim.Claim{Stance: "supports", Account: numbered(account), Said: said}
	}
	published := func(in, cited byte) claim.Claim {
		c := claim.Claim{Stance: "supports", In: numbered(in)}
		if cited != 0 {
			c.Cited = numbered(cited)
		}
		return c
	}
	denied := published(101, 0)
	denied.Stance = "denies"
	incident := func(n byte, on string, related []claim.Related, claims ...claim.Claim) claim.Incident {
		return claim.Incident{ID: numbered(n), Scope: "event", From: on, Related: related, Claims: claims}
	}
	w := claim.World{
		Publications: map[amana.RecordID]claim.Publication{
			numbered(100): {By: "First  Office"}, numbered(101): {By: "Second office"}, numbered(102): {By: "first office"},
		},
		Incidents: []claim.Incident{
			incident(1, "2024-01-01", []claim.Related{{Incident: numbered(2), As: "same_event"}}, told(50, ""), published(100, 0)),
			incident(2, "2024-01-01", nil, published(102, 0)),
			incident(3, "2024-02-01", []claim.Related{{Incident: numbered(1), As: "different"}}, published(101, 100), denied),
			incident(4, "2024-03-01", nil, told(51, "declined"), denied),
			{ID: numbered(5), Scope: "pattern", From: "2024-03-01", Claims: []claim.Claim{published(100, 0)}},
		},
	}
	l := eventLinkage(&w)
	if want := []string{"", "first office"}; !slices.Equal(l.Lists, want) {
		t.Fatalf("lists %q, want %q", l.Lists, want)
	}
	if want := []mse.Pattern{3, 2, 2, 0}; !slices.Equal(l.Entries, want) {
		t.Errorf("events %v, want %v", l.Entries, want)
	}
	if !slices.Equal(l.Same, []capture.Pair{{A: 0, B: 1}}) || !slices.Equal(l.Apart, []capture.Pair{{A: 2, B: 0}}) {
		t.Errorf("same %v, apart %v", l.Same, l.Apart)
	}
}

// People are on the lists of those who tell of them: who tells of one act puts on the list
// whom it was done to. Two of one incident are two; what people decided of two in two
// incidents joins them, or holds them apart; groups are left out, and it is said.
func TestPersonLinkage(t *testing.T) {
	fold := func(n byte, facts ...event.Fact) claim.Incident {
		facts = append([]event.Fact{event.Begun{Kind: amana.KindIncident}, event.Set{Field: "event_scope", Value: event.Text("event")}}, facts...)
		r := record.Fold(numbered(n), []record.Entry{{Time: 1 << 16, Device: amana.DeviceID{1}, Seq: 1, Body: event.Body{Facts: facts}}})
		return claim.IncidentOf(claim.FromRecord(&r))
	}
	set := func(field, value string) event.Fact { return event.Set{Field: field, Value: event.Text(value)} }
	person := func(item, sex string) []event.Fact {
		return []event.Fact{
			event.Set{Field: "person/" + item + "/role", Value: event.List("survivor")},
			set("person/"+item+"/sex", sex),
			set("act/"+item+"/type", "020111010000"), set("act/"+item+"/victim", item),
		}
	}
	told := func(item, publication, acts string) []event.Fact {
		return []event.Fact{set("claim/"+item+"/stance", "supports"), set("claim/"+item+"/publication", numbered(100+publication[0]-'0').String()), set("claim/"+item+"/acts", acts)}
	}
	ref := func(n byte, item string) string { return claim.PersonRef{Incident: numbered(n), Item: item}.String() }
	w := claim.World{
		Publications: map[amana.RecordID]claim.Publication{numbered(101): {By: "One"}, numbered(102): {By: "Two"}},
		Incidents: []claim.Incident{
			fold(1, slices.Concat(person("p", "female"), person("q", "male"), told("x", "1", ""), told("y", "2", "q"), []event.Fact{
				set("same/s/person", "p"), set("same/s/with", ref(2, "p")), set("same/s/relation", "same_person"),
				set("same/u/person", "q"), set("same/u/with", ref(2, "p")), set("same/u/relation", "different_person"),
				set("same/v/person", "p"), set("same/v/with", ref(9, "p")), set("same/v/relation", "same_person"), // not here
			})...),
			fold(2, slices.Concat(person("p", "female"), told("x", "2", "p"), []event.Fact{set("person/g/unit", "group")})...),
		},
	}
	l, groups := personLinkage(&w)
	if want := []mse.Pattern{1, 3, 2}; groups != 1 || !slices.Equal(l.Entries, want) || !slices.Equal(l.Lists, []string{"one", "two"}) {
		t.Errorf("%d groups, entries %v on %q, want %v", groups, l.Entries, l.Lists, want)
	}
	if !slices.Equal(l.Same, []capture.Pair{{A: 0, B: 2}}) || !slices.Equal(l.Apart, []capture.Pair{{A: 0, B: 1}, {A: 1, B: 2}}) {
		t.Errorf("same %v, apart %v", l.Same, l.Apart)
	}
	table, err := l.Table(false)
	if want := []mse.Cell{{Pattern: 3, Count: 2}}; err != nil || !slices.Equal(table.Cells, want) { // p of both, and q: each on both lists
		t.Errorf("cells %v, want %v (%v)", table.Cells, want, err)
	}
}

// Links that nobody decided widen the interval.
func TestLinkSpread(t *testing.T) {
	l := capture.Linkage{Lists: []string{"a", "b", "c"}}
	for p, n := range map[mse.Pattern]int{1: 30, 2: 30, 4: 30, 3: 8, 5: 8, 6: 8, 7: 4} {
		l.Entries = append(l.Entries, slices.Repeat([]mse.Pattern{p}, n)...)
	}
	slices.Sort(l.Entries)
	first := func(p mse.Pattern) int { return slices.Index(l.Entries, p) }
	for i := range 20 { // somebody on the first list alone may be somebody on the second alone
		l.Unsure = append(l.Unsure, capture.Link{Pair: capture.Pair{A: first(1) + i, B: first(2) + i}, Chance: 0.4})
	}
	last, tellings := 0.0, 0
	told := func(share float64) {
		if share < last || share > 1 {
			t.Errorf("%g of it is done, after %g", share, last)
		}
		last, tellings = share, tellings+1
	}
	s, err := linkSpread(t.Context(), &l, EstimateAsk{Seed: 3}, told)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("none %.0f, all %.0f, drawn %.0f (%.0f to %.0f)", *s.None.Estimate, *s.All.Estimate, *s.Drawn.Estimate, *s.Drawn.Lower, *s.Drawn.Upper)
	if *s.All.Estimate >= *s.None.Estimate || s.Unsure != 20 || s.Draws+s.Failed != linkDraws {
		t.Errorf("none %.0f, all %.0f of %d draws", *s.None.Estimate, *s.All.Estimate, s.Draws)
	}
	if *s.Drawn.Estimate <= *s.All.Estimate || *s.Drawn.Estimate >= *s.None.Estimate {
		t.Errorf("drawn %.0f is not between %.0f and %.0f", *s.Drawn.Estimate, *s.All.Estimate, *s.None.Estimate)
	}
	if tellings != linkDraws || s.Least != 0.4 || s.Most != 0.4 {
		t.Errorf("told %d times, chances %g to %g", tellings, s.Least, s.Most)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := linkSpread(stopped, &l, EstimateAsk{Seed: 3}, func(float64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	again, err := linkSpread(t.Context(), &l, EstimateAsk{Seed: 3}, func(float64) {})
	if err != nil || *again.Drawn.Upper != *s.Drawn.Upper {
		t.Errorf("the same seed gives another interval: %v", err)
	}
}
