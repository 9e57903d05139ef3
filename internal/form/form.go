// Package form holds the forms of the work: those of the project, which lie in
// workbooks/ as XLSForm, with what an organisation adopted laid over them. It says
// which kind of record a form writes to, what its fields are, reads what somebody
// typed into one, and says what is wrong with it before anything is saved.
//
// It renders nothing, saves nothing, and opens no record.
package form

import (
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/record"
	"amana/internal/xlsform"
)

// Form is a form that writes to records of one kind.
type Form struct {
	*xlsform.Form
	Kind    amana.Kind
	BuiltIn bool // one of the project's, perhaps with the organisation's words
	// Place is where it stands among the forms of its kind, and Intake where it
	// stands on the page of a new case; 0 is not there.
	Place, Intake int

	fields []*Field // in the order in which they are asked
	byName map[string]*Field
}

// Field is a question as the record has it: Name is "age", or "list/field" in a
// repeat.
type Field struct {
	record.Field
	Item *xlsform.Item
	Form *Form
	// Calculated fields are worked out when a form is saved, and not asked.
	Calculated bool
	// Retired fields were left out by the organisation: no longer asked, still known.
	Retired bool
}

// IDs returns the ids that the field may choose from, whatever filters say.
func (f *Field) IDs() []string {
	list := f.Form.Lists[f.Item.List]
	ids := make([]string, 0, len(list)+1)
	for _, c := range list {
		ids = append(ids, c.Name)
	}
	if f.Item.OrOther && !slices.Contains(ids, other) {
		ids = append(ids, other)
	}
	return ids
}

// other is the choice that or_other adds to a list.
const other = "other"

// Fields returns the fields of the form in the order in which they are asked.
func (f *Form) Fields() []*Field { return f.fields }

// Field returns a field by its name: "age", and "list/field" or "list/<item>/field"
// in a repeat.
func (f *Form) Field(name string) (*Field, bool) {
	found, ok := f.byName[schemaName(name)]
	return found, ok
}

// VersionField is the field in which a record remembers the version of the form by
// which it was asked last.
func (f *Form) VersionField() string { return VersionPrefix + f.ID + "/version" }

// follows is the field that follows from the consent to care, and is not asked
// beside it.
const follows = "consent_for_services"

// VersionPrefix begins the names of the fields that remember versions.
const VersionPrefix = "form/"

// Repeats returns the names of the form's repeats, in order.
func (f *Form) Repeats() []string {
	var lists []string
	f.Walk(func(item *xlsform.Item, _ string) {
		if item.Type == xlsform.TypeRepeat {
			lists = append(lists, item.Name)
		}
	})
	return lists
}

// schemaName takes the item out of "list/<item>/field".
func schemaName(name string) string {
	list, rest, inList := strings.Cut(name, "/")
	if !inList {
		return name
	}
	if _, field, ok := strings.Cut(rest, "/"); ok {
		return list + "/" + field
	}
	return name
}

// newForm works out the fields of a form.
func newForm(x *xlsform.Form, builtIn bool) *Form {
	f := &Form{Form: x, Kind: amana.Kind(x.Settings["amana_record"]), BuiltIn: builtIn, byName: map[string]*Field{}}
	if f.Kind == "" {
		f.Kind = amana.KindCase
	}
	f.Place, _ = strconv.Atoi(x.Settings["amana_order"])
	f.Intake, _ = strconv.Atoi(x.Settings["amana_intake"])
	for _, item := range x.Items {
		f.gather(item, "", item.Name)
	}
	return f
}

// gather adds the fields of an item and of all that it holds.
func (f *Form) gather(item *xlsform.Item, list, section string) {
	name := item.Name
	if list != "" {
		name = list + "/" + name
	}
	switch item.Type {
	case xlsform.TypeGroup:
		for _, inner := range item.Items {
			f.gather(inner, list, section)
		}
		return
	case xlsform.TypeRepeat:
		for _, inner := range item.Items {
			f.gather(inner, item.Name, item.Name)
		}
		return
	case xlsform.TypeNote:
		return
	case xlsform.TypeCalculate, xlsform.TypeHidden:
		f.add(&Field{Field: record.Field{Name: name, Section: section}, Item: item, Calculated: true})
	case xlsform.TypeText, xlsform.TypeInteger, xlsform.TypeDecimal, xlsform.TypeRange, xlsform.TypeSelectOne,
		xlsform.TypeSelectMultiple, xlsform.TypeDate, xlsform.TypeTime, xlsform.TypeDateTime, xlsform.TypeAcknowledge:
		f.add(&Field{Field: record.Field{Name: name, Section: section}, Item: item, Calculated: item.Calculation != nil})
	}
	if item.OrOther {
		words := &xlsform.Item{Type: xlsform.TypeText, Name: item.Name + "_" + other, Bind: item.Bind, Row: item.Row}
		f.add(&Field{Field: record.Field{Name: name + "_" + other, Section: section}, Item: words})
	}
}

func (f *Form) add(field *Field) {
	item := field.Item
	field.Form, field.Type = f, f.typeOf(item)
	if field.Name == follows && f.Kind == amana.KindCase {
		field.Calculated = true
	}
	if field.Type == record.Choice || field.Type == record.Choices {
		field.Options = item.List
	}
	if item.Bind["amana:sensitive"] == "" && len(item.Guidance) > 0 {
		if item.Bind == nil {
			item.Bind = map[string]string{}
		}
		item.Bind["amana:sensitive"] = "yes" // what has to say why it is asked may be left unanswered
	}
	field.Sensitive = item.Sensitive()
	field.Matters, field.Past = item.Bind["amana:matters"] == "yes", item.Bind["amana:past"] == "yes"
	field.Largest, _ = strconv.ParseInt(item.Bind["amana:largest"], 10, 64)
	if f.byName[field.Name] == nil {
		f.fields, f.byName[field.Name] = append(f.fields, field), field
	}
}

// typeOf is the type of the record's field for a question.
func (f *Form) typeOf(item *xlsform.Item) record.FieldType {
	switch item.Type {
	case xlsform.TypeInteger:
		return record.Number
	case xlsform.TypeRange:
		if whole(item.Parameters["start"]) && whole(item.Parameters["step"]) {
			return record.Number
		}
		return record.Decimal
	case xlsform.TypeDecimal:
		return record.Decimal
	case xlsform.TypeSelectOne:
		if f.isYesNo(item) {
			return record.YesNo
		}
		return record.Choice
	case xlsform.TypeSelectMultiple:
		return record.Choices
	case xlsform.TypeDate:
		return record.Date
	case xlsform.TypeTime:
		return record.Time
	case xlsform.TypeDateTime:
		return record.Moment
	case xlsform.TypeAcknowledge:
		return record.YesNo
	case xlsform.TypeText, xlsform.TypeNote, xlsform.TypeCalculate, xlsform.TypeHidden, xlsform.TypeGroup, xlsform.TypeRepeat:
	}
	switch {
	case strings.Contains(item.Appearance, "numbers"):
		return record.Phone
	case item.Bind["type"] == "int":
		return record.Number
	case item.Bind["type"] == "decimal":
		return record.Decimal
	case item.Bind["type"] == "date":
		return record.Date
	case strings.Contains(item.Appearance, "multiline"):
		return record.Words
	}
	return record.Line
}

func whole(s string) bool {
	n, err := strconv.Atoi(s)
	return s == "" || err == nil && n >= 0
}

// isYesNo reports whether the choices are true and false and no other.
func (f *Form) isYesNo(item *xlsform.Item) bool {
	list := f.Lists[item.List]
	return len(list) == 2 && !item.OrOther && slices.ContainsFunc(list, named("true")) && slices.ContainsFunc(list, named("false"))
}

func named(id string) func(xlsform.Choice) bool {
	return func(c xlsform.Choice) bool { return c.Name == id }
}
