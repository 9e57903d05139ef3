package hub

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"amana"
	"amana/internal/journal"
)

// A batch is on the disk before anybody is told so, and a disk takes as long for one as
// for a hundred. So small batches that come while others are being written are written
// together, of all organisations, in one transaction; each organisation in one at a time.
// An organisation that brings large ones, or whose rows another hub is at in the same
// moment, has a lane of its own for as long as that lasts. Nobody waits for another
// organisation's disk or lock.

// pushing is a batch on its way in.
type pushing struct {
	org  amana.OrgID
	b    journal.Batch
	read bool   // how its organisation stands is read anew for it
	size uint64 // of the log with it
	err  error
	done chan struct{} // closed when size and err stand
}

func (p *pushing) finish(size uint64, err error) {
	p.size, p.err = size, err
	close(p.done)
}

// bytes is how much of the disk it takes, about.
func (p *pushing) bytes() (n int) {
	for _, it := range p.b.Items {
		n += len(it.Entry) + len(it.Wraps) + len(it.Body)
	}
	return n
}

const (
	mostWriting   = 6         // transactions of small batches at once
	usualWriting  = 1         // and so many where none of them takes long: fewer are larger
	mostTogether  = 256       // batches in one transaction
	bytesTogether = 512 << 10 // and about so many bytes
	smallBatch    = 64 << 10  // what is larger takes a lane of its own
	readAnew      = 64        // batches for which nothing is remembered of an organisation in which another hub wrote
)

// long is how long a transaction takes before another may begin beside the usual ones, so
// that one that waits for a lock holds up nobody else.
const long = 20 * time.Millisecond

// A transaction waits for others to come with it for a moment: a quarter of the time that
// the last one took, at most this, and at least a little.
const (
	leastGathering = time.Millisecond / 4
	mostGathering  = 5 * time.Millisecond
)

// lately is for how long after a transaction as many are expected to come as came then.
const lately = 10 * time.Millisecond

// lanes are the queues of a store.
type lanes struct {
	ahead  func([]*pushing) (unsure []*pushing, moved []amana.OrgID)
	locked func([]*pushing)
	most   int // goroutines that empty the shared queue

	mu       sync.Mutex // guards what follows
	shared   []*pushing
	writing  int                    // goroutines that empty the shared queue
	slow     int                    // of those, how many are at something that takes long
	busy     map[amana.OrgID]bool   // those of which they write something
	own      map[amana.OrgID]*queue // lanes of their own
	enough   chan struct{}          // not nil: a transaction waits until wanted batches wait; closed then
	wanted   int
	expected int // how many may come together, by those who came lately
	forget   *time.Timer
	moment   time.Duration       // for which a transaction waits for others
	moved    map[amana.OrgID]int // those in which another hub writes too, and for how many batches they are read anew
	closed   bool
	work     sync.WaitGroup
}

func newLanes() *lanes {
	return &lanes{moment: leastGathering, busy: map[amana.OrgID]bool{}, own: map[amana.OrgID]*queue{}, moved: map[amana.OrgID]int{}}
}

// queue is what waits in a lane of its own.
type queue []*pushing

// add takes a batch in.
func (l *lanes) add(p *pushing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		p.finish(0, fmt.Errorf("hub: the database is closed: %w", amana.ErrStorage))
	case l.own[p.org] != nil || p.bytes() > smallBatch:
		l.addOwn(p)
	default:
		if n := l.moved[p.org]; n > 1 {
			p.read, l.moved[p.org] = true, n-1
		} else {
			delete(l.moved, p.org)
		}
		l.shared = append(l.shared, p)
		if l.enough != nil && len(l.shared) >= l.wanted {
			close(l.enough)
			l.enough = nil
		}
		l.begin()
	}
}

// addOwn gives an organisation a lane of its own. Callers hold mu.
func (l *lanes) addOwn(p *pushing) {
	own := l.own[p.org]
	if own == nil {
		own = &queue{}
		l.own[p.org] = own
		l.work.Go(func() { l.emptyOwn(p.org, own) })
	}
	*own = append(*own, p)
}

// emptyShared writes what may be written together, until there is none.
func (l *lanes) emptyShared() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gather(l.expected)
	for {
		list := l.take()
		if len(list) == 0 {
			l.writing--
			return
		}
		l.mu.Unlock()
		slow := time.AfterFunc(long, func() { l.takesLong(1) })
		began := clock()
		unsure, moved := l.ahead(list)
		took := clock().Sub(began)
		if !slow.Stop() {
			l.takesLong(-1)
		}
		l.mu.Lock()
		for _, p := range list {
			delete(l.busy, p.org)
		}
		for _, org := range moved {
			l.moved[org] = readAnew
		}
		for _, p := range unsure {
			l.addOwn(p)
		}
		l.moment = min(max(took/4, leastGathering), mostGathering)
		l.gather(l.expect(list))
	}
}

// gather waits a moment until so many wait: one transaction for all costs less than two.
// Callers hold mu, which is let go meanwhile.
func (l *lanes) gather(n int) {
	n = min(n, mostTogether)
	if n < 2 || len(l.shared) >= n || l.enough != nil || l.closed {
		return
	}
	enough := make(chan struct{})
	l.enough, l.wanted = enough, n
	t := time.NewTimer(l.moment)
	l.mu.Unlock()
	select {
	case <-t.C:
	case <-enough:
	}
	t.Stop()
	l.mu.Lock()
	if l.enough == enough {
		l.enough = nil
	}
}

// expect notes that a transaction of some batches has ended, and returns how many may come
// now: those who are told bring the next, beside those who wait. Nobody waits for those in
// whose organisations another hub writes too: they go there in turns. For a while as many are
// expected again where nobody waits any more. Callers hold mu.
func (l *lanes) expect(list []*pushing) int {
	n := len(list)
	again := 0
	for _, p := range list {
		if l.moved[p.org] == 0 {
			again++
		}
	}
	l.expected = max(n+len(l.shared), l.expected*3/4)
	if l.forget != nil {
		l.forget.Stop()
	}
	l.forget = time.AfterFunc(lately, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.expected = 0
	})
	return len(l.shared) + again
}

// clock is the machine's: how long a database takes is its time.
func clock() time.Time { return time.Now() } //nolint:forbidigo // see above

// begin begins one more transaction, where something waits that may be written. Callers
// hold mu.
func (l *lanes) begin() {
	waits := slices.ContainsFunc(l.shared, func(p *pushing) bool { return !l.busy[p.org] })
	if waits && !l.closed && l.writing < l.most && l.writing-l.slow < usualWriting {
		l.writing++
		l.work.Go(l.emptyShared)
	}
}

// takesLong says that a transaction does, or that one that did has ended.
func (l *lanes) takesLong(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow += n
	l.begin()
}

// take takes what is written together next. Callers hold mu.
func (l *lanes) take() (list []*pushing) {
	size := 0
	taken := map[amana.OrgID]bool{}
	rest := l.shared[:0]
	for _, p := range l.shared {
		n := p.bytes()
		if l.busy[p.org] && !taken[p.org] || len(list) == mostTogether || len(list) > 0 && size+n > bytesTogether {
			rest = append(rest, p)
			continue
		}
		size += n
		taken[p.org], l.busy[p.org] = true, true
		list = append(list, p)
	}
	clear(l.shared[len(rest):])
	l.shared = rest
	return list
}

func (l *lanes) emptyOwn(org amana.OrgID, own *queue) {
	for {
		l.mu.Lock()
		list := own.take()
		if len(list) == 0 {
			delete(l.own, org)
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		l.locked(list)
	}
}

// take takes what is written together next.
func (q *queue) take() (list []*pushing) {
	size := 0
	for _, p := range (*q)[:min(mostTogether, len(*q))] {
		if size += p.bytes(); size > bytesTogether && len(list) > 0 {
			break
		}
		list = append(list, p)
	}
	*q = (*q)[len(list):]
	return list
}

// close waits for what is under way, and takes no more.
func (l *lanes) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.work.Wait()
}

// Push takes a batch in, whole and durably, or not at all. What is here already is
// passed over, so it can be sent again. It returns the size of the log with it. Kinds:
// ErrNotFound for a device that was not admitted, ErrConflict where items before it are
// missing, ErrTampered where it does not go on where the chain ends here, or its head is
// not signed by its device; ErrRefused for a revoked one; ErrStorage.
func (s *Store) Push(ctx context.Context, org amana.OrgID, b journal.Batch) (size uint64, err error) {
	verify, err := s.keyOf(ctx, org, b.Head.Device)
	if err != nil {
		return 0, err
	}
	if err := b.Head.Verify(verify, org); err != nil {
		return 0, err
	}
	p := &pushing{org: org, b: b, done: make(chan struct{})}
	s.lanes.add(p)
	select {
	case <-p.done:
		return p.size, p.err
	case <-ctx.Done(): // it may still be written; sent again, it is passed over
		return 0, ctx.Err()
	}
}
