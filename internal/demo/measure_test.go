package demo_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"amana"
	"amana/internal/demo"
	"amana/internal/journal"
	"amana/internal/vault"
)

const slow = 9600 / 8 // bytes a second of the slowest line

// TestMeasure_firstSync says how many bytes a new device needs before it has what the
// invented organisation has, and how long they take over the slowest line: all of it, and
// the start with which its members work meanwhile.
func TestMeasure_firstSync(t *testing.T) {
	if os.Getenv("AMANA_MEASURE") == "" {
		t.Skip("set AMANA_MEASURE to measure")
	}
	for _, cases := range []int{10, 40, 2000} {
		dir := filepath.Join(t.TempDir(), "demo")
		built, err := demo.Build(t.Context(), dir, demo.Options{Cases: cases, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		v, err := vault.Open(dir, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		admin, err := v.Unlock(t.Context(), []byte(built[demo.Administrator].Passphrase))
		if err != nil {
			t.Fatal(err)
		}
		everything(t, admin, cases)
		start(t, v, admin, built[4], cases) // who leads both teams that work on cases
		if err := v.LockAll(); err != nil {
			t.Fatal(err)
		}
	}
}

func everything(t *testing.T, s *vault.Session, cases int) {
	bytes, items, skeleton := 0, 0, 0
	var charter [4]int // entries, their layer, wraps, bodies
	if err := s.HandOver(t.Context(), nil, func(b journal.Batch) error {
		bytes += len(b.Append(nil))
		for _, it := range b.Items {
			items++
			skeleton += len(it.Blank().AppendWire(nil))
			charter[1] += len(it.Entry)
			charter[2] += len(it.Wraps)
			charter[3] += len(it.Body)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases: %d entries, %d bytes, %.0f s at 9.6 kbit/s; without any content %d bytes, %.0f s",
		cases, items, bytes, float64(bytes)/slow, skeleton, float64(skeleton)/slow)
	t.Logf("  of it %d bytes are entries, %d keys that are handed on, %d bodies", charter[1], charter[2], charter[3])
}

// start takes a new device in with a start, and says what it has before any of the
// history came.
func start(t *testing.T, v *vault.Vault, admin *vault.Session, who demo.Built, cases int) {
	lead, err := v.Unlock(t.Context(), []byte(who.Passphrase))
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, lead)
	dir := filepath.Join(t.TempDir(), "new")
	raw, err := vault.RequestPairing(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := vault.ParseRequest(raw)
	if err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	began := time.Now()
	made, err := admin.PairStart(t.Context(), r, "new", []amana.MemberID{who.ID}, &answer)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	size := answer.Len()
	fresh, s, err := vault.Join(context.Background(), dir, &answer, []byte(who.Passphrase), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	st, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	services := 0
	if err := s.Listed(amana.KindService, func(vault.Listed) error { services++; return nil }); err != nil {
		t.Fatal(err)
	}
	t.Logf("  a start: %d bytes, %.0f s at 9.6 kbit/s, made in %v: %d cases are shown, %d services, %d open cases come later; request %d bytes; %d parts of the history awaited",
		size, float64(size)/slow, took.Round(time.Millisecond), st.Cases, services, made.Later, len(raw), st.Awaited)
	if err := fresh.LockAll(); err != nil {
		t.Fatal(err)
	}
}

func waitFor(t *testing.T, s *vault.Session) {
	for deadline := time.Now().Add(10 * time.Minute); !s.Progress().Searchable; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) || s.Progress().Failed != nil {
			t.Fatalf("the view is not built: %+v", s.Progress())
		}
	}
}
