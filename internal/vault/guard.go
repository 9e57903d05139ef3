package vault

import (
	"errors"
	"sync"
	"time"

	"amana"
)

// WaitError says how long to wait before the next passphrase is tried.
type WaitError struct{ For time.Duration }

// Error implements error.
func (e *WaitError) Error() string { return "vault: " + amana.ErrWait.Error() }

// Unwrap makes errors.Is(err, amana.ErrWait) true.
func (e *WaitError) Unwrap() error { return amana.ErrWait }

// guard slows down whoever tries passphrases on the page. It cannot slow down a
// thief who has the files: the cost of stretching does.
type guard struct {
	now func() time.Time

	// turn is held from asking to telling: passphrases that are tried at once are
	// counted one after the other.
	turn sync.Mutex

	mu    sync.Mutex // guards what follows
	wrong int
	until time.Time
}

const (
	freeTries   = 3
	longestWait = 5 * time.Minute
)

func newGuard(now func() time.Time) *guard { return &guard{now: now} }

// try calls open, which tries one passphrase, unless there were too many wrong ones.
func (g *guard) try(open func() error) error {
	if err := g.ask(); err != nil {
		return err
	}
	g.turn.Lock()
	defer g.turn.Unlock()
	if err := g.ask(); err != nil {
		return err
	}
	err := open()
	g.tell(err)
	return err
}

func (g *guard) ask() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if left := g.until.Sub(g.now()); left > 0 && left <= longestWait {
		return &WaitError{For: left}
	}
	return nil
}

// tell counts a wrong passphrase and forgets them after a right one. Each wrong
// one beyond the first three doubles the wait.
func (g *guard) tell(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !errors.Is(err, amana.ErrPassphrase) {
		if err == nil {
			g.wrong = 0
		}
		return
	}
	g.wrong++
	if over := g.wrong - freeTries; over >= 0 {
		wait := min(longestWait, time.Second<<min(over, 20))
		g.until = g.now().Add(wait)
	}
}
