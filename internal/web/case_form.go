package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	forms "amana/internal/form"
	"amana/internal/xlsform"
)

// formView is the page of one form of a case.
type formView struct {
	Frame
	Form    form
	Path    string // of the case
	Here    string
	Code    string
	Title   wording
	Heading string // key, in place of the form's title
	Lede    string // key, or ""
	Apart   bool   // of the identity
	Nodes   []nodeView
	Record  amana.RecordID
	Version uint64
	Ask     string // where the page asks what follows from an answer
	Follows bool   // something follows from answers
	Paper   string // the same, empty, to print
	Save    string // key of what the button says
	Guard   *guardView
}

var formPage = page[formView]{"case_form"}

// askedView is a form as it stands after an answer: what a script puts in place.
type askedView struct {
	Nodes []nodeView
	Clock *clockView // of a new case
}

var askedPage = page[askedView]{"asked"}

// caseForm is the form of a case that an address names, and what it writes to.
func (v *visit) caseForm(file casework.CaseFile) (*forms.Form, *casework.Part, error) {
	f, known := v.desk.Forms().Form(v.PathValue("form"))
	if !known || !file.MayWrite {
		return nil, nil, amana.ErrNotFound
	}
	part := partFor(&file, f.Kind, v.PathValue("record"))
	if part == nil {
		return nil, nil, amana.ErrNotFound
	}
	return f, part, nil
}

// partFor is the part of a case file that forms of a kind write to.
func partFor(file *casework.CaseFile, kind amana.Kind, rec string) *casework.Part {
	switch kind { //nolint:exhaustive // records of other kinds have pages of their own
	case amana.KindCase:
		return &file.Case
	case amana.KindIdentity:
		return file.Identity
	case amana.KindIncident:
		for i := range file.Incidents {
			if file.Incidents[i].ID.String() == rec {
				return &file.Incidents[i].Part
			}
		}
	}
	return nil
}

// formPath is the address of the page on which a form of a case is filled in.
func formPath(id amana.RecordID, f *forms.Form, rec string) string {
	path := casePath(id) + "/form/" + f.ID
	if rec != "" {
		path += "/" + rec
	}
	return path
}

func (s *Server) showForm(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	f, part, err := v.caseForm(file)
	if err != nil {
		return err
	}
	view := formView{
		Path: casePath(file.ID), Code: file.Code, Here: v.URL.Path, Save: "frame.save", Guard: v.guard(&file, v.form(), f.ID, part),
	}
	return s.ask(w, v, f, part, view, forms.Page{}, nil)
}

// ask shows the page of a form. Proposed are values that stand there before
// anybody wrote any.
func (s *Server) ask(w http.ResponseWriter, v *visit, f *forms.Form, part *casework.Part, view formView, p forms.Page, proposed xlsform.Answers) error {
	typed := v.form()
	a := s.asking(v, f, typed, part)
	a.page, a.again = p, view.Here+"/ask"
	for path, value := range proposed {
		if a.before[path].IsZero() {
			a.before[path] = value
		}
	}
	a.evaluate(s)
	view.Nodes = a.nodes()
	typed.named(view.Nodes)
	view.Frame, view.Form, view.Title = s.frame(v, "cases", typed), typed, a.text(f.Title)
	view.Apart, view.Record, view.Version = f.Kind == amana.KindIdentity, part.ID, part.Version
	view.Ask, view.Follows = a.again, follows(f)
	if p.List == "" {
		view.Paper = "/forms/" + f.ID
	}
	if typed.Get("version") != "" { // as it was when she began to type
		view.Version, _ = strconv.ParseUint(typed.Get("version"), 10, 64)
	}
	return formPage.render(s, w, v, http.StatusOK, view)
}

// asking prepares a form that writes to a part of a case file, or with none to what
// is yet to begin.
func (s *Server) asking(v *visit, f *forms.Form, typed form, part *casework.Part) *asking {
	if part == nil {
		part = &casework.Part{}
	}
	return &asking{
		lang: v.lang, form: f, typed: typed, before: recordedIn(part), items: itemsOf(f, typed, part),
		date: v.lang.T("cases.date.hint"),
	}
}

// evaluate works out what is asked, by what was typed or by what is recorded.
func (a *asking) evaluate(s *Server) {
	fl := forms.Filling{Form: a.form}
	if a.comesBack() {
		fl = a.form.Read(a.typed.Values, a.page)
	}
	if fl.Items = a.items; a.page.List != "" {
		fl.Items = map[string][]string{a.page.List: {a.page.Item}}
	}
	a.state = fl.State(a.before, xlsform.Env{Now: s.now(), Language: a.lang.Tag(), Order: a.items})
}

// follows reports whether what a form asks depends on what was answered.
func follows(f *forms.Form) (found bool) {
	f.Walk(func(item *xlsform.Item, _ string) {
		found = found || item.Relevant != nil || item.ChoiceFilter != nil || item.Calculation != nil
	})
	return found
}

func (s *Server) saveForm(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f, known := v.desk.Forms().Form(v.PathValue("form"))
	if !known {
		return amana.ErrNotFound
	}
	typed := v.typed()
	change, err := typed.change()
	if err != nil {
		return err
	}
	wrote, err := v.desk.SaveForm(v.Context(), id, casework.FormChange{
		Record: change.Record, Version: change.Version, Filling: f.Read(typed.Values, forms.Page{}),
		Reporting: typed.Get("told"),
	})
	if err != nil {
		return v.refuse(w, formPath(id, f, v.PathValue("record")), typed, v.inWords(forms.Page{}, err, f))
	}
	if f.Kind == amana.KindIncident {
		return v.done(w, incidentPath(id, wrote), "cases.saved")
	}
	return v.done(w, casePath(id)+"#"+f.ID, "cases.saved")
}

// formFaultsError are the faults of a form in the reader's words, for one page.
type formFaultsError struct {
	faults []formError
	rest   error
}

// Error implements error. It names fields, never values.
func (f formFaultsError) Error() string { return "form not valid" }

func (f formFaultsError) Unwrap() error { return f.rest }

// inWords turns the faults of forms into messages at the controls of a page.
func (v *visit) inWords(p forms.Page, err error, asked ...*forms.Form) error {
	faults, are := errors.AsType[forms.Faults](err)
	if !are {
		return err
	}
	said := formFaultsError{rest: err}
	for _, one := range faults {
		e := formError{Field: p.Input(one.Path), Key: one.Key}
		for _, f := range asked {
			if field, known := f.Field(one.Path); known {
				e.Label = textOf(v.lang, f.Form, field.Item.Label).Text
				e.Text = textOf(v.lang, f.Form, one.Text).Text
				break
			}
		}
		said.faults = append(said.faults, e)
	}
	return said
}

// askAgain answers what follows from an answer, and saves nothing: a script gets
// the form as it stands now, a plain browser the page with what was typed.
func (s *Server) askAgain(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f, known := v.desk.Forms().Form(v.PathValue("form"))
	if !known {
		return amana.ErrNotFound
	}
	return s.reask(w, v, formPath(id, f, v.PathValue("record")), forms.Page{}, f)
}

func (s *Server) reask(w http.ResponseWriter, v *visit, path string, p forms.Page, asked ...*forms.Form) error {
	typed := v.typed()
	if typed.Get("live") == "" {
		at := s.moveItems(&typed, asked)
		return v.againAt(w, path, typed, at)
	}
	view := askedView{}
	for _, f := range asked {
		a := s.asking(v, f, typed, nil)
		a.page, a.again = p, path+"/ask"
		a.evaluate(s)
		view.Nodes = append(view.Nodes, a.nodes()...)
		if _, clock := f.Field("assault_date"); clock && path == newCasePath {
			view.Clock = v.intakeClock(a)
		}
	}
	return askedPage.render(s, w, v, http.StatusOK, view)
}

// moveItems adds an item to a repeat or takes one away, as the button that was
// pressed says. It returns what the page is to show first.
func (s *Server) moveItems(typed *form, asked []*forms.Form) (at string) {
	for _, f := range asked {
		for _, list := range f.Repeats() {
			if typed.Get("add") == list {
				id := strings.ToLower(s.sessions.token()[:10])
				typed.Values[list] = append(typed.Values[list], id)
				at = list + "/" + id
			}
			for _, id := range typed.All(list) {
				if typed.Get("remove") == list+"/"+id {
					typed.Values[list] = slices.DeleteFunc(slices.Clone(typed.All(list)), func(o string) bool { return o == id })
					typed.Values["gone"] = append(typed.Values["gone"], list+"/"+id)
					at = list
				}
			}
		}
	}
	for _, button := range []string{"add", "remove"} {
		delete(typed.Values, button)
	}
	return at
}

// named puts the labels of questions where a message is about them.
func (f *form) named(nodes []nodeView) {
	for _, n := range nodes {
		switch {
		case n.Group != nil:
			f.named(n.Group.Nodes)
		case n.Question != nil:
			for i := range f.Errors {
				if f.Errors[i].Field == n.Question.Name {
					f.Errors[i].Label = n.Question.Label.Text
				}
			}
		}
	}
}

// change reads which record a form is about, and the version it was made from.
func (f *form) change() (casework.Change, error) {
	rec, err := amana.ParseID[amana.Record](f.Get("record"))
	if err != nil {
		return casework.Change{}, amana.ErrInvalid
	}
	version, err := strconv.ParseUint(f.Get("version"), 10, 64)
	if err != nil {
		return casework.Change{}, amana.ErrInvalid
	}
	return casework.Change{Record: rec, Version: version}, nil
}

// monthOf is a day as exact as the month.
func monthOf(day event.Value) event.Value { return event.Text(day.Reveal()[:len("2026-11")]) }

// today is a day that is proposed for a date.
func (s *Server) today() event.Value { return event.Text(s.now().Format("2006-01-02")) }
