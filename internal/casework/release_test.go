package casework_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/huridocs"
	"amana/internal/release"
)

// house is an organisation with a team that documents: whoever writes, whoever
// releases, and others who may approve.
type house struct {
	*casework.Office
	now     time.Time
	admin   *casework.Desk // also documents and supervises
	officer *casework.Desk
}

const officerWords = "gutih-tugad-mudof-sakat-lusab-babad"

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{now: time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)}
	var err error
	h.Office, err = casework.NewOffice(casework.Options{Dir: filepath.Join(t.TempDir(), "v"), Demo: true, Now: func() time.Time { return h.now }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Found(t.Context(), casework.NewOrganisation{
		Name: "House", Languages: []string{"en"}, Administrator: "One", Passphrase: []byte(adminWords), Custodians: []string{"A", "B", "C"}, Threshold: 2,
		Teams: []casework.NewTeam{
			{Name: "Documentation", Compartment: amana.Accountability, Join: true}, {Name: "Care", Compartment: amana.Care, Identities: true, Join: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.LockAll() })
	h.admin = h.desk(t, adminWords)
	err = h.admin.ChangeRoles(t.Context(), h.admin.Me().ID, []amana.Role{amana.RoleAdministrator, amana.RoleDocumenter, amana.RoleSupervisor})
	if err != nil {
		t.Fatal(err)
	}
	h.officer = h.member(t, "Two", officerWords, amana.RoleReleaseOfficer)
	return h
}

func (h *house) desk(t *testing.T, words string) *casework.Desk {
	t.Helper()
	d, err := h.Unlock(context.Background(), []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	for !d.State().Progress.Searchable {
		time.Sleep(time.Millisecond)
	}
	return d
}

// member adds somebody to the teams of the house.
func (h *house) member(t *testing.T, name, words string, roles ...amana.Role) *casework.Desk {
	t.Helper()
	var teams []amana.TeamID
	for _, team := range h.admin.Me().Teams {
		teams = append(teams, team.ID)
	}
	_, err := h.admin.AddMemberWith(t.Context(), casework.NewMember{Name: name, Roles: roles, Teams: teams}, []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	return h.desk(t, words)
}

func vals(pairs ...any) casework.Values {
	v := casework.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		switch x := pairs[i+1].(type) {
		case string:
			v[name] = event.Text(x)
		case int:
			v[name] = event.Int(int64(x))
		case []string:
			v[name] = event.List(x...)
		case amana.RecordID:
			v[name] = event.Text(x.String())
		}
	}
	return v
}

// The words that must not be found where nobody agreed to them.
const (
	canaryName  = "CANARYIDENTITY"
	canaryWords = "CANARYACCOUNT"
	canaryPlace = "CANARYPLACE"
)

// story is one incident that one person told here.
type story struct{ incident, account amana.RecordID }

func (h *house) story(t *testing.T) story {
	t.Helper()
	ctx, d := t.Context(), h.admin
	account, err := d.BeginClaim(ctx, amana.KindAccount, vals("source_code", "S-1", "source_said", "told", "source_words", canaryWords,
		"source_name", canaryName, "source_place", canaryPlace, "source_district", "Wide district", "source_category", "primary_victim"))
	if err != nil {
		t.Fatal(err)
	}
	incident, err := d.BeginClaim(ctx, amana.KindIncident, vals("event_title", canaryWords, "event_scope", "event", "event_from", "2026-01-20",
		"event_place", canaryPlace, "event_district", "Wide district", "event_summary", canaryWords))
	if err != nil {
		t.Fatal(err)
	}
	person, err := d.AddClaimItem(ctx, incident, "person", vals("role", []string{"survivor"}, "name", canaryName, "code", canaryName+"CODE", "age", 14))
	if err == nil {
		_, err = d.AddClaimItem(ctx, incident, "act", vals("type", "020111010000", "victim", person))
	}
	if err == nil {
		_, err = d.AddClaimItem(ctx, incident, "claim", vals("what", canaryWords, "quote", canaryWords, "public", "In "+canaryPlace+", says "+canaryName,
			"stance", "supports", "account", account, "basis", "lived", "category", "primary_victim", "credibility", "high", "source", "S-1"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return story{incident, account}
}

var theCourt = amana.Conceal("The court")

func answer(p amana.Purpose, whom amana.Private, d amana.Decision, items ...release.Class) casework.Answers {
	a := casework.Answers{
		Consent: casework.Consent{Purpose: p, Recipient: whom, Decision: d, GivenBy: "self", How: "spoken", Language: "fra"},
		Items:   map[release.Class]amana.Decision{}, Explained: casework.Explained{Text: "amana-1", Understood: "yes"},
	}
	for _, i := range items {
		a.Items[i] = amana.Granted
	}
	return a
}

func forCourt(s story) casework.ReleaseAsk {
	return casework.ReleaseAsk{
		Purpose: amana.PurposeAccountability, Recipient: theCourt, Format: huridocs.Format, Records: []amana.RecordID{s.incident, s.account},
	}
}

func refusedFor(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	if no, ok := errors.AsType[*release.RefusedError](err); ok {
		return no.Why
	}
	if no, ok := errors.AsType[*casework.Refusal](err); ok {
		return no.Key
	}
	if errors.Is(err, amana.ErrRefused) {
		return "refused" // by the charter
	}
	t.Fatalf("err = %v, want a refusal", err)
	return ""
}

// Requirement 3: without a standing answer nothing leaves, and a withdrawal holds at
// once. What left is in the ledger and with the account.
func TestRelease_byStandingConsentOnly(t *testing.T) {
	h := newHouse(t)
	s, ctx := h.story(t), t.Context()
	if _, err := h.officer.Clear(ctx, forCourt(s)); refusedFor(t, err) != "release.refused.not_asked" {
		t.Errorf("nobody asked: %v", err)
	}
	if rows, err := h.officer.Ledger(ctx); err != nil || len(rows) != 0 {
		t.Errorf("%d entries for what was refused, %v", len(rows), err)
	}
	if err := h.admin.AnswerAccount(ctx, s.account, answer(amana.PurposeAccountability, theCourt, amana.Granted, release.Account)); err != nil {
		t.Fatal(err)
	}
	c, err := h.officer.Clear(ctx, forCourt(s))
	if err != nil {
		t.Fatal(err)
	}
	row, err := h.officer.LedgerEntry(ctx, c.ID())
	if err != nil || row.State != "left" || row.By != h.officer.Me().ID || len(row.Proposal.Scope.Records) != 2 {
		t.Errorf("the ledger: %+v, %v", row.State, err)
	}
	all, err := h.admin.LeftOfAccount(ctx, s.account)
	if err != nil || len(all.Releases) == 0 || all.Releases[0].Recall != "" || all.Releases[0].Release.Release != c.ID() {
		t.Fatalf("with the account: %d, %v", len(all.Releases), err)
	}
	if err := h.admin.AnswerAccount(ctx, s.account, answer(amana.PurposeAccountability, theCourt, amana.Withdrawn)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.officer.Clear(ctx, forCourt(s)); refusedFor(t, err) != "release.refused.withdrawn" {
		t.Errorf("withdrawn: %v", err)
	}
	if all, err = h.admin.LeftOfAccount(ctx, s.account); err != nil || all.Releases[0].Recall != "release.recall.withdrawn" {
		t.Errorf("what left is not marked: %v", err)
	}
	if err := h.officer.NoteTold(ctx, c.ID(), amana.Conceal("by letter")); err != nil {
		t.Error(err)
	}
	if row, err := h.officer.LedgerEntry(ctx, c.ID()); err != nil || len(row.Told) != 1 {
		t.Errorf("told %d, %v", len(row.Told), err)
	}
}

// A name leaves only when others agreed, with reasons, for exactly this, and after
// the time that the organisation set.
func TestRelease_quorum(t *testing.T) {
	h := newHouse(t)
	s, ctx := h.story(t), t.Context()
	third := h.member(t, "Three", "tugad-mudof-sakat-lusab-babad-gutih", amana.RoleReleaseOfficer)
	fourth := h.member(t, "Four", "mudof-sakat-lusab-babad-gutih-tugad", amana.RoleDocumenter)
	if err := h.admin.AnswerAccount(ctx, s.account, answer(amana.PurposeAccountability, theCourt, amana.Granted, release.Identity)); err != nil {
		t.Fatal(err)
	}
	ask := forCourt(s)
	if _, err := h.officer.Clear(ctx, ask); refusedFor(t, err) != "release.refused.quorum" {
		t.Fatalf("alone: %v", err)
	}
	if _, err := h.officer.ProposeRelease(ctx, ask, amana.Private{}); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := fourth.ProposeRelease(ctx, ask, amana.Conceal("x")); refusedFor(t, err) != "release.refused.role" {
		t.Errorf("by who may not: %v", err)
	}
	id, err := h.officer.ProposeRelease(ctx, ask, amana.Conceal("the court asked for it"))
	if err != nil {
		t.Fatal(err)
	}
	ask.Proposal = id
	clear := func() string { _, err := h.officer.Clear(ctx, ask); return refusedFor(t, err) }
	say := func(d *casework.Desk, yes bool) string {
		return refusedFor(t, d.AnswerProposal(ctx, id, yes, amana.Conceal("seen")))
	}
	for _, step := range []struct {
		what string
		do   func() string
		want string
	}{
		{"nobody answered", clear, "release.refused.quorum"},
		{"one's own", func() string { return say(h.officer, true) }, "release.refused.own"},
		{"who may not approve", func() string { return say(fourth, true) }, "release.refused.approver"},
		{"the first", func() string { return say(h.admin, true) }, ""},
		{"the first again", func() string { return say(h.admin, true) }, ""},
		{"one of two", clear, "release.refused.quorum"},
		{"the second", func() string { return say(third, true) }, ""},
		{"too early", clear, "release.refused.delay"},
	} {
		if got := step.do(); got != step.want {
			t.Errorf("%s: %q, want %q", step.what, got, step.want)
		}
	}
	h.now = h.now.Add(25 * time.Hour)
	other := ask
	other.Records = []amana.RecordID{s.account}
	if _, err := h.officer.Clear(ctx, other); refusedFor(t, err) != "release.refused.scope" {
		t.Errorf("for something else: %v", err)
	}
	c, err := h.officer.Clear(ctx, ask)
	if err != nil || c.ID() != id {
		t.Fatalf("approved: %v", err)
	}
	if l := c.Field(s.account, "source_name"); l.Verdict != release.Whole {
		t.Errorf("the name: %s", l.Verdict)
	}
	if got := clear(); got != "release.refused.done" {
		t.Errorf("twice: %q", got)
	}
	row, err := h.admin.LedgerEntry(ctx, id)
	if err != nil || row.State != "left" || len(row.Steps) != 5 || row.Proposal.Reason.IsEmpty() {
		t.Errorf("the ledger: %s in %d steps, %v", row.State, len(row.Steps), err)
	}
}

func TestRelease_objection(t *testing.T) {
	h := newHouse(t)
	s, ctx := h.story(t), t.Context()
	third := h.member(t, "Three", "tugad-mudof-sakat-lusab-babad-gutih", amana.RoleReleaseOfficer)
	err := errors.Join(
		h.admin.AnswerAccount(ctx, s.account, answer(amana.PurposeAccountability, theCourt, amana.Granted, release.Identity)),
		h.admin.SetRule(ctx, casework.RuleReleaseApprovals, "1"), h.admin.SetRule(ctx, casework.RuleReleaseHours, "0"),
	)
	if err != nil {
		t.Fatal(err)
	}
	ask := forCourt(s)
	if ask.Proposal, err = h.officer.ProposeRelease(ctx, ask, amana.Conceal("asked")); err != nil {
		t.Fatal(err)
	}
	err = errors.Join(third.AnswerProposal(ctx, ask.Proposal, true, amana.Conceal("yes")), h.admin.AnswerProposal(ctx, ask.Proposal, false, amana.Conceal("no")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.officer.Clear(ctx, ask); refusedFor(t, err) != "release.refused.objection" {
		t.Errorf("against an objection: %v", err)
	}
	if err := h.officer.TakeBackProposal(ctx, ask.Proposal); err != nil {
		t.Fatal(err)
	}
	if _, err := h.officer.Clear(ctx, ask); refusedFor(t, err) != "release.refused.done" {
		t.Errorf("taken back: %v", err)
	}
}

// Requirement 1 for claims: who is in no team of the compartment reads none of it.
func TestClaims_otherCompartmentsReadNothing(t *testing.T) {
	h := newHouse(t)
	s, ctx := h.story(t), t.Context()
	var care amana.TeamID
	for _, team := range h.admin.Teams() {
		if team.Compartment == amana.Care {
			care = team.ID
		}
	}
	const words = "sakat-lusab-babad-gutih-tugad-mudof"
	_, err := h.admin.AddMemberWith(ctx, casework.NewMember{Name: "Care", Roles: []amana.Role{amana.RoleCaseworker, amana.RoleReleaseOfficer}, Teams: []amana.TeamID{care}}, []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	d := h.desk(t, words)
	w, err := d.Claims(ctx)
	if err != nil || len(w.Incidents)+len(w.Accounts)+len(w.Actors)+len(w.Publications) != 0 {
		t.Errorf("%d incidents, %d accounts, %v", len(w.Incidents), len(w.Accounts), err)
	}
	if _, err := d.ReadClaim(ctx, s.account); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("reads an account: %v", err)
	}
	if _, err := d.Clear(ctx, forCourt(s)); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("releases it: %v", err)
	}
	if _, err := d.BeginClaim(ctx, amana.KindActor, vals("name_official", "x", "actor_kind", "armed_group")); refusedFor(t, err) != "claims.refused.team" {
		t.Errorf("writes there: %v", err)
	}
}

func TestClaims_rules(t *testing.T) {
	h := newHouse(t)
	s, ctx, d := h.story(t), t.Context(), h.admin
	judged := vals("status", "verified", "step", "task_force", "basis", "x")
	bare, err := d.BeginClaim(ctx, amana.KindIncident, vals("event_title", "x", "event_scope", "event"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.AddClaimItem(ctx, bare, "verification", judged); refusedFor(t, err) != "claims.refused.primary" {
		t.Errorf("verified without a source: %v", err)
	}
	item, err := d.AddClaimItem(ctx, s.incident, "verification", judged)
	if err != nil {
		t.Errorf("verified by who was heard here: %v", err)
	}
	if err := d.ChangeClaimItem(ctx, s.incident, 0, "verification", item, judged); refusedFor(t, err) != "claims.refused.fixed" {
		t.Errorf("a decision is changed: %v", err)
	}
	for name, try := range map[string]error{
		"no title":                second(d.BeginClaim(ctx, amana.KindIncident, vals("event_scope", "event"))),
		"an option nobody knows":  second(d.BeginClaim(ctx, amana.KindIncident, vals("event_title", "x", "event_scope", "perhaps"))),
		"a field of another kind": second(d.BeginClaim(ctx, amana.KindActor, vals("name_official", "x", "actor_kind", "armed_group", "event_title", "x"))),
		"a kind of people":        second(d.BeginClaim(ctx, amana.KindIdentity, vals("name", "x"))),
		"tomorrow":                second(d.BeginClaim(ctx, amana.KindIncident, vals("event_title", "x", "event_scope", "event", "event_from", "2027"))),
		"an item of no list":      secondItem(d.AddClaimItem(ctx, s.incident, "profit", vals("what", "x"))),
	} {
		if !errors.Is(try, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, try)
		}
	}
	if err := d.RelateIncidents(ctx, s.incident, bare, "different", amana.Conceal("two places")); err != nil {
		t.Fatal(err)
	}
	w, err := d.Claims(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range w.Incidents {
		if len(in.Related) != 1 || in.Related[0].As != "different" {
			t.Errorf("related: %+v", in.Related)
		}
	}
	file, err := d.ReadClaim(ctx, s.incident)
	if err != nil || len(file.Readers) == 0 {
		t.Errorf("an opening is not on record: %v", err)
	}
}

func second(_ amana.RecordID, err error) error { return err }
func secondItem(_ string, err error) error     { return err }
