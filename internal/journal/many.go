package journal

import (
	"slices"

	"amana"
)

// Reader reads many items of one log. It reuses its memory: what it returned is valid
// until [Reader.Reset]. One goroutine uses it.
type Reader struct {
	log  *Log
	room []byte
}

// NewReader returns a reader of the log.
func (l *Log) NewReader() *Reader { return &Reader{log: l} }

// Reset gives the memory of all items that were read free for others.
func (r *Reader) Reset() { r.room = r.room[:0] }

// Items that lie close together are read in one go.
const (
	closeBy    = 4 << 10  // bytes between the beginnings of two
	mostAtOnce = 64 << 10 // bytes of a go
)

// Each calls fn for the item at each of the positions, which are in order, with its
// number among them, or with the error that [Log.Read] would return.
func (r *Reader) Each(at []Pos, fn func(i int, it Item, err error)) {
	for from := 0; from < len(at); {
		to := from + 1
		for to < len(at) && at[to].segment() == at[from].segment() && at[to] >= at[to-1] &&
			at[to]-at[to-1] <= closeBy && at[to]-at[from] <= mostAtOnce {
			to++
		}
		b, devices := r.load(at[from], at[to-1])
		for i := from; i < to; i++ {
			it, err := r.item(b, at[i], int(at[i]-at[from]), devices)
			fn(i, it, err)
		}
		from = to
	}
}

// item takes an item from what was read, or, where it is not whole in there or cannot
// be read, from the log.
func (r *Reader) item(b []byte, p Pos, offset int, devices []amana.DeviceID) (Item, error) {
	if offset < len(b) {
		if it, _, err := readItem(b[offset:], &devices); err == nil {
			return it, nil
		}
	}
	return r.log.Read(p)
}

// load reads from the beginning of one item to where another usually ends. It returns
// nothing where that cannot be: [Log.Read] says why.
func (r *Reader) load(first, last Pos) ([]byte, []amana.DeviceID) {
	l := r.log
	l.mu.RLock()
	defer l.mu.RUnlock()
	s := l.segmentOf(first)
	if s == nil || last.at() >= s.size {
		return nil, nil
	}
	size := int(min(last.at()+usualItem, s.size) - first.at())
	r.room = slices.Grow(r.room, size)
	b := r.room[len(r.room) : len(r.room)+size : len(r.room)+size]
	r.room = r.room[:len(r.room)+size]
	if err := s.loadInto(b, first.at()); err != nil {
		return nil, nil
	}
	return b, l.devices
}
