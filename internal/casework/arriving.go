package casework

import (
	"context"
	"io"
	"time"

	"amana"
	"amana/internal/vault"
)

// ErrArriving: the history of this computer is still on its way; what was asked for waits
// until it has come. It is of kind ErrConflict.
var ErrArriving = vault.ErrArriving

// StartMade says what is in a small start that was made.
type StartMade = vault.Started

// Arriving says what is here of a computer that was taken in with a small start, and what
// is still coming.
type Arriving struct {
	vault.Start
	Device string    // the name of the computer that made the start
	When   time.Time // when, by that computer's clock
}

// Percent of the history that is here.
func (a Arriving) Percent() int {
	if a.Awaited == 0 {
		return 100
	}
	return int(100 * a.Here / a.Awaited)
}

// Arriving says how it stands. Kinds: ErrLocked, ErrStorage.
func (d *Desk) Arriving() (a Arriving, err error) {
	if a.Start, err = d.session.Start(); err != nil || a.Made == 0 {
		return a, err
	}
	a.When = time.UnixMilli(a.Made)
	if one, known := d.charter().Device(a.From); known {
		a.Device = one.Name
	}
	return a, nil
}

// StartFor says for which of these members a small start would hold cases now: somebody
// has to be unlocked here who can read the cases of all of their teams.
func (d *Desk) StartFor(members []amana.MemberID) ([]amana.MemberID, error) {
	return d.session.StartFor(members)
}

// AnswerDeviceStart is [Desk.AnswerDevice] with an answer that crosses the slowest line in
// a minute: what is urgent now, all the rest by the server, a file or a meeting. Kinds: as
// [vault.Session.Pair].
func (d *Desk) AnswerDeviceStart(ctx context.Context, file []byte, members []amana.MemberID, w io.Writer) (StartMade, error) {
	r, err := vault.ParseRequest(file)
	if err != nil {
		return StartMade{}, err
	}
	return d.PairStart(ctx, r, "", members, w)
}

// PairStart is [Desk.Pair] with a small start.
func (d *Desk) PairStart(ctx context.Context, r vault.PairRequest, name string, members []amana.MemberID, w io.Writer) (vault.Started, error) {
	if len(members) == 0 {
		members = []amana.MemberID{d.session.Member()}
	}
	return d.session.PairStart(ctx, r, name, members, w)
}
