package timestamp

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/seal"
)

// hashes is a tree in memory.
type hashes []tlog.Hash

// ReadHashes implements [tlog.HashReader].
func (h hashes) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		if n < 0 || n >= int64(len(h)) {
			return nil, fmt.Errorf("timestamp: no such hash: %w", amana.ErrInvalid)
		}
		out[i] = h[n]
	}
	return out, nil
}

// Tree is the tree over a batch of leaves.
type Tree struct {
	size   int64
	hashes hashes
}

// NewTree builds the tree over leaves. ErrInvalid where there are none.
func NewTree(leaves []seal.Hash) (Tree, error) {
	var t Tree
	if len(leaves) == 0 {
		return t, fmt.Errorf("timestamp: a batch of nothing: %w", amana.ErrInvalid)
	}
	for _, leaf := range leaves {
		more, err := tlog.StoredHashes(t.size, leaf[:], t.hashes)
		if err != nil {
			return t, err
		}
		t.hashes = append(t.hashes, more...)
		t.size++
	}
	return t, nil
}

// Size is how many leaves there are.
func (t Tree) Size() int64 { return t.size }

// Root is what is stamped.
func (t Tree) Root() (seal.Hash, error) {
	h, err := tlog.TreeHash(t.size, t.hashes)
	return seal.Hash(h), err
}

// Prove returns the path from a leaf to the root.
func (t Tree) Prove(leaf int64) ([]seal.Hash, error) {
	if leaf < 0 || leaf >= t.size {
		return nil, fmt.Errorf("timestamp: leaf %d of %d: %w", leaf, t.size, amana.ErrInvalid)
	}
	p, err := tlog.ProveRecord(t.size, leaf, t.hashes)
	path := make([]seal.Hash, len(p))
	for i := range p {
		path[i] = seal.Hash(p[i])
	}
	return path, err
}

// CheckProof checks that a hash is a leaf of the tree that has a root and a size.
// Kind: ErrTampered.
func CheckProof(root seal.Hash, size, leaf int64, hash seal.Hash, path []seal.Hash) error {
	p := make(tlog.RecordProof, len(path))
	for i := range path {
		p[i] = tlog.Hash(path[i])
	}
	if size < 1 || leaf < 0 || leaf >= size {
		return fmt.Errorf("timestamp: leaf %d of %d: %w", leaf, size, amana.ErrTampered)
	}
	if err := tlog.CheckRecord(p, size, tlog.Hash(root), leaf, tlog.RecordHash(hash[:])); err != nil {
		return fmt.Errorf("timestamp: the path does not lead to the root: %w", amana.ErrTampered)
	}
	return nil
}
