package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// Leaves returns leaves of an organisation's log, from a number on.
func (s *Store) Leaves(ctx context.Context, org amana.OrgID, from, limit uint64) ([]journal.SignedHead, error) {
	list, err := leavesOf(ctx, s.db, org, from, limit)
	return list, kindOrNil("leaves", err)
}

func leavesOf(ctx context.Context, q querier, org amana.OrgID, from, limit uint64) (list []journal.SignedHead, err error) {
	rows, err := q.QueryContext(ctx, "SELECT device, seq, head, signature FROM leaf WHERE org=$1 AND idx>=$2 ORDER BY idx LIMIT $3", org[:], int64(from), int64(limit))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		h, err := scanHead(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, rows.Err()
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

// itemsOf returns the items of one leaf as they travel, and how many they are, or none
// where they take more than so many bytes.
func (s *Store) itemsOf(ctx context.Context, org amana.OrgID, leaf journal.SignedHead, room uint64) (n uint64, raw []byte, err error) {
	var before sql.NullInt64
	if err := s.db.QueryRowContext(ctx, "SELECT max(seq) FROM leaf WHERE org=$1 AND device=$2 AND seq<$3", org[:], leaf.Device[:], int64(leaf.Seq)).Scan(&before); err != nil {
		return 0, nil, kindOf("items", err)
	}
	if n = leaf.Seq - uint64(before.Int64); n > room/64 { // each has a signature at least
		return 0, nil, nil
	}
	raw, err = s.Batch(ctx, org, leaf.Device, uint64(before.Int64)+1, n)
	if err != nil {
		return 0, nil, err
	}
	raw = raw[len(journal.BatchHead(leaf, n)):]
	if uint64(len(raw)) > room {
		return 0, nil, nil
	}
	return n, raw, nil
}

// Erase destroys the content of items of one device, whoever of the organisation asks:
// hashes take its place, so the chain is as it was. What is erased already is passed
// over.
func (s *Store) Erase(ctx context.Context, org amana.OrgID, device amana.DeviceID, seqs []uint64) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		var gone int64
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
			blank := it.Blank().AppendWire(nil)
			if _, err := tx.ExecContext(ctx, "UPDATE item SET wire=$1 WHERE org=$2 AND device=$3 AND seq=$4", blank, org[:], device[:], int64(seq)); err != nil {
				return err
			}
			gone += int64(len(w) - len(blank))
		}
		_, err := tx.ExecContext(ctx, "UPDATE org SET bytes=bytes-$1 WHERE org=$2", gone, org[:])
		return err
	})
}
