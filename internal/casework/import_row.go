package casework

import (
	"maps"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// incident takes a row that says what happened.
func (in *intaking) incident(row *exchange.Row, digest string) error {
	id := in.idOf(row, digest)
	key := in.hash(originKey(in.plan.Source, id))
	if known, there := in.incidents[key]; there {
		return in.again(row, digest, in.brought[known])
	}
	if _, ours := in.own[in.hash(row.ID)]; ours && row.ID != "" { // it was taken out here
		in.report.Here++
		return nil
	}
	at, linked := in.caseOf(in.plan.Source, row.Case, row.Code)
	same, err := in.doubt(row, linked)
	if err != nil {
		return err
	}
	switch same.answer {
	case Later:
		in.report.Later++
		return nil
	case SameIncident:
		in.report.Here++
		return in.save(vault.Change{Record: same.incident.id, Facts: []event.Fact{
			event.Set{Field: originAlso + originKey(in.plan.Source, id), Value: event.Text(digest)},
		}})
	case SamePerson:
		at, linked = in.caseAt(same.caseID), true
		in.nameCase(at, in.plan.Source, row.Case, row.Code)
	case Different:
	}
	var changes []vault.Change
	if !linked {
		at, changes = in.beginCase(row, row.Case, "", Values(row.Survivor()))
	}
	c := &in.files[at]
	changes = append(changes, in.identity(c, row)...)
	consents, err := in.consents(c, row)
	if err != nil {
		return err
	}
	changes = append(changes, in.beginIncident(row, c.id, key, id, digest))
	return in.save(append(changes, consents...)...)
}

// newRecord names a record that is about to be begun. A trial begins none, and has the
// session keep no keys for them.
func (in *intaking) newRecord(kind amana.Kind) amana.RecordID {
	if in.trial {
		return amana.RecordID(seal.Random16())
	}
	return in.desk.session.NewRecord(kind)
}

// beginIncident begins an incident with what a row says of it.
func (in *intaking) beginIncident(row *exchange.Row, caseID amana.RecordID, key uint64, id, digest string) vault.Change {
	one := broughtIncident{id: in.newRecord(amana.KindIncident), caseID: caseID, row: in.hashRow(digest), line: int32(row.Line)}
	values := in.origin(id, "", digest)
	values["incident_code"] = event.Text(record.NewCode(seal.Random16()))
	values["status"] = event.Text(in.plan.Status)
	maps.Copy(values, row.Values)
	in.incidents[key] = in.bring(one)
	in.looks(row.Values, in.incidents[key])
	in.report.New++
	in.report.Incidents++
	return vault.Change{Record: one.id, Begin: in.of(amana.KindIncident, caseID), Facts: sets(values)}
}

// of begins a record of a case.
func (in *intaking) of(kind amana.Kind, caseID amana.RecordID) *vault.Begin {
	return &vault.Begin{Kind: kind, Case: caseID, Teams: []amana.TeamID{in.plan.Team}}
}

// again takes a row of an incident that is here.
func (in *intaking) again(row *exchange.Row, digest string, known broughtIncident) error {
	switch {
	case known.row == in.hashRow(digest):
		in.report.Here++
		return nil
	case known.line > 0:
		row.Repeats()
		return nil
	}
	in.report.Changed++
	if !in.plan.Update || in.trial {
		return nil
	}
	return in.change(known.caseID, known.id, Values(row.Values), digest, false)
}

// change gives a record what its source says of it: everything that differs or, with
// onlyEmpty, what the record does not say yet. What was there stays in its history.
func (in *intaking) change(caseID, id amana.RecordID, values Values, digest string, onlyEmpty bool) error {
	if in.trial {
		return nil
	}
	if err := in.flush(in.ctx); err != nil { // it may be of a moment ago
		return err
	}
	f, err := in.desk.session.Peek(caseID)
	if err != nil {
		return err
	}
	now := f.Case.Record
	for i := range f.Records {
		if f.Records[i].ID == id {
			now = f.Records[i].Record
		}
	}
	set := Values{}
	for name, v := range values {
		if have := now.Value(name); !have.Equal(v) && (have.IsZero() || !onlyEmpty) {
			set[name] = v
		}
	}
	if digest != "" {
		set[record.OriginRow] = event.Text(digest)
	}
	return in.save(vault.Change{Record: id, Facts: sets(set)})
}

// beginCase begins a case with what a row says of her.
func (in *intaking) beginCase(row *exchange.Row, id, digest string, said Values) (int32, []vault.Change) {
	caseID := in.newRecord(amana.KindCase)
	at := in.caseAt(caseID)
	in.files[at].line = int32(row.Line)
	in.files[at].row = in.hashRow(digest)
	in.nameCase(at, in.plan.Source, id, row.Code)
	values := in.origin(id, row.Code, digest)
	values["survivor_code_no"] = event.Text(record.NewCode(seal.Random16()))
	values["status"] = event.Text(in.plan.Status)
	values["owned_by"] = event.Text(in.desk.session.Member().String())
	values["created_on"] = event.Text(in.desk.today())
	if told := row.Values["date_of_first_report"]; !told.IsZero() {
		values["created_on"] = told
	}
	maps.Copy(values, said)
	in.report.Cases++
	return at, []vault.Change{{
		Record: caseID, Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{in.plan.Team}}, Facts: sets(values),
	}}
}

// identity begins who the person is, where this file begins her case and says it. For
// a case that is here, somebody here knows; the row says so.
func (in *intaking) identity(c *broughtCase, row *exchange.Row) []vault.Change {
	if len(row.Identity) == 0 {
		return nil
	}
	who := in.hash("who", string((&exchange.Row{Identity: row.Identity}).Bytes()))
	switch {
	case c.identity == who:
		return nil
	case c.line == 0 || c.identity != 0:
		row.KnownPerson()
		return nil
	}
	c.identity = who
	in.report.Names++
	in.named(row, c)
	return []vault.Change{{
		Record: in.newRecord(amana.KindIdentity), Begin: in.of(amana.KindIdentity, c.id), Facts: sets(Values(row.Identity)),
	}}
}

// consents writes down her answer to being counted. A no closes what a yes of another
// row opened, and no yes opens it again.
func (in *intaking) consents(c *broughtCase, row *exchange.Row) ([]vault.Change, error) {
	yes, said := row.Reporting.Bool()
	if !said || c.refused {
		return nil, nil
	}
	decision := map[bool]amana.Decision{true: amana.Granted, false: amana.Refused}[yes]
	fact := event.Consented{Purpose: amana.PurposeStatistics, Decision: decision}
	switch {
	case c.line > 0 && c.consent.IsZero():
		c.consent, c.refused = in.newRecord(amana.KindConsent), !yes
		in.report.Consents++
		return []vault.Change{{Record: c.consent, Begin: in.of(amana.KindConsent, c.id), Facts: []event.Fact{fact}}}, nil
	case yes:
		return nil, nil
	case c.consent.IsZero():
		return in.refuse(c, fact)
	}
	c.refused = true
	return []vault.Change{{Record: c.consent, Facts: []event.Fact{fact}}}, nil
}

// refuse writes a no into the case of a person who was here before this file.
func (in *intaking) refuse(c *broughtCase, fact event.Consented) ([]vault.Change, error) {
	c.refused = true
	if in.trial {
		return nil, nil
	}
	if err := in.flush(in.ctx); err != nil {
		return nil, err
	}
	f, err := in.desk.session.Peek(c.id)
	if err != nil {
		return nil, err
	}
	for i := range f.Records {
		if f.Records[i].Kind != amana.KindConsent {
			continue
		}
		if may, said := mayCount(f); said && !may {
			return nil, nil
		}
		return []vault.Change{{Record: f.Records[i].ID, Facts: []event.Fact{fact}}}, nil
	}
	c.consent = in.newRecord(amana.KindConsent)
	in.report.Consents++
	return []vault.Change{{Record: c.consent, Begin: in.of(amana.KindConsent, c.id), Facts: []event.Fact{fact}}}, nil
}

// caseRow takes a row that says who is helped and how she is.
func (in *intaking) caseRow(row *exchange.Row, digest string) error {
	id := in.idOf(row, digest)
	at, there := in.caseOf(in.plan.Source, id, row.Code)
	if there {
		return in.caseAgain(row, digest, at)
	}
	same, err := in.doubt(row, false)
	if err != nil {
		return err
	}
	switch same.answer {
	case Later:
		in.report.Later++
		return nil
	case SamePerson, SameIncident:
		in.report.Here++
		at = in.caseAt(same.caseID)
		in.nameCase(at, in.plan.Source, id, row.Code)
		values := in.origin(id, row.Code, digest)
		maps.Copy(values, row.Values)
		return in.change(same.caseID, same.caseID, values, "", true)
	case Different:
	}
	at, changes := in.beginCase(row, id, digest, Values(row.Values))
	c := &in.files[at]
	changes = append(changes, in.identity(c, row)...)
	in.report.New++
	consents, err := in.consents(c, row)
	if err != nil {
		return err
	}
	return in.save(append(changes, consents...)...)
}

// caseAgain takes a row of a case that is here: as it was, changed, or begun by an
// incident that came before its case.
func (in *intaking) caseAgain(row *exchange.Row, digest string, at int32) error {
	c := &in.files[at]
	now := in.hashRow(digest)
	switch {
	case c.row == now:
		in.report.Here++
		return nil
	case c.row == 0:
		c.row = now
		in.report.New++
		changes := in.identity(c, row)
		if c.line == 0 {
			if err := in.save(changes...); err != nil {
				return err
			}
			return in.change(c.id, c.id, Values(row.Values), digest, false)
		}
		values := in.origin(row.ID, row.Code, digest)
		maps.Copy(values, row.Values)
		return in.save(append(changes, vault.Change{Record: c.id, Facts: sets(values)})...)
	case c.line > 0:
		row.Repeats()
		return nil
	}
	in.report.Changed++
	if !in.plan.Update {
		return nil
	}
	return in.change(c.id, c.id, Values(row.Values), digest, false)
}
