package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
)

// Push takes a batch in, whole and durably, or not at all. What is here already is
// passed over, so it can be sent again. It returns the size of the log with it. Kinds:
// ErrNotFound for a device that was not admitted, ErrConflict where items before it are
// missing, ErrTampered where it does not go on where the chain ends here, or its head is
// not signed by its device; ErrRefused for a revoked one; ErrStorage.
func (s *Store) Push(ctx context.Context, org amana.OrgID, b journal.Batch) (size uint64, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		now, err := s.lock(ctx, tx, org, b.Head)
		if err != nil {
			return err
		}
		size = now.size
		if b.Last() <= now.head.Seq {
			return nil
		}
		if b.First > now.head.Seq+1 {
			return fmt.Errorf("hub: device %s: items from %d on are missing: %w", b.Head.Device, now.head.Seq+1, amana.ErrConflict)
		}
		fresh := b.Items[now.head.Seq+1-b.First:]
		hash := now.head.Hash
		for _, it := range fresh {
			hash = it.Next(org, hash)
		}
		if hash != b.Head.Hash {
			return fmt.Errorf("hub: device %s: item %d does not follow: %w", b.Head.Device, now.head.Seq+1, amana.ErrTampered)
		}
		added, err := tlog.StoredHashes(int64(size), wire.Leaf(b.Head), nodes{ctx, tx, org})
		if err != nil {
			return err
		}
		size++
		p := piece{org: org, head: b.Head, items: fresh, leaf: int64(now.size), nodes: added}
		if s.postgres {
			return p.writePostgres(ctx, tx)
		}
		return p.writeSQLite(ctx, tx)
	})
	return size, err
}

// standing is what a batch is held against.
type standing struct {
	size uint64       // of the organisation's log
	head journal.Head // where the device's chain ends
}

// lock makes writers of one organisation take turns, and returns where things stand,
// once the signed head is verified. Both rows are locked, so that both are read as the
// last writer left them.
func (s *Store) lock(ctx context.Context, tx *sql.Tx, org amana.OrgID, h journal.SignedHead) (now standing, err error) {
	var verify, head []byte
	var size, seq int64
	var revoked int
	err = tx.QueryRowContext(ctx, `SELECT o.size, d.verify, d.revoked, d.seq, d.head FROM org o JOIN device d ON d.org=o.org
		WHERE o.org=$1 AND d.device=$2`+s.forUpdate(), org[:], h.Device[:]).Scan(&size, &verify, &revoked, &seq, &head)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return now, fmt.Errorf("hub: device %s was not admitted: %w", h.Device, amana.ErrNotFound)
	case err != nil:
		return now, err
	case revoked != 0:
		return now, fmt.Errorf("hub: device %s was revoked: %w", h.Device, amana.ErrRefused)
	}
	now = standing{size: uint64(size), head: journal.Head{Seq: uint64(seq), Hash: seal.Hash(head)}}
	return now, h.Verify(seal.VerifyKey(verify), org)
}

// piece is what one accepted batch adds: its items, a leaf of the log, and the hashes of
// the tree that become whole with it.
type piece struct {
	org   amana.OrgID
	head  journal.SignedHead
	items []journal.Item
	leaf  int64
	nodes []tlog.Hash
}

// writePostgres writes all of it in one statement: each way to the database and back
// takes longer than the writing.
func (p piece) writePostgres(ctx context.Context, tx *sql.Tx) error {
	seqs, wires := make([]int64, len(p.items)), make([][]byte, len(p.items))
	for i, it := range p.items {
		seqs[i], wires[i] = int64(it.Seq), it.AppendWire(nil)
	}
	at, hashes := make([]int64, len(p.nodes)), make([][]byte, len(p.nodes))
	for i := range p.nodes {
		at[i], hashes[i] = tlog.StoredHashIndex(0, p.leaf)+int64(i), p.nodes[i][:]
	}
	_, err := tx.ExecContext(ctx, `WITH
		added AS (INSERT INTO item(org, device, seq, wire) SELECT $1::bytea, $2::bytea, t.seq, t.wire
			FROM unnest($3::bigint[], $4::bytea[]) AS t(seq, wire) ON CONFLICT DO NOTHING),
		leafed AS (INSERT INTO leaf(org, idx, device, seq, head, signature) VALUES($1, $5, $2, $6, $7, $8)),
		noded AS (INSERT INTO node(org, idx, hash) SELECT $1::bytea, t.idx, t.hash FROM unnest($9::bigint[], $10::bytea[]) AS t(idx, hash)),
		ended AS (UPDATE device SET seq=$6, head=$7 WHERE org=$1 AND device=$2)
		UPDATE org SET size=$5+1 WHERE org=$1`,
		p.org[:], p.head.Device[:], seqs, wires, p.leaf, int64(p.head.Seq), p.head.Hash[:], p.head.Signature[:], at, hashes)
	return err
}

func (p piece) writeSQLite(ctx context.Context, tx *sql.Tx) error {
	insert, err := tx.PrepareContext(ctx, "INSERT INTO item(org, device, seq, wire) VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, it := range p.items {
		if _, err := insert.ExecContext(ctx, p.org[:], it.Device[:], int64(it.Seq), it.AppendWire(nil)); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO leaf(org, idx, device, seq, head, signature) VALUES($1, $2, $3, $4, $5, $6)",
		p.org[:], p.leaf, p.head.Device[:], int64(p.head.Seq), p.head.Hash[:], p.head.Signature[:]); err != nil {
		return err
	}
	at := tlog.StoredHashIndex(0, p.leaf)
	for i, hash := range p.nodes {
		if _, err := tx.ExecContext(ctx, "INSERT INTO node(org, idx, hash) VALUES($1, $2, $3)", p.org[:], at+int64(i), hash[:]); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE device SET seq=$1, head=$2 WHERE org=$3 AND device=$4",
		int64(p.head.Seq), p.head.Hash[:], p.org[:], p.head.Device[:]); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE org SET size=$1 WHERE org=$2", p.leaf+1, p.org[:])
	return err
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// nodes reads hashes of a tree.
type nodes struct {
	ctx context.Context //nolint:containedctx // the library's interface has none
	q   querier
	org amana.OrgID
}

// ReadHashes implements [tlog.HashReader].
func (n nodes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	args := []any{n.org[:]}
	marks := make([]string, len(indexes))
	for i, at := range indexes {
		args = append(args, at)
		marks[i] = fmt.Sprintf("$%d", i+2)
	}
	rows, err := n.q.QueryContext(n.ctx, "SELECT idx, hash FROM node WHERE org=$1 AND idx IN ("+strings.Join(marks, ",")+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[int64]tlog.Hash, len(indexes))
	for rows.Next() {
		var at int64
		var raw []byte
		if err := rows.Scan(&at, &raw); err != nil {
			return nil, err
		}
		if len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("hub: a hash of %d bytes: %w", len(raw), amana.ErrTampered)
		}
		found[at] = tlog.Hash(raw)
	}
	list := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		var there bool
		if list[i], there = found[at]; !there {
			return nil, errors.Join(rows.Err(), fmt.Errorf("hub: a hash of the log is missing: %w", amana.ErrTampered))
		}
	}
	return list, nil
}

// Size is how many leaves an organisation's log has.
func (s *Store) Size(ctx context.Context, org amana.OrgID) (uint64, error) {
	var n int64
	if err := s.db.QueryRowContext(ctx, "SELECT size FROM org WHERE org=$1", org[:]).Scan(&n); err != nil {
		return 0, kindOf("size", err)
	}
	return uint64(n), nil
}

// Root is the root of the tree of an organisation's first leaves.
func (s *Store) Root(ctx context.Context, org amana.OrgID, size uint64) (tlog.Hash, error) {
	h, err := tlog.TreeHash(int64(size), nodes{ctx, s.db, org})
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
	p, err := tlog.ProveTree(int64(size), int64(old), nodes{ctx, s.db, org})
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
	p, err := tlog.ProveRecord(int64(size), int64(leaf), nodes{ctx, s.db, org})
	if err != nil {
		return nil, kindOf("proof", err)
	}
	return p, nil
}

// Leaves returns leaves of an organisation's log, from a number on.
func (s *Store) Leaves(ctx context.Context, org amana.OrgID, from, limit uint64) ([]journal.SignedHead, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT device, seq, head, signature FROM leaf WHERE org=$1 AND idx>=$2 ORDER BY idx LIMIT $3", org[:], int64(from), int64(limit))
	if err != nil {
		return nil, kindOf("leaves", err)
	}
	defer rows.Close()
	var list []journal.SignedHead
	for rows.Next() {
		h, err := scanHead(rows)
		if err != nil {
			return nil, kindOf("leaves", err)
		}
		list = append(list, h)
	}
	return list, kindOrNil("leaves", rows.Err())
}

func kindOrNil(doing string, err error) error {
	if err == nil {
		return nil
	}
	return kindOf(doing, err)
}

func scanHead(row interface{ Scan(...any) error }) (h journal.SignedHead, err error) {
	var device, hash, signature []byte
	var seq int64
	if err := row.Scan(&device, &seq, &hash, &signature); err != nil {
		return h, err
	}
	if len(device) != 16 || len(hash) != 32 || len(signature) != len(h.Signature) {
		return h, fmt.Errorf("hub: a leaf: %w", amana.ErrTampered)
	}
	return journal.SignedHead{Device: amana.DeviceID(device), Seq: uint64(seq), Hash: seal.Hash(hash), Signature: seal.Signature(signature)}, nil
}

// Batch returns items of a device from a number on, as they travel: up to the last head
// that it signed within n items, or the next one. ErrNotFound where there is nothing.
func (s *Store) Batch(ctx context.Context, org amana.OrgID, device amana.DeviceID, from, n uint64) ([]byte, error) {
	const columns = "SELECT device, seq, head, signature FROM leaf WHERE org=$1 AND device=$2 AND seq>=$3"
	h, err := scanHead(s.db.QueryRowContext(ctx, columns+" AND seq<$4 ORDER BY seq DESC LIMIT 1", org[:], device[:], int64(from), int64(from+n)))
	if errors.Is(err, sql.ErrNoRows) {
		h, err = scanHead(s.db.QueryRowContext(ctx, columns+" ORDER BY seq LIMIT 1", org[:], device[:], int64(from)))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("hub: items of device %s from %d on: %w", device, from, amana.ErrNotFound)
	}
	if err != nil {
		return nil, kindOf("batch", err)
	}
	rows, err := s.db.QueryContext(ctx, "SELECT wire FROM item WHERE org=$1 AND device=$2 AND seq>=$3 AND seq<=$4 ORDER BY seq", org[:], device[:], int64(from), int64(h.Seq))
	if err != nil {
		return nil, kindOf("batch", err)
	}
	defer rows.Close()
	out := journal.BatchHead(h, h.Seq-from+1)
	for rows.Next() {
		var w []byte
		if err := rows.Scan(&w); err != nil {
			return nil, kindOf("batch", err)
		}
		out = append(out, w...)
	}
	return out, kindOrNil("batch", rows.Err())
}

// Erase destroys the content of items of one device, whoever of the organisation asks:
// hashes take its place, so the chain is as it was. What is erased already is passed
// over.
func (s *Store) Erase(ctx context.Context, org amana.OrgID, device amana.DeviceID, seqs []uint64) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, seq := range seqs {
			var w []byte
			err := tx.QueryRowContext(ctx, "SELECT wire FROM item WHERE org=$1 AND device=$2 AND seq=$3"+s.forUpdate(), org[:], device[:], int64(seq)).Scan(&w)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			it, _, err := journal.ReadWire(w, device, seq)
			if err != nil {
				return err
			}
			if it.Flags&journal.Erased != 0 {
				continue
			}
			if _, err := tx.ExecContext(ctx, "UPDATE item SET wire=$1 WHERE org=$2 AND device=$3 AND seq=$4",
				it.Blank().AppendWire(nil), org[:], device[:], int64(seq)); err != nil {
				return err
			}
		}
		return nil
	})
}
