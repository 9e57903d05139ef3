package casework_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/event"
	"amana/internal/stats"
)

// Rows about single incidents leave by the same door as tables: only where nobody is found
// again in them, after everybody agreed, and held against later. Whoever counts in another
// compartment gets them there, and reads no case.
func TestFigures_rows(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	d := o.unlock(t, adminWords)
	if err := d.SetRule(ctx, casework.RuleApproveOwn, "yes"); err != nil {
		t.Fatal(err)
	}
	brought(t, d, 80, func(i int) casework.Values {
		return casework.Values{"status": event.Text("open"), "created_on": event.Text("2026-02-03"), "age": event.Int(30)}
	})
	room, err := d.FormTeam(ctx, casework.NewTeam{Name: "Figures", Compartment: amana.Statistics})
	if err != nil {
		t.Fatal(err)
	}
	_, words, err := d.AddMember(ctx, casework.NewMember{Name: "Analyst", Roles: []amana.Role{amana.RoleAnalyst}, Teams: []amana.TeamID{room}})
	if err != nil {
		t.Fatal(err)
	}
	analyst := o.unlock(t, words)
	ask := casework.Releasing{To: disclose.Partners, First: "2026-02", Last: "2026-02", Group: stats.Month, Rows: true, Columns: []string{"sex", "age"}}
	p, err := d.PlanFigures(ctx, ask)
	if err != nil || p.Rows == nil || p.Rows.Why != "" || len(p.Rows.Rows) != 80 || p.Rows.Risk.Classes != 1 {
		t.Fatalf("%+v %v", p, err)
	}
	public := ask
	public.To = disclose.Public
	if q, err := d.PlanFigures(ctx, public); err != nil || q.Rows.Why == "" {
		t.Errorf("for the public: %+v %v", q, err)
	} else if _, err := d.ProposeFigures(ctx, q); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("put forward for the public: %v", err)
	}
	id, err := d.ProposeFigures(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := analyst.SafeRows(ctx, id); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("handed out before: %v", err)
	}
	if err := d.AnswerFigures(ctx, id, d.Organisation().Name, true); err != nil {
		t.Fatal(err)
	}
	if err := d.FinishFigures(ctx, id); err != nil {
		t.Fatal(err)
	}
	rows, err := analyst.SafeRows(ctx, id)
	if err != nil || len(rows.Rows()) != 80 || rows.Rows()[0] != (disclose.Micro{Month: "2026-02", Sex: "female", Age: "18_49", Type: "rape"}) {
		t.Errorf("%d rows, %v", len(rows.Rows()), err)
	}
	if own, err := analyst.PlanFigures(ctx, casework.Releasing{To: disclose.Partners, First: "2026-02", Last: "2026-02", Group: stats.Whole}); err == nil && own.Counted != 0 {
		t.Errorf("the analyst counts %d incidents of another compartment", own.Counted)
	}
	brought(t, d, 1, func(int) casework.Values { // one widow of fourteen
		return casework.Values{"status": event.Text("open"), "created_on": event.Text("2026-02-03"), "age": event.Int(14)}
	})
	again, err := d.PlanFigures(ctx, ask)
	if err != nil || again.Rows.Why == "" || again.Rows.Risk.Below2 != 1 {
		t.Errorf("with one alone: %+v %v", again.Rows, err)
	}
	table, err := d.PlanFigures(ctx, casework.Releasing{To: disclose.Partners, First: "2026-02", Last: "2026-02", Group: stats.Whole, Tables: []string{"total"}})
	if err != nil || !slices.ContainsFunc(table.Plan.Refusals, func(r disclose.Refusal) bool { return r.Reason == disclose.Changed }) {
		t.Errorf("one more than the rows said: %+v %v", table.Plan.Refusals, err)
	}
	if _, err := d.SafeRows(ctx, amana.RecordID{9}); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("rows of nothing: %v", err)
	}
}
