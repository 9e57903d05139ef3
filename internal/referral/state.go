package referral

import (
	"slices"

	"amana"
)

// State is how far a referral has come. Add, never rename: they are recorded.
type State string

// The states, in the order in which a referral takes them.
const (
	Draft              State = "draft"
	Consented          State = "consented"
	Sent               State = "sent"
	Acknowledged       State = "acknowledged"
	Accepted           State = "accepted"
	Declined           State = "declined"
	FirstContact       State = "first_contact"
	ServiceReceived    State = "service_received"
	NotReceived        State = "not_received"
	FeedbackToSurvivor State = "feedback_to_survivor"
	Closed             State = "closed"
	Withdrawn          State = "withdrawn"
	Expired            State = "expired"
)

// States returns every state in that order.
func States() []State {
	return []State{
		Draft, Consented, Sent, Acknowledged, Accepted, Declined, FirstContact, ServiceReceived, NotReceived,
		FeedbackToSurvivor, Closed, Withdrawn, Expired,
	}
}

// next says what may follow. A partner who is told by phone or on paper does not
// answer step by step: what is learnt from her own mouth ("I was there, they gave
// me the medicine") may skip what nobody confirmed. Nothing skips her consent.
// A late word is a word: after "expired" the outcome can still be noted.
var next = map[State][]State{
	"":                 {Draft},
	Draft:              {Consented, Withdrawn, Expired},
	Consented:          {Sent, Withdrawn, Expired},
	Sent:               {Acknowledged, Accepted, Declined, FirstContact, ServiceReceived, NotReceived, Withdrawn, Expired},
	Acknowledged:       {Accepted, Declined, FirstContact, ServiceReceived, NotReceived, Withdrawn, Expired},
	Accepted:           {FirstContact, ServiceReceived, NotReceived, Withdrawn, Expired},
	Declined:           {FeedbackToSurvivor, Closed},
	FirstContact:       {ServiceReceived, NotReceived, Withdrawn, Expired},
	ServiceReceived:    {FeedbackToSurvivor, Closed},
	NotReceived:        {FeedbackToSurvivor, Closed},
	FeedbackToSurvivor: {Closed},
	Closed:             nil,
	Withdrawn:          {Closed},
	Expired:            {FirstContact, ServiceReceived, NotReceived, Closed},
}

// Known reports whether it is a state of this program.
func (s State) Known() bool { _, known := next[s]; return known && s != "" }

// Next returns what may follow a state.
func (s State) Next() []State { return slices.Clone(next[s]) }

// Open reports whether somebody still has to do something.
func (s State) Open() bool { return s != Closed && s != Withdrawn && s != Expired }

// Waits reports whether a partner's answer, or her arrival there, is waited for.
func (s State) Waits() bool {
	return s == Sent || s == Acknowledged || s == Accepted || s == FirstContact
}

// MoveError says why a referral cannot go from one state to another. It is of kind
// [amana.ErrRefused].
type MoveError struct {
	From, To State
	Why      string // the key of a message
}

// Error implements error.
func (e *MoveError) Error() string {
	return "referral: from " + string(e.From) + " to " + string(e.To) + ": " + e.Why
}

// Unwrap returns the kind.
func (*MoveError) Unwrap() error { return amana.ErrRefused }

// Move returns nil if a referral may go from one state to another, for this
// reason, or a [*MoveError] that says why not.
func Move(from, to State, reason string) error {
	refuse := func(why string) error { return &MoveError{From: from, To: to, Why: why} }
	switch {
	case !to.Known():
		return refuse("referral.why.unknown")
	case slices.Contains(next[from], to):
	case from == "" || from == Draft && to != Consented:
		return refuse("referral.why.consent")
	case from == Closed || from == Withdrawn || from == Expired:
		return refuse("referral.why.ended")
	case from == Consented:
		return refuse("referral.why.not_sent")
	default:
		return refuse("referral.why.backwards")
	}
	reasons := Reasons(to)
	if len(reasons) > 0 && !slices.Contains(reasons, reason) {
		return refuse("referral.why.reason")
	}
	return nil
}

// Reasons returns the reasons of which one must be given for a state, or none.
func Reasons(s State) []string { return slices.Clone(reasons[s]) }

var reasons = map[State][]string{
	Declined: {"no_capacity", "out_of_stock", "closed", "not_their_service", "not_eligible", "not_safe", "other"},
	NotReceived: {
		"did_not_come", "distance", "cost", "fear", "turned_away", "closed", "out_of_stock", "too_late", "changed_her_mind",
		"received_elsewhere", "not_needed", "moved_away", "no_news", "other",
	},
	Withdrawn: {"she_decided", "not_needed", "received_elsewhere", "not_safe", "mistake", "other"},
}
