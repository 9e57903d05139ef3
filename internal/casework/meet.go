package casework

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"amana"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// meetFor is how long a computer listens for another, at most; somebody who is there then
// may come to an end.
const (
	meetFor  = 15 * time.Minute
	meetMore = time.Minute
)

// meetPort is on which it does.
const meetPort = "7267"

// MeetLargest is how many bytes the largest file has that goes at a meeting where the large
// ones wait.
const MeetLargest = link.MeteredLargest

// Met says what came of a meeting with another computer, or how far it is.
type Met struct {
	link.Met
	With string // the name of the other; empty where it is not known
}

// MeetState says how this computer stands with meetings.
type MeetState struct {
	Word      string   // what the other has to be told; empty where it does not listen
	QR        [][]bool // of the word
	Large     bool     // large files go too, where it listens
	Here      []Met    // who is here now
	Came      []Met    // what came of each visit since it listened last
	Addresses []string // on which it could listen
	Metered   bool     // the connection of this computer costs: large files wait unless asked for
	Visit     *Visited // the last one from here; nil before the first
}

// Visited says how a visit to another computer stands, or what came of it.
type Visited struct {
	Busy bool
	Met
	Wrong MeetFault
}

// MeetFault says why a visit did not come to its end.
type MeetFault string

// What may go wrong at a visit.
const (
	MeetAway    MeetFault = "away"    // nobody answers
	MeetBroke   MeetFault = "broke"   // the line broke, and stayed so
	MeetStopped MeetFault = "stopped" // somebody stopped it
	MeetRefused MeetFault = "refused" // the other does not let this computer in
	MeetOther   MeetFault = "other"   // another answers
	MeetDisk    MeetFault = "disk"    // this computer cannot keep what comes
	MeetLocked  MeetFault = "locked"
	MeetUnfit   MeetFault = "unfit" // what the other says cannot be used
)

// With whom no meeting can be; see [link.Whom].
var (
	ErrMeetSelf     = link.ErrSelf
	ErrMeetEnded    = link.ErrEnded
	ErrMeetStranger = link.ErrStranger
)

func meetFault(err error, stopped bool, met link.Met) MeetFault {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, amana.ErrLocked):
		return MeetLocked
	case stopped:
		return MeetStopped
	case errors.Is(err, amana.ErrStorage):
		return MeetDisk
	case errors.Is(err, amana.ErrRefused):
		return MeetRefused
	case errors.Is(err, amana.ErrTampered) && met.Bytes == 0:
		return MeetOther
	case errors.Is(err, syncer.ErrAway) && met.Bytes == 0:
		return MeetAway
	case errors.Is(err, syncer.ErrAway):
		return MeetBroke
	}
	return MeetUnfit
}

// meeting is a computer that listens.
type meeting struct {
	mu    sync.Mutex // guards what follows
	at    *link.Meeting
	large bool
	came  []Met
	end   *time.Timer
}

// visiting is a computer that goes to another. Whoever holds mu asks nothing of the session,
// which may be telling how far it is.
type visiting struct {
	mu    sync.Mutex // guards what follows
	visit *Visited
	stop  context.CancelFunc
	busy  sync.WaitGroup
}

// now is the last visit as it stands.
func (v *visiting) now() *Visited {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.visit == nil {
		return nil
	}
	now := *v.visit
	return &now
}

// largest is how many bytes the largest file has that goes; zero: any.
func largest(large bool) int64 {
	if large {
		return 0
	}
	return MeetLargest
}

func (d *Desk) met(m link.Met) Met { return Met{m, link.NameOf(d.session, m.Other)} }

// MeetOpen lets another computer of the organisation come to this one for a quarter of an
// hour, at one of its addresses. Where the large files are not to go, they wait. Kinds:
// ErrInvalid for an address that is none of its own; ErrConflict where it listens already.
func (d *Desk) MeetOpen(_ context.Context, address string, large bool) error {
	m := &d.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at != nil {
		return fmt.Errorf("casework: this computer listens already: %w", amana.ErrConflict)
	}
	at, err := link.Listen(d.session, syncer.JoinAddress(address, meetPort), largest(large), func(one link.Met) {
		met := d.met(one)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.came = append(m.came, met)
	})
	if err != nil {
		return err
	}
	m.at, m.large, m.came = at, large, nil
	m.end = time.AfterFunc(meetFor, func() { d.meetOver(at) })
	return nil
}

// meetOver ends the listening when its time has come, once nobody is there.
func (d *Desk) meetOver(at *link.Meeting) {
	m := &d.meeting
	m.mu.Lock()
	ours := m.at == at
	if ours && len(at.Here()) > 0 {
		m.end.Reset(meetMore)
		ours = false
	}
	m.mu.Unlock()
	if ours {
		d.MeetClose()
	}
}

// MeetState returns how meetings stand. Kinds: ErrLocked, ErrStorage.
func (d *Desk) MeetState() (MeetState, error) {
	st := MeetState{Addresses: syncer.OwnAddresses()}
	at, err := link.StatusOf(d.session)
	if err != nil {
		return st, err
	}
	st.Metered, st.Visit = at.Metered, d.visiting.now()
	m := &d.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	st.Came = append([]Met(nil), m.came...)
	if m.at == nil {
		return st, nil
	}
	st.Word, st.Large = m.at.Word, m.large
	for _, one := range m.at.Here() {
		st.Here = append(st.Here, d.met(one))
	}
	if code, err := seal.QR(st.Word); err == nil {
		st.QR = code
	}
	return st, nil
}

// MeetClose ends the listening. What came of visits is remembered until the next one.
func (d *Desk) MeetClose() {
	m := &d.meeting
	m.mu.Lock()
	at := m.at
	m.at = nil
	if m.end != nil {
		m.end.Stop()
	}
	m.mu.Unlock()
	if at != nil {
		at.Close() // nobody comes any more all the same
	}
}

// MeetVisit begins a visit to a computer that listens, by its word, and does not wait for
// its end. Where the large files are not to go, they wait. Kinds: those of [link.Whom];
// ErrConflict while there is one under way.
func (d *Desk) MeetVisit(ctx context.Context, word string, large bool) error {
	other, err := link.Whom(d.session, word)
	if err != nil {
		return err
	}
	met := d.met(link.Met{Other: other})
	m := &d.visiting
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.visit != nil && m.visit.Busy {
		return fmt.Errorf("casework: a visit is under way: %w", amana.ErrConflict)
	}
	ctx, m.stop = context.WithCancel(context.WithoutCancel(ctx))
	m.visit = &Visited{Busy: true, Met: met}
	v := &syncer.Visiting{Largest: largest(large), Tell: func(now link.Met) {
		m.mu.Lock()
		defer m.mu.Unlock()
		now.Other = other
		m.visit.Met.Met = now
	}}
	m.busy.Go(func() {
		err := link.Visit(ctx, d.session, word, v)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.visit.Busy, m.visit.Wrong = false, meetFault(err, ctx.Err() != nil, m.visit.Met.Met)
		m.stop()
	})
	return nil
}

// MeetStop stops a visit that is under way. What came stays, and the next one goes on there.
func (d *Desk) MeetStop() {
	d.visiting.cancel()
	d.visiting.busy.Wait()
}

// cancel has a visit end, and does not wait for it.
func (v *visiting) cancel() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.stop != nil {
		v.stop()
	}
}
