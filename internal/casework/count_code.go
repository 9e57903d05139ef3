package casework

import (
	"slices"
	"strings"
	"time"

	"amana/internal/event"
	"amana/internal/gbv"
	"amana/internal/stats"
	"amana/internal/window"
)

// serviceFields are where an incident says what came of each service, in the order of
// [stats.Services]: the list, or "" where the field stands by itself, and the field.
var serviceFields = [...][2]string{
	{"", "service_safehouse_referral"},
	{"health_medical_referral_subform_section", "service_medical_referral"},
	{"psychosocial_counseling_services_subform_section", "service_psycho_referral"},
	{"legal_assistance_services_subform_section", "service_legal_referral"},
	{"police_or_other_type_of_security_services_subform_section", "service_police_referral"},
	{"livelihoods_services_subform_section", "service_livelihoods_referral"},
	{"child_protection_services_subform_section", "service_protection_referral"},
}

// coder makes rows of codes of what is recorded. Nothing else of a record goes on to
// be counted: no words, no names, no ids.
type coder struct {
	book  *stats.Book
	areas map[string]string // as they may be written, folded, to the id of an area
}

// incident codes one. survivor are the fields of its case where they are at hand.
func (c *coder) incident(v, survivor Values) stats.Incident {
	answer := func(field string) stats.Answer { return stats.AnswerOf(gbv.YesNo(v[field])) }
	choice := func(l stats.List, field string) stats.Code { return c.choice(l, field, v[field]) }
	report, happened := v["date_of_first_report"].Reveal(), v["incident_date"].Reveal()
	moment := happened
	if at := v["incident_time"].Reveal(); at != "" && len(happened) == len(time.DateOnly) {
		moment += "T" + at
	}
	age := gbv.AgeAtReport(v, survivor)
	in := stats.Incident{
		Consent: answer("consent_reporting"), Elsewhere: elsewhere(v), Void: v["status"].Reveal() == "duplicate",
		Reported: stats.DayOf(report), Happened: stats.DayOf(happened), Prior: answer("gbv_previous_incidents"),
		Sex: choice(stats.Sex, "sex"), Age: c.book.Code(stats.Age, age.Band()), TenToNineteen: age.TenToNineteen(),
		Marital: choice(stats.Marital, "maritial_status"), Displacement: choice(stats.Displacement, "displacement_status"),
		Stage: choice(stats.Stage, "displacement_incident"), Disability: c.disability(v["disability_type"]),
		Unaccompanied: choice(stats.Unaccompanied, "unaccompanied_separated_status"),
		Type:          c.book.Code(stats.Type, gbv.Type(v)), TimeOfDay: choice(stats.TimeOfDay, "incident_timeofday"),
		Elapsed: c.book.Code(stats.Elapsed, gbv.Elapsed(report, happened)), Delay: c.book.Code(stats.Delay, gbv.Delay(report, happened)), Place: choice(stats.Place, "incident_location_type"),
		Area: c.book.Code(stats.Area, c.areas[foldArea(v["incident_location"].Reveal())]), Number: c.book.Code(stats.Number, gbv.NumberOfPerpetrators(v)),
		From:     choice(stats.From, "service_referred_from"),
		Within72: stats.AnswerOf(gbv.Within(72, report, moment)), Within120: stats.AnswerOf(gbv.Within(120, report, moment)),
		PEP: treatmentOf(survivor, window.PEP), EC: treatmentOf(survivor, window.EmergencyContraception),
		Missed: stats.Code(1 + slices.Index(stats.MissedReasons(), survivor[missedField(window.PEP)].Reveal())),
	}
	hold, _ := gbv.Contexts(v, survivor)
	for _, id := range hold {
		in.Contexts |= stats.ContextBit(id)
	}
	if p := primary(v); p != nil {
		in.Relation = c.choice(stats.Relation, "perpetrator_relationship", p["perpetrator_relationship"])
		in.PerpetratorAge = c.choice(stats.PerpetratorAge, "age_group", p["age_group"])
		in.Occupation = c.choice(stats.Occupation, "perpetrator_occupation", p["perpetrator_occupation"])
	}
	for i, at := range serviceFields {
		in.Outcomes[i] = c.outcome(v, at[0], at[1])
	}
	return in
}

// choice codes an option, by whatever name an older program gave it.
func (c *coder) choice(l stats.List, field string, v event.Value) stats.Code {
	text := v.Reveal()
	if id, known := gbv.Canonical(field, text); known {
		text = id
	}
	return c.book.Code(l, text)
}

// disability also takes the yes and no of other configurations.
func (c *coder) disability(v event.Value) stats.Code {
	if yes, said := gbv.YesNo(v); said {
		if yes {
			return c.book.Code(stats.Disability, "both") // of which kind is not told
		}
		return c.book.Code(stats.Disability, "no")
	}
	return c.book.Code(stats.Disability, v.Reveal())
}

func elsewhere(v Values) stats.Answer {
	id, known := gbv.Canonical("gbv_reported_elsewhere", v["gbv_reported_elsewhere"].Reveal())
	if no, said := gbv.YesNo(v["gbv_reported_elsewhere"]); !known && said && !no {
		known = true
	}
	return stats.AnswerOf(id == "gbvims-org", known)
}

// primary is the one who is said to have done it chiefly: marked so, or the only one.
func primary(v Values) map[string]event.Value {
	all := gbv.Perpetrators(v)
	for _, p := range all {
		if p["primary_perpetrator"].Reveal() == "primary" {
			return p
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return nil
}

// outcomeOrder says which of several answers about one service counts: what was given
// before what was only arranged, and that before what was not.
var outcomeOrder = []string{
	"service_provided_by_your_agency", "referred", "services_already_received_from_another_agency", "service_unavailable",
	"referral_declined_by_survivor", "service_not_applicable",
}

func (c *coder) outcome(v Values, list, field string) stats.Code {
	said := map[string]bool{}
	if list == "" {
		said[v[field].Reveal()] = true
	}
	for name, value := range v {
		if in, rest, ok := strings.Cut(name, "/"); ok && in == list && strings.HasSuffix(rest, "/"+field) {
			said[value.Reveal()] = true
		}
	}
	for _, id := range outcomeOrder {
		if said[id] {
			return c.book.Code(stats.Outcome, id)
		}
	}
	return 0
}

var treatments = map[string]stats.Treatment{
	"given": stats.Given, "referred": stats.SentOn, "declined": stats.Declined, "not_needed": stats.NotNeeded, "unavailable": stats.Unavailable,
}

func treatmentOf(survivor Values, id string) stats.Treatment {
	return treatments[survivor[outcomeField(id)].Reveal()]
}

// foldArea makes spellings of an area meet that differ in capitals and spaces only.
func foldArea(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// referralRow codes a referral by its steps.
func referralRow(v Values) stats.Referral {
	r := stats.Referral{Hours: -1}
	at := map[string]string{}
	for name, value := range v {
		list, rest, _ := strings.Cut(name, "/")
		item, field, _ := strings.Cut(rest, "/")
		if list != "step" || field != "state" {
			continue
		}
		if back, _ := v["step/"+item+"/taken_back"].Bool(); back {
			continue
		}
		when := v["step/"+item+"/when"].Reveal()
		if when == "" {
			when = v["step/"+item+"/at"].Reveal()
		}
		if had, there := at[value.Reveal()]; !there || when < had {
			at[value.Reveal()] = when
		}
	}
	r.Consented, r.Received = stats.DayOf(at["consented"]), stats.DayOf(at["service_received"])
	from, err := time.Parse(time.RFC3339, at["consented"])
	to, bad := time.Parse(time.RFC3339, at["service_received"])
	if err == nil && bad == nil && !to.Before(from) {
		r.Hours = int(to.Sub(from) / time.Hour)
	}
	return r
}
