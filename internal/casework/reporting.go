package casework

import (
	"encoding/json"
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
	var n ReportingNotice
	if err := json.Unmarshal(doc.Content, &n); err != nil {
		return ReportingNotice{}
	}
	n.Version = doc.Version
	return n
}
