package hub_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/wire"
)

// Tables of the version before are changed when a hub opens them, with what is in them;
// tables of the next version are worked on as they are, and what is newer is refused.
func TestOpenStore_versions(t *testing.T) {
	for name, where := range map[string]func(testing.TB) string{
		"SQLite": func(t testing.TB) string { return t.TempDir() }, "PostgreSQL": emptyPostgres,
	} {
		t.Run(name, func(t *testing.T) { storeVersions(t, where(t)) })
	}
}

// database opens the hub's database beside it.
func database(t testing.TB, where string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if !strings.HasPrefix(where, "postgres") {
		driver, where = "sqlite3", "file:"+filepath.Join(where, "hub.db")+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func storeVersions(t *testing.T, where string) {
	db := database(t, where)
	do := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	first, err := os.ReadFile("testdata/schema2.sql")
	if err != nil {
		t.Fatal(err)
	}
	text := string(first)
	if strings.HasPrefix(where, "postgres") {
		text = strings.NewReplacer("BLOB", "BYTEA", "INTEGER", "BIGINT").Replace(text)
	}
	do(text)
	do("INSERT INTO hub_schema(version) VALUES(2)")
	c := newChain(amana.OrgID{7})
	do("INSERT INTO org(org, size) VALUES($1, 11)", c.org[:])
	var f wire.Frontier
	var stored []tlog.Hash
	for i := range 11 {
		b := c.next(2)
		for _, it := range b.Items {
			do("INSERT INTO item(org, device, seq, wire) VALUES($1, $2, $3, $4)", c.org[:], c.device.ID[:], int64(it.Seq), it.AppendWire(nil))
		}
		do("INSERT INTO leaf(org, idx, device, seq, head, signature) VALUES($1, $2, $3, $4, $5, $6)",
			c.org[:], i, c.device.ID[:], int64(b.Head.Seq), b.Head.Hash[:], b.Head.Signature[:])
		f.Add(wire.Leaf(b.Head))
		stored = append(stored, f.Root())
	}
	do("INSERT INTO device(org, device, verify, steward, revoked, seq, head) VALUES($1, $2, $3, 1, 0, $4, $5)",
		c.org[:], c.device.ID[:], c.device.Verify[:], int64(c.head.Seq), c.head.Hash[:])

	s := open(t, where)
	for i, want := range stored {
		if root, err := s.Root(t.Context(), c.org, uint64(i+1)); err != nil || root != want {
			t.Fatalf("size %d: another root, %v", i+1, err)
		}
	}
	counted := func() {
		t.Helper()
		var bytes, want int64
		if err := db.QueryRow("SELECT bytes, (SELECT SUM(LENGTH(wire)) FROM item) FROM org WHERE org=$1", c.org[:]).Scan(&bytes, &want); err != nil || bytes != want || want == 0 {
			t.Errorf("%d bytes are counted, want %d, %v", bytes, want, err)
		}
	}
	counted()
	b := c.next(1)
	f.Add(wire.Leaf(b.Head))
	if size, err := s.Push(t.Context(), c.org, b); err != nil || size != 12 {
		t.Fatalf("going on: %d, %v", size, err)
	}
	if root, err := s.Root(t.Context(), c.org, 12); err != nil || root != f.Root() {
		t.Errorf("going on: another root, %v", err)
	}
	if err := s.Erase(t.Context(), c.org, c.device.ID, []uint64{1, 23}); err != nil {
		t.Error(err)
	}
	counted()
	s.Close()

	// The next version has a column and a table that this one does not know.
	do("ALTER TABLE device ADD COLUMN later INTEGER NOT NULL DEFAULT 0")
	do("CREATE TABLE later (org INTEGER)")
	do("UPDATE hub_schema SET version=version+1")
	s = open(t, where)
	if size, err := s.Push(t.Context(), c.org, c.next(1)); err != nil || size != 13 {
		t.Errorf("on tables of the next version: %d, %v", size, err)
	}
	newOrg(t, s)
	s.Close()
	do("UPDATE hub_schema SET version=version+1")
	if _, err := hub.OpenStore(t.Context(), where); !errors.Is(err, amana.ErrNewer) {
		t.Errorf("on tables of the version after: %v", err)
	}
}

// What one hub remembers of an organisation does not hold against what another did.
func TestStore_remembersNothingThatIsNotSo(t *testing.T) {
	where := postgres(t)
	a, b := open(t, where), open(t, where)
	ctx := t.Context()
	c, innocent := newOrg(t, a), newOrg(t, a)
	d := newChain(c.org)
	if err := a.Admit(ctx, c.device, d.device); err != nil {
		t.Fatal(err)
	}
	var f wire.Frontier
	push := func(s *hub.Store, c *chain) error {
		batch := c.next(1)
		_, err := s.Push(ctx, c.org, batch)
		if err == nil && c.org == d.org {
			f.Add(wire.Leaf(batch.Head))
		}
		return err
	}
	for i := range 40 { // by turns, also in the lane to which an organisation keeps then
		if err := errors.Join(push(a, c), push(b, c), push(b, d), push(a, d), push([]*hub.Store{a, b}[i%2], innocent)); err != nil {
			t.Fatal(err)
		}
	}
	if root, err := a.Root(ctx, c.org, f.Size); err != nil || root != f.Root() {
		t.Errorf("the log is not its leaves: %v", err)
	}
	if err := a.Revoke(ctx, c.device, d.device.ID); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "revoked at the other hub", push(b, d), amana.ErrRefused)
	if err := push(b, c); err != nil {
		t.Error(err)
	}
	if n, err := b.Size(ctx, c.org); err != nil || n != f.Size {
		t.Errorf("%d leaves, want %d, %v", n, f.Size, err)
	}
}
