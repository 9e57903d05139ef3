package syncer_test

import (
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// A device that lay in a drawer for a year obeys what was ordered meanwhile as soon as it
// meets the hub, also about what it wrote itself before.
func TestSync_aYearInADrawer(t *testing.T) {
	h := newHouse(t)
	r := run(t, t.TempDir())
	if err := r.client(t, h.admin).Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	field, drawer := admitted(t, h, r), admitted(t, h, r)
	mustSync(t, r.syncer(t, h.admin))
	mustSync(t, r.syncer(t, field))
	gone, kept := h.open(t, field, "orchard"), h.open(t, field, "river")
	mustSync(t, r.syncer(t, field))
	mustSync(t, r.syncer(t, drawer))
	if n := cases(t, drawer); n != 2 {
		t.Fatalf("%d cases", n)
	}
	for _, id := range []amana.RecordID{gone, kept} { // written, never handed over
		if err := drawer.Save(t.Context(), vault.Change{Record: id, Facts: []event.Fact{event.Set{Field: "assessment_safety_needs", Value: event.Text("lantern")}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := field.EraseCase(t.Context(), "asked", gone); err != nil {
		t.Fatal(err)
	}
	if rep := mustSync(t, r.syncer(t, field)); rep.Erased == 0 {
		t.Errorf("%+v: the hub was told of nothing", rep)
	}
	h.Pass(1, 0, 0)
	for range 2 {
		mustSync(t, r.syncer(t, drawer))
	}
	mustSync(t, r.syncer(t, field))
	if rep := mustSync(t, r.syncer(t, drawer)); rep != (syncer.Report{}) && rep.Erased == 0 {
		t.Errorf("%+v: not done", rep)
	}
	for name, s := range map[string]*vault.Session{"in the drawer": drawer, "in the field": field} {
		if n := cases(t, s); n != 1 {
			t.Errorf("the device %s has %d cases, want 1", name, n)
		}
		erased, err := s.ErasedItems(t.Context())
		if err != nil || len(erased[drawer.Device()]) != 1 || len(erased[field.Device()]) == 0 {
			t.Errorf("the device %s: %v, %v: want what was written of her there erased too", name, erased, err)
		}
	}
}
