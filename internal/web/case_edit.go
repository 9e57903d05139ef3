package web

import (
	"net/http"
	"strconv"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

// editView is the form of one section of a case file.
type editView struct {
	Frame
	Form    form
	Path    string // of the case
	Here    string
	Code    string
	Title   string // key
	Apart   bool   // of the identity
	Section sectionView
	Record  amana.RecordID
	Version uint64
}

var editPage = page[editView]{"case_edit"}

// kindOf is the kind of record that a section belongs to. Other sections are
// changed in other ways.
func kindOf(section string) (kind amana.Kind, editable bool) {
	switch section {
	case "identity", "contact":
		return amana.KindIdentity, true
	case "opening", "survivor", "assessment":
		return amana.KindCase, true
	}
	return "", false
}

func (s *Server) showEdit(w http.ResponseWriter, v *visit) error {
	section := v.PathValue("section")
	kind, editable := kindOf(section)
	if !editable {
		return amana.ErrNotFound
	}
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	part := &file.Case
	if kind == amana.KindIdentity {
		part = file.Identity
	}
	if part == nil || !file.MayWrite {
		return amana.ErrNotFound
	}
	f := v.form()
	ask := asker{lang: v.lang, form: f, value: valuesOf(part.Cells)}
	view := editView{
		Frame: s.frame(v, "cases", f), Form: f, Path: casePath(file.ID), Here: v.URL.Path, Code: file.Code,
		Title: "cases.section." + section, Apart: kind == amana.KindIdentity,
		Section: ask.section(kind, section), Record: part.ID, Version: part.Version,
	}
	if f.Get("version") != "" { // as it was when she began to type
		view.Version, _ = strconv.ParseUint(f.Get("version"), 10, 64)
	}
	return editPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) edit(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	section := v.PathValue("section")
	kind, editable := kindOf(section)
	if !editable {
		return amana.ErrNotFound
	}
	f := v.typed()
	change, err := f.change()
	if err != nil {
		return err
	}
	change.Values, change.Remove = f.changes(sectionFields(kind, section))
	path := casePath(id) + "/edit/" + section
	if f.Failed() {
		return v.again(w, path, f)
	}
	if err := v.desk.ChangeRecord(v.Context(), id, change); err != nil {
		return v.refuse(w, path, f, err)
	}
	return v.done(w, casePath(id)+"#"+section, "cases.saved")
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

// settle keeps one of the values that two people wrote at the same time.
func (s *Server) settle(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return err
	}
	f := v.typed()
	change, err := f.change()
	if err != nil {
		return err
	}
	value, found := rivalValue(file, change.Record, f.Get("field"), f.Get("keep"), f.Get("stamp"))
	if !found {
		return amana.ErrConflict
	}
	if value.IsZero() {
		change.Remove = []string{f.Get("field")}
	} else {
		change.Values = casework.Values{f.Get("field"): value}
	}
	if err := v.desk.ChangeRecord(v.Context(), file.ID, change); err != nil {
		return err
	}
	return v.done(w, casePath(file.ID), "cases.settled")
}

// rivalValue finds the value that somebody chose: number 0 is the one that
// stands. It is only found if it is still the one she saw, by its stamp.
func rivalValue(file casework.CaseFile, rec amana.RecordID, field, number, stamp string) (event.Value, bool) {
	part := &file.Case
	if file.Identity != nil && file.Identity.ID == rec {
		part = file.Identity
	}
	if part.ID != rec {
		return event.Value{}, false
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return event.Value{}, false
	}
	for _, c := range part.Cells {
		switch {
		case c.Name != field:
		case n == 0:
			return c.Value, stampOf(c.When) == stamp
		case n <= len(c.Rivals):
			return c.Rivals[n-1].Value, stampOf(c.Rivals[n-1].When) == stamp
		}
	}
	return event.Value{}, false
}
