package casework_test

import (
	"bytes"
	"errors"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/huridocs"
	"amana/internal/release"
)

// Requirement 36: what one organisation exports in the HURIDOCS formats another takes
// in, and has the same, field by field; what stays here is not there.
func TestClaims_exportedAndTakenIn(t *testing.T) {
	h, other := newHouse(t), newHouse(t)
	s, ctx := h.story(t), t.Context()
	err := h.admin.AnswerAccount(ctx, s.account, answer(amana.PurposeAccountability, theCourt, amana.Granted, release.Account, release.Place, release.Date))
	if err != nil {
		t.Fatal(err)
	}
	c, err := h.officer.Clear(ctx, forCourt(s))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := huridocs.Write(&file, c); err != nil {
		t.Fatal(err)
	}
	records, err := huridocs.Read(&file)
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	if err := h.admin.ImportClaims(ctx, records); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("where they are already: %v", err)
	}
	if err := other.admin.ImportClaims(ctx, records); err != nil {
		t.Fatal(err)
	}
	if err := other.admin.ImportClaims(ctx, records); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("taken in twice: %v", err)
	}
	for _, id := range []amana.RecordID{s.incident, s.account} {
		there, err := other.admin.ReadClaim(ctx, amana.Foreign(id))
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, d := range c.Records() {
			for _, l := range d.Lines {
				if d.ID != id || l.Verdict == release.Withheld {
					continue
				}
				want := l.Value
				if one, err := amana.ParseID[amana.Record](want.Reveal()); err == nil {
					want = event.Text(amana.Foreign(one).String())
				}
				if left++; !there.Sheet.Value(l.Name).Equal(want) {
					t.Errorf("%s came as another", l.Name)
				}
			}
		}
		if left < 5 || len(there.Sheet.Values()) != left {
			t.Errorf("%d fields there, %d left", len(there.Sheet.Values()), left)
		}
		for _, v := range there.Sheet.Values() {
			if v.Reveal() == canaryName {
				t.Error("the name is there")
			}
		}
	}
	s.incident, s.account = amana.Foreign(s.incident), amana.Foreign(s.account)
	if _, err := other.officer.Clear(ctx, forCourt(s)); refusedFor(t, err) != "release.refused.not_asked" {
		t.Errorf("who took it in releases it without asking anybody: %v", err)
	}
	records[0].Values["profit"] = records[0].Values["event_title"]
	records[0].ID = amana.RecordID{9}
	if err := other.admin.ImportClaims(ctx, records[:1]); !errors.As(err, new(casework.FieldErrors)) {
		t.Errorf("a field that nobody knows: %v", err)
	}
}
