package web

import (
	"net/http"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

// closeView is the form by which a case is closed.
type closeView struct {
	Frame
	Form    form
	Path    string
	Code    string
	Section sectionView
}

var closePage = page[closeView]{"case_close"}

func (s *Server) showClose(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	if !file.MayWrite {
		return amana.ErrNotFound
	}
	f, day := v.form(), event.Text(s.now().Format("2006-01-02"))
	ask := asker{lang: v.lang, form: f, value: func(name string) event.Value {
		if name == "date_closure" {
			return day
		}
		return event.Value{}
	}}
	view := closeView{
		Frame: s.frame(v, "cases", f), Form: f, Path: casePath(file.ID), Code: file.Code,
		Section: ask.section(amana.KindCase, "closure"),
	}
	return closePage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) closeCase(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f, path := v.typed(), casePath(id)+"/close"
	values, _ := f.parse(sectionFields(amana.KindCase, "closure"), "")
	if f.need("closure_reason", "cases.close.needed"); f.Failed() {
		return v.again(w, path, f)
	}
	if err := v.desk.CloseCase(v.Context(), id, values); err != nil {
		return v.refuse(w, path, f, err)
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
	if err := v.desk.EraseCase(v.Context(), id, f.Get("reason"), f.Get("code")); err != nil {
		return v.refuse(w, path, f, err)
	}
	return v.done(w, "/cases", "erase.done")
}
