package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/referral"
)

// letterKey is where a session keeps with which letter a case is to begin.
const letterKey = "cases.letter"

// sharedView says what a partner shared, above the forms of a new case, and what not.
type sharedView struct {
	Path   string // of the letter, or ""
	From   string
	Lines  []itemLine
	Absent []string
	values casework.Values
}

// shared is what the new case begins with; nothing where it begins with no letter.
func (v *visit) shared() (view sharedView, err error) {
	id := shelved[amana.RecordID](v.session, letterKey)
	if id.IsZero() {
		return view, nil
	}
	l, err := v.desk.ReadLetter(v.Context(), id)
	if errors.Is(err, amana.ErrNotFound) || err == nil && !l.Case.IsZero() {
		v.session.put(letterKey, amana.RecordID{})
		return view, nil
	}
	if err != nil {
		return view, err
	}
	sh := v.shower(nil)
	view = sharedView{Path: "/post/letters/" + id.String(), From: l.From.Name, values: l.Shared()}
	for _, line := range l.Referral.Lines {
		if line.Item != referral.ItemWindows && line.Item != referral.ItemService {
			view.Lines = append(view.Lines, sh.arrived(line))
		}
	}
	for _, item := range l.NotShared() {
		view.Absent = append(view.Absent, v.lang.T("referral.item."+string(item)))
	}
	return view, nil
}

// onIdentity are the fields of what was shared that are kept apart from the case.
var onIdentity = []string{"name", "contact_phone", "contact_how"}

// into puts what was shared where a form of a kind asks for it.
func (s *sharedView) into(kind amana.Kind, before map[string]event.Value) {
	for name, value := range s.values {
		if slices.Contains(onIdentity, name) == (kind == amana.KindIdentity) {
			before[name] = value
		}
	}
}

// caseOfLetter begins a case with what a letter brought, or links the letter with one that
// is there: whoever reads it says which, never the program.
func (s *Server) caseOfLetter(w http.ResponseWriter, v *visit) error {
	id, err := v.letterID()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/post/letters/"+v.PathValue("letter")
	switch {
	case f.Has("do", "drop"):
		v.session.put(letterKey, amana.RecordID{})
		return v.see(w, newCasePath)
	case f.Has("do", "link"):
		caseID, err := v.desk.LinkLetter(v.Context(), id, f.Get("code"))
		if errors.Is(err, amana.ErrConflict) {
			f.wrong("", "post.case.twice")
			return v.again(w, path, f)
		}
		if err != nil {
			return v.refuse(w, path, f, err)
		}
		return v.done(w, casePath(caseID), "post.case.linked")
	}
	v.session.put(letterKey, id)
	return v.see(w, newCasePath)
}

// letterLine is a letter at the case it is linked with.
type letterLine struct {
	Path, From string
	Came       time.Time
}

func (v *visit) lettersOf(caseID amana.RecordID) (list []letterLine, err error) {
	letters, err := v.desk.LettersOf(v.Context(), caseID)
	for _, l := range letters {
		list = append(list, letterLine{"/post/letters/" + l.ID.String(), l.From.Name, l.Came})
	}
	return list, err
}
