package journal_test

import (
	"math"
	"testing"
	"time"

	"amana/internal/journal"
)

func TestClock_neverGoesBackToTheBeginning(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	c := journal.NewClock(func() time.Time { return now })
	c.Saw(math.MaxUint64)
	for range 2 {
		if got, _ := c.Tick(); got != math.MaxUint64 || c.Now() != math.MaxUint64 {
			t.Fatalf("%d after the end of all times", got)
		}
	}
}
