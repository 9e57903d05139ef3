package journal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

type bench struct {
	dir    string
	key    seal.DeviceKey
	org    amana.OrgID
	device amana.DeviceID
}

func newBench(t testing.TB) bench {
	t.Helper()
	return bench{
		dir: filepath.Join(t.TempDir(), "journal"), key: seal.NewDeviceKey(),
		org: amana.OrgID(seal.Random16()), device: amana.DeviceID(seal.Random16()),
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func (b bench) item(seq uint64) journal.Item {
	return journal.Item{
		Device: b.device, Seq: seq, Epoch: 1, Nonce: seal.NewNonce(),
		Entry: noise(110), Wraps: noise(48), Body: noise(200 + int(seq%7)*90), Last: true,
	}
}

func (b bench) create(t testing.TB, items int) *journal.Log {
	t.Helper()
	l, err := journal.Create(b.dir, b.key, b.org)
	if err != nil {
		t.Fatal(err)
	}
	for i := range items {
		if _, err := l.Append([]journal.Item{b.item(uint64(i + 1))}, 0); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func (b bench) open(t testing.TB) *journal.Log {
	t.Helper()
	l, err := journal.Open(b.dir, b.key, b.org)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func all(t testing.TB, l *journal.Log) (items []journal.Found) {
	t.Helper()
	err := l.Scan(0, func(f journal.Found) error {
		items = append(items, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func TestLog_keepsWhatWasAppended(t *testing.T) {
	b := newBench(t)
	l := b.create(t, 40)
	want := all(t, l)
	l.Close()
	l = b.open(t)
	got := all(t, l)
	if len(got) != 40 || len(want) != 40 {
		t.Fatalf("items = %d and %d, want 40", len(want), len(got))
	}
	for i, f := range got {
		if !bytes.Equal(f.Item.Body, want[i].Item.Body) || f.Head != want[i].Head {
			t.Fatalf("item %d differs after opening again", i)
		}
		it, err := l.Read(f.Pos)
		if err != nil || !bytes.Equal(it.Body, f.Item.Body) || it.Seq != f.Item.Seq {
			t.Fatalf("Read(%d) = seq %d, %v", f.Pos, it.Seq, err)
		}
	}
	if h := l.Head(b.device); h.Seq != 40 || h.Hash != got[39].Head {
		t.Fatalf("head = %d", h.Seq)
	}
	if _, err := l.Append([]journal.Item{b.item(41)}, 0); err != nil {
		t.Fatal(err)
	}
	if n := len(l.Notes()); n != 0 {
		t.Fatalf("notes after a clean close: %d", n)
	}
}

func TestLog_refusesWhatDoesNotFollow(t *testing.T) {
	b := newBench(t)
	l := b.create(t, 3)
	defer l.Close()
	for _, seq := range []uint64{3, 5} {
		if _, err := l.Append([]journal.Item{b.item(seq)}, 0); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("item %d after item 3: %v", seq, err)
		}
	}
}

func TestLog_isLockedAgainstASecondProgram(t *testing.T) {
	b := newBench(t)
	l := b.create(t, 1)
	defer l.Close()
	if _, err := journal.Open(b.dir, b.key, b.org); !errors.Is(err, journal.ErrBusy) {
		t.Fatalf("second open: %v", err)
	}
}

// A save that was being written when the power failed is cut off, whole saves
// before it stay, and work goes on.
func TestOpen_cutsOffATornSave(t *testing.T) {
	for cut := 1; cut < 700; cut += 13 {
		b := newBench(t)
		l := b.create(t, 5)
		l.Close()
		file := filepath.Join(b.dir, "000001.log")
		before, _ := os.Stat(file)
		l = b.open(t)
		two := []journal.Item{b.item(6), b.item(7)}
		two[0].Last = false
		head, _ := os.ReadFile(filepath.Join(b.dir, "head"))
		if _, err := l.Append(two, 0); err != nil {
			t.Fatal(err)
		}
		l.Close()
		os.WriteFile(filepath.Join(b.dir, "head"), head, 0o600) // it was not yet written
		after, _ := os.Stat(file)
		if cut >= int(after.Size()-before.Size()) {
			break
		}
		os.Truncate(file, before.Size()+int64(cut))
		l = b.open(t)
		if n := len(all(t, l)); n != 5 {
			t.Fatalf("cut at %d: %d items, want 5", cut, n)
		}
		if err := l.Refuses(); err != nil || len(l.Notes()) != 1 {
			t.Fatalf("cut at %d: refuses %v, notes %v", cut, err, l.Notes())
		}
		if _, err := l.Append([]journal.Item{b.item(6)}, 0); err != nil {
			t.Fatal(err)
		}
		if n := len(all(t, l)); n != 6 {
			t.Fatalf("cut at %d: %d items after going on, want 6", cut, n)
		}
		l.Close()
	}
}

// What was acknowledged and is then missing is never passed over in silence.
func TestOpen_noticesALostTail(t *testing.T) {
	b := newBench(t)
	b.create(t, 5).Close()
	file := filepath.Join(b.dir, "000001.log")
	info, _ := os.Stat(file)
	os.Truncate(file, info.Size()-1)
	l := b.open(t)
	if err := l.Refuses(); !errors.Is(err, amana.ErrTampered) {
		t.Fatalf("Refuses() = %v", err)
	}
	if _, err := l.Append([]journal.Item{b.item(6)}, 0); !errors.Is(err, amana.ErrTampered) {
		t.Fatalf("Append = %v", err)
	}
	if n := len(all(t, l)); n != 4 {
		t.Fatalf("%d items can be read, want 4", n)
	}
}

// Every single flipped byte of every file is found without a key.
func TestCheckSums_findsEveryFlippedByte(t *testing.T) {
	b := newBench(t)
	b.create(t, 12).Close()
	file := filepath.Join(b.dir, "000001.log")
	for _, name := range []string{file, filepath.Join(b.dir, "000001.sum")} {
		good, _ := os.ReadFile(name)
		if err := journal.CheckSums(file); err != nil {
			t.Fatal(err)
		}
		for i := range good {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << (i % 8)
			os.WriteFile(name, bad, 0o600)
			if err := journal.CheckSums(file); !errors.Is(err, amana.ErrTampered) {
				t.Fatalf("%s, byte %d: %v", filepath.Base(name), i, err)
			}
		}
		os.WriteFile(name, good, 0o600)
	}
}

// With the device's key, every flipped byte is found even where somebody wrote
// the checksums anew.
func TestScan_findsEveryFlippedByte(t *testing.T) {
	b := newBench(t)
	l := b.create(t, 6)
	end := l.Head(b.device)
	l.Close()
	file := filepath.Join(b.dir, "000001.log")
	good, _ := os.ReadFile(file)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		os.WriteFile(file, bad, 0o600)
		l, err := journal.Open(b.dir, b.key, b.org)
		if err != nil {
			if !errors.Is(err, amana.ErrTampered) {
				t.Fatalf("byte %d: open: %v", i, err)
			}
			continue
		}
		var last journal.Found
		err = l.Scan(0, func(f journal.Found) error { last = f; return nil })
		if err == nil && last.Head == end.Hash {
			t.Fatalf("byte %d: a changed journal reads as whole", i)
		}
		l.Close()
	}
}

func TestErase_takesContentOutAndKeepsTheChain(t *testing.T) {
	b := newBench(t)
	l := b.create(t, 9)
	before := all(t, l)
	gone := []journal.Pos{before[2].Pos, before[3].Pos, before[8].Pos}
	if err := l.Erase(gone); err != nil {
		t.Fatal(err)
	}
	if err := l.Erase(gone); err != nil {
		t.Fatalf("again: %v", err)
	}
	check := func(l *journal.Log) {
		after := all(t, l)
		for i, f := range after {
			erased := i == 2 || i == 3 || i == 8
			if f.Head != before[i].Head || f.Pos != before[i].Pos {
				t.Fatalf("item %d: chain or place changed", i)
			}
			if (f.Item.Flags&journal.Erased != 0) != erased {
				t.Fatalf("item %d: erased = %v", i, !erased)
			}
		}
		if err := journal.CheckSums(filepath.Join(b.dir, "000001.log")); err != nil {
			t.Fatal(err)
		}
	}
	check(l)
	l.Close()
	l = b.open(t)
	check(l)
	if _, err := l.Append([]journal.Item{b.item(10)}, 0); err != nil {
		t.Fatal(err)
	}
}

func TestLog_goesOnInANewFileWhenOneIsFull(t *testing.T) {
	b := newBench(t)
	l := b.create(t, 0)
	for i := range 12 {
		it := b.item(uint64(i + 1))
		it.Body = noise(4 << 20)
		if _, err := l.Append([]journal.Item{it}, 0); err != nil {
			t.Fatal(err)
		}
	}
	want := all(t, l)
	l.Close()
	l = b.open(t)
	got := all(t, l)
	if len(got) != 12 || got[11].Head != want[11].Head || l.Refuses() != nil {
		t.Fatalf("%d items, refuses %v", len(got), l.Refuses())
	}
	files, _ := filepath.Glob(filepath.Join(b.dir, "*.log"))
	if len(files) != 3 {
		t.Fatalf("%d files, want 3", len(files))
	}
}

func FuzzReadWire(f *testing.F) {
	b := newBench(f)
	f.Add(b.item(1).AppendWire(nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		it, n, err := journal.ReadWire(raw, b.device, 1)
		if err != nil {
			return
		}
		if got := it.AppendWire(nil); it.Flags < 4 && len(got) > n {
			t.Fatalf("took %d bytes, writes %d", n, len(got))
		}
	})
}
