package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ncruces/go-sqlite3"

	"amana"
)

var (
	errTooLarge = fmt.Errorf("hub: too large: %w", amana.ErrInvalid)
	errBroken   = fmt.Errorf("hub: cut short: %w", amana.ErrInvalid)
	errAsked    = fmt.Errorf("hub: not asked as it should be: %w", amana.ErrInvalid)
	errBusy     = errors.New("hub: too much at once")
	errQuota    = fmt.Errorf("hub: no room for more entries of this organisation: %w", amana.ErrStorage)
)

// diskFull reports whether the hub's own disk, or its database's, has no room. SQLite
// says of some full disks only that they did not take what was written.
func diskFull(err error) bool {
	for _, full := range []error{syscall.ENOSPC, sqlite3.FULL, sqlite3.IOERR_WRITE, sqlite3.IOERR_FSYNC, sqlite3.IOERR_SHMSIZE} {
		if errors.Is(err, full) {
			return true
		}
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100"
}

// statusOf is where errors become answers: a status, and no more.
func statusOf(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errGone):
		return http.StatusGone
	case errors.Is(err, errFull), errors.Is(err, errQuota), diskFull(err):
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
