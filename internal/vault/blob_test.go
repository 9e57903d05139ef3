package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/seal"
	"amana/internal/vault"
)

func canaryFile() []byte {
	return bytes.Repeat([]byte("zzCANARYzz of what she drew, "), 9000)
}

// mustTake takes a file in for a case, with its first statement of custody.
func mustTake(t testing.TB, s *vault.Session, team amana.TeamID, of amana.RecordID, plain []byte) amana.RecordID {
	t.Helper()
	id, err := s.TakeIn(context.Background(), of, bytes.NewReader(plain), func(b evidence.Blob) ([]vault.Change, error) {
		st := evidence.Statement{Item: b.Record.String(), Event: evidence.Received, By: s.Member().String(), Clock: "device", Software: "test"}
		raw := st.Encode()
		sig, err := s.SignStatement(evidence.SignatureLabel, raw)
		return []vault.Change{{
			Record: b.Record, Begin: &vault.Begin{Kind: amana.KindEvidence, Case: of, Teams: []amana.TeamID{team}},
			Facts: []event.Fact{vault.TakenFact(b), event.Custody{Statement: raw, Signature: sig}},
		}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func fileOf(t testing.TB, s *vault.Session, of, id amana.RecordID) evidence.Blob {
	t.Helper()
	f, err := s.Peek(of)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range f.Records {
		if taken, ok := o.Taken(); ok && o.ID == id {
			return vault.BlobOf(id, taken)
		}
	}
	t.Fatalf("record %s is not in the case", id)
	return evidence.Blob{}
}

func contentOf(s *vault.Session, b evidence.Blob) ([]byte, error) {
	r, done, err := s.OpenBlob(b)
	if err != nil {
		return nil, err
	}
	defer done()
	return io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
}

func TestEvidence_isBackedUpRestoredVerifiedAndErased(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	s := h.enter(t, "w0")
	c := mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "orchard")
	id := mustTake(t, s, h.Teams[0], c.Case, canaryFile())
	b := fileOf(t, s, c.Case, id)
	if got, err := contentOf(s, b); err != nil || !bytes.Equal(got, canaryFile()) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	h.mustVerify(t, s)
	noCanary(t, h.dir)

	backup := filepath.Join(t.TempDir(), "backup")
	backupTo(t, s, backup)
	raw, err := os.ReadFile(backup)
	if err != nil || !bytes.HasPrefix(raw, []byte("amana backup 2\n")) {
		t.Fatalf("%.20q %v", raw, err)
	}
	h.v.LockAll()
	h = restored(t, h, backup)
	s = h.enter(t, "w0")
	if got, err := contentOf(s, fileOf(t, s, c.Case, id)); err != nil || !bytes.Equal(got, canaryFile()) {
		t.Fatalf("restored: %d bytes, %v", len(got), err)
	}
	h.mustVerify(t, s)

	// Every flip is found, by whoever reads and by verification.
	blobs, _ := filepath.Glob(filepath.Join(h.dir, "blobs", "*"))
	if len(blobs) != 1 {
		t.Fatalf("%d blobs", len(blobs))
	}
	sealed, _ := os.ReadFile(blobs[0])
	os.WriteFile(blobs[0], append(bytes.Clone(sealed[:70_000]), append([]byte{sealed[70_000] ^ 1}, sealed[70_001:]...)...), 0o600)
	if _, err := contentOf(s, b); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("flipped: %v", err)
	}
	if checks, err := s.Verify(ctx); err != nil || !hasFailed(checks, "evidence") {
		t.Errorf("verification does not find it: %v", err)
	}
	os.WriteFile(blobs[0], sealed, 0o600)

	if err := s.EraseCase(ctx, "asked", c.Case); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(h.dir, "blobs", "*")); len(left) != 0 {
		t.Errorf("%d files are left after the erasure", len(left))
	}
	// Somebody kept a copy of the blob: its key is nowhere any more.
	if _, err := s.Peek(c.Case); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("err = %v", err)
	}
	h.mustVerify(t, s)
}

// Who may not read the case can neither take a file in for it nor see one.
func TestEvidence_isItsTeamsOnly(t *testing.T) {
	h := newHouse(t)
	s := h.enter(t, "w0")
	c := mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "orchard")
	mustTake(t, s, h.Teams[0], c.Case, canaryFile())
	stranger := h.enter(t, "w1")
	_, err := stranger.TakeIn(context.Background(), c.Case, strings.NewReader("x"), nil)
	if !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("err = %v", err)
	}
	if _, err := stranger.Peek(c.Case); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("err = %v", err)
	}
	if _, err := s.SignStatement("amana/1/entry signature", nil); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("signs anything: %v", err)
	}
}

func hasFailed(checks []vault.Check, name string) bool {
	for _, c := range checks {
		if c.Name == name && !c.OK {
			return true
		}
	}
	return false
}

func noCanary(t testing.TB, dir string) {
	t.Helper()
	sum := seal.NewSum()
	sum.Write(canaryFile())
	plain := sum.Sum(nil)
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte("CANARY")) || bytes.Contains(raw, plain) {
			t.Errorf("%s has plain words or the plain hash", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
