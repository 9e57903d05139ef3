package record

import (
	"maps"
	"slices"

	"amana"
)

// The fields by which it is kept who says that what was done, by whom, and how they
// know. Package claim says what they mean. Those of an incident that belongs to a
// case are asked by forms; these are of incidents that stand alone.
//
// Lists of an incident.
const (
	Persons       = "person"
	PersonLinks   = "link"
	Acts          = "act"
	Claims        = "claim"
	Attributions  = "attribution"
	Assessments   = "crsv"
	Verifications = "verification"
	RelatedEvents = "related"
	SamePersons   = "same"
)

// Lists of an actor, and of a publication.
const (
	ActorNames     = "name"
	ActorRelations = "relation"
	ActorResponses = "response"
	ActorPositions = "position"
	ActorPresences = "presence"
	ActorOrders    = "order"
	ActorNotices   = "notice"
	ActorMeasures  = "measure"
	ActorExternals = "external"
	Citations      = "cites"
)

// Ledger is the list of the steps of a release, Explanations that of what was
// explained before an answer.
const (
	Ledger       = "ledger"
	Explanations = "explained"
)

// sensitive makes a field that takes "declined to say" and the like; matters one of
// which rivals are shown.
func sensitive(f Field) Field { f.Sensitive = true; return f }
func matters(f Field) Field   { f.Matters = true; return f }
func past(f Field) Field      { f.Past = true; return f }
func needed(f Field) Field    { f.Needed = true; return f }

func field(section, name string, t FieldType, options ...string) Field {
	f := Field{Name: name, Type: t, Section: section}
	if section != "event" && section != "account" && section != "publication" && section != "actor" {
		f.Name = section + "/" + name
	}
	for _, o := range options {
		f.Options = o
	}
	return f
}

var claimFields = map[amana.Kind][]Field{
	amana.KindIncident: slices.Concat([]Field{
		needed(matters(field("event", "event_title", Line))),
		needed(field("event", "event_scope", Choice, "event_scope")),
		matters(past(field("event", "event_from", Date))),
		past(field("event", "event_to", Date)),
		field("event", "event_date_type", Choice, "mt48"),
		sensitive(matters(field("event", "event_place", Line))),
		matters(field("event", "event_district", Line)),
		field("event", "event_region", Line),
		field("event", "event_country", Line),
		field("event", "event_place_code", Line),
		field("event", "event_latitude", Decimal),
		field("event", "event_longitude", Decimal),
		field("event", "event_place_type", Choice, "event_place_type"),
		field("event", "event_phase", Choice, "event_phase"),
		field("event", "event_summary", Words),
		field("event", "event_public", Words),
		field("event", "event_monitoring", Choice, "mt43"),
		field("event", "event_violation", Choice, "mt41"),
	}, personFields, saidFields, judgedFields),
	amana.KindConsent: explainedFields,
	amana.KindAccount: slices.Concat([]Field{
		needed(field("account", "source_code", Line)),
		needed(field("account", "source_said", Choice, "source_said")),
		sensitive(field("account", "source_words", Words)),
		sensitive(field("account", "source_observed", Words)),
		field("account", "source_care", Choice, "source_care"),
		field("account", "source_connection", Choice, "mt19"),
		field("account", "source_category", Choice, "source_category"),
		field("account", "source_material", Choice, "source_material"),
		past(field("account", "source_taken_on", Date)),
		field("account", "source_language", Choice, "language"),
		field("account", "source_protected", YesNo),
		sensitive(field("account", "source_name", Line)),
		sensitive(field("account", "source_place", Line)),
		field("account", "source_district", Line),
		sensitive(Field{Name: "source_age", Type: Number, Section: "account", Largest: 120}),
		sensitive(field("account", "source_sex", Choice, "sex")),
		sensitive(field("account", "source_carer", Choice, "caregiver_role")),
		sensitive(field("account", "source_best_interests", Words)),
	}, explainedFields),
	amana.KindPublication: {
		needed(field("publication", "publication_title", Line)),
		field("publication", "publication_by", Line),
		field("publication", "publication_kind", Choice, "publication_kind"),
		past(field("publication", "publication_on", Date)),
		field("publication", "publication_address", Line),
		field("publication", "publication_language", Choice, "language"),
		field("publication", "publication_summary", Words),
		needed(field(Citations, "publication", Line)),
	},
	amana.KindActor: slices.Concat([]Field{
		needed(matters(field("actor", "name_official", Line))),
		needed(field("actor", "actor_kind", Choice, "actor_kind")),
		field("actor", "actor_type", Choice, "mt24"),
		field("actor", "actor_country", Line),
		field("actor", "active_from", Date),
		field("actor", "active_to", Date),
		field("actor", "note_neutral", Words),
	}, actorFields),
	amana.KindRelease: {
		field(Ledger, "step", Choice, "ledger_step"),
		field(Ledger, "at", Line),
		field(Ledger, "purpose", Choice, "ledger_purpose"),
		field(Ledger, "recipient", Line),
		field(Ledger, "format", Line),
		field(Ledger, "records", Words), // ids, between spaces
		field(Ledger, "said", Words),    // what a brief said: an id, a space and the rest, line by line
		field(Ledger, "reason", Words),
	},
}

var personFields = []Field{
	field(Persons, "code", Line),
	sensitive(field(Persons, "name", Line)),
	needed(field(Persons, "role", Choices, "person_role")),
	field(Persons, "unit", Choice, "person_unit"),
	field(Persons, "number", Number),
	field(Persons, "number_least", YesNo),
	sensitive(field(Persons, "sex", Choice, "person_sex")),
	sensitive(Field{Name: Persons + "/age", Type: Number, Section: Persons, Largest: 120}),
	sensitive(field(Persons, "state", Choice, "person_state")),
	field(Persons, "note", Words),
	needed(field(PersonLinks, "of", Line)), // item of a person
	needed(field(PersonLinks, "relation", Choice, "person_relation")),
	needed(field(PersonLinks, "to", Line)),
}

var saidFields = []Field{
	needed(field(Acts, "type", Choice, "mt4")),
	field(Acts, "victim", Line), // item of a person
	past(field(Acts, "from", Date)),
	past(field(Acts, "to", Date)),
	field(Acts, "method", Choice, "mt5"),
	field(Acts, "gbv", Choice, "act_gbv"),
	needed(field(Claims, "what", Words)),
	field(Claims, "quote", Words),
	field(Claims, "public", Words),
	needed(field(Claims, "stance", Choice, "claim_stance")),
	field(Claims, "acts", Line),        // items, between spaces
	field(Claims, "account", Line),     // id of an account that was taken here
	field(Claims, "publication", Line), // id of the publication in which it stands
	field(Claims, "cited", Line),       // id of the one which that one cites
	field(Claims, "source", Line),      // who, by a code
	field(Claims, "behind", Line),      // who stands behind the source
	field(Claims, "person", Line),      // item: the source is this person
	field(Claims, "basis", Choice, "claim_basis"),
	field(Claims, "connection", Choice, "mt19"),
	field(Claims, "category", Choice, "source_category"),
	field(Claims, "material", Choice, "source_material"),
	field(Claims, "reliability", Choice, "mt42"),
	field(Claims, "credibility", Choice, "claim_level"),
	field(Claims, "anonymous", YesNo),
	field(Claims, "said", Choice, "source_said"),
	past(field(Claims, "on", Date)),
	field(Claims, "count", Number),
	field(Claims, "count_least", YesNo),
	field(Claims, "count_of", Choice, "count_of"),
	field(Claims, "count_word", Choice, "count_word"),
	field(Claims, "count_from", Date),
	field(Claims, "count_to", Date),
	needed(field(Attributions, "claim", Line)),
	field(Attributions, "act", Line),
	field(Attributions, "actor", Line),
	needed(field(Attributions, "how", Choice, "attribution_how")),
	field(Attributions, "named_as", Line),
	field(Attributions, "described", Words),
	field(Attributions, "involvement", Choice, "mt18"),
	field(Attributions, "confidence", Choice, "claim_level"),
	field(Attributions, "struck", Words), // why it was struck
}

var judgedFields = []Field{
	needed(field(Assessments, "assessment", Choice, "crsv_assessment")),
	field(Assessments, "indicators", Choices, "crsv_indicator"),
	needed(field(Assessments, "basis", Words)),
	past(field(Assessments, "on", Date)),
	needed(field(Verifications, "step", Choice, "verification_step")),
	needed(field(Verifications, "status", Choice, "verification_status")),
	needed(field(Verifications, "basis", Words)),
	past(field(Verifications, "on", Date)),
	needed(field(RelatedEvents, "incident", Line)),
	needed(field(RelatedEvents, "relation", Choice, "related_as")),
	needed(field(RelatedEvents, "reason", Words)),
	needed(field(SamePersons, "person", Line)), // item of a person here
	needed(field(SamePersons, "with", Line)),   // an incident's id, a full stop, and the item of a person there
	needed(field(SamePersons, "relation", Choice, "same_person")),
	needed(field(SamePersons, "reason", Words)),
}

var actorFields = slices.Concat(
	[]Field{needed(field(ActorNames, "text", Line)), field(ActorNames, "language", Choice, "language")}, span(ActorNames), sourced(ActorNames),
	[]Field{needed(field(ActorRelations, "kind", Choice, "actor_relation")), needed(field(ActorRelations, "actor", Line))},
	span(ActorRelations), sourced(ActorRelations),
	[]Field{
		field(ActorRelations, "source", Line),
		field(ActorRelations, "opinion", YesNo), // somebody's opinion, not a record
		field(ActorRelations, "confidence", Choice, "claim_level"),
		field(ActorRelations, "note", Words),
		field(ActorResponses, "incident", Line),
		field(ActorResponses, "asked_by", Line),
		past(field(ActorResponses, "asked_on", Date)),
		needed(field(ActorResponses, "answer", Choice, "response_answer")),
		past(field(ActorResponses, "on", Date)),
		field(ActorResponses, "what", Words),
	}, sourced(ActorResponses),
	[]Field{
		needed(field(ActorPositions, "person", Line)),
		field(ActorPositions, "rank", Line),
		field(ActorPositions, "control", Choice, "position_control"),
	}, span(ActorPositions), sourced(ActorPositions),
	[]Field{
		field(ActorPositions, "note", Words),
		field(ActorPresences, "place", Line),
		needed(field(ActorPresences, "district", Line)),
		field(ActorPresences, "latitude", Decimal),
		field(ActorPresences, "longitude", Decimal),
	}, span(ActorPresences), sourced(ActorPresences),
	[]Field{needed(field(ActorOrders, "what", Words)), past(field(ActorOrders, "on", Date))}, sourced(ActorOrders),
	[]Field{
		needed(field(ActorNotices, "what", Words)),
		field(ActorNotices, "to", Line),
		past(field(ActorNotices, "on", Date)),
		needed(field(ActorNotices, "how", Choice, "notice_how")),
		field(ActorNotices, "incident", Line),
	}, sourced(ActorNotices),
	[]Field{
		needed(field(ActorMeasures, "kind", Choice, "measure_kind")),
		field(ActorMeasures, "what", Words),
		past(field(ActorMeasures, "on", Date)),
	}, sourced(ActorMeasures),
	[]Field{needed(field(ActorExternals, "scheme", Line)), needed(field(ActorExternals, "ref", Line))},
)

// span is from when until when an item of a list holds.
func span(list string) []Field {
	return []Field{field(list, "from", Date), field(list, "to", Date)}
}

// sourced is the publication in which an item of a list stands.
func sourced(list string) []Field { return []Field{field(list, "publication", Line)} }

// explainedFields say what was explained before somebody answered, beside the answer:
// in one entry with it, and written once.
var explainedFields = []Field{
	field(Explanations, "purpose", Choice, "explained_purpose"),
	field(Explanations, "recipient", Line),
	field(Explanations, "text", Line), // version of the text that was read
	field(Explanations, "language", Choice, "language"),
	field(Explanations, "by", Line), // who explained it, by a code or a name of the staff
	field(Explanations, "interpreter", YesNo),
	field(Explanations, "understood", Choice, "explained_understood"),
	field(Explanations, "others", YesNo), // that others, a court or the defence, may get to see it
}

// claimOptions: the lists mt… are micro-thesauri of the HURIDOCS Events Standard
// Formats, by their codes; ids that begin with "x-" extend them where they have
// none. Add, never rename.
var claimOptions = map[string][]string{
	"mt4": {
		"020111010000", "020111020000", "020111030000", "020102000000", "020102010000", "020103050000", "020111000000", "030106000000",
		"070102000000", "080101000000", "080103000000", "080105000000", "080106000000", "010101050400",
		"x-sexual-slavery", "x-forced-prostitution", "x-trafficking", "x-forced-nudity", "x-killing", "x-abduction", "x-physical-assault",
		"x-pillage", "x-displacement", "x-threat", "x-denial-of-access", "x-other",
	},
	"mt5":  {"030500000000", "030600000000", "030602000000", "032102000000", "x-burning", "x-beating", "x-weapon", "x-restraint", "x-other"},
	"mt18": {"010100", "010200", "010300", "010400", "010500", "010600", "050100", "050200", "050300", "060000", "900000", "990000"},
	"mt19": {"010100", "010200", "010300", "020101", "020102", "030000", "030100", "040100", "040200", "040400", "990000"},
	"mt24": {
		"010103", "010104", "010105", "010106", "020101", "020102", "020200", "020201", "020300", "020400", "020500", "030000", "990000",
	},
	"mt41": {"010000", "010100", "010200", "010300", "020000", "030000", "040000", "990000"},
	"mt42": {"010000", "020000", "030000", "040000", "050000", "990000"},
	"mt43": {"010000", "020000", "030000"},
	"mt48": {"010000", "020000", "030000"},

	"event_scope":      {"event", "pattern", "context"},
	"event_place_type": {"home", "road", "camp", "checkpoint", "detention", "water_firewood", "market", "school", "health_facility", "farm", "village", "other", "unknown"},
	"event_phase":      {"raid", "checkpoint", "detention", "house_search", "flight", "camp_perimeter", "route", "other"},
	"person_role":      {"survivor", "killed", "witness", "missing", "relative", "source"},
	"person_unit":      {"person", "group"},
	"person_sex":       {"female", "male", "all"},
	"person_state":     {"alive", "dead", "missing", "unknown"},
	"person_relation":  {"mother_of", "father_of", "child_of", "sibling_of", "spouse_of", "relative_of", "neighbour_of", "treated"},
	"act_gbv": {
		"rape", "sexual_assault", "physical_assault", "forced_marriage", "denial_of_resources_opportunities_or_services",
		"psychological_emotional_abuse", "non-gbv",
	},
	"claim_stance":      {"supports", "doubts", "denies", "context"},
	"claim_basis":       {"lived", "saw", "told", "observed_sign", "record", "opinion", "published", "unknown"},
	"claim_level":       {"high", "medium", "low"},
	"source_category":   {"primary_victim", "primary_witness", "primary_alleged_perpetrator", "secondary"},
	"source_material":   {"oral_testimony", "written_statement", "document", "photograph", "video", "direct_observation", "satellite_image", "physical_evidence", "body_injuries", "other"},
	"source_said":       {"told", "declined", "nothing"},
	"source_care":       {"accepted", "declined", "informed", "not_possible"},
	"count_of":          {"survivors", "killed", "cases", "patients", "people", "people_a_month"},
	"count_word":        {"several", "not_counted", "unknown"},
	"attribution_how":   {"insignia", "named", "described", "assumed", "not_said"},
	"crsv_assessment":   {"established_link", "possible_link", "no_link", "insufficient_information"},
	"crsv_indicator":    {"perpetrator_profile", "victim_profile", "climate_of_impunity_state_collapse", "cross_border_consequences", "ceasefire_violation"},
	"verification_step": {"focal_point", "technical_level", "task_force"},
	"verification_status": {
		"verified", "report_pending_verification", "reported_not_verified", "not_mrm", "verification_found_that_incident_did_not_occur",
	},
	"related_as":       {"same_event", "related", "different"},
	"same_person":      {"same_person", "different_person"},
	"publication_kind": {"news", "united_nations", "ngo", "court", "academic", "official", "social_media", "other"},
	"actor_kind": {
		"state_armed_force", "police_gendarmerie", "intelligence", "foreign_state_force", "foreign_private_or_state_linked_contractor", "un_force",
		"regional_force", "armed_group", "self_defence_community_militia", "coalition", "state_body", "unknown_armed_actor",
	},
	"actor_relation": {
		"part_of", "commands", "answers_to", "succeeded_by", "merged_into", "split_from", "renamed_to", "allied_with", "absorbed_personnel_of",
		"keeps_methods_of", "responsible_for",
	},
	"response_answer":      {"no_answer", "denied", "acknowledged", "declined", "other"},
	"position_control":     {"command", "effective_authority", "not_known"},
	"notice_how":           {"report", "complaint", "media", "mechanism", "own_report"},
	"measure_kind":         {"investigation", "discipline", "prosecution", "order", "none_known"},
	"explained_purpose":    {"care", "contact", "referral", "statistics", "matching", "accountability", "publication"},
	"explained_understood": {"yes", "partly", "no"},
	"ledger_step":          {"proposed", "scope", "approved", "objected", "taken_back", "left", "stopped", "told", "people", "said", "rows"},
	"ledger_purpose":       {"referral", "statistics", "matching", "accountability", "publication"},
}

// withClaims adds the fields of claims to the others.
func withClaims(own map[amana.Kind][]Field) map[amana.Kind][]Field {
	for kind, list := range claimFields {
		own[kind] = append(own[kind], list...)
	}
	return own
}

func withClaimOptions(own map[string][]string) map[string][]string {
	maps.Copy(own, claimOptions)
	return own
}
