package hub

import (
	"context"
	"sync"
	"time"

	"amana"
)

// watch tells who waits when an organisation's log grows: at once where it grew through
// this process, within a moment where another process took something in. One goroutine
// looks for all who wait, so that many who wait cost the database little. It asks rather
// than listens: not every database that speaks PostgreSQL's language can call.
type watch struct {
	store *Store

	mu     sync.Mutex // guards what follows
	orgs   map[amana.OrgID]*waiters
	looks  bool // a goroutine looks
	closed chan struct{}
}

// waiters are those who wait for one organisation.
type waiters struct {
	size  uint64
	grown chan struct{} // closed when size grows
	n     int
}

// look is how often the database is asked for news of those for whom somebody waits.
const look = 2 * time.Second

func newWatch(s *Store) *watch {
	return &watch{store: s, orgs: map[amana.OrgID]*waiters{}, closed: make(chan struct{})}
}

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
		o = &waiters{size: known, grown: make(chan struct{})}
		w.orgs[org] = o
	}
	o.n++
	grown, size := o.grown, o.size
	if !w.looks {
		w.looks = true
		go w.follow(context.WithoutCancel(ctx))
	}
	w.mu.Unlock()
	if size <= known {
		t := time.NewTimer(hold)
		defer t.Stop()
		select {
		case <-grown:
		case <-t.C:
		case <-ctx.Done():
		case <-w.closed:
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.n--; o.n == 0 {
		delete(w.orgs, org)
	}
	return max(o.size, known)
}

// close lets everybody go.
func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.closed:
	default:
		close(w.closed)
	}
}

// follow looks at the database for as long as somebody waits.
func (w *watch) follow(ctx context.Context) {
	t := time.NewTicker(look)
	defer t.Stop()
	for {
		select {
		case <-w.closed:
			return
		case <-t.C:
		}
		orgs, more := w.waited()
		if !more {
			return
		}
		sizes, err := w.store.sizes(ctx, orgs)
		if err != nil {
			continue // whoever waits hears of it when they ask
		}
		for org, size := range sizes {
			w.grew(org, size)
		}
	}
}

// waited lists the organisations for which somebody waits, or ends the looking.
func (w *watch) waited() (list []amana.OrgID, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for org := range w.orgs {
		list = append(list, org)
	}
	w.looks = len(list) > 0
	return list, w.looks
}
