package casework

import (
	"context"
	"errors"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/record"
	"amana/internal/vault"
	"amana/internal/xlsform"
)

// Every account costs her, and accounts that differ can be used against her. So
// before one is taken down only one thing is asked: whether anybody has recorded
// it already. No other field waits for that: care never does.

// accounts are the fields in which somebody's account of what happened is written.
var accounts = map[amana.Kind][]string{
	amana.KindCase:     {"assessment_presenting_problem"},
	amana.KindIncident: {"incident_description"},
}

// Guard says what stands before an account.
type Guard struct {
	Asked    bool // somebody asked whether it was recorded before
	Earlier  bool // it was, elsewhere
	Reason   bool // why she is asked again is recorded
	Accounts int  // taken down here
	Agreed   int  // supervisors' agreements to another one
	Needed   int  // agreements that an account of one more incident takes
}

// guardOf reads a case file, with what is about to be written to the case.
func (d *Desk) guardOf(f vault.CaseFile, writes Values) Guard {
	c := &f.Case.Record
	value := func(name string) event.Value {
		if v := writes[name]; !v.IsZero() {
			return v
		}
		return c.Value(name)
	}
	prior := value("prior_interview")
	g := Guard{Reason: value("prior_interview_reason").Reveal() != ""}
	said, answered := prior.Answer()
	g.Asked = !prior.IsZero() && (!answered || said != event.NotAsked)
	yes, isBool := prior.Bool()
	g.Earlier = isBool && yes || prior.Reveal() == "true" || prior.Reveal() == "yes"
	for i := range f.Records {
		if holdsAccount(&f.Records[i].Record) {
			g.Accounts++
		}
	}
	if g.Accounts == 0 && holdsAccount(c) {
		g.Accounts = 1 // the case and its first incident come from one conversation
	}
	for _, a := range d.askedOf(f) {
		g.Agreed += one(a.Type == approvalAccount && d.granted(a))
	}
	g.Needed = g.needs(incidentAccounts(f) + 1)
	return g
}

// Repeats reports whether she told it more than once, as far as is known here.
func (g Guard) Repeats() bool { return g.Accounts+one(g.Earlier) > 1 }

// needs is how many agreements one more account takes.
func (g Guard) needs(more int) int { return one(g.Earlier) + max(0, more-1) }

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func holdsAccount(r *record.Record) bool {
	for _, name := range accounts[r.Kind] {
		if r.Value(name).Reveal() != "" {
			return true
		}
	}
	return false
}

// guardAccount refuses an account that is not to be taken down yet. id is the
// record that is written to, zero for one that begins; values are what is written.
// What is no account passes, and so does mending one that stands. Kind: ErrRefused,
// as a [*Refusal].
func (d *Desk) guardAccount(f vault.CaseFile, kind amana.Kind, id amana.RecordID, values Values) error {
	writes := false
	for _, name := range accounts[kind] {
		writes = writes || values[name].Reveal() != ""
	}
	if !writes {
		return nil
	}
	onCase := values
	if kind != amana.KindCase {
		onCase = nil
	}
	g := d.guardOf(f, onCase)
	more := g.Accounts
	if kind == amana.KindCase {
		if holdsAccount(&f.Case.Record) {
			return nil
		}
		more = max(more, 1)
	} else {
		for i := range f.Records {
			if f.Records[i].ID == id && holdsAccount(&f.Records[i].Record) {
				return nil
			}
		}
		more = incidentAccounts(f) + 1
	}
	need := g.needs(more)
	switch {
	case !g.Asked:
		return refusal("guard.ask")
	case need == 0:
		return nil
	case !g.Reason:
		return refusal("guard.reason")
	case g.Agreed < need:
		return refusal("guard.agreement")
	}
	return nil
}

func incidentAccounts(f vault.CaseFile) (n int) {
	for i := range f.Records {
		n += one(holdsAccount(&f.Records[i].Record))
	}
	return n
}

// guardFilling refuses an account in a form of a case that stands, at the question
// that asks for it: what else was typed waits on the page.
func (d *Desk) guardFilling(f vault.CaseFile, kind amana.Kind, id amana.RecordID, facts []event.Fact) error {
	values := Values{}
	for _, fact := range facts {
		if set, is := fact.(event.Set); is {
			values[set.Field] = set.Value
		}
	}
	return atAccount(d.guardAccount(f, kind, id, values), kind, values)
}

// guardChange is the same for single fields of a record.
func (d *Desk) guardChange(caseID amana.RecordID, o *vault.Opened, values Values) error {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	return d.guardAccount(f, o.Kind, o.ID, values)
}

// guardIntake is the same for a case that begins: no supervisor can have agreed to
// what nobody could ask for, so the account waits until the case is there.
func (d *Desk) guardIntake(in Intake) form.Faults {
	err := d.guardAccount(vault.CaseFile{}, amana.KindCase, amana.RecordID{}, in.Case)
	if no, is := errors.AsType[*Refusal](err); is && no.Key != "guard.ask" {
		err = refusal("guard.intake")
	}
	faults, _ := errors.AsType[form.Faults](atAccount(err, amana.KindCase, in.Case))
	return faults
}

// atAccount puts a refusal at the account that it is about.
func atAccount(err error, kind amana.Kind, values Values) error {
	no, is := errors.AsType[*Refusal](err)
	if !is {
		return err
	}
	var faults form.Faults
	for _, name := range accounts[kind] {
		if values[name].Reveal() != "" {
			faults = append(faults, xlsform.Fault{Path: name, Key: no.Key})
		}
	}
	return faults
}

// AskAccount asks a supervisor to agree to another account, and records why she is
// asked again. Both are saved together. Kinds: FieldErrors, ErrRefused as a
// [*Refusal].
func (d *Desk) AskAccount(ctx context.Context, caseID amana.RecordID, reason amana.Private) error {
	if reason.IsEmpty() {
		return FieldErrors{"reason": "guard.reason.needed"}
	}
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	switch g := d.guardOf(f, nil); {
	case !g.Asked:
		return refusal("guard.ask")
	case slices.ContainsFunc(d.askedOf(f), func(a Asked) bool { return a.Type == approvalAccount && a.Status == pending }):
		return refusal("approval.asked.already")
	}
	facts, err := d.itemValues(record.Approvals, newItem(), Values{
		"approval_type": event.Text(approvalAccount), "status": event.Text(pending), "comment": textOf(reason),
		"requested_on": event.Text(d.today()), "requested_by": event.Text(d.session.Member().String()),
	})
	if err != nil {
		return err
	}
	facts = append(facts, event.Set{Field: "prior_interview_reason", Value: textOf(reason)})
	return d.session.Save(ctx, vault.Change{Record: caseID, Facts: facts})
}

// Lacks is what stands before an account of one more incident, as the key of a
// message, or "".
func (g Guard) Lacks() string {
	switch {
	case !g.Asked:
		return "guard.ask"
	case g.Needed > 0 && !g.Reason:
		return "guard.reason"
	case g.Agreed < g.Needed:
		return "guard.agreement"
	}
	return ""
}
