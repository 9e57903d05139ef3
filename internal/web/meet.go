package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"amana"
	"amana/internal/casework"
)

// meetRoutes are the routes of meetings between two computers of one network.
func (s *Server) meetRoutes() map[string]handler {
	return map[string]handler{
		"GET /meet":        s.showMeet,
		"POST /meet/open":  s.openMeet,
		"POST /meet/close": s.closeMeet,
		"POST /meet/visit": s.visitMeet,
	}
}

// meetView is the page of a meeting.
type meetView struct {
	Frame
	Form  form
	State casework.MeetState
	Size  int    // of the code, with its quiet zone
	Path  string // of its dark modules
}

var meetPage = page[meetView]{"meet"}

func (s *Server) showMeet(w http.ResponseWriter, v *visit) error {
	f := v.form()
	view := meetView{Frame: s.frame(v, "settings", f), Form: f, State: v.desk.MeetState()}
	view.Size, view.Path = len(view.State.QR)+8, qrPath(view.State.QR)
	return meetPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) openMeet(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	address := f.Get("address")
	if !slices.Contains(v.desk.MeetState().Addresses, address) {
		f.wrong("address", "meet.address.none")
		return v.again(w, "/meet", f)
	}
	err := v.desk.MeetOpen(v.Context(), address)
	switch {
	case errors.Is(err, amana.ErrInvalid):
		f.wrong("address", "meet.address.taken")
		return v.again(w, "/meet", f)
	case err != nil && !errors.Is(err, amana.ErrConflict):
		return v.refuse(w, "/meet", f, err)
	}
	return v.see(w, "/meet")
}

func (s *Server) closeMeet(w http.ResponseWriter, v *visit) error {
	v.desk.MeetClose()
	return v.done(w, "/meet", "meet.closed")
}

func (s *Server) visitMeet(w http.ResponseWriter, v *visit) error {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // as long as it takes; a test's recorder has none
	f := v.typed()
	met, err := v.desk.MeetVisit(v.Context(), f.Get("word"))
	if err == nil {
		return v.done(w, "/meet", metKey(met), "taken", v.lang.Number(met.Taken), "handed", v.lang.Number(met.Handed),
			"came", v.lang.Number(met.FilesTaken), "given", v.lang.Number(met.FilesHanded), "n", v.lang.Number(met.FilesBad))
	}
	key := "meet.away"
	switch {
	case errors.Is(err, amana.ErrLocked), errors.Is(err, amana.ErrStorage):
		return v.refuse(w, "/meet", f, err)
	case errors.Is(err, amana.ErrInvalid):
		key = "meet.word.invalid"
	case errors.Is(err, amana.ErrRefused):
		key = "meet.refused"
	case errors.Is(err, amana.ErrTampered):
		key = "meet.other"
	}
	f.wrong("word", key)
	return v.again(w, "/meet", f)
}

// metKey is the message of what came of a visit.
func metKey(m casework.Met) string {
	switch {
	case m.FilesBad > 0:
		return "meet.done.bad"
	case m.FilesTaken+m.FilesHanded > 0:
		return "meet.done.files"
	}
	return "meet.done"
}
