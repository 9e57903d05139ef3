package web

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"amana"
	"amana/internal/casework"
)

// unlockView asks for a passphrase. It tells nothing of who works here; only the
// demo, where nobody is real, lists its members.
type unlockView struct {
	Frame
	Form       form
	Passphrase string // filled in for an invented member
	Members    []DemoMember
}

var unlockPage = page[unlockView]{"unlock"}

func (s *Server) home(w http.ResponseWriter, v *visit) error {
	switch {
	case !s.office.Founded():
		return v.see(w, "/setup")
	case v.desk == nil:
		return v.see(w, "/unlock")
	}
	return v.see(w, "/today")
}

func (s *Server) showUnlock(w http.ResponseWriter, v *visit) error {
	if v.desk != nil || !s.office.Founded() {
		return v.see(w, "/")
	}
	view := unlockView{Form: v.form()}
	view.Frame = s.frame(v, "", view.Form)
	if s.demo != nil {
		view.Members = s.demo.Members
		if n, err := strconv.Atoi(v.URL.Query().Get("as")); err == nil && n >= 0 && n < len(view.Members) {
			view.Passphrase = view.Members[n].Passphrase
		}
	}
	return unlockPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) unlock(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	passphrase := []byte(v.PostFormValue("passphrase"))
	defer clear(passphrase)
	desk, err := s.office.Unlock(v.Context(), passphrase)
	switch {
	case errors.Is(err, amana.ErrWait):
		f.Errors = append(f.Errors, waiting("passphrase", err))
	case errors.Is(err, amana.ErrPassphrase):
		f.wrong("passphrase", "unlock.wrong")
	case err != nil:
		return err
	default:
		old := v.session
		_, chosen := old.state()
		s.sessions.begin(w, v.Request, desk).speak(chosen)
		s.sessions.end(old)
		return v.see(w, "/")
	}
	return v.again(w, "/unlock", f)
}

// waiting says that there were too many attempts, and for how long to wait.
func waiting(field string, err error) formError {
	wait, known := casework.WaitFor(err)
	if !known {
		return formError{Field: field, Key: "unlock.wait"}
	}
	return formError{Field: field, Key: "unlock.wait.for", N: int(math.Ceil(wait.Seconds()))}
}

// lock closes the desk. The language stays, in a session that knows no more.
func (s *Server) lock(w http.ResponseWriter, v *visit) error {
	_, chosen := v.session.state()
	s.sessions.end(v.session)
	s.sessions.begin(w, v.Request, nil).speak(chosen)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return v.see(w, "/unlock")
}

// leave is the quick way out: the desk is locked, the browser forgets what it
// can, and a page stands there that says nothing.
func (s *Server) leave(w http.ResponseWriter, v *visit) error {
	s.sessions.end(v.session)
	s.sessions.drop(w, v.Request)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return v.see(w, "/calendar")
}
