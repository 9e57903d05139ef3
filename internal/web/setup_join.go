package web

import (
	"errors"
	"net/http"
	"time"

	"amana"
	"amana/internal/casework"
)

// A computer without an organisation may be to join one: it shows its request, and takes
// the answer.

// joinRoutes are there until the computer has an organisation.
func (s *Server) joinRoutes() map[string]handler {
	return map[string]handler{
		"GET /setup/join":         s.showJoin,
		"POST /setup/join":        s.askToJoin,
		"GET /setup/join/file":    s.joinFile,
		"POST /setup/join/answer": s.joinWith,
		"POST /setup/join/drop":   s.dropJoin,
		"POST /setup/join/fetch":  s.fetchAnswer,
		"GET /setup/join/fetch":   s.showFetch,
		"POST /setup/join/open":   s.joinFetched,
	}
}

// joinView is the page of a computer that is to join.
type joinView struct {
	Frame
	Form    form
	Asked   bool
	Request casework.DeviceRequest
	Size    int    // of the code, with its quiet zone
	Path    string // of its dark modules
	Comes   bool   // the answer is fetched, or was
}

var joinPage = page[joinView]{"setup_join"}

func (s *Server) showJoin(w http.ResponseWriter, v *visit) error {
	f := v.form()
	view := joinView{Frame: s.frame(v, "", f), Form: f, Asked: s.office.AskedToJoin()}
	if view.Asked {
		var err error
		if view.Request, err = s.office.AskToJoin(); err != nil {
			return err
		}
		view.Size, view.Path = len(view.Request.QR)+8, qrPath(view.Request.QR)
		view.Comes = s.office.AnswerArrival().State != ""
	}
	return joinPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) askToJoin(w http.ResponseWriter, v *visit) error {
	if _, err := s.office.AskToJoin(); err != nil {
		f := newForm()
		f.wrong("", "join.notempty")
		if !errors.Is(err, amana.ErrConflict) {
			return v.refuse(w, "/setup/join", newForm(), err)
		}
		return v.again(w, "/setup/join", f)
	}
	return v.see(w, "/setup/join")
}

func (s *Server) joinFile(w http.ResponseWriter, _ *visit) error {
	if !s.office.AskedToJoin() {
		return amana.ErrNotFound
	}
	r, err := s.office.AskToJoin()
	if err != nil {
		return err
	}
	return sendFile(w, "espace.request", r.File)
}

func (s *Server) joinWith(w http.ResponseWriter, v *visit) error {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // as long as it takes; a test's recorder has none
	_ = control.SetWriteDeadline(time.Time{})
	f, part, err := v.fieldsAndFile("file")
	if err != nil {
		f = f.withoutSecrets()
		f.wrong("file", "join.answer.needed")
		return v.again(w, "/setup/join", f)
	}
	passphrase := []byte(f.Values.Get("passphrase"))
	defer clear(passphrase)
	f = newForm()
	err = s.office.JoinWith(v.Context(), part, passphrase)
	if err == nil {
		return v.done(w, "/unlock", "join.done")
	}
	switch {
	case errors.Is(err, amana.ErrPassphrase):
		f.wrong("passphrase", "join.passphrase")
	case errors.Is(err, amana.ErrInvalid):
		f.wrong("file", "join.answer.other")
	case errors.Is(err, amana.ErrTampered):
		f.wrong("file", "join.answer.changed")
	case errors.Is(err, amana.ErrStorage):
		f.wrong("", "error.storage")
	default:
		return err
	}
	return v.again(w, "/setup/join", f)
}

func (s *Server) dropJoin(w http.ResponseWriter, v *visit) error {
	if s.office.AskedToJoin() {
		if err := s.office.ForgetRequest(); err != nil {
			return err
		}
	}
	return v.see(w, "/setup")
}
