package casework_test

import (
	"testing"

	"amana"
	"amana/internal/brief"
	"amana/internal/casework"
	"amana/internal/release"
)

// What a brief said is known to the next one, by the ledger; where it is not, the
// incident is like no other.
func TestSaidBefore(t *testing.T) {
	h := newHouse(t)
	s, ctx := h.story(t), t.Context()
	if err := h.admin.AnswerAccount(ctx, s.account, answer(amana.PurposePublication, amana.Private{}, amana.Granted)); err != nil {
		t.Fatal(err)
	}
	before := func(except amana.RecordID) string {
		t.Helper()
		said, err := h.officer.SaidBefore(ctx, except)
		if err != nil {
			t.Fatal(err)
		}
		return said(s.incident)
	}
	if got := before(amana.RecordID{}); got != "" {
		t.Errorf("before any: %q", got)
	}
	public := func() release.Cleared {
		t.Helper()
		c, err := h.officer.Clear(ctx, casework.ReleaseAsk{Purpose: amana.PurposePublication, Format: brief.Format, Records: []amana.RecordID{s.incident, s.account}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := public()
	if got := before(first.ID()); got != "" {
		t.Errorf("beside itself: %q", got)
	}
	if got, want := before(amana.RecordID{}), first.ID().String()+"?"+s.incident.String()+"\n"; got != want {
		t.Errorf("nobody noted what it said: %q, want %q: like no other", got, want)
	}
	if err := h.officer.NoteSaid(ctx, first, map[amana.RecordID]string{s.incident: "2024|A region\n"}); err != nil {
		t.Fatal(err)
	}
	second := public()
	if got, want := before(second.ID()), first.ID().String()+"2024|A region \n\n"; got != want {
		t.Errorf("after the first: %q, want %q", got, want)
	}
	row, err := h.officer.LedgerEntry(ctx, first.ID())
	if err != nil || row.Spoiled || row.State != "left" {
		t.Errorf("the entry: %s, spoiled %v, %v", row.State, row.Spoiled, err)
	}
	if err := h.officer.NoteSaid(ctx, release.Cleared{}, nil); refusedFor(t, err) == "" {
		t.Error("it is noted what nothing said")
	}
}
