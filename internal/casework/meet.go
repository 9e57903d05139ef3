package casework

import (
	"context"
	"fmt"
	"sync"
	"time"

	"amana"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// meetFor is how long a computer listens for another, at most.
const meetFor = 15 * time.Minute

// meetPort is on which it does.
const meetPort = "7267"

// Met says what came of a meeting with another computer.
type Met = link.Met

// MeetState says whether this computer listens for another.
type MeetState struct {
	Word      string   // what the other has to be told; empty where it does not listen
	QR        [][]bool // of the word
	Came      []Met    // what came of each visit
	Addresses []string // on which it could listen
}

// meeting is a computer that listens.
type meeting struct {
	mu   sync.Mutex // guards what follows
	at   *link.Meeting
	came []Met
	stop *time.Timer
}

// MeetOpen lets another computer of the organisation come to this one for a quarter of an
// hour, at one of its addresses. Kinds: ErrInvalid for an address that is none of its
// own; ErrConflict where it listens already.
func (d *Desk) MeetOpen(_ context.Context, address string) error {
	m := &d.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at != nil {
		return fmt.Errorf("casework: this computer listens already: %w", amana.ErrConflict)
	}
	at, err := link.Listen(d.session, joinHostPort(address), func(one Met) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.came = append(m.came, one)
	})
	if err != nil {
		return err
	}
	m.at, m.came = at, nil
	m.stop = time.AfterFunc(meetFor, d.MeetClose)
	return nil
}

func joinHostPort(address string) string {
	for _, c := range address {
		if c == ':' { // IPv6
			return "[" + address + "]:" + meetPort
		}
	}
	return address + ":" + meetPort
}

// MeetState returns whether this computer listens, and where it could.
func (d *Desk) MeetState() MeetState {
	m := &d.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	st := MeetState{Came: append([]Met(nil), m.came...), Addresses: syncer.OwnAddresses()}
	if m.at != nil {
		st.Word = m.at.Word
		if code, err := seal.QR(st.Word); err == nil {
			st.QR = code
		}
	}
	return st
}

// MeetClose ends the listening.
func (d *Desk) MeetClose() {
	m := &d.meeting
	m.mu.Lock()
	at := m.at
	m.at = nil
	if m.stop != nil {
		m.stop.Stop()
	}
	m.mu.Unlock()
	if at != nil {
		at.Close() // nobody comes any more all the same
	}
}

// MeetVisit goes to a computer that listens, by its word. Kinds: those of [link.Visit].
func (d *Desk) MeetVisit(ctx context.Context, word string) (Met, error) {
	return link.Visit(ctx, d.session, word)
}
