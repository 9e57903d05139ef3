package web_test

import (
	"context"
	"slices"
	"strings"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/xlsform"
)

// AdoptedForms is the project's forms, of which the last one is the organisation's
// own, and one that cannot be used.
func (d *fakeDesk) AdoptedForms() []casework.AdoptedForm {
	var list []casework.AdoptedForm
	for _, f := range forms.Builtin().Forms() {
		list = append(list, casework.AdoptedForm{ID: f.ID, Form: f})
	}
	own := casework.Document{Name: "form/x", Version: "7", By: memberID(2), When: noon}
	list[len(list)-1].Own = &own
	return append(list, casework.AdoptedForm{ID: "unread", Own: &own})
}

func (d *fakeDesk) TryForm(workbook []byte) casework.FormTrial {
	set, problems := forms.Builtin().With(workbook)
	t := casework.FormTrial{Problems: problems}
	if slices.ContainsFunc(problems, func(p xlsform.Problem) bool { return p.Fatal }) {
		return t
	}
	x, _ := xlsform.Read(workbook)
	t.Before, _ = forms.Builtin().Form(x.ID)
	t.Form, _ = set.Form(x.ID)
	t.Difference = forms.Compare(t.Before, t.Form)
	return t
}

func (d *fakeDesk) AdoptForm(_ context.Context, workbook []byte) error {
	if d.TryForm(workbook).Form == nil {
		return amana.ErrInvalid
	}
	return d.do("adopt form")
}

func (d *fakeDesk) RestoreForm(_ context.Context, id string) error { return d.do("restore form", id) }

func (d *fakeDesk) FormWorkbook(id string, builtIn bool) ([]byte, bool) {
	if id == "unread" {
		return []byte("own"), !builtIn
	}
	return forms.Workbook(strings.TrimSpace(id))
}
