package web

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	forms "amana/internal/form"
	"amana/internal/i18n"
	"amana/internal/record"
	"amana/internal/xlsform"
)

// cellView is a field as it stands, to be read.
type cellView struct {
	Label, Text string
	Soft        bool       // an answer in place of a value
	Long        bool       // several lines
	Rivals      []keepView // to choose from, the one that stands first; or nil
	History     string     // address, or "" where it never changed
}

// keepView is one of the values that two people wrote at the same time, with
// what a form has to say to keep it.
type keepView struct {
	Label, Text string
	By          string
	When        time.Time
	Stands      bool
	Settle      string // address
	Record      amana.RecordID
	Version     uint64
	Field       string
	Index       int
	Stamp       string
	CanKeep     bool
}

// shower writes values in the reader's language.
type shower struct {
	lang  i18n.Language
	names map[amana.MemberID]string
	forms *forms.Set
}

func (v *visit) shower(names map[amana.MemberID]string) shower {
	return shower{v.lang, names, v.desk.Forms()}
}

// name says who a member is.
func (s shower) name(id amana.MemberID) string {
	if n := s.names[id]; n != "" {
		return n
	}
	return s.lang.T("cases.someone")
}

// value writes a value; soft is set for what stands in place of one.
func (s shower) value(f record.Field, v event.Value) (text string, soft bool) {
	if said, ok := v.Answer(); ok {
		if id := forms.AnswerID(said); id != "" {
			return s.lang.T("answer." + id), true
		}
		return s.lang.T("answer.newer"), true
	}
	if yes, ok := v.Bool(); ok {
		if yes {
			return s.lang.T("answer.yes"), false
		}
		return s.lang.T("answer.no"), false
	}
	if n, ok := v.Int(); ok {
		return strconv.FormatInt(n, 10), false
	}
	if d, ok := v.Decimal(); ok && f.Type == record.Decimal {
		return strconv.FormatFloat(d, 'f', -1, 64), false
	}
	if v.IsZero() {
		return s.lang.T("answer.none"), true
	}
	if v.RevealList() == nil {
		return s.lang.T("answer.newer"), true
	}
	return s.words(f, v), false
}

func (s shower) words(f record.Field, v event.Value) string {
	return s.joined(f, v, func(id string) string { return s.option(f.Options, id) })
}

// answer writes a value of a question of a form, whose choices it names itself.
func (s shower) answer(f *forms.Field, v event.Value) (text string, soft bool) {
	text, soft = s.value(f.Field, v)
	if soft || f.Options == "" {
		return text, soft
	}
	return s.joined(f.Field, v, func(id string) string {
		for _, c := range f.Form.Lists[f.Options] {
			if c.Name == id {
				return textOf(s.lang, f.Form.Form, c.Label).Text
			}
		}
		return s.option(f.Options, id)
	}), false
}

func (s shower) joined(f record.Field, v event.Value, option func(string) string) string {
	texts := v.RevealList()
	for i, text := range texts {
		switch {
		case f.Options != "":
			texts[i] = option(text)
		case f.Type == record.Date || f.Type == record.Moment:
			texts[i] = s.lang.ISODate(text)
		}
	}
	return strings.Join(texts, s.lang.T("cases.comma"))
}

// option names a choice: as a form does, or as the program does for its own lists.
// One that is not known to either stands as it is.
func (s shower) option(list, id string) string {
	if s.forms != nil {
		if label, known := s.forms.Option(list, id); known {
			return textOf(s.lang, &xlsform.Form{}, label).Text
		}
	}
	if key := "option." + list + "." + id; s.lang.Has(key) {
		return s.lang.T(key)
	}
	return id
}

// shown writes a value of a field of a case file.
func (s shower) shown(kind amana.Kind, c casework.Cell, v event.Value) (text string, soft bool) {
	if f, asked := s.forms.Field(kind, c.Name); asked {
		return s.answer(f, v)
	}
	return s.value(c.Field, v)
}

// cell shows a field of a part of a case file.
func (s shower) cell(file casework.CaseFile, part *casework.Part, c casework.Cell) cellView {
	view := cellView{Label: s.label(part.Kind, c), Long: c.Field.Type == record.Words}
	view.Text, view.Soft = s.shown(part.Kind, c, c.Value)
	if c.Changes > 0 {
		view.History = casePath(file.ID) + "/history/" + part.ID.String() + "/" + c.Name
	}
	if len(c.Rivals) == 0 {
		return view
	}
	keep := keepView{
		Label: view.Label, Settle: casePath(file.ID) + "/settle", Record: part.ID, Version: part.Version,
		Field: c.Name, CanKeep: file.MayWrite,
	}
	all := append([]casework.Rival{{Value: c.Value, When: c.When, By: c.By}}, c.Rivals...)
	for i, r := range all {
		keep.Text, _ = s.shown(part.Kind, c, r.Value)
		keep.By, keep.When, keep.Index, keep.Stamp, keep.Stands = s.name(r.By), r.When, i, stampOf(r.When), i == 0
		view.Rivals = append(view.Rivals, keep)
	}
	return view
}

// label names a field: as the form that asks it does, or as the program does. One
// from a newer program has only its own name.
func (s shower) label(kind amana.Kind, c casework.Cell) string {
	return s.fieldName(kind, cmp.Or(c.Field.Name, c.Name))
}

func (s shower) fieldName(kind amana.Kind, name string) string {
	if f, asked := s.forms.Field(kind, name); asked {
		if label := textOf(s.lang, f.Form.Form, f.Item.Label).Text; label != "" {
			return label
		}
	}
	if key := "field." + ofList(name); s.lang.Has(key) {
		return s.lang.T(key)
	}
	return name
}

// stampOf tells one writing of a field from another.
func stampOf(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 36) }
