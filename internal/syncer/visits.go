package syncer

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"amana/internal/seal"
)

// Limits of a visit, where a Host names no others.
const (
	LongestVisit = time.Hour   // in all: what does not fit goes on at the next one
	stoodStill   = time.Minute // while a byte is awaited
	gone         = time.Minute // after which who says nothing has left
	mostRequests = 2           // of one visitor at a time
)

// visitor is a device that is here. Its fields are guarded by Host.mu.
type visitor struct {
	key    seal.VerifyKey
	ctx    context.Context //nolint:containedctx // it lives as long as the visit
	stop   context.CancelFunc
	met    Met
	took   bool            // it asked for entries
	gave   bool            // it came to the end of the entries
	active int             // requests
	leaves bool            // it said so
	broke  bool            // and that it did not come to its end
	files  map[string]bool // names of those that were given to their end
	quiet  *time.Timer
}

func orElse(d, usual time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return usual
}

// enter lets a visitor's request in; anew begins another visit, unless one broke off a
// moment ago, which it goes on with. It returns nil for one whose time is over, or that asks
// too much at once. Visitors do not wait for each other.
func (h *Host) enter(key seal.VerifyKey, anew bool) *visitor {
	var before *visitor
	h.mu.Lock()
	v := h.visits[key]
	if v != nil && anew && v.active == 0 && v.leaves {
		before, v = v, nil
	}
	if v == nil {
		v = &visitor{key: key}
		v.ctx, v.stop = context.WithTimeout(context.Background(), orElse(h.Longest, LongestVisit))
		if h.visits == nil {
			h.visits = map[seal.VerifyKey]*visitor{}
		}
		h.visits[key] = v
	}
	admitted := v.ctx.Err() == nil && v.active < mostRequests
	if admitted {
		v.active++
		if v.quiet != nil {
			v.quiet.Stop()
		}
	}
	h.mu.Unlock()
	if before != nil {
		h.left(before)
	}
	if !admitted {
		return nil
	}
	return v
}

// leave ends a request. Who then says nothing for a while has left.
func (h *Host) leave(v *visitor) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if v.active--; v.active > 0 {
		return
	}
	wait := orElse(h.Quiet, gone)
	if v.leaves {
		wait = 0
	}
	v.quiet = time.AfterFunc(wait, func() { h.left(v) })
}

// left ends a visit, unless a request is at work, and says what came of it, once.
func (h *Host) left(v *visitor) {
	h.mu.Lock()
	if v.active > 0 {
		h.mu.Unlock()
		return
	}
	if h.visits[v.key] == v {
		delete(h.visits, v.key)
	}
	v.stop()
	if v.quiet != nil {
		v.quiet.Stop()
	}
	tell, met := v.took && h.Done != nil, v.met
	met.Other, met.Broken = v.key, !v.gave || !v.leaves || v.broke
	v.took = false
	h.mu.Unlock()
	if tell {
		h.Done(met)
	}
}

// Here says how far those are who visit now.
func (h *Host) Here() (list []Met) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, v := range h.visits {
		if v.took {
			met := v.met
			met.Other = key
			list = append(list, met)
		}
	}
	slices.SortFunc(list, func(a, b Met) int { return bytes.Compare(a.Other[:], b.Other[:]) })
	return list
}

// note changes what came of a visit.
func (h *Host) note(v *visitor, do func(*Met)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	do(&v.met)
}

// bounded is a request whose bytes have to move, and that ends with the visit.
type bounded struct {
	http.ResponseWriter
	body  io.ReadCloser
	still time.Duration
	timer *time.Timer
	mu    sync.Mutex // guards done
	done  bool
	count func(n int) // bytes that crossed
}

// bound bounds a request. end is to be called when it was answered.
func (h *Host) bound(w http.ResponseWriter, r *http.Request, v *visitor) (out *bounded, in *http.Request, end func()) {
	ctx, cancel := context.WithCancel(r.Context())
	b := &bounded{ResponseWriter: w, body: r.Body, still: orElse(h.Still, stoodStill)}
	b.count = func(n int) { h.note(v, func(m *Met) { m.Bytes += int64(n) }) }
	c := http.NewResponseController(w)
	cut := func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.done {
			return
		}
		cancel()
		past := time.Unix(1, 0)
		_, _ = c.SetReadDeadline(past), c.SetWriteDeadline(past) // a connection that has none is read to its end
	}
	b.timer = time.AfterFunc(b.still, cut)
	b.timer.Stop()
	stop := context.AfterFunc(v.ctx, cut)
	in = r.WithContext(ctx)
	in.Body = b
	return b, in, func() {
		b.mu.Lock()
		b.done = true
		b.mu.Unlock()
		b.timer.Stop()
		stop()
		cancel()
	}
}

// Read implements [io.Reader].
func (b *bounded) Read(p []byte) (int, error) {
	b.timer.Reset(b.still)
	defer b.timer.Stop() // what is done with it may take longer
	n, err := b.body.Read(p)
	b.count(n)
	return n, err
}

// Close implements [io.Closer].
func (b *bounded) Close() error { return b.body.Close() }

// Write implements [io.Writer].
func (b *bounded) Write(p []byte) (int, error) {
	b.timer.Reset(b.still)
	defer b.timer.Stop()
	n, err := b.ResponseWriter.Write(p)
	b.count(n)
	return n, err
}

// Unwrap lets an [http.ResponseController] through.
func (b *bounded) Unwrap() http.ResponseWriter { return b.ResponseWriter }
