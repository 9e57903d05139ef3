package casework

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/view"
	"amana/internal/xlsform"
)

const statusOpen = "open"

// OpenCase begins a case: the case, the identity where anything of it was said,
// and her consents are records of their own, saved together. Nothing but the
// team is required. Kinds: FieldErrors and [form.Faults], joined, with all that is
// wrong at once; ErrRefused, ErrStorage.
func (d *Desk) OpenCase(ctx context.Context, in Intake) (amana.RecordID, error) {
	return d.openCase(ctx, in, func(amana.RecordID) []vault.Change { return nil })
}

// openCase opens a case, with what belongs to it in the same save.
func (d *Desk) openCase(ctx context.Context, in Intake, with func(amana.RecordID) []vault.Change) (amana.RecordID, error) {
	in = d.withForms(in)
	if err := d.checkIntake(in); err != nil {
		return amana.RecordID{}, err
	}
	code, err := d.freshCode()
	if err != nil {
		return amana.RecordID{}, err
	}
	id := d.session.NewRecord(amana.KindCase)
	return id, d.session.Save(ctx, append(d.opening(id, code, in), with(id)...)...)
}

// withForms lays what the forms of an intake hold over its single values.
func (d *Desk) withForms(in Intake) Intake {
	onCase, identity := Values{}, Values{}
	maps.Copy(onCase, in.Case)
	maps.Copy(onCase, formValues(in.Forms, amana.KindCase, d.env()))
	maps.Copy(identity, in.Identity)
	maps.Copy(identity, formValues(in.Forms, amana.KindIdentity, d.env()))
	in.Case, in.Identity = onCase, identity
	return in
}

// freshCode returns a code that no case has that this member can see. Codes are
// random, so that they tell nothing; among 100,000 cases one repeats once in a
// while.
func (d *Desk) freshCode() (string, error) {
	for {
		code := record.NewCode(seal.Random16())
		n, err := d.session.Count(amana.Conceal(code), view.Filter{}, 1)
		if err != nil || n == 0 {
			return code, err
		}
	}
}

// opening returns the changes that open a case.
func (d *Desk) opening(id amana.RecordID, code string, in Intake) []vault.Change {
	teams := []amana.TeamID{in.Team}
	values := Values{
		"survivor_code_no": event.Text(code),
		"status":           event.Text(statusOpen),
		"created_on":       event.Text(d.today()),
		"owned_by":         event.Text(d.session.Member().String()),
	}
	maps.Copy(values, in.Case)
	facts := sets(values)
	facts = append(facts, follow(func(f string) event.Value { return values[f] }, in.Consents)...)
	changes := []vault.Change{{
		Record: id, Begin: &vault.Begin{Kind: amana.KindCase, Teams: teams}, Facts: facts,
	}}
	if facts := sets(in.Identity); len(facts) > 0 {
		changes = append(changes, vault.Change{
			Record: d.session.NewRecord(amana.KindIdentity),
			Begin:  &vault.Begin{Kind: amana.KindIdentity, Case: id, Teams: teams}, Facts: facts,
		})
	}
	onCase, onConsent := besides(in.Consents)
	changes[0].Facts = append(changes[0].Facts, onCase...)
	consents := append(consentFacts(in.Consents), onConsent...)
	if told := d.toldOf(vault.CaseFile{}, in.Reporting); told != nil && onConsent == nil {
		consents = append(consents, told)
	}
	for _, fl := range in.Forms {
		facts, _ := d.sharedAtIntake(in, fl)
		consents = append(consents, facts...)
	}
	if len(consents) > 0 {
		changes = append(changes, vault.Change{
			Record: d.session.NewRecord(amana.KindConsent),
			Begin:  &vault.Begin{Kind: amana.KindConsent, Case: id, Teams: teams}, Facts: consents,
		})
	}
	return changes
}

// sharedAtIntake are the consents by service that a form of an intake gives, where it
// is the one that asks for them, and what they lack for a child.
func (d *Desk) sharedAtIntake(in Intake, fl form.Filling) ([]event.Fact, form.Faults) {
	if fl.Form.ID != referralConsents {
		return nil, nil
	}
	facts := consentsByService(nil, fl.State(nil, d.env()))
	err := d.minorOfIntake(in).forMinor(func(field string) event.Value { return in.Case[field] }, facts, fl.Answers)
	faults, _ := errors.AsType[form.Faults](err)
	return facts, faults
}

// formValues are what the forms of a kind hold once they are filled in, with the
// versions they were asked with. Answers to questions that are not asked are left
// out.
func formValues(forms []form.Filling, kind amana.Kind, env xlsform.Env) Values {
	values := Values{}
	for _, fl := range forms {
		if fl.Form.Kind != kind {
			continue
		}
		said := false
		st := fl.State(nil, env)
		for _, path := range slices.Concat(fl.Paths(), fl.Form.CalculatedPaths(st)) {
			if v := st.Value(path); !v.IsZero() && st.Relevant(path) {
				values[path], said = v, true
			}
		}
		if said && fl.Form.Version != "" {
			values[fl.Form.VersionField()] = event.Text(fl.Form.Version)
		}
	}
	return values
}

// sets turns values into facts, in the order of their names, so that the same
// form gives the same bytes.
func sets(values Values) []event.Fact {
	names := make([]string, 0, len(values))
	for name, v := range values {
		if !v.IsZero() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	facts := make([]event.Fact, 0, len(names))
	for _, name := range names {
		facts = append(facts, event.Set{Field: name, Value: values[name]})
	}
	return facts
}

func consentFacts(list []Consent) []event.Fact {
	var facts []event.Fact
	for _, c := range list {
		if c.Decision == amana.NotAsked || c.Decision == "" {
			continue
		}
		facts = append(facts, c.fact())
	}
	return facts
}

func (d *Desk) checkIntake(in Intake) error {
	bad, faults := CheckIntake(in, d.office.now())
	faults = append(faults, d.guardIntake(in)...)
	for _, fl := range in.Forms {
		_, wrong := d.sharedAtIntake(in, fl)
		faults = append(faults, wrong...)
	}
	me := d.Me()
	i := slices.IndexFunc(me.Teams, func(t Team) bool { return t.ID == in.Team })
	switch {
	case in.Team.IsZero():
	case i < 0:
		return fmt.Errorf("casework: team %s: not yours: %w", in.Team, amana.ErrRefused)
	case !me.Teams[i].Identities && len(sets(in.Identity)) > 0:
		bad["name"] = "invalid.identity.team"
	}
	d.check(bad, amana.KindIdentity, in.Identity)
	d.check(bad, amana.KindCase, in.Case)
	for _, f := range faults {
		delete(bad, f.Path) // said once is enough
	}
	d.minorOfIntake(in).checkMinor(bad, in.Consents)
	var all []error
	if len(bad) > 0 {
		all = append(all, bad)
	}
	if len(faults) > 0 {
		all = append(all, faults)
	}
	return errors.Join(all...)
}

// CheckIntake says what is wrong with a new case as it was filled in, whoever opens
// it: whether a team was named, her answers, the forms.
func CheckIntake(in Intake, now time.Time) (FieldErrors, form.Faults) {
	bad := FieldErrors{}
	if in.Team.IsZero() {
		bad["team"] = string(record.FaultRequired)
	}
	checkConsents(bad, in.Consents)
	var faults form.Faults
	for _, fl := range in.Forms {
		st := fl.State(nil, xlsform.Env{Now: now})
		faults = append(faults, fl.Check(st, now, func(string) bool { return true })...)
	}
	return bad, faults
}

// check notes what is wrong with each value that is there.
func (d *Desk) check(bad FieldErrors, kind amana.Kind, values Values) {
	for name, v := range values {
		if v.IsZero() || strings.HasPrefix(name, form.VersionPrefix) {
			continue
		}
		if fault := d.validate(kind, name, v); fault != "" {
			bad[name] = string(fault)
		}
	}
}

// checkConsents notes what is wrong with answers, under the purpose's name.
func checkConsents(bad FieldErrors, list []Consent) {
	for _, c := range list {
		if c.Decision == "" {
			c.Decision = amana.NotAsked
		}
		for _, fault := range record.CheckConsent(c.fact()) {
			bad["consent."+string(c.Purpose)] = string(fault)
		}
	}
}

func (c Consent) fact() event.Consented {
	return event.Consented{
		Purpose: c.Purpose, Recipient: c.Recipient, Decision: c.Decision, Until: c.Until, GivenBy: c.GivenBy,
		How: c.How, Language: c.Language, Conditions: c.Conditions,
	}
}
