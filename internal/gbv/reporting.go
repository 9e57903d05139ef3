package gbv

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"amana"
)

// ReportingRule is what somebody who is told of violence has to report, in one
// country: about whom, to whom. It is shown to a person before she tells anything,
// so that she decides what to tell.
type ReportingRule struct {
	Country string `json:"country"` // ISO 3166-1 alpha-2
	About   string `json:"about"`   // one of [ReportingAbout]
	Who     string `json:"who"`     // who has to report
	To      string `json:"to"`      // to whom
	TextEn  string `json:"text_en"` // what is said to her, by language
	TextFr  string `json:"text_fr"`
	TextAr  string `json:"text_ar"`
}

// People about whom there is something to report.
const (
	AboutChildren = "children"
	AboutAdults   = "adults"
	AboutAll      = "everyone"
)

// ReportingAbout returns the people about whom a rule can be.
func ReportingAbout() []string { return []string{AboutChildren, AboutAdults, AboutAll} }

const (
	mostRules   = 60
	longestRule = 2000
)

// ReadReporting reads the document "table/reporting": rows of words. Kind:
// ErrInvalid.
func ReadReporting(document []byte) ([]ReportingRule, error) {
	var rules []ReportingRule
	if err := json.Unmarshal(document, &rules); err != nil {
		return nil, fmt.Errorf("gbv: reporting rules: %w", amana.ErrInvalid)
	}
	if len(rules) > mostRules {
		return nil, fmt.Errorf("gbv: %d reporting rules: %w", len(rules), amana.ErrInvalid)
	}
	for i, r := range rules {
		if !r.good() {
			return nil, fmt.Errorf("gbv: reporting rule %d: %w", i+1, amana.ErrInvalid)
		}
	}
	return rules, nil
}

func (r ReportingRule) good() bool {
	for _, text := range []string{r.Who, r.To, r.TextEn, r.TextFr, r.TextAr} {
		if len(text) > longestRule {
			return false
		}
	}
	country := len(r.Country) == 2 && strings.Trim(r.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	return country && slices.Contains(ReportingAbout(), r.About) && r.TextEn+r.TextFr+r.TextAr != ""
}

// WriteReporting writes what [ReadReporting] reads.
func WriteReporting(rules []ReportingRule) []byte {
	b, err := json.Marshal(rules)
	if err != nil { // strings
		panic("gbv: internal error: " + err.Error())
	}
	return b
}

// Applies reports whether a rule is about somebody who is a child, or is not, or
// may be: what may apply is told.
func (r ReportingRule) Applies(child, known bool) bool {
	return r.About == AboutAll || !known || child == (r.About == AboutChildren)
}

// Text is what is said to her, in the language that is asked for or else in one
// that there is.
func (r ReportingRule) Text(language string) string {
	first, _, _ := strings.Cut(language, "-")
	texts := map[string]string{"en": r.TextEn, "fr": r.TextFr, "ar": r.TextAr}
	for _, tag := range []string{first, "en", "fr", "ar"} {
		if texts[tag] != "" {
			return texts[tag]
		}
	}
	return ""
}
