package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"amana/internal/evidence"
	"amana/internal/seal"
)

// What the child is told: the folder, and the device's key.
const (
	childDir = "AMANA_TAKE_CHILD"
	childKey = "AMANA_TAKE_KEY"
)

const killedSize = 96 << 20

// slowly gives a file in small pieces, so that the kill comes while it is on its way.
type slowly struct{ r io.Reader }

func (s slowly) Read(p []byte) (int, error) {
	time.Sleep(time.Millisecond)
	return s.r.Read(p[:min(len(p), 1<<18)])
}

// TestTakeChild is no test but the program that the next one kills.
func TestTakeChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("is run by TestTake_goesOnAfterAKill")
	}
	raw, err := hex.DecodeString(os.Getenv(childKey))
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.ImportDeviceKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.Open(dir, key).Take(t.Context(), somebody, slowly{bytes.NewReader(noise(killedSize))}); err != nil {
		t.Fatal(err)
	}
}

// A program that is killed while a file comes in leaves what it sealed; the same file
// goes on from there, and is whole.
func TestTake_goesOnAfterAKill(t *testing.T) {
	dir, key := t.TempDir(), seal.NewDeviceKey()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestTakeChild$")
	child.Env = append(os.Environ(), childDir+"="+dir, childKey+"="+hex.EncodeToString(key.Export()))
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var part string
	for begun := false; !begun; time.Sleep(time.Millisecond) {
		parts, _ := filepath.Glob(filepath.Join(dir, "*.part"))
		if len(parts) == 1 {
			st, err := os.Stat(parts[0])
			part, begun = parts[0], err == nil && st.Size() > 8<<20
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	before, err := os.ReadFile(part)
	if err != nil {
		t.Fatalf("it was not killed in time: %v", err)
	}
	plain := noise(killedSize)
	s := evidence.Open(dir, key)
	b := take(t, s, plain)
	if b.Sum != sha256.Sum256(plain) || len(b.Runs) != 1 || b.Runs[0] < 100 {
		t.Errorf("it did not go on: %d bytes were there, begun anew at %v", len(before), b.Runs)
	}
	r, done, err := s.Reader(b)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size())); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
}
