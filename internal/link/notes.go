package link

import (
	"errors"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// Failure says why an exchange did not come to its end.
type Failure string

// Why an exchange fails. Add, never rename.
const (
	Away    Failure = "away"    // the hub cannot be reached, or is silent
	Refused Failure = "refused" // the hub does not let this device in
	Other   Failure = "other"   // another hub answers at that address
	Lied    Failure = "lied"    // the hub contradicts itself
	Disk    Failure = "disk"    // this device cannot keep what comes
	Full    Failure = "full"    // the hub has no room for what waits here; all else was done
	Newer   Failure = "newer"   // what came was written by a newer version than this one
	Unfit   Failure = "unfit"   // what the hub says cannot be read, or it does not take what is handed over
)

// Failures lists them.
func Failures() []Failure { return []Failure{Away, Refused, Other, Lied, Disk, Full, Newer, Unfit} }

func failureOf(err error) Failure {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, syncer.ErrHubLies):
		return Lied
	case errors.Is(err, syncer.ErrNoRoom):
		return Full
	case errors.Is(err, amana.ErrStorage):
		return Disk
	case errors.Is(err, amana.ErrRefused):
		return Refused
	case errors.Is(err, amana.ErrNewer):
		return Newer
	case errors.Is(err, amana.ErrTampered):
		return Other
	case errors.Is(err, amana.ErrInvalid), errors.Is(err, amana.ErrConflict), errors.Is(err, amana.ErrNotFound):
		return Unfit
	}
	return Away
}

// notes are kept on the device between times. A field that is not there has its zero
// value.
type notes struct {
	Last    int64   `cbor:"1,keyasint,omitempty"` // milliseconds since 1970: an exchange came to its end
	Tried   int64   `cbor:"2,keyasint,omitempty"` // and when the last one was tried
	Failed  Failure `cbor:"3,keyasint,omitempty"` // why that one did not
	Metered bool    `cbor:"4,keyasint,omitempty"` // the connection costs: large things only when asked
	Left    int     `cbor:"5,keyasint,omitempty"` // items that came and could not be taken yet
	// Parcels are how far parcels went, by name.
	Parcels map[string]parcelSent `cbor:"6,keyasint,omitempty"`
	// Ended is the order by which the hub says that it lets this device in no more.
	Ended []byte `cbor:"7,keyasint,omitempty"`
	// Devices is how the organisation's devices stood at the hub when it was asked last.
	Devices *devicesAtHub `cbor:"8,keyasint,omitempty"`
}

func notesOf(s *vault.Session) (n notes, err error) {
	raw, err := s.SyncNotes()
	if err != nil || len(raw) == 0 {
		return n, err
	}
	return n, wire.DecodeState(raw, &n)
}

// noting changes notes where no keeper works.
func noting(s *vault.Session) func(change func(*notes)) error {
	return func(change func(*notes)) error {
		n, err := notesOf(s)
		if err != nil {
			return err
		}
		change(&n)
		return n.keep(s)
	}
}

func (n *notes) keep(s *vault.Session) error { return s.KeepSyncNotes(wire.Encode(n)) }

func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
