package web

import (
	"strings"

	forms "amana/internal/form"
	"amana/internal/i18n"
	"amana/internal/record"
	"amana/internal/xlsform"
)

// wording is a text of a form. Lang is set where there is none in the reader's
// language: it is shown in the one that there is, and marked.
type wording struct{ Text, Lang string }

// nodeView is a part of a form on a page: exactly one of them is set.
type nodeView struct {
	Question *questionView
	Group    *groupView
	Repeat   *repeatView
	Note     *noteView
}

// questionView is a question as a page asks it.
type questionView struct {
	Path    string // by which a script knows it
	Name    string // of its control
	Control string // line, words, number, decimal, date, time, moment, phone, radios, select, boxes, tick or shown
	Label   wording
	Hint    wording
	More    string  // how a date is written
	Why     wording // why it is asked
	Error   string
	Value   string
	Options []optionView
	Apart   []optionView // what may be said in place of a value
	Blank   bool         // of radios: nothing is recorded
	Off     bool         // not asked, as things stand
	Sum     string       // of what depends on other answers
	Kept    *string      // shown, and not to be read back: see forms.Control
	Must    bool
}

// optionView is one choice.
type optionView struct {
	Value string
	Text  wording
	On    bool
}

// noteView is something to read.
type noteView struct {
	Path       string
	Text, Hint wording
	Off        bool
}

// groupView is a part of a form with a head of its own.
type groupView struct {
	Path  string
	Label wording
	Hint  wording
	Top   bool // a section of the page
	Fold  bool // shut until somebody opens it
	Open  bool
	Off   bool
	Nodes []nodeView
}

// repeatView is a list of items of the same questions.
type repeatView struct {
	Name  string
	Label wording
	Hint  wording
	Off   bool
	Items []itemAsked
	Again string // where its buttons send the form
	Fixed bool   // how many there are follows from an answer
}

// itemAsked is one item of a repeat.
type itemAsked struct {
	Path, ID string
	Number   int
	Label    wording
	Again    string
	Fixed    bool
	Fold     bool // shut until somebody opens it
	Open     bool
	Nodes    []nodeView
}

// textOf picks a text of a form for a reader.
func textOf(lang i18n.Language, f *xlsform.Form, t xlsform.Texts) wording {
	tag := lang.Tag()
	if strings.HasPrefix(tag, "xx-") { // the languages that test a page's layout have no words
		tag = i18n.Source
	}
	if text := t[tag]; text != "" {
		return wording{Text: text}
	}
	for _, other := range append(lang.Chain(), f.Default, i18n.Source, "fr", "ar") {
		if text := t[other]; text != "" && other != "" {
			return wording{text, other}
		}
	}
	return wording{Text: t.In(tag)}
}

// mostRadios is how many choices are shown at once; more of them stand in a list
// that opens.
const mostRadios = 8

// controlOf says by which control a field is asked.
func controlOf(f *forms.Field) string {
	switch f.Type {
	case record.Choices:
		return "boxes"
	case record.YesNo:
		if f.Item.Type == xlsform.TypeAcknowledge {
			return "tick"
		}
		return "radios"
	case record.Choice:
		if len(f.IDs()) > mostRadios || strings.Contains(f.Item.Appearance, "minimal") {
			return "select"
		}
		return "radios"
	case record.Line, record.Words, record.Number, record.Date, record.Phone, record.Decimal, record.Time, record.Moment:
	}
	return string(f.Type)
}

// answered reports whether anything is said in the question.
func (q *questionView) answered() bool {
	for _, list := range [][]optionView{q.Options, q.Apart} {
		for _, o := range list {
			if o.On && o.Value != "" {
				return true
			}
		}
	}
	return q.Value != ""
}

// choiceView is one choice of a list of the program's own.
type choiceView struct {
	Value, Text string
	On          bool
}
