// Package view is the encrypted SQLite file in which one member's lists and
// search live. It is derived from the journal, can be thrown away and built
// anew, and is never the truth: opening a record reads the journal again.
//
// It knows rows and words, no keys of records and no journal: package vault
// fills it with what the member's keys opened. What they do not open is not
// there.
package view

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // the encrypting file system "adiantum"

	"amana"
)

// View is one member's file. Its methods may be called from several goroutines.
type View struct {
	path string

	mu      sync.Mutex // guards all below: SQLite has one connection here
	db      *sqlite3.Conn
	stmts   map[string]*sqlite3.Stmt
	opened  *int // see [State]
	changes map[amana.Kind]uint64
}

// ErrDamaged: the file is of another version, of another key, or its bytes are not
// what was written. It is of kind ErrInvalid. Remove it and build anew.
var ErrDamaged = fmt.Errorf("damaged: %w", amana.ErrInvalid)

// version of the schema. A view of another version is thrown away.
const version = 9

const schema = `
CREATE TABLE meta(
	key   TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- every record of the organisation, also those this member cannot read
CREATE TABLE record(
	rid     INTEGER PRIMARY KEY,
	id      BLOB NOT NULL UNIQUE, -- amana.RecordID
	keypos  INTEGER NOT NULL,     -- the item that brought its newest key
	foreign_ INTEGER NOT NULL,    -- 1 if any item was written on another device
	kind    TEXT NOT NULL,        -- '' until it was opened, or if it cannot be
	of_case INTEGER NOT NULL      -- rid of its case; itself for a case and for what stands alone; 0 if not known
) STRICT;
CREATE INDEX record_case ON record(of_case);
CREATE INDEX record_head ON record(rid) WHERE of_case=rid;

-- which items of the journal belong to a record
CREATE TABLE entry(
	rid INTEGER NOT NULL,
	pos INTEGER NOT NULL,
	PRIMARY KEY(rid, pos)
) STRICT, WITHOUT ROWID;

-- what lists show
CREATE TABLE casefile(
	rid      INTEGER PRIMARY KEY, -- of the case
	code     TEXT NOT NULL,
	name     TEXT NOT NULL,       -- '' where the member does not hold the identity
	has_name INTEGER NOT NULL,
	team     BLOB NOT NULL,
	status   TEXT NOT NULL,
	risk     INTEGER NOT NULL,    -- 0 high, 1 medium, 2 low, 3 not assessed
	age      BLOB NOT NULL,       -- event.Value in CBOR
	sex      BLOB NOT NULL,
	author   BLOB NOT NULL,       -- who opened it
	opened   INTEGER NOT NULL,    -- logical time
	told     TEXT NOT NULL,       -- ISO date on which the person first came
	updated  INTEGER NOT NULL,
	followup TEXT NOT NULL,       -- ISO date, or '9999' where none is planned
	due      TEXT NOT NULL,       -- ISO date of whatever is due first, or '9999'
	owner    TEXT NOT NULL,       -- whose case it is: a member's ID, or ''
	flags    INTEGER NOT NULL,
	waiting  INTEGER NOT NULL,    -- approvals that were asked for and not decided
	child    INTEGER NOT NULL,
	assault  TEXT NOT NULL,       -- when, as exact as known: see Assault.pack
	windows  TEXT NOT NULL,       -- ids of windows with an outcome, between spaces
	conflict INTEGER NOT NULL
) STRICT;
CREATE INDEX casefile_updated  ON casefile(updated);
CREATE INDEX casefile_opened   ON casefile(opened);
CREATE INDEX casefile_due      ON casefile(status, due);
CREATE INDEX casefile_followup ON casefile(status, followup);
CREATE INDEX casefile_assault  ON casefile(status, assault);
CREATE INDEX casefile_owner    ON casefile(owner, updated) WHERE owner<>'';
CREATE INDEX casefile_flags    ON casefile(flags) WHERE flags>0;
CREATE INDEX casefile_waiting  ON casefile(waiting) WHERE waiting>0;
CREATE INDEX casefile_risk     ON casefile(status, risk, updated);
CREATE INDEX casefile_allrisk  ON casefile(risk, updated);
CREATE INDEX casefile_status   ON casefile(status, updated);
CREATE INDEX casefile_author   ON casefile(author, updated);
CREATE INDEX casefile_code     ON casefile(code);
CREATE INDEX casefile_conflict ON casefile(conflict) WHERE conflict=1;
-- and what lists are sorted by otherwise, of one status and of all: see TestCases_noListIsSortedAnew
CREATE INDEX casefile_statusopened ON casefile(status, opened);
CREATE INDEX casefile_statuscode   ON casefile(status, code);
CREATE INDEX casefile_statusowner  ON casefile(status, owner, due);
CREATE INDEX casefile_statusteam   ON casefile(status, team, due);
CREATE INDEX casefile_allfollowup  ON casefile(followup);
CREATE INDEX casefile_alldue       ON casefile(due);
CREATE INDEX casefile_allowner     ON casefile(owner, due);
CREATE INDEX casefile_allteam      ON casefile(team, due);

-- records of the other kinds, as they stand
CREATE TABLE listed(
	rid      INTEGER PRIMARY KEY,
	of_case  INTEGER NOT NULL,
	kind     TEXT NOT NULL,
	team     BLOB NOT NULL,
	author   BLOB NOT NULL,       -- who began it
	opened   INTEGER NOT NULL,    -- logical time
	updated  INTEGER NOT NULL,
	conflict INTEGER NOT NULL,
	body     BLOB NOT NULL        -- its fields, as an event.Body
) STRICT;
CREATE INDEX listed_kind ON listed(kind, updated, rid);
CREATE INDEX listed_case ON listed(of_case);

-- where cases came from that were brought from elsewhere
CREATE TABLE origin(
	rid  INTEGER PRIMARY KEY, -- of the case
	mark TEXT NOT NULL        -- as [Origin.pack] writes it
) STRICT;

-- records that were begun as more than one thing, each with every kind: which of them it
-- is only people can tell
CREATE TABLE rebegun(
	rid  INTEGER NOT NULL,
	kind TEXT NOT NULL,
	PRIMARY KEY(rid, kind)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE words USING fts5(
	t, content='', contentless_delete=1, detail=none, tokenize='ascii'
);
`

// Open opens the view at path, or makes it if there is none. Kinds: [ErrDamaged],
// ErrStorage.
func Open(path string, key [32]byte) (*View, error) { return open(path, "adiantum", key) }

// OpenPlain opens an unencrypted view. It exists to measure what sealing costs;
// nothing real may be put into it.
func OpenPlain(path string) (*View, error) { return open(path, "", [32]byte{}) }

func open(path, vfs string, key [32]byte) (*View, error) {
	_, err := os.Stat(path)
	fresh := errors.Is(err, os.ErrNotExist)
	name := "file:" + pathURL(path)
	if vfs != "" {
		name += "?vfs=" + vfs
	}
	db, err := sqlite3.Open(name)
	if err != nil {
		return nil, storage("open", err)
	}
	v := &View{path: path, db: db, stmts: map[string]*sqlite3.Stmt{}}
	if err := v.prepare(vfs != "", key, fresh); err != nil {
		db.Close()
		return nil, err
	}
	return v, nil
}

func (v *View) prepare(sealed bool, key [32]byte, fresh bool) error {
	if sealed {
		if err := v.db.Exec("PRAGMA hexkey='" + hex.EncodeToString(key[:]) + "'"); err != nil {
			return storage("key", err)
		}
	}
	// One connection and one process: see docs/architecture.md. The journal is
	// the truth, so no sync is needed here.
	for _, pragma := range []string{
		"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF",
		"PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-24576", "PRAGMA secure_delete=ON",
	} {
		if err := v.db.Exec(pragma); err != nil {
			return storage("prepare", err)
		}
	}
	if err := fts5.Register(v.db); err != nil {
		return storage("prepare", err)
	}
	if fresh {
		// The larger its hash, the less the index merges while a view is built.
		if err := v.db.Exec(schema + "INSERT INTO words(words, rank) VALUES('hashsize', 8388608);"); err != nil {
			return storage("schema", err)
		}
		return v.SetMeta("version", []byte{version})
	}
	got, err := v.Meta("version")
	if err != nil || len(got) != 1 || got[0] != version {
		return fmt.Errorf("view: of another version: %w", ErrDamaged)
	}
	return nil
}

// pathURL escapes what a file: URL gives a meaning.
func pathURL(path string) string {
	out := make([]byte, 0, len(path))
	for i := range len(path) {
		switch c := path[i]; c {
		case '%', '?', '#':
			out = append(out, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		case '\\':
			out = append(out, '/')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// Close closes the file and leaves no second file beside it.
func (v *View) Close() error {
	if v == nil {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.db == nil {
		return nil
	}
	for _, s := range v.stmts {
		s.Close()
	}
	err := v.db.Close()
	v.db = nil
	return err
}

// stmt returns a prepared statement, kept for the next time. Callers hold mu and
// reset it before the next use.
func (v *View) stmt(sql string) (*sqlite3.Stmt, error) {
	if v.db == nil {
		return nil, fmt.Errorf("view: closed: %w", amana.ErrLocked)
	}
	if s, ok := v.stmts[sql]; ok {
		return s, nil
	}
	s, _, err := v.db.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, storage("prepare", err)
	}
	v.stmts[sql] = s
	return s, nil
}

// run binds and runs one statement that returns no rows. Callers hold mu.
func (v *View) run(sql string, args ...any) error {
	s, err := v.stmt(sql)
	if err != nil {
		return err
	}
	if err := bind(s, args); err != nil {
		return err
	}
	switch err := s.Exec(); {
	case errors.Is(err, sqlite3.CONSTRAINT_PRIMARYKEY):
		return errThere
	case err != nil:
		return storage("write", err)
	}
	return nil
}

// errThere: a row with this number is there already.
var errThere = fmt.Errorf("view: there already: %w", amana.ErrConflict)

// each binds a query and calls fn for each row. Callers hold mu.
func (v *View) each(sql string, args []any, fn func(*sqlite3.Stmt) error) error {
	s, err := v.stmt(sql)
	if err != nil {
		return err
	}
	if err := bind(s, args); err != nil {
		return err
	}
	defer func() { _ = s.Reset() }()
	for s.Step() {
		if err := fn(s); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return storage("read", err)
	}
	return nil
}

func bind(s *sqlite3.Stmt, args []any) error {
	for i, a := range args {
		var err error
		switch a := a.(type) {
		case int64:
			err = s.BindInt64(i+1, a)
		case int:
			err = s.BindInt64(i+1, int64(a))
		case bool:
			err = s.BindBool(i+1, a)
		case string:
			err = s.BindText(i+1, a)
		case []byte:
			err = s.BindBlob(i+1, a)
			if a == nil {
				err = s.BindBlob(i+1, []byte{})
			}
		default:
			panic(fmt.Sprintf("view: internal error: cannot bind a %T", a))
		}
		if err != nil {
			return storage("bind", err)
		}
	}
	return nil
}

// Update runs fn in one transaction: all of it is in the view, or nothing.
func (v *View) Update(fn func(*Tx) error) (err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.db == nil {
		return fmt.Errorf("view: closed: %w", amana.ErrLocked)
	}
	if err := v.db.Exec("BEGIN IMMEDIATE"); err != nil {
		return storage("begin", err)
	}
	if err := fn(&Tx{v}); err != nil {
		return errors.Join(err, v.db.Exec("ROLLBACK"))
	}
	if err := v.db.Exec("COMMIT"); err != nil {
		return errors.Join(storage("commit", err), v.db.Exec("ROLLBACK"))
	}
	return nil
}

// Meta returns a named value, or nil.
func (v *View) Meta(key string) (value []byte, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.each("SELECT value FROM meta WHERE key=?", []any{key}, func(s *sqlite3.Stmt) error {
		value = s.ColumnBlob(0, nil)
		return nil
	})
	return value, err
}

// SetMeta keeps a named value.
func (v *View) SetMeta(key string, value []byte) error {
	return v.Update(func(tx *Tx) error { return tx.SetMeta(key, value) })
}

// storage hides SQL and values from errors: only SQLite's code is kept.
func storage(doing string, err error) error {
	kind := amana.ErrStorage
	if errors.Is(err, sqlite3.NOTADB) || errors.Is(err, sqlite3.CORRUPT) {
		kind = ErrDamaged
	}
	if code, ok := errors.AsType[sqlite3.ErrorCode](err); ok {
		return fmt.Errorf("view: %s: %w (code %d)", doing, kind, int(code))
	}
	return fmt.Errorf("view: %s: %w", doing, kind)
}
