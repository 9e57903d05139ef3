package web

import (
	"errors"
	"net/http"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
)

// addNote adds a note, written on the page of the case.
func (s *Server) addNote(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f := v.typed()
	text := strings.ReplaceAll(f.Get("note"), "\r\n", "\n")
	if f.need("note", "cases.note.needed"); f.Failed() {
		return v.again(w, casePath(id), f)
	}
	if err := v.desk.AddNote(v.Context(), id, amana.Conceal(text)); err != nil {
		if fields, ok := errors.AsType[casework.FieldErrors](err); ok {
			for _, key := range fields {
				f.wrong("note", key)
			}
			return v.again(w, casePath(id), f)
		}
		return v.refuse(w, casePath(id), f, err)
	}
	return v.done(w, casePath(id)+"#notes", "cases.note.saved")
}

// followUpView is the form of a follow-up.
type followUpView struct {
	Frame
	Form    form
	Path    string
	Code    string
	Section sectionView
}

var followUpPage = page[followUpView]{"case_follow"}

const followUpPrefix = record.FollowUps + "/"

func (s *Server) showFollowUp(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	if !file.MayWrite {
		return amana.ErrNotFound
	}
	f, day := v.form(), event.Text(s.now().Format("2006-01-02"))
	ask := asker{lang: v.lang, form: f, prefix: followUpPrefix, value: func(name string) event.Value {
		if name == followUpPrefix+"followup_date" {
			return day
		}
		return event.Value{}
	}}
	view := followUpView{
		Frame: s.frame(v, "cases", f), Form: f, Path: casePath(file.ID), Code: file.Code,
		Section: ask.section(amana.KindCase, record.FollowUps),
	}
	return followUpPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) addFollowUp(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	path := casePath(id) + "/follow-up"
	f := v.typed()
	values, empty := f.parse(sectionFields(amana.KindCase, record.FollowUps), followUpPrefix)
	_, dated := values["followup_date"]
	switch {
	case len(values) == 0, len(values) == 1 && dated:
		f.wrong("action_taken_details", "cases.follow.needed")
	case len(empty) > 0 && !dated:
		f.wrong("followup_date", "invalid.required")
	}
	if f.Failed() {
		return v.again(w, path, f)
	}
	if err := v.desk.AddFollowUp(v.Context(), id, values); err != nil {
		return v.refuse(w, path, f, err)
	}
	return v.done(w, casePath(id)+"#follow-ups", "cases.follow.saved")
}
