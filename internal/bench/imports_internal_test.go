package bench

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// What is measured is that every row comes, and that none comes twice.
func TestImporting(t *testing.T) {
	n := 300
	if s := os.Getenv("AMANA_INCIDENTS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	r := &run{Options: Options{Now: time.Now}, scale: scale{incidents: n}, clock: time.Now, dir: t.TempDir()}
	if err := r.importing(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(r.figures) != 6 {
		t.Errorf("%d figures", len(r.figures))
	}
	for _, f := range r.figures {
		t.Logf("%s: %.2f %s", f.Name, f.Value, f.Unit)
	}
}
