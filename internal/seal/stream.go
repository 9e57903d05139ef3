package seal

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"amana"
)

// StreamKey seals one stream, of any length, in chunks: the STREAM construction
// (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its
// Nonce-Reuse Misuse-Resistance", CRYPTO 2015), with AES-256-GCM, chunks of
// 64 KiB, and as nonce an 11-byte counter and a byte that is 1 for the last.
// Chunks cannot be dropped, swapped or cut off unnoticed. One key seals one
// stream and nothing else.
type StreamKey struct{ secret }

// NewStreamKey makes the key of one stream.
func NewStreamKey() StreamKey { return StreamKey{newSecret()} }

// Export returns the key's bytes, to be sealed in a box and nowhere else.
func (k StreamKey) Export() []byte { return append([]byte(nil), k.bytes()...) }

// ImportStreamKey reads a key that came out of a box.
func ImportStreamKey(raw []byte) (StreamKey, error) {
	s, err := secretFrom(raw)
	return StreamKey{s}, err
}

const streamChunk = 64 << 10

type streamNonce struct {
	count uint64
	nonce [NonceSize]byte
}

func (n *streamNonce) next(last bool) []byte {
	binary.BigEndian.PutUint64(n.nonce[3:11], n.count)
	n.count++
	if last {
		n.nonce[11] = 1
	}
	return n.nonce[:]
}

// Seal returns a writer that seals what is written to it. Close ends the stream;
// without it the stream reads as cut short. It does not close w.
func (k StreamKey) Seal(w io.Writer) io.WriteCloser {
	return &streamWriter{w: w, aead: k.derive("amana/1/stream").aead()}
}

type streamWriter struct {
	w    io.Writer
	aead cipher.AEAD
	buf  []byte
	n    streamNonce
	err  error
}

// Write implements [io.Writer].
func (s *streamWriter) Write(p []byte) (n int, err error) {
	for s.err == nil && n < len(p) {
		if len(s.buf) == streamChunk { // the last chunk waits for Close
			s.flush(s.buf, false)
			s.buf = s.buf[:0]
			continue
		}
		took := min(len(p)-n, streamChunk-len(s.buf))
		s.buf = append(s.buf, p[n:n+took]...)
		n += took
	}
	return n, s.err
}

func (s *streamWriter) flush(chunk []byte, last bool) {
	_, s.err = s.w.Write(s.aead.Seal(nil, s.n.next(last), chunk, nil))
}

// Close implements [io.Closer].
func (s *streamWriter) Close() error {
	if s.err == nil {
		s.flush(s.buf, true)
		s.buf = nil
		if s.err == nil {
			s.err = errors.New("seal: stream: closed")
			return nil
		}
	}
	return s.err
}

// Open returns a reader of what was sealed. It gives out nothing that does not
// verify: ErrTampered where a chunk fails or the stream was cut short. Only at
// io.EOF is it known that nothing is missing: what was read before is to be
// undone if another error comes.
func (k StreamKey) Open(r io.Reader) io.Reader {
	return &streamReader{r: r, aead: k.derive("amana/1/stream").aead(), sealed: make([]byte, streamChunk+TagSize+1)}
}

type streamReader struct {
	r      io.Reader
	aead   cipher.AEAD
	sealed []byte
	held   int // bytes of the next chunk that were read already
	plain  []byte
	n      streamNonce
	err    error
}

// Read implements [io.Reader].
func (s *streamReader) Read(p []byte) (int, error) {
	for len(s.plain) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.fill()
	}
	n := copy(p, s.plain)
	s.plain = s.plain[n:]
	return n, nil
}

// fill opens the next chunk. A chunk is the last if nothing follows it, so one
// byte more is read to know.
func (s *streamReader) fill() {
	n, err := io.ReadFull(s.r, s.sealed[s.held:])
	n += s.held
	last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !last {
		s.err = err
		return
	}
	if !last {
		n--
	}
	plain, bad := s.aead.Open(nil, s.n.next(last), s.sealed[:n], nil)
	if bad != nil {
		s.err = fmt.Errorf("seal: stream: chunk %d: %w", s.n.count-1, amana.ErrTampered)
		return
	}
	s.plain = plain
	if last {
		s.err = io.EOF
		return
	}
	s.sealed[0] = s.sealed[n]
	s.held = 1
}
