package record

import (
	"maps"

	"amana"
)

// The fields by which the work itself is kept: who has a case, what is asked of a
// supervisor, what is to be done. No form asks them; package casework writes them.
//
// Lists of items beside [Notes] and [FollowUps].
const (
	Flags       = "flag"
	Approvals   = "approval"
	Tasks       = "task"
	Transfers   = "transfer"
	BreakGlass  = "breakglass"
	ActionPlans = "action_plan_section"
)

var workFields = map[amana.Kind][]Field{
	amana.KindCase: {
		{Name: "owned_by", Type: Line, Section: "work"},
		{Name: "caregiver_role", Type: Choice, Options: "caregiver_role", Section: "child", Sensitive: true, Matters: true},
		{Name: "best_interests", Type: Words, Section: "child", Sensitive: true},
		{Name: "prior_interview", Type: YesNo, Section: "guard", Sensitive: true, Matters: true},
		{Name: "prior_interview_by", Type: Choices, Options: "prior_interview_by", Section: "guard", Sensitive: true},
		{Name: "prior_interview_date", Type: Date, Section: "guard", Sensitive: true, Past: true},
		{Name: "prior_interview_type", Type: Choice, Options: "prior_interview_type", Section: "guard", Sensitive: true},
		{Name: "prior_interview_reason", Type: Words, Section: "guard"},
		{Name: "transferred_to", Type: Line, Section: "work", Matters: true},
		{Name: "transferred_from", Type: Line, Section: "work"},
		// When it happened, and what came of each window of treatment.
		{Name: "assault_date", Type: Date, Section: "windows", Sensitive: true, Matters: true, Past: true},
		{Name: "assault_time", Type: Time, Section: "windows", Sensitive: true, Matters: true},
		{Name: "assault_timeofday", Type: Choice, Options: "incident_timeofday", Section: "windows", Sensitive: true},
		{Name: Windows + "/outcome", Type: Choice, Options: "window_outcome", Section: Windows, Matters: true},
		{Name: Windows + "/missed", Type: Choice, Options: "window_missed", Section: Windows, Sensitive: true},
		{Name: Flags + "/text", Type: Words, Section: Flags},
		{Name: Flags + "/until", Type: Date, Section: Flags},
		{Name: Flags + "/resolved", Type: YesNo, Section: Flags},
		{Name: Approvals + "/approval_type", Type: Choice, Options: "approval_type", Section: Approvals},
		{Name: Approvals + "/status", Type: Choice, Options: "approval_status", Section: Approvals, Matters: true},
		{Name: Approvals + "/comment", Type: Words, Section: Approvals},
		{Name: Approvals + "/requested_on", Type: Date, Section: Approvals, Past: true},
		{Name: Approvals + "/requested_by", Type: Line, Section: Approvals},
		{Name: Approvals + "/decided_on", Type: Date, Section: Approvals, Past: true},
		{Name: Approvals + "/decided_by", Type: Line, Section: Approvals},
		{Name: Tasks + "/what", Type: Line, Section: Tasks},
		{Name: Tasks + "/due", Type: Date, Section: Tasks},
		{Name: Tasks + "/done", Type: YesNo, Section: Tasks},
		{Name: Transfers + "/to", Type: Line, Section: Transfers},
		{Name: Transfers + "/asked_by", Type: Line, Section: Transfers},
		{Name: Transfers + "/asked_on", Type: Date, Section: Transfers, Past: true},
		{Name: Transfers + "/status", Type: Choice, Options: "transfer_status", Section: Transfers, Matters: true},
		{Name: Transfers + "/comment", Type: Words, Section: Transfers},
		{Name: Transfers + "/team", Type: Line, Section: Transfers},
		{Name: Transfers + "/agreed", Type: YesNo, Section: Transfers},
		{Name: BreakGlass + "/reason", Type: Words, Section: BreakGlass},
	},
	amana.KindIncident: {
		{Name: "incident_code", Type: Line, Section: "system"},
		{Name: "status", Type: Choice, Options: "status", Section: "system", Matters: true},
	},
	amana.KindExchange: {
		{Name: "direction", Type: Choice, Options: "exchange_direction", Section: "exchange"},
		{Name: "format", Type: Line, Section: "exchange"},
		{Name: "source", Type: Line, Section: "exchange"},    // what the source is called here
		{Name: "recipient", Type: Line, Section: "exchange"}, // to whom it went
		{Name: "team", Type: Line, Section: "exchange"},
		{Name: "started", Type: Moment, Section: "exchange"},
		{Name: "ended", Type: Moment, Section: "exchange"},
		{Name: "rows", Type: Number, Section: "exchange"},
		{Name: "incidents", Type: Number, Section: "exchange"},
		{Name: "cases", Type: Number, Section: "exchange"},
		{Name: "here", Type: Number, Section: "exchange"},
		{Name: "changed", Type: Number, Section: "exchange"},
		{Name: "refused", Type: Number, Section: "exchange"},
		{Name: "later", Type: Number, Section: "exchange"},
		{Name: "withheld", Type: Number, Section: "exchange"},
		{Name: Taken + "/incidents", Type: Choices, Section: "exchange"},
		{Name: "language", Type: Line, Section: "exchange"}, // of what is taken out
		// What is taken out is put forward first, and others agree: steps as those of a release.
		{Name: Ledger + "/step", Type: Choice, Options: "ledger_step", Section: Ledger},
		{Name: Ledger + "/at", Type: Line, Section: Ledger},
		{Name: Ledger + "/purpose", Type: Choice, Options: "ledger_purpose", Section: Ledger},
		{Name: Ledger + "/recipient", Type: Line, Section: Ledger},
		{Name: Ledger + "/format", Type: Line, Section: Ledger},
		{Name: Ledger + "/records", Type: Words, Section: Ledger}, // of a step of rows: ids and what each row rests on
		{Name: Ledger + "/reason", Type: Words, Section: Ledger},
	},
	amana.KindConsent: {
		{Name: "reporting_version", Type: Line, Section: "reporting"}, // of the text that was shown before she told anything
	},
}

var workOptions = map[string][]string{
	"window_outcome":       {"given", "referred", "declined", "not_needed", "unavailable"},
	"window_missed":        {"did_not_know", "feared", "no_transport", "no_money", "refused", "not_offered", "no_stock", "came_late", "other"},
	"incident_timeofday":   {"morning", "afternoon", "evening_night", "unknown"},
	"caregiver_role":       {"supports", "may_be_involved", "absent"},
	"prior_interview_by":   {"health", "humanitarian", "police_justice", "united_nations", "lawyer", "journalist", "other"},
	"prior_interview_type": {"notes", "form", "written_statement", "recording", "medical_report", "other"},
	"approval_type":        {"case_plan", "closure", "second_account"},
	"approval_status":      {"pending", "approved", "rejected"},
	"exchange_direction":   {"import", "export"},
	"transfer_status":      {"asked", "accepted", "refused", "withdrawn"},
}

// withWork adds the fields of the work to those that are asked.
func withWork(asked map[amana.Kind][]Field) map[amana.Kind][]Field {
	for kind, list := range workFields {
		asked[kind] = append(asked[kind], list...)
	}
	return asked
}

func withWorkOptions(asked map[string][]string) map[string][]string {
	maps.Copy(asked, workOptions)
	return asked
}
