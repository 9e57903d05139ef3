package web

import (
	"net/http"
	"net/url"
	"time"

	"amana"
)

// styleguideView shows every part of the design once. Only the demo has it.
type styleguideView struct {
	Frame
	Form, Wrong form
	Day         time.Time
}

var styleguidePage = page[styleguideView]{"styleguide"}

func (s *Server) showStyleguide(w http.ResponseWriter, v *visit) error {
	if s.demo == nil {
		return amana.ErrNotFound
	}
	filled := form{Values: url.Values{"which": {"b"}, "several": {"a", "c"}}}
	wrong := form{Values: url.Values{"line2": {"2031-02-30"}}}
	wrong.wrong("line2", "styleguide.wrong")
	frame := s.frame(v, "")
	frame.Errors = wrong.Errors
	return styleguidePage.render(s, w, v, http.StatusOK, styleguideView{frame, filled, wrong, s.now()})
}
