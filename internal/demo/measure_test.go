package demo_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"amana/internal/demo"
	"amana/internal/journal"
	"amana/internal/vault"
)

// TestMeasure_firstSync says how many bytes a new device needs before it has what the
// invented organisation has, and how long they take over the slowest line.
func TestMeasure_firstSync(t *testing.T) {
	if os.Getenv("AMANA_MEASURE") == "" {
		t.Skip("set AMANA_MEASURE to measure")
	}
	for _, cases := range []int{10, 40} {
		dir := filepath.Join(t.TempDir(), "demo")
		built, err := demo.Build(t.Context(), dir, demo.Options{Cases: cases, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		v, err := vault.Open(dir, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		s, err := v.Unlock(t.Context(), []byte(built[0].Passphrase))
		if err != nil {
			t.Fatal(err)
		}
		bytes, items, skeleton := 0, 0, 0
		if err := s.HandOver(t.Context(), nil, func(b journal.Batch) error {
			bytes += len(b.Append(nil))
			for _, it := range b.Items {
				items++
				skeleton += len(it.Blank().AppendWire(nil))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		const slow = 9600 / 8 // bytes a second
		t.Logf("%d cases: %d entries, %d bytes, %.0f s at 9.6 kbit/s; without any content %d bytes, %.0f s",
			cases, items, bytes, float64(bytes)/slow, skeleton, float64(skeleton)/slow)
		if err := v.LockAll(); err != nil {
			t.Fatal(err)
		}
	}
}
