package web

import (
	"net/http"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/xlsform"
)

// closing is the form by which a case is closed.
const closing = "gbv_case_closure_form"

func (s *Server) showClose(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	f, known := v.desk.Forms().Form(closing)
	if !known || !file.MayWrite {
		return amana.ErrNotFound
	}
	view := formView{Path: casePath(file.ID), Code: file.Code, Here: v.URL.Path, Save: "cases.close", Heading: "cases.close", Lede: "cases.close.lede"}
	return s.ask(w, v, f, &file.Case, view, forms.Page{}, xlsform.Answers{"date_closure": s.today()})
}

func (s *Server) closeCase(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	typed, path := v.typed(), casePath(id)+"/close"
	f, known := v.desk.Forms().Form(closing)
	if !known {
		return amana.ErrNotFound
	}
	if typed.need("closure_reason", "cases.close.needed"); typed.Failed() {
		return v.again(w, path, typed)
	}
	values, err := s.filled(&typed, f, forms.Page{})
	if err == nil {
		err = v.desk.CloseCase(v.Context(), id, values)
	}
	if err != nil {
		return v.refuse(w, path, typed, v.inWords(forms.Page{}, err, f))
	}
	return v.done(w, casePath(id), "cases.close.done")
}

func (s *Server) reopenCase(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	if err := v.desk.ReopenCase(v.Context(), id); err != nil {
		return err
	}
	return v.done(w, casePath(id), "cases.reopen.done")
}

// eraseView is the page that says what erasing means, and asks twice.
type eraseView struct {
	Frame
	Form    form
	Path    string
	Code    string
	Closed  bool
	Reasons []choiceView
}

var erasePage = page[eraseView]{"case_erase"}

func (s *Server) showErase(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	if !file.MayErase {
		return amana.ErrNotFound
	}
	f := v.form()
	view := eraseView{Frame: s.frame(v, "cases", f), Form: f, Path: casePath(file.ID), Code: file.Code, Closed: isClosed(file)}
	for _, r := range casework.Reasons() {
		view.Reasons = append(view.Reasons, choiceView{r, v.lang.T("erase.reason." + r), f.Get("reason") == r})
	}
	return erasePage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) eraseCase(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f, path := v.typed(), casePath(id)+"/erase"
	f.need("reason", "erase.reason.needed")
	f.need("code", "erase.code.needed")
	if f.Failed() {
		return v.again(w, path, f)
	}
	if err := v.desk.EraseCase(v.Context(), id, f.Get("reason"), f.Get("code"), f.Get("contested")); err != nil {
		return v.refuse(w, path, f, err)
	}
	return v.done(w, "/cases", "erase.done")
}
