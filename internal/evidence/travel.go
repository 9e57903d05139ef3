package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"amana"
	"amana/internal/seal"
)

// A blob travels as it lies, with padding behind it, so that its length does not tell
// which file of a known length it is: format §2.17. What comes is opened chunk by chunk
// as it comes; nothing of it is believed before.

// TravelSize is how many bytes cross for a file of so many bytes.
func TravelSize(size int64) int64 { return seal.PaddedSize(SealedSize(size)) }

// Travelling reads a blob as it travels, from anywhere in it.
type Travelling struct {
	file    *os.File
	sealed  int64
	size    int64
	padding seal.Cover
}

// Travel opens the blob of a record as it travels. Kinds: ErrNotFound where it is not
// on this device, ErrTampered where it is not as long as it should be.
func (s Store) Travel(b Blob) (*Travelling, error) {
	_, done, err := s.Reader(b) // its end verifies
	if err != nil {
		return nil, err
	}
	if err := done(); err != nil {
		return nil, storage(b.Record, err)
	}
	f, err := os.Open(s.path(b.Record))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("evidence: record %s: its file is not on this device: %w", b.Record, amana.ErrNotFound)
		}
		return nil, storage(b.Record, err)
	}
	return &Travelling{file: f, sealed: SealedSize(b.Size), size: TravelSize(b.Size), padding: b.Key.Padding(b.Record)}, nil
}

// Size is how many bytes cross.
func (t *Travelling) Size() int64 { return t.size }

// Close ends the reading.
func (t *Travelling) Close() error { return t.file.Close() }

// ReadAt implements [io.ReaderAt].
func (t *Travelling) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("evidence: negative offset: %w", amana.ErrInvalid)
	}
	if off < t.sealed {
		n, err = t.file.ReadAt(p[:min(int64(len(p)), t.sealed-off)], off)
		if err != nil {
			return n, err
		}
		off += int64(n)
	}
	if rest := p[n:min(int64(len(p)), int64(n)+max(t.size-off, 0))]; len(rest) > 0 {
		clear(rest)
		t.padding.XOR(rest, off-t.sealed)
		n += len(rest)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Arrived is how many bytes of a travelling blob are here: from there it goes on.
func (s Store) Arrived(id amana.RecordID) int64 {
	info, err := os.Stat(s.path(id) + partEnding)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Arrive takes what follows of a travelling blob, from a place on which is where
// [Store.Arrived] says that it ends, and returns whether it is whole now. What broke off is kept and gone on with. A chunk that
// does not open is cut off, with all that came after it: ErrTampered. When the last byte
// came, the whole is read again and held against the hash that the record has of the
// file; only then it has its name. Kinds: ErrTampered, ErrStorage, ErrConflict where
// it is arriving already or ends elsewhere; what r fails with.
func (s Store) Arrive(ctx context.Context, b Blob, from int64, r io.Reader) (whole bool, err error) {
	if s.Has(b.Record) {
		return true, nil
	}
	if !s.busy.claim(b.Record) {
		return false, fmt.Errorf("evidence: record %s: its file is arriving: %w", b.Record, amana.ErrConflict)
	}
	defer s.busy.release(b.Record)
	if err := s.mkdir(); err != nil {
		return false, err
	}
	f, err := os.OpenFile(s.path(b.Record)+partEnding, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, storage(b.Record, err)
	}
	defer f.Close()
	a := &arriving{file: f, of: b, runs: runs{of: b}, sealed: SealedSize(b.Size), size: TravelSize(b.Size), padding: b.Key.Padding(b.Record)}
	if err := a.resume(); err != nil {
		return false, err
	}
	if a.at != from {
		if err := f.Truncate(a.at); err != nil {
			return false, storage(b.Record, err)
		}
		return false, fmt.Errorf("evidence: record %s: its file goes on at %d, not at %d: %w", b.Record, a.at, from, amana.ErrConflict)
	}
	if err := a.copy(ctx, r); err != nil || a.at < a.size {
		if err == nil && f.Sync() != nil { // whoever sent it may forget what is here
			err = storage(b.Record, amana.ErrStorage)
		}
		return false, err
	}
	err = s.arrived(ctx, b, f)
	return err == nil, err
}

// arriving is one blob on its way in.
type arriving struct {
	file    *os.File
	of      Blob
	runs    runs
	sealed  int64
	size    int64
	padding seal.Cover
	at      int64  // how much is in the file
	good    int64  // how much of it was verified
	piece   []byte // what is in the file and was not verified: less than one chunk
	plain   []byte
}

// resume reads what is there: less than a chunk of it is unverified afterwards.
func (a *arriving) resume() error {
	info, err := a.file.Stat()
	if err != nil {
		return storage(a.of.Record, err)
	}
	there := min(info.Size(), a.size)
	src := io.NewSectionReader(a.file, 0, there)
	buf := make([]byte, sealedChunk)
	for a.at < there {
		n, err := src.Read(buf)
		if err != nil {
			return storage(a.of.Record, err)
		}
		a.at += int64(n)
		a.piece = append(a.piece, buf[:n]...)
		if err := a.check(); errors.Is(err, amana.ErrTampered) {
			return nil // a write that a loss of power tore: from its beginning again
		} else if err != nil {
			return err
		}
	}
	return nil
}

// copy takes what comes, and writes it before it is verified: a slow link may never
// bring a chunk in one go.
func (a *arriving) copy(ctx context.Context, r io.Reader) error {
	buf := make([]byte, 32<<10)
	for a.at < a.size {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf[:min(int64(len(buf)), a.size-a.at)])
		if n > 0 {
			if _, err := a.file.WriteAt(buf[:n], a.at); err != nil {
				_ = a.file.Truncate(a.at) // a full disk: what was there stays
				return storage(a.of.Record, err)
			}
			a.at += int64(n)
			a.piece = append(a.piece, buf[:n]...)
			if err := a.check(); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// check verifies every chunk that is whole, and padding as far as it is there. What
// does not verify is cut off.
func (a *arriving) check() error {
	for len(a.piece) > 0 {
		n := min(sealedChunk, a.sealed-a.good)
		var err error
		switch {
		case n <= 0:
			n = int64(len(a.piece))
			want := make([]byte, n)
			a.padding.XOR(want, a.good-a.sealed)
			if !bytes.Equal(want, a.piece) {
				err = fmt.Errorf("evidence: record %s: what follows its file: %w", a.of.Record, amana.ErrTampered)
			}
		case int64(len(a.piece)) < n:
			return nil
		default:
			chunk := a.good / sealedChunk
			a.plain, err = a.runs.at(chunk).Open(a.plain[:0], a.piece[:n], uint64(chunk), a.good+n == a.sealed)
		}
		if err != nil {
			return a.cut(err)
		}
		a.good += n
		a.piece = append(a.piece[:0], a.piece[n:]...)
	}
	return nil
}

func (a *arriving) cut(why error) error {
	a.at, a.piece = a.good, a.piece[:0]
	if err := a.file.Truncate(a.good); err != nil {
		return storage(a.of.Record, err)
	}
	return fmt.Errorf("evidence: record %s: %w", a.of.Record, why)
}

// arrived reads the whole once more, and gives it its name.
func (s Store) arrived(ctx context.Context, b Blob, f *os.File) error {
	r, err := NewReader(b, f, SealedSize(b.Size))
	if err != nil {
		return err
	}
	sum := seal.NewSum()
	for at, buf := int64(0), make([]byte, seal.BlobChunk); at < b.Size; at += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.ReadAt(buf[:min(int64(len(buf)), b.Size-at)], at)
		if err != nil {
			return err
		}
		sum.Write(buf[:n])
	}
	path := s.path(b.Record)
	if seal.Hash(sum.Sum(nil)) != b.Sum {
		os.Remove(path + partEnding)
		return fmt.Errorf("evidence: record %s: not the file that was taken in: %w", b.Record, amana.ErrTampered)
	}
	err = f.Truncate(SealedSize(b.Size))
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(path+partEnding, path)
	}
	if err != nil {
		return storage(b.Record, err)
	}
	return s.sync(b.Record)
}
