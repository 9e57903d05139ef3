package hub

import (
	"context"
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver" // SQLite
	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/seal"
)

// Every table begins its key with the organisation: an engine that distributes tables
// splits them there, and no statement reaches over organisations but those that count.
//
//go:embed schema.sql
var schema string

// schemaVersion is what this hub writes. It also works on tables of the next version,
// which must keep to what is here: columns and tables are added, nothing more, so that
// hubs can be replaced one after the other. Tables of versions 1 and 2 are changed when a
// hub opens them; hubs of these refuse them from then on.
const schemaVersion = 5

// Store is the hub's database.
type Store struct {
	// Quota is how many bytes of entries one organisation may have here, about; 0: as many
	// as it brings. It is set before the store is used.
	Quota int64

	db       *sql.DB
	postgres bool
	lanes    *lanes
	keys     memory[place, seal.VerifyKey]
	places   memory[seal.VerifyKey, place]
	high     memory[nodeAt, tlog.Hash]
	states   memory[amana.OrgID, *state] // how organisations stood when this process wrote last
}

// OpenStore opens a database: postgres://…, or a folder for a trial, in which it makes
// an SQLite file. It makes the tables where they are missing. Kinds: ErrStorage,
// ErrNewer.
func OpenStore(ctx context.Context, where string) (*Store, error) {
	s := &Store{lanes: newLanes(), postgres: strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")}
	s.lanes.ahead, s.lanes.locked, s.lanes.most = s.writeAhead, s.writeLocked, mostWriting
	if !s.postgres { // one writes at a time anyway
		s.lanes.ahead, s.lanes.most = func(list []*pushing) ([]*pushing, []amana.OrgID) {
			s.writeLocked(list)
			return nil, nil
		}, 1
	}
	var err error
	if s.postgres {
		s.db, err = openPostgres(where)
	} else {
		s.db, err = sql.Open("sqlite3", "file:"+where+"/hub.db?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=secure_delete(on)")
	}
	if err != nil {
		return nil, storage("open", err)
	}
	if s.postgres {
		s.db.SetMaxOpenConns(32)
		s.db.SetMaxIdleConns(16)
	} else {
		s.db.SetMaxOpenConns(4)
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// openPostgres opens a database in which every statement goes by a key: a plan that was
// made while tables were small, to read all of one, would be kept while they grow.
func openPostgres(where string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(where)
	if err != nil {
		return nil, fmt.Errorf("hub: address of the database: %w", amana.ErrInvalid) // without the address, which has a password
	}
	return stdlib.OpenDB(*c, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		for _, setting := range []string{"enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off", "plan_cache_mode=force_generic_plan", "jit=off"} {
			_, _ = conn.Exec(ctx, "SET "+setting) // another engine may not know it, and plans for itself
		}
		return nil
	})), nil
}

// migrate makes the tables, or makes them what they should be. Hubs that start at once
// take turns.
func (s *Store) migrate(ctx context.Context) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		version, err := s.version(ctx, tx)
		switch {
		case err != nil:
			return err
		case version > schemaVersion+1:
			return fmt.Errorf("hub: tables of version %d: %w", version, amana.ErrNewer)
		case version == 1 || version == 2:
			err = s.fromVersion2(ctx, tx)
		}
		if err == nil && version > 0 && version < 5 {
			err = s.fromVersion4(ctx, tx)
		}
		statements := s.statements()
		if version == 0 {
			statements = append(statements, fmt.Sprintf("INSERT INTO hub_schema(version) VALUES(%d)", schemaVersion))
		} else if version < schemaVersion {
			statements = append(statements, fmt.Sprintf("UPDATE hub_schema SET version=%d", schemaVersion))
		}
		for i := 0; err == nil && i < len(statements); i++ {
			_, err = tx.ExecContext(ctx, statements[i])
		}
		return err
	})
}

// version is the version of the tables, 0 where there are none, once it is this hub's
// turn.
func (s *Store) version(ctx context.Context, tx *sql.Tx) (version int, err error) {
	there := "SELECT count(*) FROM sqlite_master WHERE name='hub_schema'"
	if s.postgres {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7264)"); err != nil {
			return 0, err
		}
		there = "SELECT count(*) FROM pg_tables WHERE tablename='hub_schema' AND schemaname=current_schema()"
	}
	var n int
	if err := tx.QueryRowContext(ctx, there).Scan(&n); err != nil || n == 0 {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, "SELECT version FROM hub_schema").Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return version, err
}

// statements make the tables, in the words of this database.
func (s *Store) statements() (list []string) {
	text := schema
	if s.postgres {
		text = strings.NewReplacer("BLOB", "BYTEA", "INTEGER", "BIGINT").Replace(schema)
	}
	for one := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(one) != "" {
			list = append(list, one)
		}
	}
	if s.postgres { // ciphertext does not compress
		list = append(list,
			"ALTER TABLE item ALTER COLUMN wire SET STORAGE EXTERNAL",
			"ALTER TABLE file_tail ALTER COLUMN bytes SET STORAGE EXTERNAL",
			"ALTER TABLE object ALTER COLUMN bytes SET STORAGE EXTERNAL")
	}
	return list
}

// Close ends the use of the database, after what is being written.
func (s *Store) Close() error {
	s.lanes.close()
	return s.db.Close()
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return storage("ping", err)
	}
	return nil
}

// Checkpoint has an SQLite database write what it logged into its file, and empty the
// log: what was erased is gone from both. PostgreSQL does so by itself.
func (s *Store) Checkpoint(ctx context.Context) error {
	if s.postgres {
		return nil
	}
	var busy, logged, done int
	if err := s.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &logged, &done); err != nil {
		return storage("checkpoint", err)
	}
	return nil
}

// update runs fn in one transaction.
func (s *Store) update(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return storage("begin", err)
	}
	if err := fn(tx); err != nil {
		_ = tx.Rollback() // the first error is the one to tell
		return kindOf("write", err)
	}
	if err := tx.Commit(); err != nil {
		return storage("commit", err)
	}
	return nil
}

// forUpdate locks a row where transactions do not take turns anyway.
func (s *Store) forUpdate() string {
	if s.postgres {
		return " FOR UPDATE"
	}
	return ""
}

func storage(doing string, err error) error {
	return fmt.Errorf("hub: %s: %w: %w", doing, amana.ErrStorage, err)
}

// kindOf leaves errors that have one of our kinds, and makes the database's ErrStorage.
func kindOf(doing string, err error) error {
	for _, kind := range []error{
		amana.ErrRefused, amana.ErrInvalid, amana.ErrConflict, amana.ErrNotFound, amana.ErrTampered, amana.ErrNewer, amana.ErrStorage,
		context.Canceled, context.DeadlineExceeded, errGone,
	} {
		if errors.Is(err, kind) {
			return err
		}
	}
	return storage(doing, err)
}

// Device is a device as the hub knows it.
type Device struct {
	Org     amana.OrgID
	ID      amana.DeviceID
	Verify  seal.VerifyKey
	Steward bool // may say who gives orders, and admit and revoke others until it did
	Revoked bool
}

// DeviceBy returns the device that has a key. ErrNotFound if there is none.
func (s *Store) DeviceBy(ctx context.Context, key seal.VerifyKey) (d Device, err error) {
	var org, id []byte
	var steward, revoked int
	err = s.db.QueryRowContext(ctx, "SELECT org, device, steward, revoked FROM device WHERE verify=$1", key[:]).Scan(&org, &id, &steward, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return d, fmt.Errorf("hub: no device has this key: %w", amana.ErrNotFound)
	}
	if err != nil {
		return d, kindOf("device", err)
	}
	d = Device{Org: amana.OrgID(org), ID: amana.DeviceID(id), Verify: key, Steward: steward != 0, Revoked: revoked != 0}
	s.places.put(key, place{d.Org, d.ID})
	return d, nil
}

// Invite keeps an invitation, by the hash of its token.
func (s *Store) Invite(ctx context.Context, token [16]byte) error {
	h := seal.Digest("amana/1/hub invitation", token[:])
	_, err := s.db.ExecContext(ctx, "INSERT INTO invitation(hash) VALUES($1)", h[:])
	if err != nil {
		return storage("invite", err)
	}
	return nil
}

// Enrol uses an invitation up: the organisation begins with this device, its steward.
// ErrRefused for an invitation that is none any more; ErrConflict where organisation or
// device are there.
func (s *Store) Enrol(ctx context.Context, token [16]byte, d Device) error {
	h := seal.Digest("amana/1/hub invitation", token[:])
	return s.update(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "DELETE FROM invitation WHERE hash=$1", h[:])
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fmt.Errorf("hub: this invitation was used, or never given: %w", amana.ErrRefused))
		}
		done, err = tx.ExecContext(ctx, "INSERT INTO org(org, size, edge) VALUES($1, 0, $2) ON CONFLICT DO NOTHING", d.Org[:], []byte{})
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fmt.Errorf("hub: this organisation is enrolled: %w", amana.ErrConflict))
		}
		d.Steward = true
		return addDevice(ctx, tx, d)
	})
}

// Admit lets a device of the same organisation in. Doing it again changes nothing.
func (s *Store) Admit(ctx context.Context, by, d Device) error {
	if !by.Steward || by.Org != d.Org {
		return fmt.Errorf("hub: this device may not admit others: %w", amana.ErrRefused)
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		if orders, err := byOrders(ctx, tx, by.Org); err != nil || orders {
			return errors.Join(err, fmt.Errorf("hub: administrators admit devices: %w", amana.ErrRefused))
		}
		return haveDevice(ctx, tx, d)
	})
}

// haveDevice adds a device unless it is there. Kind: ErrConflict for one with another key.
func haveDevice(ctx context.Context, tx *sql.Tx, d Device) error {
	var verify []byte
	err := tx.QueryRowContext(ctx, "SELECT verify FROM device WHERE org=$1 AND device=$2", d.Org[:], d.ID[:]).Scan(&verify)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return addDevice(ctx, tx, d)
	case err != nil:
		return err
	case string(verify) != string(d.Verify[:]):
		return fmt.Errorf("hub: device %s has another key: %w", d.ID, amana.ErrConflict)
	}
	return nil
}

func addDevice(ctx context.Context, tx *sql.Tx, d Device) error {
	steward := 0
	if d.Steward {
		steward = 1
	}
	done, err := tx.ExecContext(ctx,
		"INSERT INTO device(org, device, verify, steward, revoked, seq, head) VALUES($1, $2, $3, $4, 0, 0, $5) ON CONFLICT DO NOTHING",
		d.Org[:], d.ID[:], d.Verify[:], steward, make([]byte, 32))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, fmt.Errorf("hub: device %s is there: %w", d.ID, amana.ErrConflict))
	}
	return nil
}

// MakeSteward lets a device say anew who gives orders: for the operator, where an
// organisation has no administrator any more whom this hub knows.
func (s *Store) MakeSteward(ctx context.Context, id amana.DeviceID) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE device SET steward=1 WHERE device=$1 AND revoked=0", id[:])
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fmt.Errorf("hub: device %s: %w", id, amana.ErrNotFound))
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM administrator WHERE org=(SELECT org FROM device WHERE device=$1)", id[:])
		return err
	})
}

// Revoke ends a device: its next request is refused.
func (s *Store) Revoke(ctx context.Context, by Device, id amana.DeviceID) error {
	if !by.Steward {
		return fmt.Errorf("hub: this device may not revoke others: %w", amana.ErrRefused)
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		if orders, err := byOrders(ctx, tx, by.Org); err != nil || orders {
			return errors.Join(err, fmt.Errorf("hub: administrators revoke devices: %w", amana.ErrRefused))
		}
		return endDevice(ctx, tx, by.Org, id)
	})
}
