package hub

import (
	"context"
	"sync"
	"time"

	"amana"
)

// limits keep one organisation from slowing another: each has so many requests at work
// at once, and so many waiting for that; what is more is told to come again. Whoever has
// no organisation yet shares one place.
type limits struct {
	now func() time.Time

	mu   sync.Mutex // guards orgs
	orgs map[amana.OrgID]*place
}

// place is one organisation's.
type place struct {
	turns   chan struct{}
	waiting int // guarded by limits.mu
}

const (
	atOnce      = 4  // requests of one organisation that are worked on
	mostWaiting = 64 // and that wait for it
)

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, orgs: map[amana.OrgID]*place{}}
}

// enter waits for a turn; done ends it.
func (l *limits) enter(ctx context.Context, org amana.OrgID, stranger bool) (done func(), err error) {
	l.mu.Lock()
	p := l.orgs[org]
	if p == nil {
		n := atOnce
		if stranger && org.IsZero() {
			n = 1
		}
		p = &place{turns: make(chan struct{}, n)}
		l.orgs[org] = p
	}
	if p.waiting >= mostWaiting {
		l.mu.Unlock()
		return nil, errBusy
	}
	p.waiting++
	l.mu.Unlock()
	left := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if p.waiting--; p.waiting == 0 && len(p.turns) == 0 && l.orgs[org] == p {
			delete(l.orgs, org)
		}
	}
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		left()
		return nil, ctx.Err()
	}
	var once sync.Once
	return func() {
		once.Do(func() {
			<-p.turns
			left()
		})
	}, nil
}
