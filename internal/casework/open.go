package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/view"
)

const statusOpen = "open"

// OpenCase begins a case: the case, the identity where anything of it was said,
// and her consents are records of their own, saved together. Nothing but the
// team is required. Kinds: FieldErrors, ErrRefused, ErrStorage.
func (d *Desk) OpenCase(ctx context.Context, in Intake) (amana.RecordID, error) {
	if err := d.checkIntake(in); err != nil {
		return amana.RecordID{}, err
	}
	code, err := d.freshCode()
	if err != nil {
		return amana.RecordID{}, err
	}
	id := amana.RecordID(seal.Random16())
	return id, d.session.Save(ctx, d.opening(id, code, in)...)
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
	changes := []vault.Change{{
		Record: id, Begin: &vault.Begin{Kind: amana.KindCase, Teams: teams}, Facts: sets(values),
	}}
	if facts := sets(in.Identity); len(facts) > 0 {
		changes = append(changes, vault.Change{
			Record: amana.RecordID(seal.Random16()),
			Begin:  &vault.Begin{Kind: amana.KindIdentity, Case: id, Teams: teams}, Facts: facts,
		})
	}
	onCase, onConsent := besides(in.Consents)
	changes[0].Facts = append(changes[0].Facts, onCase...)
	if facts := append(consentFacts(in.Consents), onConsent...); len(facts) > 0 {
		changes = append(changes, vault.Change{
			Record: amana.RecordID(seal.Random16()),
			Begin:  &vault.Begin{Kind: amana.KindConsent, Case: id, Teams: teams}, Facts: facts,
		})
	}
	return changes
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
	bad := FieldErrors{}
	me := d.Me()
	i := slices.IndexFunc(me.Teams, func(t Team) bool { return t.ID == in.Team })
	switch {
	case in.Team.IsZero():
		bad["team"] = string(record.FaultRequired)
	case i < 0:
		return fmt.Errorf("casework: team %s: not yours: %w", in.Team, amana.ErrRefused)
	case !me.Teams[i].Identities && len(sets(in.Identity)) > 0:
		bad["name"] = "invalid.identity.team"
	}
	d.check(bad, amana.KindIdentity, in.Identity)
	d.check(bad, amana.KindCase, in.Case)
	checkConsents(bad, in.Consents)
	d.minorOfIntake(in).checkMinor(bad, in.Consents)
	if len(bad) > 0 {
		return bad
	}
	return nil
}

// check notes what is wrong with each value that is there.
func (d *Desk) check(bad FieldErrors, kind amana.Kind, values Values) {
	for name, v := range values {
		if v.IsZero() {
			continue
		}
		if fault := record.Validate(kind, name, v, d.office.now()); fault != "" {
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
