package bench

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver" // SQLite

	"amana"
	"amana/internal/seal"
)

// plainRows are what a hub's entries are held against: a table of rows of the same size,
// written durably, and nothing else done.
type plainRows struct {
	db               *sql.DB
	oneName, lotName string
	copies           bool // the database takes many by COPY
	org, wire        []byte
	seq              atomic.Int64
}

func newPlainRows(ctx context.Context, db *sql.DB, table string) (*plainRows, error) {
	if _, err := db.ExecContext(ctx, table); err != nil {
		_ = db.Close() // the first error is the one to tell
		return nil, storage("plain rows", err)
	}
	org := seal.Random16()
	return &plainRows{db: db, org: org[:], wire: newDeviceChain(amana.OrgID(org)).next(1).Items[0].AppendWire(nil)}, nil
}

func newSQLiteRows(ctx context.Context, dir string) (*plainRows, error) {
	db, err := sql.Open("sqlite3", "file:"+dir+"/plain.db?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		return nil, storage("plain rows", err)
	}
	db.SetMaxOpenConns(1) // one writes at a time
	r, err := newPlainRows(ctx, db, "CREATE TABLE plain (org BLOB, device BLOB, seq INTEGER, wire BLOB, PRIMARY KEY (org, device, seq))")
	if err == nil {
		r.oneName, r.lotName = "durable inserts into SQLite, one at a time", "inserts in transactions of as many"
	}
	return r, err
}

func newPostgresRows(ctx context.Context, where string) (*plainRows, error) {
	db, err := sql.Open("pgx", where)
	if err != nil {
		return nil, fmt.Errorf("bench: address of the database: %w", amana.ErrInvalid)
	}
	db.SetMaxOpenConns(hubWriters)
	db.SetMaxIdleConns(hubWriters)
	r, err := newPlainRows(ctx, db, "CREATE TABLE plain (org BYTEA, device BYTEA, seq BIGINT, wire BYTEA, PRIMARY KEY (org, device, seq)); ALTER TABLE plain ALTER COLUMN wire SET STORAGE EXTERNAL")
	if err == nil {
		r.oneName, r.lotName, r.copies = "durable single-row inserts by as many writers", "COPY of as many", true
	}
	return r, err
}

func (r *plainRows) close() { _ = r.db.Close() }

const insertPlain = "INSERT INTO plain(org, device, seq, wire) VALUES($1, $2, $3, $4)"

func (r *plainRows) one(ctx context.Context) error {
	if _, err := r.db.ExecContext(ctx, insertPlain, r.org, r.org, r.seq.Add(1), r.wire); err != nil {
		return storage("plain rows", err)
	}
	return nil
}

func (r *plainRows) lot(ctx context.Context, n int) error {
	do := r.insertAll
	if r.copies {
		do = r.copyAll
	}
	if err := do(ctx, n); err != nil {
		return storage("plain rows", err)
	}
	return nil
}

func (r *plainRows) insertAll(ctx context.Context, n int) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // of what was committed there is none
	insert, err := tx.PrepareContext(ctx, insertPlain)
	if err != nil {
		return err
	}
	defer insert.Close()
	for range n {
		if _, err := insert.ExecContext(ctx, r.org, r.org, r.seq.Add(1), r.wire); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (r *plainRows) copyAll(ctx context.Context, n int) error {
	conn, err := r.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		pg := c.(*stdlib.Conn).Conn() //nolint:forcetypeassert // newPostgresRows opened it
		_, err := pg.CopyFrom(ctx, pgx.Identifier{"plain"}, []string{"org", "device", "seq", "wire"},
			pgx.CopyFromSlice(n, func(int) ([]any, error) { return []any{r.org, r.org, r.seq.Add(1), r.wire}, nil }))
		return err
	})
}

// ownSchema makes a schema in a PostgreSQL database, so that nothing that is there is
// touched, and returns the address of it and what drops it.
func ownSchema(ctx context.Context, where string) (address string, drop func() error, err error) {
	u, err := url.Parse(where)
	if err != nil {
		return "", nil, fmt.Errorf("bench: address of the database: %w", amana.ErrInvalid)
	}
	db, err := sql.Open("pgx", where)
	if err != nil {
		return "", nil, fmt.Errorf("bench: address of the database: %w", amana.ErrInvalid)
	}
	id := seal.Random16()
	name := "amana_bench_" + hex.EncodeToString(id[:8])
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA "+name); err != nil {
		_ = db.Close() // the first error is the one to tell
		return "", nil, storage("new schema", err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func() error {
		defer db.Close()
		if _, err := db.ExecContext(context.WithoutCancel(ctx), "DROP SCHEMA "+name+" CASCADE"); err != nil {
			return storage("drop schema", err)
		}
		return nil
	}, nil
}
