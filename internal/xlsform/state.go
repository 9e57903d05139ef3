package xlsform

import (
	"time"

	"amana/internal/event"
)

// Answers are what is recorded, by the path of the field: "age", and in a repeat
// "list/<item>/field". Groups add nothing to a path. An item of a repeat is there
// when any of its fields is, be it the zero value.
type Answers map[string]event.Value

// Env is what an evaluation may know beside the answers.
type Env struct {
	Now      time.Time // in the person's own time zone
	Language string
	// Random makes what uuid() and random() return; nil makes them return nothing.
	Random func() [16]byte
}

// Fault is an answer that cannot stay as it is. Text is what the form says of it,
// or empty; Key is the key of the message to show then.
type Fault struct {
	Path string
	Key  string
	Text Texts
}

// State is a form with answers: what is asked now, and what holds.
type State struct {
	form    *Form
	answers Answers
}

// Evaluate works out relevance, calculations, required questions and constraints.
func (f *Form) Evaluate(a Answers, _ Env) *State { return &State{form: f, answers: a} }

// Relevant reports whether the item at path is asked (or, of a group or a repeat,
// shown).
func (s *State) Relevant(string) bool { return true }

// Value returns the answer at path, or what was calculated; the zero Value where
// it is not relevant.
func (s *State) Value(path string) event.Value { return s.answers[path] }

// Choices returns the choices that are offered at path.
func (s *State) Choices(string) []Choice { return nil }

// Items returns the ids of the items of a repeat, in the order of their ids.
func (s *State) Items(string) []string { return nil }

// Required reports whether the question at path must have an answer. "Declined",
// "does not know" and "not asked" are answers.
func (s *State) Required(string) bool { return false }

// Faults returns what cannot stay as it is, in the form's order.
func (s *State) Faults() []Fault { return nil }

// Dropped returns the paths that have an answer and are not relevant.
func (s *State) Dropped() []string { return nil }

// Read reads a workbook. The form is nil where any of the problems is fatal.
func Read([]byte) (*Form, []Problem) {
	return nil, []Problem{{Key: "xlsform.unread", Fatal: true}}
}
