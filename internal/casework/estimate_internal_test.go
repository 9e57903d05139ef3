package casework

import (
	"slices"
	"testing"

	"amana"
	"amana/internal/capture"
	"amana/internal/claim"
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
	event := func(n byte, on string, related []claim.Related, claims ...claim.Claim) claim.Incident {
		return claim.Incident{ID: numbered(n), Scope: "event", From: on, Related: related, Claims: claims}
	}
	w := claim.World{
		Publications: map[amana.RecordID]claim.Publication{
			numbered(100): {By: "First  Office"}, numbered(101): {By: "Second office"}, numbered(102): {By: "first office"},
		},
		Incidents: []claim.Incident{
			event(1, "2024-01-01", []claim.Related{{Incident: numbered(2), As: "same_event"}}, told(50, ""), published(100, 0)),
			event(2, "2024-01-01", nil, published(102, 0)),
			event(3, "2024-02-01", []claim.Related{{Incident: numbered(1), As: "different"}}, published(101, 100), denied),
			event(4, "2024-03-01", nil, told(51, "declined"), denied),
			{ID: numbered(5), Scope: "pattern", From: "2024-03-01", Claims: []claim.Claim{published(100, 0)}},
		},
	}
	l := linkage(&w)
	if want := []string{"", "first office"}; !slices.Equal(l.Lists, want) {
		t.Fatalf("lists %q, want %q", l.Lists, want)
	}
	if want := []mse.Pattern{3, 2, 2, 0}; !slices.Equal(l.Events, want) {
		t.Errorf("events %v, want %v", l.Events, want)
	}
	if !slices.Equal(l.Same, []capture.Pair{{A: 0, B: 1}}) || !slices.Equal(l.Apart, []capture.Pair{{A: 2, B: 0}}) {
		t.Errorf("same %v, apart %v", l.Same, l.Apart)
	}
}

// Links that nobody decided widen the interval.
func TestLinkSpread(t *testing.T) {
	l := capture.Linkage{Lists: []string{"a", "b", "c"}}
	for p, n := range map[mse.Pattern]int{1: 30, 2: 30, 4: 30, 3: 8, 5: 8, 6: 8, 7: 4} {
		l.Events = append(l.Events, slices.Repeat([]mse.Pattern{p}, n)...)
	}
	slices.Sort(l.Events)
	first := func(p mse.Pattern) int { return slices.Index(l.Events, p) }
	for i := range 20 { // somebody on the first list alone may be somebody on the second alone
		l.Unsure = append(l.Unsure, capture.Pair{A: first(1) + i, B: first(2) + i})
	}
	s, err := linkSpread(t.Context(), &l, 3)
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
	again, err := linkSpread(t.Context(), &l, 3)
	if err != nil || *again.Drawn.Upper != *s.Drawn.Upper {
		t.Errorf("the same seed gives another interval: %v", err)
	}
}
