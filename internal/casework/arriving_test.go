package casework_test

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/disclose"
)

// On a computer that was taken in with a small start, cases are worked on at once; what
// leaves and what is counted waits for the history.
func TestArriving_nothingLeavesAndNothingIsCounted(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	here := o.unlock(t, adminWords)
	id, err := here.OpenCase(ctx, intake(here.Me().Teams[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	other := &office{now: o.now}
	if other.Office, err = casework.NewOffice(casework.Options{Dir: filepath.Join(t.TempDir(), "w"), Demo: true, Now: o.clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.LockAll() })
	asked, err := other.AskToJoin()
	if err != nil {
		t.Fatal(err)
	}
	if err := here.AddDevice(ctx, asked.File, "Field"); err != nil {
		t.Fatal(err)
	}
	if with, err := here.StartFor([]amana.MemberID{here.Me().ID}); err != nil || len(with) != 1 {
		t.Fatal(with, err)
	}
	var answer bytes.Buffer
	if made, err := here.AnswerDeviceStart(ctx, asked.File, nil, &answer); err != nil || made.Cases != 1 {
		t.Fatalf("%+v, %v", made, err)
	}
	if err := other.JoinWith(ctx, &answer, []byte(adminWords)); err != nil {
		t.Fatal(err)
	}
	there := other.unlock(t, adminWords)
	st := there.State().Arriving
	if st == nil || st.Cases != 1 || st.Percent() != 0 || st.Device == "" || !st.When.Equal(o.now) {
		t.Fatalf("%+v", st)
	}
	if f, err := there.ReadCase(ctx, id); err != nil || f.Case.ID != id {
		t.Fatalf("the case is not there: %v", err)
	}
	own, err := there.OpenCase(ctx, intake(there.Me().Teams[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	attempts := func() map[string]error {
		errs := map[string]error{}
		_, errs["figures"] = there.Figures(ctx, casework.Counting{First: "2026-01", Last: "2026-03"})
		_, errs["figures for others"] = there.PlanFigures(ctx, casework.Releasing{To: disclose.Partners})
		_, errs["sums"] = there.SumFigures(ctx, disclose.Partners, nil)
		_, errs["a workbook"] = there.ExportRecorder(ctx, io.Discard, amana.RecordID{})
		_, errs["a workbook put forward"] = there.ProposeExport(ctx, casework.ExportPlan{}, amana.Private{})
		_, errs["a release"] = there.Clear(ctx, casework.ReleaseAsk{})
		_, errs["a proposal"] = there.ProposeRelease(ctx, casework.ReleaseAsk{}, amana.Private{})
		_, errs["a preview"] = there.PreviewRelease(ctx, casework.ReleaseAsk{})
		errs["a dossier"] = there.PrepareDossier(ctx, casework.DossierPlan{})
		_, errs["the directory"] = there.ExportServices(ctx, directory.ForOurselves)
		_, errs["a referral"] = there.SendReferral(ctx, id, amana.RecordID{}, casework.Dispatch{})
		_, errs["a letter"] = there.ReferralLetter(ctx, id, amana.RecordID{})
		return errs
	}
	for what, err := range attempts() {
		if !errors.Is(err, casework.ErrArriving) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := there.SendReferral(ctx, own, amana.RecordID{}, casework.Dispatch{}); errors.Is(err, casework.ErrArriving) {
		t.Error("a case that was begun here waits for the history")
	}
	var all bytes.Buffer
	if _, err := here.WriteBundleTo(ctx, amana.DeviceID{}, &all); err != nil {
		t.Fatal(err)
	}
	if _, _, err := there.ReadBundle(ctx, &all); err != nil {
		t.Fatal(err)
	}
	if there.State().Arriving != nil {
		t.Error("it is still arriving")
	}
	for what, err := range attempts() {
		if errors.Is(err, casework.ErrArriving) {
			t.Errorf("%s still waits", what)
		}
	}
}
