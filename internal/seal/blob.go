package seal

import (
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"log/slog"

	"amana"
)

// BlobKey seals one file of evidence, of any length, in chunks that can be opened
// one by one. It is the construction of [StreamKey], which see, with two
// differences: its keys are bound to the place of the blob, and each run of
// writing has a key of its own. Writing that broke off goes on in a new run, so
// that no chunk is ever sealed twice under one key and nonce.
type BlobKey struct{ secret }

// BlobChunk is how many bytes of a file a chunk holds; the last holds what is left.
const BlobChunk = streamChunk

// NewBlobKey makes the key of one blob.
func NewBlobKey() BlobKey { return BlobKey{newSecret()} }

// Export returns the key's bytes, to be sealed in a record's body, or in a file of
// the device while the blob is being written, and nowhere else.
func (k BlobKey) Export() []byte { return append([]byte(nil), k.bytes()...) }

// ImportBlobKey reads a key that came out of a body.
func ImportBlobKey(raw []byte) (BlobKey, error) {
	s, err := secretFrom(raw)
	return BlobKey{s}, err
}

// BlobRun seals and opens the chunks of one run.
type BlobRun struct{ aead hidden[cipher.AEAD] }

// Format implements [fmt.Formatter]: a run never prints.
func (BlobRun) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[key]") }

// LogValue implements [slog.LogValuer].
func (BlobRun) LogValue() slog.Value { return slog.StringValue("[key]") }

// Run returns what seals and opens run number n of the blob at a place.
func (k BlobKey) Run(place [16]byte, n uint32) BlobRun {
	a := k.derive("amana/1/blob", place[:], binary.BigEndian.AppendUint32(nil, n)).aead()
	return BlobRun{hide(&a)}
}

// Seal appends the sealed chunk to dst. Each index is sealed once in a run.
func (r BlobRun) Seal(dst, chunk []byte, index uint64, last bool) []byte {
	n := streamNonce{count: index}
	return (*r.aead.get()).Seal(dst, n.next(last), chunk, nil)
}

// Open appends the chunk to dst, or returns ErrTampered.
func (r BlobRun) Open(dst, sealed []byte, index uint64, last bool) ([]byte, error) {
	n := streamNonce{count: index}
	plain, err := (*r.aead.get()).Open(dst, n.next(last), sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("seal: blob: chunk %d: %w", index, amana.ErrTampered)
	}
	return plain, nil
}

// Padding is what stands behind the blob at a place while it travels, so that its
// length tells little of the file's: bytes that nobody without the key can tell from
// more of the blob. There is one padding for one blob, whoever sends it.
func (k BlobKey) Padding(place [16]byte) Cover {
	return coverOf(k.derive("amana/1/blob padding", place[:]))
}

// Random32 returns 256 fresh random bits, to commit to what could be guessed.
func Random32() [32]byte { return newSecret().get().key }
