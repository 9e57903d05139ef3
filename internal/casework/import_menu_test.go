package casework_test

import (
	"fmt"
	"testing"

	"amana/internal/event"
	"amana/internal/exchange"
)

// Every choice that the sheet knows is one that our forms know too: nothing that was
// understood is put aside afterwards.
func TestImport_everyChoiceIsOneOfOurs(t *testing.T) {
	d := newOffice(t).unlock(t, adminWords)
	file := sheet(t, 60, func(i int, v exchange.Values) {
		for _, target := range exchange.RecorderTargets() {
			if target.IsChoice() {
				ids := exchange.Choices(target.Choices)
				v[target.Name] = event.Text(ids[i%len(ids)])
			}
		}
		v["incidentid_ir"], v["survivor_code"] = event.Text(fmt.Sprint("M-", i)), event.Text(fmt.Sprint("C-", i))
	})
	st := try(t, d, file, plan(d))
	for _, p := range st.Report.Problems {
		t.Errorf("row %d: %s: %s", p.Line, p.Field, p.Key)
	}
}
