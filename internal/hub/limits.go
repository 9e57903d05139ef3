package hub

import (
	"context"
	"sync"
	"time"

	"amana"
)

// limits keep one organisation from slowing another: each has so many requests at work
// at once, so many waiting for that, and so many bytes on their way; what is more is
// told to come again. Whoever has no organisation yet shares one place. Who sends slowly
// or waits for news has no turn meanwhile, and holds up nobody.
type limits struct {
	atOnce int     // requests of one organisation that are worked on
	rate   float64 // what one organisation may ask for in a second; see bucket
	now    func() time.Time

	mu      sync.Mutex // guards orgs, buckets and what is in them
	orgs    map[amana.OrgID]*share
	buckets map[amana.OrgID]*bucket
}

// bucket is what an organisation may still ask for at once: a request counts one, and one
// more for each 32 KiB that it brings and each 64 KiB that it is answered. It fills by the
// rate. Who asks for more than is in it waits until it would have been. So a flood comes as
// a steady trickle that leaves processors and database to others; its first moment is short.
// What a fetch will be answered nobody knows before: it pays for as much as fetches of that
// organisation had lately, before it is worked on, and for the rest, or gets it back, after.
type bucket struct {
	left  float64
	at    time.Time
	fetch float64 // what a fetch is answered, as requests, lately
}

const (
	usualRate = 400  // a second: ten thousand devices ask every 25 seconds
	burst     = 0.25 // seconds of the rate that a full bucket holds
	leastHeld = 16   // requests that it holds at any rate: what a device asks for in one go
	bringsOne = 32 << 10
	takesOne  = 64 << 10

	usualFetch = 2 // what a fetch is taken to be answered, as requests, until some were

	tooLong   = 30 * time.Second // who would wait for longer is told to come again
	mostFetch = 0.25             // of what a full bucket holds, that a fetch pays for before
	mostKept  = 4096             // buckets, beyond which full ones are forgotten
)

// take takes from an organisation's bucket, and says how long to wait for it.
func (l *limits) take(org amana.OrgID, n float64) (wait time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.buckets[org]
	if b == nil {
		if len(l.buckets) >= mostKept {
			for id, b := range l.buckets {
				if now.Sub(b.at) > tooLong+time.Duration(l.holds()/l.rate*float64(time.Second)) {
					delete(l.buckets, id)
				}
			}
		}
		b = &bucket{left: l.holds(), at: now, fetch: usualFetch}
		l.buckets[org] = b
	}
	b.left = min(l.holds(), b.left+l.rate*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	wait = time.Duration(max(0, n-b.left) / l.rate * float64(time.Second))
	if wait > tooLong {
		return 0, errBusy
	}
	b.left -= n
	return wait, nil
}

// fetchOf is what a fetch pays for its answer before it has it.
func (l *limits) fetchOf(org amana.OrgID) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	usual := float64(usualFetch)
	if b := l.buckets[org]; b != nil {
		usual = b.fetch
	}
	return min(usual, mostFetch*l.holds())
}

// settle charges what an answer takes instead of what was paid for it, and remembers it.
// Callers hold mu.
func (t *turn) settle(takes float64) {
	b := t.l.buckets[t.org]
	if b == nil {
		return
	}
	b.left += t.paid - takes
	if t.paid > 0 && takes > 0 {
		b.fetch += (takes - b.fetch) / 4
	}
	t.paid = 0
}

// holds is what a full bucket holds.
func (l *limits) holds() float64 { return max(leastHeld, burst*l.rate) }

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
	mostBytes   = 128 << 20 // bytes of one organisation on their way, in and out
)

func newLimits(atOnce int, rate float64, now func() time.Time) *limits {
	return &limits{atOnce: atOnce, rate: rate, now: now, orgs: map[amana.OrgID]*share{}, buckets: map[amana.OrgID]*bucket{}}
}

// turn is one request's place.
type turn struct {
	l    *limits
	org  amana.OrgID
	s    *share
	held bool    // a turn; not only a place in the queue
	left bool    // it is not counted any more
	paid float64 // for an answer that was not given yet
}

// enter waits for a turn, and for what is taken from the bucket.
func (l *limits) enter(ctx context.Context, org amana.OrgID, n float64) (*turn, error) {
	return l.enterTo(ctx, org, n, false)
}

// enterTo is enter; who fetches also waits for what the answer may take.
func (l *limits) enterTo(ctx context.Context, org amana.OrgID, n float64, fetches bool) (*turn, error) {
	t := &turn{l: l, org: org, left: true}
	if fetches {
		t.paid = l.fetchOf(org)
	}
	wait, err := l.take(org, n+t.paid)
	if err != nil {
		t.paid = 0
		return t, err
	}
	if err := t.count(); err != nil {
		return t, err
	}
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			t.end()
			return t, ctx.Err()
		}
	}
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
	if t.paid > 0 { // nothing was answered
		t.settle(0)
	}
	if t.left {
		return
	}
	t.left = true
	if t.s.open--; t.s.open == 0 {
		delete(t.l.orgs, t.org)
	}
}

// bring reserves room for bytes on their way in; give gives it back.
func (t *turn) bring(n int64) (give func(), err error) { return t.reserve(n, bringsOne) }

// answer reserves room for bytes on their way out.
func (t *turn) answer(n int64) (give func(), err error) { return t.reserve(n, takesOne) }

// reserve reserves room for bytes, of which one lot counts as much as a request.
func (t *turn) reserve(n, lot int64) (give func(), err error) {
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	if t.s.bytes+n > mostBytes {
		return nil, errBusy
	}
	t.s.bytes += n
	if takes := float64(n) / float64(lot); lot == takesOne {
		t.settle(takes)
	} else if b := t.l.buckets[t.org]; b != nil {
		b.left -= takes
	}
	return func() {
		t.l.mu.Lock()
		defer t.l.mu.Unlock()
		t.s.bytes -= n
	}, nil
}
