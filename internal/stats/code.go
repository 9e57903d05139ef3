package stats

import "slices"

// Code is a choice of a list, as its place in the list. Zero is "not known": not
// asked, declined, or nothing that the list has.
type Code uint16

// Answer is a yes or no, or not known. A "no" is never a missing answer.
type Answer uint8

// The answers.
const (
	NotKnown Answer = iota
	No
	Yes
)

// AnswerOf makes an answer of what was read.
func AnswerOf(yes, known bool) Answer {
	switch {
	case !known:
		return NotKnown
	case yes:
		return Yes
	}
	return No
}

// List names a list of choices.
type List uint8

// The lists. Those that organisations extend are open: places, occupations, areas.
const (
	Sex List = iota
	Age
	Marital
	Displacement
	Stage
	Disability
	Unaccompanied
	Type
	TimeOfDay
	Elapsed
	Place
	Number
	Relation
	PerpetratorAge
	Occupation
	From
	Outcome
	Area
	Duration
	Delay
	lists // how many
)

// Unknown is the id of what is not known, in every list.
const Unknown = "unknown"

// Services are the seven kinds of service of the standard, in its order.
func Services() []string { return slices.Clone(services[:]) }

var services = [...]string{
	"safehouse_service", "health_medical_service", "psychosocial_service", "legal_assistance_service",
	"police_other_service", "livelihoods_service", "child_protection_service",
}

// Places of services in a row.
const (
	Health    = 1
	services7 = len(services)
)

// The contexts of an incident, as bits of a row, in the order of the standard.
var contexts = [...]string{
	"intimate_partner_violence", "child_sexual_abuse", "early_marriage",
	"possible_sexual_exploitation", "possible_sexual_slavery", "harmful_traditional_practice",
}

// ContextBit returns the bit of a context, or none for what is none.
func ContextBit(id string) uint8 {
	if i := slices.Index(contexts[:], id); i >= 0 {
		return 1 << i
	}
	return 0
}

// standard are the choices of the standard, with its ids.
var standard = [lists][]string{
	Sex:           {"female", "male"},
	Age:           {"0_11", "12_17", "18_49", "50+"},
	Marital:       {"single", "married_cohabitating", "divorced_separated", "widowed"},
	Displacement:  {"resident", "idp", "refugee", "stateless_person", "returnee", "foreign_national", "asylum_seeker"},
	Stage:         {"not_displaced", "pre_displacement", "during_flight", "during_refuge", "during_return_transit", "post_displacement"},
	Disability:    {"no", "mental_disability", "physical_disability", "both"},
	Unaccompanied: {"no", "unaccompanied_minor", "separated_child", "other_vulnerable_child"},
	Type:          {"rape", "sexual_assault", "physical_assault", "forced_marriage", "denial_of_resources_opportunities_or_services", "psychological_emotional_abuse", "non-gbv"},
	TimeOfDay:     {"morning", "afternoon", "evening_night"},
	Elapsed:       {"0_3_days", "4_5_days", "6_14_days", "2_weeks_1_month", "over_1_month"},
	Place:         {"forest", "garden", "school", "road", "clients_home", "perpetrators_home", "market", "streamside", "beach", "farm", "latrine", "perpetrators_friends_home", "entertainment_centre", "unfinished_house", "guest_house_hotel", "other"},
	Number:        {"equal_to_1", "equal_to_2", "equal_to_3", "more_than_3"},
	//nolint:misspell // the standard's id
	Relation:       {"intimate_partner_former_partner", "primary_caregiver", "family_other_than_spouse_or_caregiver", "supervisor_employer", "schoolmate", "teacher_school_official", "service_provider", "cotenant_housemate", "family_friend_neighbor", "other_refugee_idp_returnee", "other_resident_community_member", "other", "no_relation"},
	PerpetratorAge: {"0_11", "12_17", "18_25", "26_40", "41_60", "61+"},
	Occupation:     {"occupation_1", "occupation_2", "occupation_3", "occupation_4", "occupation_5", "unemployed", "other"},
	From:           {selfReferral, "health_medical_service", "psychosocial_service", "police_other_service", "legal_assistance_service", "livelihoods_service", "teacher_school_official", "community_or_camp_leader", "safehouse_service", "other_humanitarian_or_development_actor", "other_government_service", "other"},
	Outcome:        {referred, provided, "services_already_received_from_another_agency", "service_not_applicable", "referral_declined_by_survivor", "service_unavailable"},
	Duration:       {"0_30_days", "31_90_days", "91_180_days", "over_180_days"},
	Delay:          {"0_3_days", "4_5_days", "6_14_days", "15_30_days", "31_90_days", "over_90_days"},
}

const (
	selfReferral = "self_referral"
	referred     = "referred"
	provided     = "service_provided_by_your_agency"
)

// Codes of the standard that rules look at: places in the lists above.
const (
	typeRape       Code = 1
	typeAssault    Code = 2
	typeMarriage   Code = 4
	typeNotGBV     Code = 7
	outReferred    Code = 1
	outProvided    Code = 2
	outUnavailable Code = 6
	fromSelf       Code = 1
	ageChild       Code = 1
	ageAdolescent  Code = 2
	sexFemale      Code = 1
	saysNo         Code = 1 // of disability, and of children without their family
)

var open = [lists]bool{Place: true, Occupation: true, Area: true}

// Book gives ids their codes. The zero Book is ready; it is not for several
// goroutines at once.
type Book struct {
	ids [lists][]string
	at  [lists]map[string]Code
}

func (b *Book) list(l List) map[string]Code {
	if b.at[l] == nil {
		b.at[l] = map[string]Code{}
		for i, id := range standard[l] {
			b.at[l][id] = Code(i + 1)
		}
		b.ids[l] = slices.Clone(standard[l])
	}
	return b.at[l]
}

// mostOpen bounds a list that grows: what is beyond it is not known.
const mostOpen = 5000

// Code returns the code of an id. What a list of the standard does not have is not
// known; a list that organisations extend takes it up.
func (b *Book) Code(l List, id string) Code {
	at := b.list(l)
	c, known := at[id]
	if known || id == "" || id == Unknown || !open[l] || len(b.ids[l]) >= mostOpen {
		return c
	}
	b.ids[l] = append(b.ids[l], id)
	c = Code(len(b.ids[l]))
	at[id] = c
	return c
}

// IDs returns the choices of a list in the order of their codes, from 1 on.
func (b *Book) IDs(l List) []string {
	b.list(l)
	return b.ids[l]
}

// ID returns the id of a code, or [Unknown].
func (b *Book) ID(l List, c Code) string {
	if ids := b.IDs(l); c > 0 && int(c) <= len(ids) {
		return ids[c-1]
	}
	return Unknown
}
