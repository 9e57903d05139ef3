package web

import (
	"errors"
	"net/http"
	"slices"

	"amana"
	"amana/internal/casework"
)

// meetRoutes are the routes of meetings between two computers of one network. How far one
// is stands in watchRoutes.
func (s *Server) meetRoutes() map[string]handler {
	return map[string]handler{
		"GET /meet":        s.showMeet,
		"POST /meet/open":  s.openMeet,
		"POST /meet/close": s.closeMeet,
		"POST /meet/visit": s.visitMeet,
		"POST /meet/stop":  s.stopMeet,
	}
}

// meetView is the page of a meeting.
type meetView struct {
	Frame
	Form    form
	State   casework.MeetState
	Size    int    // of the code, with its quiet zone
	Path    string // of its dark modules
	Largest string // of a file that goes where the large ones wait
	Busy    bool   // a visit is under way
	Now     []meetingView
	Came    []meetingView
}

// meetingView is a meeting with one other computer, under way or over.
type meetingView struct {
	With   string // its name, or words for one without
	Ours   bool   // this computer goes to it
	Busy   bool
	Wrong  casework.MeetFault // why a visit from here did not come to its end
	Broken bool
	casework.Met
	Percent    int // of entries, or of the file that is on its way; less than zero: not known
	Size, File string
}

func (v *visit) meeting(m casework.Met) meetingView {
	one := meetingView{With: m.With, Met: m, Broken: m.Broken, Size: byteSize(m.Bytes), Percent: -1}
	if one.With == "" {
		one.With = v.lang.T("meet.someone")
	}
	done, all := int64(m.Taken+m.Handed), int64(m.Lacked+m.Due)
	if m.File.Size > 0 {
		done, all = m.File.At, m.File.Size
		one.File = byteSize(all)
	}
	if all > 0 {
		one.Percent = int(min(100, 100*done/all))
	}
	return one
}

// meetings are those that are under way, and those that are over, the last one first.
func (v *visit) meetings(st casework.MeetState) (now, came []meetingView) {
	if at := st.Visit; at != nil {
		one := v.meeting(at.Met)
		one.Ours, one.Busy, one.Wrong, one.Broken = true, at.Busy, at.Wrong, at.Wrong != ""
		if at.Busy {
			now = append(now, one)
		} else {
			came = append(came, one)
		}
	}
	for _, m := range st.Here {
		one := v.meeting(m)
		one.Busy = true
		now = append(now, one)
	}
	for _, m := range slices.Backward(st.Came) {
		came = append(came, v.meeting(m))
	}
	return now, came
}

func (s *Server) meetView(v *visit, f form) (meetView, error) {
	view := meetView{Frame: s.frame(v, "settings", f), Form: f, Largest: byteSize(casework.MeetLargest)}
	var err error
	if view.State, err = v.desk.MeetState(); err != nil {
		return view, err
	}
	if len(f.Values) == 0 && !view.State.Metered { // where nothing was chosen yet
		f.Values.Set("large", "yes")
	}
	view.Busy = view.State.Visit != nil && view.State.Visit.Busy
	view.Now, view.Came = v.meetings(view.State)
	view.Size, view.Path = len(view.State.QR)+8, qrPath(view.State.QR)
	return view, nil
}

var meetPage = page[meetView]{"meet"}

func (s *Server) showMeet(w http.ResponseWriter, v *visit) error {
	view, err := s.meetView(v, v.form())
	if err != nil {
		return err
	}
	return meetPage.render(s, w, v, http.StatusOK, view)
}

var meetingPage = page[meetView]{"meeting"}

// showMeeting shows how far meetings are, and looks again by itself for as long as there is
// something to see.
func (s *Server) showMeeting(w http.ResponseWriter, v *visit) error {
	switch {
	case v.desk == nil:
		return v.see(w, "/unlock")
	case inHands(v.session):
		return v.see(w, ownFeedback)
	}
	view, err := s.meetView(v, newForm())
	if err != nil {
		return err
	}
	if !view.Busy && view.State.Word == "" {
		return v.see(w, "/meet")
	}
	view.Look = true
	return meetingPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) openMeet(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	address := f.Get("address")
	st, err := v.desk.MeetState()
	if err != nil {
		return err
	}
	if !slices.Contains(st.Addresses, address) {
		f.wrong("address", "meet.address.none")
		return v.again(w, "/meet", f)
	}
	err = v.desk.MeetOpen(v.Context(), address, f.Has("large", "yes"))
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
	f := v.typed()
	err := v.desk.MeetVisit(v.Context(), f.Get("word"), f.Has("large", "yes"))
	if err == nil || errors.Is(err, amana.ErrConflict) { // one is under way: that is shown
		return v.see(w, "/meet/progress")
	}
	key := ""
	switch {
	case errors.Is(err, casework.ErrMeetSelf):
		key = "meet.word.self"
	case errors.Is(err, casework.ErrMeetEnded):
		key = "meet.word.ended"
	case errors.Is(err, casework.ErrMeetStranger):
		key = "meet.word.stranger"
	case errors.Is(err, amana.ErrInvalid):
		key = "meet.word.invalid"
	default:
		return v.refuse(w, "/meet", f, err)
	}
	f.wrong("word", key)
	return v.again(w, "/meet", f)
}

func (s *Server) stopMeet(w http.ResponseWriter, v *visit) error {
	v.desk.MeetStop()
	return v.see(w, "/meet")
}
