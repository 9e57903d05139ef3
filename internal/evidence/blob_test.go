package evidence_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"amana"
	"amana/internal/evidence"
	"amana/internal/seal"
)

const chunk = seal.BlobChunk

// noise is bytes that can be made again.
func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b)
	return b
}

var somebody = evidence.Taker{Member: amana.MemberID{1}, For: amana.RecordID{2}, Now: time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC)}

func open(t testing.TB) (evidence.Store, string) {
	t.Helper()
	dir := t.TempDir()
	return evidence.Open(dir, seal.NewDeviceKey()), dir
}

func take(t testing.TB, s evidence.Store, plain []byte) evidence.Blob {
	t.Helper()
	b, err := s.Take(t.Context(), somebody, bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sealed returns the bytes of the only finished blob in a folder.
func sealed(t testing.TB, s evidence.Store) (string, []byte) {
	t.Helper()
	var path string
	err := s.Each(func(k evidence.Kept) error { path = s.File(k); return nil })
	if err != nil || path == "" {
		t.Fatal("no blob", err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, raw
}

func TestTake_givesBackWhatItTookAndKnowsItsHash(t *testing.T) {
	for _, size := range []int{0, 1, chunk - 1, chunk, chunk + 1, 16 * chunk, 16*chunk + 1, 40*chunk + 77} {
		s, _ := open(t)
		plain := noise(size)
		b := take(t, s, plain)
		if b.Size != int64(size) || b.Sum != sha256.Sum256(plain) || b.CRC != crc32.ChecksumIEEE(plain) {
			t.Errorf("size %d: described as %d bytes, %s", size, b.Size, b.Sum)
		}
		r, done, err := s.Reader(b)
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("size %d: %d bytes came back, %v", size, len(got), err)
		}
		for _, from := range []int{0, size / 3, chunk - 1, chunk, size - 1} {
			part := make([]byte, min(100, max(0, size-from)))
			if _, err := r.ReadAt(part, int64(max(0, from))); from >= 0 && len(part) > 0 && (err != nil || !bytes.Equal(part, plain[from:from+len(part)])) {
				t.Errorf("size %d from %d: %v", size, from, err)
			}
		}
		if _, raw := sealed(t, s); size > 64 && bytes.Contains(raw, plain[:32]) {
			t.Errorf("size %d: plain bytes on the disk", size)
		}
		if err := done(); err != nil {
			t.Error(err)
		}
	}
}

func TestReader_findsEveryCutAtAChunkEveryFlipAndEverySwap(t *testing.T) {
	s, _ := open(t)
	b := take(t, s, noise(5*chunk+100))
	_, raw := sealed(t, s)
	const one = chunk + seal.TagSize
	read := func(raw []byte) error {
		r, err := evidence.NewReader(b, bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, io.NewSectionReader(r, 0, r.Size()))
		return err
	}
	if err := read(raw); err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{"one byte more": append(bytes.Clone(raw), 0), "twice": append(bytes.Clone(raw), raw...)}
	for i := 0; i <= len(raw)/one; i++ {
		bad["cut at a chunk"] = raw[:i*one]
		if i > 0 {
			bad["cut in a chunk"] = raw[:i*one-1]
		}
		for name, raw := range bad {
			if err := read(raw); !errors.Is(err, amana.ErrTampered) {
				t.Errorf("%s %d: %v", name, i, err)
			}
		}
	}
	// Whoever cuts at a chunk may also lie about the length.
	for i := range 5 {
		lie := b
		lie.Size = int64(i) * chunk
		if _, err := evidence.NewReader(lie, bytes.NewReader(raw), evidence.SealedSize(lie.Size)); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("cut at chunk %d with the length changed: %v", i, err)
		}
	}
	for at := 0; at < len(raw); at += 997 {
		flipped := bytes.Clone(raw)
		flipped[at] ^= 1
		if err := read(flipped); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("flipped at %d: %v", at, err)
		}
	}
	swapped := bytes.Join([][]byte{raw[one : 2*one], raw[:one], raw[2*one:]}, nil)
	if err := read(swapped); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("swapped: %v", err)
	}
	other := b
	other.Record = amana.RecordID{9}
	if _, err := evidence.NewReader(other, bytes.NewReader(raw), int64(len(raw))); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("as another record's: %v", err)
	}
}

// breaks gives n bytes and then fails, as a browser that was closed, or a program
// that was killed in the middle.
type breaks struct {
	r    io.Reader
	left int
}

var errBroke = errors.New("broke off")

func (b *breaks) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errBroke
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func TestTake_goesOnWhereItBrokeOff(t *testing.T) {
	plain := noise(60*chunk + 5)
	for name, tc := range map[string]struct {
		second []byte
		kept   bool
	}{
		"with the same file":                     {plain, true},
		"with a file that differs later":         {append(bytes.Clone(plain[:20*chunk+9]), noise(30*chunk)...), true},
		"with another file":                      {append([]byte("x"), plain...), false},
		"with a file that ends where it was cut": {plain[:32*chunk], true},
	} {
		s, dir := open(t)
		_, err := s.Take(t.Context(), somebody, &breaks{bytes.NewReader(plain), 50 * chunk})
		if !errors.Is(err, errBroke) {
			t.Fatal(err)
		}
		parts, _ := filepath.Glob(filepath.Join(dir, "*.part"))
		if len(parts) != 1 {
			t.Fatalf("%d unfinished blobs", len(parts))
		}
		before, _ := os.ReadFile(parts[0])
		b := take(t, s, tc.second)
		if b.Sum != sha256.Sum256(tc.second) || b.Size != int64(len(tc.second)) {
			t.Errorf("%s: described as %d bytes", name, b.Size)
		}
		r, done, err := s.Reader(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
		if err != nil || !bytes.Equal(got, tc.second) {
			t.Errorf("%s: %d bytes came back, %v", name, len(got), err)
		}
		done()
		raw, err := os.ReadFile(parts[0][:len(parts[0])-len(".part")])
		if same := err == nil && bytes.Equal(raw[:chunk], before[:chunk]); same != tc.kept {
			t.Errorf("%s: went on %t, want %t", name, same, tc.kept)
		}
		if tc.kept {
			// No chunk that was sealed before may have been sealed again, under one key
			// and nonce, as something else: what differs must not be the XOR of the texts.
			for i := 0; i+1 < len(tc.second)/chunk && (i+1)*(chunk+16) <= len(before); i++ {
				a, c := before[i*(chunk+16):i*(chunk+16)+chunk], raw[i*(chunk+16):i*(chunk+16)+chunk]
				x, y := plain[i*chunk:(i+1)*chunk], tc.second[i*chunk:(i+1)*chunk]
				if !bytes.Equal(x, y) && a[0]^c[0] == x[0]^y[0] && a[99]^c[99] == x[99]^y[99] && a[7]^c[7] == x[7]^y[7] && a[8]^c[8] == x[8]^y[8] {
					t.Errorf("%s: chunk %d under the same keystream", name, i)
				}
			}
		}
		if err := s.Settled(b.Record); err != nil {
			t.Error(err)
		}
	}
}

func TestSweep_removesWhatWasLeftAndKeepsWhatWasSaved(t *testing.T) {
	s, dir := open(t)
	saved := take(t, s, noise(3*chunk))
	left := take(t, s, noise(2*chunk+1))
	never := func(amana.RecordID) bool { return false }
	in := func(id amana.RecordID) bool { return id == saved.Record }
	if err := s.Sweep(somebody.Now.Add(-time.Hour), in, never); err != nil || !s.Has(left.Record) {
		t.Fatalf("swept too early: %v", err)
	}
	if err := s.Sweep(somebody.Now.Add(time.Hour), in, never); err != nil {
		t.Fatal(err)
	}
	if !s.Has(saved.Record) || s.Has(left.Record) {
		t.Error("the saved one must stay, the other go")
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files are left", len(files))
	}
	b := take(t, s, noise(chunk))
	if err := s.Sweep(time.Time{}, in, func(id amana.RecordID) bool { return id == somebody.For }); err != nil || s.Has(b.Record) {
		t.Errorf("what was begun for an erased case stays: %v", err)
	}
}

func TestStore_erases(t *testing.T) {
	s, dir := open(t)
	b := take(t, s, noise(chunk))
	if err := s.Erase(b.Record); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files are left", len(files))
	}
	if _, _, err := s.Reader(b); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("err = %v", err)
	}
}

// A commitment to something that can be guessed says nothing without its salt.
func TestContent_confirmsNoGuess(t *testing.T) {
	s, _ := open(t)
	guesses := []string{"yes", "no", "the checkpoint at the bridge"}
	b := take(t, s, []byte(guesses[2]))
	for _, g := range guesses {
		sum := seal.Hash(sha256.Sum256([]byte(g)))
		plain := seal.Digest("amana/1/content", sum[:])
		if c := b.Content(); c == sum || c == plain || c == evidence.Content([32]byte{}, sum, int64(len(g))) {
			t.Errorf("the commitment confirms a guess")
		}
	}
	if again := take(t, s, []byte(guesses[2])); again.Content() == b.Content() {
		t.Error("two commitments to one file are the same")
	}
	if evidence.Content(b.Salt, seal.Hash(sha256.Sum256([]byte(guesses[2]))), b.Size) != b.Content() {
		t.Error("the salt proves nothing")
	}
}

// endless gives so many bytes without holding them.
type endless struct{ left int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), e.left))
	e.left -= int64(n)
	return n, nil
}

func TestTake_memoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 256 MiB")
	}
	s, _ := open(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := s.Take(context.Background(), somebody, &endless{256 << 20}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 24<<20 {
		t.Errorf("256 MiB took %d MiB of memory in all", grown>>20)
	}
}
