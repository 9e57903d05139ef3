package xlsform

import (
	"slices"
	"strconv"

	"amana/internal/event"
)

// Fault is an answer that cannot stay as it is. Text is what the form says of it,
// or empty; Key is the key of the message to show then.
type Fault struct {
	Path string
	Key  string
	Text Texts
}

// What is wrong with an answer, as keys of messages.
const (
	FaultRequired   = "xlsform.fault.required"
	FaultConstraint = "xlsform.fault.constraint"
	FaultChoice     = "xlsform.fault.choice"
	FaultType       = "xlsform.fault.type"
	FaultRange      = "xlsform.fault.range"
)

// Faults returns what cannot stay as it is, in the form's order. Nobody is forced
// to answer a sensitive question, and no constraint is put on what was said in
// place of a value.
func (s *State) Faults() []Fault {
	var faults []Fault
	s.each(func(q *question, path string, at *slot) {
		if key := s.fault(q, at); key != "" {
			f := Fault{Path: path, Key: key}
			switch key {
			case FaultRequired:
				f.Text = q.item.RequiredMessage
			case FaultConstraint:
				f.Text = q.item.ConstraintMessage
			}
			faults = append(faults, f)
		}
	})
	return faults
}

func (s *State) fault(q *question, at *slot) string {
	item, v := q.item, at.recorded
	if !at.relevant || !item.Type.Asks() {
		return ""
	}
	if v.IsZero() {
		if !item.Sensitive() && s.required(q, at) {
			return FaultRequired
		}
		return ""
	}
	if _, said := v.Answer(); said {
		return ""
	}
	if key := item.check(v); key != "" {
		return key
	}
	if (item.Type == TypeSelectOne || item.Type == TypeSelectMultiple) && !s.offered(q, v) {
		return FaultChoice
	}
	if item.Constraint != nil && !item.Constraint.Eval(&s.context).Bool() {
		return FaultConstraint
	}
	return ""
}

// offered reports whether every choice that was made is offered now.
func (s *State) offered(q *question, v event.Value) bool {
	choices := s.choices(q)
	made := v.RevealList()
	if yes, ok := v.Bool(); ok {
		made = []string{s.form.readBool(q.item, yes).Text()}
	}
	for _, name := range made {
		if !slices.ContainsFunc(choices, func(c Choice) bool { return c.Name == name }) {
			return false
		}
	}
	return true
}

// check says whether the value is of the type that is asked for.
func (i *Item) check(v event.Value) string {
	switch i.Type {
	case TypeInteger:
		if _, ok := v.Int(); !ok {
			return FaultType
		}
	case TypeDecimal:
		if _, ok := v.Decimal(); !ok {
			return FaultType
		}
	case TypeRange:
		return i.checkRange(v)
	case TypeSelectMultiple:
		if v.Type() != event.TypeList && v.Type() != event.TypeText {
			return FaultType
		}
	case TypeSelectOne:
		if v.Type() != event.TypeText && v.Type() != event.TypeBool {
			return FaultType
		}
	case TypeText, TypeDate, TypeTime, TypeDateTime:
		if v.Type() != event.TypeText {
			return FaultType
		}
	case TypeAcknowledge:
		if v.Type() != event.TypeBool && v.Type() != event.TypeText {
			return FaultType
		}
	case TypeNote, TypeCalculate, TypeHidden, TypeGroup, TypeRepeat:
	}
	return ""
}

func (i *Item) checkRange(v event.Value) string {
	n, ok := v.Decimal()
	if !ok {
		return FaultType
	}
	start, _ := strconv.ParseFloat(i.Parameters["start"], 64) // checked when it was read
	end, _ := strconv.ParseFloat(i.Parameters["end"], 64)
	if n < min(start, end) || n > max(start, end) {
		return FaultRange
	}
	return ""
}
