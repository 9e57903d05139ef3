package casework_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/event"
	"amana/internal/letter"
	"amana/internal/seal"
	"amana/internal/stats"
)

// What somebody writes with a changed program is in the journal by their name: a page
// takes it for the word of nobody else.

func TestApproval_ofWhoIsNoSupervisorDoesNotCount(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	if err := c.admin.SetRule(ctx, casework.RuleApproveClosure, "yes"); err != nil {
		t.Fatal(err)
	}
	if err := c.first.AskApproval(ctx, c.id, casework.ApprovalClosure, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	shut := casework.Values{"closure_reason": event.Text("closure_needs_met"), "date_closure": event.Text("2026-03-01")}
	waiting := c.first.Names(ctx, c.id, "/"+c.work(t, c.first).Asked[0].ID+"/status", "pending")
	if len(waiting) != 1 {
		t.Fatalf("%v", waiting)
	}
	if err := c.second.Scribble(ctx, c.id, casework.Values{waiting[0]: event.Text("approved")}); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, c.first.CloseCase(ctx, c.id, shut), "approval.closure.first")
}

// Figures are released by a yes to what is put forward now, and not by one's own.
func TestFigures_approvalsAreOfOthersAndOfThis(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := context.Background()
	for range 8 {
		happened(t, d, amana.Granted, nil)
	}
	month := o.now.Format("2006-01")
	put := func() (amana.RecordID, string) {
		t.Helper()
		p, err := d.PlanFigures(ctx, casework.Releasing{To: disclose.Partners, First: month, Last: month, Group: stats.Whole, Tables: []string{"total"}})
		if err != nil {
			t.Fatal(err)
		}
		id, err := d.ProposeFigures(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.FiguresRelease(ctx, id)
		if err != nil || len(r.Missing) != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		return id, r.Missing[0]
	}
	id, party := put()
	if err := d.Scribble(ctx, id, casework.Values{"approval/x/party": event.Text(party), "approval/x/answer": event.Text("yes")}); err != nil {
		t.Fatal(err)
	}
	if err := d.FinishFigures(ctx, id); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("released by one's own yes: %v", err)
	}
	if err := d.SetRule(ctx, casework.RuleApproveOwn, "yes"); err != nil {
		t.Fatal(err)
	}
	id, party = put()
	if err := d.AnswerFigures(ctx, id, party, true); err != nil {
		t.Fatal(err)
	}
	content := d.Names(ctx, id, "ontent", "")
	if len(content) != 1 {
		t.Fatalf("%v", content)
	}
	for _, name := range content { // what is written over it is not what was agreed to
		if err := d.Scribble(ctx, id, casework.Values{"scope": event.Text("else"), name: event.Text("{}")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.FinishFigures(ctx, id); err != nil {
		t.Fatal(err)
	}
	safe, err := d.SafeFigures(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if r := safe.Release(); r.At(r.Table("total"), 0, 0, 0) != 8 {
		t.Errorf("released is what was written over it: %+v", r.Tables)
	}
}

// Whoever writes over a release, takes it back, or begins another with a changed program
// stops no release, and makes the guard forget none.
func TestFigures_oneMemberStopsNothingAndHidesNothing(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := context.Background()
	if err := d.SetRule(ctx, casework.RuleApproveOwn, "yes"); err != nil {
		t.Fatal(err)
	}
	for range 8 {
		happened(t, d, amana.Granted, nil)
	}
	month := o.now.Format("2006-01")
	ask := casework.Releasing{To: disclose.Partners, First: month, Last: month, Group: stats.Whole, Tables: []string{"total"}}
	id := releaseFigures(t, d, ask)
	for _, v := range []casework.Values{
		{"content": event.Text("{")},
		{"request": event.Text("{"), "agreement": event.Text("")},
		{"scope": event.Text("else")},
		{"state": event.Text("dropped")},
		{"state": {}},
		{"approval/later/party": event.Text(d.Organisation().Name), "approval/later/answer": event.Text("no")},
	} {
		if err := d.Scribble(ctx, id, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range d.Names(ctx, id, "/answer", "yes") {
		if err := d.Scribble(ctx, id, casework.Values{name: event.Text("no")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.ScribbleFigures(ctx, casework.Values{"state": event.Text("released"), "content": event.Text("what was never a release")}); err != nil {
		t.Fatal(err)
	}
	if err := d.SetRule(ctx, casework.RuleApproveOwn, ""); err != nil { // the rule of then does not change what left
		t.Fatal(err)
	}
	made := disclose.Release{
		Made: "2026-03-01", Audience: disclose.Partners, Agreement: d.FiguresAgreement().ID, Policy: disclose.DefaultPolicy(disclose.Partners), Basis: stats.ByReport, Contributors: 1,
		Areas: []disclose.AreaSet{{}}, Periods: []string{"2020-01/2030-12"}, Tables: []disclose.Released{{ID: "total", Rows: []string{"incidents"}, Cells: []int{8}}},
	}
	if err := d.ForgeRelease(ctx, made); err != nil { // put forward, agreed to and released by one member
		t.Fatal(err)
	}
	happened(t, d, amana.Granted, nil)
	again, err := d.PlanFigures(ctx, ask)
	if err != nil {
		t.Fatalf("no release is possible any more: %v", err)
	}
	if !slices.ContainsFunc(again.Plan.Refusals, func(r disclose.Refusal) bool { return r.Reason == disclose.Changed }) {
		t.Errorf("the guard forgot what was released: %+v", again.Plan.Refusals)
	}
	list, err := d.FiguresReleases(ctx)
	if err != nil || len(list) != 2 || list[1].Release.ID != id.String() && list[0].Release.ID != id.String() {
		t.Errorf("%d releases, %v", len(list), err)
	}
	for _, one := range list {
		if one.Done.IsZero() == (one.Release.ID == id.String()) {
			t.Errorf("release %s: done %s", one.Release.ID, one.Done)
		}
	}
}

// Whoever begins a release again, as something else, takes it out of no ledger: where an
// analyst put it forward, any caseworker's beginning goes before theirs.
func TestFigures_begunAgainAsSomethingElse(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := context.Background()
	for range 8 {
		happened(t, d, amana.Granted, nil)
	}
	_, words, err := d.AddMember(ctx, casework.NewMember{Name: "Analyst", Roles: []amana.Role{amana.RoleAnalyst}, Teams: []amana.TeamID{d.Teams()[0].ID}})
	if err != nil {
		t.Fatal(err)
	}
	analyst := o.unlock(t, words)
	month := o.now.Format("2006-01")
	ask := casework.Releasing{To: disclose.Partners, First: month, Last: month, Group: stats.Whole, Tables: []string{"total"}}
	p, err := analyst.PlanFigures(ctx, ask)
	if err != nil {
		t.Fatal(err)
	}
	finish := func(id amana.RecordID, err error) amana.RecordID {
		t.Helper()
		if err == nil {
			err = d.AnswerFigures(ctx, id, d.Organisation().Name, true)
		}
		if err == nil {
			err = d.FinishFigures(ctx, id)
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	// The ID of a release follows from who put it forward: nobody else begins it at all.
	id := finish(analyst.ProposeFigures(ctx, p))
	for _, as := range []amana.Kind{amana.KindService, amana.KindFigures} {
		if err := d.BeginAgain(ctx, id, as, amana.TeamID{}, casework.Values{"name": event.Text("A place")}); err == nil {
			t.Errorf("begun again as %s", as)
		}
	}
	// Those of versions before could be.
	again := ask
	again.To = disclose.Coordination
	if p, err = analyst.PlanFigures(ctx, again); err != nil || len(p.Plan.Refusals) > 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	id = finish(analyst.ProposeUnnamed(ctx, p))
	if err := d.BeginAgain(ctx, id, amana.KindService, amana.TeamID{}, casework.Values{"name": event.Text("A place")}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.PlanFigures(ctx, ask); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("the guard does not miss what it cannot see: %v", err)
	}
}

// releaseFigures puts figures forward, agrees for this organisation, and releases them.
func releaseFigures(t *testing.T, d *casework.Desk, ask casework.Releasing) amana.RecordID {
	t.Helper()
	ctx := context.Background()
	p, err := d.PlanFigures(ctx, ask)
	if err != nil || len(p.Plan.Refusals) > 0 {
		t.Fatalf("%+v %v", p, err)
	}
	id, err := d.ProposeFigures(ctx, p)
	if err == nil {
		err = d.AnswerFigures(ctx, id, d.Organisation().Name, true)
	}
	if err == nil {
		err = d.FinishFigures(ctx, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What others approved of cannot be widened afterwards, nor an objection be written over.
func TestLedger_whatWasApprovedIsWhatLeaves(t *testing.T) {
	for name, change := range map[string]func(d *casework.Desk, id amana.RecordID) casework.Values{
		"one more record": func(*casework.Desk, amana.RecordID) casework.Values {
			return casework.Values{"ledger/more/step": event.Text("scope"), "ledger/more/records": event.Text(amana.RecordID{9}.String())}
		},
		"another recipient": func(d *casework.Desk, id amana.RecordID) casework.Values {
			return casework.Values{d.Names(context.Background(), id, "/recipient", "")[0]: event.Text("Somebody else")}
		},
		"an objection taken for something else": func(d *casework.Desk, id amana.RecordID) casework.Values {
			return casework.Values{d.Names(context.Background(), id, "/step", "objected")[0]: event.Text("approved")}
		},
		"another proposal in it": func(*casework.Desk, amana.RecordID) casework.Values {
			return casework.Values{"ledger/more/step": event.Text("proposed"), "ledger/more/purpose": event.Text("publication")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			d := o.unlock(t, adminWords)
			ctx := context.Background()
			team, err := d.FormTeam(ctx, casework.NewTeam{Name: "Accounts", Compartment: amana.Accountability, Join: true})
			if err != nil {
				t.Fatal(err)
			}
			var roles []amana.Role
			roles = append(roles, amana.RoleSupervisor, amana.RoleReleaseOfficer)
			_, words, err := d.AddMember(ctx, casework.NewMember{Name: "Approver", Roles: roles, Teams: []amana.TeamID{team}})
			if err != nil {
				t.Fatal(err)
			}
			_, mine, err := d.AddMember(ctx, casework.NewMember{Name: "Officer", Roles: append(roles, amana.RoleDocumenter), Teams: []amana.TeamID{team}})
			if err != nil {
				t.Fatal(err)
			}
			officer, other := o.unlock(t, mine), o.unlock(t, words)
			id, err := officer.ProposeRelease(ctx, casework.ReleaseAsk{
				Purpose: amana.PurposeAccountability, Recipient: amana.Conceal("The court"), Format: "dossier", Records: []amana.RecordID{{7}},
			}, amana.Conceal("They asked for it."))
			if err != nil {
				t.Fatal(err)
			}
			if err := other.AnswerProposal(ctx, id, true, amana.Conceal("Seen.")); err != nil {
				t.Fatal(err)
			}
			if err := other.AnswerProposal(ctx, id, false, amana.Conceal("One thing is not right.")); err != nil {
				t.Fatal(err)
			}
			row, err := officer.LedgerEntry(ctx, id)
			if err != nil || len(row.Proposal.Approvals) != 2 {
				t.Fatalf("%+v, %v", row, err)
			}
			if err := officer.Scribble(ctx, id, change(officer, id)); err != nil {
				t.Fatal(err)
			}
			row, err = officer.LedgerEntry(ctx, id)
			if err != nil || len(row.Proposal.Approvals) > 0 {
				t.Errorf("%d approvals still count: %v", len(row.Proposal.Approvals), err)
			}
		})
	}
}

// What she agreed to until a day does not hold again because a clock was set back.
func TestPost_aClockSetBackGivesNoConsentBack(t *testing.T) {
	c := correspond(t)
	ctx := t.Context()
	c.send(t)
	agreed := casework.Consent{
		Purpose: amana.PurposeReferral, Recipient: amana.Conceal(c.theirPartner.Name), Decision: amana.Granted,
		GivenBy: "self", How: "spoken", Until: c.ourOffice.now.AddDate(0, 0, 2).Format(time.DateOnly),
	}
	if err := c.ours.SetConsent(ctx, c.caseID, []casework.Consent{agreed}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ours.ReferralLetter(ctx, c.caseID, c.referral); err != nil {
		t.Fatal(err)
	}
	c.ourOffice.now = c.ourOffice.now.AddDate(0, 0, 5)
	if err := c.ours.SetConsent(ctx, c.caseID, []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Refused}}); err != nil {
		t.Fatal(err)
	}
	c.ourOffice.now = c.ourOffice.now.AddDate(0, 0, -5)
	if _, err := c.ours.ReferralLetter(ctx, c.caseID, c.referral); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("sealed by a consent that has ended: %v", err)
	}
}

// A referral that says another partner than it was sent to is sealed to nobody.
func TestPost_noOtherPartnerPutInItsPlace(t *testing.T) {
	c := correspond(t)
	ctx := t.Context()
	c.send(t)
	keys := seal.NewIdentity()
	other := letter.Card{Org: amana.OrgID{5}, Name: "Somebody else", Post: letter.PostID{5}, Verify: keys.VerifyKey(), Box: keys.BoxKey()}
	if err := c.ours.AddPartner(ctx, other.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := c.ours.Scribble(ctx, c.referral, casework.Values{"partner": event.Text(amana.RecordID(other.Post).String())}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ours.ReferralLetter(ctx, c.caseID, c.referral); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("sealed to a partner whom she never named: %v", err)
	}
}

// A partner knows names of files of ours, from a dossier, and gives one of them to a package
// of theirs. It is not taken; and where the name came to be ours later, giving the package
// up does not erase the file of ours.
func TestPackage_byTheNameOfAFileOfOurs(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := t.Context()
	caseID, incident := happened(t, d, amana.Granted, nil)
	file := amana.RecordID(seal.Random16())
	if err := d.TakeUnder(ctx, file, caseID); err != nil {
		t.Fatal(err)
	}
	for what, id := range map[string]amana.RecordID{"a file": file, "a case": caseID, "an incident": incident} {
		if _, err := d.PackageNamed(ctx, id); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("by the name of %s: %v", what, err)
		}
	}
	later := amana.RecordID(seal.Random16())
	id, err := d.PackageNamed(ctx, later)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.TakeUnder(ctx, later, caseID); err != nil { // as another device brings it
		t.Fatal(err)
	}
	if err := d.GiveUpPackage(ctx, id); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("a file of ours was erased with a partner's package: %v", err)
	}
	if d.OrderedErased(later) {
		t.Error("it is ordered erased")
	}
	id, err = d.PackageNamed(ctx, amana.RecordID(seal.Random16()))
	if err == nil {
		err = d.GiveUpPackage(ctx, id)
	}
	if err != nil {
		t.Errorf("a package with a name of its own is given up: %v", err)
	}
}
