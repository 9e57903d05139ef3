package gbv

import (
	"maps"

	"amana/internal/event"
)

// copied is what an incident takes over from its case when it begins: what she
// was at that time, which may change in the case later.
var copied = map[string]string{
	"survivor_code_no":               "survivor_code",
	"age":                            "age",
	"date_of_birth":                  "date_of_birth",
	"estimated":                      "estimated",
	"sex":                            "sex",
	"gbv_ethnicity":                  "ethnicity",
	"country_of_origin":              "country_of_origin",
	"gbv_nationality":                "nationality",
	"gbv_religion":                   "religion",
	"maritial_status":                "maritial_status",
	"gbv_displacement_status":        "displacement_status",
	"gbv_disability_type":            "disability_type",
	"unaccompanied_separated_status": "unaccompanied_separated_status",
}

// CopyMap returns the fields that an incident takes over, by the case's names.
func CopyMap() map[string]string { return maps.Clone(copied) }

// CopyToIncident returns what a new incident of this case begins with. Answers
// like "declined" are taken over as such: she is not asked again.
func CopyToIncident(caseFields map[string]event.Value) map[string]event.Value {
	begun := map[string]event.Value{}
	for from, to := range copied {
		if v := caseFields[from]; !v.IsZero() {
			begun[to] = v
		}
	}
	return begun
}
