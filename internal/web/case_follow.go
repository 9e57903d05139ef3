package web

import (
	"errors"
	"net/http"
	"strings"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/record"
	"amana/internal/xlsform"
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

// followUps is the form that asks what was done since, and the page for one more
// item of it.
func (v *visit) followUps(item string) (*forms.Form, forms.Page, error) {
	f, known := v.desk.Forms().WithRepeat(amana.KindCase, record.FollowUps)
	if !known {
		return nil, forms.Page{}, amana.ErrNotFound
	}
	return f, forms.Page{List: record.FollowUps, Item: item}, nil
}

// newItem is the item of a repeat that a page is about to add. The desk gives it an
// id of its own.
const newItem = "new"

func (s *Server) showFollowUp(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	f, p, err := v.followUps(newItem)
	if err != nil || !file.MayWrite {
		return amana.ErrNotFound
	}
	view := formView{Path: casePath(file.ID), Code: file.Code, Here: v.URL.Path, Save: "frame.save", Heading: "cases.follow"}
	return s.ask(w, v, f, &casework.Part{ID: file.ID}, view, p, xlsform.Answers{
		record.FollowUps + "/" + newItem + "/followup_date": s.today(),
	})
}

func (s *Server) addFollowUp(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	path, typed := casePath(id)+"/follow-up", v.typed()
	f, p, err := v.followUps(newItem)
	if err != nil {
		return err
	}
	values, err := s.filled(&typed, f, p)
	dated := err != nil || !values["followup_date"].IsZero()
	switch {
	case err == nil && (len(values) == 0 || len(values) == 1 && dated):
		typed.wrong("action_taken_details", "cases.follow.needed")
	case !dated:
		typed.wrong("followup_date", "invalid.required")
	}
	if typed.Failed() {
		return v.again(w, path, typed)
	}
	if err == nil {
		err = v.desk.AddFollowUp(v.Context(), id, values)
	}
	if err != nil {
		return v.refuse(w, path, typed, v.inWords(p, err, f))
	}
	return v.done(w, casePath(id)+"#follow-ups", "cases.follow.saved")
}

// filled reads a page of a form, for a verb that takes values by their plain names:
// those that are asked, checked as the form wants them.
func (s *Server) filled(typed *form, f *forms.Form, p forms.Page) (casework.Values, error) {
	fl := f.Read(typed.Values, p)
	st := fl.State(nil, xlsform.Env{Now: s.now()})
	if faults := fl.Check(st, s.now(), func(string) bool { return true }); len(faults) > 0 {
		return nil, faults
	}
	values := casework.Values{}
	for _, path := range fl.Paths() {
		if v := st.Value(path); !v.IsZero() && st.Relevant(path) {
			values[p.Input(path)] = v
		}
	}
	return values, nil
}
