package view

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"amana"
)

// Somebody with a hundred thousand cases waits no longer for a page of a list than
// somebody with a hundred: whatever it is sorted by, an index hands it out in that order.
func TestCases_noListIsSortedAnew(t *testing.T) {
	v, err := OpenPlain(filepath.Join(t.TempDir(), "v.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for by := range order {
		if by == ByFound { // the search index hands those out
			continue
		}
		for _, f := range []Filter{{}, {Status: "open"}, {Without: []amana.TeamID{{1}}}, {Status: "open", Without: []amana.TeamID{{1}}}} {
			for _, back := range []bool{false, true} {
				f.Sort, f.Backwards, f.Limit = by, back, 25
				sql, args := f.query()
				var plan []string
				err := v.each("EXPLAIN QUERY PLAN "+sql, args, func(s *sqlite3.Stmt) error {
					plan = append(plan, s.ColumnText(3))
					return nil
				})
				if err != nil || len(plan) == 0 {
					t.Fatalf("%s: %v", sql, err)
				}
				if said := strings.Join(plan, "; "); strings.Contains(said, "TEMP B-TREE") {
					t.Errorf("by %s, status %q, backwards %v: %s", f.order(), f.Status, back, said)
				}
			}
		}
	}
}
