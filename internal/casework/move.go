package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/vault"
)

// A record belongs to the teams of its first entry for good, and nobody writes under
// the key of a team they are not in. So a case goes to another team by the hand of
// somebody who works in both: what she agrees to is written again, under the other
// team's key, and the record it came from ends. All of it is one save.

// statusTransferred is the status of a case, or an incident, that goes on in another
// record. It is in no count.
const statusTransferred = "transferred"

// Fields by which the two records of a case that was moved name each other.
const (
	movedToField   = "transferred_to"
	movedFromField = "transferred_from"
)

// MoveTo is a team to which this member can carry a case.
type MoveTo struct {
	Team    Team
	Members []amana.MemberID // who could take it over: they work on cases there
}

// Move is how a case is carried to another team.
type Move struct {
	Team amana.TeamID
	// To is who is asked to take it over. Until they do, it is the carrier's.
	To amana.MemberID
	// Agreed says that she was asked, and agreed that this team gets what is ticked.
	Agreed    bool
	Identity  bool // her name and how to reach her
	Incidents bool // what happened to her
	Notes     bool // notes and follow-ups
	Comment   amana.Private
}

// movesFor are the teams to which this member can carry a case of these teams: others
// that keep cases, in which they work too.
func (d *Desk) movesFor(teams []amana.TeamID) (list []MoveTo) {
	for _, t := range d.Me().Teams {
		if slices.Contains(teams, t.ID) || t.Compartment != amana.Care || !d.worksIn([]amana.TeamID{t.ID}, d.session.Member()) {
			continue
		}
		m := MoveTo{Team: t}
		for _, id := range t.Members {
			if d.worksIn([]amana.TeamID{t.ID}, id) {
				m.Members = append(m.Members, id)
			}
		}
		list = append(list, m)
	}
	return list
}

// MoveCase carries a case to another team in which this member works too, and returns
// the record in which it goes on there. What she did not agree to, her referrals and
// what is kept as evidence stay in the record it came from, which ends: it can be read
// by whoever could, is in no count, and lets nothing leave any more until she is asked
// again. It is brought back by moving it again. Kinds: FieldErrors; ErrRefused, as a
// [*Refusal] where something has to be done first; ErrNotFound.
func (d *Desk) MoveCase(ctx context.Context, caseID amana.RecordID, m Move) (amana.RecordID, error) {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return amana.RecordID{}, err
	}
	if err := d.mayMove(f, m); err != nil {
		return amana.RecordID{}, err
	}
	id := d.session.NewRecord(amana.KindCase)
	changes := d.carried(&f, id, m) // first what begins: whoever has half of it sees the case twice, and never not at all
	return id, d.session.Save(ctx, append(changes, d.leftBehind(&f, id, m)...)...)
}

func (d *Desk) mayMove(f vault.CaseFile, m Move) error {
	bad := FieldErrors{}
	all := d.movesFor(f.Case.Teams)
	at := slices.IndexFunc(all, func(t MoveTo) bool { return t.Team.ID == m.Team })
	switch {
	case at < 0 || !slices.Contains(all[at].Members, m.To):
		bad["move_to"] = "move.to.needed"
	case m.Identity && !all[at].Team.Identities:
		bad["move_to"] = "move.identity.team"
	}
	if !m.Agreed {
		bad["move_agreed"] = "move.agreed.needed"
	}
	if len(bad) > 0 {
		return bad
	}
	status := record.CaseOf(&f.Case.Record).Status
	switch {
	case status == statusTransferred:
		return refusal("move.gone")
	case m.Identity && d.hidesName(f):
		return refusal("move.veiled")
	case slices.ContainsFunc(d.transfersOf(f), func(t Transfer) bool { return t.Status == transferAsked }):
		return refusal("transfer.waits")
	case d.worksIn(f.Case.Teams, d.session.Member()):
		return unsettled(f)
	}
	return fmt.Errorf("casework: case %s: moving: %w", f.Case.ID, amana.ErrRefused)
}

// unsettled refuses to move what could be carried by half only: what two devices wrote
// at the same time, what this version cannot read, a referral that is not at its end.
func unsettled(f vault.CaseFile) error {
	parts := append([]vault.Opened{f.Case}, f.Records...)
	for i := range parts {
		o := &parts[i]
		if o.Tampered+o.Unread > 0 || o.Conflicts() > 0 {
			return refusal("move.settle")
		}
		if o.Kind == amana.KindReferral && referral.CourseOf(valuesOf(*o)).State.Open() {
			return refusal("move.referral")
		}
	}
	return nil
}

// stays reports whether a field of a case is about the work in the old team only.
func (m Move) stays(name string) bool {
	list, _, in := strings.Cut(name, "/")
	switch list {
	case movedToField, movedFromField, "owned_by", "status":
		return !in
	case record.Approvals, record.Transfers, record.BreakGlass:
		return in
	case record.Notes, record.FollowUps:
		return in && !m.Notes
	}
	return false
}

// carried are the records with which the case goes on in the other team.
func (d *Desk) carried(f *vault.CaseFile, id amana.RecordID, m Move) []vault.Change {
	teams := []amana.TeamID{m.Team}
	first := Values{}
	for _, c := range f.Case.Cells() {
		if !m.stays(c.Name) {
			first[c.Name] = c.Value
		}
	}
	dated(&f.Case, first)
	first["status"], first[movedFromField] = event.Text(statusTaken(f)), event.Text(f.Case.ID.String())
	first["owned_by"] = event.Text(d.session.Member().String())
	if first["created_on"].IsZero() {
		first["created_on"] = event.Text(record.CaseOf(&f.Case.Record).Opened)
	}
	if m.To != d.session.Member() {
		d.moveItem(first, m, transferAsked)
	}
	changes := []vault.Change{{Record: id, Begin: &vault.Begin{Kind: amana.KindCase, Teams: teams}, Facts: sets(first)}}
	for i := range f.Records {
		o := &f.Records[i]
		facts := sets(valuesOf(*o))
		switch {
		case o.Kind == amana.KindIdentity && m.Identity, o.Kind == amana.KindIncident && m.Incidents:
		case o.Kind == amana.KindConsent: // her noes go wherever she does
			for _, c := range o.Consents() {
				facts = append(facts, c.Consented)
			}
		default:
			continue
		}
		if len(facts) > 0 {
			changes = append(changes, vault.Change{
				Record: d.session.NewRecord(o.Kind), Begin: &vault.Begin{Kind: o.Kind, Case: id, Teams: teams}, Facts: facts,
			})
		}
	}
	return changes
}

// statusTaken is the status with which a case goes on: a closed one stays closed.
func statusTaken(f *vault.CaseFile) string { return record.CaseOf(&f.Case.Record).Status }

// dated puts before each note on which day it was written: in the new record it would
// look as if it were written today.
func dated(o *vault.Opened, values Values) {
	for name, v := range values {
		list, rest, _ := strings.Cut(name, "/")
		c, there := o.Field(name)
		if list == record.Notes && there && strings.HasSuffix(rest, "/text") {
			values[name] = event.Text(record.When(c.Time).Format("2006-01-02") + ": " + v.Reveal())
		}
	}
}

// moveItem says in the list of transfers who is asked, by whom, with her agreement.
func (d *Desk) moveItem(v Values, m Move, status string) {
	name := record.Transfers + "/" + newItem() + "/"
	v[name+"to"], v[name+"asked_by"] = event.Text(m.To.String()), event.Text(d.session.Member().String())
	v[name+"asked_on"], v[name+"status"] = event.Text(d.today()), event.Text(status)
	v[name+"team"], v[name+"agreed"] = event.Text(m.Team.String()), event.Bool(m.Agreed)
	if !m.Comment.IsEmpty() {
		v[name+"comment"] = textOf(m.Comment)
	}
}

// leftBehind ends the record it came from: the case and the incidents that went on are
// in no count, and what she allowed is to be asked again before anything leaves.
func (d *Desk) leftBehind(f *vault.CaseFile, id amana.RecordID, m Move) []vault.Change {
	var changes []vault.Change
	for i := range f.Records {
		o := &f.Records[i]
		var facts []event.Fact
		switch {
		case o.Kind == amana.KindIncident && m.Incidents:
			facts = sets(Values{"status": event.Text(statusTransferred)})
		case o.Kind == amana.KindConsent:
			facts = askedAgain(&o.Record, m.Incidents)
		}
		if len(facts) > 0 {
			changes = append(changes, vault.Change{Record: o.ID, Seen: o.Version, Facts: facts})
		}
	}
	last := Values{"status": event.Text(statusTransferred), movedToField: event.Text(id.String())}
	d.moveItem(last, m, transferAccepted)
	return append(changes, vault.Change{Record: f.Case.ID, Seen: f.Case.Version, Facts: sets(last)})
}

// askedAgain takes back what would let something leave the record a case came from.
// What she refused stays refused. Being counted stays as it is where the incidents
// stay.
func askedAgain(r *record.Record, counted bool) (facts []event.Fact) {
	for _, c := range r.Consents() {
		stays := c.Purpose == amana.PurposeCare || c.Purpose == amana.PurposeContact || c.Purpose == amana.PurposeStatistics && !counted
		if c.Decision == amana.Granted && !stays {
			facts = append(facts, event.Consented{Purpose: c.Purpose, Recipient: c.Recipient, Decision: amana.NotAsked})
		}
	}
	for _, c := range r.ItemConsents() {
		if c.Decision == amana.Granted {
			facts = append(facts, event.ConsentedItem{Purpose: c.Purpose, Recipient: c.Recipient, Item: c.Item, Decision: amana.NotAsked})
		}
	}
	return facts
}

// movedOn reports whether an incident or a case goes on in another record.
func movedOn(v Values) bool { return v["status"].Reveal() == statusTransferred }

// notMoved refuses what would let a case go on in two records.
func (d *Desk) notMoved(caseID amana.RecordID) error {
	f, err := d.session.Peek(caseID)
	if err == nil && record.CaseOf(&f.Case.Record).Status == statusTransferred {
		return refusal("move.gone")
	}
	return err
}

// readable reports whether this member can open a record.
func (d *Desk) readable(id amana.RecordID) bool {
	if id.IsZero() {
		return false
	}
	_, err := d.session.Peek(id)
	return err == nil
}
