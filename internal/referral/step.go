package referral

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
)

// Channel is the way a referral goes.
type Channel string

// The channels. Add, never rename: they are recorded.
const (
	AmanaFile Channel = "amana_file" // sealed to a partner who has Amana
	Phone     Channel = "phone"
	Paper     Channel = "paper"     // a slip that gives nothing away
	InPerson  Channel = "in_person" // she is taken there
)

// Channels returns every channel.
func Channels() []Channel { return []Channel{Phone, Paper, InPerson, AmanaFile} }

// Known reports whether it is a channel of this program.
func (c Channel) Known() bool { return slices.Contains(Channels(), c) }

// Step is one step of a referral. At is when it was written down, to the second,
// and orders the steps; When is the day or hour it happened, as it was told.
type Step struct {
	Item   string // its random id in the record
	State  State
	At     time.Time
	When   string // ISO 8601, as exact as known
	By     amana.MemberID
	Reason string
	Note   amana.Private
	Legal  bool // it moved the referral; what does not is kept, and shown as such
}

// Steps is the list of a referral record that holds them: "step/<item>/state".
const Steps = "step"

// Fields of a step.
const (
	stepState  = "state"
	stepAt     = "at"
	stepWhen   = "when"
	stepBy     = "by"
	stepReason = "reason"
	stepNote   = "note"
	stepTaken  = "taken_back"
)

// Values returns the fields of a step under its item.
func (s Step) Values() map[string]event.Value {
	prefix := Steps + "/" + s.Item + "/"
	values := map[string]event.Value{
		prefix + stepState: event.Text(string(s.State)),
		prefix + stepAt:    event.Text(s.At.UTC().Format(time.RFC3339)),
		prefix + stepBy:    event.Text(s.By.String()),
	}
	for name, text := range map[string]string{stepWhen: s.When, stepReason: s.Reason, stepNote: s.Note.Reveal()} {
		if text != "" {
			values[prefix+name] = event.Text(text)
		}
	}
	return values
}

// TakenBack returns the field that takes a step back which was a slip of the
// finger. The step stays on record.
func TakenBack(item string) (field string, v event.Value) {
	return Steps + "/" + item + "/" + stepTaken, event.Bool(true)
}

// Course is the steps of one referral in order, and where they led.
type Course struct {
	State State
	Since time.Time // when it came there
	Steps []Step    // that were not taken back
}

// CourseOf reads the course from the fields of a record. It is lenient: what two
// devices noted side by side is all kept, in the order of time, and a step that
// is no move from where the referral stood is shown and moves nothing.
func CourseOf(values map[string]event.Value) Course {
	byItem := map[string]*Step{}
	taken := map[string]bool{}
	for name, v := range values {
		rest, ok := strings.CutPrefix(name, Steps+"/")
		item, field, whole := strings.Cut(rest, "/")
		if !ok || !whole || item == "" {
			continue
		}
		s := byItem[item]
		if s == nil {
			s = &Step{Item: item}
			byItem[item] = s
		}
		take(s, field, v, taken)
	}
	var c Course
	for item, s := range byItem {
		if !taken[item] && s.State.Known() {
			c.Steps = append(c.Steps, *s)
		}
	}
	slices.SortFunc(c.Steps, func(a, b Step) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(rank(a.State), rank(b.State)), strings.Compare(a.Item, b.Item))
	})
	for i := range c.Steps {
		s := &c.Steps[i]
		if slices.Contains(next[c.State], s.State) {
			c.State, c.Since, s.Legal = s.State, s.At, true
		}
	}
	return c
}

func rank(s State) int { return slices.Index(States(), s) }

// take puts one field into a step.
func take(s *Step, field string, v event.Value, taken map[string]bool) {
	text := v.Reveal()
	switch field {
	case stepState:
		s.State = State(text)
	case stepAt:
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			s.At = at
		}
	case stepWhen:
		s.When = text
	case stepBy:
		if id, err := amana.ParseID[amana.Member](text); err == nil {
			s.By = id
		}
	case stepReason:
		s.Reason = text
	case stepNote:
		s.Note = amana.Conceal(text)
	case stepTaken:
		yes, _ := v.Bool()
		taken[s.Item] = taken[s.Item] || yes
	}
}

// Reached returns the first step that led to a state.
func (c Course) Reached(s State) (Step, bool) {
	for _, step := range c.Steps {
		if step.Legal && step.State == s {
			return step, true
		}
	}
	return Step{}, false
}

// Left reports whether anything was sent: also where another device had noted
// meanwhile that she withdrew.
func (c Course) Left() bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.State == Sent })
}

// Last returns the step that led to where the referral stands.
func (c Course) Last() (Step, bool) {
	for _, s := range slices.Backward(c.Steps) {
		if s.Legal {
			return s, true
		}
	}
	return Step{}, false
}
