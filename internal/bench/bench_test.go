package bench_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"amana/internal/bench"
)

func TestReport(t *testing.T) {
	half, ten := 0.5, 10.0
	r := bench.Report{Machine: "two cores", Figures: []bench.Figure{
		{Name: "saves", Value: 5, Unit: "saves/s", Reference: "appends", ReferenceValue: &ten, Ratio: &half, Goal: "at least 0.4 of it", OK: true},
		{Name: "search", Value: 31, Unit: "ms", Goal: "under 30"},
	}}
	if r.OK() {
		t.Error("a report with a goal that was not reached is ok")
	}
	var table, object bytes.Buffer
	if err := r.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"two cores", "ok  saves", "5.00 saves/s", "10.0 appends", "0.50", "no  search", "under 30"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in the table:\n%s", want, &table)
		}
	}
	if err := r.WriteJSON(&object); err != nil {
		t.Fatal(err)
	}
	checkShape(t, object.Bytes())
}

// checkShape holds a report to what other programs read: docs/cli.md.
func checkShape(t *testing.T, object []byte) {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal(object, &r); err != nil {
		t.Fatal(err)
	}
	figures, ok := r["figures"].([]any)
	if _, named := r["machine"].(string); !ok || !named || len(r) != 2 {
		t.Fatalf("a report of %v", r)
	}
	for _, f := range figures {
		f := f.(map[string]any)
		var keys []string
		for k := range f {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		want := []string{"goal", "name", "ok", "ratio", "reference", "reference_value", "unit", "value"}
		if !slices.Equal(keys, want) {
			t.Errorf("a figure has %v, want %v", keys, want)
		}
	}
}
