package casework_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

// workbook is what is put forward by the officer.
func (s *settlers) workbook(t *testing.T) amana.RecordID {
	t.Helper()
	id, err := s.officer.ProposeExport(t.Context(), casework.ExportPlan{Team: s.team, Recipient: "The coordination", Language: "en"}, amana.Conceal("Monthly."))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// agreed has the two others approve, and the time pass.
func (s *settlers) agreed(t *testing.T, id amana.RecordID) {
	t.Helper()
	for _, d := range []*casework.Desk{s.cheat, s.other} {
		if err := d.AnswerExport(t.Context(), id, true, amana.Conceal("Looked at.")); err != nil {
			t.Fatal(err)
		}
	}
	s.now = s.now.Add(25 * time.Hour)
}

// The workbook of rows leaves by the approval of others, and not before; of what they
// agreed to, what says something else by then stays, and what she took back, and nothing
// that came since goes with it.
func TestExport_byApprovalOfOthersForExactlyThis(t *testing.T) {
	s := newSettlers(t)
	ctx := t.Context()
	var cases, incidents []amana.RecordID
	for range 3 {
		c, in := happened(t, s.cheat, amana.Granted, nil)
		cases, incidents = append(cases, c), append(incidents, in)
	}
	happened(t, s.cheat, amana.Refused, nil)
	id := s.workbook(t)
	p, err := s.other.ExportProposal(ctx, id)
	if err != nil || p.Rows != 3 || p.State != "proposed" || p.Plan.Recipient != "The coordination" || p.Plan.Language != "en" {
		t.Fatalf("%+v, %v", p, err)
	}
	if list, err := s.officer.Exchanges(ctx); err != nil || len(list) != 0 {
		t.Errorf("what was put forward did not leave: %+v, %v", list, err)
	}
	refusedAs(t, s.lacks(t, id), "release.refused.quorum")
	refusedAs(t, s.officer.AnswerExport(ctx, id, true, amana.Conceal("I want it.")), "release.refused.own")
	if err := s.officer.Scribble(ctx, id, casework.Values{"incidents": event.Int(3)}); err != nil {
		t.Fatal(err)
	}
	if err := s.cheat.AnswerExport(ctx, id, true, amana.Conceal("Looked at.")); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, s.lacks(t, id), "release.refused.quorum")
	if err := s.other.AnswerExport(ctx, id, true, amana.Conceal("Looked at.")); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, s.lacks(t, id), "release.refused.delay")
	s.now = s.now.Add(25 * time.Hour)
	happened(t, s.cheat, amana.Granted, nil) // it came since
	if err := s.cheat.ChangeRecord(ctx, cases[0], casework.Change{Record: incidents[0], Values: casework.Values{"incident_timeofday": event.Text("morning")}}); err != nil {
		t.Fatal(err)
	}
	if err := s.cheat.SetConsent(ctx, cases[1], []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Withdrawn}}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r, err := s.officer.ExportRecorder(ctx, &out, id)
	if err != nil || r.Incidents != 1 || r.Changed != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	if rows := rowsOf(t, out.Bytes()); len(rows) != 1 {
		t.Errorf("%d rows left", len(rows))
	}
	if r, err = s.officer.ExportRecorder(ctx, io.Discard, id); err != nil || r.Incidents != 1 {
		t.Errorf("the same once more: %+v, %v", r, err)
	}
	rec, err := s.officer.Session().ReadRecord(ctx, id)
	if err != nil || len(rec.Value("taken/1/incidents").RevealList()) != 1 || len(rec.Value("taken/2/incidents").RevealList()) != 1 {
		t.Errorf("what left is not on record: %v", err)
	}
	if p, err = s.other.ExportProposal(ctx, id); err != nil || p.State != "left" {
		t.Errorf("%s, %v", p.State, err)
	}
}

// lacks is why a workbook does not leave.
func (s *settlers) lacks(t *testing.T, id amana.RecordID) error {
	t.Helper()
	var out bytes.Buffer
	_, err := s.officer.ExportRecorder(t.Context(), &out, id)
	if out.Len() > 0 {
		t.Errorf("%d bytes left", out.Len())
	}
	return err
}

// An objection stops a workbook, whoever approved; it can be taken back; and who writes
// over what others agreed to loses their approvals.
func TestExport_stopped(t *testing.T) {
	s := newSettlers(t)
	ctx := t.Context()
	happened(t, s.cheat, amana.Granted, nil)
	id := s.workbook(t)
	s.agreed(t, id)
	if err := s.other.AnswerExport(ctx, id, false, amana.Conceal("Not to them.")); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, s.lacks(t, id), "release.refused.objection")
	id = s.workbook(t)
	s.agreed(t, id)
	if err := s.officer.TakeBackExport(ctx, id); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, s.lacks(t, id), "release.refused.done")
	for what, change := range map[string]func(id amana.RecordID) casework.Values{
		"another recipient": func(id amana.RecordID) casework.Values {
			return casework.Values{s.officer.Names(ctx, id, "/recipient", "")[0]: event.Text("Somebody else"), "recipient": event.Text("Somebody else")}
		},
		"more rows": func(amana.RecordID) casework.Values {
			return casework.Values{"ledger/more/step": event.Text("rows"), "ledger/more/records": event.Text(amana.RecordID{9}.String() + " 00")}
		},
	} {
		id = s.workbook(t)
		s.agreed(t, id)
		if err := s.cheat.Scribble(ctx, id, change(id)); err != nil {
			t.Fatal(err)
		}
		p, err := s.other.ExportProposal(ctx, id)
		if err != nil || p.Plan.Recipient != "The coordination" || len(p.Proposal.Approvals) != 0 || !p.Spoiled {
			t.Errorf("%s: %+v, %v", what, p.Plan, err)
		}
		refusedAs(t, s.lacks(t, id), "release.refused.quorum")
	}
}

// What was put forward on one device leaves from another, where it is the same.
func TestExport_fromAnotherDevice(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	if err := h.admin.SetRule(ctx, casework.RuleReleaseApprovals, "1"); err != nil {
		t.Fatal(err)
	}
	var care amana.TeamID
	for _, team := range h.admin.Me().Teams {
		if team.Compartment == amana.Care {
			care = team.ID
		}
	}
	second := h.at(t, h.elsewhere(t, h.admin, h.officer), officerWords)
	id, err := h.admin.OpenCase(ctx, casework.Intake{
		Team: care, Case: casework.Values{"sex": event.Text("female"), "age": event.Int(30)},
		Consents: []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Granted}},
	})
	if err == nil {
		_, err = h.admin.BeginIncident(ctx, id)
	}
	if err == nil {
		err = h.admin.SetConsent(ctx, id, []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Granted}})
	}
	if err != nil {
		t.Fatal(err)
	}
	proposal, err := h.officer.ProposeExport(ctx, casework.ExportPlan{Team: care, Recipient: "The coordination", Language: "en"}, amana.Conceal("Monthly."))
	if err == nil {
		err = h.admin.AnswerExport(ctx, proposal, true, amana.Conceal("Looked at."))
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.admin.ReadCase(ctx, id); err != nil { // to look is no change
		t.Fatal(err)
	}
	meet(t, h.admin, second)
	h.now = h.now.Add(25 * time.Hour)
	if r, err := second.ExportRecorder(ctx, io.Discard, proposal); err != nil || r.Incidents != 1 || r.Changed != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
