package hub

import (
	"context"
	"sync"

	"amana"
)

// limits keep one organisation from slowing another: each has so many requests at work
// at once, so many waiting for that, and so many bytes on their way in; what is more is
// told to come again. Whoever has no organisation yet shares one place. Who sends slowly
// or waits for news has no turn meanwhile, and holds up nobody.
type limits struct {
	atOnce int // requests of one organisation that are worked on

	mu   sync.Mutex // guards orgs and what is in them
	orgs map[amana.OrgID]*share
}

// share is what one organisation has of the hub.
type share struct {
	turns chan struct{}
	open  int   // requests that are neither answered nor wait for news
	bytes int64 // that they may still bring
}

const (
	atOnce      = 2         // requests of one organisation that are worked on
	atOnceFiles = 16        // and that carry files, which take long and little work
	mostOpen    = 1024      // requests of one organisation that are here
	mostBytes   = 128 << 20 // bytes of one organisation on their way in
)

func newLimits(atOnce int) *limits { return &limits{atOnce: atOnce, orgs: map[amana.OrgID]*share{}} }

// turn is one request's place.
type turn struct {
	l    *limits
	org  amana.OrgID
	s    *share
	held bool // a turn; not only a place in the queue
	left bool // it is not counted any more
}

// enter waits for a turn.
func (l *limits) enter(ctx context.Context, org amana.OrgID) (*turn, error) {
	t := &turn{l: l, org: org, left: true}
	return t, t.resume(ctx)
}

// resume waits for a turn again after a pause.
func (t *turn) resume(ctx context.Context) error {
	if t.held {
		return nil
	}
	if err := t.count(); err != nil {
		return err
	}
	select {
	case t.s.turns <- struct{}{}:
		t.held = true
		return nil
	case <-ctx.Done():
		t.end()
		return ctx.Err()
	}
}

func (t *turn) count() error {
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	if !t.left {
		return nil
	}
	s := t.l.orgs[t.org]
	if s == nil {
		s = &share{turns: make(chan struct{}, t.l.atOnce)}
		t.l.orgs[t.org] = s
	}
	if s.open >= mostOpen {
		return errBusy
	}
	s.open++
	t.s, t.left = s, false
	return nil
}

// pause gives the turn back. The request is still counted.
func (t *turn) pause() {
	if t.held {
		t.held = false
		<-t.s.turns
	}
}

// end gives everything back.
func (t *turn) end() {
	t.pause()
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	if t.left {
		return
	}
	t.left = true
	if t.s.open--; t.s.open == 0 {
		delete(t.l.orgs, t.org)
	}
}

// bring reserves room for bytes on their way in; give gives it back.
func (t *turn) bring(n int64) (give func(), err error) {
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	if t.s.bytes+n > mostBytes {
		return nil, errBusy
	}
	t.s.bytes += n
	return func() {
		t.l.mu.Lock()
		defer t.l.mu.Unlock()
		t.s.bytes -= n
	}, nil
}
