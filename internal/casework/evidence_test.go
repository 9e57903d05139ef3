package casework_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/dossier"
	"amana/internal/event"
	"amana/internal/release"
)

func drawing(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 40))); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), "CANARY-AFTER-THE-END"...)
}

func item(id amana.RecordID) casework.NewEvidence {
	return casework.NewEvidence{
		Case: id, Event: "received", FileName: amana.Conceal("../../etc/\u202egnp.\x00drawing.png"),
		Values: casework.Values{"title": event.Text("A drawing"), "collected_at": event.Text("the clinic"), "kept_at": event.Text("CANARY-SHELF")},
		Words:  map[string]amana.Private{"from": amana.Conceal("CANARY-NAME"), "place": amana.Conceal("the clinic")},
	}
}

func content(t testing.TB, d *casework.Desk, caseID, id amana.RecordID) []byte {
	t.Helper()
	f, err := d.ViewEvidence(context.Background(), caseID, id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func events(e casework.Evidence) string {
	var list []string
	for _, l := range e.Custody {
		list = append(list, l.Event)
	}
	return strings.Join(list, " ")
}

func TestEvidence_fromTakingInToWorkingCopy(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	raw := drawing(t)
	id, err := c.first.TakeEvidence(ctx, item(c.id), bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, c.second, c.id, id); !bytes.Equal(got, raw) {
		t.Fatalf("%d bytes, want %d", len(got), len(raw))
	}
	content(t, c.second, c.id, id) // a moment later: the same viewing
	copied, err := c.first.CopyEvidence(ctx, c.id, id, amana.Conceal("For the lawyer"), casework.CopyPlan{Cover: []casework.Region{{Left: 0, Top: 0, Width: 500, Height: 500}}})
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]amana.Private{"reason": amana.Conceal("to be kept safe"), "to": amana.Conceal("the safe")}
	if err := c.first.AddCustody(ctx, c.id, id, "transferred", words); err != nil {
		t.Fatal(err)
	}
	thing, err := c.first.TakeEvidence(ctx, item(c.id), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.first.ReadEvidence(ctx, c.id, id)
	if err != nil || events(e) != "received viewed copied transferred" || e.Broken || !e.Here || e.Media.Type != "image/png" {
		t.Fatalf("%s %+v %v", events(e), e, err)
	}
	if name := e.Values["file_name"].Reveal(); strings.ContainsAny(name, "/\\\x00\u202e") || !strings.HasSuffix(name, "drawing.png") {
		t.Errorf("kept under the name %q", name)
	}
	child, err := c.first.ReadEvidence(ctx, c.id, copied)
	if err != nil || child.Parent != id || events(child) != "copied" || child.Values["derived_regions"].Reveal() != "0 0 500 500" {
		t.Errorf("%+v %v", child, err)
	}
	if got := content(t, c.first, c.id, copied); bytes.Contains(got, []byte("CANARY")) {
		t.Error("the copy has what came with the original")
	}
	if e.Copies[0] != copied || !bytes.Equal(content(t, c.first, c.id, id), raw) {
		t.Error("the original is not as it was")
	}
	if e, err := c.first.ReadEvidence(ctx, c.id, thing); err != nil || e.HasFile || events(e) != "received" {
		t.Errorf("%+v %v", e, err)
	}
	if _, err := c.first.ViewEvidence(ctx, c.id, thing); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("a thing has no file: %v", err)
	}
	var bad casework.FieldErrors
	if _, err := c.first.TakeEvidence(ctx, casework.NewEvidence{Case: c.id, Event: "viewed"}, nil); !errors.As(err, &bad) || bad["title"] == "" || bad["event"] == "" {
		t.Errorf("%v", err)
	}
	if _, err := c.first.CopyEvidence(ctx, c.id, thing, amana.Private{}, casework.CopyPlan{}); !errors.As(err, &bad) {
		t.Errorf("%v", err)
	}
	if err := c.first.AddCustody(ctx, c.id, id, "viewed", words); !errors.As(err, &bad) {
		t.Errorf("%v", err)
	}
}

// releaser joins somebody who may let leave: of the case's team and of the one for
// accountability.
// Whoever breaks off while a viewing is written down does not view unseen a moment later.
func TestEvidence_aViewingThatBreaksOffIsNoViewing(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	id, err := c.first.TakeEvidence(ctx, item(c.id), bytes.NewReader(drawing(t)))
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(ctx)
	leave()
	if _, err := c.second.ViewEvidence(gone, c.id, id); err == nil {
		t.Fatal("it was shown to somebody who went away")
	}
	content(t, c.second, c.id, id)
	if e, err := c.first.ReadEvidence(ctx, c.id, id); err != nil || events(e) != "received viewed" {
		t.Errorf("on record: %s, %v", events(e), err)
	}
}

func releaser(t *testing.T, c *crew) *casework.Desk {
	t.Helper()
	ctx := context.Background()
	team, err := c.admin.FormTeam(ctx, casework.NewTeam{Name: "Accountability", Compartment: amana.Accountability, Join: true})
	if err != nil {
		t.Fatal(err)
	}
	_, words, err := c.admin.AddMember(ctx, casework.NewMember{
		Name: "Release", Roles: []amana.Role{amana.RoleReleaseOfficer, amana.RoleDocumenter}, Teams: []amana.TeamID{c.team, team},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.unlock(t, words)
}

func agree(t *testing.T, c *crew, whom amana.Private) {
	t.Helper()
	ctx := context.Background()
	err := c.first.SetConsent(ctx, c.id, []casework.Consent{{
		Purpose: amana.PurposeAccountability, Recipient: whom, Decision: amana.Granted, GivenBy: "self", How: "spoken", Language: "fra",
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func verified(t *testing.T, raw []byte, o dossier.Options) dossier.Result {
	t.Helper()
	r, err := dossier.Verify(context.Background(), bytes.NewReader(raw), int64(len(raw)), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDossier_leavesByConsentAndIsVerified(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	officer := releaser(t, c)
	raw := drawing(t)
	id, err := c.first.TakeEvidence(ctx, item(c.id), bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	court := amana.Conceal("The court")
	plan := casework.DossierPlan{
		Case: c.id, Recipient: court, Items: []amana.RecordID{id},
		Tongue: casework.Tongue{
			Code: "en", Words: func(key string, _ ...any) string { return key }, Field: func(name string) string { return name },
		},
	}
	if err := officer.PrepareDossier(ctx, plan); !errors.Is(err, amana.ErrRefused) || officer.DossierReady() > 0 {
		t.Fatalf("without her consent: %v", err)
	}
	agree(t, c, court)
	var refused *release.RefusedError
	if err := c.first.PrepareDossier(ctx, plan); !errors.As(err, &refused) && !errors.Is(err, amana.ErrRefused) {
		t.Fatalf("by who may not: %v", err)
	}
	stamped := stamp(t, officer)
	if err := officer.PrepareDossier(ctx, plan); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := officer.Dossier(&b); err != nil {
		t.Fatal(err)
	}
	r := verified(t, b.Bytes(), dossier.Options{Authorities: stamped})
	if !r.OK {
		t.Fatalf("%+v", r)
	}
	if stamped != nil && !strings.Contains(strings.Join(details(r), "\n"), "Invented Authority") {
		t.Errorf("no timestamp: %v", details(r))
	}
	if bytes.Contains(b.Bytes(), []byte("CANARY-NAME")) || bytes.Contains(b.Bytes(), []byte("CANARY-SHELF")) {
		t.Error("what she did not agree to is in it")
	}
	// She agreed to this court and not to her evidence as such: the file stays.
	if bytes.Contains(b.Bytes(), raw) {
		t.Error("the file left, and she was not asked about it")
	}
	if !bytes.Contains(b.Bytes(), []byte("data/report.pdf")) || !bytes.Contains(b.Bytes(), []byte("%PDF-1.7")) {
		t.Error("there is no report for print")
	}
	e, err := officer.ReadEvidence(ctx, c.id, id)
	if err != nil || !strings.HasSuffix(events(e), "exported") {
		t.Errorf("%s %v", events(e), err)
	}
	officer.DropDossier()
	if err := officer.Dossier(&b); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("dropped: %v", err)
	}
}

// What the organisation's rules make a matter for several is proposed, approved of by
// others, and made of exactly what they approved of.
func TestDossier_thatNeedsOthersIsProposedAndMadeOfWhatTheyApprovedOf(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	officer := releaser(t, c)
	for rule, value := range map[string]string{casework.RuleReleaseBulk: "1", casework.RuleReleaseApprovals: "1", casework.RuleReleaseHours: "0"} {
		if err := c.admin.SetRule(ctx, rule, value); err != nil {
			t.Fatal(err)
		}
	}
	id, err := c.first.TakeEvidence(ctx, item(c.id), bytes.NewReader(drawing(t)))
	if err != nil {
		t.Fatal(err)
	}
	court := amana.Conceal("The court")
	agree(t, c, court)
	tongue := casework.Tongue{Code: "en", Words: func(key string, _ ...any) string { return key }, Field: func(name string) string { return name }}
	plan := casework.DossierPlan{Case: c.id, Recipient: court, Items: []amana.RecordID{id}, Tongue: tongue}
	if p, err := officer.PreviewDossier(ctx, plan); err != nil || p.Needs == "" || len(p.Records) != 1 {
		t.Fatalf("%+v %v", p, err)
	}
	if err := officer.PrepareDossier(ctx, plan); !errors.Is(err, amana.ErrRefused) {
		t.Fatalf("without others: %v", err)
	}
	proposal, err := officer.ProposeDossier(ctx, plan, amana.Conceal("the court asked for it"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := officer.ProposedDossier(ctx, proposal)
	if err != nil || again.Case != c.id || again.Alone || len(again.Items) != 1 || again.Recipient.Reveal() != court.Reveal() {
		t.Fatalf("%+v %v", again, err)
	}
	again.Tongue = tongue
	if err := officer.PrepareDossier(ctx, again); !errors.Is(err, amana.ErrRefused) {
		t.Fatalf("before anybody approved: %v", err)
	}
	if err := c.admin.AnswerProposal(ctx, proposal, true, amana.Conceal("she agreed to it")); err != nil {
		t.Fatal(err)
	}
	if err := officer.PrepareDossier(ctx, again); err != nil || officer.DossierReady() == 0 {
		t.Fatalf("after somebody approved: %v", err)
	}
}

func details(r dossier.Result) (list []string) {
	for _, c := range r.Checks {
		list = append(list, c.Detail)
	}
	return list
}

// stamp has what is there stamped by an authority that openssl runs; without one it
// returns nothing. Care waits for nobody: an authority that does not answer fails
// nothing but the stamping.
func stamp(t *testing.T, d *casework.Desk) []byte {
	t.Helper()
	ctx := context.Background()
	away := errors.New("no network")
	if _, err := d.Stamp(ctx, func(context.Context, []byte) ([]byte, error) { return nil, away }, nil); !errors.Is(err, away) {
		t.Fatalf("err = %v", err)
	}
	if s, err := d.Stamping(ctx); err != nil || s.Waiting != 1 || s.Loose != 0 || s.Stamped != 0 {
		t.Fatalf("%+v %v", s, err)
	}
	if _, err := exec.LookPath("openssl"); err != nil {
		return nil
	}
	dir := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("ts.cnf", "[tsa]\ndefault_tsa=one\n[one]\nserial=serial\nsigner_cert=tsa.pem\ncerts=ca.pem\nsigner_key=tsa.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\ness_cert_id_alg=sha256\n")
	put("serial", "01\n")
	put("usage", "extendedKeyUsage=critical,timeStamping\n")
	run := func(args ...string) {
		cmd := exec.CommandContext(ctx, "openssl", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %s", args[0], out)
		}
	}
	key := []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"}
	run(append([]string{"req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Invented Root"}, key...)...)
	run(append([]string{"req", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Invented Authority"}, key...)...)
	run("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tsa.pem", "-extfile", "usage")
	ca, _ := os.ReadFile(filepath.Join(dir, "ca.pem"))
	ask := func(_ context.Context, question []byte) ([]byte, error) {
		put("q", string(question))
		run("ts", "-reply", "-config", "ts.cnf", "-queryfile", "q", "-out", "r")
		return os.ReadFile(filepath.Join(dir, "r"))
	}
	if n, err := d.Stamp(ctx, ask, ca); err != nil || n != 1 {
		t.Fatalf("%d %v", n, err)
	}
	if s, err := d.Stamping(ctx); err != nil || s.Waiting != 0 || s.Stamped != 1 || s.Last.IsZero() {
		t.Fatalf("%+v %v", s, err)
	}
	return ca
}
