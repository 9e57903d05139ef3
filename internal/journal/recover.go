package journal

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"amana"
	"amana/internal/seal"
)

// Open opens the log in dir. It does not read it all: it goes on from where the
// log is known to end, keeps saves that are whole, and cuts off one that was
// never acknowledged. What it mended stands in [Log.Notes].
//
// A log that is damaged or was cut short opens for reading what can be read;
// [Log.Refuses] says why nothing can be written. ErrBusy, if another program has
// it.
func Open(dir string, key seal.DeviceKey, org amana.OrgID) (*Log, error) {
	l := &Log{dir: dir, key: key, org: org, heads: map[amana.DeviceID]Head{}}
	if err := l.acquire(); errors.Is(err, ErrBusy) {
		return nil, err
	} else if err != nil {
		l.refuse = err // a folder that can only be read
	}
	if err := l.open(); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *Log) open() error {
	writable := l.refuse == nil
	head, end, whole, err := openHead(l.dir, l.key, writable)
	if errors.Is(err, amana.ErrStorage) && writable {
		l.stop(err)
		writable = false
		head, end, whole, err = openHead(l.dir, l.key, writable)
	}
	switch {
	case errors.Is(err, amana.ErrTampered):
		l.stop(err)
	case err != nil:
		return err
	case !whole:
		l.notes = append(l.notes, "the note of where the journal ends was damaged in one of its two places")
	}
	if writable {
		l.sweep()
	}
	l.head, l.mark = head, end.Mark
	if err := l.openSegments(writable); err != nil {
		return err
	}
	if len(l.segments) == 0 {
		return fmt.Errorf("journal: its files are missing: %w", amana.ErrTampered)
	}
	return l.resume(end)
}

// sweep removes files that a crash left before they were in place.
func (l *Log) sweep() {
	left, _ := filepath.Glob(filepath.Join(l.dir, "*.new"))
	for _, path := range left {
		os.Remove(path)
	}
}

// stop keeps the first reason why nothing may be written.
func (l *Log) stop(err error) {
	if l.refuse == nil {
		l.refuse = err
	}
}

func (l *Log) openSegments(writable bool) error {
	for n := uint32(1); ; n++ {
		if _, err := os.Stat(segmentPath(l.dir, n)); err != nil {
			break
		}
		s, h, err := openSegment(l.dir, l.key, n, writable)
		if errors.Is(err, amana.ErrStorage) && writable {
			l.stop(err)
			writable = false
			s, h, err = openSegment(l.dir, l.key, n, writable)
		}
		if err == nil && h.Org != l.org {
			err = fmt.Errorf("journal: file %d is another organisation's: %w", n, amana.ErrTampered)
		}
		if err != nil {
			return err
		}
		if info, err := s.file.Stat(); err == nil && n > 0 {
			s.size = max(s.size, info.Size())
		}
		s.full = true
		l.segments = append(l.segments, s)
	}
	if more, _ := filepath.Glob(filepath.Join(l.dir, "*.log")); len(more) > len(l.segments) {
		l.stop(fmt.Errorf("journal: file %d is missing: %w", len(l.segments)+1, amana.ErrTampered))
	}
	return nil
}

// resume finds the end: from the noted tip where there is one, else by reading
// every segment.
func (l *Log) resume(end tip) error {
	from := tip{Segment: 1}
	if end.Turn != 0 {
		from = end
		l.devices, l.heads = startOf(header{Heads: end.Heads})
	}
	if int(from.Segment) > len(l.segments) {
		l.stop(fmt.Errorf("journal: file %d and what follows are missing: %w", len(l.segments)+1, amana.ErrTampered))
		return l.rereadAll()
	}
	for n := from.Segment; int(n) <= len(l.segments); n++ {
		s := l.segments[n-1]
		h, first, err := l.headerOf(s)
		if err != nil {
			return err
		}
		switch {
		case n > from.Segment || end.Turn == 0 && n == 1:
			l.devices, l.heads = startOf(h)
		case s.size < from.Size:
			l.stop(fmt.Errorf("journal: file %d ends %d bytes too early: %w", n, from.Size-s.size, amana.ErrTampered))
			return l.rereadAll()
		default:
			first = from.Size
		}
		if err := l.resumeSegment(s, first, int(n) == len(l.segments)); err != nil {
			return err
		}
	}
	if l.refuse == nil {
		l.noteTip(false)
	}
	return nil
}

// rereadAll takes the heads from what is there, for reading only.
func (l *Log) rereadAll() error {
	for _, s := range l.segments {
		h, first, err := l.headerOf(s)
		if err != nil {
			return err
		}
		l.devices, l.heads = startOf(h)
		if err := l.resumeSegment(s, first, false); err != nil {
			return err
		}
	}
	return nil
}

// resumeSegment reads items from a position on and settles where the segment
// ends: after the last whole save.
func (l *Log) resumeSegment(s *segment, from int64, last bool) error {
	b, err := s.load(from, s.size)
	if err != nil {
		return err
	}
	good := 0
	pending := map[amana.DeviceID]Head{}
	for at := 0; at < len(b); {
		it, n, err := readItem(b[at:], &l.devices)
		if err != nil {
			break
		}
		head, ok := pending[it.Device]
		if !ok {
			head = l.heads[it.Device]
		}
		if it.Seq != head.Seq+1 {
			break
		}
		pending[it.Device] = Head{Seq: it.Seq, Hash: it.Next(l.org, head.Hash)}
		at += n
		if it.Last {
			good = at
			maps.Copy(l.heads, pending)
			clear(pending)
		}
	}
	return l.settle(s, from+int64(good), last)
}

// settle cuts off what follows the last whole save. In the newest segment that
// is a save nobody was told of; in an older one it is damage.
func (l *Log) settle(s *segment, size int64, last bool) error {
	torn := s.size - size
	if torn > 0 && !last {
		l.stop(fmt.Errorf("journal: file %d is damaged at byte %d: %w", s.number, size, amana.ErrTampered))
	}
	if torn > 0 && last && l.refuse == nil {
		l.notes = append(l.notes, fmt.Sprintf("an unfinished save of %d bytes was cut off", torn))
		if err := s.file.Truncate(size); err != nil {
			l.stop(storage("cut off an unfinished save", err))
		}
	}
	s.size = size
	// After a torn write the cover of these bytes is used up: go on in a new file.
	s.full = torn > 0 || s.size >= segmentLimit
	if l.refuse == nil {
		return s.sums.resume(s.file, s.size)
	}
	return nil
}
