package directory

// Type says what an addition takes.
type Type string

// The types of addition.
const (
	Line    Type = "line"
	Choice  Type = "choice"  // one of Options
	Choices Type = "choices" // several of Options
	Date    Type = "date"    // ISO 8601, a whole day
	Lines   Type = "lines"   // several lines
)

// Addition is a field for which HSDS has none. In a file it is an attribute with
// a term of the taxonomy "amana".
type Addition struct {
	Name    string
	Type    Type
	Options []string
	Group   string // of publication: see [Groups]
}

// Yes, No and Unknown answer what a service has or does.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = "unknown"
)

var answers = []string{Yes, No, Unknown}

// SafeHouse is the service type whose place never leaves.
const SafeHouse = "safehouse_service"

// Types returns the types of service, with the ids of GBVIMS.
func Types() []string {
	return []string{
		"health_medical_service", "psychosocial_service", SafeHouse, "police_other_service", "legal_assistance_service",
		"child_protection_service", "livelihoods_service", "family_mediation_service", "family_seunification_service",
		"education_service", "nfi_clothes_shoes_service", "water_sanitation_service", "registration_service", "food_service",
		"other_service",
	}
}

// Stocks returns the fields that say what is in stock. Each has a day beside it,
// under the same name and "_on".
func Stocks() []string { return []string{"stock_pep", "stock_ec", "stock_hepb", "stock_tt"} }

var additions = []Addition{
	{"service_types", Choices, Types(), groupTypes},
	{"cmr", Choice, answers, groupCMR},
	{"forensic", Choice, answers, groupCMR},
	{"medico_legal", Choice, answers, groupCMR},
	{"mhpss_tier", Choice, []string{"1", "2", "3", "4"}, groupTypes},
	{"stock_pep", Choice, answers, groupStock},
	{"stock_pep_on", Date, nil, groupStock},
	{"stock_ec", Choice, answers, groupStock},
	{"stock_ec_on", Date, nil, groupStock},
	{"stock_hepb", Choice, answers, groupStock},
	{"stock_hepb_on", Date, nil, groupStock},
	{"stock_tt", Choice, answers, groupStock},
	{"stock_tt_on", Date, nil, groupStock},
	{"child_competent", Choice, answers, groupWho},
	{"male_competent", Choice, answers, groupWho},
	{"lgbti_safe", Choice, answers, groupDiscretion},
	{"women_on_staff", Choice, answers, groupWho},
	{"disability_access", Choice, answers, groupWho},
	{"confidential_entrance", Choice, answers, groupDiscretion},
	{"transport_support", Choice, answers, groupTransport},
	{"mandatory_reporting", Choice, answers, groupReporting},
	{"mandatory_reporting_note", Line, nil, groupReporting},
	{"referral_method", Choices, []string{"phone", "paper", "in_person", "message", "amana"}, groupReferral},
	{"focal_role", Line, nil, groupReferral},
	{"focal_alternate", Line, nil, groupReferral},
	{"capacity", Choice, []string{"open", "limited", "full", Unknown}, groupCapacity},
	{"after_hours", Line, nil, groupAfterHours},
	{"closures", Lines, nil, groupHours},
	{"appears_as", Line, nil, groupInternal},
	{"donor", Line, nil, groupInternal},
	{"donor_end", Date, nil, groupInternal},
	{"verified_by", Line, nil, groupInternal},
	{"retired_on", Date, nil, groupInternal},
}

// Additions returns the fields that HSDS does not have, in the order in which
// they are asked.
func Additions() []Addition { return additions }

var additionByName = func() map[string]Addition {
	m := map[string]Addition{}
	for _, a := range additions {
		m[a.Name] = a
	}
	return m
}()

// AdditionOf returns an addition by its name.
func AdditionOf(name string) (Addition, bool) {
	a, ok := additionByName[name]
	return a, ok
}
