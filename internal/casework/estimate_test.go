package casework_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/claim"
)

const canaryList = "CANARYLIST"

var captures = canaryList + ",b,c,count\n1,0,0,20\n0,1,0,15\n0,0,1,12\n1,1,0,6\n1,0,1,5\n0,1,1,3\n1,1,1,2\n"

func TestEstimate_offUntilAllowedThenOnRecord(t *testing.T) {
	h := newHouse(t)
	d := h.admin
	if err := d.EstimateCaptures(t.Context(), strings.NewReader(captures), 1); !errors.Is(err, amana.ErrRefused) {
		t.Fatalf("off: %v, want ErrRefused", err)
	}
	if err := h.officer.SetRule(t.Context(), casework.RuleEstimates, "yes"); !errors.Is(err, amana.ErrRefused) {
		t.Fatalf("whoever is no administrator allowed it: %v", err)
	}
	if err := d.SetRule(t.Context(), casework.RuleEstimates, "yes"); err != nil {
		t.Fatal(err)
	}
	if err := h.officer.EstimateCaptures(t.Context(), strings.NewReader(captures), 1); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a role that is not for it: %v", err)
	}
	for name, one := range map[string]struct{ file, key string }{
		"two lists": {"a,b\n1,0\n1,1\n", "estimate.wrong.few"}, "no table": {"a,b,c\n1,0,0\n1,Zainabou,0\n", "estimate.wrong.table"},
		"islands": {"a,b,c,d\n1,1,0,0\n0,0,1,1\n1,0,0,0\n0,0,0,1\n", "estimate.wrong.islands"}, "nothing": {"", "estimate.wrong.table"},
	} {
		fault, is := errors.AsType[*casework.EstimateError](d.EstimateCaptures(t.Context(), strings.NewReader(one.file), 1))
		if !is || fault.Key != one.key || name == "no table" && fault.Line != 3 {
			t.Errorf("%s: %v, want %s", name, fault, one.key)
		}
	}
	if fault, is := errors.AsType[*casework.EstimateError](d.EstimateClaims(t.Context(), casework.EstimateAsk{Seed: 1})); !is || fault.Key != "estimate.wrong.few" {
		t.Errorf("no incidents: %v", fault)
	}

	if err := d.EstimateCaptures(t.Context(), strings.NewReader(captures), 9); err != nil {
		t.Fatal(err)
	}
	d.AwaitEstimate()
	st, there := d.EstimateState()
	if !there || st.Result == nil {
		t.Fatalf("no result: %+v", st)
	}
	e := st.Result
	if e.Observed != 63 || e.Seed != 9 || len(e.Digest) != 64 || e.Version == "" || !e.Kept || len(e.Models) != 4 || len(e.Settings) != 4 || len(e.Without) != 0 {
		t.Errorf("result %+v", e)
	}
	for _, l := range e.Models {
		if l.Estimate != nil && (l.Lower == nil || l.Upper == nil || *l.Lower > *l.Estimate || *l.Upper < *l.Estimate) {
			t.Errorf("%s says a number without its interval", l.Model)
		}
	}
	kept, err := d.Estimates(t.Context())
	if err != nil || len(kept) != 1 || kept[0].Digest != e.Digest || kept[0].By != d.Me().ID {
		t.Fatalf("on record: %v, %v", kept, err)
	}
	one, err := d.ReadEstimate(t.Context(), kept[0].ID)
	if err != nil || one.Seed != 9 || *one.Models[0].Estimate != *e.Models[0].Estimate {
		t.Errorf("read back: %+v, %v", one, err)
	}
}

// Nothing of the file is on the disk in the clear, and locking stops the work.
func TestEstimate_stopsAndLeavesNothing(t *testing.T) {
	h := newHouse(t)
	if err := h.admin.SetRule(t.Context(), casework.RuleEstimates, "yes"); err != nil {
		t.Fatal(err)
	}
	begin := func() {
		if err := h.admin.EstimateCaptures(t.Context(), strings.NewReader(captures), 1); err != nil {
			t.Fatal(err)
		}
	}
	begin()
	h.admin.StopEstimate()
	if st, _ := h.admin.EstimateState(); st.Busy || st.Result != nil || st.Wrong != "estimate.stopped.you" {
		t.Errorf("stopped: %+v", st)
	}
	if list, err := h.admin.Estimates(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("what was stopped is on record: %v, %v", list, err)
	}
	begin()
	h.admin.Lock()
	if st, there := h.admin.EstimateState(); there || st.Busy {
		t.Error("locking did not stop it")
	}
	err := fs.WalkDir(os.DirFS(h.Dir()), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(os.DirFS(h.Dir()), path)
		if bytes.Contains(raw, []byte(canaryList)) {
			t.Errorf("%s holds a name of the file", e.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Somebody decides that two people of two incidents are one: it is on record with the
// reason, stays as it was decided, and is what estimates of people go by.
func TestSamePersons_areDecidedByPeople(t *testing.T) {
	h := newHouse(t)
	d := h.admin
	a, b := h.story(t), h.story(t)
	item := func(in amana.RecordID) string {
		w, err := d.Claims(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range w.Incidents {
			if i.ID == in {
				return i.Harmed()[0].Item
			}
		}
		t.Fatal("no such incident")
		return ""
	}
	w, err := d.Claims(t.Context())
	if err != nil || len(w.SuggestPersons()) != 1 {
		t.Fatalf("nobody is asked about the two: %v, %v", w.SuggestPersons(), err)
	}
	decision := func(with claim.PersonRef) casework.Values {
		return vals("person", item(a.incident), "with", with.String(), "relation", "same_person", "reason", "the scar")
	}
	for name, with := range map[string]claim.PersonRef{"herself": {Incident: a.incident, Item: item(a.incident)}, "nobody": {Incident: b.incident}} {
		var bad casework.FieldErrors
		if _, err := d.AddClaimItem(t.Context(), a.incident, "same", decision(with)); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	made, err := d.AddClaimItem(t.Context(), a.incident, "same", decision(claim.PersonRef{Incident: b.incident, Item: item(b.incident)}))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.ChangeClaimItem(t.Context(), a.incident, 0, "same", made, vals("relation", "different_person")); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a decision was changed: %v", err)
	}
	if w, err = d.Claims(t.Context()); err != nil || len(w.SuggestPersons()) != 0 {
		t.Errorf("what was decided is asked again: %v, %v", w.SuggestPersons(), err)
	}
}
