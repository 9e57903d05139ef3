package evidence

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"amana"
	"amana/internal/seal"
)

// Store is the folder of a vault in which blobs lie. Their names tell nothing.
type Store struct {
	dir  string
	key  seal.DeviceKey
	busy *busy
}

// Open returns the store in a folder, which need not exist yet.
func Open(dir string, key seal.DeviceKey) Store {
	return Store{dir, key, &busy{at: map[amana.RecordID]bool{}}}
}

// busy keeps two from going on with one file.
type busy struct {
	mu sync.Mutex // guards at
	at map[amana.RecordID]bool
}

func (b *busy) claim(id amana.RecordID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at[id] {
		return false
	}
	b.at[id] = true
	return true
}

func (b *busy) release(id amana.RecordID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.at, id)
}

func (b *busy) is(id amana.RecordID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at[id]
}

// The endings of what is not a finished blob.
const (
	partEnding = ".part" // a blob that is being written
	noteEnding = ".note" // what is needed to go on with it, sealed for the device
)

// path is where the blob of a record lies.
func (s Store) path(id amana.RecordID) string {
	name := s.key.Name("blob", id)
	return filepath.Join(s.dir, hex.EncodeToString(name[:]))
}

// Reader opens the blob of a record. ErrNotFound where it is not on this device.
func (s Store) Reader(b Blob) (*Reader, func() error, error) {
	f, err := os.Open(s.path(b.Record))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("evidence: record %s: its file is not on this device: %w", b.Record, amana.ErrNotFound)
		}
		return nil, nil, storage(b.Record, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, storage(b.Record, err)
	}
	r, err := NewReader(b, f, info.Size())
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return r, f.Close, nil
}

// Has reports whether the blob of a record is here.
func (s Store) Has(id amana.RecordID) bool {
	_, err := os.Stat(s.path(id))
	return err == nil
}

// Erase removes the blob of a record and whatever was being written of it. Its key
// is destroyed with the record's body; this gives the room back.
func (s Store) Erase(id amana.RecordID) error {
	var errs []error
	for _, ending := range []string{"", partEnding, noteEnding} {
		if err := os.Remove(s.path(id) + ending); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, storage(id, err))
		}
	}
	return errors.Join(append(errs, s.sync(id))...)
}

// Kept is one blob as a backup carries it: under its name, still sealed.
type Kept struct {
	Name [16]byte
	Size int64
}

// Each calls fn for every finished blob.
func (s Store) Each(fn func(Kept) error) error {
	list, err := os.ReadDir(s.dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("evidence: %w: %w", amana.ErrStorage, err)
	}
	for _, e := range list {
		raw, err := hex.DecodeString(e.Name())
		if err != nil || len(raw) != 16 {
			continue // unfinished
		}
		info, err := e.Info()
		if err != nil {
			return fmt.Errorf("evidence: %w: %w", amana.ErrStorage, err)
		}
		if err := fn(Kept{[16]byte(raw), info.Size()}); err != nil {
			return err
		}
	}
	return nil
}

// File is where a blob that Each told of lies.
func (s Store) File(k Kept) string { return filepath.Join(s.dir, hex.EncodeToString(k.Name[:])) }

func (s Store) mkdir() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("evidence: %w: %w", amana.ErrStorage, err)
	}
	return nil
}

func (s Store) sync(id amana.RecordID) error {
	d, err := os.Open(s.dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return storage(id, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return storage(id, err)
	}
	return nil
}

func storage(id amana.RecordID, err error) error {
	return fmt.Errorf("evidence: record %s: %w: %w", id, amana.ErrStorage, err)
}

// notes returns the records of which something was begun and not finished.
func (s Store) notes() ([]note, error) {
	names, err := s.names()
	if err != nil {
		return nil, err
	}
	var notes []note
	for _, name := range names { // among all files that were ever taken in: each is looked at as briefly as can be
		if !strings.HasSuffix(name, noteEnding) {
			continue
		}
		path := filepath.Join(s.dir, name)
		n, err := s.readNote(path)
		if err != nil {
			continue // unreadable: of no use to anybody, and swept in its time
		}
		if strings.TrimSuffix(path, noteEnding) == s.path(n.Record) {
			notes = append(notes, n)
		}
	}
	return notes, nil
}

// names returns what is in the folder, in no order; nothing where there is none yet.
func (s Store) names() ([]string, error) {
	dir, err := os.Open(s.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var names []string
	if err == nil {
		names, err = dir.Readdirnames(-1)
		err = errors.Join(err, dir.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("evidence: %w: %w", amana.ErrStorage, err)
	}
	return names, nil
}

// Put writes a blob that a backup brings, from the next bytes of r: whole, or not
// at all. Kinds: ErrTampered where r ends too early, ErrStorage.
func (s Store) Put(k Kept, r io.Reader) error {
	if err := s.mkdir(); err != nil {
		return err
	}
	if k.Size < seal.TagSize {
		return fmt.Errorf("evidence: a blob of %d bytes: %w", k.Size, amana.ErrTampered)
	}
	path := s.File(k)
	f, err := os.OpenFile(path+partEnding, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("evidence: %w: %w", amana.ErrStorage, err)
	}
	_, err = io.CopyN(f, r, k.Size)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(path+partEnding, path)
	}
	if err != nil {
		os.Remove(path + partEnding)
		if errors.Is(err, io.EOF) || errors.Is(err, amana.ErrTampered) {
			return fmt.Errorf("evidence: a blob is cut short: %w", amana.ErrTampered)
		}
		return fmt.Errorf("evidence: %w: %w", amana.ErrStorage, err)
	}
	return s.sync(amana.RecordID{})
}
