package syncer_test

import (
	"context"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/syncer"
)

// simHub is a hub that keeps its word, and crashes before or after it keeps something.
type simHub struct {
	liar
	w       *world
	have    map[amana.DeviceID]journal.Head
	down    time.Duration // until when it is down
	lives   int
	waiting []func() // who waits for news, of this life
	unsaved []func() // what undoes what is not on its disk yet, where that is a mistake
}

func newSimHub(w *world) *simHub {
	return &simHub{liar: *newLiar(w.org), w: w, have: map[amana.DeviceID]journal.Head{}}
}

// crash ends it: who waits hears nothing any more.
func (h *simHub) crash() {
	h.w.hubCrashes++
	h.lives++
	h.waiting = nil
	for _, undo := range slices.Backward(h.unsaved) {
		undo()
	}
	h.unsaved = nil
	if n := len(h.leaves); h.w.hubReorders && n > 1 {
		h.leaves[n-1], h.leaves[n-2] = h.leaves[n-2], h.leaves[n-1]
	}
	h.down = h.w.now + h.w.about(3*h.w.scale)
	h.w.note("the hub crashes, until %v", h.down)
}

func (h *simHub) up() bool { return h.w.calm || h.w.now >= h.down }

func (h *simHub) push(b journal.Batch) (uint64, error) {
	head := h.have[b.Head.Device]
	if b.Head.Verify(h.w.device(b.Head.Device).verify, h.org) != nil {
		return 0, amana.ErrTampered
	}
	if b.Last() <= head.Seq && !h.w.hubDoubles {
		return uint64(len(h.leaves)), nil
	}
	if b.First > head.Seq+1 {
		return 0, amana.ErrConflict
	}
	before := h.batch[b.Head.Device]
	if b.First <= head.Seq+1 && b.Last() > head.Seq {
		b.Items, b.First = slices.Clone(b.Items[head.Seq+1-b.First:]), head.Seq+1
		hash := head.Hash
		for _, it := range b.Items {
			hash = it.Next(h.org, hash)
		}
		if hash != b.Head.Hash {
			return 0, amana.ErrTampered
		}
	} else {
		b.Items = slices.Clone(b.Items)
	}
	size := len(h.leaves)
	if h.w.hubForgets && h.w.rnd.IntN(4) == 0 {
		h.unsaved = append(h.unsaved, func() {
			h.leaves, h.batch[b.Head.Device], h.have[b.Head.Device] = h.leaves[:min(size, len(h.leaves))], before, head
		})
	}
	if b.Last() > head.Seq {
		h.have[b.Head.Device] = b.Head.Head()
	}
	done, err := h.Push(context.Background(), b, uint64(len(h.leaves)))
	if h.w.hubLoses && h.w.rnd.IntN(10) == 0 {
		h.batch[b.Head.Device] = before
	}
	waiting := h.waiting
	h.waiting = nil
	for _, wake := range waiting {
		wake()
	}
	return done.Size, err
}

func (h *simHub) erase(d amana.DeviceID, seqs []uint64) {
	if h.w.hubKeepsErased {
		return
	}
	for _, b := range h.batch[d] {
		for i := range b.Items {
			if slices.Contains(seqs, b.Items[i].Seq) {
				b.Items[i] = b.Items[i].Blank()
			}
		}
	}
}

// link is the network between a device and the hub.
type link struct{ d *simDevice }

// message brings something over the network, or does not, or does so twice.
func (l link) message(do func()) {
	w := l.d.w
	copies := 1
	switch {
	case w.now < l.d.cutOff && !w.calm, w.chance(9):
		w.lost++
		return
	case w.chance(9):
		w.doubled++
		copies = 2
	}
	for range copies {
		late := w.about(time.Second)
		if w.chance(5) {
			late = w.about(w.scale)
		}
		w.after(late, do)
	}
}

// answer is what a device waits for.
type answer[T any] struct {
	got T
	err error
}

// patience is how long a device waits for an answer, beside what was asked.
const patience = time.Minute

// call asks the hub, and waits for its answer on the virtual clock.
func call[T any](l link, hold time.Duration, ask func(reply func(T, error))) (none T, err error) {
	w, d := l.d.w, l.d
	if d.crashed {
		return none, errCrash
	}
	if w.chance(2) {
		return none, d.crashHere()
	}
	var a *answer[T]
	life := d.lives
	reply := func(got T, err error) {
		l.message(func() {
			if a == nil && d.lives == life {
				a = &answer[T]{got, err}
				d.resume()
			}
		})
	}
	l.message(func() {
		if !w.hub.up() {
			return
		}
		if w.chance(1) {
			w.hub.crash() // before it kept anything
			return
		}
		of := w.hub.lives
		ask(func(got T, err error) {
			if w.hub.lives == of {
				reply(got, err)
			}
		})
		if w.chance(1) {
			w.hub.crash() // after, and what it said may be on its way
		}
	})
	w.after(hold+patience, func() {
		if a == nil && d.lives == life {
			a = &answer[T]{none, syncer.ErrAway}
			d.resume()
		}
	})
	d.wait()
	if d.crashed {
		return none, errCrash
	}
	if w.chance(2) {
		return none, d.crashHere()
	}
	return a.got, a.err
}

// Log implements [syncer.Hub].
func (l link) Log(ctx context.Context, from uint64, wait bool) (*wire.Log, error) {
	h, hold := l.d.w.hub, time.Duration(0)
	if wait {
		hold = 5 * l.d.w.scale
	}
	return call(l, hold, func(reply func(*wire.Log, error)) {
		now := func() { reply(h.Log(ctx, from, false)) }
		if !wait || from < uint64(len(h.leaves)) {
			now()
			return
		}
		h.waiting = append(h.waiting, now)
		l.d.w.after(hold, now) // the device takes the first answer
	})
}

// Batch implements [syncer.Hub].
func (l link) Batch(ctx context.Context, d amana.DeviceID, from uint64) (journal.Batch, error) {
	return call(l, 0, func(reply func(journal.Batch, error)) {
		b, err := l.d.w.hub.Batch(ctx, d, from)
		b.Items = slices.Clone(b.Items)
		reply(b, err)
	})
}

// Push implements [syncer.Hub].
func (l link) Push(_ context.Context, b journal.Batch, known uint64) (wire.Pushed, error) {
	return call(l, 0, func(reply func(wire.Pushed, error)) {
		size, err := l.d.w.hub.push(b)
		if err != nil || size%5 == 0 { // a hub of the version before says only the size
			reply(wire.Pushed{Size: size}, err)
			return
		}
		reply(l.d.w.hub.pushed(b.Head, known), nil)
	})
}

// Erase implements [syncer.Hub].
func (l link) Erase(_ context.Context, d amana.DeviceID, seqs []uint64) error {
	_, err := call(l, 0, func(reply func(bool, error)) {
		l.d.w.hub.erase(d, seqs)
		reply(true, nil)
	})
	return err
}

// Proof implements [syncer.Hub].
func (l link) Proof(ctx context.Context, old uint64) (tlog.TreeProof, []byte, error) {
	type both struct {
		proof tlog.TreeProof
		note  []byte
	}
	got, err := call(l, 0, func(reply func(both, error)) {
		proof, note, err := l.d.w.hub.Proof(ctx, old)
		reply(both{proof, note}, err)
	})
	return got.proof, got.note, err
}
