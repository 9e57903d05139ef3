package vault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"amana"
	"amana/internal/journal"
	"amana/internal/keyring"
)

// save is what one person's action writes: all of it or nothing.
type save struct {
	ring   *keyring.Ring
	epoch  uint64 // of the organisation
	drafts []keyring.Draft
	reply  chan saved // of one answer
}

func newSave(r *keyring.Ring) *save { return &save{ring: r, reply: make(chan saved, 1)} }

// saved says where a save lies.
type saved struct {
	at   []journal.Pos
	time uint64 // of its last entry
	err  error
}

// committer writes saves one batch after the other: saves that come while the
// disk is busy share the next write. It alone gives entries their place in the
// device's chain.
type committer struct {
	open  *opened
	queue chan *save
	done  chan struct{}
}

// mostInBatch bounds how long a save waits for others.
const mostInBatch = 128

func newCommitter(o *opened) *committer {
	c := &committer{open: o, queue: make(chan *save, mostInBatch), done: make(chan struct{})}
	go c.work()
	return c
}

// stop ends the committer after what is queued. No more saves may be put.
func (c *committer) stop() {
	close(c.queue)
	<-c.done
}

// put hands a save over and waits until it is durable.
func (c *committer) put(ctx context.Context, s *save) (saved, error) {
	if err := ctx.Err(); err != nil {
		return saved{}, fmt.Errorf("vault: save: %w", err)
	}
	c.queue <- s
	r := <-s.reply // not cut short by ctx: the answer must say whether it is saved
	return r, r.err
}

// putAll hands many saves over and waits until all are durable.
func (c *committer) putAll(ctx context.Context, list []*save) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("vault: save: %w", err)
	}
	go func() {
		for _, s := range list {
			c.queue <- s
		}
	}()
	var errs []error
	for _, s := range list {
		errs = append(errs, (<-s.reply).err)
	}
	return errors.Join(errs...)
}

func (c *committer) work() {
	defer close(c.done)
	for first := range c.queue {
		batch := []*save{first}
		for len(batch) < mostInBatch {
			select {
			case s, ok := <-c.queue:
				if ok {
					batch = append(batch, s)
					continue
				}
			default:
			}
			break
		}
		c.commit(batch)
	}
}

// commit writes a batch. If that fails for a reason that lies in one of several
// saves, each is tried alone, so that one cannot take the others with it.
func (c *committer) commit(batch []*save) {
	items, err := c.seal(batch)
	var at []journal.Pos
	if err == nil {
		at, err = c.open.log.Append(items, c.open.clock.Now())
	}
	if err != nil && len(batch) > 1 && !errors.Is(err, amana.ErrStorage) {
		for _, s := range batch {
			c.commit([]*save{s})
		}
		return
	}
	for _, s := range batch {
		r := saved{err: err}
		if err == nil {
			r.at, at = at[:len(s.drafts)], at[len(s.drafts):]
			r.time = s.drafts[len(s.drafts)-1].Time
		}
		s.reply <- r
	}
}

// seal gives every draft its place and time, then seals them on all cores.
func (c *committer) seal(batch []*save) ([]journal.Item, error) {
	head := c.open.log.Head(c.open.device)
	type job struct {
		s *save
		d *keyring.Draft
	}
	var jobs []job
	for _, s := range batch {
		for i := range s.drafts {
			d := &s.drafts[i]
			head.Seq++
			d.Seq, d.Device = head.Seq, c.open.device
			d.Time, d.Wall = c.open.clock.TickAfter(d.After)
			d.Last = i == len(s.drafts)-1
			jobs = append(jobs, job{s, d})
		}
	}
	items := make([]journal.Item, len(jobs))
	errs := make([]error, len(jobs))
	parallel(len(jobs), func(i int) {
		items[i], errs[i] = jobs[i].s.ring.Seal(*jobs[i].d, jobs[i].s.epoch)
	})
	return items, errors.Join(errs...)
}

// parallel calls fn for 0 to n-1 on all cores.
func parallel(n int, fn func(int)) { parallelBy(n, func() func(int) { return fn }) }

// parallelBy is parallel where each core has what worker makes for it.
func parallelBy(n int, worker func() func(int)) {
	workers := min(n, cores())
	if workers < 2 {
		fn := worker()
		for i := range n {
			fn(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			fn := worker()
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				fn(i - 1)
			}
		})
	}
	wg.Wait()
}

// rooms gives each core a room of its own for what it does to 0 to n-1.
func (s *Session) rooms(n int, fn func(m *room, i int)) { new(suite).rooms(s, n, fn) }

// suite are rooms that are used again for one lot after the other, by one caller at a time.
type suite []*room

// rooms is [Session.rooms] in these.
func (u *suite) rooms(s *Session, n int, fn func(m *room, i int)) {
	for len(*u) < max(1, min(n, cores())) {
		*u = append(*u, s.newRoom())
	}
	var next atomic.Int64
	parallelBy(n, func() func(int) {
		m := (*u)[next.Add(1)-1]
		return func(i int) { fn(m, i) }
	})
}
