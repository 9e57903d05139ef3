package web

import (
	"slices"

	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/record"
	"amana/internal/xlsform"
)

// answersView is what was answered in one form of a case, to be read.
type answersView struct {
	ID    string
	Title wording
	Edit  string // address, or "" for who may not write
	Parts []answersPart
}

// answersPart is one section of it.
type answersPart struct {
	Title wording
	Cells []cellView
	Items []itemView // of a repeat
	Fold  bool       // long: shut until somebody opens it
}

// formLink leads to a form that nobody filled in yet.
type formLink struct {
	Path  string
	Title wording
}

// longPart is from how many answers a section of a case file is shut at first.
const longPart = 8

// answers divides a part of a case file by the forms that ask it. Forms without an
// answer are only named.
func (s shower) answers(file casework.CaseFile, part *casework.Part) (all []answersView, empty []formLink) {
	cells := make(map[string]casework.Cell, len(part.Cells))
	for _, c := range part.Cells {
		cells[c.Name] = c
	}
	for _, f := range s.forms.For(part.Kind) {
		view := answersView{ID: f.ID, Title: textOf(s.lang, f.Form, f.Title)}
		path := casePath(file.ID) + "/form/" + f.ID
		if file.MayWrite {
			view.Edit = path
		}
		w := answersWriter{shower: s, file: file, part: part, form: f, cells: cells}
		w.below(f.Items, wording{})
		switch view.Parts = w.parts; {
		case len(view.Parts) > 0:
			all = append(all, view)
		case file.MayWrite && f.ID != closing:
			empty = append(empty, formLink{path, view.Title})
		}
	}
	if other := s.unasked(file, part); len(other) > 0 {
		all = append(all, answersView{
			ID: unknownSection, Title: wording{Text: s.lang.T("cases.section." + unknownSection)}, Parts: []answersPart{{Cells: other}},
		})
	}
	return all, empty
}

// unasked are the fields that neither a form nor this program knows.
func (s shower) unasked(file casework.CaseFile, part *casework.Part) []cellView {
	var all []cellView
	for _, c := range part.Cells {
		if c.Field.Section == unknownSection && !c.When.IsZero() {
			all = append(all, s.cell(file, part, c))
		}
	}
	return all
}

// answersWriter goes through a form and takes what was answered.
type answersWriter struct {
	shower
	file  casework.CaseFile
	part  *casework.Part
	form  *forms.Form
	cells map[string]casework.Cell
	parts []answersPart
}

// below takes the answers of some items; each group with a head is a section.
func (w *answersWriter) below(items []*xlsform.Item, title wording) {
	at := -1
	add := func(c cellView) {
		if at < 0 {
			at = len(w.parts)
			w.parts = append(w.parts, answersPart{Title: title})
		}
		w.parts[at].Cells = append(w.parts[at].Cells, c)
		w.parts[at].Fold = len(w.parts[at].Cells) > longPart
	}
	for _, item := range items {
		switch item.Type { //nolint:exhaustive // all others are questions
		case xlsform.TypeGroup:
			head := title
			if label := textOf(w.lang, w.form.Form, item.Label); label.Text != "" {
				head = label
			}
			w.below(item.Items, head)
			if head == title { // without a head of its own it does not part what stands around it
				at = len(w.parts) - 1
			}
		case xlsform.TypeRepeat:
			w.list(item)
		default:
			for _, name := range []string{item.Name, item.Name + "_other"} {
				if c, there := w.cells[name]; there && !c.When.IsZero() && w.asks(name, item) {
					add(w.cell(w.file, w.part, c))
				}
			}
		}
	}
	w.parts = slices.DeleteFunc(w.parts, func(p answersPart) bool { return len(p.Cells)+len(p.Items) == 0 })
}

// asks reports whether the form asks a field by this item, and no other form that
// stands above does. What follows from a consent stands with the consents.
func (w *answersWriter) asks(name string, item *xlsform.Item) bool {
	f, known := w.forms.Field(w.part.Kind, name)
	return known && f.Form == w.form && f.Item.Row == item.Row && (!f.Calculated || f.Item.Calculation != nil)
}

// list takes the items of a repeat. Follow-ups stand on the page by themselves.
func (w *answersWriter) list(item *xlsform.Item) {
	if found := w.part.Lists[item.Name]; len(found) > 0 && item.Name != record.FollowUps {
		w.parts = append(w.parts, answersPart{
			Title: textOf(w.lang, w.form.Form, item.Label), Items: w.items(w.file, found, ""), Fold: len(found) > 2,
		})
	}
}

// conflicts are the fields on which two people differ.
func conflicts(all []answersView) []cellView {
	var found []cellView
	take := func(cells []cellView) {
		for _, c := range cells {
			if len(c.Rivals) > 0 {
				found = append(found, c)
			}
		}
	}
	for _, view := range all {
		for _, p := range view.Parts {
			take(p.Cells)
			for _, it := range p.Items {
				take(it.Cells)
			}
		}
	}
	return found
}

// valueIn is the value of a field of a part of a case file.
func valueIn(part *casework.Part, name string) string {
	for _, c := range part.Cells {
		if c.Name == name {
			return c.Value.Reveal()
		}
	}
	return ""
}
