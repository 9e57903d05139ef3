package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amana"
	"amana/internal/form"
	"amana/internal/xlsform"
)

// AdoptedForm is a form that is in use, with the document that the organisation
// made of it, if it did. Form is nil where this program cannot use the document:
// then what the project brings is in use, if it has a form of that name.
type AdoptedForm struct {
	ID   string
	Form *form.Form
	Own  *Document
}

// AdoptedForms returns the forms in use, in order, and the documents that are not.
func (d *Desk) AdoptedForms() []AdoptedForm {
	var list []AdoptedForm
	used := map[string]bool{}
	for _, f := range d.Forms().Forms() {
		a := AdoptedForm{ID: f.ID, Form: f}
		if doc, there := d.Adopted(formDocuments + f.ID); there && doc.Version == f.Version {
			a.Own, used[doc.Name] = &doc, true
		}
		list = append(list, a)
	}
	for _, doc := range d.AdoptedUnder(formDocuments) {
		if !used[doc.Name] {
			list = append(list, AdoptedForm{ID: strings.TrimPrefix(doc.Name, formDocuments), Own: &doc})
		}
	}
	return list
}

// FormTrial is what would be if a workbook were adopted.
type FormTrial struct {
	Form       *form.Form // nil where the workbook is refused
	Before     *form.Form // in whose place it comes, nil for none
	Problems   []xlsform.Problem
	Difference *form.Difference
}

// TryForm reads a workbook and says what would change. Nothing is kept.
func (d *Desk) TryForm(workbook []byte) FormTrial {
	x, problems := xlsform.Read(workbook)
	if x == nil {
		return FormTrial{Problems: problems}
	}
	base := form.Builtin()
	for _, doc := range d.charter().AdoptedUnder(formDocuments) {
		if doc.Name != formDocuments+x.ID {
			base, _ = base.With(doc.Content)
		}
	}
	set, problems := base.With(workbook)
	t := FormTrial{Problems: problems}
	t.Before, _ = d.Forms().Form(x.ID)
	if refused(problems) {
		return t
	}
	t.Form, _ = set.Form(x.ID)
	t.Difference = form.Compare(t.Before, t.Form)
	for _, f := range t.Difference.Retyped {
		t.refuse("survey", f.Item.Row, "type", "form.problem.type", "field", f.Name)
	}
	if t.Before != nil && t.Before.Version == t.Form.Version && !t.Difference.IsNone() {
		t.refuse("settings", 2, "version", "form.problem.version", "version", t.Form.Version)
	}
	if refused(t.Problems) {
		t.Form = nil
	}
	return t
}

func refused(problems []xlsform.Problem) bool {
	return slices.ContainsFunc(problems, func(p xlsform.Problem) bool { return p.Fatal })
}

func (t *FormTrial) refuse(sheet string, row int, column, key string, args ...any) {
	t.Problems = append(t.Problems, xlsform.Problem{Sheet: sheet, Row: row, Column: column, Key: key, Args: args, Fatal: true})
}

// AdoptForm makes a workbook the organisation's form from now on. What was answered
// before stays as it is. It is for administrators. Kinds: ErrRefused, ErrInvalid
// for what [Desk.TryForm] refuses, ErrStorage.
func (d *Desk) AdoptForm(ctx context.Context, workbook []byte) error {
	t := d.TryForm(workbook)
	if t.Form == nil {
		return fmt.Errorf("casework: form with %d problems: %w", len(t.Problems), amana.ErrInvalid)
	}
	return d.Adopt(ctx, formDocuments+t.Form.ID, t.Form.Version, workbook)
}

// RestoreForm goes back to the project's form, or gives up a form of the
// organisation's own. What was answered stays. It is for administrators. Kinds:
// ErrRefused, ErrNotFound, ErrStorage.
func (d *Desk) RestoreForm(ctx context.Context, id string) error {
	doc, there := d.Adopted(formDocuments + id)
	if !there {
		return fmt.Errorf("casework: no adopted form: %w", amana.ErrNotFound)
	}
	return d.Adopt(ctx, doc.Name, doc.Version, nil)
}

// FormWorkbook returns the workbook of a form in use: the organisation's, or where
// builtIn the project's.
func (d *Desk) FormWorkbook(id string, builtIn bool) ([]byte, bool) {
	if doc, there := d.Adopted(formDocuments + id); there && !builtIn {
		return doc.Content, true
	}
	return form.Workbook(id)
}
