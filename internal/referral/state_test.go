package referral_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
	"amana/internal/referral"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// moves is every move that is allowed, written down apart from the code.
const moves = `
draft: consented withdrawn expired
consented: sent withdrawn expired
sent: acknowledged accepted declined first_contact service_received not_received withdrawn expired
acknowledged: accepted declined first_contact service_received not_received withdrawn expired
accepted: first_contact service_received not_received withdrawn expired
declined: feedback_to_survivor closed
first_contact: service_received not_received withdrawn expired
service_received: feedback_to_survivor closed
not_received: feedback_to_survivor closed
feedback_to_survivor: closed
closed:
withdrawn: closed
expired: first_contact service_received not_received closed
`

// Every pair of states: what the table allows moves, and everything else is
// refused with words that a person can be told.
func TestMove(t *testing.T) {
	allowed := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(moves)) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), ":")
		for s := range strings.FieldsSeq(to) {
			allowed[from+">"+s] = true
		}
	}
	for _, from := range referral.States() {
		for _, to := range referral.States() {
			reason := ""
			if r := referral.Reasons(to); len(r) > 0 {
				reason = r[0]
			}
			err := referral.Move(from, to, reason)
			if allowed[string(from+">"+to)] {
				if err != nil {
					t.Errorf("%s to %s: %v, want allowed", from, to, err)
				}
				continue
			}
			var why *referral.MoveError
			if !errors.Is(err, amana.ErrRefused) || !errors.As(err, &why) || !strings.HasPrefix(why.Why, "referral.why.") {
				t.Errorf("%s to %s: %v, want refused with a reason", from, to, err)
			}
		}
	}
}

func TestMove_needsReasons(t *testing.T) {
	for _, to := range []referral.State{referral.Declined, referral.NotReceived, referral.Withdrawn} {
		for _, reason := range []string{"", "because"} {
			if err := referral.Move(referral.Sent, to, reason); !errors.Is(err, amana.ErrRefused) {
				t.Errorf("%s for %q: %v, want refused", to, reason, err)
			}
		}
	}
}

// course builds the fields of a record from states, one an hour.
func course(states ...referral.State) map[string]event.Value {
	values := map[string]event.Value{}
	for i, s := range states {
		addStep(values, string(rune('a'+i)), s, noon.Add(time.Duration(i)*time.Hour), "")
	}
	return values
}

func addStep(values map[string]event.Value, item string, s referral.State, at time.Time, reason string) {
	maps.Copy(values, referral.Step{Item: item, State: s, At: at, Reason: reason, By: amana.MemberID{7}}.Values())
}

// Whatever is noted in whatever order, a referral never comes to be sent without
// her consent, and never moves again once it has ended but for late news.
func TestCourse_laws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		states := rapid.SliceOfN(rapid.SampledFrom(referral.States()), 0, 14).Draw(t, "states")
		c := referral.CourseOf(course(states...))
		if len(c.Steps) != len(states) {
			t.Fatalf("%d steps kept of %d", len(c.Steps), len(states))
		}
		at := referral.State("")
		for _, s := range c.Steps {
			if !s.Legal {
				continue
			}
			if at == referral.Closed || at == referral.Withdrawn && s.State != referral.Closed {
				t.Fatalf("moved from %s to %s", at, s.State)
			}
			at = s.State
		}
		if at != c.State {
			t.Fatalf("stands at %s, its steps led to %s", c.State, at)
		}
		if _, sent := c.Reached(referral.Sent); sent {
			if _, agreed := c.Reached(referral.Consented); !agreed {
				t.Fatal("sent without her consent")
			}
		}
	})
}

func TestCourse_twoDevices(t *testing.T) {
	values := course(referral.Draft, referral.Consented)
	addStep(values, "x", referral.Withdrawn, noon.Add(2*time.Hour), "she_decided")
	addStep(values, "y", referral.Sent, noon.Add(3*time.Hour), "")
	c := referral.CourseOf(values)
	if c.State != referral.Withdrawn {
		t.Errorf("stands at %s, want withdrawn", c.State)
	}
	if !c.Left() {
		t.Error("what left on the other device is forgotten")
	}
	if got := c.BSeR(); got != "5.4" {
		t.Errorf("BSeR %s, want 5.4: the partner has to be asked to stop", got)
	}
}

func TestCourse_takenBack(t *testing.T) {
	values := course(referral.Draft, referral.Consented, referral.Sent, referral.Declined)
	field, yes := referral.TakenBack("d")
	values[field] = yes
	c := referral.CourseOf(values)
	if c.State != referral.Sent || len(c.Steps) != 3 {
		t.Errorf("stands at %s with %d steps, want sent with 3", c.State, len(c.Steps))
	}
}

func TestCodes(t *testing.T) {
	const d, c, s = referral.Draft, referral.Consented, referral.Sent
	tests := []struct {
		states        []referral.State
		reason        string
		bser, outcome string
	}{
		{[]referral.State{d}, "", "", ""},
		{[]referral.State{d, c}, "", "", ""},
		{[]referral.State{d, c, s}, "", "2.0", "referred"},
		{[]referral.State{d, c, s, referral.Acknowledged}, "", "2.0", "referred"},
		{[]referral.State{d, c, s, referral.Accepted}, "", "3.0", "referred"},
		{[]referral.State{d, c, s, referral.FirstContact}, "", "3.0", "referred"},
		{[]referral.State{d, c, s, referral.ServiceReceived}, "", "7.0", "referred"},
		{[]referral.State{d, c, s, referral.ServiceReceived, referral.FeedbackToSurvivor, referral.Closed}, "", "7.0", "referred"},
		{[]referral.State{d, c, s, referral.Declined}, "no_capacity", "4.0", "service_unavailable"},
		{[]referral.State{d, c, s, referral.Declined}, "not_eligible", "4.0", "service_not_applicable"},
		{[]referral.State{d, c, s, referral.Declined}, "not_safe", "4.0", "referred"},
		{[]referral.State{d, c, s, referral.NotReceived}, "did_not_come", "6.0", "referred"},
		{[]referral.State{d, c, s, referral.NotReceived}, "out_of_stock", "6.0", "service_unavailable"},
		{[]referral.State{d, c, s, referral.NotReceived}, "received_elsewhere", "6.0", "services_already_received_from_another_agency"},
		{[]referral.State{d, referral.Withdrawn}, "she_decided", "", "referral_declined_by_survivor"},
		{[]referral.State{d, c, s, referral.Withdrawn}, "she_decided", "5.4", "referral_declined_by_survivor"},
		{[]referral.State{d, c, s, referral.Withdrawn, referral.Closed}, "she_decided", "6.0", "referral_declined_by_survivor"},
		{[]referral.State{d, c, s, referral.Expired}, "", "6.0", "referred"},
	}
	for _, tt := range tests {
		values := course(tt.states...)
		for i, state := range tt.states {
			if len(referral.Reasons(state)) > 0 {
				addStep(values, string(rune('a'+i)), state, noon.Add(time.Duration(i)*time.Hour), tt.reason)
			}
		}
		got := referral.CourseOf(values)
		if got.BSeR() != tt.bser || got.Outcome() != tt.outcome {
			t.Errorf("%v %s: %q %q, want %q %q", tt.states, tt.reason, got.BSeR(), got.Outcome(), tt.bser, tt.outcome)
		}
	}
}

func FuzzCourseOf(f *testing.F) {
	f.Add("step/a/state", "sent")
	f.Add("step//at", "2026-03-09T12:00:00Z")
	f.Add("step/a/by", "x")
	f.Fuzz(func(t *testing.T, name, text string) {
		values := course(referral.Draft)
		values[name] = event.Text(text)
		if c := referral.CourseOf(values); c.State == referral.Sent {
			t.Fatal("sent without consent")
		}
	})
}
