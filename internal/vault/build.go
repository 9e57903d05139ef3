package vault

import (
	"context"
	"encoding/binary"
	"fmt"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/view"
)

// Building a view takes two passes. The first notes for each item whose record it
// is; the second, case by case, opens bodies, folds them and fills lists and
// search. Records can be opened as soon as the first is past them. Memory does
// not grow with the journal.

const (
	itemsAtOnce = 2048
	casesAtOnce = 512
)

func (x *indexer) build(ctx context.Context) error {
	if err := x.pass1(ctx); err != nil {
		return err
	}
	x.past()
	if err := x.pass2(ctx); err != nil {
		return err
	}
	x.done.Store(x.total.Load())
	x.searchable.Store(true)
	return x.follow()
}

// pass1 reads the whole journal, checks every chain against where it is known to
// end, and notes records and items. While one lot is written, the next is read
// and opened.
func (x *indexer) pass1(ctx context.Context) error {
	log := x.s.open.log
	end, ends := log.End(), log.Heads()
	x.total.Store(2 * max(1, x.s.open.items()))
	run, stop := context.WithCancel(ctx)
	lots := make(chan seenLot, 1)
	last := map[amana.DeviceID]seal.Hash{}
	from := x.next
	go func() {
		defer close(lots)
		if err := x.readAll(run, from, last, lots); err != nil {
			sendLot(run, lots, seenLot{err: err})
		}
	}()
	defer func() { // nothing reads the journal when this returns
		stop()
		for range lots {
		}
	}()
	for l := range lots {
		if l.err != nil {
			return l.err
		}
		if err := x.note(l.found, l.next); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for d, head := range last {
		if want := ends[d]; log.Head(d) == want && head != want.Hash {
			return fmt.Errorf("vault: chain of device %s does not end where it should: %w", d, amana.ErrTampered)
		}
	}
	return x.note(nil, max(end, from))
}

// seenLot is a lot of items that were looked at, and from where the journal is
// still to be read.
type seenLot struct {
	found []indexed
	next  journal.Pos
	err   error
}

func sendLot(ctx context.Context, lots chan<- seenLot, l seenLot) bool {
	select {
	case lots <- l:
		return true
	case <-ctx.Done():
		return false
	}
}

// readAll reads the journal from a position on, and notes where each chain ended.
func (x *indexer) readAll(ctx context.Context, from journal.Pos, last map[amana.DeviceID]seal.Hash, lots chan<- seenLot) error {
	lot := make([]foundItem, 0, itemsAtOnce)
	var u suite
	flush := func(next journal.Pos) error {
		if !sendLot(ctx, lots, seenLot{found: x.s.lookAllIn(&u, lot), next: next}) {
			return ctx.Err()
		}
		lot = lot[:0]
		return nil
	}
	err := x.s.open.log.Scan(from, func(f journal.Found) error {
		if len(lot) == itemsAtOnce {
			if err := flush(f.Pos); err != nil {
				return err
			}
		}
		last[f.Item.Device] = f.Head
		lot = append(lot, foundItem{f.Pos, f.Item})
		return nil
	})
	if err != nil || len(lot) == 0 {
		return err
	}
	return flush(lot[len(lot)-1].pos)
}

func (x *indexer) note(found []indexed, next journal.Pos) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	err := x.view.Update(func(tx *view.Tx) error {
		if _, err := x.index(tx, found); err != nil {
			return err
		}
		return x.advance(tx, next)
	})
	if err == nil {
		x.next = next
		x.done.Add(int64(len(found)))
	}
	return err
}

// items is how many items the journal has.
func (o *opened) items() (n int64) {
	for _, h := range o.log.Heads() {
		n += int64(h.Seq)
	}
	return n
}

// pass2 fills lists and search. It goes on where it was when it was cut short.
// While one lot is written, the next is opened and folded.
func (x *indexer) pass2(ctx context.Context) error {
	after := int64(0)
	if at, err := x.view.Meta(metaDone); err == nil && len(at) == 8 {
		after = int64(binary.BigEndian.Uint64(at))
	}
	cases, err := x.view.CountFiles(after)
	if err != nil {
		return err
	}
	half := x.total.Load() / 2
	x.done.Store(half)
	var u suite
	next, err := x.foldAfter(&u, after)
	if err != nil {
		return err
	}
	for n := int64(0); ; {
		lot := <-next
		if len(lot.list) == 0 {
			return x.view.SetMeta(metaDone, whole)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if next, err = x.foldAfter(&u, lot.last); err != nil {
			return err
		}
		if err := x.fill(lot); err != nil {
			<-next
			return err
		}
		n += int64(len(lot.list))
		x.done.Store(half + half*n/max(n, int64(cases)))
	}
}

// lot is some cases, ready to be put into lists.
type lot struct {
	list []listing
	last int64 // the last case's number
}

// foldAfter asks the view for the next cases, which waits for whoever writes it, and
// folds them beside what its caller does then.
func (x *indexer) foldAfter(u *suite, after int64) (<-chan lot, error) {
	files, err := x.view.Files(after, casesAtOnce)
	if err != nil {
		return nil, err
	}
	ready := make(chan lot, 1)
	go func() {
		l := lot{list: make([]listing, len(files))}
		u.rooms(x.s, len(files), func(m *room, i int) { l.list[i] = x.s.list(files[i], m) })
		if len(files) > 0 {
			l.last = files[len(files)-1].RID
		}
		ready <- l
	}()
	return ready, nil
}

func (x *indexer) fill(l lot) error {
	return x.view.Update(func(tx *view.Tx) error {
		for _, one := range l.list {
			if err := one.put(tx); err != nil {
				return err
			}
		}
		return tx.SetMeta(metaDone, binary.BigEndian.AppendUint64(nil, uint64(l.last)))
	})
}
