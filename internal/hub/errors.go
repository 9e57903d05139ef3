package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"

	"github.com/ncruces/go-sqlite3"

	"amana"
)

var (
	errTooLarge = fmt.Errorf("hub: too large: %w", amana.ErrInvalid)
	errBroken   = fmt.Errorf("hub: cut short: %w", amana.ErrInvalid)
	errAsked    = fmt.Errorf("hub: not asked as it should be: %w", amana.ErrInvalid)
	errBusy     = errors.New("hub: too much at once")
)

// statusOf is where errors become answers: a status, and no more.
func statusOf(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errGone):
		return http.StatusGone
	case errors.Is(err, errFull), errors.Is(err, syscall.ENOSPC), errors.Is(err, sqlite3.FULL):
		return http.StatusInsufficientStorage
	case errors.Is(err, errBusy):
		return http.StatusTooManyRequests
	case errors.Is(err, amana.ErrRefused):
		return http.StatusForbidden
	case errors.Is(err, amana.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, amana.ErrConflict):
		return http.StatusConflict
	case errors.Is(err, amana.ErrTampered), errors.Is(err, amana.ErrInvalid), errors.Is(err, amana.ErrNewer):
		return http.StatusBadRequest
	case errors.Is(err, context.Canceled):
		return 499 // the other side went away
	default:
		return http.StatusServiceUnavailable
	}
}
