package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"time"

	"amana"
	"amana/internal/seal"
)

// Taker says who takes a file in, and for what.
type Taker struct {
	Member amana.MemberID
	For    amana.RecordID
	Now    time.Time
}

// lot is how many chunks are read, hashed and sealed at a time: the only memory
// that a file takes, however long it is, times the lots that are under way.
const (
	lot      = 16
	underWay = 4
)

// Take seals what r gives as a new blob and returns when it is safe on the disk. It
// goes on where the same member broke off taking in the same file for the same
// thing: what is there already is compared with what comes, and kept as far as it
// is the same. Until [Store.Settled] it is known by a note. Kinds: ErrStorage; what
// r fails with.
func (s Store) Take(ctx context.Context, who Taker, r io.Reader) (Blob, error) {
	if err := s.mkdir(); err != nil {
		return Blob{}, err
	}
	first := make([]byte, seal.BlobChunk)
	n, err := io.ReadFull(r, first)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Blob{}, err
	}
	first = first[:n]
	t := &taking{store: s, src: bufio.NewReader(io.MultiReader(bytes.NewReader(first), r)), sum: seal.NewSum()}
	defer t.close()
	if err := t.begin(who, first); err != nil {
		return Blob{}, err
	}
	if err := t.keepUp(ctx); err != nil {
		return Blob{}, err
	}
	if err := t.write(ctx); err != nil {
		return Blob{}, err
	}
	return t.finish()
}

// taking is one file on its way in.
type taking struct {
	store Store
	note  note
	blob  Blob
	src   *bufio.Reader
	sum   hash.Hash
	crc   uint32
	size  int64
	file  *os.File
	next  int64  // the chunk that comes next
	held  []byte // read from src, and not the same as what was there
	ended bool   // src was read to its end
}

func (t *taking) close() {
	t.store.busy.release(t.note.Record)
	if t.file != nil {
		t.file.Close()
	}
}

// begin finds what broke off, or begins anew.
func (t *taking) begin(who Taker, first []byte) error {
	notes, err := t.store.notes()
	if err != nil {
		return err
	}
	for _, n := range notes {
		if n.Member == who.Member && n.For == who.For && t.goesOn(n, first) && t.store.busy.claim(n.Record) {
			return t.open(n)
		}
	}
	id := amana.RecordID(seal.Random16())
	t.store.busy.claim(id)
	t.note.Record = id
	n := note{Record: id, Member: who.Member, For: who.For, Key: seal.NewBlobKey().Export(), Began: who.Now.UnixMilli()}
	if err := t.store.writeNote(n); err != nil {
		return err
	}
	return t.open(n)
}

// goesOn reports whether what a note tells of begins with a chunk. What is short
// enough to fit into one is begun anew.
func (t *taking) goesOn(n note, first []byte) bool {
	f, err := os.Open(t.store.path(n.Record) + partEnding)
	if err != nil {
		return false
	}
	defer f.Close()
	plain, err := readChunk(f, blobOf(n), 0)
	return err == nil && bytes.Equal(plain, first)
}

func blobOf(n note) Blob {
	key, err := seal.ImportBlobKey(n.Key)
	if err != nil {
		panic("evidence: internal error: " + err.Error()) // readNote checked it
	}
	return Blob{Record: n.Record, Key: key, Runs: n.Runs}
}

// readChunk opens a chunk that is whole and not the last.
func readChunk(f io.ReaderAt, b Blob, chunk int64) ([]byte, error) {
	sealed := make([]byte, sealedChunk)
	if _, err := f.ReadAt(sealed, chunk*sealedChunk); err != nil {
		return nil, err
	}
	r := runs{of: b}
	return r.at(chunk).Open(nil, sealed, uint64(chunk), false)
}

func (t *taking) open(n note) error {
	f, err := os.OpenFile(t.store.path(n.Record)+partEnding, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return storage(n.Record, err)
	}
	t.note, t.file, t.blob = n, f, blobOf(n)
	t.blob.Salt = seal.Random32()
	return nil
}

// keepUp reads what comes beside what is there, as far as both are the same.
func (t *taking) keepUp(ctx context.Context) error {
	info, err := t.file.Stat()
	if err != nil {
		return storage(t.note.Record, err)
	}
	if info.Size() == 0 {
		return nil
	}
	chunk := make([]byte, seal.BlobChunk)
	for ; ; t.next++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		there, err := readChunk(t.file, t.blob, t.next)
		if err != nil {
			break // written half, or the last
		}
		n, err := io.ReadFull(t.src, chunk)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		_, err = t.src.Peek(1)
		ended := errors.Is(err, io.EOF) // then it is the last, which is sealed as such
		if ended || !bytes.Equal(there, chunk) {
			t.held, t.ended = chunk[:n], ended
			break
		}
		t.take(chunk)
	}
	// What follows is sealed in a run of its own: of what was cut off here, a copy
	// may exist, and no key and nonce may seal two texts.
	t.note.Runs = append(t.note.Runs, uint64(t.next))
	t.blob.Runs = t.note.Runs
	if err := t.store.writeNote(t.note); err != nil {
		return err
	}
	if err := t.file.Truncate(t.next * sealedChunk); err != nil {
		return storage(t.note.Record, err)
	}
	return nil
}

// take hashes what is part of the file.
func (t *taking) take(b []byte) {
	t.sum.Write(b)
	t.crc = crc32.Update(t.crc, crc32.IEEETable, b)
	t.size += int64(len(b))
}

// flushed is after how many bytes the disk begins to take them, while more come. Were
// that left to the end, the end would take as long as all before it.
const flushed = 64 << 20

// flusher has the disk take what was written, in a goroutine of its own.
type flusher struct {
	file  *os.File
	asked chan struct{}
	ended chan error
	since int
}

func newFlusher(f *os.File) *flusher {
	l := &flusher{file: f, asked: make(chan struct{}, 1), ended: make(chan error, 1)}
	go func() {
		var err error
		for range l.asked {
			// A disk says only once that it failed: it must not be lost.
			err = errors.Join(err, l.file.Sync())
		}
		l.ended <- err
	}()
	return l
}

// wrote notes so many bytes.
func (l *flusher) wrote(n int) {
	if l.since += n; l.since < flushed {
		return
	}
	select {
	case l.asked <- struct{}{}:
		l.since = 0
	default: // it is at it
	}
}

// end waits until nothing is under way, and says whether anything failed.
func (l *flusher) end() error {
	close(l.asked)
	return <-l.ended
}

// write seals what is left: one goroutine reads and hashes, this one seals and
// writes, and a third has the disk take it.
func (t *taking) write(ctx context.Context) error {
	rest := io.MultiReader(bytes.NewReader(t.held), t.src)
	if t.ended {
		rest = bytes.NewReader(t.held)
	}
	ctx, stop := context.WithCancel(ctx)
	full, empty := make(chan []byte, underWay), make(chan []byte, underWay)
	for range underWay {
		empty <- make([]byte, lot*seal.BlobChunk)
	}
	failed := make(chan error, 1)
	go func() {
		defer close(full)
		failed <- t.read(ctx, rest, full, empty)
	}()
	err := t.seal(full, empty)
	stop()
	for range full { //nolint:revive // until the reader has seen that it is to stop
	}
	if bad := <-failed; bad != nil && err == nil {
		err = bad
	}
	return err
}

func (t *taking) read(ctx context.Context, r io.Reader, full chan<- []byte, empty <-chan []byte) error {
	for {
		var b []byte
		select {
		case <-ctx.Done():
			return ctx.Err()
		case b = <-empty:
		}
		n, err := io.ReadFull(r, b)
		t.take(b[:n])
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case full <- b[:n]:
		}
		if ended {
			return nil
		}
	}
}

// seal seals lots as they come. The last chunk is known by nothing following it, so
// one chunk waits.
func (t *taking) seal(full <-chan []byte, empty chan<- []byte) (err error) {
	disk := newFlusher(t.file)
	defer func() {
		if bad := disk.end(); bad != nil && err == nil {
			err = storage(t.note.Record, bad)
		}
	}()
	out := make([]byte, 0, (lot+1)*sealedChunk)
	waiting := make([]byte, 0, seal.BlobChunk)
	have := false
	at := t.next * sealedChunk
	r := runs{of: t.blob}
	put := func(chunk []byte, last bool) {
		out = r.at(t.next).Seal(out, chunk, uint64(t.next), last)
		t.next++
	}
	flush := func() error {
		n, err := t.file.WriteAt(out, at)
		at += int64(n)
		disk.wrote(n)
		out = out[:0]
		if err != nil {
			return storage(t.note.Record, err)
		}
		return nil
	}
	for b := range full {
		for rest := b; len(rest) > 0; {
			if have {
				put(waiting, false)
			}
			n := min(len(rest), seal.BlobChunk)
			waiting, have, rest = append(waiting[:0], rest[:n]...), true, rest[n:]
		}
		empty <- b[:cap(b)]
		if err := flush(); err != nil {
			return err
		}
	}
	put(waiting, true)
	return flush()
}

// finish makes the blob safe and gives it its name.
func (t *taking) finish() (Blob, error) {
	path := t.store.path(t.note.Record)
	err := t.file.Sync()
	err = errors.Join(err, t.file.Close())
	t.file = nil
	if err == nil {
		err = os.Rename(path+partEnding, path)
	}
	if err != nil {
		return Blob{}, storage(t.note.Record, err)
	}
	t.sum.Sum(t.blob.Sum[:0])
	t.blob.CRC, t.blob.Size = t.crc, t.size
	return t.blob, t.store.sync(t.note.Record)
}
