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

// A whole run brings in tens of thousands, none of which may look like another: an import
// would leave it for a person to say.
func TestInventedIncidents_areNeverAlike(t *testing.T) {
	seen := map[string]int{}
	for i := range whole.incidents {
		if i%2000 >= 3 && i%2000 < 1997 { // days come again after 2000: the same few of each round
			continue
		}
		v := inventedIncident(i)
		key := v["incident_date"].Reveal() + " " + v["incident_camp_town"].Reveal()
		if first, there := seen[key]; there {
			t.Fatalf("%d looks like %d", i, first)
		}
		seen[key] = i
	}
}
