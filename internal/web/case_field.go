package web

import (
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/i18n"
	"amana/internal/record"
)

// answerSuffix names the control beside a sensitive field that says, in place of
// a value, that she declined, does not know, or was not asked.
const answerSuffix = "_answer"

// fieldView is one field of a record as a form asks it. Its words are in the
// reader's language already.
type fieldView struct {
	Name, Label, Hint string
	Error             string // key, or ""
	Control           string // line, words, number, date, phone, choice or boxes
	Value             string
	Options           []choiceView
	Answers           []choiceView // of a sensitive field that is written, not chosen
	Was               string       // the state in which it was shown: see [wasPrefix]
}

// choiceView is one choice of a list.
type choiceView struct {
	Value, Text string
	On          bool
}

// sectionView is a part of a form.
type sectionView struct {
	ID     string
	Fields []fieldView
	Open   bool // something stands in it, or is wrong with it
}

// asker prepares fields for a form: with what was typed, if the form was
// refused, and with what is recorded otherwise.
type asker struct {
	lang   i18n.Language
	form   form
	value  func(field string) event.Value
	prefix string // of the list that the fields belong to
}

// section returns the fields of one section of a kind.
func (a asker) section(kind amana.Kind, id string) sectionView {
	s := sectionView{ID: id}
	for _, f := range sectionFields(kind, id) {
		one := a.field(f)
		s.Open = s.Open || one.Error != "" || one.filled()
		s.Fields = append(s.Fields, one)
	}
	return s
}

// followsConsent is the field that follows from the consent to care, and is neither asked nor shown beside it.
const followsConsent = "consent_for_services"

// sectionFields are the fields of a section that a form asks for.
func sectionFields(kind amana.Kind, section string) []record.Field {
	var all []record.Field
	for _, f := range record.Fields(kind) {
		if f.Section == section && f.Name != followsConsent {
			all = append(all, f)
		}
	}
	return all
}

// filled reports whether there is anything in the field.
func (f fieldView) filled() bool {
	for _, list := range [][]choiceView{f.Options, f.Answers} {
		for _, c := range list {
			if c.On && c.Value != "" {
				return true
			}
		}
	}
	return f.Value != ""
}

func (a asker) field(f record.Field) fieldView {
	name := strings.TrimPrefix(f.Name, a.prefix)
	view := fieldView{
		Name: name, Label: a.lang.T("field." + f.Name), Error: a.form.Error(name), Control: string(f.Type),
	}
	if hint := "field." + f.Name + ".hint"; a.lang.Has(hint) {
		view.Hint = a.lang.T(hint)
	}
	if f.Type == record.Date {
		view.Hint = strings.TrimSpace(view.Hint + " " + a.lang.T("cases.date.hint"))
	}
	var value event.Value
	if a.value != nil {
		value = a.value(f.Name)
	}
	if len(a.form.Values) > 0 {
		view.Value = a.form.Get(name)
	} else {
		view.Value = written(f, value)
	}
	view.Options = a.options(f, name, value)
	if drawn := map[record.FieldType]string{record.Choices: "boxes", record.YesNo: "choice"}[f.Type]; drawn != "" {
		view.Control = drawn
	}
	if f.Sensitive && view.Control != "choice" {
		view.Answers = a.answers(name, value)
	}
	if view.Was = a.form.Get(wasPrefix + name); view.Was == "" {
		view.Was = view.state()
	}
	return view
}

// written is a value as it stands in a line of a form.
func written(f record.Field, v event.Value) string {
	if f.Type == record.Date {
		return dayFirst(v.Reveal())
	}
	if n, ok := v.Int(); ok {
		return strconv.FormatInt(n, 10)
	}
	return v.Reveal()
}

// options are the choices of a field, and of a drop-down list of a sensitive
// field also the answers in their place.
func (a asker) options(f record.Field, name string, value event.Value) []choiceView {
	on := a.chosen(name, value)
	if f.Type == record.Choices {
		return a.listed(f, on)
	}
	var all []choiceView
	if f.Type == record.YesNo {
		all = []choiceView{{"yes", a.lang.T("answer.yes"), on("yes")}, {"no", a.lang.T("answer.no"), on("no")}}
	}
	if f.Type == record.Choice {
		all = a.listed(f, on)
	}
	if all == nil {
		return nil
	}
	all = append([]choiceView{{"", a.lang.T("answer.choose"), false}}, all...)
	if f.Sensitive {
		for _, id := range answerIDs() {
			all = append(all, choiceView{id, a.lang.T("answer." + id), on(id)})
		}
	}
	return all
}

func (a asker) listed(f record.Field, on func(string) bool) []choiceView {
	var all []choiceView
	for _, id := range record.Options(f.Options) {
		all = append(all, choiceView{id, a.lang.T("option." + f.Options + "." + id), on(id)})
	}
	return all
}

// chosen reports for each choice whether it is the one.
func (a asker) chosen(name string, value event.Value) func(id string) bool {
	if len(a.form.Values) > 0 {
		return func(id string) bool { return a.form.Has(name, id) }
	}
	return func(id string) bool {
		if said, ok := value.Answer(); ok {
			return answerID(said) == id
		}
		if yes, ok := value.Bool(); ok {
			return yes == (id == "yes") && (id == "yes" || id == "no")
		}
		return slices.Contains(value.RevealList(), id)
	}
}

// answers are the choices of the control beside a sensitive field.
func (a asker) answers(name string, value event.Value) []choiceView {
	on := func(id string) bool { said, ok := value.Answer(); return ok && answerID(said) == id }
	if len(a.form.Values) > 0 {
		on = func(id string) bool { return a.form.Has(name+answerSuffix, id) }
	}
	all := []choiceView{{"", a.lang.T("answer.instead"), false}}
	for _, id := range answerIDs() {
		all = append(all, choiceView{id, a.lang.T("answer." + id), on(id)})
	}
	return all
}

// answerIDs are the names of the answers in forms and messages.
func answerIDs() []string { return []string{"declined", "does_not_know", "not_asked"} }

func answerID(a event.Answer) string {
	if a < event.Declined || a > event.NotAsked {
		return ""
	}
	return answerIDs()[a-event.Declined]
}

// valuesOf are the values of a list of cells by field name.
func valuesOf(cells []casework.Cell) func(string) event.Value {
	all := map[string]event.Value{}
	for _, c := range cells {
		all[c.Name] = c.Value
	}
	return func(name string) event.Value { return all[name] }
}
