package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/vault"
)

// What a supervisor is asked for, and how it stands.
const (
	ApprovalPlan    = "case_plan"
	ApprovalClosure = "closure"
	approvalAccount = "second_account"

	pending  = "pending"
	approved = "approved"
	rejected = "rejected"
)

// The rules of the organisation on approvals; each is "yes" or not set.
const (
	RuleApproveOwn     = "approve_own"     // one's own work too: for who works alone
	RuleApproveClosure = "approve_closure" // no case is closed without
)

// Asked is something that a supervisor was asked for.
type Asked struct {
	ID        string
	Type      string
	Status    string
	Comment   amana.Private
	By        amana.MemberID // who asked
	On        time.Time
	Decided   amana.MemberID // who answered, or zero
	DecidedOn time.Time
	Mine      bool // this member may answer
	decided   uint64
}

// Own reports whether whoever asked answered too.
func (a Asked) Own() bool { return !a.Decided.IsZero() && a.Decided == a.By }

// askedOf returns what supervisors were asked for, the newest first. Who asked and
// who answered is what the journal says of the entries, not what a field claims.
func (d *Desk) askedOf(f vault.CaseFile) []Asked {
	var list []Asked
	c := &f.Case.Record
	for _, item := range c.Items(record.Approvals) {
		name := record.Approvals + "/" + item
		a := Asked{
			ID: item, Type: c.Value(name + "/approval_type").Reveal(),
			Status: c.Value(name + "/status").Reveal(), Comment: amana.Conceal(c.Value(name + "/comment").Reveal()),
		}
		kind, _ := c.Field(name + "/approval_type")
		a.By, a.On = kind.By, record.When(kind.Time)
		if status, _ := c.Field(name + "/status"); a.Status != pending {
			a.Decided, a.DecidedOn, a.decided = status.By, record.When(status.Time), status.Time
		}
		a.Mine = a.Status == pending && d.mayDecide(f, a.By) == nil
		list = append(list, a)
	}
	slices.Reverse(list)
	return list
}

// granted reports whether something was agreed to, by a supervisor and not by whoever
// asked for it: the journal takes the words of anybody who writes in the case.
func (d *Desk) granted(a Asked) bool {
	if a.Status != approved || a.Own() && !d.Rule(RuleApproveOwn) {
		return false
	}
	m, known := d.charter().MemberAt(a.Decided, a.decided)
	return known && slices.Contains(m.Roles, amana.RoleSupervisor)
}

// supervises reports whether this member is a supervisor in a team of the case.
func (d *Desk) supervises(teams []amana.TeamID) bool {
	me := d.Me()
	return me.Has(amana.RoleSupervisor) && slices.ContainsFunc(me.Teams, func(t Team) bool { return slices.Contains(teams, t.ID) })
}

// mayDecide says whether this member may answer what a member asked for: as a
// supervisor of the team, and never on their own work, unless the organisation
// says that somebody works alone.
func (d *Desk) mayDecide(f vault.CaseFile, asker amana.MemberID) error {
	return d.mayDecideOn(f.Case.Teams, d.ownerOf(f), asker)
}

func (d *Desk) mayDecideOn(teams []amana.TeamID, owner, asker amana.MemberID) error {
	me := d.session.Member()
	switch {
	case !d.supervises(teams):
		return refusal("approval.supervisor")
	case d.Rule(RuleApproveOwn):
		return nil
	case asker == me || owner == me:
		return refusal("approval.own")
	}
	return nil
}

// Rule reports whether a rule of the organisation is set to yes.
func (d *Desk) Rule(rule string) bool { return d.charter().Rules()[rule] == "yes" }

// ownerOf is whose case it is: whoever it was given to, or began it.
func (d *Desk) ownerOf(f vault.CaseFile) amana.MemberID {
	if id, err := amana.ParseID[amana.Member](f.Case.Value("owned_by").Reveal()); err == nil {
		return id
	}
	if code, there := f.Case.Field("survivor_code_no"); there {
		return code.By
	}
	return amana.MemberID{}
}

// AskApproval asks the supervisors of a case's team. Kinds: ErrRefused as a
// [*Refusal] where the same waits for an answer already.
func (d *Desk) AskApproval(ctx context.Context, caseID amana.RecordID, what string, comment amana.Private) error {
	if !slices.Contains(record.Options("approval_type"), what) {
		return fmt.Errorf("casework: approval for case %s: %w", caseID, amana.ErrInvalid)
	}
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	for _, a := range d.askedOf(f) {
		if a.Type == what && a.Status == pending {
			return refusal("approval.asked.already")
		}
	}
	return d.newItem(ctx, caseID, record.Approvals, Values{
		"approval_type": event.Text(what), "status": event.Text(pending), "comment": textOf(comment),
		"requested_on": event.Text(d.today()), "requested_by": event.Text(d.session.Member().String()),
	})
}

// DecideApproval answers what was asked for. Kinds: ErrRefused as a [*Refusal],
// ErrConflict where somebody answered already.
func (d *Desk) DecideApproval(ctx context.Context, caseID amana.RecordID, item string, yes bool, comment amana.Private) error {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	list := d.askedOf(f)
	at := slices.IndexFunc(list, func(a Asked) bool { return a.ID == item })
	switch {
	case at < 0:
		return fmt.Errorf("casework: approval of case %s: %w", caseID, amana.ErrNotFound)
	case list[at].Status != pending:
		return fmt.Errorf("casework: approval of case %s: %w", caseID, amana.ErrConflict)
	}
	if err := d.mayDecide(f, list[at].By); err != nil {
		return err
	}
	status := rejected
	if yes {
		status = approved
	}
	return d.setItem(ctx, caseID, record.Approvals, item, Values{
		"status": event.Text(status), "comment": textOf(comment),
		"decided_on": event.Text(d.today()), "decided_by": event.Text(d.session.Member().String()),
	})
}

// mayClose refuses to close a case where the organisation wants a supervisor's
// agreement first, and there is none since the case was last taken up.
func (d *Desk) mayClose(f vault.CaseFile) error {
	if !d.Rule(RuleApproveClosure) {
		return nil
	}
	opened := record.When(f.Case.Opened)
	if status, there := f.Case.Field("status"); there {
		opened = record.When(status.Time)
	}
	for _, a := range d.askedOf(f) {
		if a.Type == ApprovalClosure && d.granted(a) && !a.DecidedOn.Before(opened) {
			return nil
		}
	}
	return refusal("approval.closure.first")
}

func textOf(p amana.Private) event.Value { return event.Text(p.Reveal()) }

// newItem adds an item to a list of a case.
func (d *Desk) newItem(ctx context.Context, caseID amana.RecordID, list string, v Values) error {
	return d.setItem(ctx, caseID, list, newItem(), v)
}

// setItem sets fields of an item. Field names are without the list's name.
func (d *Desk) setItem(ctx context.Context, caseID amana.RecordID, list, item string, v Values) error {
	facts, err := d.itemValues(list, item, v)
	if err != nil {
		return err
	}
	return d.session.Save(ctx, vault.Change{Record: caseID, Facts: facts})
}

func (d *Desk) itemValues(list, item string, v Values) ([]event.Fact, error) {
	bad, values := FieldErrors{}, Values{}
	for name, value := range v {
		if value.IsZero() {
			continue
		}
		if fault := record.Validate(amana.KindCase, list+"/"+name, value, d.office.now()); fault != "" {
			bad[name] = string(fault)
		}
		values[list+"/"+item+"/"+name] = value
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return sets(values), nil
}
