package journal

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gofrs/flock"

	"amana"
	"amana/internal/seal"
)

// Pos is where an item lies in the log of this device. It grows with every item
// and stays the same when content is erased.
type Pos uint64

func posOf(segment uint32, at int64) Pos { return Pos(uint64(segment)<<32 | uint64(at)) }

func (p Pos) segment() uint32 { return uint32(p >> 32) }
func (p Pos) at() int64       { return int64(p & 0xffffffff) }

// Log keeps items in the files of one folder. One process at a time writes it.
// Its methods may be called from several goroutines; Append from one.
type Log struct {
	dir  string
	key  seal.DeviceKey
	org  amana.OrgID
	lock *flock.Flock

	mu       sync.RWMutex // guards what follows: readers see whole saves only
	segments []*segment
	devices  []amana.DeviceID // in order of first appearance
	heads    map[amana.DeviceID]Head
	head     *headFile
	mark     uint64
	refuse   error // why nothing more may be written, or nil
	notes    []string
}

// ErrBusy: another program has this vault open.
var ErrBusy = fmt.Errorf("journal: open in another program: %w", amana.ErrConflict)

// Create makes an empty log in dir, which must not hold one.
func Create(dir string, key seal.DeviceKey, org amana.OrgID) (*Log, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, storage("new folder", err)
	}
	l := &Log{dir: dir, key: key, org: org, heads: map[amana.DeviceID]Head{}}
	if err := l.acquire(); err != nil {
		return nil, err
	}
	err := func() (err error) {
		if l.head, err = createHead(dir, key); err != nil {
			return err
		}
		if err := l.rotate(); err != nil {
			return err
		}
		l.noteTip(true)
		return syncDir(dir)
	}()
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *Log) acquire() error {
	l.lock = flock.New(filepath.Join(l.dir, "lock"))
	ok, err := l.lock.TryLock()
	switch {
	case err != nil:
		return storage("lock", err)
	case !ok:
		return ErrBusy
	}
	return nil
}

// rotate begins a new segment. Callers hold mu, or are alone.
func (l *Log) rotate() error {
	s, err := createSegment(l.dir, l.key, header{Org: l.org, Number: uint32(len(l.segments) + 1), Heads: l.headList()})
	if err != nil {
		return err
	}
	l.segments = append(l.segments, s)
	return nil
}

func (l *Log) headList() []deviceHead {
	list := make([]deviceHead, 0, len(l.devices))
	for _, d := range l.devices {
		list = append(list, deviceHead{Device: d, Head: l.heads[d]})
	}
	return list
}

func (l *Log) noteTip(durable bool) {
	last := l.segments[len(l.segments)-1]
	l.head.write(tip{Segment: last.number, Size: last.size, Heads: l.headList(), Mark: l.mark}, durable)
}

// Head returns the end of a device's chain; the zero Head before its first item.
func (l *Log) Head(d amana.DeviceID) Head {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.heads[d]
}

// Heads returns the end of every chain.
func (l *Log) Heads() map[amana.DeviceID]Head {
	l.mu.RLock()
	defer l.mu.RUnlock()
	h := make(map[amana.DeviceID]Head, len(l.heads))
	maps.Copy(h, l.heads)
	return h
}

// End returns the position that the next item will have, or a later one.
func (l *Log) End() Pos {
	l.mu.RLock()
	defer l.mu.RUnlock()
	last := l.segments[len(l.segments)-1]
	return posOf(last.number, last.size)
}

// Size returns the bytes of all segments.
func (l *Log) Size() (n int64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, s := range l.segments {
		n += s.size
	}
	return n
}

// Refuses returns why nothing can be written, or nil. What can be read still is.
func (l *Log) Refuses() error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.refuse
}

// Refuse makes the log refuse to be written from now on, for a reason that was
// found by who knows more than the log does.
func (l *Log) Refuse(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stop(why)
}

// Notes returns what was found and mended at opening, in words.
func (l *Log) Notes() []string { return slices.Clone(l.notes) }

// Append adds items, whole saves only, durably: when it returns nil they are on
// the disk. Each must follow the head of its device's chain. On any error none
// of them is in the log. mark is the newest time in them, to be remembered. Kinds:
// ErrStorage, ErrTampered, ErrInvalid.
func (l *Log) Append(items []Item, mark uint64) ([]Pos, error) {
	if len(items) == 0 {
		return nil, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse != nil {
		return nil, l.refuse
	}
	if l.segments[len(l.segments)-1].full {
		if err := l.rotate(); err != nil {
			return nil, err
		}
	}
	s := l.segments[len(l.segments)-1]
	batch, err := l.encode(s, items)
	if err != nil {
		return nil, err
	}
	s.cover.XOR(batch.bytes, s.size-coverStart)
	if err := s.write(batch.bytes); err != nil {
		return nil, err
	}
	l.devices = batch.devices
	maps.Copy(l.heads, batch.heads)
	l.mark = max(l.mark, mark)
	l.noteTip(false)
	return batch.at, nil
}

// Mark is the newest time that was appended, as the log remembers it: a clock that
// goes on from it does not go back, whatever the device's clock says.
func (l *Log) Mark() uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.mark
}

// batch is what one append writes, and what holds after it.
type batch struct {
	bytes   []byte
	at      []Pos
	devices []amana.DeviceID
	heads   map[amana.DeviceID]Head
}

func (l *Log) encode(s *segment, items []Item) (batch, error) {
	b := batch{devices: l.devices, heads: map[amana.DeviceID]Head{}}
	if !items[len(items)-1].Last {
		return batch{}, fmt.Errorf("journal: a save without its last item: %w", amana.ErrInvalid)
	}
	for _, it := range items {
		if err := it.Check(); err != nil {
			return batch{}, err
		}
		head, known := b.heads[it.Device]
		if !known {
			head = l.heads[it.Device]
		}
		if it.Seq != head.Seq+1 {
			return batch{}, fmt.Errorf("journal: item %d of device %s does not follow item %d: %w", it.Seq, it.Device, head.Seq, amana.ErrTampered)
		}
		ref := slices.Index(b.devices, it.Device) + 1
		if ref == 0 {
			b.devices = append(slices.Clip(b.devices), it.Device)
		}
		b.at = append(b.at, posOf(s.number, s.size+int64(len(b.bytes))))
		b.bytes = appendItem(b.bytes, it, ref)
		b.heads[it.Device] = Head{Seq: it.Seq, Hash: it.Next(l.org, head.Hash)}
	}
	return b, nil
}

const usualItem = 2048 // bytes read at first; more are read where an item is longer

// Read returns the item at a position.
func (l *Log) Read(p Pos) (Item, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	s := l.segmentOf(p)
	if s == nil || p.at() >= s.size {
		return Item{}, fmt.Errorf("journal: position %d: %w", p, amana.ErrNotFound)
	}
	for size := int64(usualItem); ; size *= 16 {
		end := min(p.at()+size, s.size)
		b, err := s.load(p.at(), end)
		if err != nil {
			return Item{}, err
		}
		devices := l.devices
		it, _, err := readItem(b, &devices)
		if errors.Is(err, errShort) && end < s.size {
			continue
		}
		return it, err
	}
}

func (l *Log) segmentOf(p Pos) *segment {
	if n := p.segment(); n >= 1 && int(n) <= len(l.segments) {
		return l.segments[n-1]
	}
	return nil
}

// Found is an item met by [Log.Scan].
type Found struct {
	Pos  Pos
	Item Item
	// Head is the device's chain after the item, computed from the segment's
	// beginning: where it ends as the log says, all before it is as it was.
	Head seal.Hash
}

// Scan calls fn for each item from a position on, in order, up to the end that
// the log had when it was called. The item is valid during the call only.
func (l *Log) Scan(from Pos, fn func(Found) error) error {
	end := l.End()
	var before []deviceHead
	for n := max(from.segment(), 1); n <= end.segment(); n++ {
		l.mu.RLock()
		s := l.segmentOf(posOf(n, 0))
		size := s.size
		l.mu.RUnlock()
		if n == end.segment() {
			size = end.at()
		}
		start := int64(0)
		if n == from.segment() {
			start = from.at()
		}
		h, first, err := l.headerOf(s)
		if err != nil {
			return err
		}
		if known := n == 1 || n > from.segment(); known && !slices.Equal(begun(h.Heads), begun(before)) {
			return fmt.Errorf("journal: file %d does not go on where file %d ends: %w", n, n-1, amana.ErrTampered)
		}
		if before, err = l.scanSegment(s, h, span{first, start, size}, fn); err != nil {
			return err
		}
	}
	return nil
}

// begun leaves out devices that were only met in a save that was cut off.
func begun(heads []deviceHead) (list []deviceHead) {
	for _, h := range heads {
		if h.Head.Seq > 0 {
			list = append(list, h)
		}
	}
	return list
}

// span is a part of a segment: where its items begin, from where on they are
// handed over, where they end.
type span struct{ first, from, to int64 }

// scanSegment returns where every chain stands at the end.
func (l *Log) scanSegment(s *segment, h header, p span, fn func(Found) error) ([]deviceHead, error) {
	b, err := s.load(p.first, p.to)
	if err != nil {
		return nil, err
	}
	devices, heads := startOf(h)
	for at := 0; at < len(b); {
		it, n, err := readItem(b[at:], &devices)
		if err != nil {
			return nil, fmt.Errorf("journal: file %d, byte %d: %w", s.number, p.first+int64(at), err)
		}
		head := heads[it.Device]
		if it.Seq != head.Seq+1 {
			return nil, fmt.Errorf("journal: file %d, byte %d: item %d of device %s follows item %d: %w",
				s.number, p.first+int64(at), it.Seq, it.Device, head.Seq, amana.ErrTampered)
		}
		head = Head{Seq: it.Seq, Hash: it.Next(l.org, head.Hash)}
		heads[it.Device] = head
		if pos := p.first + int64(at); pos >= p.from {
			if err := fn(Found{Pos: posOf(s.number, pos), Item: it, Head: head.Hash}); err != nil {
				return nil, err
			}
		}
		at += n
	}
	end := make([]deviceHead, 0, len(devices))
	for _, d := range devices {
		end = append(end, deviceHead{Device: d, Head: heads[d]})
	}
	return end, nil
}

// headerOf reads a segment's header again, and where its items begin.
func (l *Log) headerOf(s *segment) (header, int64, error) {
	again := segment{number: s.number, path: s.path, file: s.file}
	h, err := again.readHeader(l.key)
	return h, again.size, err
}

func startOf(h header) ([]amana.DeviceID, map[amana.DeviceID]Head) {
	devices := make([]amana.DeviceID, 0, len(h.Heads))
	heads := make(map[amana.DeviceID]Head, len(h.Heads))
	for _, d := range h.Heads {
		devices = append(devices, d.Device)
		heads[d.Device] = d.Head
	}
	return devices, heads
}

// Close ends the use of the log.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		s.close()
	}
	l.head.close()
	l.segments, l.refuse = nil, fmt.Errorf("journal: closed: %w", amana.ErrLocked)
	return l.lock.Unlock()
}

// Each calls fn for each item from a position on, up to the end that the log had
// when it was called. Unlike [Log.Scan] it begins where it is told and does not
// compute the chain: it is for what was appended, or checked, a moment ago.
func (l *Log) Each(from Pos, fn func(Pos, Item) error) error {
	end := l.End()
	for n := max(from.segment(), 1); n <= end.segment(); n++ {
		l.mu.RLock()
		s := l.segmentOf(posOf(n, 0))
		size := s.size
		l.mu.RUnlock()
		if n == end.segment() {
			size = end.at()
		}
		start := from.at()
		if n != from.segment() || start == 0 {
			var err error
			if _, start, err = l.headerOf(s); err != nil {
				return err
			}
		}
		if err := l.eachIn(s, start, size, fn); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) eachIn(s *segment, start, size int64, fn func(Pos, Item) error) error {
	if start >= size {
		return nil
	}
	l.mu.RLock()
	b, err := s.load(start, size)
	devices := slices.Clone(l.devices)
	l.mu.RUnlock()
	if err != nil {
		return err
	}
	for at := 0; at < len(b); {
		it, n, err := readItem(b[at:], &devices)
		if err != nil {
			return fmt.Errorf("journal: file %d, byte %d: %w", s.number, start+int64(at), err)
		}
		if err := fn(posOf(s.number, start+int64(at)), it); err != nil {
			return err
		}
		at += n
	}
	return nil
}
