package release_test

import (
	"errors"
	"testing"
	"time"

	"amana"
	"amana/internal/release"
)

func TestQuorum(t *testing.T) {
	acc := amana.PurposeAccountability
	have := answers(yes(acc, court), item(acc, court, release.Identity))
	ok := func(by byte) release.Approval {
		return release.Approval{By: member(by), When: noon.Add(-time.Hour), Reason: amana.Conceal("seen")}
	}
	silent := ok(3)
	silent.Reason = amana.Private{}
	objects := ok(4)
	objects.No = true
	proposal := func(a ...release.Approval) *release.Proposal {
		return &release.Proposal{
			Scope: release.Scope{Purpose: acc, Recipient: court, Format: "test", Records: []amana.RecordID{id(1)}},
			By:    member(1), When: noon.Add(-25 * time.Hour), Reason: amana.Conceal("asked by the court"), Approvals: a,
		}
	}
	early := proposal(ok(2), ok(3))
	early.When = noon.Add(-23 * time.Hour)
	elsewhere := proposal(ok(2), ok(3))
	elsewhere.Scope.Recipient = other
	more := proposal(ok(2), ok(3))
	more.Scope.Records = []amana.RecordID{id(2)}
	wordless := proposal(ok(2), ok(3))
	wordless.Reason = amana.Private{}
	for _, c := range []struct {
		name string
		p    *release.Proposal
		want string
	}{
		{"nobody was asked", nil, "release.refused.quorum"},
		{"one of two", proposal(ok(2)), "release.refused.quorum"},
		{"one twice", proposal(ok(2), ok(2)), "release.refused.quorum"},
		{"who proposes does not count", proposal(ok(2), ok(1)), "release.refused.quorum"},
		{"without a reason", proposal(ok(2), silent), "release.refused.quorum"},
		{"two of them", proposal(ok(2), ok(3)), ""},
		{"and one objects", proposal(ok(2), ok(3), objects), "release.refused.objection"},
		{"too early", early, "release.refused.delay"},
		{"for another recipient", elsewhere, "release.refused.scope"},
		{"for other records", more, "release.refused.scope"},
		{"proposed without a reason", wordless, "release.refused.reason"},
	} {
		r := request(acc, court, whole(1, have))
		r.Proposal = c.p
		if _, err := gate(&book{}).Clear(t.Context(), r); why(t, err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestQuorum_ofMany(t *testing.T) {
	acc := amana.PurposeAccountability
	have := answers(yes(acc, court))
	var records []release.Record
	for n := range 10 {
		records = append(records, whole(n, have))
	}
	if _, err := gate(&book{}).Clear(t.Context(), request(acc, court, records[:9]...)); err != nil {
		t.Errorf("of nine: %v", err)
	}
	if _, err := gate(&book{}).Clear(t.Context(), request(acc, court, records...)); why(t, err) != "release.refused.quorum" {
		t.Errorf("of ten: %v", err)
	}
	for i := range records { // ten records of one person are no bulk release
		records[i].Subject = id(7)
	}
	if _, err := gate(&book{}).Clear(t.Context(), request(acc, court, records...)); err != nil {
		t.Errorf("ten of one person: %v", err)
	}
}

// Nine people and then nine others are eighteen: what left to a recipient within the
// window counts, however the recipient is written, and whoever let it leave.
func TestQuorum_inSlices(t *testing.T) {
	pub, acc := amana.PurposePublication, amana.PurposeAccountability
	some := func(from, n int, p amana.Purpose, whom amana.Private) []release.Record {
		var list []release.Record
		for i := range n {
			list = append(list, whole(from+i, answers(yes(p, whom))))
		}
		return list
	}
	earlier := map[amana.RecordID]amana.Private{}
	for n := range 9 {
		earlier[id(1000+n)] = court // the subjects of whole(n)
	}
	for _, c := range []struct {
		name    string
		left    map[amana.RecordID]amana.Private
		ask     amana.Purpose
		whom    amana.Private
		records []release.Record
		want    string
	}{
		{"the first nine", nil, acc, court, some(0, 9, acc, court), ""},
		{"one more", earlier, acc, court, some(9, 1, acc, court), "release.refused.quorum"},
		{"nine others", earlier, acc, court, some(9, 9, acc, court), "release.refused.quorum"},
		{"the same nine again", earlier, acc, court, some(0, 9, acc, court), ""},
		{"written another way", earlier, acc, amana.Conceal("Court, The"), some(9, 1, acc, amana.Conceal("Court, The")), "release.refused.quorum"},
		{"another court", earlier, acc, other, some(9, 1, acc, other), ""},
		{"the public", earlier, pub, public, some(9, 1, pub, public), ""},
		{"her way to help waits for nobody", earlier, amana.PurposeReferral, court, some(9, 1, amana.PurposeReferral, court), ""},
	} {
		b := &book{left: c.left}
		if _, err := gate(b).Clear(t.Context(), request(c.ask, c.whom, c.records...)); why(t, err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		b = &book{left: c.left, unread: amana.ErrTampered}
		_, err := gate(b).Clear(t.Context(), request(c.ask, c.whom, c.records...))
		if free := c.ask == amana.PurposeReferral; errors.Is(err, amana.ErrTampered) == free || len(b.entries) > 0 != free {
			t.Errorf("%s, with a ledger that cannot be read: %v", c.name, err)
		}
	}
	// Two at once: both counted nine, and the second look sees the other.
	b := &book{}
	b.between = func() { b.between, b.left = nil, earlier }
	if _, err := gate(b).Clear(t.Context(), request(acc, court, some(9, 9, acc, court)...)); why(t, err) != "release.refused.quorum" || len(b.stopped) != 1 {
		t.Errorf("two at once: %v", err)
	}
}
