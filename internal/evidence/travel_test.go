package evidence_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"amana"
	"amana/internal/evidence"
	"amana/internal/seal"
)

// sent is a blob as it travels, and an empty store elsewhere.
func sent(t testing.TB, size int) (evidence.Blob, []byte, evidence.Store, string) {
	t.Helper()
	from := evidence.Open(t.TempDir(), seal.NewDeviceKey())
	b := take(t, from, noise(size))
	src, err := from.Travel(b)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	raw, err := io.ReadAll(io.NewSectionReader(src, 0, src.Size()))
	if err != nil || int64(len(raw)) != src.Size() || src.Size() != evidence.TravelSize(int64(size)) {
		t.Fatalf("%d bytes of %d, %v", len(raw), src.Size(), err)
	}
	dir := t.TempDir()
	return b, raw, evidence.Open(dir, seal.NewDeviceKey()), dir
}

func parts(t testing.TB, dir string) (n int, bytes int64) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*.part"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range list {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		bytes += info.Size()
	}
	return len(list), bytes
}

// What arrives is what was sent, whatever pieces it comes in and wherever it broke off;
// what was there is not sent again.
func TestArrive_goesOnWhereItBrokeOff(t *testing.T) {
	for _, size := range []int{0, 1, 1000, seal.BlobChunk, seal.BlobChunk + 1, 3*seal.BlobChunk - 5} {
		b, raw, to, dir := sent(t, size)
		breaks := []int{0, 1, 255, 40_000, 65_552, 65_553, 70_000, 131_104, 196_000, len(raw) - 1}
		taken := 0
		for _, at := range breaks {
			if at < taken || at >= len(raw) {
				continue
			}
			if got := to.Arrived(b.Record); got != int64(taken) {
				t.Fatalf("%d bytes: %d are here, want %d", size, got, taken)
			}
			whole, err := to.Arrive(t.Context(), b, to.Arrived(b.Record), bytes.NewReader(raw[taken:at]))
			if whole || err != nil {
				t.Fatalf("%d bytes, broken off at %d: %v, %v", size, at, whole, err)
			}
			taken = at
		}
		whole, err := to.Arrive(t.Context(), b, to.Arrived(b.Record), iotest.OneByteReader(bytes.NewReader(raw[taken:])))
		if !whole || err != nil {
			t.Fatalf("%d bytes: %v, %v", size, whole, err)
		}
		r, done, err := to.Reader(b)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
		if err != nil || !bytes.Equal(plain, noise(size)) {
			t.Fatalf("%d bytes: %d, %v", size, len(plain), err)
		}
		if err := done(); err != nil {
			t.Fatal(err)
		}
		if n, _ := parts(t, dir); n != 0 {
			t.Errorf("%d bytes: %d unfinished files are left", size, n)
		}
		if again, err := to.Arrive(t.Context(), b, to.Arrived(b.Record), bytes.NewReader(nil)); !again || err != nil {
			t.Errorf("again: %v, %v", again, err)
		}
	}
}

// A byte that was changed on the way is found, wherever it stands, padding included;
// what came whole before it is kept.
func TestArrive_findsWhatWasChanged(t *testing.T) {
	b, raw, _, _ := sent(t, 2*seal.BlobChunk+100)
	for _, at := range []int{0, 70_000, 131_104, len(raw) - 1} {
		to := evidence.Open(t.TempDir(), seal.NewDeviceKey())
		bad := bytes.Clone(raw)
		bad[at] ^= 1
		whole, err := to.Arrive(t.Context(), b, to.Arrived(b.Record), bytes.NewReader(bad))
		if whole || !errors.Is(err, amana.ErrTampered) || to.Has(b.Record) {
			t.Fatalf("byte %d: %v, %v", at, whole, err)
		}
		kept := to.Arrived(b.Record)
		if kept > int64(at) || kept < int64(min(at/65_552*65_552, 131_104)) {
			t.Errorf("byte %d: %d bytes are kept", at, kept)
		}
		if whole, err = to.Arrive(t.Context(), b, to.Arrived(b.Record), bytes.NewReader(raw[kept:])); !whole || err != nil {
			t.Errorf("byte %d: the right bytes afterwards: %v, %v", at, whole, err)
		}
	}
}

// Another file under the same name, and the same file's chunks in another order.
func TestArrive_findsAnotherFile(t *testing.T) {
	b, raw, to, _ := sent(t, 2*seal.BlobChunk)
	_, other, _, _ := sent(t, 2*seal.BlobChunk)
	swapped := bytes.Clone(raw)
	copy(swapped, raw[65_552:131_104])
	copy(swapped[65_552:], raw[:65_552])
	for name, bad := range map[string][]byte{"another": other, "swapped": swapped} {
		if whole, err := to.Arrive(t.Context(), b, to.Arrived(b.Record), bytes.NewReader(bad)); whole || !errors.Is(err, amana.ErrTampered) {
			t.Errorf("%s: %v, %v", name, whole, err)
		}
		if n := to.Arrived(b.Record); n != 0 {
			t.Errorf("%s: %d bytes of it are kept", name, n)
		}
	}
	lying := b
	lying.Sum[0] ^= 1 // who sealed it said another hash than it has
	if whole, err := to.Arrive(t.Context(), lying, to.Arrived(b.Record), bytes.NewReader(raw)); whole || !errors.Is(err, amana.ErrTampered) || to.Has(b.Record) {
		t.Errorf("another hash: %v, %v", whole, err)
	}
}

// What a loss of power tore is found when it is gone on with.
func TestArrive_mendsATornWrite(t *testing.T) {
	b, raw, to, dir := sent(t, 3*seal.BlobChunk)
	if _, err := to.Arrive(t.Context(), b, to.Arrived(b.Record), bytes.NewReader(raw[:140_000])); err != nil {
		t.Fatal(err)
	}
	list, _ := filepath.Glob(filepath.Join(dir, "*.part"))
	f, err := os.OpenFile(list[0], os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4096), 66_000); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if whole, err := to.Arrive(t.Context(), b, to.Arrived(b.Record), bytes.NewReader(raw[140_000:])); whole || !errors.Is(err, amana.ErrConflict) {
		t.Fatal(whole, err)
	}
	at := to.Arrived(b.Record)
	if at != 65_552 {
		t.Errorf("%d bytes are held to be good", at)
	}
	if whole, err := to.Arrive(t.Context(), b, to.Arrived(b.Record), bytes.NewReader(raw[at:])); !whole || err != nil {
		t.Error(whole, err)
	}
}

// Files of like lengths cannot be told apart by what crosses.
func TestTravelSize_hidesLengths(t *testing.T) {
	sizes := map[int64]bool{}
	for n := int64(1_000_000); n < 1_010_000; n++ {
		sizes[evidence.TravelSize(n)] = true
	}
	if len(sizes) > 2 {
		t.Errorf("10,000 lengths cross as %d", len(sizes))
	}
	for _, n := range []int64{0, 1, 1 << 16, 200 << 20, 10 << 30} {
		if got, sealed := evidence.TravelSize(n), evidence.SealedSize(n); got <= sealed || n > 4096 && float64(got) > 1.12*float64(sealed) {
			t.Errorf("%d bytes cross as %d", n, got)
		}
	}
}

// Whatever comes, in whatever pieces: it is the file, or it is not taken.
func FuzzArrive(f *testing.F) {
	b, right, _, _ := sent(f, seal.BlobChunk+1000)
	f.Add(right, 5)
	f.Add(right[:70_000], 65_552)
	f.Add([]byte{}, 0)
	changed := bytes.Clone(right)
	changed[65_600] ^= 1
	f.Add(changed, 65_560)
	f.Fuzz(func(t *testing.T, raw []byte, cut int) {
		to := evidence.Open(t.TempDir(), seal.NewDeviceKey())
		cut = max(0, min(cut, len(raw)))
		_, _ = to.Arrive(t.Context(), b, 0, bytes.NewReader(raw[:cut]))
		at := to.Arrived(b.Record)
		if at > int64(cut) {
			t.Fatalf("%d bytes are here of %d", at, cut)
		}
		whole, err := to.Arrive(t.Context(), b, at, bytes.NewReader(raw[at:]))
		is := len(raw) >= len(right) && bytes.Equal(raw[:len(right)], right)
		if whole != is || to.Has(b.Record) != is || whole && err != nil {
			t.Errorf("%d bytes, cut at %d: %v, %v; it is the file: %v", len(raw), cut, whole, err, is)
		}
	})
}
