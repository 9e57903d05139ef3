package casework_test

import (
	"bytes"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/referral"
)

// Everything that ever left about somebody is on one page: referrals that were sent,
// and tables in which an incident of theirs was a row. What did not leave is not.
func TestLeftOfCase(t *testing.T) {
	r := refer(t)
	ctx := t.Context()
	all, err := r.LeftOfCase(ctx, r.caseID)
	if err != nil || len(all.Releases)+len(all.Referrals)+len(all.Figures) != 0 || all.Code == "" {
		t.Fatalf("before anything left: %+v, %v", all, err)
	}
	r.agree(t, referral.ItemName)
	if _, err := r.SendReferral(ctx, r.caseID, r.referral, casework.Dispatch{Channel: referral.Phone}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.BeginIncident(ctx, r.caseID); err != nil {
		t.Fatal(err)
	}
	export := func() error {
		var out bytes.Buffer
		plan := casework.ExportPlan{Team: r.Me().Teams[0].ID, Recipient: "Task force", Language: "en"}
		_, err := r.ExportUnasked(ctx, &out, plan)
		return err
	}
	refusedAs(t, export(), "export.none") // she refused to be counted
	all, err = r.LeftOfCase(ctx, r.caseID)
	if err != nil || len(all.Referrals) != 1 || len(all.Figures) != 0 || len(all.Referrals[0].Agreed) == 0 {
		t.Errorf("a referral: %d, figures %d, %v", len(all.Referrals), len(all.Figures), err)
	}
	err = r.SetConsent(ctx, r.caseID, []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Granted}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.BeginIncident(ctx, r.caseID); err != nil {
		t.Fatal(err)
	}
	if err := export(); err != nil {
		t.Fatal(err)
	}
	all, err = r.LeftOfCase(ctx, r.caseID)
	if err != nil || len(all.Figures) != 1 || all.Figures[0].To.Reveal() != "Task force" || all.Names[all.Figures[0].By] == "" {
		t.Errorf("figures %+v, %v", len(all.Figures), err)
	}
}
