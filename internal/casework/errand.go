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

// Flag is what whoever opens a case is to keep in mind.
type Flag struct {
	ID    string
	Text  amana.Private
	Until string // ISO date, or ""
	Past  bool   // the day is over: to be looked at again
	By    amana.MemberID
	When  time.Time
}

func (d *Desk) flagsOf(c *record.Record) []Flag {
	var list []Flag
	for _, item := range c.Items(record.Flags) {
		name := record.Flags + "/" + item
		if done, _ := c.Value(name + "/resolved").Bool(); done {
			continue
		}
		text, _ := c.Field(name + "/text")
		until := c.Value(name + "/until").Reveal()
		list = append(list, Flag{
			ID: item, Text: amana.Conceal(text.Value.Reveal()), Until: until,
			Past: until != "" && until < d.today(), By: text.By, When: record.When(text.Time),
		})
	}
	return list
}

// AddFlag says what is to be kept in mind, until a day or for good. Kinds:
// FieldErrors.
func (d *Desk) AddFlag(ctx context.Context, caseID amana.RecordID, text amana.Private, until string) error {
	if text.IsEmpty() {
		return FieldErrors{"flag": "work.flag.needed"}
	}
	err := d.newItem(ctx, caseID, record.Flags, Values{"text": textOf(text), "until": event.Text(until)})
	return underNames(err, map[string]string{"text": "flag", "until": "flag_until"})
}

// ResolveFlag takes a flag down.
func (d *Desk) ResolveFlag(ctx context.Context, caseID amana.RecordID, item string) error {
	return d.tickItem(ctx, caseID, record.Flags, item, "resolved")
}

// AddTask notes what is to be done by a day.
func (d *Desk) AddTask(ctx context.Context, caseID amana.RecordID, what amana.Private, due string) error {
	bad := FieldErrors{}
	if what.IsEmpty() {
		bad["task"] = "work.task.needed"
	}
	if due == "" {
		bad["task_due"] = "work.task.due.needed"
	}
	if len(bad) > 0 {
		return bad
	}
	err := d.newItem(ctx, caseID, record.Tasks, Values{"what": textOf(what), "due": event.Text(due)})
	return underNames(err, map[string]string{"what": "task", "due": "task_due"})
}

// FinishTask ticks off a task that was made by hand.
func (d *Desk) FinishTask(ctx context.Context, caseID amana.RecordID, item string) error {
	return d.tickItem(ctx, caseID, record.Tasks, item, "done")
}

// tickItem sets a yes on an item that is there.
func (d *Desk) tickItem(ctx context.Context, caseID amana.RecordID, list, item, field string) error {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	if !slices.Contains(f.Case.Items(list), item) {
		return fmt.Errorf("casework: %s of case %s: %w", list, caseID, amana.ErrNotFound)
	}
	return d.setItem(ctx, caseID, list, item, Values{field: event.Bool(true)})
}

// underNames puts faults under the names that the form has for the fields.
func underNames(err error, names map[string]string) error {
	bad, ok := err.(FieldErrors) //nolint:errorlint // ours, and never wrapped here
	if !ok {
		return err
	}
	moved := FieldErrors{}
	for field, key := range bad {
		moved[names[field]] = key
	}
	return moved
}

// Glimpse is a name that a supervisor had shown, with the reason.
type Glimpse struct {
	By     amana.MemberID
	When   time.Time
	Reason amana.Private
}

func glimpses(c *record.Record) []Glimpse {
	var list []Glimpse
	for _, item := range c.Items(record.BreakGlass) {
		cell, _ := c.Field(record.BreakGlass + "/" + item + "/reason")
		list = append(list, Glimpse{By: cell.By, When: record.When(cell.Time), Reason: amana.Conceal(cell.Value.Reveal())})
	}
	slices.Reverse(list)
	return list
}

// glassBroken is how long a name stays open to whoever gave a reason.
const glassBroken = 24 * time.Hour

// BreakGlass records why this member has a name shown that their role hides. The
// whole team sees it. Kinds: FieldErrors, ErrNotFound.
func (d *Desk) BreakGlass(ctx context.Context, caseID amana.RecordID, reason amana.Private) error {
	if reason.IsEmpty() {
		return FieldErrors{"reason": "supervision.glass.needed"}
	}
	return d.newItem(ctx, caseID, record.BreakGlass, Values{"reason": textOf(reason)})
}

// veiled reports whether names are hidden from this member by default: from
// whoever supervises and does not work on cases as well.
func (d *Desk) veiled() bool {
	m, _ := d.charter().Member(d.session.Member())
	return m.Has(amana.RoleSupervisor) && !m.Has(amana.RoleCaseworker) && !m.Has(amana.RoleClinician) && !m.Has(amana.RoleDocumenter)
}

// hidesName reports whether the identity of a case is hidden from this member, who
// has not given a reason in the last day.
func (d *Desk) hidesName(f vault.CaseFile) bool {
	me := d.session.Member()
	if !d.veiled() || d.ownerOf(f) == me {
		return false
	}
	return !slices.ContainsFunc(glimpses(&f.Case.Record), func(g Glimpse) bool {
		return g.By == me && d.surely().Sub(g.When) < glassBroken
	})
}
