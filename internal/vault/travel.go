package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"amana"
	"amana/internal/evidence"
	"amana/internal/seal"
	"amana/internal/view"
)

// Files of evidence travel beside the entries, by whichever way: a hub, a bundle, a
// device on the same network. A device takes in the files of those records alone that
// the member who is unlocked can read, so each chunk is verified where it arrives; what
// it hands on is sealed as it lies. See format §13.4.

// File is one file of evidence that the member can read.
type File struct {
	Record amana.RecordID
	Name   seal.Hash // by which it is known where it cannot be read
	Size   int64     // bytes that cross for it: padded
	Here   bool      // it is whole on this device
	Got    int64     // how many bytes of it are here, where it is not
	Began  uint64    // when its record began, by the clock of entries
	blob   evidence.Blob
}

// knownFiles are the descriptions of files that were read before: they never change.
type knownFiles struct {
	mu sync.Mutex // guards of
	of map[amana.RecordID]*evidence.Blob
}

func (k *knownFiles) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of = nil
}

func (k *knownFiles) get(id amana.RecordID) (*evidence.Blob, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, ok := k.of[id]
	return b, ok
}

func (k *knownFiles) put(id amana.RecordID, b *evidence.Blob) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = map[amana.RecordID]*evidence.Blob{}
	}
	k.of[id] = b
}

// Files lists the files of evidence that the member can read, wherever they are: the
// smallest first, and of those of one size the newest first. Kinds: ErrLocked,
// ErrStorage.
func (s *Session) Files(ctx context.Context) (list []File, err error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	gone := c.Erased()
	take := func(l Listed) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, erased := gone[l.ID]; erased {
			return nil
		}
		f, there, err := s.fileOf(l.ID, l.Opened)
		if err == nil && there {
			list = append(list, f)
		}
		return err
	}
	err = s.Listed(amana.KindEvidence, take)
	if err == nil {
		err = s.Listed(amana.KindLetter, func(l Listed) error {
			if l.Values[LetterFile].IsZero() {
				return nil
			}
			return take(l)
		})
	}
	slices.SortStableFunc(list, func(a, b File) int {
		return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(b.Began, a.Began))
	})
	return list, err
}

// LetterFile is the field by which a record of kind letter says that it is the file that
// came with one.
const LetterFile = "file"

func (s *Session) fileOf(id amana.RecordID, opened uint64) (f File, there bool, err error) {
	b, err := s.blobOf(id)
	if err != nil || b == nil {
		return f, false, err
	}
	f = File{Record: id, Size: evidence.TravelSize(b.Size), Here: s.open.blobs.Has(id), Began: opened, blob: *b}
	if f.Name, err = s.ring.BlobName(id); err != nil {
		return f, false, err
	}
	if !f.Here {
		f.Got = min(s.open.blobs.Arrived(id), f.Size)
	}
	return f, true, nil
}

// FileOf returns the file of a record. Kinds: ErrNotFound where it has none, or the member
// cannot read it, or it was erased; ErrLocked, ErrStorage.
func (s *Session) FileOf(id amana.RecordID) (File, error) {
	c, err := s.Charter()
	if err != nil {
		return File{}, err
	}
	_, gone := c.Erased()[id]
	f, there, err := s.fileOf(id, 0)
	if err == nil && (gone || !there) {
		err = fmt.Errorf("vault: record %s: no file: %w", id, amana.ErrNotFound)
	}
	return f, err
}

// ReadBlobFile opens a file of this device that no record describes, as it travels: what
// waits to be sent. Kinds: those of [Session.ReadFile].
func (s *Session) ReadBlobFile(b evidence.Blob) (*evidence.Travelling, error) {
	return s.ReadFile(File{blob: b})
}

// DropBlob takes away a file of this device that no record describes; what a record does
// describe is erased with it. Kinds: ErrLocked, ErrConflict, ErrStorage.
func (s *Session) DropBlob(id amana.RecordID) error {
	b, err := s.blobOf(id)
	if err != nil {
		return err
	}
	if b != nil {
		return fmt.Errorf("vault: record %s: its file is its own: %w", id, amana.ErrConflict)
	}
	return s.open.blobs.Erase(id)
}

// blobOf returns the description of a record's file, or nil where it has none.
func (s *Session) blobOf(id amana.RecordID) (*evidence.Blob, error) {
	if b, known := s.files.get(id); known {
		return b, nil
	}
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	r, err := s.index.Load().find(id)
	if errors.Is(err, amana.ErrNotFound) {
		return nil, nil //nolint:nilnil // it went meanwhile: there is no file
	}
	if err != nil {
		return nil, err
	}
	at, err := s.index.Load().view.Entries(r.RID)
	if err != nil {
		return nil, err
	}
	o := s.openRecord(s.newRoom(), view.FileRecord{Record: r, Items: at})
	t, ok := o.Taken()
	if !ok {
		return nil, nil //nolint:nilnil // a thing, or not readable (yet): there is no file
	}
	b := BlobOf(id, t)
	if b.Size < 0 || b.Size > largestFile {
		return nil, nil //nolint:nilnil // a length that no file has
	}
	s.files.put(id, &b)
	return &b, nil
}

// largestFile is the length of the longest file that is held to be one, in bytes.
const largestFile = 1 << 42

// ReadFile opens a file as it travels, from anywhere in it. Kinds: ErrNotFound where
// it is not on this device, ErrTampered, ErrLocked, ErrStorage.
func (s *Session) ReadFile(f File) (*evidence.Travelling, error) {
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	return s.open.blobs.Travel(f.blob)
}

// TakeFile takes what follows of a file after the bytes that are here ([File.Got]), and
// says whether it is whole now. What is not whole is kept, and gone on with the next
// time. Nothing is believed before it was opened. Kinds: ErrTampered where something
// else came; ErrStorage, also for a full disk; ErrConflict where it is arriving
// already or does not end there; ErrLocked; what r fails with.
func (s *Session) TakeFile(ctx context.Context, f File, r io.Reader) (whole bool, err error) {
	done, err := s.hold()
	if err != nil {
		return false, err
	}
	done() // a file may take hours; locking must not wait for it
	if err := s.Refuses(); err != nil {
		return false, err
	}
	whole, err = s.open.blobs.Arrive(ctx, f.blob, f.Got, unlocked{s, r})
	if err != nil {
		return whole, err
	}
	c, err := s.Charter()
	if err != nil {
		return whole, err
	}
	if _, gone := c.Erased()[f.Record]; gone { // the order came meanwhile
		return false, s.open.blobs.Erase(f.Record)
	}
	return whole, nil
}

// unlocked is a reader that ends with the session.
type unlocked struct {
	s *Session
	r io.Reader
}

func (u unlocked) Read(p []byte) (int, error) {
	if u.s.charter.Load() == nil {
		return 0, u.s.locked()
	}
	return u.r.Read(p)
}

// ErasedFiles returns the names of files that others are to forget: those of every
// record that was ordered erased. Whether a record had one is not known any more.
func (s *Session) ErasedFiles() ([]seal.Hash, error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	var list []seal.Hash
	for id := range c.Erased() {
		name, err := s.ring.BlobName(id)
		if err != nil {
			return nil, err
		}
		list = append(list, name)
	}
	slices.SortFunc(list, func(a, b seal.Hash) int { return slices.Compare(a[:], b[:]) })
	return list, nil
}

// filesFile keeps what this device knows of the files at its hub.
const filesFile = "hubfiles"

// FilesState returns what was kept of the files at the hub, or nothing.
func (s *Session) FilesState() (raw []byte, err error) {
	err = openSealedFile(s.vault.dir, s.open.key, filesFile, &raw)
	return raw, err
}

// KeepFilesState keeps what is known of the files at the hub, durably.
func (s *Session) KeepFilesState(raw []byte) error {
	return sealedFile(s.vault.dir, s.open.key, filesFile, raw)
}
