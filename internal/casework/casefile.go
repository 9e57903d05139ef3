package casework

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/form"
	"amana/internal/record"
	"amana/internal/vault"
)

// ErasedError says that a record was erased, by whom and why.
type ErasedError struct{ Tombstone Tombstone }

// Error implements error.
func (e *ErasedError) Error() string {
	return "casework: record " + e.Tombstone.Record.String() + ": erased: " + amana.ErrNotFound.Error()
}

// Unwrap makes errors.Is(err, amana.ErrNotFound) true.
func (e *ErasedError) Unwrap() error { return amana.ErrNotFound }

// ReadCase opens a case: all that this member may read of it, verified. The
// opening is recorded before anything is shown. Kinds: ErrNotFound, as
// [*ErasedError] where it was erased.
func (d *Desk) ReadCase(ctx context.Context, id amana.RecordID) (CaseFile, error) {
	f, err := d.session.Read(ctx, id)
	if err != nil {
		return CaseFile{}, d.orErased(id, err)
	}
	return d.caseFile(f), nil
}

// orErased says of a record that is not found that it was erased, if it was.
func (d *Desk) orErased(id amana.RecordID, err error) error {
	if !errors.Is(err, amana.ErrNotFound) {
		return err
	}
	if t, erased := d.charter().Erased()[id]; erased {
		return &ErasedError{tombstone(id, t)}
	}
	return err
}

func tombstones(c *charter.Charter) []Tombstone {
	var list []Tombstone
	for id, t := range c.Erased() {
		list = append(list, tombstone(id, t))
	}
	slices.SortFunc(list, func(a, b Tombstone) int { return b.When.Compare(a.When) })
	return list
}

func tombstone(id amana.RecordID, t charter.Tombstone) Tombstone {
	return Tombstone{Record: id, When: record.When(t.Time), By: t.Author, Reason: t.Reason}
}

func (d *Desk) caseFile(f vault.CaseFile) CaseFile {
	c := d.charter()
	known := record.CaseOf(&f.Case.Record)
	file := CaseFile{
		ID: f.Case.ID, Code: known.Code, Status: known.Status, Opened: record.When(f.Case.Opened),
		Case: d.part(f.Case), Names: map[amana.MemberID]string{},
		Notes: items(d.Forms(), f.Case, record.Notes), FollowUps: items(d.Forms(), f.Case, record.FollowUps),
	}
	if len(f.Case.Teams) > 0 {
		file.Team = teamOf(c, f.Case.Teams[0])
	}
	for _, m := range c.Members() {
		file.Names[m.ID] = m.Name
	}
	file.add(d.Forms(), f.Case)
	var consents []record.ConsentState
	for _, o := range f.Records {
		file.add(d.Forms(), o)
		switch o.Kind { //nolint:exhaustive // the other kinds are not shown on a case yet
		case amana.KindIdentity:
			p := d.part(o)
			file.Identity = &p
		case amana.KindConsent:
			file.ConsentID = o.ID
			consents = append(consents, o.Consents()...)
			file.Items, file.Told = append(file.Items, o.ItemConsents()...), append(file.Told, toldIn(&o.Record)...)
		}
	}
	file.Work = d.workOf(f)
	if file.Identity != nil && d.hidesName(f) {
		file.Identity, file.Work.Veiled = nil, true
	}
	if file.Identity == nil && !file.Work.Veiled && holdsIdentity(file.Team, d.session.Member()) {
		file.Identity = unwritten(d.Forms(), amana.KindIdentity)
	}
	file.Consents = consentsOf(consents, d.surely())
	file.Clock, file.Incidents = d.clockOf(f), d.incidentsOf(f)
	slices.SortStableFunc(file.Timeline, func(a, b Moment) int { return a.When.Compare(b.When) })
	file.addReferrals(d, &f)
	me := d.session.Member()
	now := uint64(d.office.now().UnixMilli()) << 16
	file.MayWrite = c.MayWrite(me, f.Case.Teams, now+1<<40) == nil && d.session.Refuses() == nil
	m, _ := c.Member(me)
	file.MayErase = file.MayWrite && (m.Has(amana.RoleSupervisor) || m.Has(amana.RoleAdministrator))
	file.MayWrite = file.MayWrite && file.Status != statusTransferred
	return file
}

// add takes what every record of the file gives: its timeline, its readers, and
// what could not be used.
func (f *CaseFile) add(set *form.Set, o vault.Opened) {
	f.Tampered += o.Tampered
	f.Unread += o.Unread + o.UnknownBut(func(name string) bool {
		_, asked := set.Field(o.Kind, name)
		return asked
	})
	for _, ch := range o.Changes() {
		f.Timeline = append(f.Timeline, moment(o.Kind, ch))
	}
	for _, r := range o.Readings() {
		f.Readers = append(f.Readers, Reading{When: record.When(r.Time), By: r.By})
	}
}

func moment(kind amana.Kind, ch record.Change) Moment {
	m := Moment{When: record.When(ch.Time), By: ch.By, What: "timeline." + string(ch.What), Fields: ch.Fields}
	switch {
	case ch.What == record.Began && kind != amana.KindCase:
		m.What = "timeline.began." + string(kind)
	case ch.Consent != nil:
		m.Consent = &Consent{
			Purpose: ch.Consent.Purpose, Recipient: ch.Consent.Recipient, Decision: ch.Consent.Decision,
			Until: ch.Consent.Until, GivenBy: ch.Consent.GivenBy, How: ch.Consent.How, Language: ch.Consent.Language,
			Conditions: ch.Consent.Conditions,
		}
	}
	if ch.Wall != 0 {
		m.ClockSaid = time.UnixMilli(ch.Wall).UTC()
	}
	return m
}

// part returns the fields of a record: those that stand by themselves in the order
// in which they are asked, and the items of its repeats.
func (d *Desk) part(o vault.Opened) Part {
	set := d.Forms()
	p := Part{ID: o.ID, Kind: o.Kind, Version: o.Version, Cells: unwritten(set, o.Kind).Cells, Lists: map[string][]Item{}}
	at := make(map[string]int, len(p.Cells))
	for i, c := range p.Cells {
		at[c.Name] = i
	}
	for _, c := range o.Cells() {
		i, known := at[c.Name]
		switch {
		case known:
			p.Cells[i] = cell(p.Cells[i].Field, c)
		case !strings.Contains(c.Name, "/"):
			p.Cells = append(p.Cells, cell(record.Field{Name: c.Name, Type: record.Words, Section: "other"}, c))
		}
	}
	for _, f := range set.For(o.Kind) {
		for _, list := range f.Repeats() {
			if found := items(set, o, list); len(found) > 0 {
				p.Lists[list] = found
			}
		}
	}
	return p
}

func cell(f record.Field, c record.Cell) Cell {
	out := Cell{Field: f, Name: c.Name, Value: c.Value, When: record.When(c.Time), By: c.By, Changes: c.Changes}
	if f.Matters {
		for _, r := range c.Rivals {
			out.Rivals = append(out.Rivals, Rival{Value: r.Value, When: record.When(r.Time), By: r.By})
		}
	}
	return out
}

// items returns the items of a list, the newest first.
func items(set *form.Set, o vault.Opened, list string) []Item {
	var out []Item
	for _, id := range o.Items(list) {
		it := Item{ID: id}
		for _, c := range o.ItemCells(list, id) {
			f, known := fieldOf(set, o.Kind, c.Name)
			if !known {
				f = record.Field{Name: c.Name, Type: record.Words, Section: "other"}
			}
			it.Cells = append(it.Cells, cell(f, c))
			if when := record.When(c.Time); it.When.IsZero() || when.Before(it.When) {
				it.When, it.By = when, c.By
			}
		}
		order := fieldOrder(set, o.Kind)
		slices.SortStableFunc(it.Cells, func(a, b Cell) int { return order(a.Field.Name) - order(b.Field.Name) })
		out = append(out, it)
	}
	slices.Reverse(out)
	return out
}

// fieldOrder tells where a field is asked, those that no form asks last.
func fieldOrder(set *form.Set, kind amana.Kind) func(name string) int {
	at := map[string]int{}
	put := func(name string) {
		if _, there := at[name]; !there {
			at[name] = len(at)
		}
	}
	for _, f := range set.For(kind) {
		for _, field := range f.Fields() {
			put(field.Name)
		}
	}
	for _, f := range record.Fields(kind) {
		put(f.Name)
	}
	return func(name string) int {
		if i, known := at[name]; known {
			return i
		}
		return len(at)
	}
}

// consentsOf returns her answers, one for each purpose at least: what nobody asked
// her stands there as that.
func consentsOf(states []record.ConsentState, now time.Time) []Consent {
	var list []Consent
	for _, p := range amana.Purposes() {
		whole := false
		for _, s := range states {
			if s.Purpose == p {
				whole = whole || s.Recipient.IsEmpty()
				list = append(list, consentOf(s, now))
			}
		}
		if !whole {
			list = append(list, Consent{Purpose: p, Decision: amana.NotAsked})
		}
	}
	return list
}

func consentOf(s record.ConsentState, now time.Time) Consent {
	return Consent{
		Purpose: s.Purpose, Recipient: s.Recipient, Decision: s.Decision, Until: s.Until, GivenBy: s.GivenBy, How: s.How,
		Language: s.Language, Conditions: s.Conditions, When: record.When(s.Time), By: s.By,
		Conflict: s.Conflict, Expired: s.Expired(now),
	}
}

// History returns every value that a field of a record had, the newest first.
func (d *Desk) History(_ context.Context, caseID, recordID amana.RecordID, field string) ([]PastValue, error) {
	o, err := d.partOf(caseID, recordID)
	if err != nil {
		return nil, err
	}
	past := o.History(field)
	list := make([]PastValue, 0, len(past))
	for _, p := range past {
		list = append(list, PastValue{Value: p.Value, When: record.When(p.Time), By: p.By, Lost: p.Lost})
	}
	slices.Reverse(list)
	return list, nil
}
