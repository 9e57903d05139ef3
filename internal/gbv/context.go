package gbv

import (
	"strings"

	"amana/internal/event"
)

// The contexts of an incident. They are derived, an incident may have several,
// and none of them is a type.
const (
	IntimatePartnerViolence    = "intimate_partner_violence"
	ChildSexualAbuse           = "child_sexual_abuse"
	EarlyMarriage              = "early_marriage"
	PossibleSexualExploitation = "possible_sexual_exploitation"
	PossibleSexualSlavery      = "possible_sexual_slavery"
	HarmfulTraditionalPractice = "harmful_traditional_practice"
)

// contexts are the rules, in the order of the standard. Each says whether its
// context holds and whether that can be told.
var contexts = []struct {
	id    string
	types func(incidentType string) bool
	rule  func(incident, survivor map[string]event.Value) (holds, known bool)
}{
	{IntimatePartnerViolence, IsGBV, byPartner},
	{ChildSexualAbuse, IsSexual, asChild},
	{EarlyMarriage, func(t string) bool { return t == ForcedMarriage }, asChild},
	{PossibleSexualExploitation, IsSexual, forGoods},
	{PossibleSexualSlavery, IsSexual, abducted},
	{HarmfulTraditionalPractice, IsGBV, byPractice},
}

// AllContexts returns every context, in the order of the standard.
func AllContexts() []string {
	ids := make([]string, len(contexts))
	for i, c := range contexts {
		ids[i] = c.id
	}
	return ids
}

// Contexts returns the contexts that hold for an incident, and those of which it
// cannot be told because an answer is missing or not exact enough. A "no" sets
// none, in whatever shape it was stored.
func Contexts(incident, survivor map[string]event.Value) (hold, open []string) {
	incidentType := Type(incident)
	for _, c := range contexts {
		if !c.types(incidentType) {
			continue
		}
		holds, known := c.rule(incident, survivor)
		switch {
		case holds && known:
			hold = append(hold, c.id)
		case !known:
			open = append(open, c.id)
		}
	}
	return hold, open
}

func byPartner(incident, _ map[string]event.Value) (holds, known bool) {
	all := Perpetrators(incident)
	known = len(all) > 0
	for _, p := range all {
		relation, ok := Canonical("perpetrator_relationship", p["perpetrator_relationship"].Reveal())
		if relation == partner {
			return true, true
		}
		known = known && ok && relation != "unknown"
	}
	return false, known
}

const partner = "intimate_partner_former_partner"

func asChild(incident, survivor map[string]event.Value) (holds, known bool) {
	return AgeAt(incident, survivor).Under(Adulthood)
}

func forGoods(incident, _ map[string]event.Value) (holds, known bool) {
	return YesNo(incident["goods_money_exchanged"])
}

func abducted(incident, _ map[string]event.Value) (holds, known bool) {
	v := incident["abduction_status_time_of_incident"]
	if yes, said := YesNo(v); said && !yes {
		return false, true
	}
	id, known := Canonical("abduction_status_time_of_incident", v.Reveal())
	return known && id != "none", known
}

// byPractice holds for any practice that is named: organisations have their own
// names for them, so that here what is known is the list of ways to say no.
func byPractice(incident, _ map[string]event.Value) (holds, known bool) {
	v := incident["harmful_traditional_practice"]
	if yes, said := YesNo(v); said {
		return yes, true
	}
	switch text := strings.TrimSpace(v.Reveal()); fold(text) {
	case "":
		return false, false
	case "none", "notapplicable", "na", "aucun", "aucune":
		return false, true
	case "unknown", "unknownnotapplicable", "inconnu", "declined", "notasked", "doesnotknow":
		return false, false
	}
	return true, true
}
