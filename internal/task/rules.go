package task

import (
	"encoding/json"
	"fmt"
	"slices"

	"amana"
)

// longest is how many days a span may have.
const longest = 3650

// ReadRules reads the document "table/tasks". What it leaves out stands as it
// comes with the program. Kind: ErrInvalid.
func ReadRules(document []byte) (Rules, error) {
	r := Defaults()
	if err := json.Unmarshal(document, &r); err != nil {
		return Defaults(), fmt.Errorf("task: rules: %w", amana.ErrInvalid)
	}
	spans := append([]int{r.Assessment, r.SafetyPlan, r.Approval}, r.Visits...)
	for _, days := range r.Look {
		spans = append(spans, days)
	}
	if r.Caseload < 1 || r.Caseload > longest || slices.Min(spans) < 0 || slices.Max(spans) > longest || !slices.IsSorted(r.Visits) {
		return Defaults(), fmt.Errorf("task: rules: a span of days: %w", amana.ErrInvalid)
	}
	return r, nil
}

// Write returns the rules as a document.
func (r Rules) Write() []byte {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		panic("task: internal error: " + err.Error())
	}
	return text
}
