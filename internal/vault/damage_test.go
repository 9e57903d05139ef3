package vault_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/journal"
	"amana/internal/vault"
)

// small is a house with two cases of w0, of which the second has a note, and one
// of w1.
func small(t testing.TB) (h *house, s *vault.Session, cases [3]newCase) {
	t.Helper()
	h = newHouse(t)
	s = h.enter(t, "w0")
	cases[0] = mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "orchard")
	cases[1] = mustOpenCase(t, s, h.Teams[0], "Awa Exemple", "river")
	other := h.enter(t, "w1")
	cases[2] = mustOpenCase(t, other, h.Teams[1], "Issa Exemple", "well")
	for _, note := range []string{"first", "second"} {
		if err := addNote(s, cases[1].Case, note); err != nil {
			t.Fatal(err)
		}
	}
	allCases(t, s)
	allCases(t, other)
	return h, s, cases
}

// finds reports what is found wrong with a folder, by whoever opens it as this
// member: without a key, at opening, at verifying.
func (h *house) finds(t testing.TB, who string) (found []string) {
	t.Helper()
	found = problems(vault.VerifyFiles(h.dir))
	h.v.LockAll()
	v, err := vault.Open(h.dir, h.clock)
	if err != nil {
		return append(found, "open: "+err.Error())
	}
	defer v.LockAll()
	s, err := v.EnterBy(context.Background(), h.Ways[who])
	if err != nil {
		if !errors.Is(err, amana.ErrTampered) {
			t.Errorf("what was tampered with is said to be: %v", err)
		}
		return append(found, "unlock: "+err.Error())
	}
	checks, err := s.Verify(context.Background())
	if err != nil {
		return append(found, "verify: "+err.Error())
	}
	return append(found, problems(checks)...)
}

// readable fails if words for people hold anything but words, numbers and IDs.
func readable(t testing.TB, found []string) {
	t.Helper()
	for _, f := range found {
		if !strings.Contains(f, " ") || len(f) > 400 || strings.ContainsFunc(f, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("not for people: %q", f)
		}
	}
}

func TestDamage_everyFlippedByteOfAFileIsNamed(t *testing.T) {
	h, _, _ := small(t)
	h.v.LockAll()
	for _, name := range []string{"journal/000001.log", "journal/000001.sum", "vault"} {
		path := filepath.Join(h.dir, name)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		step := 1
		if testing.Short() {
			step = 17
		}
		named := strings.TrimSuffix(filepath.Base(name), ".sum")
		for i := 0; i < len(raw); i += step {
			flip(t, f, raw, i, 1<<(i%8))
			found := problems(vault.VerifyFiles(h.dir))
			if len(found) != 1 || !strings.Contains(found[0], named) {
				t.Fatalf("%s, byte %d: %q", name, i, found)
			}
			readable(t, found)
			flip(t, f, raw, i, 0)
		}
		if found := problems(vault.VerifyFiles(h.dir)); len(found) > 0 {
			t.Fatalf("%s put right: %q", name, found)
		}
	}
}

func flip(t testing.TB, f *os.File, raw []byte, i int, bits byte) {
	t.Helper()
	if _, err := f.WriteAt([]byte{raw[i] ^ bits}, int64(i)); err != nil {
		t.Fatal(err)
	}
}

// The note of where the journal ends is in two places: one that is damaged is
// said and mended, two are refused.
func TestDamage_everyFlippedByteOfTheNoteIsNamed(t *testing.T) {
	h, _, _ := small(t)
	h.v.LockAll()
	dir, key, org := filepath.Join(h.dir, "journal"), vault.DeviceKeyOf(h.Ways["w0"]), vault.OrgOf(h.Ways["w0"])
	path := filepath.Join(dir, "head")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	open := func() (notes []string, refuses error) {
		t.Helper()
		l, err := journal.Open(dir, key, org)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Notes(), l.Refuses()
	}
	const place = 1 << 15
	used := 4 + int(binary.BigEndian.Uint32(good))
	for i := range used {
		for _, at := range []int{i, place + i} {
			bad := slices.Clone(good)
			bad[at] ^= 1 << (i % 8)
			writeAll(t, path, bad)
			if notes, refuses := open(); len(notes) != 1 || refuses != nil {
				t.Fatalf("byte %d: %q, %v", at, notes, refuses)
			}
			if notes, refuses := open(); len(notes) > 0 || refuses != nil {
				t.Fatalf("byte %d, after it was mended: %q, %v", at, notes, refuses)
			}
		}
		bad := slices.Clone(good)
		bad[i] ^= 1 << (i % 8)
		bad[place+i] ^= 1 << (i % 8)
		writeAll(t, path, bad)
		if _, refuses := open(); !errors.Is(refuses, amana.ErrTampered) {
			t.Fatalf("byte %d in both places: %v", i, refuses)
		}
	}
	writeAll(t, path, good)
	if found := h.finds(t, "w0"); len(found) > 0 {
		t.Fatalf("put right: %q", found)
	}
}

// Whoever has the device's key, or patience and paper, can flip a byte under the
// cover and make item and file checksums right again. What the members sealed and
// signed finds it.
func TestDamage_aFlippedByteWithItsChecksumsMadeRight(t *testing.T) {
	h, s, _ := small(t)
	f := newForger(t, h, s)
	id, plain := f.uncovered(t)
	log, err := os.OpenFile(f.path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cover := f.key.Cover(id)
	put := func(from int64, b []byte) {
		t.Helper()
		b = slices.Clone(b)
		cover.XOR(b, from-16)
		if _, err := log.WriteAt(b, from); err != nil {
			t.Fatal(err)
		}
	}
	found, tried := map[string]int{}, 0
	step := 23
	if testing.Short() {
		step = 211
	}
	for i := range f.items {
		from, to := f.at[i], f.at[i+1]
		item := plain[from-16 : to-16]
		flags := flagsAt(item)
		for at := tried % step; at < len(item)-4; at += step {
			bad := slices.Clone(item)
			bad[at] ^= 1 << (at % 8)
			if at == flags && bad[at]^item[at] == 4 {
				bad[at] ^= 4 | 1 // which save an item belongs to is not under seal: another flag
			}
			binary.LittleEndian.PutUint32(bad[len(bad)-4:], crc32.ChecksumIEEE(bad[:len(bad)-4]))
			put(from, bad)
			tried++
			checks, err := s.Verify(context.Background())
			words := problems(checks)
			if err == nil && len(words) == 0 {
				t.Errorf("item %d, byte %d of %d: not found", i, at, len(item))
			}
			for _, w := range words {
				name, _, _ := strings.Cut(w, ":")
				found[name]++
			}
			readable(t, words)
		}
		put(from, item)
	}
	t.Logf("%d flips, found by: %v", tried, found)
	h.mustVerify(t, s)
}

// flagsAt finds the flags in an item: after device and number.
func flagsAt(item []byte) int {
	ref, n := binary.Uvarint(item)
	if ref == 0 {
		n += 16
	}
	_, m := binary.Uvarint(item[n:])
	return n + m
}

func TestDamage_aTailCutAtAnyLength(t *testing.T) {
	h, s, _ := small(t)
	f := newForger(t, h, s)
	h.v.LockAll()
	size := f.at[len(f.at)-1]
	cut := map[int64]bool{}
	for _, at := range f.at {
		for d := int64(-2); d <= 2; d++ {
			cut[at+d] = true
		}
	}
	step := int64(41)
	if testing.Short() {
		step = 1009
	}
	for n := int64(0); n < size; n += step {
		cut[n] = true
	}
	for n := size - 700; n < size; n++ {
		cut[n] = true
	}
	lengths := make([]int64, 0, len(cut))
	for n := range cut {
		if n < size && n >= 0 {
			lengths = append(lengths, n)
		}
	}
	slices.Sort(lengths)
	for i, n := range slices.Backward(lengths) {
		if err := os.Truncate(f.path(), n); err != nil {
			t.Fatal(err)
		}
		if found := problems(vault.VerifyFiles(h.dir)); len(found) == 0 || !strings.Contains(found[0], "000001.log") {
			t.Fatalf("cut to %d of %d: the files: %q", n, size, found)
		}
		if i%97 == 0 {
			found := h.finds(t, "w0")
			if len(found) < 2 {
				t.Errorf("cut to %d of %d: %q", n, size, found)
			}
			readable(t, found)
			continue
		}
		l, err := journal.Open(f.dir, f.key, f.org)
		if err == nil {
			err = l.Refuses()
			l.Close()
		}
		if !errors.Is(err, amana.ErrTampered) || !strings.Contains(err.Error(), "file 1") {
			t.Fatalf("cut to %d of %d: %v", n, size, err)
		}
	}
	t.Logf("%d lengths of %d", len(lengths), size)
}

// rotate makes the next save begin a new file, as after a write that failed.
func (h *house) rotate(t testing.TB, who string) *vault.Session {
	t.Helper()
	h.v.LockAll()
	paths, _ := filepath.Glob(filepath.Join(h.dir, "journal", "*.log"))
	f, err := os.OpenFile(paths[len(paths)-1], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("torn"))
	f.Close()
	h.reopen(t)
	return h.enter(t, who)
}

// Files of the journal are swapped, put back from an older copy with their
// checksums, or taken away.
func TestDamage_wholeFiles(t *testing.T) {
	h := newHouse(t)
	s := h.enter(t, "w0")
	c := mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "orchard")
	allCases(t, s)
	gone := mustOpenCase(t, s, h.Teams[0], "Awa Exemple", "river")
	older := h.copied(t)
	older.v.LockAll()
	for i := range 3 {
		if i > 0 {
			s = h.rotate(t, "w0")
		}
		for n := range 3 {
			if err := addNote(s, c.Case, fmt.Sprintf("file%dnote%d", i, n)); err != nil {
				t.Fatal(err)
			}
			if i == 1 && n == 1 {
				allCases(t, s)
				older = h.copied(t)
				older.v.LockAll()
			}
		}
	}
	before := h.copied(t)
	before.v.LockAll()
	if err := s.EraseCase(context.Background(), "asked", gone.Case); err != nil {
		t.Fatal(err)
	}
	built(t, s)
	h.mustVerify(t, s)
	h.v.LockAll()
	take := func(t *testing.T, from, to *house, name string) {
		t.Helper()
		for _, end := range []string{".log", ".sum"} {
			raw, err := os.ReadFile(filepath.Join(from.dir, "journal", name+end))
			if err != nil {
				t.Fatal(err)
			}
			writeAll(t, filepath.Join(to.dir, "journal", name+end), raw)
		}
	}
	tests := map[string]func(t *testing.T, c *house){
		"two swapped": func(t *testing.T, c *house) {
			for _, end := range []string{".log", ".sum"} {
				a, b := filepath.Join(c.dir, "journal", "000001"+end), filepath.Join(c.dir, "journal", "000002"+end)
				os.Rename(a, a+"x")
				os.Rename(b, a)
				os.Rename(a+"x", b)
			}
		},
		"one in the middle put back":                 func(t *testing.T, c *house) { take(t, older, c, "000002") },
		"the first put back, from before an erasure": func(t *testing.T, c *house) { take(t, before, c, "000001") },
		"the last put back": func(t *testing.T, c *house) {
			take(t, older, c, "000002")
			os.Remove(filepath.Join(c.dir, "journal", "000003.log"))
			os.Remove(filepath.Join(c.dir, "journal", "000003.sum"))
		},
		"one in the middle missing": func(t *testing.T, c *house) { os.Remove(filepath.Join(c.dir, "journal", "000002.log")) },
		"the first missing":         func(t *testing.T, c *house) { os.Remove(filepath.Join(c.dir, "journal", "000001.log")) },
		"the last missing":          func(t *testing.T, c *house) { os.Remove(filepath.Join(c.dir, "journal", "000003.log")) },
		"the note missing":          func(t *testing.T, c *house) { os.Remove(filepath.Join(c.dir, "journal", "head")) },
		"a file of another vault": func(t *testing.T, c *house) {
			other := newHouse(t)
			other.v.LockAll()
			take(t, other, c, "000002"[:5]+"1")
		},
		"the whole journal put back, views not": func(t *testing.T, c *house) {
			os.RemoveAll(filepath.Join(c.dir, "journal"))
			copyDir(t, filepath.Join(older.dir, "journal"), filepath.Join(c.dir, "journal"))
			os.Remove(filepath.Join(c.dir, "charter"))
		},
	}
	for name, damage := range tests {
		t.Run(name, func(t *testing.T) {
			c := h.copied(t)
			c.v.LockAll()
			damage(t, c)
			found := c.finds(t, "w0")
			if len(found) == 0 {
				t.Error("not found")
			}
			readable(t, found)
			t.Logf("%.200q", found)
		})
	}
}
