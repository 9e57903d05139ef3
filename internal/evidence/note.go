package evidence

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/seal"
)

// note is what is kept of a file that is being taken in, until its record is in the
// journal: enough to go on where a loss of power broke off. It is sealed under the
// device's key, as the other small files are.
type note struct {
	_      struct{} `cbor:",toarray"`
	Record amana.RecordID
	Member amana.MemberID
	For    amana.RecordID // the case, or whatever the file is taken in for
	Key    []byte
	Runs   []uint64
	Began  int64 // milliseconds since 1970
}

func (s Store) noteName(path string) string {
	return "blob note " + filepath.Base(path)
}

func (s Store) writeNote(n note) error {
	raw, err := cbor.Marshal(n)
	if err != nil {
		panic("evidence: internal error: " + err.Error())
	}
	path := s.path(n.Record) + noteEnding
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return storage(n.Record, err)
	}
	_, err = f.Write(s.key.SealFile(s.noteName(path), raw))
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		os.Remove(next)
		return storage(n.Record, err)
	}
	return s.sync(n.Record)
}

func (s Store) readNote(path string) (n note, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return n, err
	}
	plain, err := s.key.OpenFile(s.noteName(path), raw)
	if err != nil {
		return n, err
	}
	if err := cbor.Unmarshal(plain, &n); err != nil {
		return n, err
	}
	_, err = seal.ImportBlobKey(n.Key)
	return n, err
}

// Settled says that the record of a blob is in the journal: the note is not needed
// any more.
func (s Store) Settled(id amana.RecordID) error {
	if err := os.Remove(s.path(id) + noteEnding); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return storage(id, err)
	}
	return s.sync(id)
}

// Sweep removes what was begun before a time and never finished, and what was begun
// for a case that is no more. A note whose record has come into the journal is
// removed alone: in tells of it.
func (s Store) Sweep(before time.Time, in func(amana.RecordID) bool, gone func(amana.RecordID) bool) error {
	notes, err := s.notes()
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range notes {
		switch {
		case s.busy.is(n.Record):
		case in(n.Record):
			errs = append(errs, s.Settled(n.Record))
		case gone(n.For) || time.UnixMilli(n.Began).Before(before):
			errs = append(errs, s.Erase(n.Record))
		}
	}
	return errors.Join(errs...)
}
