package casework

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// ChangeRecord changes fields of one record of a case. A field that somebody else
// changed since the version the form was made from is kept as a rival, and shown.
//
// The record zero is the identity of a case where nothing was said of it yet.
func (d *Desk) ChangeRecord(ctx context.Context, caseID amana.RecordID, ch Change) error {
	if ch.Record.IsZero() {
		return d.beginIdentity(ctx, caseID, ch.Values)
	}
	o, err := d.partOf(caseID, ch.Record)
	if err != nil {
		return err
	}
	bad := FieldErrors{}
	d.check(bad, o.Kind, ch.Values)
	if o.Kind == amana.KindCase {
		d.checkAssault(bad, o, ch.Values)
	}
	if len(bad) > 0 {
		return bad
	}
	facts := changed(o, ch)
	if len(facts) == 0 {
		return nil
	}
	if err := d.guardChange(caseID, o, ch.Values); err != nil {
		return err
	}
	return d.session.Save(ctx, vault.Change{Record: ch.Record, Seen: ch.Version, Facts: facts})
}

// changed leaves out what the form says as it stood already in the version it was
// made from; a conflict that the person decides is written, even to the value
// that stands.
func changed(o *vault.Opened, ch Change) []event.Fact {
	values := Values{}
	for name, v := range ch.Values {
		cell, there := o.Field(name)
		if there && len(cell.Rivals) == 0 && cell.Value.Equal(v) {
			continue
		}
		if v.IsZero() {
			if there {
				ch.Remove = append(ch.Remove, name)
			}
			continue
		}
		values[name] = v
	}
	facts := sets(values)
	for _, name := range ch.Remove {
		if _, there := o.Field(name); there {
			facts = append(facts, event.Removed{Field: name})
		}
	}
	return facts
}

// partOf returns one record of a case, or ErrNotFound, also for a name that is
// hidden from this member. Nothing of it is shown, so it is no opening.
func (d *Desk) partOf(caseID, id amana.RecordID) (*vault.Opened, error) {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return nil, err
	}
	if id == caseID {
		return &f.Case, nil
	}
	for i := range f.Records {
		o := &f.Records[i]
		if o.ID == id && (o.Kind != amana.KindIdentity || !d.hidesName(f)) {
			return o, nil
		}
	}
	return nil, fmt.Errorf("casework: record %s of case %s: %w", id, caseID, amana.ErrNotFound)
}

// SetConsent records her answers. The first makes the consent record, for the
// teams of the case.
func (d *Desk) SetConsent(ctx context.Context, caseID amana.RecordID, list []Consent) error {
	bad := FieldErrors{}
	checkConsents(bad, list)
	if len(bad) > 0 {
		return bad
	}
	facts := allConsentFacts(list)
	if len(facts) == 0 {
		return nil
	}
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	granted := func(c Consent) bool { return c.Decision == amana.Granted }
	if record.CaseOf(&f.Case.Record).Status == statusTransferred && slices.ContainsFunc(list, granted) {
		return refusal("move.gone") // a no is taken anywhere; a yes is given where she is helped now
	}
	if d.minorOf(&f.Case.Record).checkMinor(bad, list); len(bad) > 0 {
		return bad
	}
	onCase, onConsent := besides(list)
	changes := []vault.Change{d.consentChange(&f, append(facts, onConsent...)...)}
	if onCase = append(onCase, follow(f.Case.Value, list)...); len(onCase) > 0 {
		changes = append(changes, vault.Change{Record: caseID, Facts: onCase})
	}
	return d.session.Save(ctx, append(changes, counting(&f, list)...)...)
}

// allConsentFacts keeps "not asked" too: on a case that exists it may take an
// earlier answer back.
func allConsentFacts(list []Consent) []event.Fact {
	var facts []event.Fact
	for _, c := range list {
		if c.Decision == amana.NotAsked {
			facts = append(facts, event.Consented{Purpose: c.Purpose, Recipient: c.Recipient, Decision: c.Decision})
			continue
		}
		facts = append(facts, consentFacts([]Consent{c})...)
	}
	return facts
}

// AddNote adds a note to a case.
func (d *Desk) AddNote(ctx context.Context, caseID amana.RecordID, text amana.Private) error {
	return d.addItem(ctx, caseID, record.Notes, Values{"text": event.Text(text.Reveal())}, "text")
}

// AddFollowUp adds a follow-up to a case. Field names are without the list's name.
func (d *Desk) AddFollowUp(ctx context.Context, caseID amana.RecordID, v Values) error {
	return d.addItem(ctx, caseID, record.FollowUps, v, "followup_date")
}

func (d *Desk) addItem(ctx context.Context, caseID amana.RecordID, list string, v Values, required string) error {
	facts, err := d.itemFacts(list, v, required)
	if err != nil {
		return err
	}
	return d.session.Save(ctx, vault.Change{Record: caseID, Facts: facts})
}

func (d *Desk) itemFacts(list string, v Values, required string) ([]event.Fact, error) {
	bad := FieldErrors{}
	if v[required].IsZero() {
		bad[required] = string(record.FaultRequired)
	}
	item := newItem()
	values := Values{}
	for name, value := range v {
		if value.IsZero() {
			continue
		}
		if fault := d.validate(amana.KindCase, list+"/"+name, value); fault != "" {
			bad[name] = string(fault)
		}
		values[list+"/"+item+"/"+name] = value
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return sets(values), nil
}

// newItem returns the random id of an item in a list: 40 bits, enough to tell
// items of one record apart.
func newItem() string {
	r := seal.Random16()
	return hex.EncodeToString(r[:5])
}

// CloseCase closes a case, with the reason and the day.
func (d *Desk) CloseCase(ctx context.Context, caseID amana.RecordID, v Values) error {
	bad := FieldErrors{}
	for _, field := range []string{"closure_reason", "date_closure"} {
		if v[field].IsZero() {
			bad[field] = string(record.FaultRequired)
		}
	}
	d.check(bad, amana.KindCase, v)
	if len(bad) > 0 {
		return bad
	}
	f, err := d.session.Peek(caseID)
	if err == nil {
		err = d.notMoved(caseID)
	}
	if err != nil {
		return err
	}
	if err := d.mayClose(f); err != nil {
		return err
	}
	facts := append(sets(v), event.Set{Field: "status", Value: event.Text(statusClosed)})
	return d.session.Save(ctx, vault.Change{Record: caseID, Facts: facts})
}

// ReopenCase takes a case up again. Kind: ErrRefused for one that goes on elsewhere.
func (d *Desk) ReopenCase(ctx context.Context, caseID amana.RecordID) error {
	if err := d.notMoved(caseID); err != nil {
		return err
	}
	return d.session.Save(ctx, vault.Change{Record: caseID, Facts: []event.Fact{
		event.Set{Field: "status", Value: event.Text(statusOpen)},
	}})
}

// EraseCase destroys a case and all that belongs to it, for good. code is what the
// person typed to say which. contested is what becomes of records that somebody in
// another team began too, "keep" or "erase"; where there are any it has to be said.
// Kinds: FieldErrors, ErrRefused, ErrNotFound.
func (d *Desk) EraseCase(ctx context.Context, caseID amana.RecordID, reason, code, contested string) error {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	bad := FieldErrors{}
	if typed, ok := record.CheckCode(code); !ok || typed != record.CaseOf(&f.Case.Record).Code {
		bad["code"] = "invalid.code.other"
	}
	known := false
	for _, r := range Reasons() {
		known = known || r == reason
	}
	if !known {
		bad["reason"] = string(record.FaultRequired)
	}
	if len(bad) > 0 {
		return bad
	}
	return d.eraseAll(ctx, caseID, reason, contested)
}

// eraseAll erases a record with what belongs to it, and asks where some of that may be
// another team's.
func (d *Desk) eraseAll(ctx context.Context, id amana.RecordID, reason, contested string) error {
	how := map[string]vault.Contested{"keep": vault.KeepContested, "erase": vault.EraseContested}
	err := d.session.EraseCaseWith(ctx, reason, id, how[contested])
	if errors.Is(err, vault.ErrContested) {
		return FieldErrors{"contested": "erase.contested.needed"}
	}
	return err
}
