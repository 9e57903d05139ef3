// Package record folds the entries of one record into what holds now, keeps what
// lost, and knows the fields of each kind: their types, choices and limits. It
// validates strictly before an entry is made, and reads leniently: a bad or
// unknown value is kept and shown as such, never dropped, and one bad record
// never blocks the rest.
//
// It does no input or output and opens nothing: package vault hands it entries
// that were opened and verified.
package record

import "amana"

// FieldType says what a field takes.
type FieldType string

// The types of field.
const (
	Line    FieldType = "line"    // one line of words
	Words   FieldType = "words"   // several lines
	Number  FieldType = "number"  // a whole number, 0 or more
	Date    FieldType = "date"    // ISO 8601, as exact as known: 2026, 2026-03, 2026-03-09
	YesNo   FieldType = "yesno"   // a Bool
	Choice  FieldType = "choice"  // one option
	Choices FieldType = "choices" // several options
	Phone   FieldType = "phone"   // digits as dialled
	Decimal FieldType = "decimal" // a number with a fraction
	Time    FieldType = "time"    // a time of day: 14:30
	Moment  FieldType = "moment"  // a day and a time of day: 2026-03-09T14:30
)

// Field describes one field. Name is the field's standard term where the field's
// interchange vocabulary has one, with its spelling slips.
type Field struct {
	Name    string
	Type    FieldType
	Section string // where it stands on the page
	Options string // the list in [Options] of Choice and Choices
	// Sensitive fields take "declined to say", "does not know" and "not asked" as
	// answers, and no form forces one.
	Sensitive bool
	// Matters: two people who wrote different values at the same time are shown
	// both, until one of them decides.
	Matters bool
	Past    bool // a date that can't lie in the future
	Largest int64
	// Needed: without it the record, or the item, says nothing.
	Needed bool
}

// Limits on what is taken in. What is longer is refused with a clear error.
const (
	LongestLine  = 200    // letters
	LongestWords = 20_000 // letters
)

// Lists of items: the field of an item is named "list/item/field".
const (
	Notes     = "note"
	FollowUps = "gbv_follow_up_subform_section"
)

// Fields returns the fields of a kind in the order in which they are asked.
// Fields of items in a list stand under the list's name: FieldsOf(KindCase) has
// "note/text" for "note/<item>/text".
func Fields(kind amana.Kind) []Field { return fields[kind] }

// Options returns the ids of a list of choices, in order.
func Options(list string) []string { return options[list] }

var fields = withEvidence(withClaims(withForms(withWork(map[amana.Kind][]Field{
	amana.KindIdentity: {
		{Name: "name", Type: Line, Section: "identity", Sensitive: true, Matters: true},
		{Name: "other_names", Type: Line, Section: "identity", Sensitive: true},
		{Name: "contact_phone", Type: Phone, Section: "contact", Sensitive: true, Matters: true},
		{Name: "contact_how", Type: Choices, Options: "contact_how", Section: "contact", Sensitive: true, Matters: true},
		{Name: "contact_notes", Type: Words, Section: "contact", Sensitive: true, Matters: true},
		{Name: "place_of_stay", Type: Line, Section: "contact", Sensitive: true},
	},
	amana.KindCase: {
		{Name: "consent_for_services", Type: YesNo, Section: "opening"},
		{Name: "created_on", Type: Date, Section: "opening", Past: true},
		{Name: "language", Type: Choice, Options: "language", Section: "opening"},
		{Name: "service_referred_from", Type: Choice, Options: "service_referred_from", Section: "opening", Sensitive: true},
		{Name: "sex", Type: Choice, Options: "sex", Section: "survivor", Sensitive: true, Matters: true},
		{Name: "age", Type: Number, Section: "survivor", Sensitive: true, Matters: true, Largest: 120},
		{Name: "estimated", Type: YesNo, Section: "survivor"},
		{Name: "maritial_status", Type: Choice, Options: "maritial_status", Section: "survivor", Sensitive: true},
		{Name: "gbv_displacement_status", Type: Choice, Options: "gbv_displacement_status", Section: "survivor", Sensitive: true},
		{Name: "gbv_disability_type", Type: Choice, Options: "gbv_disability_type", Section: "survivor", Sensitive: true},
		{Name: "unaccompanied_separated_status", Type: Choice, Options: "unaccompanied_separated_status", Section: "survivor", Sensitive: true},
		{Name: "risk_level", Type: Choice, Options: "risk_level", Section: "assessment", Matters: true},
		{Name: "assessment_presenting_problem", Type: Words, Section: "assessment", Sensitive: true},
		{Name: "assessment_main_concerns", Type: Words, Section: "assessment", Sensitive: true},
		{Name: "assessment_current_situation", Type: Words, Section: "assessment", Sensitive: true, Matters: true},
		{Name: "assessment_safety_needs", Type: Words, Section: "assessment", Sensitive: true},
		{Name: "assessment_health_needs", Type: Words, Section: "assessment", Sensitive: true},
		{Name: "assessment_psychosocial_needs", Type: Words, Section: "assessment", Sensitive: true},
		{Name: "assessment_legal_needs", Type: Words, Section: "assessment", Sensitive: true},
		{Name: "assessment_material_needs", Type: Words, Section: "assessment", Sensitive: true},
		{Name: "survivor_code_no", Type: Line, Section: "system"},
		{Name: "status", Type: Choice, Options: "status", Section: "system", Matters: true},
		{Name: "date_closure", Type: Date, Section: "closure", Past: true},
		{Name: "closure_reason", Type: Choice, Options: "closure_reason", Section: "closure"},
		{Name: "closure_assessment", Type: Words, Section: "closure", Sensitive: true},
		{Name: Notes + "/text", Type: Words, Section: Notes},
		{Name: FollowUps + "/followup_date", Type: Date, Section: FollowUps, Past: true},
		{Name: FollowUps + "/followup_service_type", Type: Choice, Options: "followup_service_type", Section: FollowUps},
		{Name: FollowUps + "/action_taken_details", Type: Words, Section: FollowUps},
		{Name: FollowUps + "/survivor_needs_met", Type: YesNo, Section: FollowUps, Sensitive: true},
		{Name: FollowUps + "/need_follow_up_visit", Type: YesNo, Section: FollowUps},
		{Name: FollowUps + "/when_follow_up_visit_should_happen", Type: Date, Section: FollowUps},
		{Name: FollowUps + "/follow_up_comments", Type: Words, Section: FollowUps},
	},
	amana.KindConsent:  {},
	amana.KindReferral: referralFields,
}))))

var options = withClaimOptions(withFormOptions(withWorkOptions(withReferralOptions(map[string][]string{
	"contact_how":                    {"phone_call", "text_message", "through_trusted_person", "visit", "only_when_she_comes", "never"},
	"language":                       {"fra", "eng", "ara", "bam", "ffm", "ful", "fuc", "taq", "ttq", "mey", "ses", "snk", "hau", "other"},
	"service_referred_from":          {"health_medical_service", "psychosocial_service", "police_other_service", "legal_assistance_service", "livelihoods_service", "self_referral", "teacher_school_official", "community_or_camp_leader", "safehouse_service", "other_humanitarian_or_development_actor", "other_government_service", "other"},
	"sex":                            {"female", "male"},
	"maritial_status":                {"single", "married_cohabitating", "divorced_separated", "widowed"},
	"gbv_displacement_status":        {"resident", "idp", "refugee", "stateless_person", "returnee", "foreign_national", "asylum_seeker"},
	"gbv_disability_type":            {"no", "mental_disability", "physical_disability", "both"},
	"unaccompanied_separated_status": {"no", "unaccompanied_minor", "separated_child", "other_vulnerable_child"},
	"risk_level":                     {"high", "medium", "low"},
	"status":                         {"open", "closed", "transferred", "duplicate"},
	"closure_reason":                 {"closure_needs_met", "closure_survivor_contact", "closure_survivor_request_close", "closure_survivor_left_area", "closure_tranferred_organization", "closure_funding_constraints", "closure_no_further_support"},
	"followup_service_type":          {"safehouse_service", "health_medical_service", "psychosocial_service", "police_other_service", "legal_assistance_service", "livelihoods_service", "child_protection_service", "family_mediation_service", "education_service", "nfi_clothes_shoes_service", "registration_service", "food_service", "other_service"},
}))))
