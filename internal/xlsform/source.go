package xlsform

import (
	"strconv"

	"amana/internal/xlsform/expression"
)

// source hands a state's values to expressions, where the evaluation stands.
type source State

func (s *source) state() *State { return (*State)(s) }

// Value implements [expression.Source].
func (s *source) Value(id int) expression.Value {
	q := s.form.program.questions[id]
	if q.list >= 0 && (s.question == nil || q.list != s.question.list) {
		return expression.Value{}
	}
	return s.state().at(q).value
}

// All implements [expression.Source]. Of a repeat, every item has a value. What is
// not relevant is not there.
func (s *source) All(id int) []expression.Value {
	q := s.form.program.questions[id]
	if q.item.Type == TypeRepeat {
		if !s.slots[s.first[id]].relevant {
			return nil
		}
		items := make([]expression.Value, len(s.items[q.item.Name]))
		for i := range items {
			items[i] = expression.TextValue(strconv.Itoa(i + 1))
		}
		return items
	}
	first := s.first[id]
	values := make([]expression.Value, 0, s.state().count(q))
	for _, at := range s.slots[first : first+s.state().count(q)] {
		if at.relevant {
			values = append(values, at.value)
		}
	}
	return values
}

// ChoiceName implements [expression.Source].
func (s *source) ChoiceName(id int, name string) string {
	for _, c := range s.form.Lists[s.form.program.questions[id].item.List] {
		if c.Name == name {
			return c.Label.In(s.env.Language, s.form.Default)
		}
	}
	return ""
}

// Column implements [expression.Source].
func (s *source) Column(name string) string {
	if s.choice == nil {
		return ""
	}
	switch name {
	case "name":
		return s.choice.Name
	case "label":
		return s.choice.Label.In(s.env.Language, s.form.Default)
	}
	return s.choice.Columns[name]
}
