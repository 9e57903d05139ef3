package casework_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"amana"
	"amana/internal/brief"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/huridocs"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/release"
)

// consentState is one way in which the answer of a person can stand.
type consentState struct {
	name    string
	answers func(p amana.Purpose, whom amana.Private) []casework.Answers
	allows  string // which canaries: i identity, a account, p place
	approve bool   // others are asked, and approve
	leaves  bool   // anything at all
}

func consentStates() []consentState {
	one := func(d amana.Decision, items ...release.Class) func(amana.Purpose, amana.Private) []casework.Answers {
		return func(p amana.Purpose, whom amana.Private) []casework.Answers {
			return []casework.Answers{answer(p, whom, d, items...)}
		}
	}
	all := []release.Class{release.Identity, release.Account, release.Place}
	return []consentState{
		{name: "not asked", answers: func(amana.Purpose, amana.Private) []casework.Answers { return nil }},
		{name: "refused", answers: one(amana.Refused, all...)},
		{name: "agreed, no item", answers: one(amana.Granted), leaves: true},
		{name: "agreed to the words", answers: one(amana.Granted, release.Account), allows: "a", leaves: true},
		{name: "agreed to the place", answers: one(amana.Granted, release.Place), allows: "p", leaves: true},
		{name: "agreed to the name, nobody else asked", answers: one(amana.Granted, release.Identity)},
		{name: "agreed to all, others approve", answers: one(amana.Granted, all...), allows: "iap", approve: true, leaves: true},
		{name: "withdrawn", answers: func(p amana.Purpose, whom amana.Private) []casework.Answers {
			return []casework.Answers{answer(p, whom, amana.Granted, all...), answer(p, whom, amana.Withdrawn)}
		}},
		{name: "agreed again after a withdrawal", answers: func(p amana.Purpose, whom amana.Private) []casework.Answers {
			return []casework.Answers{answer(p, whom, amana.Granted, all...), answer(p, whom, amana.Withdrawn), answer(p, whom, amana.Granted)}
		}, leaves: true},
		{name: "ended", answers: func(p amana.Purpose, whom amana.Private) []casework.Answers {
			a := answer(p, whom, amana.Granted, all...)
			a.Until = "2026-02"
			return []casework.Answers{a}
		}},
		{name: "on a condition nobody confirmed", answers: func(p amana.Purpose, whom amana.Private) []casework.Answers {
			a := answer(p, whom, amana.Granted, all...)
			a.Conditions = amana.Conceal("in closed session")
			return []casework.Answers{a}
		}},
		{name: "agreed for somebody else, or something else", answers: func(p amana.Purpose, _ amana.Private) []casework.Answers {
			elsewhere := amana.PurposePublication
			if p == elsewhere {
				elsewhere = amana.PurposeAccountability
			}
			return []casework.Answers{answer(elsewhere, amana.Conceal("Another court"), amana.Granted, all...)}
		}},
	}
}

// exportFormat makes the bytes of one export from what was cleared.
type exportFormat struct {
	name    string
	purpose amana.Purpose
	whom    amana.Private
	format  string
	write   func(release.Cleared) ([]byte, error)
	has     string // which canaries it can have at all
}

func exportFormats() []exportFormat {
	compose := func(c release.Cleared) (brief.Brief, error) {
		say := func(key string, args ...any) string { return key + fmt.Sprint(args...) }
		return brief.Compose(c, nil, brief.Reader{T: say, Date: func(s string) string { return s }})
	}
	pub, acc := amana.PurposePublication, amana.PurposeAccountability
	return []exportFormat{
		{"brief, page", pub, amana.Private{}, brief.Format, func(c release.Cleared) ([]byte, error) {
			b, err := compose(c)
			if err != nil {
				return nil, err
			}
			return b.HTML()
		}, "iap"},
		{"brief, Markdown", pub, amana.Private{}, brief.Format, func(c release.Cleared) ([]byte, error) {
			b, err := compose(c)
			return b.Markdown(), err
		}, "iap"},
		{"HURIDOCS", acc, theCourt, huridocs.Format, func(c release.Cleared) ([]byte, error) {
			var out bytes.Buffer
			err := huridocs.Write(&out, c)
			return out.Bytes(), err
		}, "iap"},
	}
}

// found says which canaries are in the bytes of an export.
func found(raw []byte) string {
	var have string
	for _, c := range []struct{ letter, words string }{{"i", canaryName}, {"a", canaryWords}, {"p", canaryPlace}} {
		if bytes.Contains(raw, []byte(c.words)) {
			have += c.letter
		}
	}
	return have
}

// Requirement 5: every export format, times every state of consent, times every role.
// A canary is only where the person agreed to it and the role lets things leave.
func TestRelease_canaries(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	err := errors.Join(h.admin.SetRule(ctx, casework.RuleReleaseApprovals, "1"), h.admin.SetRule(ctx, casework.RuleReleaseHours, "0"),
		h.admin.SetRule(ctx, casework.RuleReleaseBulk, "1000")) // each state is another person
	if err != nil {
		t.Fatal(err)
	}
	roles := map[amana.Role]*casework.Desk{amana.RoleReleaseOfficer: h.officer}
	for i, role := range amana.Roles() {
		if roles[role] == nil {
			roles[role] = h.member(t, string(role), fmt.Sprintf("mudof-sakat-lusab-babad-gutih-role%d", i), role)
		}
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "format\tconsent")
	for _, role := range amana.Roles() {
		fmt.Fprintf(w, "\t%s", role)
	}
	fmt.Fprintln(w)
	left := 0
	for _, f := range exportFormats() {
		for _, state := range consentStates() {
			fmt.Fprintf(w, "%s\t%s", f.name, state.name)
			s := h.story(t)
			for _, a := range state.answers(f.purpose, f.whom) {
				h.now = h.now.Add(time.Second)
				if err := h.admin.AnswerAccount(ctx, s.account, a); err != nil {
					t.Fatal(err)
				}
			}
			for _, role := range amana.Roles() {
				raw, why := h.export(t, roles[role], s, f, state)
				got, want := found(raw), ""
				may := role == amana.RoleReleaseOfficer && state.leaves
				if may {
					want = both(state.allows, f.has)
				}
				if got != want {
					t.Errorf("%s, %s, %s: canaries %q, want %q", f.name, state.name, role, got, want)
				}
				if (why == "") != may {
					t.Errorf("%s, %s, %s: refused for %q", f.name, state.name, role, why)
				}
				cell := "refused"
				if why == "" {
					left++
					cell = "left [" + got + "]"
				}
				fmt.Fprintf(w, "\t%s", cell)
			}
			fmt.Fprintln(w)
		}
	}
	canariesOfReferrals(t, w)
	w.Flush()
	t.Logf("i identity, a account, p place\n%s", table.String())
	if left != 5*len(exportFormats()) {
		t.Errorf("%d exports left, want %d: a test in which nothing leaves says nothing", left, 5*len(exportFormats()))
	}
}

// both are the letters in a and b.
func both(a, b string) (c string) {
	for _, r := range a {
		if strings.ContainsRune(b, r) {
			c += string(r)
		}
	}
	return c
}

func (h *house) export(t *testing.T, d *casework.Desk, s story, f exportFormat, state consentState) ([]byte, string) {
	t.Helper()
	ask := casework.ReleaseAsk{Purpose: f.purpose, Recipient: f.whom, Format: f.format, Records: []amana.RecordID{s.incident, s.account}}
	if state.approve {
		id, err := d.ProposeRelease(t.Context(), ask, amana.Conceal("asked for"))
		if err != nil {
			return nil, refusedFor(t, err)
		}
		if err := h.admin.AnswerProposal(t.Context(), id, true, amana.Conceal("seen")); err != nil {
			t.Fatal(err)
		}
		ask.Proposal = id
	}
	c, err := d.Clear(t.Context(), ask)
	if err != nil {
		if raw, _ := f.write(c); len(raw) > 0 && found(raw) != "" {
			t.Errorf("%s: what was refused is written", f.name)
		}
		return nil, refusedFor(t, err)
	}
	raw, err := f.write(c)
	if err != nil {
		t.Fatal(err)
	}
	return raw, ""
}

// canariesOfReferrals does the same for what goes with a referral: its items are those
// that were agreed to for this one provider.
func canariesOfReferrals(t *testing.T, w *tabwriter.Writer) {
	t.Helper()
	now := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	clinic := amana.Conceal("Clinic")
	source := referral.Source{
		Code: "K7MX-Q9TR-5", Age: event.Int(14), HasIdentity: true, Name: amana.Conceal(canaryName),
		Contact: referral.Contact{How: event.List("visit"), Notes: amana.Conceal(canaryPlace)},
	}
	for _, state := range []struct {
		name     string
		decision amana.Decision
		until    string
		agreed   []referral.Item
		want     string
	}{
		{"not asked", "", "", referral.Asked(), ""},
		{"refused", amana.Refused, "", referral.Asked(), ""},
		{"agreed, no item", amana.Granted, "", nil, ""},
		{"agreed to the words", amana.Granted, "", []referral.Item{referral.ItemNarrative}, "a"},
		{"agreed to the name", amana.Granted, "", []referral.Item{referral.ItemName}, "i"},
		{"agreed to every item", amana.Granted, "", referral.Asked(), "ia"},
		{"withdrawn", amana.Withdrawn, "", referral.Asked(), ""},
		{"ended", amana.Granted, "2026-02", referral.Asked(), ""},
	} {
		source.Consents = referral.Consents{}
		if state.decision != "" {
			source.Consents.States = []record.ConsentState{{Consented: event.Consented{
				Purpose: amana.PurposeReferral, Recipient: clinic, Decision: state.decision, Until: state.until,
			}}}
		}
		p, err := referral.Compute(source, referral.Request{
			ID: amana.RecordID{1}, Recipient: clinic, Service: "health_medical_service", Agreed: state.agreed, Narrative: amana.Conceal(canaryWords),
		}, now)
		var raw bytes.Buffer
		for _, l := range p.Leaving() {
			fmt.Fprintln(&raw, l.Item, l.Option, l.Options, l.Words.Reveal())
		}
		if got := found(raw.Bytes()); got != state.want || (err == nil) != (state.decision == amana.Granted && state.until == "") {
			t.Errorf("referral, %s: canaries %q, want %q (%v)", state.name, got, state.want, err)
		}
		cell := "refused"
		if err == nil {
			cell = "left [" + found(raw.Bytes()) + "]"
		}
		fmt.Fprintf(w, "referral\t%s\twhoever works on the case: %s\n", state.name, cell)
	}
}
