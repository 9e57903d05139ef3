package link

import (
	"errors"
	"fmt"
	"testing"

	"amana"
	"amana/internal/syncer"
)

// Why an exchange failed is said for what it was: nothing that somebody can do something
// about is taken for a network that is away.
func TestFailureOf(t *testing.T) {
	for err, want := range map[error]Failure{
		nil: "", syncer.ErrAway: Away, syncer.ErrHubLies: Lied, syncer.ErrNoRoom: Full, amana.ErrStorage: Disk, amana.ErrRefused: Refused,
		amana.ErrTampered: Other, amana.ErrNewer: Newer, amana.ErrInvalid: Unfit, amana.ErrConflict: Unfit, amana.ErrNotFound: Unfit,
		errors.New("the network says"): Away,
	} {
		if err != nil {
			err = fmt.Errorf("link: %w", err)
		}
		if got := failureOf(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
