package xlsform

import (
	"strings"

	"amana/internal/event"
	"amana/internal/xlsform/expression"
)

// Start returns what the questions of a new record begin with. With the name of a
// repeat, it is what a new item begins with, by the plain names of its questions.
func (f *Form) Start(list string, env Env) Answers {
	a := Answers{}
	if f.program == nil {
		return a
	}
	s := f.Evaluate(nil, env)
	for _, q := range f.program.questions {
		in := ""
		if q.list >= 0 {
			in = f.program.questions[q.list].item.Name
		}
		if q.item.Default == nil || in != list {
			continue
		}
		s.question, s.item, s.context.Position = nil, 0, 1
		if v := f.start(q.item, q.item.Default.Eval(&s.context)); !v.IsZero() {
			a[q.item.Name] = v
		}
	}
	return a
}

// start makes a value of what a form says a question begins with.
func (f *Form) start(item *Item, v expression.Value) event.Value {
	switch item.Type {
	case TypeSelectOne:
		return f.startChoice(item, v.Text())
	case TypeSelectMultiple:
		var known []string
		for name := range strings.FieldsSeq(v.Text()) {
			if !f.startChoice(item, name).IsZero() {
				known = append(known, name)
			}
		}
		return event.List(known...)
	case TypeAcknowledge, TypeNote, TypeGroup, TypeRepeat:
		return event.Value{}
	case TypeText, TypeInteger, TypeDecimal, TypeRange, TypeDate, TypeTime, TypeDateTime, TypeCalculate, TypeHidden:
	}
	return item.write(v)
}

func (f *Form) startChoice(item *Item, name string) event.Value {
	for _, c := range f.Lists[item.List] {
		if c.Name == name {
			return event.Text(name)
		}
	}
	return event.Value{}
}
