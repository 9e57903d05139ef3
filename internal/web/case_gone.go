package web

import (
	"errors"
	"net/http"
	"time"

	"amana"
	"amana/internal/casework"
)

// goneView is what is left of a case that was erased.
type goneView struct {
	Frame
	When   time.Time
	By     string
	Reason string
}

var gonePage = page[goneView]{"case_gone"}

// erased shows what is left of a case, if that is why it could not be read. Any
// other error is returned.
func (s *Server) erased(w http.ResponseWriter, v *visit, err error) error {
	var gone *casework.ErasedError
	if !errors.As(err, &gone) {
		return err
	}
	stone := gone.Tombstone
	names := map[amana.MemberID]string{}
	for _, m := range v.desk.Members() {
		names[m.ID] = m.Name
	}
	view := goneView{Frame: s.frame(v, "cases"), When: stone.When, By: v.shower(names).name(stone.By)}
	view.Reason = v.lang.T("erase.reason." + stone.Reason)
	return gonePage.render(s, w, v, http.StatusGone, view)
}
