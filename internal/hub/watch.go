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
	now   func() time.Time
	hold  time.Duration

	mu     sync.Mutex // guards what follows
	orgs   map[amana.OrgID]*waiters
	looks  bool // a goroutine looks
	ended  bool
	closed chan struct{}
}

// waiters are those who wait for one organisation.
type waiters struct {
	size uint64
	who  map[place]waiter // one for each device: who asks anew, waits anew
}

// waiter waits for a log to be larger than it knows, but not longer than until.
type waiter struct {
	wake  func() // told once; it must not block
	until time.Time
}

// look is how often the database is asked for news of those for whom somebody waits.
const look = 2 * time.Second

func newWatch(s *Store, now func() time.Time, hold time.Duration) *watch {
	return &watch{store: s, now: now, hold: hold, orgs: map[amana.OrgID]*waiters{}, closed: make(chan struct{})}
}

// grew is told the size of a log.
func (w *watch) grew(org amana.OrgID, size uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.orgs[org]
	if o == nil || size <= o.size {
		return
	}
	delete(w.orgs, org)
	for _, one := range o.who {
		one.wake()
	}
}

// add has a device wait for a log to be larger than known, not longer than hold.
func (w *watch) add(at place, known uint64, hold time.Duration, wake func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.orgs[at.org]
	if o == nil {
		o = &waiters{size: known, who: map[place]waiter{}}
		w.orgs[at.org] = o
	}
	if o.size > known || w.ended { // it grew a moment ago
		wake()
		return
	}
	if before, waits := o.who[at]; waits {
		before.wake()
	}
	o.size = known
	o.who[at] = waiter{wake: wake, until: w.now().Add(hold)}
	if !w.looks {
		w.looks = true
		go w.follow()
	}
}

// drop has a device that waits ask anew, whatever came.
func (w *watch) drop(at place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.orgs[at.org]
	if o == nil {
		return
	}
	if one, waits := o.who[at]; waits {
		delete(o.who, at)
		one.wake()
	}
}

// waiting is how many devices wait.
func (w *watch) waiting() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.orgs {
		n += len(o.who)
	}
	return n
}

// close lets everybody go.
func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	w.ended = true
	close(w.closed)
	for org, o := range w.orgs {
		delete(w.orgs, org)
		for _, one := range o.who {
			one.wake()
		}
	}
}

// follow looks at the database, and lets go who waited for long enough, for as long as
// somebody waits.
func (w *watch) follow() {
	t := time.NewTicker(min(look, w.hold/4))
	defer t.Stop()
	looked := w.now()
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
		if since := w.now().Sub(looked); since >= 0 && since < look {
			continue
		}
		looked = w.now()
		sizes, err := w.store.sizes(context.Background(), orgs)
		if err != nil {
			continue // whoever waits hears of it when they ask
		}
		for org, size := range sizes {
			w.grew(org, size)
		}
	}
}

// waited lets go who waited for long enough, and lists the organisations for which
// somebody still waits, or ends the looking.
func (w *watch) waited() (list []amana.OrgID, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	for org, o := range w.orgs {
		for at, one := range o.who {
			if left := one.until.Sub(now); left <= 0 || left > w.hold { // or the clock was set back
				delete(o.who, at)
				one.wake()
			}
		}
		if len(o.who) == 0 {
			delete(w.orgs, org)
		} else {
			list = append(list, org)
		}
	}
	w.looks = len(list) > 0
	return list, w.looks
}
