package syncer_test

import (
	"os"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/vault"
)

// How fast a device takes in what it lacks, from a hub and as a new one, and how many
// bytes that is. It says nothing on a busy machine.
func TestMeasure_pull(t *testing.T) {
	if os.Getenv("AMANA_MEASURE") == "" {
		t.Skip("AMANA_MEASURE=1 measures")
	}
	h := newHouse(t)
	r := run(t, t.TempDir())
	first := r.client(t, h.admin)
	if err := first.Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	field, reader := h.pair(t), h.pair(t)
	for _, s := range []*vault.Session{field, reader} {
		d, _ := mustCharter(t, h.admin).Device(s.Device())
		if err := first.Admit(t.Context(), s.Device(), d.VerifyKey, false); err != nil {
			t.Fatal(err)
		}
	}
	mustSync(t, r.syncer(t, h.admin))
	const n = 100_000
	var saves [][]vault.Change
	for range n {
		saves = append(saves, []vault.Change{{
			Record: amana.RecordID(seal.Random16()), Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{h.team}},
			Facts: []event.Fact{event.Set{Field: "assessment_main_concerns", Value: event.Text("orchard and river, and what was said of them")}},
		}})
	}
	if err := field.SaveMany(t.Context(), saves...); err != nil {
		t.Fatal(err)
	}
	bytes := 0
	if err := field.HandOver(t.Context(), reader.Have(), func(b journal.Batch) error {
		bytes += len(b.Append(nil))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes an entry, in batches", bytes/n)
	began := time.Now()
	up := mustSync(t, r.syncer(t, field))
	t.Logf("handed to the hub (SQLite): %.0f entries a second", float64(up.Pushed)/time.Since(began).Seconds())
	began = time.Now()
	down := mustSync(t, r.syncer(t, reader))
	took := time.Since(began)
	t.Logf("taken from the hub, verified and durable: %.0f entries a second", float64(down.Pulled)/took.Seconds())
	if down.Pulled < n {
		t.Errorf("%d of %d", down.Pulled, n)
	}
}
