package hub

import (
	"context"
	"sync"
	"time"

	"amana"
)

// watch tells who waits when an organisation's log grows: at once where it grew through
// this process, within a moment where another process took something in. One goroutine
// looks for all who wait for one organisation.
type watch struct {
	store *Store

	mu   sync.Mutex // guards orgs
	orgs map[amana.OrgID]*waiters
}

type waiters struct {
	size  uint64
	grown chan struct{} // closed when size grows
	n     int
	stop  context.CancelFunc
}

// look is how often the database is asked for news of an organisation for which
// somebody waits.
const look = 2 * time.Second

func newWatch(s *Store) *watch { return &watch{store: s, orgs: map[amana.OrgID]*waiters{}} }

// grew is told the size of a log.
func (w *watch) grew(org amana.OrgID, size uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o := w.orgs[org]; o != nil && size > o.size {
		o.size = size
		close(o.grown)
		o.grown = make(chan struct{})
	}
}

// wait returns the size once it is more than known, or known after hold.
func (w *watch) wait(ctx context.Context, org amana.OrgID, known uint64, hold time.Duration) uint64 {
	w.mu.Lock()
	o := w.orgs[org]
	if o == nil {
		run, stop := context.WithCancel(context.WithoutCancel(ctx))
		o = &waiters{size: known, grown: make(chan struct{}), stop: stop}
		w.orgs[org] = o
		go w.follow(run, org)
	}
	o.n++
	grown, size := o.grown, o.size
	w.mu.Unlock()
	if size <= known {
		t := time.NewTimer(hold)
		defer t.Stop()
		select {
		case <-grown:
		case <-t.C:
		case <-ctx.Done():
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.n--; o.n == 0 {
		o.stop()
		delete(w.orgs, org)
	}
	return max(o.size, known)
}

// follow looks at the database for as long as somebody waits.
func (w *watch) follow(ctx context.Context, org amana.OrgID) {
	t := time.NewTicker(look)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if size, err := w.store.Size(ctx, org); err == nil {
			w.grew(org, size)
		}
	}
}
