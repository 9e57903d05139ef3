package casework

import (
	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/vault"
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
	return g
}

// Repeats reports whether she told it more than once, as far as is known here.
func (g Guard) Repeats() bool { return g.Accounts+one(g.Earlier) > 1 }

// Needs is how many agreements one more account takes.
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

// GuardAccount is for whoever writes a form into a case: it refuses an account
// that is not to be taken down yet, as a [*Refusal], and lets all else pass.
func (d *Desk) GuardAccount(caseID, recordID amana.RecordID, kind amana.Kind, values Values) error {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	return d.guardAccount(f, kind, recordID, values)
}
