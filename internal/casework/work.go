package casework

import (
	"slices"

	"amana"
	"amana/internal/record"
	"amana/internal/task"
	"amana/internal/vault"
)

// TableTasks is the document with the spans of days after which something is due.
const TableTasks = "table/" + TaskTable

// Work is how the work on a case stands.
type Work struct {
	Owner     amana.MemberID
	Mine      bool // it is this member's
	Tasks     []task.Task
	Today     string // the day by which tasks are late
	Reach     task.Reach
	Flags     []Flag
	Asked     []Asked
	Supervise bool
	// MayAsk are the approvals that can be asked for.
	MayAsk    []string
	Transfers []Transfer
	MovedTo   amana.RecordID // the record in which it goes on, or zero
	MovedFrom amana.RecordID
	// ToHere and FromHere say that this member can open those.
	ToHere, FromHere bool
	Moves            []MoveTo // to which teams this member can carry it
	Minor            Minor
	Guard            Guard
	Reporting        string // version of the text that was read
	Glimpses         []Glimpse
	Veiled           bool // there is an identity, hidden from this member's role
}

// TaskRules returns the spans of days: the organisation's, or what the program
// brings.
func (d *Desk) TaskRules() task.Rules {
	if doc, there := d.Adopted(TableTasks); there {
		if r, err := task.ReadRules(doc.Content); err == nil {
			return r
		}
	}
	return task.Defaults()
}

// workOf reads how the work on a case stands.
func (d *Desk) workOf(f vault.CaseFile) Work {
	c := &f.Case.Record
	w := Work{
		Owner: d.ownerOf(f), Today: d.today(), Flags: d.flagsOf(c), Asked: d.askedOf(f),
		Supervise: d.supervises(f.Case.Teams), Minor: d.minorOf(c), Guard: d.guardOf(f, nil),
		Transfers: d.transfersOf(f), Glimpses: glimpses(c),
		MovedTo: recordNamed(c, movedToField), MovedFrom: recordNamed(c, movedFromField),
	}
	w.ToHere, w.FromHere = d.readable(w.MovedTo), d.readable(w.MovedFrom)
	w.Moves = d.movesFor(f.Case.Teams)
	w.Mine = w.Owner == d.session.Member()
	w.Tasks, w.Reach = tasksOf(f, d.TaskRules())
	w.Reporting = reportingOf(f)
	for _, what := range record.Options("approval_type") {
		waits := slices.ContainsFunc(w.Asked, func(a Asked) bool { return a.Type == what && a.Status == pending })
		if !waits && (what != approvalAccount || w.Guard.Asked) {
			w.MayAsk = append(w.MayAsk, what)
		}
	}
	return w
}

func recordNamed(c *record.Record, field string) amana.RecordID {
	id, err := amana.ParseID[amana.Record](c.Value(field).Reveal())
	if err != nil {
		return amana.RecordID{}
	}
	return id
}

// tasksOf finds what is to be done for a case, and how she may be reached.
func tasksOf(f vault.CaseFile, rules task.Rules) ([]task.Task, task.Reach) {
	file := task.File{Case: &f.Case.Record}
	decision, how := amana.NotAsked, []string(nil)
	for i := range f.Records {
		r := &f.Records[i].Record
		switch r.Kind { //nolint:exhaustive // the others make nothing due
		case amana.KindReferral:
			file.Referrals = append(file.Referrals, r)
		case amana.KindConsent:
			decision = r.Consent(amana.PurposeContact, amana.Private{}).Decision
		case amana.KindIdentity:
			how = record.IdentityOf(r).ContactHow
		}
	}
	file.Reach = task.ReachOf(decision, how)
	return task.Of(file, rules), file.Reach
}
