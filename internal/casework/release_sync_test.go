package casework_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/huridocs"
	"amana/internal/record"
	"amana/internal/release"
	"amana/internal/vault"
)

// elsewhere is a second device of the house, at which these members can unlock.
func (h *house) elsewhere(t *testing.T, members ...*casework.Desk) *casework.Office {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "second")
	raw, err := vault.RequestPairing(dir)
	if err != nil {
		t.Fatal(err)
	}
	request, err := vault.ParseRequest(raw)
	if err != nil {
		t.Fatal(err)
	}
	var ids []amana.MemberID
	for _, d := range members {
		ids = append(ids, d.Me().ID)
	}
	var answer bytes.Buffer
	if err := h.admin.Pair(t.Context(), request, "field", ids, &answer); err != nil {
		t.Fatal(err)
	}
	v, s, err := vault.Join(t.Context(), dir, &answer, []byte(adminWords), func() time.Time { return h.now })
	if err != nil {
		t.Fatal(err)
	}
	s.Lock()
	v.LockAll()
	o, err := casework.NewOffice(casework.Options{Dir: dir, Demo: true, Now: func() time.Time { return h.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.LockAll() })
	return o
}

// at unlocks a member's desk on a device.
func (h *house) at(t *testing.T, o *casework.Office, words string) *casework.Desk {
	t.Helper()
	d, err := o.Unlock(t.Context(), []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	built(t, d)
	return d
}

func built(t *testing.T, desks ...*casework.Desk) {
	t.Helper()
	for _, d := range desks {
		for deadline := time.Now().Add(20 * time.Second); !d.State().Progress.Searchable; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the lists are not built")
			}
		}
	}
}

// meet carries bundles between two devices, both ways.
func meet(t *testing.T, a, b *casework.Desk) {
	t.Helper()
	for _, pair := range [][2]*casework.Desk{{a, b}, {b, a}} {
		var file bytes.Buffer
		if _, err := pair[0].WriteBundleTo(t.Context(), amana.DeviceID{}, &file); err != nil {
			t.Fatal(err)
		}
		if _, _, err := pair[1].ReadBundle(t.Context(), &file); err != nil {
			t.Fatal(err)
		}
	}
	built(t, a, b)
}

// people are accounts that agreed to the court.
func (h *house) people(t *testing.T, n int) (ids []amana.RecordID) {
	t.Helper()
	for i := range n {
		id, err := h.admin.BeginClaim(t.Context(), amana.KindAccount, vals("source_code", fmt.Sprintf("S-%d", i), "source_said", "told"))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.admin.AnswerAccount(t.Context(), id, answer(amana.PurposeAccountability, theCourt, amana.Granted)); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func toCourt(ids ...amana.RecordID) casework.ReleaseAsk {
	return casework.ReleaseAsk{Purpose: amana.PurposeAccountability, Recipient: theCourt, Format: huridocs.Format, Records: ids}
}

// Nine people from one device and nine from another are eighteen, as soon as the two
// have met: nobody more leaves to that court without the approval of others. After the
// window they do not count any more.
func TestRelease_inSlices(t *testing.T) {
	h := newHouse(t)
	all := h.people(t, 19)
	second := h.at(t, h.elsewhere(t, h.admin, h.officer), officerWords)
	meet(t, h.admin, second)
	for _, part := range []struct {
		d   *casework.Desk
		ids []amana.RecordID
	}{{h.officer, all[:5]}, {h.officer, all[5:9]}, {second, all[9:18]}} {
		if _, err := part.d.Clear(t.Context(), toCourt(part.ids...)); err != nil {
			t.Fatalf("of %d: %v", len(part.ids), err)
		}
	}
	if _, err := h.officer.Clear(t.Context(), toCourt(all[9])); refusedFor(t, err) != "release.refused.quorum" {
		t.Errorf("the tenth on one device: %v", err)
	}
	meet(t, h.officer, second)
	one := toCourt(all[18])
	other := one
	other.Recipient = amana.Conceal("court, the")
	for name, d := range map[string]*casework.Desk{"the first": h.officer, "the second": second} {
		p, err := d.PreviewRelease(t.Context(), one)
		if err != nil || p.Needs != "release.quorum.window" || p.Refused != "release.refused.quorum" {
			t.Errorf("%s device, one more: needs %q, refused for %q, %v", name, p.Needs, p.Refused, err)
		}
		if _, err := d.Clear(t.Context(), toCourt(all[:9]...)); refusedFor(t, err) != "release.refused.quorum" {
			t.Errorf("%s device, the same nine again, of eighteen: %v", name, err)
		}
	}
	if err := h.admin.SetRule(t.Context(), casework.RuleReleaseDays, "1"); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(25 * time.Hour)
	if _, err := h.officer.Clear(t.Context(), one); err != nil {
		t.Errorf("after the window: %v", err)
	}
}

// A withdrawal on another device stops what has not left, marks what has, and asks
// whoever releases to tell the recipient, as soon as the two have met.
func TestRecalls_overBundles(t *testing.T) {
	h := newHouse(t)
	ids, ctx := h.people(t, 2), t.Context()
	o := h.elsewhere(t, h.admin)
	field := h.at(t, o, adminWords)
	c, err := h.officer.Clear(ctx, toCourt(ids...))
	if err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(time.Minute)
	if err := field.AnswerAccount(ctx, ids[0], answer(amana.PurposeAccountability, theCourt, amana.Withdrawn)); err != nil {
		t.Fatal(err)
	}
	if list, err := h.officer.Recalls(ctx); err != nil || len(list) != 0 {
		t.Fatalf("before they met: %d, %v", len(list), err)
	}
	meet(t, field, h.officer)
	list, err := h.officer.Recalls(ctx)
	if err != nil || len(list) != 1 || list[0].Row.ID != c.ID() || list[0].People != 1 || fmt.Sprint(list[0].Reasons) != "[release.recall.withdrawn]" {
		t.Fatalf("recalls %+v, %v", list, err)
	}
	if _, err := h.officer.Clear(ctx, toCourt(ids[0])); refusedFor(t, err) != "release.refused.withdrawn" {
		t.Errorf("withdrawn on another device: %v", err)
	}
	if left, err := h.admin.LeftOfAccount(ctx, ids[0]); err != nil || left.Releases[0].Recall != "release.recall.withdrawn" {
		t.Errorf("what left is not marked: %v", err)
	}
	if list, err := h.member(t, "Three", "tugad-mudof-sakat-lusab-babad-gutih", amana.RoleDocumenter).Recalls(ctx); err != nil || len(list) != 0 {
		t.Errorf("a documenter is asked to tell: %d, %v", len(list), err)
	}
	h.now = h.now.Add(time.Minute)
	if err := h.officer.NoteTold(ctx, c.ID(), amana.Conceal("by letter")); err != nil {
		t.Fatal(err)
	}
	if list, err := h.officer.Recalls(ctx); err != nil || len(list) != 0 {
		t.Errorf("told: %d, %v", len(list), err)
	}
	// The second person withdraws after the notice: there is another one to give.
	h.now = h.now.Add(time.Minute)
	if err := h.admin.AnswerAccount(ctx, ids[1], answer(amana.PurposeAccountability, amana.Private{}, amana.Withdrawn)); err != nil {
		t.Fatal(err)
	}
	if list, err := h.officer.Recalls(ctx); err != nil || len(list) != 1 || list[0].People != 2 {
		t.Errorf("withdrawn after the notice: %+v, %v", list, err)
	}
}

// A yes on one device and a withdrawal on another, neither of which saw the other:
// the withdrawal holds on both, whichever clock is ahead.
func TestRelease_grantAndWithdrawalAtOnce(t *testing.T) {
	for _, first := range []amana.Decision{amana.Granted, amana.Withdrawn} {
		h := newHouse(t)
		ids, ctx := h.people(t, 1), t.Context()
		o := h.elsewhere(t, h.admin, h.officer)
		there := h.at(t, o, adminWords)
		second := amana.Withdrawn
		if first == amana.Withdrawn {
			second = amana.Granted
		}
		h.now = h.now.Add(time.Minute)
		if err := h.admin.AnswerAccount(ctx, ids[0], answer(amana.PurposeAccountability, theCourt, first, release.Account)); err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(time.Minute)
		if err := there.AnswerAccount(ctx, ids[0], answer(amana.PurposeAccountability, theCourt, second, release.Account)); err != nil {
			t.Fatal(err)
		}
		officer := h.at(t, o, officerWords)
		meet(t, h.officer, there)
		for name, d := range map[string]*casework.Desk{"here": h.officer, "there": officer} {
			if _, err := d.Clear(ctx, toCourt(ids...)); refusedFor(t, err) != "release.refused.withdrawn" {
				t.Errorf("first %s, asked %s: %v", first, name, err)
			}
		}
	}
}

// Requirement 29 for what stands alone: an erased account is gone on every device, what
// is left of it says nothing, and who got something of it is to be told.
func TestEraseClaim_everywhere(t *testing.T) {
	h := newHouse(t)
	s, ctx := h.story(t), t.Context()
	o := h.elsewhere(t, h.admin)
	if err := h.admin.AnswerAccount(ctx, s.account, answer(amana.PurposeAccountability, theCourt, amana.Granted)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.officer.Clear(ctx, forCourt(s)); err != nil {
		t.Fatal(err)
	}
	there := h.at(t, o, adminWords)
	meet(t, h.admin, there)
	if _, err := there.ReadClaim(ctx, s.account); err != nil {
		t.Fatal(err)
	}
	code := casework.EraseCode(s.account)
	for name, try := range map[string]func() error{
		"another code": func() error { return h.admin.EraseClaim(ctx, s.account, "asked", "000000", "") },
		"no reason":    func() error { return h.admin.EraseClaim(ctx, s.account, "", code, "") },
	} {
		var bad casework.FieldErrors
		if err := try(); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.officer.EraseClaim(ctx, s.account, "asked", code, ""); refusedFor(t, err) != "erase.refused.role" {
		t.Errorf("by who may not: %v", err)
	}
	w, err := h.admin.Claims(ctx)
	if err != nil || len(casework.NamedBy(w, s.account)) != 1 {
		t.Errorf("named by %d incidents, %v", len(casework.NamedBy(w, s.account)), err)
	}
	if err := h.admin.EraseClaim(ctx, s.account, "asked", code, ""); err != nil {
		t.Fatal(err)
	}
	meet(t, h.admin, there)
	for name, d := range map[string]*casework.Desk{"here": h.admin, "there": there, "the officer": h.officer} {
		built(t, d)
		var gone *casework.ErasedError
		if _, err := d.ReadClaim(ctx, s.account); !errors.As(err, &gone) || gone.Tombstone.Reason != "asked" {
			t.Errorf("%s: %v", name, err)
		}
		if w, err := d.Claims(ctx); err != nil || len(w.Accounts) != 0 || len(w.Incidents) != 1 {
			t.Errorf("%s: %d accounts and %d incidents, %v", name, len(w.Accounts), len(w.Incidents), err)
		}
	}
	// Nothing of the incident leaves: who was heard cannot be asked any more.
	if _, err := h.officer.Clear(ctx, casework.ReleaseAsk{
		Purpose: amana.PurposeAccountability, Recipient: theCourt, Format: huridocs.Format, Records: []amana.RecordID{s.incident},
	}); refusedFor(t, err) != "release.refused.doubtful" {
		t.Errorf("released after the erasure: %v", err)
	}
	list, err := h.officer.Recalls(ctx)
	if err != nil || len(list) != 1 || fmt.Sprint(list[0].Reasons) != "[release.recall.erased]" {
		t.Errorf("recalls %+v, %v", list, err)
	}
}

// Requirement 25 against a program that was changed: who removes an attribution, or
// writes over it, changes nothing, on the page and in lists, and it is seen.
func TestAttribution_removedByAChangedProgram(t *testing.T) {
	r := record.Fold(amana.RecordID{1}, []record.Entry{
		{Time: 1 << 16, Seq: 1, Body: event.Body{Facts: []event.Fact{
			event.Begun{Kind: amana.KindIncident},
			event.Set{Field: "attribution/a/claim", Value: event.Text("c")},
			event.Set{Field: "attribution/a/how", Value: event.Text("insignia")},
			event.Set{Field: "crsv/x/assessment", Value: event.Text("possible_link")},
			event.Set{Field: "claim/c/what", Value: event.Text("x")},
		}}},
		{Time: 2 << 16, Seq: 2, Body: event.Body{Facts: []event.Fact{
			event.Removed{Field: "attribution/a"}, event.Removed{Field: "crsv/x/assessment"}, event.Removed{Field: "claim/c"},
		}}},
		{Time: 3 << 16, Seq: 3, Body: event.Body{Facts: []event.Fact{event.Set{Field: "attribution/a/how", Value: event.Text("assumed")}}}},
	})
	in := claim.IncidentOf(claim.FromRecord(&r))
	if list := in.Standing(); len(list) != 1 || list[0].How != "insignia" {
		t.Errorf("standing: %+v", list)
	}
	if now, ok := in.Assessed(); !ok || now.Assessment != "possible_link" {
		t.Error("the assessment is gone")
	}
	if got := fmt.Sprint(in.WrittenOver()); got != "[attribution/a/claim attribution/a/how crsv/x/assessment]" {
		t.Errorf("seen: %s", got)
	}
	if len(in.Claims) != 0 {
		t.Error("a claim cannot be removed")
	}
	if r.Value("attribution/a/how").Reveal() != "insignia" {
		t.Error("lists have the later word")
	}
}
