package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub/wire"
)

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// nodes reads hashes of a tree: a hash lies with the leaf by which what it stands for
// became whole.
type nodes struct {
	ctx context.Context //nolint:containedctx // the library's interface has none
	q   querier
	org amana.OrgID
	// high are hashes over many leaves, which are in many proofs and never change; those
	// over few lie beside each other.
	high *memory[nodeAt, tlog.Hash]
}

// nodeAt is a hash in an organisation's tree.
type nodeAt struct {
	org amana.OrgID
	at  int64
}

// highFrom is the level from which on a hash is one of many leaves: 256.
const highFrom = 8

// ReadHashes implements [tlog.HashReader].
func (n nodes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	args := []any{n.org[:]}
	var marks []string
	var ask []int
	for i, at := range indexes {
		leaf, level := leafOf(at)
		if level >= highFrom {
			var known bool
			if list[i], known = n.high.get(nodeAt{n.org, at}); known {
				continue
			}
		}
		ask, args = append(ask, i), append(args, leaf)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	if len(ask) == 0 {
		return list, nil
	}
	rows, err := n.q.QueryContext(n.ctx, "SELECT idx, hashes FROM leaf WHERE org=$1 AND idx IN ("+strings.Join(marks, ",")+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[int64][]byte, len(indexes))
	for rows.Next() {
		var at int64
		var raw []byte
		if err := rows.Scan(&at, &raw); err != nil {
			return nil, err
		}
		found[at] = raw
	}
	for _, i := range ask {
		leaf, level := leafOf(indexes[i])
		raw := found[leaf]
		if len(raw) < (level+1)*tlog.HashSize {
			return nil, errors.Join(rows.Err(), fmt.Errorf("hub: a hash of the log is missing: %w", amana.ErrTampered))
		}
		list[i] = tlog.Hash(raw[level*tlog.HashSize : (level+1)*tlog.HashSize])
		if level >= highFrom {
			n.high.put(nodeAt{n.org, indexes[i]}, list[i])
		}
	}
	return list, nil
}

// leafOf says with which leaf a stored hash lies, and the how manieth there it is.
func leafOf(stored int64) (leaf int64, level int) {
	level, at := tlog.SplitStoredHashIndex(stored)
	return (at+1)<<level - 1, level
}

// edge is the right edge of a tree, by which it goes on: the roots of the perfect trees
// that its leaves make up, the largest first.
type edge []byte

// add takes leaf number n in and returns the hashes that became whole with it.
func (e *edge) add(n uint64, leaf []byte) (hashes []byte) {
	h := tlog.RecordHash(leaf)
	hashes = append(hashes, h[:]...)
	for ; n&1 == 1; n >>= 1 {
		last := len(*e) - tlog.HashSize
		h = tlog.NodeHash(tlog.Hash((*e)[last:]), h)
		*e = (*e)[:last]
		hashes = append(hashes, h[:]...)
	}
	*e = append(*e, h[:]...)
	return hashes
}

// fits reports whether this can be the edge of a tree of n leaves.
func (e *edge) fits(n uint64) bool { return len(*e) == bits.OnesCount64(n)*tlog.HashSize }

// root is the root of the tree.
func (e *edge) root() tlog.Hash {
	f := wire.Frontier{}
	for raw := []byte(*e); len(raw) > 0; raw = raw[tlog.HashSize:] {
		f.Roots = append(f.Roots, tlog.Hash(raw[:tlog.HashSize]))
	}
	f.Size = uint64(len(f.Roots)) // any but none
	return f.Root()
}

// Size is how many leaves an organisation's log has.
func (s *Store) Size(ctx context.Context, org amana.OrgID) (uint64, error) {
	var n int64
	if err := s.db.QueryRowContext(ctx, "SELECT size FROM org WHERE org=$1", org[:]).Scan(&n); err != nil {
		return 0, kindOf("size", err)
	}
	return uint64(n), nil
}

// mostAsked is how many organisations one statement asks for.
const mostAsked = 500

// sizes is how many leaves the logs of organisations have.
func (s *Store) sizes(ctx context.Context, orgs []amana.OrgID) (map[amana.OrgID]uint64, error) {
	sizes := make(map[amana.OrgID]uint64, len(orgs))
	for len(orgs) > 0 {
		some := orgs[:min(mostAsked, len(orgs))]
		orgs = orgs[len(some):]
		args, marks := make([]any, len(some)), make([]string, len(some))
		for i := range some {
			args[i], marks[i] = some[i][:], fmt.Sprintf("$%d", i+1)
		}
		if err := readSizes(ctx, s.db, sizes, "SELECT org, size FROM org WHERE org IN ("+strings.Join(marks, ",")+")", args); err != nil {
			return nil, kindOf("sizes", err)
		}
	}
	return sizes, nil
}

func readSizes(ctx context.Context, q querier, into map[amana.OrgID]uint64, query string, args []any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var org []byte
		var n int64
		if err := rows.Scan(&org, &n); err != nil {
			return err
		}
		if len(org) == 16 {
			into[amana.OrgID(org)] = uint64(n)
		}
	}
	return rows.Err()
}

// Root is the root of the tree of an organisation's first leaves.
func (s *Store) Root(ctx context.Context, org amana.OrgID, size uint64) (tlog.Hash, error) {
	var now int64
	var e edge
	if err := s.db.QueryRowContext(ctx, "SELECT size, edge FROM org WHERE org=$1", org[:]).Scan(&now, (*[]byte)(&e)); err != nil {
		return tlog.Hash{}, kindOf("root", err)
	}
	if uint64(now) == size && e.fits(size) {
		return e.root(), nil
	}
	h, err := tlog.TreeHash(int64(size), nodes{ctx, s.db, org, &s.high})
	if err != nil {
		return h, kindOf("root", err)
	}
	return h, nil
}

// Proof proves that the log of old leaves is the beginning of the log of size leaves.
func (s *Store) Proof(ctx context.Context, org amana.OrgID, size, old uint64) (tlog.TreeProof, error) {
	if old == 0 || old > size {
		return nil, fmt.Errorf("hub: no proof from %d to %d: %w", old, size, amana.ErrInvalid)
	}
	p, err := tlog.ProveTree(int64(size), int64(old), nodes{ctx, s.db, org, &s.high})
	if err != nil {
		return nil, kindOf("proof", err)
	}
	return p, nil
}

// Inclusion proves that a leaf is in the log of size leaves.
func (s *Store) Inclusion(ctx context.Context, org amana.OrgID, size, leaf uint64) (tlog.RecordProof, error) {
	if leaf >= size {
		return nil, fmt.Errorf("hub: no leaf %d of %d: %w", leaf, size, amana.ErrInvalid)
	}
	p, err := tlog.ProveRecord(int64(size), int64(leaf), nodes{ctx, s.db, org, &s.high})
	if err != nil {
		return nil, kindOf("proof", err)
	}
	return p, nil
}
