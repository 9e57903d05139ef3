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

// How a transfer stands.
const (
	transferAsked     = "asked"
	transferAccepted  = "accepted"
	transferRefused   = "refused"
	transferWithdrawn = "withdrawn"
)

// Transfer is a case that was offered to another worker.
type Transfer struct {
	ID      string
	To      amana.MemberID
	By      amana.MemberID
	When    time.Time
	Status  string
	Comment amana.Private
	Mine    bool // this member may accept or refuse
	Take    bool // this member may withdraw it
}

func (d *Desk) transfersOf(f vault.CaseFile) []Transfer {
	me := d.session.Member()
	c := &f.Case.Record
	var list []Transfer
	for _, item := range c.Items(record.Transfers) {
		name := record.Transfers + "/" + item
		to, _ := c.Field(name + "/to")
		t := Transfer{
			ID: item, By: to.By, When: record.When(to.Time), Status: c.Value(name + "/status").Reveal(),
			Comment: amana.Conceal(c.Value(name + "/comment").Reveal()),
		}
		if id, err := amana.ParseID[amana.Member](to.Value.Reveal()); err == nil {
			t.To = id
		}
		t.Mine = t.Status == transferAsked && t.To == me
		t.Take = t.Status == transferAsked && t.By == me
		list = append(list, t)
	}
	slices.Reverse(list)
	return list
}

// OfferCase asks another member of the team to take a case over. Kinds:
// FieldErrors, ErrRefused as a [*Refusal] where an offer waits already.
func (d *Desk) OfferCase(ctx context.Context, caseID amana.RecordID, to amana.MemberID, comment amana.Private) error {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	if err := d.notMoved(caseID); err != nil {
		return err
	}
	if !d.worksIn(f.Case.Teams, to) {
		return FieldErrors{"transfer_to": "transfer.who.needed"}
	}
	if d.ownerOf(f) == to {
		return FieldErrors{"transfer_to": "transfer.already"}
	}
	if slices.ContainsFunc(d.transfersOf(f), func(t Transfer) bool { return t.Status == transferAsked }) {
		return refusal("transfer.waits")
	}
	if to == d.session.Member() {
		return d.session.Save(ctx, vault.Change{Record: caseID, Facts: []event.Fact{
			event.Set{Field: "owned_by", Value: event.Text(to.String())},
		}})
	}
	return d.newItem(ctx, caseID, record.Transfers, Values{
		"to": event.Text(to.String()), "asked_by": event.Text(d.session.Member().String()), "asked_on": event.Text(d.today()),
		"status": event.Text(transferAsked), "comment": textOf(comment),
	})
}

// worksIn reports whether a member is in a team of the case and may write there.
func (d *Desk) worksIn(teams []amana.TeamID, member amana.MemberID) bool {
	now := uint64(d.office.now().UnixMilli()) << 16
	return d.charter().MayWrite(member, teams, now+1<<40) == nil
}

// countsIn reports whether a member may write what is about nobody for these teams.
func (d *Desk) countsIn(teams []amana.TeamID, member amana.MemberID) bool {
	now := uint64(d.office.now().UnixMilli()) << 16
	return d.charter().MayCount(member, teams, now+1<<40) == nil
}

// AnswerTransfer accepts or refuses a case that was offered to this member. An
// accepted one is theirs from then on. Kinds: ErrNotFound, ErrConflict where it
// was answered or withdrawn already.
func (d *Desk) AnswerTransfer(ctx context.Context, caseID amana.RecordID, item string, accept bool, comment amana.Private) error {
	t, err := d.transfer(caseID, item)
	if err != nil {
		return err
	}
	if !t.Mine {
		return refusal("transfer.not_yours")
	}
	values := Values{"status": event.Text(transferRefused)}
	if !comment.IsEmpty() {
		values["comment"] = textOf(comment)
	}
	if accept {
		values["status"] = event.Text(transferAccepted)
	}
	facts, err := d.itemValues(record.Transfers, item, values)
	if err != nil {
		return err
	}
	if accept {
		facts = append(facts, event.Set{Field: "owned_by", Value: event.Text(d.session.Member().String())})
	}
	return d.session.Save(ctx, vault.Change{Record: caseID, Facts: facts})
}

// WithdrawTransfer takes an offer back.
func (d *Desk) WithdrawTransfer(ctx context.Context, caseID amana.RecordID, item string) error {
	t, err := d.transfer(caseID, item)
	if err != nil {
		return err
	}
	if !t.Take {
		return refusal("transfer.not_yours")
	}
	return d.setItem(ctx, caseID, record.Transfers, item, Values{"status": event.Text(transferWithdrawn)})
}

func (d *Desk) transfer(caseID amana.RecordID, item string) (Transfer, error) {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return Transfer{}, err
	}
	list := d.transfersOf(f)
	at := slices.IndexFunc(list, func(t Transfer) bool { return t.ID == item })
	switch {
	case at < 0:
		return Transfer{}, fmt.Errorf("casework: transfer of case %s: %w", caseID, amana.ErrNotFound)
	case list[at].Status != transferAsked:
		return Transfer{}, fmt.Errorf("casework: transfer of case %s: %w", caseID, amana.ErrConflict)
	}
	return list[at], nil
}
