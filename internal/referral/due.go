package referral

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"amana"
)

// Urgency says how soon somebody has to ask what became of a referral.
type Urgency string

// The urgencies.
const (
	Urgent Urgency = "urgent" // hours count: a window is open, or a life is in danger
	High   Urgency = "high"
	Normal Urgency = "normal"
)

// Urgencies returns every urgency, the most urgent first.
func Urgencies() []Urgency { return []Urgency{Urgent, High, Normal} }

// Known reports whether it is an urgency of this program.
func (u Urgency) Known() bool { return slices.Contains(Urgencies(), u) }

// UrgencyOf proposes one: an open window is urgent, otherwise the risk decides.
func UrgencyOf(risk string, open []Window) Urgency {
	if slices.ContainsFunc(open, Window.presses) {
		return Urgent
	}
	if risk == "high" {
		return High
	}
	return Normal
}

// longestWindow is where hours stop to count: what stays open for months is not
// urgent by itself.
const longestWindow = 7 * 24 * time.Hour

// Table says how long to wait before asking, and when to see her again. An
// organisation changes it; it is not validated for any country.
type Table struct {
	Ask  map[Urgency]int `json:"ask_after_hours"`     // what became of a referral
	See  map[string]int  `json:"see_within_days"`     // her, by risk
	Days []int           `json:"follow_up_at_days"`   // her, since the case was opened
	Tell int             `json:"tell_her_after_days"` // what became of it
}

// TableName is the name under which an organisation adopts its own table.
const TableName = "table/referrals"

// Defaults returns the table as it ships: a referral is asked about after 24
// hours, 72 hours or a week; she is seen again after two weeks, one, three and six
// months, and sooner by risk.
func Defaults() Table {
	return Table{
		Ask:  map[Urgency]int{Urgent: 24, High: 72, Normal: 7 * 24},
		See:  map[string]int{"high": 3, "medium": 7, "low": 28},
		Days: []int{14, 30, 91, 182},
		Tell: 7,
	}
}

const (
	mostHours = 24 * 90
	mostDays  = 3 * 366
)

// ReadTable reads a table that was adopted. ErrInvalid if it is none, or if a
// number in it cannot be meant.
func ReadTable(b []byte) (Table, error) {
	var t Table
	if err := json.Unmarshal(b, &t); err != nil {
		return Defaults(), fmt.Errorf("referral: table: %w", amana.ErrInvalid)
	}
	return t, t.Check()
}

// Check returns ErrInvalid where a number is missing or cannot be meant.
func (t Table) Check() error {
	bad := t.Tell < 1 || t.Tell > mostDays || len(t.Days) > 12 || !slices.IsSorted(t.Days)
	for _, u := range Urgencies() {
		bad = bad || t.Ask[u] < 1 || t.Ask[u] > mostHours
	}
	for _, risk := range []string{"high", "medium", "low"} {
		bad = bad || t.See[risk] < 1 || t.See[risk] > mostDays
	}
	for _, d := range t.Days {
		bad = bad || d < 1 || d > mostDays
	}
	if bad {
		return fmt.Errorf("referral: table: %w", amana.ErrInvalid)
	}
	return nil
}

// Bytes returns the table as it is adopted.
func (t Table) Bytes() []byte {
	b, err := json.Marshal(t)
	if err != nil {
		panic("referral: internal error: " + err.Error())
	}
	return b
}

// NextDue returns when somebody has to do something about a referral that came to
// this state at since, or the zero time where nothing is left to do. What she
// agreed to and nobody sent is due as soon as an answer would be.
func (t Table) NextDue(s State, u Urgency, since time.Time) time.Time {
	if !s.Known() || !s.Open() {
		return time.Time{}
	}
	switch s { //nolint:exhaustive // the others wait for an answer
	case Declined, NotReceived, ServiceReceived, FeedbackToSurvivor:
		return since.AddDate(0, 0, t.Tell)
	}
	hours := t.Ask[u]
	if hours == 0 {
		hours = t.Ask[Urgent] // not said how urgent: sooner rather than later
	}
	return since.Add(time.Duration(hours) * time.Hour)
}

// Due returns when somebody has to do something about a referral.
func (t Table) Due(c Course, u Urgency) time.Time { return t.NextDue(c.State, u, c.Since) }

// Overdue reports whether that time has passed.
func (t Table) Overdue(c Course, u Urgency, now time.Time) bool {
	due := t.Due(c, u)
	return !due.IsZero() && now.After(due)
}
