package casework_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/dossier"
	"amana/internal/event"
	"amana/internal/release"
)

// Evidence that is kept for a record of claims is a whole item of evidence, and leaves
// by the answers of those who were heard: of the account's giver, of everybody heard
// of an incident. Where nobody was heard nobody agreed.
func TestEvidence_ofRecordsThatStandAlone(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	officer := releaser(t, c)
	if err := c.admin.ChangeRoles(ctx, c.admin.Me().ID, []amana.Role{amana.RoleAdministrator, amana.RoleSupervisor}); err != nil {
		t.Fatal(err)
	}
	begin := func(kind amana.Kind, values casework.Values) amana.RecordID {
		id, err := officer.BeginClaim(ctx, kind, values)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	text := func(s string) event.Value { return event.Text(s) }
	account := begin(amana.KindAccount, casework.Values{"source_code": text("S-1"), "source_said": text("told")})
	told := begin(amana.KindIncident, casework.Values{"event_title": text("Told"), "event_scope": text("event")})
	unheard := begin(amana.KindIncident, casework.Values{"event_title": text("Unheard"), "event_scope": text("event")})
	article := begin(amana.KindPublication, casework.Values{"publication_title": text("An article")})
	claimOf := casework.Values{"what": text("it burned"), "stance": text("supports"), "account": text(account.String())}
	if _, err := officer.AddClaimItem(ctx, told, "claim", claimOf); err != nil {
		t.Fatal(err)
	}
	court := amana.Conceal("The court")
	why := func(holder, id amana.RecordID) string {
		t.Helper()
		p, err := officer.PreviewDossier(ctx, casework.DossierPlan{Case: holder, Recipient: court, Items: []amana.RecordID{id}, Alone: true})
		if err != nil {
			t.Fatal(err)
		}
		return p.Refused
	}
	raw := drawing(t)
	items := map[amana.RecordID]amana.RecordID{}
	for _, holder := range []amana.RecordID{account, told, unheard, article} {
		id, err := officer.TakeEvidence(ctx, item(holder), bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := content(t, officer, holder, id); !bytes.Equal(got, raw) {
			t.Fatalf("%d bytes, want %d", len(got), len(raw))
		}
		if list, err := officer.EvidenceOf(ctx, holder); err != nil || len(list) != 1 || events(list[0]) != "received viewed" {
			t.Fatalf("%+v %v", list, err)
		}
		items[holder] = id
	}
	if _, err := c.second.EvidenceOf(ctx, account); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("who is in no team of the compartment reads it: %v", err)
	}
	for _, holder := range []amana.RecordID{account, told, unheard} {
		if why := why(holder, items[holder]); why != "release.refused.not_asked" {
			t.Errorf("without an answer: %q", why)
		}
	}
	err := officer.AnswerAccount(ctx, account, casework.Answers{
		Consent:   casework.Consent{Purpose: amana.PurposeAccountability, Recipient: court, Decision: amana.Granted, GivenBy: "self", How: "spoken", Language: "fra"},
		Items:     map[release.Class]amana.Decision{release.Evidence: amana.Granted},
		Explained: casework.Explained{Text: officer.ConsentText().Version, Understood: "yes"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for holder, want := range map[amana.RecordID]string{account: "", told: "", unheard: "release.refused.not_asked", article: "release.refused.quorum"} {
		if why := why(holder, items[holder]); why != want {
			t.Errorf("with the answer: %q, want %q", why, want)
		}
	}
	published(t, c, officer, casework.DossierPlan{Case: article, Recipient: court, Items: []amana.RecordID{items[article]}, Alone: true}, raw)
	plan := casework.DossierPlan{
		Case: told, Recipient: court, Items: []amana.RecordID{items[told]}, Alone: true,
		Tongue: casework.Tongue{Code: "en", Words: func(key string, _ ...any) string { return key }, Field: func(name string) string { return name }},
	}
	if err := officer.PrepareDossier(ctx, plan); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := officer.Dossier(&b); err != nil {
		t.Fatal(err)
	}
	if r := verified(t, b.Bytes(), dossier.Options{}); !r.OK || !bytes.Contains(b.Bytes(), raw) {
		t.Errorf("%+v", r)
	}
	if bytes.Contains(b.Bytes(), []byte("CANARY-NAME")) || bytes.Contains(b.Bytes(), []byte("CANARY-SHELF")) {
		t.Error("what nobody agreed to is in it")
	}
}

// published wants the file of a publication to leave once others looked, and not before.
func published(t *testing.T, c *crew, officer *casework.Desk, plan casework.DossierPlan, raw []byte) {
	t.Helper()
	ctx := t.Context()
	for rule, n := range map[string]string{casework.RuleReleaseApprovals: "1", casework.RuleReleaseHours: "0"} {
		if err := c.admin.SetRule(ctx, rule, n); err != nil {
			t.Fatal(err)
		}
	}
	plan.Tongue = casework.Tongue{Code: "en", Words: func(key string, _ ...any) string { return key }, Field: func(name string) string { return name }}
	if p, err := officer.PreviewDossier(ctx, plan); err != nil || p.Needs != "release.quorum.public" {
		t.Errorf("needs %q, %v", p.Needs, err)
	}
	if err := officer.PrepareDossier(ctx, plan); refusedFor(t, err) != "release.refused.quorum" {
		t.Errorf("nobody looked whether it was published: %v", err)
	}
	proposal, err := officer.ProposeDossier(ctx, plan, amana.Conceal("the court asked for it"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.admin.AnswerProposal(ctx, proposal, true, amana.Conceal("it stands on their site")); err != nil {
		t.Fatal(err)
	}
	plan.Proposal = proposal
	if err := officer.PrepareDossier(ctx, plan); err != nil {
		t.Fatalf("others looked: %v", err)
	}
	defer officer.DropDossier()
	var b bytes.Buffer
	if err := officer.Dossier(&b); err != nil || !bytes.Contains(b.Bytes(), raw) {
		t.Errorf("%d bytes, %v; want the file in it", b.Len(), err)
	}
	if r := verified(t, b.Bytes(), dossier.Options{}); !r.OK {
		t.Errorf("%+v", r)
	}
}

func TestEvidence_saysWhichIncidentItIsAbout(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	id, err := c.first.TakeEvidence(ctx, item(c.id), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.first.SetEvidenceIncident(ctx, c.id, id, amana.RecordID{7}); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("an incident that is not there: %v", err)
	}
	incident, err := c.first.BeginIncident(ctx, c.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []amana.RecordID{incident, incident, {}} {
		if err := c.first.SetEvidenceIncident(ctx, c.id, id, want); err != nil {
			t.Fatal(err)
		}
		if e, err := c.second.ReadEvidence(ctx, c.id, id); err != nil || e.Incident != want || strings.Contains(events(e), "copied") {
			t.Errorf("about %s, want %s: %v", e.Incident, want, err)
		}
	}
}
