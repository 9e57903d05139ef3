// Package xlsform reads forms from XLSForm workbooks and evaluates them: what is
// asked, what is required, which answers hold. What a workbook holds and this
// package does not support is a [Problem] that names sheet, row and column.
//
// It renders nothing and keeps nothing; it makes no record of an answer.
package xlsform

import (
	"amana/internal/xlsform/expression"
)

// Type is what a question asks for, or what holds other items together.
type Type string

// The types of item. Metadata that XLSForm can record about the device and the
// person who fills in a form is left out when a workbook is read.
const (
	TypeText           Type = "text"
	TypeInteger        Type = "integer"
	TypeDecimal        Type = "decimal"
	TypeRange          Type = "range"
	TypeSelectOne      Type = "select_one"
	TypeSelectMultiple Type = "select_multiple"
	TypeDate           Type = "date"     // event.Text in ISO 8601, as exact as known
	TypeTime           Type = "time"     // "14:30"
	TypeDateTime       Type = "dateTime" // "2026-03-09T14:30"
	TypeAcknowledge    Type = "acknowledge"
	TypeNote           Type = "note"
	TypeCalculate      Type = "calculate"
	TypeHidden         Type = "hidden"
	TypeGroup          Type = "group"
	TypeRepeat         Type = "repeat"
)

// Asks reports whether a person answers items of this type.
func (t Type) Asks() bool {
	switch t {
	case TypeText, TypeInteger, TypeDecimal, TypeRange, TypeSelectOne, TypeSelectMultiple,
		TypeDate, TypeTime, TypeDateTime, TypeAcknowledge:
		return true
	case TypeNote, TypeCalculate, TypeHidden, TypeGroup, TypeRepeat:
	}
	return false
}

// Texts is a text by language tag: "en", "fr", "ar"; "" where the column names no
// language.
type Texts map[string]string

// In returns the text in the first of the languages that is there, else the one
// without a language, else the first by its tag, else "".
func (t Texts) In(tags ...string) string {
	for _, tag := range tags {
		if text := t[tag]; text != "" {
			return text
		}
	}
	if text := t[""]; text != "" {
		return text
	}
	first := ""
	for tag, text := range t {
		if text != "" && (first == "" || tag < first) {
			first = tag
		}
	}
	return t[first]
}

// Form is a form as a workbook describes it.
type Form struct {
	ID, Version string
	Title       Texts
	Languages   []string // the tags that texts have, Default first
	Default     string   // the tag of the language to fall back on
	Settings    map[string]string
	Items       []*Item
	Lists       map[string][]Choice

	program *program
}

// Choice is one option of a list. Columns are the workbook's further columns, by
// which choice filters choose.
type Choice struct {
	Name    string
	Label   Texts
	Media   map[string]Texts // "image", "audio"
	Columns map[string]string
	Row     int
}

// Item is one row of the survey, or a group or repeat with what it holds. An
// expression is nil where the cell is empty.
type Item struct {
	Type    Type
	Name    string
	List    string // of choices
	OrOther bool   // a further choice "other" with words of its own, in the field Name + "_other"
	Label   Texts
	Hint    Texts
	// Guidance says why it is asked: the column guidance_hint.
	Guidance          Texts
	ConstraintMessage Texts
	RequiredMessage   Texts
	Media             map[string]Texts // "image", "audio"
	Relevant          *expression.Expr
	Constraint        *expression.Expr
	Required          *expression.Expr
	Calculation       *expression.Expr
	ChoiceFilter      *expression.Expr
	Default           *expression.Expr
	RepeatCount       *expression.Expr
	ReadOnly          bool
	Appearance        string
	Parameters        map[string]string // "start", "end", "step" of a range
	Bind              map[string]string // "amana:sensitive" of the column bind::amana:sensitive
	Items             []*Item           // of a group or repeat
	Row               int               // in the sheet "survey"
}

// Sensitive reports whether "declined to say", "does not know" and "not asked" are
// answers.
func (i *Item) Sensitive() bool { return i.Bind["amana:sensitive"] == "yes" }

// Walk visits every item in order, groups and repeats before what they hold.
// List is the name of the repeat that an item stands in, or "".
func (f *Form) Walk(visit func(item *Item, list string)) { walk(f.Items, "", visit) }

func walk(items []*Item, list string, visit func(*Item, string)) {
	for _, item := range items {
		visit(item, list)
		if item.Type == TypeRepeat {
			walk(item.Items, item.Name, visit)
			continue
		}
		walk(item.Items, list, visit)
	}
}

// Problem is something in a workbook that cannot be used as it stands. Key is the
// key of a message whose arguments are Args: names and values in turn. Where
// Fatal, there is no form.
type Problem struct {
	Sheet  string
	Row    int    // as the spreadsheet counts, 0 for the sheet as a whole
	Column string // its heading, "" for the row as a whole
	Key    string
	Args   []any
	Fatal  bool
}
