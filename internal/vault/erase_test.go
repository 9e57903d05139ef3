package vault_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"amana"
	"amana/internal/vault"
)

// remains looks for what is left of records in a folder: in every file as it lies
// there, in the journal's files under their cover, and in every page of a member's
// view, free ones too.
type remains struct {
	sealed [][]byte // pieces of what was in the journal
	words  []string // of what was in lists
}

// remainsOf returns what somebody would look for who saw the records before.
func remainsOf(s *vault.Session, words []string, records ...amana.RecordID) remains {
	r := remains{words: words}
	items, _ := s.ItemsOf(records...)
	for _, it := range items {
		for _, part := range [][]byte{it.Body, it.Wraps} {
			for at := 0; at+24 <= len(part); at += 24 {
				r.sealed = append(r.sealed, bytes.Clone(part[at:at+24]))
			}
		}
	}
	return r
}

// in returns how many pieces, and which words, are found in the folder.
func (r remains) in(t testing.TB, h *house, members ...string) (pieces int, words []string) {
	t.Helper()
	key := vault.DeviceKeyOf(h.Ways["w0"])
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looks := [][]byte{raw}
		if strings.Contains(path, "journal") && len(raw) > 16 {
			plain := bytes.Clone(raw[16:])
			key.Cover([16]byte(raw[:16])).XOR(plain, 0)
			looks = append(looks, plain)
		}
		for _, who := range members {
			if strings.HasSuffix(path, ".db") {
				looks = append(looks, pages(t, h.Ways[who], path))
			}
		}
		for _, b := range looks {
			n, w := r.look(b)
			pieces, words = pieces+n, append(words, w...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pieces, words
}

func (r remains) look(b []byte) (pieces int, words []string) {
	for _, p := range r.sealed {
		if bytes.Contains(b, p) {
			pieces++
		}
	}
	low := bytes.ToLower(b)
	for _, w := range r.words {
		if bytes.Contains(low, []byte(w)) {
			words = append(words, w)
		}
	}
	return pieces, words
}

// pages returns every page of a view as it lies under the encryption, or nothing
// if it is another member's.
func pages(t testing.TB, way []byte, path string) []byte {
	t.Helper()
	dir := t.TempDir()
	for _, end := range []string{"", "-wal"} {
		if raw, err := os.ReadFile(path + end); err == nil {
			writeAll(t, filepath.Join(dir, "view.db"+end), raw)
		}
	}
	key := vault.ViewKeyOf(way, path)
	db, err := sqlite3.Open("file:" + filepath.Join(dir, "view.db") + "?vfs=adiantum&hexkey=" + hex.EncodeToString(key[:]))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if db.Exec("PRAGMA locking_mode=EXCLUSIVE") != nil || db.Exec("PRAGMA wal_checkpoint(TRUNCATE)") != nil {
		return nil
	}
	p, err := db.FileControl("main", sqlite3.FCNTL_FILE_POINTER)
	if err != nil {
		t.Fatal(err)
	}
	file := p.(vfs.File)
	size, err := file.Size()
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, size)
	for at := int64(0); at+4096 <= size; at += 4096 {
		if _, err := file.ReadAt(b[at:at+4096], at); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.HasPrefix(b, []byte("SQLite format 3")) {
		return nil
	}
	return b
}

const (
	doomedName = "Qzelidoomedname"
	doomedWord = "xqorchardword"
)

// withDoomed is a house with cases to be kept, and one to be erased that was
// written to again and again.
func withDoomed(t testing.TB) (h *house, s *vault.Session, doomed, kept newCase, r remains) {
	t.Helper()
	h = newHouse(t)
	s = h.enter(t, "w0")
	for range 5 {
		kept = mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "river")
	}
	doomed = mustOpenCase(t, s, h.Teams[0], doomedName, "She asks for "+doomedWord)
	for range 12 {
		if err := addNote(s, doomed.Case, doomedWord+strings.Repeat(" near the well", 30)); err != nil {
			t.Fatal(err)
		}
		allCases(t, s)
	}
	mustOpenCase(t, h.enter(t, "w1"), h.Teams[1], "Issa Exemple", "well")
	r = remainsOf(s, []string{strings.ToLower(doomedName), doomedWord}, doomed.all()...)
	if len(r.sealed) < 100 {
		t.Fatalf("%d pieces to look for", len(r.sealed))
	}
	return h, s, doomed, kept, r
}

// isGone checks a house in which the records were erased by w0, whoever enters.
func isGone(t testing.TB, h *house, doomed, kept newCase, r remains) {
	t.Helper()
	for _, who := range []string{"w0", "w1", "admin"} {
		s := h.enter(t, who)
		h.mustVerify(t, s)
		erased, err := s.Erased()
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range doomed.all() {
			tomb := erased[id]
			if tomb.Author != h.Who["w0"] || tomb.Reason != "asked" || tomb.Time>>16 < uint64(morning.UnixMilli()) || tomb.Record != id {
				t.Errorf("for %s the tombstone of %s says %+v", who, id, tomb)
			}
		}
		if rows := search(t, s, doomedWord); len(rows) > 0 {
			t.Errorf("%s finds it", who)
		}
		if _, err := s.Read(context.Background(), doomed.Case); !errors.Is(err, amana.ErrNotFound) {
			t.Errorf("%s reads it: %v", who, err)
		}
		if who == "w0" {
			if f, err := s.Read(context.Background(), kept.Case); err != nil || len(f.Records) != 2 || f.Case.Tampered+f.Case.Unread > 0 {
				t.Errorf("another case: %d records, %v", len(f.Records), err)
			}
			items, _ := s.ItemsOf(doomed.all()...)
			if len(items) < 15 {
				t.Errorf("%d entries are left in the chain", len(items))
			}
		}
	}
	h.v.LockAll()
	if pieces, words := r.in(t, h, "w0", "w1", "admin"); pieces > 0 || len(words) > 0 {
		t.Errorf("%d of %d pieces and %q are left", pieces, len(r.sealed), words)
	}
	loot := vault.Plunder(t, h.dir, h.Ways["w0"], h.Teams[:]...)
	for _, id := range doomed.all() {
		if loot.Records[id] || loot.Bodies[id] > 0 || loot.Seen[id] == 0 {
			t.Errorf("with all keys: %d bodies of %d, key %v", loot.Bodies[id], loot.Seen[id], loot.Records[id])
		}
	}
	if loot.Bodies[kept.Case] == 0 {
		t.Error("with all keys, another case does not open")
	}
}

func TestErase_leavesNothing(t *testing.T) {
	h, s, doomed, kept, r := withDoomed(t)
	// What is looked for can be found as long as it is there.
	before := h.copied(t)
	before.v.LockAll()
	if pieces, words := r.in(t, before, "w0"); pieces < len(r.sealed) || len(words) < 2 {
		t.Fatalf("%d of %d pieces and %q are found before it is erased", pieces, len(r.sealed), words)
	}
	// Who holds the old file open sees it overwritten.
	var old []*os.File
	for _, path := range append(glob(h.dir), filepath.Join(h.dir, "journal", "000001.log")) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		old = append(old, f)
	}
	if err := s.EraseCase(context.Background(), "asked", doomed.Case); err != nil {
		t.Fatal(err)
	}
	log := old[len(old)-1]
	info, err := log.Stat()
	if err != nil {
		t.Fatal(err)
	}
	left := make([]byte, info.Size())
	if _, err := log.ReadAt(left, 0); err != nil || !bytes.Equal(left, make([]byte, len(left))) {
		t.Errorf("the old file still holds what it held: %v", err)
	}
	built(t, s)
	backup := filepath.Join(t.TempDir(), "backup")
	backupTo(t, s, backup)
	isGone(t, h, doomed, kept, r)
	t.Run("a backup made after", func(t *testing.T) { isGone(t, restored(t, h, backup), doomed, kept, r) })
}

// restored returns what a backup makes in an empty folder.
func restored(t testing.TB, h *house, backup string) *house {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "restored")
	got, err := vault.RestoreWithPassphrase(context.Background(), dir, reader(t, backup), []byte(workerWords+"w1"), h.clock)
	if err != nil || got.Quarantined > 0 {
		t.Fatalf("restore: %+v, %v", got, err)
	}
	return h.at(t, dir)
}

// The program is killed after the order was written and before it was carried out:
// whoever unlocks next, on this device or on one made from a backup, carries it out.
func TestErase_isFinishedAfterACrash(t *testing.T) {
	h, s, doomed, kept, r := withDoomed(t)
	backup := filepath.Join(t.TempDir(), "backup")
	if err := s.OrderErasure(context.Background(), "asked", doomed.all()...); err != nil {
		t.Fatal(err)
	}
	backupTo(t, s, backup)
	for _, who := range []string{"w0", "w1", "admin"} {
		t.Run(who+" unlocks next", func(t *testing.T) {
			c := h.copied(t)
			c.enter(t, who)
			isGone(t, c, doomed, kept, r)
		})
	}
	t.Run("a backup made in between", func(t *testing.T) { isGone(t, restored(t, h, backup), doomed, kept, r) })
	// Twice is not once too often.
	h.reopen(t)
	for range 2 {
		h.enter(t, "w1")
		h.v.LockAll()
	}
	isGone(t, h, doomed, kept, r)
}

// A crash within the execution: any of its files may be as before or as after.
func TestErase_isFinishedFromAnyPoint(t *testing.T) {
	h, s, doomed, kept, r := withDoomed(t)
	if err := s.OrderErasure(context.Background(), "asked", doomed.all()...); err != nil {
		t.Fatal(err)
	}
	before := h.copied(t)
	before.v.LockAll()
	after := h.copied(t)
	after.enter(t, "admin")
	after.v.LockAll()
	points := map[string]func(t *testing.T, c *house){
		"the journal is as after, nothing else is": func(t *testing.T, c *house) {
			replaceFile(t, after, c, "journal/000001.log")
			os.Truncate(filepath.Join(c.dir, "journal", "000001.sum"), 0)
		},
		"the journal is as after, and a view lies there still": func(t *testing.T, c *house) {
			for _, name := range []string{"journal/000001.log", "journal/000001.sum", "journal/head"} {
				replaceFile(t, after, c, name)
			}
		},
		"a new file was half written": func(t *testing.T, c *house) {
			raw, err := os.ReadFile(filepath.Join(c.dir, "journal", "000001.log"))
			if err != nil {
				t.Fatal(err)
			}
			writeAll(t, filepath.Join(c.dir, "journal", "000001.log.new"), raw[:len(raw)/2])
		},
	}
	for name, damage := range points {
		t.Run(name, func(t *testing.T) {
			c := before.copied(t)
			c.v.LockAll()
			damage(t, c)
			c.enter(t, "w1")
			isGone(t, c, doomed, kept, r)
		})
	}
}

func replaceFile(t testing.TB, from, to *house, name string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(from.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	writeAll(t, filepath.Join(to.dir, name), raw)
}
