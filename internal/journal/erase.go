package journal

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"amana"
	"amana/internal/seal"
)

// Erase takes wraps and bodies out of the items at these positions, for good:
// their hashes stay, so the chain does too. Each file that holds one is written
// anew under another cover, and the old one is overwritten and removed. Positions
// stay as they were. It can be repeated: what is erased already is passed over.
func (l *Log) Erase(at []Pos) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse != nil {
		return l.refuse
	}
	bySegment := map[uint32][]Pos{}
	for _, p := range at {
		bySegment[p.segment()] = append(bySegment[p.segment()], p)
	}
	for n, positions := range bySegment {
		s := l.segmentOf(posOf(n, 0))
		if s == nil {
			return fmt.Errorf("journal: position in file %d: %w", n, amana.ErrNotFound)
		}
		if err := l.eraseIn(s, positions); err != nil {
			return err
		}
	}
	l.noteTip(true)
	return nil
}

func (l *Log) eraseIn(s *segment, positions []Pos) error {
	b, err := s.load(coverStart, s.size)
	if err != nil {
		return err
	}
	changed := false
	for _, p := range positions {
		at := p.at() - coverStart
		if at < 0 || at >= int64(len(b)) {
			return fmt.Errorf("journal: position %d: %w", p, amana.ErrNotFound)
		}
		devices := slices.Clone(l.devices)
		it, n, err := readItem(b[at:], &devices)
		if err != nil {
			return err
		}
		if it.Flags&Erased != 0 {
			continue
		}
		changed = true
		blank(b[at:at+int64(n)], it)
	}
	if !changed {
		return nil
	}
	return l.replace(s, b)
}

// blank rewrites one item in its own bytes: a hash and zeros in place of wraps
// and of body, each as long as before, so that nothing moves.
func blank(b []byte, it Item) {
	w, h := it.WrapsHash(), it.BodyHash()
	short := it
	short.Flags |= Erased
	short.Body = append(h[:], make([]byte, len(it.Body)-len(h))...)
	if len(it.Wraps) > 0 {
		short.Wraps = append(w[:], make([]byte, len(it.Wraps)-len(w))...)
	}
	r := reader{b: b}
	ref := r.uvarint()
	raw := appendItem(nil, short, int(ref))
	if len(raw) != len(b) {
		panic("journal: internal error: a tombstone of another length")
	}
	copy(b, raw)
}

// replace writes a segment anew and puts it in the place of the old one, whose
// bytes are overwritten once the new one is sure to be found under its name.
func (l *Log) replace(s *segment, uncovered []byte) error {
	id := seal.Random16()
	cover := l.key.Cover(id)
	cover.XOR(uncovered, 0)
	content := append(id[:], uncovered...)
	next := s.path + ".new"
	f, err := writeAnew(next, content)
	if err != nil {
		return err
	}
	// A crash from here on leaves no checksums: opening makes them again.
	if err = s.sums.forget(); err == nil {
		if err = os.Rename(next, s.path); err != nil {
			err = storage("replace file", err)
		}
	}
	if err != nil {
		f.Close()
		os.Remove(next)
		return errors.Join(err, s.sums.resume(s.file, s.size))
	}
	old := s.file
	defer old.Close()
	s.file, s.cover = f, cover
	s.sums.add(content)
	if err := syncDir(l.dir); err != nil {
		return err
	}
	overwrite(old, s.size)
	return nil
}

// writeAnew writes a whole file, durably, and leaves nothing on an error.
func writeAnew(path string, content []byte) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, storage("new file", err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		f.Close()
		os.Remove(path)
		return nil, storage("write file anew", err)
	}
	return f, nil
}

// overwrite makes a best effort on the blocks of a file that has no name any
// more. On flash memory the device may keep copies; what matters is that their
// cover and their wraps are gone.
func overwrite(f *os.File, size int64) {
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < size; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), size-at)], at); err != nil {
			return
		}
	}
	_ = f.Sync()
}
