package vault

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/seal"
)

// blobsDir is the folder of the files of evidence.
const blobsDir = "blobs"

// keptUnfinished is how long what was being taken in waits for somebody to go on.
const keptUnfinished = 30 * 24 * time.Hour

// TakeIn seals what r gives as the file of a new record and saves what changes says
// of it, in one: when it returns, both are durable. What breaks off can be gone on
// with by taking in the same file for the same thing. of is the case, or whatever
// the file belongs to. Kinds: those of [Session.Save]; what r fails with.
func (s *Session) TakeIn(ctx context.Context, of amana.RecordID, r io.Reader, changes func(evidence.Blob) ([]Change, error)) (amana.RecordID, error) {
	if err := s.mayReadAll([]amana.RecordID{of}); err != nil {
		return amana.RecordID{}, err
	}
	if err := s.Refuses(); err != nil {
		return amana.RecordID{}, err
	}
	if err := s.sweep(); err != nil {
		return amana.RecordID{}, err
	}
	who := evidence.Taker{Member: s.Member(), For: of, Now: s.vault.now()}
	b, err := s.open.blobs.Take(ctx, who, r)
	if err != nil {
		return amana.RecordID{}, err
	}
	list, err := changes(b)
	if err != nil {
		return b.Record, err
	}
	if err := s.Save(ctx, list...); err != nil {
		return b.Record, err
	}
	return b.Record, s.open.blobs.Settled(b.Record)
}

// sweep removes what nobody went on with.
func (s *Session) sweep() error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	erased := c.Erased()
	return s.open.blobs.Sweep(
		s.vault.now().Add(-keptUnfinished),
		func(id amana.RecordID) bool { return s.mayReadAll([]amana.RecordID{id}) == nil },
		func(id amana.RecordID) bool { _, gone := erased[id]; return gone },
	)
}

// BlobOf describes the file of a record of evidence.
func BlobOf(id amana.RecordID, t event.Taken) evidence.Blob {
	return evidence.Blob{Record: id, Key: t.Key, Runs: t.Runs, Size: int64(t.Size), Sum: t.Sum, CRC: t.CRC, Salt: t.Salt}
}

// TakenFact is what a body says of a file.
func TakenFact(b evidence.Blob) event.Taken {
	return event.Taken{Key: b.Key, Runs: b.Runs, Size: uint64(b.Size), Sum: b.Sum, CRC: b.CRC, Salt: b.Salt}
}

// OpenBlob opens the file of a record. Nothing of it is written anywhere. Kinds:
// ErrNotFound where it is not on this device, ErrTampered, ErrLocked.
func (s *Session) OpenBlob(b evidence.Blob) (*evidence.Reader, func() error, error) {
	done, err := s.hold()
	if err != nil {
		return nil, nil, err
	}
	defer done()
	return s.open.blobs.Reader(b)
}

// signable are the labels under which a member signs what is not an entry.
var signable = []string{evidence.SignatureLabel, "amana/1/dossier"}

// SignStatement signs, as the member, what others will verify without the journal.
func (s *Session) SignStatement(label string, message []byte) (seal.Signature, error) {
	if !slices.Contains(signable, label) {
		return seal.Signature{}, fmt.Errorf("vault: sign: %w", amana.ErrRefused)
	}
	done, err := s.hold()
	if err != nil {
		return seal.Signature{}, err
	}
	defer done()
	return s.ring.Sign(label, message), nil
}

func openBlobs(dir string, key seal.DeviceKey) evidence.Store {
	return evidence.Open(filepath.Join(dir, blobsDir), key)
}

// Heads returns where the chain of each device ends now, as one hash each that
// says nothing of what is in it: for a timestamp.
func (s *Session) Heads() []seal.Hash {
	var list []seal.Hash
	for id, head := range s.open.log.Heads() {
		list = append(list, seal.Digest("amana/1/chain end", s.open.org[:], id[:], fmt.Appendf(nil, "%d", head.Seq), head.Hash[:]))
	}
	slices.SortFunc(list, func(a, b seal.Hash) int { return slices.Compare(a[:], b[:]) })
	return list
}

// keptBlobs lists the finished blobs.
func (o *opened) keptBlobs() (list []evidence.Kept, err error) {
	err = o.blobs.Each(func(k evidence.Kept) error {
		list = append(list, k)
		return nil
	})
	return list, err
}

// A blob in a backup is a part of name and length, then its bytes. One that was
// erased while the backup was being written is zeros, which no key opens.
func (o *opened) backupBlob(ctx context.Context, out io.Writer, k evidence.Kept) error {
	head := binary.BigEndian.AppendUint64(k.Name[:], uint64(k.Size))
	if _, err := out.Write(append(binary.AppendUvarint(nil, uint64(len(head))), head...)); err != nil {
		return err
	}
	f, err := os.Open(o.blobs.File(k))
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := io.CopyN(out, stopping{ctx, f}, k.Size)
	if err == nil && n != k.Size {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// stopping is a reader that ends with its context.
type stopping struct {
	ctx context.Context //nolint:containedctx // it lives as long as one call
	r   io.Reader
}

func (s stopping) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

const blobHead = 16 + 8

// takeBlobs puts the files of evidence back. They are sealed as they were: whoever
// opens one verifies it.
func (b *backupReader) takeBlobs(ctx context.Context, o *opened) error {
	if b.start.Blobs == 0 {
		return nil
	}
	for range b.start.Blobs {
		head, err := readPart(b.rest)
		if err != nil || len(head) != blobHead {
			return fmt.Errorf("vault: backup: a file of evidence: %w", amana.ErrTampered)
		}
		k := evidence.Kept{Name: [16]byte(head[:16]), Size: int64(binary.BigEndian.Uint64(head[16:]))}
		if err := o.blobs.Put(k, stopping{ctx, b.rest}); err != nil {
			return err
		}
	}
	if _, err := b.rest.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("vault: backup: its end: %w", errOr(err, amana.ErrTampered))
	}
	return nil
}
