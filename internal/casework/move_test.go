package casework_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/referral"
)

// moving is an organisation with two teams: one worker in each, and the administrator,
// who works in both.
type moving struct {
	*office
	both, here, there *casework.Desk
	from, to          amana.TeamID
	id, incident      amana.RecordID
}

func newMoving(t *testing.T) *moving {
	t.Helper()
	ctx := context.Background()
	m := &moving{office: newOffice(t)}
	m.both = m.unlock(t, adminWords)
	m.from = m.both.Me().Teams[0].ID
	var err error
	if m.to, err = m.both.FormTeam(ctx, casework.NewTeam{Name: "Clinic", Compartment: amana.Care, Identities: true, Join: true}); err != nil {
		t.Fatal(err)
	}
	join := func(name string, team amana.TeamID) *casework.Desk {
		_, words, err := m.both.AddMember(ctx, casework.NewMember{Name: name, Roles: []amana.Role{amana.RoleCaseworker}, Teams: []amana.TeamID{team}})
		if err != nil {
			t.Fatal(err)
		}
		return m.unlock(t, words)
	}
	m.here, m.there = join("Here", m.from), join("There", m.to)
	if m.id, err = m.here.OpenCase(ctx, casework.Intake{
		Team: m.from, Identity: casework.Values{"name": event.Text("Aïssata Exemple")},
		Case: casework.Values{"sex": event.Text("female"), "age": event.Int(30), "assessment_health_needs": event.Text("A dressing.")},
		Consents: []casework.Consent{
			{Purpose: amana.PurposeStatistics, Decision: amana.Granted},
			{Purpose: amana.PurposeContact, Decision: amana.Refused},
			{Purpose: amana.PurposeAccountability, Decision: amana.Granted},
		},
	}); err != nil {
		t.Fatal(err)
	}
	if m.incident, err = m.here.BeginIncident(ctx, m.id); err != nil {
		t.Fatal(err)
	}
	m.write(t, m.here.ChangeRecord(ctx, m.id, casework.Change{Record: m.incident, Values: casework.Values{"gbv_sexual_violence_type": event.Text("rape")}}))
	m.write(t, m.here.AddNote(ctx, m.id, amana.Conceal("She comes on Mondays.")))
	m.now = m.now.Add(48 * time.Hour)
	return m
}

func (m *moving) write(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *moving) move() casework.Move {
	return casework.Move{Team: m.to, To: m.there.Me().ID, Agreed: true, Identity: true, Incidents: true, Notes: true, Comment: amana.Conceal("Tell her who you are.")}
}

func (m *moving) read(t *testing.T, d *casework.Desk, id amana.RecordID) casework.CaseFile {
	t.Helper()
	f, err := d.ReadCase(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (m *moving) included(t *testing.T, d *casework.Desk) int {
	t.Helper()
	return counted(t, d, counting(m.office)).Counts.Included
}

func (m *moving) exported(t *testing.T, team amana.TeamID) int {
	t.Helper()
	var b bytes.Buffer
	r, err := m.both.ExportUnasked(context.Background(), &b, casework.ExportPlan{Team: team, Recipient: "Invented task force", Language: "en"})
	if no, is := errors.AsType[*casework.Refusal](err); is && no.Key == "export.none" {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return r.Incidents
}

// boards is of how many each board is that whoever is in both teams sees.
func (m *moving) boards(t *testing.T) map[string]int {
	t.Helper()
	boards, err := m.both.Boards(context.Background())
	if err != nil || len(boards) == 0 {
		t.Fatalf("%d boards, %v", len(boards), err)
	}
	of := map[string]int{}
	for _, list := range boards {
		for _, b := range list {
			of[b.ID] = b.Of
		}
	}
	return of
}

func decisionOf(f casework.CaseFile, p amana.Purpose) amana.Decision {
	for _, c := range f.Consents {
		if c.Purpose == p && c.Recipient.IsEmpty() {
			return c.Decision
		}
	}
	return ""
}

// A case that goes to another team goes on there under that team's key, whole as far
// as she agreed, and is somebody's at every moment; the old team keeps its history.
func TestMoveCase_goesOnInTheOtherTeam(t *testing.T) {
	m, ctx := newMoving(t), context.Background()
	id, err := m.both.MoveCase(ctx, m.id, m.move())
	if err != nil {
		t.Fatal(err)
	}
	f := m.read(t, m.there, id)
	if f.Team.ID != m.to || f.Status != "open" || f.Identity == nil || len(f.Incidents) != 1 || f.Incidents[0].Type != "rape" || f.Work.FromHere || f.Work.MovedFrom != m.id {
		t.Fatalf("there: team %s, %s, identity %t, %d incidents, %+v", f.Team.Name, f.Status, f.Identity != nil, len(f.Incidents), f.Work)
	}
	if len(f.Notes) != 1 || f.Notes[0].Cells[0].Value.Reveal() != "2026-03-01: She comes on Mondays." {
		t.Errorf("notes: %+v", f.Notes)
	}
	if decisionOf(f, amana.PurposeContact) != amana.Refused || decisionOf(f, amana.PurposeStatistics) != amana.Granted {
		t.Errorf("her answers: %+v", f.Consents)
	}
	if f.Work.Owner != m.both.Me().ID || len(f.Work.Transfers) != 1 || !f.Work.Transfers[0].Mine {
		t.Fatalf("before the answer: %+v", f.Work)
	}
	m.write(t, m.there.AnswerTransfer(ctx, id, f.Work.Transfers[0].ID, true, amana.Private{}))
	if f = m.read(t, m.there, id); !f.Work.Mine || !f.MayWrite {
		t.Errorf("taken over: %+v", f.Work)
	}
	old := m.read(t, m.here, m.id)
	if old.Status != "transferred" || old.MayWrite || old.Work.MovedTo != id || old.Work.ToHere || len(old.Notes) != 1 || len(old.Incidents) != 1 || len(old.Work.Tasks) != 0 {
		t.Errorf("the old record: %s, %+v", old.Status, old.Work)
	}
	if f := m.read(t, m.both, m.id); !f.Work.ToHere {
		t.Error("who is in both teams finds no way from one to the other")
	}
	if decisionOf(old, amana.PurposeContact) != amana.Refused || decisionOf(old, amana.PurposeAccountability) != amana.NotAsked || decisionOf(old, amana.PurposeStatistics) != amana.NotAsked {
		t.Errorf("something may still leave the old record: %+v", old.Consents)
	}
	if _, err := m.here.ReadCase(ctx, id); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("the old team reads the new record: %v", err)
	}
	if _, err := m.there.ReadCase(ctx, m.id); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("the new team reads the old record: %v", err)
	}
}

// An incident is in exactly one count, whoever looks, before and after, there and back.
func TestMoveCase_countedOnce(t *testing.T) {
	m, ctx := newMoving(t), context.Background()
	check := func(what string, here, there int) {
		t.Helper()
		if a, b, all := m.included(t, m.here), m.included(t, m.there), m.included(t, m.both); a != here || b != there || all != 1 {
			t.Errorf("%s: %d here, %d there, %d for who is in both", what, a, b, all)
		}
		if a, b := m.exported(t, m.from), m.exported(t, m.to); a != here || b != there {
			t.Errorf("%s: exported %d from here, %d from there", what, a, b)
		}
	}
	check("before", 1, 0)
	before := m.boards(t)
	id, err := m.both.MoveCase(ctx, m.id, m.move())
	if err != nil {
		t.Fatal(err)
	}
	check("moved", 0, 1)
	open := func(d *casework.Desk) int {
		list, err := d.Cases(ctx, casework.Query{Status: "open"})
		if err != nil {
			t.Fatal(err)
		}
		return list.Total
	}
	if a, b, all := open(m.here), open(m.there), open(m.both); a != 0 || b != 1 || all != 1 {
		t.Errorf("open: %d here, %d there, %d in both", a, b, all)
	}
	for id, n := range m.boards(t) {
		if n > max(1, before[id]) && id != "timeliness" { // which counts tasks: being asked to take over is one
			t.Errorf("board %s counts %d, before %d", id, n, before[id])
		}
	}
	refusedAs(t, m.here.ReopenCase(ctx, m.id), "move.gone")
	yes := casework.Consent{Purpose: amana.PurposeStatistics, Decision: amana.Granted, GivenBy: "self", How: "spoken", Language: "fra"}
	refusedAs(t, m.here.SetConsent(ctx, m.id, []casework.Consent{yes}), "move.gone")
	no := casework.Consent{Purpose: amana.PurposeStatistics, Decision: amana.Withdrawn, GivenBy: "self", How: "spoken", Language: "fra"}
	if err := m.here.SetConsent(ctx, m.id, []casework.Consent{no}); err != nil {
		t.Errorf("a no is not taken in the record that was left: %v", err)
	}
	_, err = m.here.BeginIncident(ctx, m.id)
	refusedAs(t, err, "move.gone")
	_, err = m.both.MoveCase(ctx, m.id, m.move())
	refusedAs(t, err, "move.gone")

	// The other team cannot: the carrier brings it back, with all that was written since.
	item := m.read(t, m.there, id).Work.Transfers[0].ID
	m.write(t, m.there.AnswerTransfer(ctx, id, item, false, amana.Conceal("We are full.")))
	m.write(t, m.there.AddNote(ctx, id, amana.Conceal("She was here.")))
	back := m.move()
	back.Team, back.To = m.from, m.here.Me().ID
	third, err := m.both.MoveCase(ctx, id, back)
	if err != nil {
		t.Fatal(err)
	}
	check("brought back", 1, 0)
	if f := m.read(t, m.here, third); len(f.Notes) != 2 || f.Status != "open" || decisionOf(f, amana.PurposeAccountability) != amana.Granted {
		t.Errorf("brought back: %s, %d notes, %+v", f.Status, len(f.Notes), f.Consents)
	}
}

// What she did not agree to stays. An incident that stays is counted where it is.
func TestMoveCase_onlyWhatSheAgreedTo(t *testing.T) {
	m, ctx := newMoving(t), context.Background()
	no := m.move()
	no.Agreed = false
	if _, err := m.both.MoveCase(ctx, m.id, no); !errors.Is(err, amana.ErrInvalid) || m.read(t, m.here, m.id).Status != "open" {
		t.Fatalf("without her yes: %v", err)
	}
	id, err := m.both.MoveCase(ctx, m.id, casework.Move{Team: m.to, To: m.there.Me().ID, Agreed: true})
	if err != nil {
		t.Fatal(err)
	}
	f := m.read(t, m.there, id)
	if len(f.Incidents) != 0 || len(f.Notes) != 0 {
		t.Errorf("%d incidents, %d notes went along", len(f.Incidents), len(f.Notes))
	}
	if f.Identity != nil {
		for _, c := range f.Identity.Cells {
			if !c.Value.IsZero() {
				t.Errorf("%s went along", c.Name)
			}
		}
	}
	needs := ""
	for _, c := range f.Case.Cells {
		if c.Name == "assessment_health_needs" {
			needs = c.Value.Reveal()
		}
	}
	if needs != "A dressing." || decisionOf(f, amana.PurposeContact) != amana.Refused {
		t.Errorf("care did not go along: %q, %+v", needs, f.Consents)
	}
	if a, b := m.included(t, m.here), m.included(t, m.there); a != 1 || b != 0 {
		t.Errorf("counted %d here, %d there", a, b)
	}
}

// Nobody writes to a team they are not in, nor carries what is not settled.
func TestMoveCase_refused(t *testing.T) {
	m, ctx := newMoving(t), context.Background()
	if _, err := m.here.MoveCase(ctx, m.id, m.move()); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("from outside of the team: %v", err)
	}
	if f := m.read(t, m.here, m.id); len(f.Work.Moves) != 0 {
		t.Errorf("offered: %+v", f.Work.Moves)
	}
	wrong := m.move()
	wrong.To = m.here.Me().ID
	if _, err := m.both.MoveCase(ctx, m.id, wrong); !errors.Is(err, amana.ErrInvalid) || strings.Contains(err.Error(), "Exemple") {
		t.Errorf("to somebody outside of the team: %v", err)
	}
	m.write(t, m.here.OfferCase(ctx, m.id, m.both.Me().ID, amana.Private{}))
	_, err := m.both.MoveCase(ctx, m.id, m.move())
	refusedAs(t, err, "transfer.waits")
}

// A referral that is still on its way would be followed by nobody.
func TestMoveCase_waitsForReferrals(t *testing.T) {
	r := refer(t)
	ctx := t.Context()
	to, err := r.FormTeam(ctx, casework.NewTeam{Name: "Clinic", Compartment: amana.Care, Identities: true, Join: true})
	if err != nil {
		t.Fatal(err)
	}
	m := casework.Move{Team: to, To: r.Me().ID, Agreed: true}
	_, err = r.MoveCase(ctx, r.caseID, m)
	refusedAs(t, err, "move.referral")
	if err := r.StepReferral(ctx, r.caseID, r.referral, casework.ReferralStep{State: referral.Withdrawn, Reason: "she_decided"}); err != nil {
		t.Fatal(err)
	}
	id, err := r.MoveCase(ctx, r.caseID, m)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := r.ReadCase(ctx, id); err != nil || !f.Work.Mine || len(f.Work.Transfers) != 0 {
		t.Errorf("carried to oneself: %+v, %v", f.Work, err)
	}
}
