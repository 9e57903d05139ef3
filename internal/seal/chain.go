package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Hash is a SHA-256 digest.
type Hash [sha256.Size]byte

// Digest returns the hash of one kind of content. The label keeps a digest of
// one kind from being taken for one of another.
func Digest(label string, parts ...[]byte) Hash {
	size := 8 + len(label)
	for _, p := range parts {
		size += 8 + len(p)
	}
	var room [2048]byte // most are of less
	if size > len(room) {
		d := NewDigest(label)
		for _, p := range parts {
			d.Add(p)
		}
		return d.Sum()
	}
	whole := binary.BigEndian.AppendUint64(room[:0], uint64(len(label)))
	whole = append(whole, label...)
	for _, p := range parts {
		whole = binary.BigEndian.AppendUint64(whole, uint64(len(p)))
		whole = append(whole, p...)
	}
	return sha256.Sum256(whole)
}

// Digester hashes labelled parts as they come. Each part is preceded by its
// length.
type Digester struct{ h hash.Hash }

// NewDigest begins a digest.
func NewDigest(label string) Digester {
	d := Digester{sha256.New()}
	d.Add([]byte(label))
	return d
}

// Add takes the next part.
func (d Digester) Add(part []byte) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(part)))
	d.h.Write(n[:])
	d.h.Write(part)
}

// Sum returns the digest of all parts added.
func (d Digester) Sum() (h Hash) {
	d.h.Sum(h[:0])
	return h
}
