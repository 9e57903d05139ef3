package evidence_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"amana"
	"amana/internal/seal"
)

// A disk that takes no more: the error says so, what came before is kept, and is gone on
// with when there is room. It runs in a process of its own, whose files may not grow.
func TestArrive_aFullDisk(t *testing.T) {
	const variable = "AMANA_TEST_FULL"
	if os.Getenv(variable) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), variable+"=1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	b, raw, to, _ := sent(t, 3*seal.BlobChunk)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	limit := func(n uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: before.Max}); err != nil {
			t.Fatal(err)
		}
	}
	limit(100_000)
	whole, err := to.Arrive(t.Context(), b, 0, bytes.NewReader(raw))
	if whole || !errors.Is(err, amana.ErrStorage) {
		t.Fatalf("a full disk: %v, %v", whole, err)
	}
	limit(before.Cur)
	at := to.Arrived(b.Record)
	if at < 65_536 || at > 100_000 {
		t.Errorf("%d bytes are kept", at)
	}
	if whole, err = to.Arrive(t.Context(), b, at, bytes.NewReader(raw[at:])); !whole || err != nil {
		t.Errorf("with room again: %v, %v", whole, err)
	}
}
