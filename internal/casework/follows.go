package casework

import (
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/vault"
	"amana/internal/xlsform"
)

// Consent is a fact of its own, and fields of the interchange vocabulary say the
// same once more: whether she agrees to services, and service by service to whom
// something may be passed on. What is said in one place is said in the other.

// careField follows from the consent to care.
const careField = "consent_for_services"

// referralConsents is the form that asks, service by service, what may be passed on.
const referralConsents = "consent_for_referrals"

// sharing is the pair of fields of one service: may something be passed on, and to
// which organisation.
type sharing struct{ yes, whom string }

func sharings() []sharing {
	var all []sharing
	for _, s := range []string{"security", "psychosocial", "health", "safehouse", "legal", "protection", "livelihoods"} {
		all = append(all, sharing{"consent_to_share_info_by_" + s, "consent_to_share_" + s + "_organization"})
	}
	return append(all, sharing{"consent_to_share_info_by_other", "consent_to_share_info_by_other_details"})
}

// consentsByService are her answers for single recipients that follow from the form.
// A yes that names nobody is an answer, and lets nothing leave: there is nobody to
// whom.
func consentsByService(before xlsform.Answers, st *xlsform.State) []event.Fact {
	var facts []event.Fact
	answer := func(whom string, d amana.Decision) {
		facts = append(facts, event.Consented{Purpose: amana.PurposeReferral, Recipient: amana.Conceal(whom), Decision: d})
	}
	for _, s := range sharings() {
		had, _ := before[s.yes].Bool()
		has, said := st.Value(s.yes).Bool()
		old, whom := before[s.whom].Reveal(), st.Value(s.whom).Reveal()
		if had && old != "" && (!has || old != whom) {
			answer(old, amana.Withdrawn)
		}
		switch {
		case has && whom != "" && (!had || old != whom):
			answer(whom, amana.Granted)
		case said && !has && !had && whom != "":
			answer(whom, amana.Refused)
		}
	}
	return facts
}

// follow are the fields of a case that follow from her answers.
func follow(value func(field string) event.Value, list []Consent) []event.Fact {
	var facts []event.Fact
	set := func(field string, yes bool) {
		if v := event.Bool(yes); !value(field).Equal(v) {
			facts = append(facts, event.Set{Field: field, Value: v})
		}
	}
	for _, c := range list {
		switch {
		case c.Purpose == amana.PurposeCare && c.Recipient.IsEmpty():
			if c.Decision != amana.NotAsked && c.Decision != "" {
				set(careField, c.Decision == amana.Granted)
			} else if !value(careField).IsZero() {
				facts = append(facts, event.Removed{Field: careField})
			}
		case c.Purpose == amana.PurposeReferral && !c.Recipient.IsEmpty():
			for _, s := range sharings() {
				if strings.EqualFold(value(s.whom).Reveal(), c.Recipient.Reveal()) {
					set(s.yes, c.Decision == amana.Granted)
				}
			}
		}
	}
	return facts
}

// consentChange writes answers to the consent record of a case, or begins it.
func (d *Desk) consentChange(f *vault.CaseFile, facts ...event.Fact) vault.Change {
	for i := range f.Records {
		if f.Records[i].Kind == amana.KindConsent {
			return vault.Change{Record: f.Records[i].ID, Facts: facts}
		}
	}
	return vault.Change{
		Record: d.session.NewRecord(amana.KindConsent),
		Begin:  &vault.Begin{Kind: amana.KindConsent, Case: f.Case.ID, Teams: f.Case.Teams}, Facts: facts,
	}
}
