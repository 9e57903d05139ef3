package casework_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
	"unicode/utf16"

	"amana"
	"amana/internal/brief"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/disclose"
	"amana/internal/dossier"
	"amana/internal/event"
	"amana/internal/huridocs"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/release"
	"amana/internal/stats"
)

// canaryFile is in the bytes of a file of evidence.
const canaryFile = "CANARYFILE"

// canaries are the letters by which the table shows them: identity, account, place,
// a file.
var canaries = []struct{ letter, words string }{{"i", canaryName}, {"a", canaryWords}, {"p", canaryPlace}, {"e", canaryFile}}

// consentState is one way in which the answers of a person can stand.
type consentState struct {
	name    string
	answers func(p amana.Purpose, whom amana.Private) []casework.Answers
	allows  string // which canaries
	approve bool   // others are asked, and approve
	leaves  bool   // anything at all
}

func consentStates() []consentState {
	one := func(d amana.Decision, items ...release.Class) func(amana.Purpose, amana.Private) []casework.Answers {
		return func(p amana.Purpose, whom amana.Private) []casework.Answers {
			return []casework.Answers{answer(p, whom, d, items...)}
		}
	}
	all := []release.Class{release.Identity, release.Account, release.Place, release.Evidence}
	return []consentState{
		{name: "not asked", answers: func(amana.Purpose, amana.Private) []casework.Answers { return nil }},
		{name: "refused", answers: one(amana.Refused, all...)},
		{name: "agreed, no item", answers: one(amana.Granted), leaves: true},
		{name: "agreed to the words", answers: one(amana.Granted, release.Account), allows: "a", leaves: true},
		{name: "agreed to the place", answers: one(amana.Granted, release.Place), allows: "p", leaves: true},
		{name: "agreed to the files", answers: one(amana.Granted, release.Evidence), allows: "e", leaves: true},
		{name: "agreed to the name, nobody else asked", answers: one(amana.Granted, release.Identity)},
		{name: "agreed to all, others approve", answers: one(amana.Granted, all...), allows: "iape", approve: true, leaves: true},
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
		{name: "agreed for somebody else", answers: func(p amana.Purpose, _ amana.Private) []casework.Answers {
			return []casework.Answers{answer(elsewhere(p), amana.Conceal("Another court"), amana.Granted, all...)}
		}},
	}
}

// elsewhere is a purpose that does not open another.
func elsewhere(p amana.Purpose) amana.Purpose {
	if p == amana.PurposePublication {
		return amana.PurposeAccountability
	}
	return amana.PurposePublication
}

// subject is one person whose answers stand in one way: with what was told here, and
// with a case.
type subject struct {
	story
	state consentState
	care  amana.RecordID // the case
	item  amana.RecordID // of evidence
}

// exporter makes the bytes of one export as a member would.
type exporter struct {
	name    string
	purpose amana.Purpose
	has     string // which canaries it can have at all
	roles   []amana.Role
	// export returns nothing and why, where nothing leaves.
	export    func(t *testing.T, d *casework.Desk, s subject) ([]byte, string)
	approvals bool   // others approve of names
	stays     string // a state in which nothing leaves: what once said no to counting keeps its incident out
}

func exporters(h *house) []exporter {
	officers := []amana.Role{amana.RoleReleaseOfficer}
	pub, acc := amana.PurposePublication, amana.PurposeAccountability
	cleared := func(name string, p amana.Purpose, whom amana.Private, format string, write func(*testing.T, release.Cleared) []byte) exporter {
		return exporter{name: name, purpose: p, has: "iap", roles: officers, approvals: true, export: func(t *testing.T, d *casework.Desk, s subject) ([]byte, string) {
			t.Helper()
			ask := casework.ReleaseAsk{Purpose: p, Recipient: whom, Format: format, Records: []amana.RecordID{s.incident, s.account}}
			if s.state.approve {
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
				return nil, refusedFor(t, err)
			}
			return write(t, c), ""
		}}
	}
	compose := func(t *testing.T, c release.Cleared) brief.Brief {
		t.Helper()
		say := func(key string, args ...any) string { return key + fmt.Sprint(args...) }
		b, err := brief.Compose(c, nil, nil, brief.Reader{T: say, Date: func(s string) string { return s }})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	made := func(t *testing.T, raw []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	return []exporter{
		cleared("brief, page", pub, amana.Private{}, brief.Format, func(t *testing.T, c release.Cleared) []byte {
			raw, err := compose(t, c).HTML()
			return made(t, raw, err)
		}),
		cleared("brief, PDF", pub, amana.Private{}, brief.Format, func(t *testing.T, c release.Cleared) []byte {
			raw, err := compose(t, c).PDF()
			return made(t, raw, err)
		}),
		cleared("brief, Markdown", pub, amana.Private{}, brief.Format, func(t *testing.T, c release.Cleared) []byte { return compose(t, c).Markdown() }),
		cleared("HURIDOCS", acc, theCourt, huridocs.Format, func(t *testing.T, c release.Cleared) []byte {
			var out bytes.Buffer
			err := huridocs.Write(&out, c)
			return made(t, out.Bytes(), err)
		}),
		{name: "dossier", purpose: acc, has: "iape", roles: officers, approvals: true, export: h.exportDossier},
		{name: "recorder workbook", purpose: amana.PurposeStatistics, roles: []amana.Role{amana.RoleSupervisor, amana.RoleReleaseOfficer}, stays: "agreed again after a withdrawal", export: exportWorkbook},
	}
}

func (h *house) exportDossier(t *testing.T, d *casework.Desk, s subject) ([]byte, string) {
	t.Helper()
	plan := casework.DossierPlan{
		Case: s.care, Recipient: theCourt, Items: []amana.RecordID{s.item},
		Tongue: casework.Tongue{Code: "en", Words: func(key string, _ ...any) string { return key }, Field: func(name string) string { return name }},
	}
	if s.state.approve {
		id, err := d.ProposeDossier(t.Context(), plan, amana.Conceal("asked for"))
		if err != nil {
			return nil, refusedFor(t, err)
		}
		if err := h.admin.AnswerProposal(t.Context(), id, true, amana.Conceal("seen")); err != nil {
			t.Fatal(err)
		}
		plan.Proposal = id
	}
	if err := d.PrepareDossier(t.Context(), plan); err != nil {
		return nil, refusedFor(t, err)
	}
	defer d.DropDossier()
	var out bytes.Buffer
	if err := d.Dossier(&out); err != nil {
		t.Fatal(err)
	}
	if r, err := dossier.Verify(t.Context(), bytes.NewReader(out.Bytes()), int64(out.Len()), dossier.Options{}); err != nil || !r.OK {
		t.Errorf("the dossier does not verify: %v", err)
	}
	return out.Bytes(), ""
}

func exportWorkbook(t *testing.T, d *casework.Desk, s subject) ([]byte, string) {
	t.Helper()
	teams := d.ExportTeams()
	if len(teams) == 0 {
		return nil, "not theirs to export"
	}
	f, err := d.ReadCase(t.Context(), s.care)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r, err := d.ExportUnasked(t.Context(), &out, casework.ExportPlan{Team: f.Team.ID, Recipient: "The task force", Language: "en"})
	if no, is := errors.AsType[*casework.Refusal](err); is && no.Key == "export.none" {
		return nil, "left out"
	}
	if err != nil {
		return nil, refusedFor(t, err)
	}
	if !bytes.Contains(opened(t, out.Bytes()), []byte(f.Incidents[0].Code)) { // others may be in it
		if r.Withheld == 0 {
			t.Error("it is left out, and not counted")
		}
		return nil, "left out"
	}
	return out.Bytes(), ""
}

// opened is what is in a file: also what is packed, and the words of a PDF.
func opened(t *testing.T, raw []byte) []byte {
	t.Helper()
	all := slices.Clone(raw)
	if z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw))); err == nil {
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all = append(append(all, f.Name...), opened(t, content)...)
		}
		return all
	}
	for rest := raw; ; {
		_, after, found := bytes.Cut(rest, []byte("stream\n"))
		if !found {
			break
		}
		if z, err := zlib.NewReader(bytes.NewReader(after)); err == nil {
			content, _ := io.ReadAll(z) // to its end, or to where it is none
			all = append(all, content...)
		}
		rest = after
	}
	for _, m := range actualText.FindAllSubmatch(all, -1) {
		b, err := hex.DecodeString(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		var units []uint16
		for i := 0; i+1 < len(b); i += 2 {
			units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
		}
		all = append(all, string(utf16.Decode(units))...)
	}
	return all
}

var actualText = regexp.MustCompile(`/ActualText <([0-9A-Fa-f]+)>`)

// found says which canaries are in the bytes of an export.
func found(t *testing.T, raw []byte) (have string) {
	t.Helper()
	in := opened(t, raw)
	for _, c := range canaries {
		if bytes.Contains(in, []byte(c.words)) {
			have += c.letter
		}
	}
	return have
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

// subject begins somebody whose answers stand in one way, for every purpose.
func (h *house) subject(t *testing.T, state consentState) subject {
	t.Helper()
	ctx, d := t.Context(), h.admin
	s := subject{story: h.story(t), state: state}
	care := amana.TeamID{}
	for _, team := range d.Me().Teams {
		if team.Compartment == amana.Care {
			care = team.ID
		}
	}
	var err error
	s.care, err = d.OpenCase(ctx, casework.Intake{
		Team: care, Case: vals("age", 23, "sex", "female"), Identity: vals("name", canaryName, "place_of_stay", canaryPlace),
	})
	if err != nil {
		t.Fatal(err)
	}
	in, err := d.BeginIncident(ctx, s.care)
	if err == nil {
		err = d.ChangeRecord(ctx, s.care, casework.Change{Record: in, Values: vals("gbv_sexual_violence_type", "rape", "consent_reporting", "")})
	}
	if err != nil {
		t.Fatal(err)
	}
	s.item, err = d.TakeEvidence(ctx, casework.NewEvidence{
		Case: s.care, Event: "received", FileName: amana.Conceal("a.txt"),
		Values: vals("title", canaryWords, "description", canaryWords, "collected_at", canaryPlace, "source", canaryName),
		Words:  map[string]amana.Private{"from": amana.Conceal(canaryName), "place": amana.Conceal(canaryPlace), "reason": amana.Conceal(canaryWords)},
	}, strings.NewReader(canaryFile+" and more"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		purpose amana.Purpose
		whom    amana.Private
	}{{amana.PurposePublication, amana.Private{}}, {amana.PurposeAccountability, theCourt}, {amana.PurposeStatistics, amana.Private{}}} {
		list := state.answers(p.purpose, p.whom)
		if p.purpose == amana.PurposeAccountability && len(list) > 0 && list[0].Purpose != p.purpose {
			continue // said for publication already
		}
		for _, a := range list {
			h.now = h.now.Add(time.Second)
			if err := errors.Join(d.AnswerCase(ctx, s.care, a), d.AnswerAccount(ctx, s.account, a)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

// Requirements 3 and 5: every export format, times every state of consent, times every
// role. A canary is only where the person agreed to it and the role lets things leave.
func TestRelease_canaries(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	err := errors.Join(h.admin.SetRule(ctx, casework.RuleReleaseApprovals, "1"), h.admin.SetRule(ctx, casework.RuleReleaseHours, "0"),
		h.admin.SetRule(ctx, casework.RuleReleaseBulk, "1000")) // each state is another person
	if err != nil {
		t.Fatal(err)
	}
	roles := map[amana.Role]*casework.Desk{}
	for i, role := range amana.Roles() {
		roles[role] = h.member(t, string(role), fmt.Sprintf("mudof-sakat-lusab-babad-gutih-role%d", i), role)
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	line := func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")) }
	head := []string{"format", "consent"}
	for _, role := range amana.Roles() {
		head = append(head, string(role))
	}
	line(head...)
	left := map[string]int{}
	for _, state := range consentStates() {
		s := h.subject(t, state)
		for _, f := range exporters(h) {
			cells := []string{f.name, state.name}
			for _, role := range amana.Roles() {
				raw, why := f.export(t, roles[role], s)
				got, want, may := found(t, raw), "", state.leaves && state.name != f.stays && slices.Contains(f.roles, role)
				if !f.approvals && state.name == "agreed to the name, nobody else asked" {
					may = slices.Contains(f.roles, role) // it has no name, and asks nobody
				}
				if may {
					want = both(state.allows, f.has)
				}
				if got != want {
					t.Errorf("%s, %s, %s: canaries %q, want %q", f.name, state.name, role, got, want)
				}
				if (why == "") != may {
					t.Errorf("%s, %s, %s: refused for %q", f.name, state.name, role, why)
				}
				cell := "-"
				if why == "" {
					left[f.name]++
					cell = "left [" + got + "]"
				}
				cells = append(cells, cell)
			}
			line(cells...)
		}
		line("page for the survivor", state.name, "whoever reads the case or the account: ["+found(t, h.leftAbout(t, s))+"]")
	}
	h.canariesOfReferrals(t, line)
	h.canariesOfTheRest(t, line)
	w.Flush()
	t.Logf("i identity, a account, p place, e a file; - nothing left\n%s", table.String())
	for _, f := range exporters(h) {
		if want := 6; left[f.name] < want {
			t.Errorf("%s: %d exports left, want %d at least: a test in which nothing leaves says nothing", f.name, left[f.name], want)
		}
	}
}

// leftAbout is all that the page for the survivor is made of. It says what left, and
// holds nothing of it.
func (h *house) leftAbout(t *testing.T, s subject) []byte {
	t.Helper()
	var b bytes.Buffer
	of, err := h.admin.LeftOfCase(t.Context(), s.care)
	if err != nil {
		t.Fatal(err)
	}
	told, err := h.admin.LeftOfAccount(t.Context(), s.account)
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range []casework.LeftAbout{of, told} {
		fmt.Fprintln(&b, all.Code, all.Names)
		for _, r := range all.Releases {
			fmt.Fprintln(&b, r.Recipient.Reveal(), r.Purpose, r.Format, r.Items, r.Whole, r.Widened, r.Recall)
		}
		for _, f := range all.Figures {
			fmt.Fprintln(&b, f.To.Reveal())
		}
		if s.state.leaves != (len(all.Releases) > 0) {
			t.Errorf("%s: %d releases on the page for the survivor", s.state.name, len(all.Releases))
		}
	}
	if got := found(t, b.Bytes()); got != "" {
		t.Errorf("%s: the page for the survivor holds %q", s.state.name, got)
	}
	return b.Bytes()
}

// canariesOfReferrals does the same for what goes with a referral, as its package, its
// slip and its letter: its items are those that were agreed to for this one provider.
func (h *house) canariesOfReferrals(t *testing.T, line func(...string)) {
	t.Helper()
	now := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	clinic := amana.Conceal("Clinic")
	for _, state := range []struct {
		name     string
		decision amana.Decision
		until    string
		agreed   []referral.Item
		before   bool // the items were agreed to before the consent
		want     string
		leaves   bool
	}{
		{name: "not asked", agreed: referral.Asked()},
		{name: "refused", decision: amana.Refused, agreed: referral.Asked()},
		{name: "agreed, no item", decision: amana.Granted, leaves: true},
		{name: "agreed to the words", decision: amana.Granted, agreed: []referral.Item{referral.ItemNarrative}, want: "a", leaves: true},
		{name: "agreed to the name", decision: amana.Granted, agreed: []referral.Item{referral.ItemName}, want: "i", leaves: true},
		{name: "agreed to every item", decision: amana.Granted, agreed: referral.Asked(), want: "ia", leaves: true},
		{name: "items of before she agreed again", decision: amana.Granted, agreed: referral.Asked(), before: true, leaves: true},
		{name: "withdrawn", decision: amana.Withdrawn, agreed: referral.Asked()},
		{name: "ended", decision: amana.Granted, until: "2026-02", agreed: referral.Asked()},
	} {
		source := referral.Source{
			Code: "K7MX-Q9TR-5", Age: event.Int(14), HasIdentity: true, Name: amana.Conceal(canaryName),
			Contact: referral.Contact{How: event.List("visit"), Notes: amana.Conceal(canaryPlace)},
		}
		if state.decision != "" {
			a := answer(amana.PurposeReferral, clinic, state.decision)
			a.Until = state.until
			source.Consents = answersOf(5<<16, a)
		}
		ask := referral.Request{
			ID: amana.RecordID{1}, Recipient: clinic, Service: "health_medical_service", Agreed: state.agreed, AgreedAt: 6 << 16,
			Narrative: amana.Conceal(canaryWords),
		}
		if state.before {
			ask.AgreedAt = 4 << 16
		}
		cells := []string{"referral", state.name}
		for _, role := range amana.Roles() {
			p, err := passReferral(t, role, source, ask, now)
			raw := p.Bytes()
			if slip, err := p.Slip(referral.SlipWords{Place: amana.Conceal("the blue door")}); err == nil {
				raw = fmt.Append(raw, slip.Code(), slip.Place().Reveal(), slip.Person().Reveal())
			}
			may, want := state.leaves && release.MayRelease(amana.PurposeReferral, []amana.Role{role}), ""
			if may {
				want = state.want
			}
			if got := found(t, raw); got != want || (err == nil) != may {
				t.Errorf("referral, %s, %s: canaries %q, want %q (%v)", state.name, role, got, want, err)
			}
			cell := "-"
			if err == nil {
				cell = "left [" + want + "]"
			}
			cells = append(cells, cell)
		}
		line(cells...)
	}
}

// canariesOfTheRest are the formats that are of no person: the directory and figures.
// Whoever may make them, nothing of anybody is in them.
func (h *house) canariesOfTheRest(t *testing.T, line func(...string)) {
	t.Helper()
	house := directory.Service{ID: amana.RecordID{9}, Values: directory.Values{
		"id": event.Text("s1"), "name": event.Text("House"), "status": event.Text("active"), "assured_date": event.Text("2026-03-01"),
		"service_types": event.List("safehouse_service"), "service_at_locations/l1/location/name": event.Text(canaryPlace),
		"service_at_locations/l1/location/addresses/a1/address_1": event.Text(canaryPlace),
	}}
	for _, audience := range directory.Audiences() {
		var raw bytes.Buffer
		p := directory.For([]directory.Service{house}, audience, h.now)
		if err := errors.Join(directory.WritePackage(&raw, p, h.now), directory.WriteJSON(&raw, p)); err != nil {
			t.Fatal(err)
		}
		got := found(t, raw.Bytes())
		if got != "" && audience != directory.ForOurselves {
			t.Errorf("HSDS %s: %q", audience, got)
		}
		line("HSDS, a safe house", string(audience), "["+got+"]")
	}
	for _, role := range amana.Roles() {
		words := fmt.Sprintf("mudof-sakat-lusab-babad-gutih-role%d", slices.Index(amana.Roles(), role))
		plan, err := h.desk(t, words).PlanFigures(t.Context(), casework.Releasing{To: disclose.Audiences()[0], First: "2026-03", Last: "2026-03", Group: stats.Month})
		cell := "-"
		if err == nil {
			r := plan.Plan.Preview()
			raw, err := r.Encode()
			if err != nil {
				t.Fatal(err)
			}
			got := found(t, raw)
			if got != "" {
				t.Errorf("figures, %s: %q", role, got)
			}
			cell = "[" + got + "]"
		}
		line("statistics", string(role), cell)
	}
}

// answersOf folds one answer, recorded at a time.
func answersOf(at uint64, a casework.Answers) release.Consents {
	r := record.Fold(amana.RecordID{8}, []record.Entry{{Time: at, Seq: 1, Body: event.Body{Facts: []event.Fact{event.Consented{
		Purpose: a.Purpose, Recipient: a.Recipient, Decision: a.Decision, Until: a.Until,
	}}}}})
	return release.ConsentsOf(false, &r)
}

func passReferral(t *testing.T, role amana.Role, s referral.Source, r referral.Request, now time.Time) (referral.Package, error) {
	t.Helper()
	g := &release.Gate{Now: func() time.Time { return now }, Ledger: silent{}}
	c, err := g.Clear(t.Context(), release.Request{
		ID: r.ID, By: release.By{Roles: []amana.Role{role}}, Purpose: amana.PurposeReferral, Recipient: r.Recipient, Format: referral.Format,
		Records: func(context.Context) ([]release.Record, error) {
			return []release.Record{referral.Record(s, r, now)}, nil
		},
	})
	if err != nil {
		return referral.Package{}, err
	}
	return referral.Pack(c)
}
