package hub

import (
	"context"
	"database/sql"

	"amana"
	"amana/internal/hub/wire"
)

// fromVersion2 computes the hashes of the trees, which had a table of their own, to where
// they are now: with the leaf by which they became whole.
func (s *Store) fromVersion2(ctx context.Context, tx *sql.Tx) error {
	blob, none := "BLOB", "X''"
	if s.postgres {
		blob, none = "BYTEA", "''"
	}
	for _, statement := range []string{
		"ALTER TABLE org ADD COLUMN edge " + blob + " NOT NULL DEFAULT " + none,
		"ALTER TABLE leaf ADD COLUMN hashes " + blob + " NOT NULL DEFAULT " + none,
		"DROP TABLE node", // an older hub that still runs can write no leaf without it
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	sizes := map[amana.OrgID]uint64{}
	if err := readSizes(ctx, tx, sizes, "SELECT org, size FROM org", nil); err != nil {
		return err
	}
	for org, size := range sizes {
		if err := growAgain(ctx, tx, org, size); err != nil {
			return err
		}
	}
	return nil
}

// growAgain adds an organisation's leaves to its tree, from the first.
func growAgain(ctx context.Context, tx *sql.Tx, org amana.OrgID, size uint64) error {
	var e edge
	const lot = 1000
	for n := uint64(0); n < size; {
		leaves, err := leavesOf(ctx, tx, org, n, lot)
		if err != nil {
			return err
		}
		if len(leaves) == 0 {
			break
		}
		for _, leaf := range leaves {
			if _, err := tx.ExecContext(ctx, "UPDATE leaf SET hashes=$1 WHERE org=$2 AND idx=$3", e.add(n, wire.Leaf(leaf)), org[:], int64(n)); err != nil {
				return err
			}
			n++
		}
	}
	_, err := tx.ExecContext(ctx, "UPDATE org SET edge=$1 WHERE org=$2", []byte(e), org[:])
	return err
}

// fromVersion4 counts what organisations have, which nobody did before. What hubs of that
// version take in meanwhile is not counted.
func (s *Store) fromVersion4(ctx context.Context, tx *sql.Tx) error {
	number := "INTEGER"
	if s.postgres {
		number = "BIGINT"
	}
	for _, statement := range []string{
		"ALTER TABLE org ADD COLUMN bytes " + number + " NOT NULL DEFAULT 0",
		"UPDATE org SET bytes=(SELECT COALESCE(SUM(LENGTH(wire)), 0) FROM item WHERE item.org=org.org)",
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
