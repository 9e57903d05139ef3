package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"amana"
	"amana/internal/hub/depot"
	"amana/internal/seal"
)

// Large files are kept in pieces of one size in a depot; which pieces a file has is in
// the database. What came of a piece that is not whole yet is in the database too, so
// that an upload over a bad line goes on byte for byte, at whichever hub it asks.

// pieceSize is how many bytes a piece has, but for a file's last.
const pieceSize = depot.Largest

const (
	mostUnfinished = 256                 // uploads of one organisation that are not whole
	mostGone       = 1 << 20             // names of one organisation that were ordered erased
	unfinishedFor  = 30 * 24 * time.Hour // how long an upload waits for somebody to go on
	doomedAfter    = time.Hour           // a piece that nobody put into its file by then belongs to none
)

var (
	errFull = fmt.Errorf("hub: no room for more files: %w", amana.ErrStorage)
	errGone = errors.New("hub: this file was ordered erased")
)

// FilesConfig bounds what an organisation may leave.
type FilesConfig struct {
	Quota   int64 // bytes of one organisation's files
	Largest int64 // bytes of one file
	Now     func() time.Time
	Logger  *slog.Logger
}

// Files are the large files of organisations.
type Files struct {
	FilesConfig
	store *Store
	depot depot.Depot
}

// NewFiles keeps files in a depot; where that is nil, in the database itself, which is
// for a trial.
func NewFiles(s *Store, d depot.Depot, c FilesConfig) *Files {
	if d == nil {
		d = inDatabase{s}
	}
	return &Files{FilesConfig: c, store: s, depot: d}
}

// Check reports whether the depot answers.
func (f *Files) Check(ctx context.Context) error { return f.depot.Check(ctx) }

// fileStanding is how much there is of a file.
type fileStanding struct {
	size, got int64
}

func (s fileStanding) whole() bool { return s.got == s.size }

// standing returns how much there is of a file. Kinds: ErrNotFound, errGone.
func (f *Files) standing(ctx context.Context, org amana.OrgID, name seal.Hash) (st fileStanding, err error) {
	err = f.store.db.QueryRowContext(ctx, "SELECT size, got FROM file WHERE org=$1 AND name=$2", org[:], name[:]).Scan(&st.size, &st.got)
	if errors.Is(err, sql.ErrNoRows) {
		return st, fmt.Errorf("hub: no such file: %w", amana.ErrNotFound)
	}
	return st, kindOrNil("file", err)
}

// begin makes room for a file, or finds it begun. Kinds: errFull, errGone, errTooLarge;
// ErrConflict for one that was begun with another size.
func (f *Files) begin(ctx context.Context, org amana.OrgID, name seal.Hash, size int64) error {
	if size <= 0 || size > f.Largest {
		return errTooLarge
	}
	return f.store.update(ctx, func(tx *sql.Tx) error {
		var there int64
		if err := tx.QueryRowContext(ctx, "SELECT size FROM org WHERE org=$1"+f.store.forUpdate(), org[:]).Scan(&there); err != nil {
			return err // the row makes those who begin take turns
		}
		err := tx.QueryRowContext(ctx, "SELECT size FROM file WHERE org=$1 AND name=$2", org[:], name[:]).Scan(&there)
		switch {
		case err == nil && there == size:
			return nil
		case err == nil:
			return fmt.Errorf("hub: the file was begun with another size: %w", amana.ErrConflict)
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		if gone, err := countRows(ctx, tx, "SELECT COUNT(*) FROM file_gone WHERE org=$1 AND name=$2", org[:], name[:]); err != nil || gone > 0 {
			return errors.Join(err, ifTrue(gone > 0, errGone))
		}
		var used, unfinished int64
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(SUM(size), 0), COALESCE(SUM(CASE WHEN got<size THEN 1 ELSE 0 END), 0) FROM file WHERE org=$1", org[:]).Scan(&used, &unfinished); err != nil {
			return err
		}
		if used+size > f.Quota || unfinished >= mostUnfinished {
			return errFull
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO file(org, name, size, got, touched) VALUES($1, $2, $3, 0, $4)", org[:], name[:], size, f.Now().Unix())
		return err
	})
}

func ifTrue(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

func countRows(ctx context.Context, tx *sql.Tx, query string, args ...any) (n int64, err error) {
	err = tx.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, err
}

// grow adds bytes to a file, durably, at the place where it ended; they do not reach
// over the end of a piece. Where somebody else added meanwhile: ErrConflict.
func (f *Files) grow(ctx context.Context, org amana.OrgID, name seal.Hash, st fileStanding, b []byte) error {
	end := st.got + int64(len(b))
	if end%pieceSize != 0 && end != st.size {
		return f.store.update(ctx, func(tx *sql.Tx) error {
			if err := f.moveEnd(ctx, tx, org, name, st.got, end); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO file_tail(org, name, at, bytes) VALUES($1, $2, $3, $4)", org[:], name[:], st.got, b)
			return err
		})
	}
	idx := st.got / pieceSize
	whole, err := f.tail(ctx, org, name, idx*pieceSize)
	if err != nil {
		return err
	}
	if int64(len(whole)) != st.got-idx*pieceSize {
		return fmt.Errorf("hub: the file grew meanwhile: %w", amana.ErrConflict)
	}
	id := depot.ID(seal.Random16())
	if err := f.put(ctx, id, append(whole, b...)); err != nil {
		return err
	}
	return f.store.update(ctx, func(tx *sql.Tx) error {
		if err := f.moveEnd(ctx, tx, org, name, st.got, end); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO file_piece(org, name, idx, object) VALUES($1, $2, $3, $4)", org[:], name[:], idx, id[:]); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM file_tail WHERE org=$1 AND name=$2", org[:], name[:]); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM object_doomed WHERE id=$1", id[:])
		return err
	})
}

func (f *Files) moveEnd(ctx context.Context, tx *sql.Tx, org amana.OrgID, name seal.Hash, from, to int64) error {
	done, err := tx.ExecContext(ctx, "UPDATE file SET got=$1, touched=$2 WHERE org=$3 AND name=$4 AND got=$5", to, f.Now().Unix(), org[:], name[:], from)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, fmt.Errorf("hub: the file grew meanwhile, or is gone: %w", amana.ErrConflict))
	}
	return nil
}

// put keeps a piece. Until it is in its file it is doomed: so a crash leaves none that
// nobody knows of.
func (f *Files) put(ctx context.Context, id depot.ID, b []byte) error {
	if _, err := f.store.db.ExecContext(ctx, "INSERT INTO object_doomed(id, since) VALUES($1, $2)", id[:], f.Now().Unix()); err != nil {
		return storage("file", err)
	}
	return f.depot.Put(ctx, id, b)
}

// tail returns what there is of the piece that begins at a place and is not whole.
func (f *Files) tail(ctx context.Context, org amana.OrgID, name seal.Hash, from int64) (b []byte, err error) {
	rows, err := f.store.db.QueryContext(ctx, "SELECT at, bytes FROM file_tail WHERE org=$1 AND name=$2 ORDER BY at", org[:], name[:])
	if err != nil {
		return nil, storage("file", err)
	}
	defer rows.Close()
	for rows.Next() {
		var at int64
		var part []byte
		if err := rows.Scan(&at, &part); err != nil {
			return nil, storage("file", err)
		}
		if at != from+int64(len(b)) {
			return nil, fmt.Errorf("hub: the file grew meanwhile: %w", amana.ErrConflict)
		}
		b = append(b, part...)
	}
	return b, kindOrNil("file", rows.Err())
}

// piece returns one piece of a whole file.
func (f *Files) piece(ctx context.Context, org amana.OrgID, name seal.Hash, idx, size int64) ([]byte, error) {
	var object []byte
	err := f.store.db.QueryRowContext(ctx, "SELECT object FROM file_piece WHERE org=$1 AND name=$2 AND idx=$3", org[:], name[:], idx).Scan(&object)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("hub: the file is gone: %w", amana.ErrNotFound)
	}
	if err != nil || len(object) != len(depot.ID{}) {
		return nil, storage("file", errors.Join(err, ifTrue(err == nil, amana.ErrTampered)))
	}
	b, err := f.depot.Get(ctx, depot.ID(object))
	if err == nil && int64(len(b)) != min(pieceSize, size-idx*pieceSize) {
		err = fmt.Errorf("hub: a piece of %d bytes: %w", len(b), amana.ErrTampered)
	}
	return b, err
}

// forget destroys files for good: their names first, so that none comes back, then every
// byte. It returns once the depot has destroyed them; what it could not is tried again,
// by whoever asks again and by [Files.Sweep].
func (f *Files) forget(ctx context.Context, org amana.OrgID, names []seal.Hash) error {
	var doomed []depot.ID
	err := f.store.update(ctx, func(tx *sql.Tx) error {
		doomed = doomed[:0]
		n, err := countRows(ctx, tx, "SELECT COUNT(*) FROM file_gone WHERE org=$1", org[:])
		if err != nil {
			return err
		}
		for _, name := range names {
			if n++; n <= mostGone { // also where somebody filled that up with names of nothing, what is there goes
				if _, err := tx.ExecContext(ctx, "INSERT INTO file_gone(org, name) VALUES($1, $2) ON CONFLICT DO NOTHING", org[:], name[:]); err != nil {
					return err
				}
			}
			ids, err := dropFile(ctx, tx, org, name)
			if err != nil {
				return err
			}
			doomed = append(doomed, ids...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.destroy(ctx, doomed)
}

// drop forgets that there is a file; it may be left again.
func (f *Files) drop(ctx context.Context, org amana.OrgID, name seal.Hash) error {
	return f.store.update(ctx, func(tx *sql.Tx) error {
		_, err := dropFile(ctx, tx, org, name)
		return err
	})
}

// dropFile takes a file out of the database and dooms its pieces.
func dropFile(ctx context.Context, tx *sql.Tx, org amana.OrgID, name seal.Hash) ([]depot.ID, error) {
	rows, err := tx.QueryContext(ctx, "SELECT object FROM file_piece WHERE org=$1 AND name=$2", org[:], name[:])
	if err != nil {
		return nil, err
	}
	ids, err := scanIDs(rows)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if _, err := tx.ExecContext(ctx, "INSERT INTO object_doomed(id, since) VALUES($1, 0) ON CONFLICT DO NOTHING", id[:]); err != nil {
			return nil, err
		}
	}
	for _, table := range []string{"file_piece", "file_tail", "file"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE org=$1 AND name=$2", org[:], name[:]); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func scanIDs(rows *sql.Rows) (ids []depot.ID, err error) {
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		if len(raw) == len(depot.ID{}) {
			ids = append(ids, depot.ID(raw))
		}
	}
	return ids, rows.Err()
}

// destroy destroys pieces, as many as it can.
func (f *Files) destroy(ctx context.Context, ids []depot.ID) error {
	var errs []error
	for _, id := range ids {
		err := f.depot.Delete(ctx, id)
		if err == nil {
			_, err = f.store.db.ExecContext(ctx, "DELETE FROM object_doomed WHERE id=$1", id[:])
		}
		if err != nil && len(errs) < 3 {
			errs = append(errs, kindOf("destroy", err))
		}
	}
	return errors.Join(errs...)
}

// Sweep destroys pieces that belong to no file, and uploads that nobody went on with.
func (f *Files) Sweep(ctx context.Context) error {
	if err := f.dropOld(ctx); err != nil {
		return err
	}
	rows, err := f.store.db.QueryContext(ctx, "SELECT id FROM object_doomed WHERE since<$1 LIMIT 10000", f.Now().Add(-doomedAfter).Unix())
	if err != nil {
		return storage("sweep", err)
	}
	ids, err := scanIDs(rows)
	if err != nil {
		return storage("sweep", err)
	}
	return f.destroy(ctx, ids)
}

// dropOld drops uploads that were begun and left.
func (f *Files) dropOld(ctx context.Context) error {
	return f.store.update(ctx, func(tx *sql.Tx) error {
		old, err := left(ctx, tx, f.Now().Add(-unfinishedFor))
		if err != nil {
			return err
		}
		for _, o := range old {
			if _, err := dropFile(ctx, tx, o.org, o.name); err != nil {
				return err
			}
		}
		return nil
	})
}

type named struct {
	org  amana.OrgID
	name seal.Hash
}

// left returns uploads that nobody went on with since a time.
func left(ctx context.Context, tx *sql.Tx, since time.Time) (list []named, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT org, name FROM file WHERE got<size AND touched<$1 LIMIT 1000", since.Unix())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var org, name []byte
		if err := rows.Scan(&org, &name); err != nil {
			return nil, err
		}
		if len(org) == 16 && len(name) == 32 {
			list = append(list, named{amana.OrgID(org), seal.Hash(name)})
		}
	}
	return list, rows.Err()
}

// Waiting is how many pieces are to be destroyed and are not yet.
func (f *Files) Waiting(ctx context.Context) (n int64, err error) {
	err = f.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM object_doomed WHERE since=0").Scan(&n)
	return n, kindOrNil("waiting", err)
}

// sweepEvery is how often [Files.Run] sweeps.
const sweepEvery = 10 * time.Minute

// Run sweeps until the context ends. Any number of hubs may.
func (f *Files) Run(ctx context.Context) {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		if err := f.Sweep(ctx); err != nil && ctx.Err() == nil {
			f.Logger.LogAttrs(ctx, slog.LevelError, "what is to be destroyed waits: the store for files does not answer")
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// inDatabase keeps pieces in the hub's own database.
type inDatabase struct{ s *Store }

// Put implements [depot.Depot].
func (d inDatabase) Put(ctx context.Context, id depot.ID, b []byte) error {
	_, err := d.s.db.ExecContext(ctx, "INSERT INTO object(id, bytes) VALUES($1, $2) ON CONFLICT DO NOTHING", id[:], b)
	return kindOrNil("put", err)
}

// Get implements [depot.Depot].
func (d inDatabase) Get(ctx context.Context, id depot.ID) (b []byte, err error) {
	err = d.s.db.QueryRowContext(ctx, "SELECT bytes FROM object WHERE id=$1", id[:]).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("hub: piece %s: %w", id, amana.ErrNotFound)
	}
	return b, kindOrNil("get", err)
}

// Delete implements [depot.Depot].
func (d inDatabase) Delete(ctx context.Context, id depot.ID) error {
	_, err := d.s.db.ExecContext(ctx, "DELETE FROM object WHERE id=$1", id[:])
	return kindOrNil("delete", err)
}

// Check implements [depot.Depot].
func (d inDatabase) Check(ctx context.Context) error { return d.s.Ping(ctx) }
