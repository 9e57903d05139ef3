package web

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/xlsform"
)

// formRoutes are the routes of the organisation's own forms.
func (s *Server) formRoutes() map[string]handler {
	return map[string]handler{
		"GET /settings/forms":                s.showForms,
		"POST /settings/forms":               s.takeForm,
		"GET /settings/forms/trial":          s.showTrial,
		"POST /settings/forms/trial":         s.adoptForm,
		"POST /settings/forms/trial/drop":    s.dropTrial,
		"GET /settings/form/{form}":          s.showAdopted,
		"GET /settings/form/{form}/workbook": s.sendWorkbook,
		"GET /settings/form/{form}/original": s.sendWorkbook,
		"POST /settings/form/{form}/restore": s.restoreForm,
	}
}

// formRow is one form of the list. Mark stands for its id in addresses, which say
// nothing of what is asked.
type formRow struct {
	casework.AdoptedForm
	Mark, Title, By string
	BuiltIn         bool // the project has a form of this id
}

type formsView struct {
	Frame
	Form form
	Rows []formRow
	Most int // MiB of a workbook
	Wait bool
}

var formsPage = page[formsView]{"forms"}

func (s *Server) showForms(w http.ResponseWriter, v *visit) error {
	f := v.form()
	view := formsView{Frame: s.frame(v, "settings", f), Form: f, Most: xlsform.LargestWorkbook >> 20, Wait: len(v.workbook()) > 0}
	for _, a := range v.desk.AdoptedForms() {
		view.Rows = append(view.Rows, v.formRow(a))
	}
	return formsPage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) formRow(a casework.AdoptedForm) formRow {
	r := formRow{AdoptedForm: a, Mark: formMark(a.ID), Title: a.ID}
	if a.Form != nil {
		if title := a.Form.Title.In(v.lang.Tag(), a.Form.Default); title != "" {
			r.Title = title
		}
		r.BuiltIn = a.Form.BuiltIn
	}
	if a.Own != nil {
		for _, m := range v.desk.Members() {
			if m.ID == a.Own.By {
				r.By = m.Name
			}
		}
	}
	return r
}

// formMark stands for the id of a form where a browser keeps what it sees.
func formMark(id string) string {
	h := fnv.New32a()
	fmt.Fprint(h, id)
	return fmt.Sprintf("%08x", h.Sum32())
}

// Where the workbook waits between its preview and its adoption: in the memory of
// the session, and nowhere else.
const waitingWorkbook = "workbook"

func (v *visit) workbook() []byte { return shelved[[]byte](v.session, waitingWorkbook) }

// takeForm takes a workbook in, to look at it.
func (s *Server) takeForm(w http.ResponseWriter, v *visit) error {
	if !v.me().Has(amana.RoleAdministrator) {
		return amana.ErrRefused
	}
	raw, err := v.file("workbook")
	f := newForm()
	switch {
	case errors.Is(err, errTooLarge):
		f.wrong("workbook", "forms.upload.large")
		return v.again(w, "/settings/forms", f)
	case err != nil:
		f.wrong("workbook", "forms.upload.needed")
		return v.again(w, "/settings/forms", f)
	}
	v.session.put(waitingWorkbook, raw)
	return v.see(w, "/settings/forms/trial")
}

// trialView is what a workbook would change, and what is wrong with it.
type trialView struct {
	Frame
	Title   string
	Trial   casework.FormTrial
	Refused []problemLine
	Warned  []problemLine
}

// problemLine is a problem in the reader's language.
type problemLine struct{ Where, Text string }

var trialPage = page[trialView]{"forms_trial"}

func (s *Server) showTrial(w http.ResponseWriter, v *visit) error {
	raw := v.workbook()
	if len(raw) == 0 || !v.me().Has(amana.RoleAdministrator) {
		return v.see(w, "/settings/forms")
	}
	t := v.desk.TryForm(raw)
	view := trialView{Frame: s.frame(v, "settings"), Trial: t}
	if t.Form != nil {
		view.Title = t.Form.Title.In(v.lang.Tag(), t.Form.Default)
		if view.Title == "" {
			view.Title = t.Form.ID
		}
	}
	for _, p := range t.Problems {
		line := problemLine{Where: v.where(p), Text: v.lang.T(p.Key, p.Args...)}
		if p.Fatal {
			view.Refused = append(view.Refused, line)
		} else {
			view.Warned = append(view.Warned, line)
		}
	}
	return trialPage.render(s, w, v, http.StatusOK, view)
}

// where says sheet, row and column as far as a problem has them.
func (v *visit) where(p xlsform.Problem) string {
	var parts []string
	if p.Sheet != "" {
		parts = append(parts, v.lang.T("forms.where.sheet", "name", p.Sheet))
	}
	if p.Row > 0 {
		parts = append(parts, v.lang.T("forms.where.row", "row", strconv.Itoa(p.Row)))
	}
	if p.Column != "" {
		parts = append(parts, v.lang.T("forms.where.column", "name", p.Column))
	}
	return strings.Join(parts, v.lang.T("frame.comma"))
}

// Asked is the words of a question in the reader's language, else its name.
func (t trialView) Asked(f *forms.Field) string { return t.in(f.Item.Label, f.Name) }

// Words is a text in the reader's language, else the name.
func (t trialView) Words(texts xlsform.Texts, name string) string { return t.in(texts, name) }

func (t trialView) in(texts xlsform.Texts, name string) string {
	if text := texts.In(t.Lang, t.Trial.Form.Default); text != "" {
		return text
	}
	return name
}

func (s *Server) adoptForm(w http.ResponseWriter, v *visit) error {
	raw := v.workbook()
	if len(raw) == 0 {
		return v.see(w, "/settings/forms")
	}
	switch err := v.desk.AdoptForm(v.Context(), raw); {
	case errors.Is(err, amana.ErrInvalid):
		return v.see(w, "/settings/forms/trial") // which says why
	case err != nil:
		return err
	}
	v.session.put(waitingWorkbook, nil)
	return v.done(w, "/settings/forms", "forms.adopted")
}

func (s *Server) dropTrial(w http.ResponseWriter, v *visit) error {
	v.session.put(waitingWorkbook, nil)
	return v.done(w, "/settings/forms", "forms.dropped")
}

// adoptedView is the page of one form.
type adoptedView struct {
	Frame
	Form form
	Row  formRow
}

var adoptedPage = page[adoptedView]{"forms_one"}

// adopted returns the form whose mark stands in the address. Where a document
// cannot be used, its row comes before the project's.
func (v *visit) adopted() (formRow, error) {
	rows := v.desk.AdoptedForms()
	slices.Reverse(rows)
	for _, a := range rows {
		if formMark(a.ID) == v.PathValue("form") {
			row := v.formRow(a)
			_, row.BuiltIn = v.desk.FormWorkbook(a.ID, true)
			return row, nil
		}
	}
	return formRow{}, amana.ErrNotFound
}

func (s *Server) showAdopted(w http.ResponseWriter, v *visit) error {
	row, err := v.adopted()
	if err != nil {
		return err
	}
	f := v.form()
	return adoptedPage.render(s, w, v, http.StatusOK, adoptedView{s.frame(v, "settings", f), f, row})
}

// workbookName says nothing: it stays in the browser's list of downloads.
const workbookName = "espace.xlsx"

// sendWorkbook sends the workbook in use, or the project's.
func (s *Server) sendWorkbook(w http.ResponseWriter, v *visit) error {
	row, err := v.adopted()
	if err != nil {
		return err
	}
	raw, there := v.desk.FormWorkbook(row.ID, strings.HasSuffix(v.URL.Path, "/original"))
	if !there {
		return amana.ErrNotFound
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="`+workbookName+`"`)
	_, _ = w.Write(raw) // an error is the browser's going away
	return nil
}

// restoreForm goes back to what the project brings.
func (s *Server) restoreForm(w http.ResponseWriter, v *visit) error {
	row, err := v.adopted()
	if err != nil {
		return err
	}
	path := "/settings/form/" + row.Mark
	f := v.typed()
	if f.need("sure", "forms.restore.sure.needed"); f.Failed() {
		return v.again(w, path, f)
	}
	if err := v.desk.RestoreForm(v.Context(), row.ID); err != nil {
		return v.refuse(w, path, f, err)
	}
	return v.done(w, "/settings/forms", "forms.restored")
}
