package seal

import (
	"crypto/cipher"
	"fmt"
	"io"
	"sync"

	"amana"
)

// OpenAt returns a reader at any place of what was sealed, of which sealedSize bytes
// lie in r, and how many bytes there are to read. That the end is the end is verified
// at once; each chunk, and that it stands where it stood, when it is read: ErrTampered
// where one fails. It is for a file that is read several times and in no order, such
// as an archive.
func (k StreamKey) OpenAt(r io.ReaderAt, sealedSize int64) (at io.ReaderAt, size int64, err error) {
	const whole = streamChunk + TagSize
	chunks := max(1, (sealedSize+whole-1)/whole)
	size = max(0, sealedSize-chunks*TagSize)
	s := &streamAt{r: r, aead: k.derive("amana/1/stream").aead(), sealedSize: sealedSize, size: size, chunks: chunks, held: -1}
	return s, size, s.hold(chunks - 1)
}

// streamAt opens chunks as they are asked for, and holds the last one.
type streamAt struct {
	r                        io.ReaderAt
	aead                     cipher.AEAD
	sealedSize, size, chunks int64

	mu     sync.Mutex // guards what follows
	held   int64      // number of the chunk in plain, or -1
	plain  []byte
	sealed []byte
}

// ReadAt implements [io.ReaderAt].
func (s *streamAt) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("seal: stream: before its beginning: %w", amana.ErrInvalid)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(p) {
		if off >= s.size {
			return n, io.EOF
		}
		if err := s.hold(off / streamChunk); err != nil {
			return n, err
		}
		took := copy(p[n:], s.plain[off%streamChunk:])
		n += took
		off += int64(took)
	}
	return n, nil
}

// hold opens a chunk. Callers hold mu.
func (s *streamAt) hold(chunk int64) error {
	if chunk == s.held {
		return nil
	}
	const whole = streamChunk + TagSize
	s.held = -1
	if s.sealed == nil {
		s.sealed = make([]byte, whole)
	}
	sealed := s.sealed[:max(0, min(int64(whole), s.sealedSize-chunk*whole))]
	if n, err := s.r.ReadAt(sealed, chunk*whole); n < len(sealed) {
		return fmt.Errorf("seal: stream: chunk %d: %w: %w", chunk, amana.ErrStorage, err)
	}
	n := streamNonce{count: uint64(chunk)}
	plain, err := s.aead.Open(s.plain[:0], n.next(chunk == s.chunks-1), sealed, nil)
	if err != nil {
		return fmt.Errorf("seal: stream: chunk %d: %w", chunk, amana.ErrTampered)
	}
	s.held, s.plain = chunk, plain
	return nil
}
