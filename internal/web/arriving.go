package web

import (
	"net/http"
	"time"

	"amana"
	"amana/internal/casework"
)

// arrivingView says what is here of a computer that began with a small start, and what is
// still coming.
type arrivingView struct {
	Frame
	State       casework.Arriving
	Here, Total int // entries of the history
}

var arrivingPage = page[arrivingView]{"arriving"}

func (s *Server) showArriving(w http.ResponseWriter, v *visit) error {
	st, err := v.desk.Arriving()
	if err != nil {
		return err
	}
	return arrivingPage.render(s, w, v, http.StatusOK, arrivingView{s.frame(v, "settings"), st, int(st.Here), int(st.Awaited)})
}

// deviceStart sends the small answer.
func (s *Server) deviceStart(w http.ResponseWriter, v *visit) error {
	ways := shelved[deviceWays](v.session, waitingAnswer)
	if len(ways.Members) == 0 {
		return amana.ErrNotFound
	}
	file := &download{ResponseWriter: w, name: s.answerName()}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // as in deviceAnswer
	_, err := v.desk.AnswerDeviceStart(v.Context(), ways.Request.File, ways.Members, file)
	if err != nil && file.begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// withoutCases names the members whose cases a small answer would not hold.
func (v *visit) withoutCases(members []amana.MemberID) (names []string, err error) {
	with, err := v.desk.StartFor(members)
	if err != nil {
		return nil, err
	}
	has := map[amana.MemberID]bool{}
	for _, id := range with {
		has[id] = true
	}
	for _, m := range v.desk.Members() {
		for _, id := range members {
			if m.ID == id && !has[id] {
				names = append(names, m.Name)
			}
		}
	}
	return names, nil
}
