package casework_test

import (
	"context"
	"errors"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/event"
	"amana/internal/stats"
)

// Who counts puts figures forward and who releases agrees and releases, neither of them
// with a role that writes to a case, and neither of them near one.
func TestFigures_byAnalystAndReleaseOfficer(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	d := o.unlock(t, adminWords)
	team := d.Me().Teams[0].ID
	join := func(role amana.Role) *casework.Desk {
		_, words, err := d.AddMember(ctx, casework.NewMember{Name: "Member " + string(role), Roles: []amana.Role{role}, Teams: []amana.TeamID{team}})
		if err != nil {
			t.Fatal(err)
		}
		return o.unlock(t, words)
	}
	var file amana.RecordID
	for range 8 {
		file, _ = happened(t, d, amana.Granted, nil)
	}
	analyst, officer, worker := join(amana.RoleAnalyst), join(amana.RoleReleaseOfficer), join(amana.RoleCaseworker)
	month := o.now.Format("2006-01")
	ask := casework.Releasing{To: disclose.Partners, First: month, Last: month, Group: stats.Whole, Tables: []string{"total"}}
	if _, err := worker.PlanFigures(ctx, ask); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a caseworker plans figures: %v", err)
	}
	p, err := analyst.PlanFigures(ctx, ask)
	if err != nil || p.Counted != 8 {
		t.Fatalf("%+v %v", p, err)
	}
	id, err := analyst.ProposeFigures(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	party := d.Organisation().Name
	refusedAs(t, analyst.AnswerFigures(ctx, id, party, true), "figures.release.role")
	refusedAs(t, analyst.FinishFigures(ctx, id), "figures.release.role")
	// With a changed program: their word is not the organisation's, and releases nothing.
	if err := analyst.Scribble(ctx, id, casework.Values{"approval/a/party": event.Text(party), "approval/a/answer": event.Text("yes"), "state": event.Text("released")}); err != nil {
		t.Fatal(err)
	}
	if r, err := officer.FiguresRelease(ctx, id); err != nil || !r.Done.IsZero() || len(r.Missing) != 1 || !r.Mine {
		t.Errorf("an analyst agreed and released: %+v %v", r, err)
	}
	if err := officer.AnswerFigures(ctx, id, party, true); err != nil {
		t.Fatal(err)
	}
	if err := officer.FinishFigures(ctx, id); err != nil {
		t.Fatal(err)
	}
	if safe, err := analyst.SafeFigures(ctx, id); err != nil || safe.Empty() {
		t.Errorf("released, and not to be had: %v", err)
	}
	for name, desk := range map[string]*casework.Desk{"an analyst": analyst, "a release officer": officer} {
		if _, err := desk.OpenCase(ctx, intake(team)); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("%s opens a case: %v", name, err)
		}
		if err := desk.Scribble(ctx, file, casework.Values{"age": event.Int(9)}); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("%s writes to a case: %v", name, err)
		}
	}
	if got := officer.ExportTeams(); len(got) != 1 {
		t.Errorf("a release officer takes out of %d teams", len(got))
	}
	if got := analyst.ExportTeams(); len(got) != 0 {
		t.Errorf("an analyst takes out of %d teams", len(got))
	}
}
