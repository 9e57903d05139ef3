package casework_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/event"
	"amana/internal/stats"
)

// happened opens a case with one incident, and the answer to being counted.
func happened(t *testing.T, d *casework.Desk, may amana.Decision, v casework.Values) (caseID, incident amana.RecordID) {
	t.Helper()
	ctx := context.Background()
	id, err := d.OpenCase(ctx, casework.Intake{
		Team: d.Me().Teams[0].ID, Case: casework.Values{"sex": event.Text("female"), "age": event.Int(30)},
		Consents: []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: may}},
	})
	if err != nil {
		t.Fatal(err)
	}
	in, err := d.BeginIncident(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	values := casework.Values{"gbv_sexual_violence_type": event.Text("rape")}
	maps.Copy(values, v)
	if err := d.ChangeRecord(ctx, id, casework.Change{Record: in, Values: values}); err != nil {
		t.Fatal(err)
	}
	return id, in
}

func counting(o *office) casework.Counting {
	month := o.now.Format("2006-01")
	return casework.Counting{First: month, Last: month, Basis: stats.ByReport, Group: stats.Month}
}

func counted(t *testing.T, d *casework.Desk, c casework.Counting) casework.Figures {
	t.Helper()
	f, err := d.Figures(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What is counted is what she agreed to, and a yes that is taken back takes her out of
// every figure from then on.
func TestFigures_followHerAnswer(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := context.Background()
	yes, _ := happened(t, d, amana.Granted, nil)
	happened(t, d, amana.Refused, nil)
	happened(t, d, amana.NotAsked, nil)
	happened(t, d, amana.Granted, casework.Values{"gbv_reported_elsewhere": event.Text("gbvims-org")})
	f := counted(t, d, counting(o))
	if want := (stats.Left{Refused: 1, NotAsked: 1, Elsewhere: 1}); f.Counts.Included != 1 || f.Counts.Left != want || f.Incidents != 4 {
		t.Fatalf("%d counted, %+v left out of %d", f.Counts.Included, f.Counts.Left, f.Incidents)
	}
	behind, err := d.CountedCases(ctx, counting(o), "type", 0, 0)
	if err != nil || len(behind) != 1 || behind[0].ID != yes {
		t.Errorf("behind the figure: %+v, %v", behind, err)
	}
	if err := d.SetConsent(ctx, yes, []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Withdrawn}}); err != nil {
		t.Fatal(err)
	}
	if f := counted(t, d, counting(o)); f.Counts.Included != 0 || f.Counts.Left.Refused != 2 {
		t.Errorf("withdrawn: %d counted, %+v", f.Counts.Included, f.Counts.Left)
	}
	if _, err := d.Figures(ctx, casework.Counting{First: "now"}); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("nonsense: %v", err)
	}
}

// Trap 3 and 5: a yes or no that arrived as text is one, and a no sets no context.
func TestFigures_valuesNotPresence(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	if err := d.SetAreas(context.Background(), []casework.Area{{Name: "North", Others: []string{"Nord"}}}); err != nil {
		t.Fatal(err)
	}
	happened(t, d, amana.Granted, casework.Values{
		"goods_money_exchanged": event.Bool(false), "harmful_traditional_practice": event.Text("no"), "incident_location": event.Text(" nord "),
		"abduction_status_time_of_incident": event.Text("none"), "gbv_previous_incidents": event.Bool(true), "service_safehouse_referral": event.Text("referred"),
	})
	c := counting(o)
	c.ByArea = true
	f := counted(t, d, c)
	table := f.Counts.Table("context")
	for i, id := range table.RowIDs {
		if n := table.At(i, -1, -1); n != 0 {
			t.Errorf("%s: %d", id, n)
		}
	}
	if n := f.Counts.Table("total").At(0, 0, 1); n != 1 {
		t.Errorf("in the north: %d", n)
	}
	if n := f.Counts.Table("prior").At(1, -1, -1); n != 1 {
		t.Errorf("prior incidents: %d", n)
	}
	if n := f.Counts.Table("referrals").At(0, -1, -1); n != 1 {
		t.Errorf("referred to a safe house: %d", n)
	}
}

func TestFigures_release(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := context.Background()
	for range 7 {
		happened(t, d, amana.Granted, nil)
	}
	gone, _ := happened(t, d, amana.Granted, nil)
	month := o.now.Format("2006-01")
	ask := casework.Releasing{To: disclose.Partners, First: month, Last: month, Group: stats.Whole, Tables: []string{"total", "sex"}}
	p, err := d.PlanFigures(ctx, ask)
	if err != nil || len(p.Plan.Refusals) > 0 || p.Counted != 8 {
		t.Fatalf("%+v %v", p, err)
	}
	id, err := d.ProposeFigures(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := d.FiguresRelease(ctx, id)
	if err != nil || len(r.Missing) != 1 || r.Mine {
		t.Fatalf("%+v %v", r, err)
	}
	for what, err := range map[string]error{
		"released without approval": d.FinishFigures(ctx, id), "approved of one's own": d.AnswerFigures(ctx, id, r.Missing[0], true),
	} {
		if !errors.Is(err, amana.ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := d.SafeFigures(ctx, id); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("handed out before: %v", err)
	}
	if err := d.SetRule(ctx, casework.RuleApproveOwn, "yes"); err != nil {
		t.Fatal(err)
	}
	if err := d.AnswerFigures(ctx, id, r.Missing[0], true); err != nil {
		t.Fatal(err)
	}
	second, err := d.PlanFigures(ctx, ask)
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := d.ProposeFigures(ctx, second)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.FinishFigures(ctx, id); err != nil {
		t.Fatal(err)
	}
	safe, err := d.SafeFigures(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	out := safe.Release()
	if n := out.At(out.Table("total"), 0, 0, 0); n != 8 {
		t.Errorf("shown: %d", n)
	}

	// What was worked out before the first was released has to be worked out again.
	if err := d.AnswerFigures(ctx, waiting, r.Missing[0], true); err != nil {
		t.Fatal(err)
	}
	if err := d.FinishFigures(ctx, waiting); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("released beside another: %v", err)
	}
	// One more, or one less, and the same month says how many.
	if err := d.SetConsent(ctx, gone, []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Withdrawn}}); err != nil {
		t.Fatal(err)
	}
	again, err := d.PlanFigures(ctx, ask)
	if err != nil || !slices.ContainsFunc(again.Plan.Refusals, func(r disclose.Refusal) bool { return r.Reason == disclose.Changed }) {
		t.Errorf("the same month with one less: %+v, %v", again, err)
	}
}

// What adds up several organisations is a release like the others, held against what
// was added up before and not against one's own.
func TestFigures_sum(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := context.Background()
	var brought []disclose.Release
	for i, n := range []int{30, 20, 10} {
		brought = append(brought, disclose.Release{
			ID: string(rune('a' + i)), Made: "2026-02-05", Audience: disclose.Coordination, Policy: disclose.DefaultPolicy(disclose.Coordination), Basis: stats.ByReport,
			Contributors: 1, Areas: []disclose.AreaSet{{}}, Periods: []string{"2026-01"},
			Tables: []disclose.Released{{ID: "total", Rows: []string{"incidents"}, Cells: []int{n}}},
		})
	}
	p, err := d.SumFigures(ctx, disclose.Partners, brought)
	if err != nil || len(p.Plan.Refusals) > 0 {
		t.Fatalf("%+v %v", p, err)
	}
	id, err := d.ProposeFigures(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SetRule(ctx, casework.RuleApproveOwn, "yes"); err != nil {
		t.Fatal(err)
	}
	r, err := d.FiguresRelease(ctx, id)
	if err != nil || r.Release.Contributors != 3 || r.Request.First != "2026-01" || r.Release.Tables[0].Cells[0] != 60 {
		t.Fatalf("%+v %v", r, err)
	}
	if err := d.AnswerFigures(ctx, id, r.Missing[0], true); err != nil {
		t.Fatal(err)
	}
	if err := d.FinishFigures(ctx, id); err != nil {
		t.Fatal(err)
	}
	again, err := d.SumFigures(ctx, disclose.Partners, brought)
	if err != nil || !slices.ContainsFunc(again.Plan.Refusals, func(r disclose.Refusal) bool { return r.Reason == disclose.Overlap }) {
		t.Errorf("added up twice: %+v %v", again, err)
	}
	if _, err := d.PlanFigures(ctx, casework.Releasing{To: disclose.Partners, First: "2026-01", Last: "2026-01", Group: stats.Whole}); err != nil {
		t.Errorf("one's own figures beside a sum: %v", err)
	}
}
