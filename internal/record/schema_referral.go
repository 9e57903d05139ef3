package record

import "maps"

// referralFields are what a referral holds. Package referral says what they mean
// and which states follow each other.
var referralFields = []Field{
	{Name: "survivor_code_no", Type: Line, Section: "referral"},
	{Name: "service", Type: Choice, Options: "referral_service", Section: "referral"},
	{Name: "provider", Type: Line, Section: "referral"}, // id of a service record
	{Name: "provider_name", Type: Line, Section: "referral"},
	{Name: "partner", Type: Line, Section: "referral"}, // id of the partner's card
	{Name: "channel", Type: Choice, Options: "referral_channel", Section: "referral"},
	{Name: "urgency", Type: Choice, Options: "referral_urgency", Section: "referral"},
	{Name: "accompaniment", Type: YesNo, Section: "referral", Sensitive: true},
	{Name: "narrative", Type: Words, Section: "referral", Sensitive: true},
	{Name: "agreed", Type: Choices, Options: "referral_item", Section: "referral"},
	{Name: "reporting_version", Type: Line, Section: "referral"},
	{Name: "plan", Type: Line, Section: "referral"}, // item of the action plan it came from
	{Name: "service_location", Type: Line, Section: "slip"},
	{Name: "slip_person", Type: Line, Section: "slip"},
	{Name: "service_appointment_date", Type: Date, Section: "slip"},
	{Name: "status", Type: Choice, Options: "referral_state", Section: "referral", Matters: true},
	{Name: "next_due", Type: Date, Section: "referral"},
	{Name: ReferralSteps + "/state", Type: Choice, Options: "referral_state", Section: ReferralSteps},
	{Name: ReferralSteps + "/at", Type: Line, Section: ReferralSteps},
	{Name: ReferralSteps + "/when", Type: Date, Section: ReferralSteps, Past: true},
	{Name: ReferralSteps + "/by", Type: Line, Section: ReferralSteps},
	{Name: ReferralSteps + "/reason", Type: Choice, Options: "referral_reason", Section: ReferralSteps},
	{Name: ReferralSteps + "/note", Type: Words, Section: ReferralSteps},
	{Name: ReferralSteps + "/taken_back", Type: YesNo, Section: ReferralSteps},
}

// ReferralSteps is the list of a referral's steps.
const ReferralSteps = "step"

var referralOptions = map[string][]string{
	"referral_service": {
		"health_medical_service", "psychosocial_service", "safehouse_service", "legal_assistance_service", "police_other_service",
		"livelihoods_service", "child_protection_service", "family_mediation_service", "family_seunification_service",
		"education_service", "nfi_clothes_shoes_service", "water_sanitation_service", "registration_service", "food_service", "other_service",
	},
	"referral_channel": {"phone", "paper", "in_person", "amana_file"},
	"referral_urgency": {"urgent", "high", "normal"},
	"referral_item": {
		"service", "code", "urgency", "windows", "age_band", "sex", "language", "accompaniment", "safe_contact", "access_needs", "name", "narrative",
	},
	"referral_state": {
		"draft", "consented", "sent", "acknowledged", "accepted", "declined", "first_contact", "service_received", "not_received",
		"feedback_to_survivor", "closed", "withdrawn", "expired",
	},
	"referral_reason": {
		"no_capacity", "out_of_stock", "closed", "not_their_service", "not_eligible", "not_safe", "did_not_come", "distance", "cost", "fear",
		"turned_away", "too_late", "changed_her_mind", "received_elsewhere", "not_needed", "moved_away", "no_news", "she_decided", "mistake", "other",
	},
}

func withReferralOptions(own map[string][]string) map[string][]string {
	maps.Copy(own, referralOptions)
	return own
}
