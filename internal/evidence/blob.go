package evidence

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"amana"
	"amana/internal/seal"
)

// Blob describes a sealed file and can open it. It lies in the record's body, so
// that it is sealed and erased with it.
type Blob struct {
	Record amana.RecordID
	Key    seal.BlobKey
	Runs   []uint64 // chunks at which a later run of writing began, ascending
	Size   int64    // of the file, in bytes
	Sum    seal.Hash
	CRC    uint32 // CRC-32 (ISO 3309) of the file, for archives
	Salt   [32]byte
}

const sealedChunk = seal.BlobChunk + seal.TagSize

// chunksIn is how many chunks a file of so many bytes has: an empty one has one.
func chunksIn(size int64) int64 {
	return max(1, (size+seal.BlobChunk-1)/seal.BlobChunk)
}

// SealedSize is how long the blob of a file of so many bytes is.
func SealedSize(size int64) int64 { return size + chunksIn(size)*seal.TagSize }

// runs finds the run that a chunk was sealed in.
type runs struct {
	of     Blob
	number int
	open   seal.BlobRun
	ready  bool
}

func (r *runs) at(chunk int64) seal.BlobRun {
	n := 0
	for n < len(r.of.Runs) && uint64(chunk) >= r.of.Runs[n] {
		n++
	}
	if !r.ready || n != r.number {
		r.open, r.number, r.ready = r.of.Key.Run(r.of.Record, uint32(n)), n, true
	}
	return r.open
}

// Reader opens a blob, from anywhere in it. What it hands out was verified; nothing
// of it is written anywhere. It may be read from several goroutines.
type Reader struct {
	src  io.ReaderAt
	size int64

	mu     sync.Mutex // guards all below: the chunk that was opened last
	runs   runs
	chunk  int64
	plain  []byte
	sealed []byte
}

// NewReader opens a blob of which sealed bytes there are. That the file was cut
// short, or goes on after its end, is found here: ErrTampered.
func NewReader(b Blob, src io.ReaderAt, sealed int64) (*Reader, error) {
	if b.Size < 0 || sealed != SealedSize(b.Size) {
		return nil, fmt.Errorf("evidence: record %s: blob of %d bytes for a file of %d: %w", b.Record, sealed, b.Size, amana.ErrTampered)
	}
	r := &Reader{src: src, size: b.Size, runs: runs{of: b}, chunk: -1}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r, r.load(chunksIn(b.Size) - 1) // the end is marked as such
}

// Size is how many bytes the file has.
func (r *Reader) Size() int64 { return r.size }

// ReadAt implements [io.ReaderAt].
func (r *Reader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("evidence: negative offset: %w", amana.ErrInvalid)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for n < len(p) && off < r.size {
		if err := r.load(off / seal.BlobChunk); err != nil {
			return n, err
		}
		took := copy(p[n:], r.plain[off%seal.BlobChunk:])
		n += took
		off += int64(took)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// load opens a chunk. Callers hold mu.
func (r *Reader) load(chunk int64) error {
	if r.chunk == chunk {
		return nil
	}
	r.chunk = -1
	if r.sealed == nil {
		r.sealed = make([]byte, sealedChunk)
	}
	last := chunk == chunksIn(r.size)-1
	sealed := r.sealed
	if last {
		sealed = sealed[:SealedSize(r.size)-chunk*sealedChunk]
	}
	if n, err := r.src.ReadAt(sealed, chunk*sealedChunk); n < len(sealed) {
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("evidence: record %s: chunk %d is missing: %w", r.runs.of.Record, chunk, amana.ErrTampered)
		}
		return fmt.Errorf("evidence: record %s: %w: %w", r.runs.of.Record, amana.ErrStorage, err)
	}
	plain, err := r.runs.at(chunk).Open(r.plain[:0], sealed, uint64(chunk), last)
	if err != nil {
		return fmt.Errorf("evidence: record %s: %w", r.runs.of.Record, err)
	}
	r.plain, r.chunk = plain, chunk
	return nil
}

// Content commits to a file without confirming a guess of it: whoever has the file
// but not the salt cannot tell that it is this one. With the salt it is proof.
func Content(salt [32]byte, sum seal.Hash, size int64) seal.Hash {
	n := uint64(size)
	return seal.Digest("amana/1/content", salt[:], sum[:], []byte{
		byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n),
	})
}

// Content is the blob's own commitment.
func (b Blob) Content() seal.Hash { return Content(b.Salt, b.Sum, b.Size) }
