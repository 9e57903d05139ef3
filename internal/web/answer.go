package web

import (
	"errors"
	"net/http"

	"amana"
	"amana/internal/casework"
)

// The answer to a new computer's request by the server: two pages, one on each side.

// leaveAnswer has the answer left at the server.
func (s *Server) leaveAnswer(w http.ResponseWriter, v *visit) error {
	ways := shelved[deviceWays](v.session, waitingAnswer)
	if len(ways.Members) == 0 {
		return v.see(w, "/devices")
	}
	made, err := v.desk.LeaveAnswer(v.Context(), ways.Request.File, ways.Members)
	if err != nil {
		return v.refuse(w, "/devices/answer", newForm(), err)
	}
	ways.Made, ways.Left = made, true
	v.session.put(waitingAnswer, ways)
	return v.see(w, "/devices/answer")
}

// answerLeftView says where the answer is that was left at the server.
type answerLeftView struct {
	casework.AnswerLeft
	Known, None  bool // what is in it; that there are no cases in it
	Cases, Later int
	GotText, All string
	Percent      int
}

func (s *Server) answerLeft(v *visit, ways deviceWays) (*answerLeftView, error) {
	left, err := v.desk.AnswerLeft(ways.Request.File)
	if err != nil || left.Word == "" {
		return nil, err
	}
	return &answerLeftView{
		AnswerLeft: left, Known: ways.Left, None: ways.Left && ways.Made.Cases == 0 && len(ways.Made.Without) > 0, Cases: ways.Made.Cases, Later: ways.Made.Later,
		GotText: byteSize(left.Got), All: byteSize(left.Size), Percent: percentOf(left.Got, left.Size),
	}, nil
}

func percentOf(part, all int64) int {
	if all <= 0 {
		return 0
	}
	return int(min(100, 100*part/all))
}

// fetchView says how the answer comes to this computer.
type fetchView struct {
	Frame
	Form          form
	Arrival       casework.AnswerArrival
	GotText, Size string
	Percent       int
}

var fetchPage = page[fetchView]{"setup_fetch"}

// fetchAnswer begins to fetch the answer.
func (s *Server) fetchAnswer(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	err := s.office.FetchAnswer(f.Get("word"))
	switch {
	case errors.Is(err, amana.ErrInvalid):
		f.wrong("word", "fetch.word.wrong")
		return v.again(w, "/setup/join", f)
	case err != nil:
		return err
	}
	return v.see(w, "/setup/join/fetch")
}

func (s *Server) showFetch(w http.ResponseWriter, v *visit) error {
	a := s.office.AnswerArrival()
	if a.State == "" {
		return v.see(w, "/setup/join")
	}
	f := v.form()
	if a.State != "here" && a.State != "wrong" && a.State != "disk" { // there is something to do
		w.Header().Set("Refresh", progressLook)
	}
	return fetchPage.render(s, w, v, http.StatusOK, fetchView{
		Frame: s.frame(v, "", f), Form: f, Arrival: a, GotText: byteSize(a.Got), Size: byteSize(a.Size), Percent: percentOf(a.Got, a.Size),
	})
}

// joinFetched opens the answer that was fetched.
func (s *Server) joinFetched(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	passphrase := []byte(f.Values.Get("passphrase"))
	defer clear(passphrase)
	err := s.office.JoinFetched(v.Context(), passphrase)
	if err == nil {
		return v.done(w, "/unlock", "join.done")
	}
	f = newForm()
	switch {
	case errors.Is(err, amana.ErrPassphrase):
		f.wrong("passphrase", "join.passphrase")
		return v.again(w, "/setup/join/fetch", f)
	case errors.Is(err, amana.ErrInvalid), errors.Is(err, amana.ErrTampered):
		f.wrong("word", "fetch.wrong")
	case errors.Is(err, amana.ErrStorage):
		f.wrong("", "error.storage")
	case errors.Is(err, amana.ErrNotFound): // nothing came, or it was opened in another window
	default:
		return err
	}
	return v.again(w, "/setup/join", f)
}
