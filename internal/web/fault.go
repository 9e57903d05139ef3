package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"amana"
	"amana/internal/casework"
)

var errTooLarge = errors.New("form too large")

type faultView struct {
	Frame
	Status int
}

var faultPage = page[faultView]{"fault"}

// statusOf maps a kind of error to a status: the one place where errors meet
// people.
func statusOf(err error) int {
	switch {
	case errors.Is(err, amana.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, amana.ErrRefused):
		return http.StatusForbidden
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, amana.ErrInvalid):
		return http.StatusBadRequest
	case errors.Is(err, amana.ErrConflict):
		return http.StatusConflict
	case errors.Is(err, amana.ErrStorage):
		return http.StatusInsufficientStorage
	default:
		return http.StatusInternalServerError
	}
}

// fail answers a request whose handler returned an error. One who is locked out
// goes to unlock.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, amana.ErrLocked) {
		w.Header().Set("Location", "/unlock")
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if errors.Is(err, casework.ErrArriving) { // the page says what waits, and for what
		w.Header().Set("Location", "/arriving")
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if errors.Is(err, context.Canceled) {
		return // nobody waits for the answer
	}
	status := statusOf(err)
	if status >= http.StatusInternalServerError {
		// Errors carry IDs and kinds, never values: see errors.go.
		s.log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.Int("status", status), slog.Any("err", err))
	}
	s.failWith(w, r, status)
}

// failWith shows the page of a status. After a POST it is shown at an address
// of its own, so that no browser keeps what was posted.
func (s *Server) failWith(w http.ResponseWriter, r *http.Request, status int) {
	if r.Method == http.MethodPost {
		w.Header().Set("Location", "/sorry/"+strconv.Itoa(status))
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	v, err := s.visit(w, r)
	if err == nil {
		err = faultPage.render(s, w, v, status, faultView{Frame: s.frame(v, ""), Status: status})
	}
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

func (s *Server) notFound(http.ResponseWriter, *visit) error { return amana.ErrNotFound }

func (s *Server) showFault(w http.ResponseWriter, v *visit) error {
	switch v.PathValue("status") {
	case "400":
		return amana.ErrInvalid
	case "403":
		return amana.ErrRefused
	case "409":
		return amana.ErrConflict
	case "413":
		return errTooLarge
	case "500", "507":
		status, _ := strconv.Atoi(v.PathValue("status"))
		return faultPage.render(s, w, v, status, faultView{Frame: s.frame(v, ""), Status: status})
	}
	return amana.ErrNotFound
}
