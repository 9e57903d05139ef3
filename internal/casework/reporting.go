package casework

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"amana"
)

// ReportingTable is the name under which an organisation adopts what the law of
// its country may force somebody to report.
const ReportingTable = "table/reporting"

// ReportingNotice is that notice, to be told before she tells anything. It is
// empty where nobody has written it down: then the page says so.
type ReportingNotice struct {
	Version string            `json:"-"`
	Country string            `json:"country"`
	Words   map[string]string `json:"words"` // by language
}

// IsEmpty reports whether nobody has written it down.
func (n ReportingNotice) IsEmpty() bool { return len(n.Words) == 0 }

// In returns the words in a language, or in any.
func (n ReportingNotice) In(tag string) string {
	if w := n.Words[tag]; w != "" {
		return w
	}
	for _, other := range []string{"fr", "en", "ar"} {
		if w := n.Words[other]; w != "" {
			return w
		}
	}
	for _, w := range n.Words {
		return w
	}
	return ""
}

// Reporting returns the notice that the organisation adopted.
func (d *Desk) Reporting() ReportingNotice {
	doc, there := d.charter().Adopted(ReportingTable)
	if !there {
		return ReportingNotice{}
	}
	n, err := ReadNotice(doc.Content)
	if err != nil {
		return ReportingNotice{}
	}
	n.Version = doc.Version
	return n
}

const longestNotice = 4000 // letters in one language

// ReadNotice reads a notice as [ReportingNotice.Encode] writes it. Kind: ErrInvalid.
func ReadNotice(content []byte) (ReportingNotice, error) {
	var n ReportingNotice
	if err := json.Unmarshal(content, &n); err != nil {
		return ReportingNotice{}, fmt.Errorf("casework: notice on reporting: %w", amana.ErrInvalid)
	}
	for _, words := range n.Words {
		if utf8.RuneCountInString(words) > longestNotice {
			return ReportingNotice{}, fmt.Errorf("casework: notice on reporting: too long: %w", amana.ErrInvalid)
		}
	}
	if n.Country != "" && len(n.Country) != len("ML") {
		return ReportingNotice{}, fmt.Errorf("casework: notice on reporting: of no country: %w", amana.ErrInvalid)
	}
	return n, nil
}

// Encode writes the notice as the document that is adopted.
func (n ReportingNotice) Encode() []byte {
	b, err := json.Marshal(n)
	if err != nil { // strings
		panic("casework: internal error: " + err.Error())
	}
	return b
}
