package casework

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/record"
	"amana/internal/vault"
	"amana/internal/view"
	"amana/internal/window"
	"amana/internal/xlsform"
)

// Clock is what is still open for one person.
type Clock struct {
	Assault record.Assault
	Dated   bool // a day is recorded, however exact
	States  []WindowState
	// Signed is who vouches for the hours, or nil: then every page says so.
	Signed *SignOff
}

// WindowState is one window and what came of it.
type WindowState struct {
	window.State
	Outcome string // one of [Outcomes], or ""
	Missed  string // why its time passed, one of [Missed], or ""
	When    time.Time
	By      amana.MemberID
}

// Outcomes are what can come of a window, in the order in which they are offered.
func Outcomes() []string { return record.Options("window_outcome") }

// Missed are the reasons for which a window can pass, in the order in which they are
// offered. Nobody has to give one.
func Missed() []string { return record.Options("window_missed") }

// Waits reports whether somebody should act: it presses, and nothing came of it.
func (s WindowState) Waits() bool { return s.Outcome == "" && s.Pressing() }

// surely is the time, or where the clock of this device is behind what it holds,
// the time of the newest entry: hours that have passed are not counted as left, and
// what she agreed to does not hold again because a clock was set back.
func (d *Desk) surely() time.Time { return d.office.now().Add(max(0, d.session.Behind())) }

// assaultOf reads what was recorded of when it happened. told is when the person
// first came: what nobody dated was before that. What cannot be read, or lies in a
// future that only a wrong clock can have written, is not known.
func assaultOf(a record.Assault, told, now time.Time) window.Assault {
	bound := now
	if a.Date == "" {
		bound = told
	}
	read, err := window.When(a.Date, a.Time, a.Part, now.Location(), bound)
	if err != nil {
		return window.Assault{Latest: told}
	}
	return read
}

// clockOf says what is open by the file of a case.
func (d *Desk) clockOf(f vault.CaseFile) *Clock {
	c := record.CaseOf(&f.Case.Record)
	a := c.Assault
	if a.Date == "" {
		a = lastAssault(f.Records)
	}
	now := d.surely()
	table, signed := d.Windows()
	clock := &Clock{Assault: a, Dated: a.Date != "", Signed: signed}
	for _, s := range window.ByHaste(table.At(assaultOf(a, toldOn(c, f.Case.Opened, now), now), now)) {
		one := WindowState{State: s}
		if cell, there := f.Case.Field(outcomeField(s.ID)); there {
			one.Outcome, one.When, one.By = cell.Value.Reveal(), record.When(cell.Time), cell.By
		}
		one.Missed = f.Case.Value(missedField(s.ID)).Reveal()
		clock.States = append(clock.States, one)
	}
	return clock
}

// toldOn is the latest moment at which the person can have come first.
func toldOn(c record.Case, opened uint64, now time.Time) time.Time {
	at := record.When(opened)
	day, err := time.ParseInLocation(time.DateOnly, c.Opened, now.Location())
	if end := day.AddDate(0, 0, 1); err == nil && end.Before(at) {
		return end
	}
	return at
}

// lastAssault is the day of the last incident, where the case itself has none.
func lastAssault(records []vault.Opened) (last record.Assault) {
	for i := range records {
		r := &records[i]
		if r.Kind != amana.KindIncident {
			continue
		}
		when := record.Assault{
			Date: r.Value("incident_date").Reveal(), Time: r.Value("incident_time").Reveal(),
			Part: r.Value("incident_timeofday").Reveal(),
		}
		if record.IsDate(when.Date) && when.Date > last.Date {
			last = when
		}
	}
	return last
}

func outcomeField(id string) string { return record.Windows + "/" + id + "/outcome" }

func missedField(id string) string { return record.Windows + "/" + id + "/missed" }

// SetOutcome records what came of a window, or with "" takes it back. Kinds:
// FieldErrors, ErrNotFound, ErrRefused.
func (d *Desk) SetOutcome(ctx context.Context, caseID amana.RecordID, id, outcome string) error {
	return d.ofWindow(ctx, caseID, id, outcomeField(id), outcome)
}

// SetMissed records why the time of a window passed, as far as she said or is known; with
// "" it is not said. It says nothing of what is still open to her. Kinds: FieldErrors,
// ErrNotFound, ErrRefused.
func (d *Desk) SetMissed(ctx context.Context, caseID amana.RecordID, id, reason string) error {
	return d.ofWindow(ctx, caseID, id, missedField(id), reason)
}

func (d *Desk) ofWindow(ctx context.Context, caseID amana.RecordID, id, field, choice string) error {
	table, _ := d.Windows()
	if _, known := table.Of(id); !known {
		return fmt.Errorf("casework: window: %w", amana.ErrNotFound)
	}
	if choice == "" {
		return d.session.Save(ctx, vault.Change{Record: caseID, Facts: []event.Fact{event.Removed{Field: field}}})
	}
	value := event.Text(choice)
	if fault := record.Validate(amana.KindCase, field, value, d.office.now()); fault != "" {
		return FieldErrors{strings.TrimPrefix(field, record.Windows+"/"+id+"/"): string(fault)}
	}
	return d.session.Save(ctx, vault.Change{Record: caseID, Facts: []event.Fact{event.Set{Field: field, Value: value}}})
}

// checkAssault notes a time that has not come yet: no hours can be counted from it.
func (d *Desk) checkAssault(bad FieldErrors, o *vault.Opened, values Values) {
	said := func(field string) string {
		if v, now := values[field]; now {
			return v.Reveal()
		}
		return o.Value(field).Reveal()
	}
	asked := slices.ContainsFunc(timesOfCase[:], func(field string) bool {
		_, now := values[field]
		return now
	})
	if field := d.future(timesOfCase, said); asked && field != "" && bad[field] == "" {
		bad[field] = string(record.FaultFuture)
	}
}

// The day, the hour and the part of the day on which something happened.
var (
	timesOfCase     = [3]string{"assault_date", "assault_time", "assault_timeofday"}
	timesOfIncident = [3]string{"incident_date", "incident_time", "incident_timeofday"}
)

// tooEarly are the faults of a form that says of something yet to come that it
// happened.
func (d *Desk) tooEarly(fl form.Filling, st *xlsform.State) form.Faults {
	times := timesOfCase
	if fl.Form.Kind == amana.KindIncident {
		times = timesOfIncident
	}
	if _, asked := fl.Answers[times[0]]; !asked {
		return nil
	}
	field := d.future(times, func(name string) string { return st.Value(name).Reveal() })
	if field == "" {
		return nil
	}
	return form.Faults{{Path: field, Key: string(record.FaultFuture)}}
}

// future names the field that says a time yet to come, or none.
func (d *Desk) future(times [3]string, said func(field string) string) string {
	now := d.surely()
	date := said(times[0])
	_, err := window.When(date, said(times[1]), said(times[2]), now.Location(), now)
	switch {
	case !errors.Is(err, window.ErrFuture):
		return ""
	case date <= now.Format(time.DateOnly):
		return times[1]
	}
	return times[0]
}

// UrgentCase is a case in which hours are running out.
type UrgentCase struct {
	CaseRow
	States []window.State // that press and of which nothing came yet, in the order of haste
}

// Limits on the day's urgent list.
const (
	mostUrgent = 500 // looked at
	fewUrgent  = 50  // shown
)

// Urgent returns the open cases in which a window of treatment may still be open
// and nothing came of it yet: what closes first stands first. More says that there
// are others.
func (d *Desk) Urgent(_ context.Context) (list []UrgentCase, more bool, err error) {
	now := d.surely()
	table, _ := d.Windows()
	since := hoursSince(table, now)
	if since == never {
		return nil, false, nil
	}
	found, err := d.session.Cases(amana.Private{}, view.Filter{
		Status: statusOpen, Since: since, Sort: view.ByUpdated, Limit: mostUrgent,
	})
	if err != nil {
		return nil, false, err
	}
	for _, row := range d.rows(found) {
		if u := urgent(row, table, now); len(u.States) > 0 {
			list = append(list, u)
		}
	}
	slices.SortStableFunc(list, func(a, b UrgentCase) int {
		return cmp.Or(window.Haste(a.States[0], b.States[0]), a.Updated.Compare(b.Updated))
	})
	more = len(found) == mostUrgent || len(list) > fewUrgent
	return list[:min(len(list), fewUrgent)], more, nil
}

// never is a day that does not come: where no treatment has a limit of hours.
const never = "9999-12-31"

// hoursSince is the first day from which the hours of some treatment may be running
// still. A day more: dates are those of a zone, and nights end on the next day.
func hoursSince(table window.Table, now time.Time) string {
	longest := 0
	for _, w := range table.Windows {
		if w.Kind == window.Urgent {
			longest = max(longest, w.Hours)
		}
	}
	if longest == 0 {
		return never
	}
	return now.Add(-time.Duration(longest)*time.Hour).AddDate(0, 0, -2).Format(time.DateOnly)
}

// male is the option of the field sex for whom no pregnancy is looked for in lists;
// the page of the case still shows every window.
const male = "male"

func urgent(row CaseRow, table window.Table, now time.Time) UrgentCase {
	u := UrgentCase{CaseRow: row}
	told := row.Opened
	if day, err := time.ParseInLocation(time.DateOnly, row.Told, now.Location()); err == nil && day.AddDate(0, 0, 1).Before(told) {
		told = day.AddDate(0, 0, 1)
	}
	for _, s := range window.ByHaste(table.At(assaultOf(row.Assault, told, now), now)) {
		if !s.Pressing() || slices.Contains(row.Windows, s.ID) || s.For == window.ForPregnancy && row.Sex.Reveal() == male {
			continue
		}
		u.States = append(u.States, s)
	}
	return u
}
