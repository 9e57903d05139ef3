package casework_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/task"
)

// crew is an office with a supervisor who works on no case, and two workers.
type crew struct {
	*office
	admin, chief, first, second *casework.Desk
	team                        amana.TeamID
	id                          amana.RecordID // a case of the first worker
}

func newCrew(t *testing.T) *crew {
	t.Helper()
	ctx := context.Background()
	c := &crew{office: newOffice(t)}
	c.admin = c.unlock(t, adminWords)
	c.team = c.admin.Me().Teams[0].ID
	join := func(name string, roles ...amana.Role) *casework.Desk {
		_, words, err := c.admin.AddMember(ctx, casework.NewMember{Name: name, Roles: roles, Teams: []amana.TeamID{c.team}})
		if err != nil {
			t.Fatal(err)
		}
		return c.unlock(t, words)
	}
	c.chief = join("Chief", amana.RoleSupervisor)
	c.first, c.second = join("First", amana.RoleCaseworker), join("Second", amana.RoleCaseworker)
	var err error
	if c.id, err = c.first.OpenCase(ctx, intake(c.team)); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *crew) work(t *testing.T, d *casework.Desk) casework.Work {
	t.Helper()
	f, err := d.ReadCase(context.Background(), c.id)
	if err != nil {
		t.Fatal(err)
	}
	return f.Work
}

func refusedAs(t *testing.T, err error, key string) {
	t.Helper()
	r, ok := errors.AsType[*casework.Refusal](err)
	if !ok || r.Key != key || !errors.Is(err, amana.ErrRefused) {
		t.Errorf("%v, want the refusal %s", err, key)
	}
}

// Nobody agrees to their own work, by default; whoever works alone can say so.
func TestApproval_neverOfOnesOwnWork(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	if err := c.first.AskApproval(ctx, c.id, casework.ApprovalPlan, amana.Conceal("Please look.")); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, c.first.AskApproval(ctx, c.id, casework.ApprovalPlan, amana.Private{}), "approval.asked.already")
	item := c.work(t, c.first).Asked[0].ID
	refusedAs(t, c.first.DecideApproval(ctx, c.id, item, true, amana.Private{}), "approval.supervisor")
	if err := c.chief.DecideApproval(ctx, c.id, item, false, amana.Conceal("The safety plan is missing.")); err != nil {
		t.Fatal(err)
	}
	w := c.work(t, c.first)
	if a := w.Asked[0]; a.Status != "rejected" || a.Decided != c.chief.Me().ID || a.Comment.Reveal() != "The safety plan is missing." {
		t.Errorf("%+v", a)
	}
	if err := c.chief.DecideApproval(ctx, c.id, item, true, amana.Private{}); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("answered twice: %v", err)
	}
	// The administrator supervises and works on cases: not on this one by themselves.
	if err := c.admin.AskApproval(ctx, c.id, casework.ApprovalClosure, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	item = c.work(t, c.admin).Asked[0].ID
	refusedAs(t, c.admin.DecideApproval(ctx, c.id, item, true, amana.Private{}), "approval.own")
	if err := c.admin.SetRule(ctx, casework.RuleApproveOwn, "yes"); err != nil {
		t.Fatal(err)
	}
	if err := c.admin.DecideApproval(ctx, c.id, item, true, amana.Private{}); err != nil {
		t.Errorf("who works alone: %v", err)
	}
}

// Closing waits for a supervisor where the organisation says so.
func TestApproval_beforeClosing(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	if err := c.admin.SetRule(ctx, casework.RuleApproveClosure, "yes"); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(time.Hour)
	end := casework.Values{"closure_reason": event.Text("closure_needs_met"), "date_closure": event.Text("2026-03-01")}
	refusedAs(t, c.first.CloseCase(ctx, c.id, end), "approval.closure.first")
	if err := c.first.AskApproval(ctx, c.id, casework.ApprovalClosure, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, c.first.CloseCase(ctx, c.id, end), "approval.closure.first")
	item := c.work(t, c.chief).Asked[0].ID
	if err := c.chief.DecideApproval(ctx, c.id, item, true, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	if err := c.first.CloseCase(ctx, c.id, end); err != nil {
		t.Errorf("closing, with a supervisor's agreement: %v", err)
	}
}

// A case is another's only when they said yes, and one offer waits at a time.
func TestTransfer_takesTwo(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	second := c.second.Me().ID
	if err := c.first.OfferCase(ctx, c.id, second, amana.Conceal("She comes on Mondays.")); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, c.first.OfferCase(ctx, c.id, c.admin.Me().ID, amana.Private{}), "transfer.waits")
	w := c.work(t, c.second)
	if w.Owner != c.first.Me().ID || !w.Transfers[0].Mine {
		t.Fatalf("before the answer: %+v", w)
	}
	item := w.Transfers[0].ID
	refusedAs(t, c.admin.AnswerTransfer(ctx, c.id, item, true, amana.Private{}), "transfer.not_yours")
	refusedAs(t, c.second.WithdrawTransfer(ctx, c.id, item), "transfer.not_yours")
	if err := c.second.AnswerTransfer(ctx, c.id, item, false, amana.Conceal("I am away.")); err != nil {
		t.Fatal(err)
	}
	if w = c.work(t, c.first); w.Owner != c.first.Me().ID || w.Transfers[0].Status != "refused" {
		t.Errorf("refused: %+v", w)
	}
	if err := c.first.OfferCase(ctx, c.id, second, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(c.work(t, c.first).Transfers, func(t casework.Transfer) bool { return t.Status == "asked" })
	item = c.work(t, c.first).Transfers[at].ID
	if err := c.first.WithdrawTransfer(ctx, c.id, item); err != nil {
		t.Fatal(err)
	}
	if err := c.second.AnswerTransfer(ctx, c.id, item, true, amana.Private{}); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("what was withdrawn: %v", err)
	}
	if err := c.first.OfferCase(ctx, c.id, second, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	at = slices.IndexFunc(c.work(t, c.second).Transfers, func(t casework.Transfer) bool { return t.Mine })
	if err := c.second.AnswerTransfer(ctx, c.id, c.work(t, c.second).Transfers[at].ID, true, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	if w = c.work(t, c.second); w.Owner != second || !w.Mine {
		t.Errorf("taken over: %+v", w)
	}
	mine, err := c.second.Cases(ctx, casework.Query{Owner: second})
	if err != nil || mine.Total != 1 {
		t.Errorf("in the list of the second: %d, %v", mine.Total, err)
	}
}

func dueOf(t *testing.T, d *casework.Desk, q casework.DueQuery) casework.DueList {
	t.Helper()
	list, err := d.Tasks(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func sources(list casework.DueList) (all []task.Source) {
	for _, r := range list.Rows {
		all = append(all, r.Source)
	}
	return all
}

// Everything that is due stands in one list, of whoever is to do it, and leaves it
// when the thing is done.
func TestTasks_ofMineAndOfMyTeams(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	if err := c.first.AddTask(ctx, c.id, amana.Conceal("Bring the certificate"), "2026-03-01"); err != nil {
		t.Fatal(err)
	}
	var bad casework.FieldErrors
	if err := c.first.AddTask(ctx, c.id, amana.Private{}, ""); !errors.As(err, &bad) || bad["task"] == "" || bad["task_due"] == "" {
		t.Errorf("an empty task: %v", err)
	}
	if err := c.first.AskApproval(ctx, c.id, casework.ApprovalPlan, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	if got := sources(dueOf(t, c.first, casework.DueQuery{Within: casework.WithinAll})); !slices.Equal(got, []task.Source{task.HandMade, task.Look, task.Assessment}) {
		t.Errorf("the first worker's: %v", got)
	}
	if got := sources(dueOf(t, c.second, casework.DueQuery{Within: casework.WithinAll})); len(got) != 0 {
		t.Errorf("the second has nothing to do: %v", got)
	}
	if got := dueOf(t, c.second, casework.DueQuery{Within: casework.WithinAll, Everyones: true}); got.Total != 4 {
		t.Errorf("the team's: %v", sources(got))
	}
	if got := sources(dueOf(t, c.chief, casework.DueQuery{Within: casework.WithinAll})); !slices.Equal(got, []task.Source{task.Approval}) {
		t.Errorf("the supervisor's: %v", got)
	}
	today := dueOf(t, c.first, casework.DueQuery{Within: casework.WithinToday})
	if len(today.Rows) != 1 || !today.Rows[0].Tick || today.Rows[0].Late || today.Rows[0].Code == "" {
		t.Fatalf("today: %+v", today)
	}
	c.now = c.now.Add(48 * time.Hour)
	if late := dueOf(t, c.first, casework.DueQuery{Within: casework.WithinLate}); late.Late != 1 || !late.Rows[0].Late {
		t.Errorf("two days later: %+v", late)
	}
	if err := c.first.FinishTask(ctx, c.id, today.Rows[0].Item); err != nil {
		t.Fatal(err)
	}
	if late := dueOf(t, c.first, casework.DueQuery{Within: casework.WithinLate}); late.Total != 0 {
		t.Errorf("what is done is still there: %v", sources(late))
	}
	if err := c.first.FinishTask(ctx, c.id, "0000000000"); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("no task: %v", err)
	}
}

// Test 37 of the standards: "never" produces nothing that reaches for her.
func TestTasks_neverContactYieldsNothing(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	reaching := func() (n int) {
		for _, r := range dueOf(t, c.first, casework.DueQuery{Within: casework.WithinAll, Everyones: true}).Rows {
			if r.Contact {
				n++
			}
		}
		return n
	}
	if err := c.first.SetConsent(ctx, c.id, []casework.Consent{{Purpose: amana.PurposeContact, Decision: amana.Granted, How: "spoken", GivenBy: "self"}}); err != nil {
		t.Fatal(err)
	}
	if reaching() != 1 {
		t.Fatalf("who agreed is looked in on: %d", reaching())
	}
	if err := c.first.SetConsent(ctx, c.id, []casework.Consent{{Purpose: amana.PurposeContact, Decision: amana.Refused}}); err != nil {
		t.Fatal(err)
	}
	if reaching() != 0 {
		t.Error("who wants no contact is looked in on")
	}
	// A follow-up that was agreed before stays, as a day on which she may come: the
	// day's page knows that nobody reaches for her.
	if err := c.first.AddFollowUp(ctx, c.id, casework.Values{
		"followup_date": event.Text("2026-03-01"), "need_follow_up_visit": event.Bool(true),
		"when_follow_up_visit_should_happen": event.Text("2026-03-01"),
	}); err != nil {
		t.Fatal(err)
	}
	today, err := c.first.Today(ctx)
	if err != nil || len(today.Due) != 1 || !today.Due[0].NoContact {
		t.Errorf("the day's page: %+v, %v", today.Due, err)
	}
	for _, r := range dueOf(t, c.first, casework.DueQuery{Within: casework.WithinAll}).Rows {
		if r.Contact && r.Reach != task.ReachNever {
			t.Errorf("%s is not marked: %s", r.Source, r.Reach)
		}
	}
}

// Who supervises sees codes. A reason opens a name for a day, and all see it.
func TestBreakGlass(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	rows, err := c.chief.Cases(ctx, casework.Query{})
	if err != nil || len(rows.Rows) != 1 || rows.Rows[0].HasName || !rows.Rows[0].Name.IsEmpty() {
		t.Fatalf("a list shows a name to who supervises: %v", err)
	}
	f, err := c.chief.ReadCase(ctx, c.id)
	if err != nil || f.Identity != nil || !f.Work.Veiled {
		t.Fatalf("veiled: %v", err)
	}
	own, err := c.first.ReadCase(ctx, c.id)
	if err != nil || own.Identity == nil {
		t.Fatalf("the worker's own: %v", err)
	}
	identity := own.Identity.ID
	if _, err := c.chief.History(ctx, c.id, identity, "name"); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("the history of a hidden name: %v", err)
	}
	if err := c.chief.ChangeRecord(ctx, c.id, casework.Change{Record: identity, Values: casework.Values{"name": event.Text("X")}}); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("changing a hidden name: %v", err)
	}
	var bad casework.FieldErrors
	if err := c.chief.BreakGlass(ctx, c.id, amana.Private{}); !errors.As(err, &bad) {
		t.Errorf("without a reason: %v", err)
	}
	if err := c.chief.BreakGlass(ctx, c.id, amana.Conceal("She is at the door, and the worker is away.")); err != nil {
		t.Fatal(err)
	}
	if f, err = c.chief.ReadCase(ctx, c.id); err != nil || f.Identity == nil {
		t.Fatalf("with a reason: %v", err)
	}
	seen, err := c.admin.Supervision(ctx)
	if err != nil || len(seen.Glimpses) != 1 || seen.Glimpses[0].By != c.chief.Me().ID {
		t.Errorf("the glimpse: %+v, %v", seen.Glimpses, err)
	}
	c.now = c.now.Add(25 * time.Hour)
	if f, _ = c.chief.ReadCase(ctx, c.id); f.Identity != nil {
		t.Error("a day later the name is still open")
	}
}

func TestFlags(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	if err := c.first.AddFlag(ctx, c.id, amana.Conceal("Speaks only with a woman"), "2026-03-02"); err != nil {
		t.Fatal(err)
	}
	flagged, err := c.second.Cases(ctx, casework.Query{Flagged: true})
	if err != nil || flagged.Total != 1 {
		t.Errorf("flagged: %d, %v", flagged.Total, err)
	}
	c.now = c.now.Add(72 * time.Hour)
	v, err := c.chief.Supervision(ctx)
	if err != nil || len(v.Flags) != 1 || !v.Flags[0].Past {
		t.Fatalf("%+v, %v", v.Flags, err)
	}
	if err := c.second.ResolveFlag(ctx, c.id, v.Flags[0].ID); err != nil {
		t.Fatal(err)
	}
	if v, err = c.chief.Supervision(ctx); err != nil || len(v.Flags) != 0 {
		t.Errorf("resolved: %+v, %v", v.Flags, err)
	}
}

func TestSupervision(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	if _, err := c.first.Supervision(ctx); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a worker: %v", err)
	}
	for range 20 {
		if _, err := c.first.OpenCase(ctx, casework.Intake{Team: c.team}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.first.AskApproval(ctx, c.id, casework.ApprovalPlan, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	if err := c.first.OfferCase(ctx, c.id, c.second.Me().ID, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(10 * 24 * time.Hour)
	v, err := c.chief.Supervision(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if l := v.Loads[0]; l.Member != c.first.Me().ID || l.Open != 21 || !l.Over || l.High != 1 || l.Late != 22 {
		t.Errorf("the load of the first: %+v", l)
	}
	if l := v.Loads[1]; l.Open != 0 || l.Over {
		t.Errorf("who has nothing stands there too: %+v", v.Loads)
	}
	if len(v.Approvals) != 1 || !v.Approvals[0].Mine || !v.Approvals[0].Late || len(v.Moves) != 1 || v.Nobody != 0 || v.Cases != 21 {
		t.Errorf("%+v", v)
	}
	if err := c.admin.RemoveMember(ctx, c.first.Me().ID); err != nil {
		t.Fatal(err)
	}
	if v, err = c.chief.Supervision(ctx); err != nil || v.Nobody != 21 {
		t.Errorf("cases of who left: %d, %v", v.Nobody, err)
	}
}

// Every figure adds up to what it is counted of.
func TestBoards_addUp(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	if err := c.first.SetOutcome(ctx, c.id, "pep", "given"); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*casework.Desk{"first": c.first, "chief": c.chief, "admin": c.admin} {
		boards, err := d.Boards(ctx)
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]bool{"danger": true, "tasks": true, "caseload": true, "timeliness": true, "approvals": true, "states": true}
		for role, list := range boards {
			for _, b := range list {
				n := b.Unknown
				for _, one := range b.Counts {
					for _, v := range one.Values {
						n += v
					}
				}
				if sums[b.ID] && n != b.Of {
					t.Errorf("%s, %s: %s comes to %d of %d", name, role, b.ID, n, b.Of)
				}
			}
		}
	}
	boards, _ := c.first.Boards(ctx)
	if _, there := boards[casework.BoardsSupervisor]; there {
		t.Error("a worker sees the supervisors' figures")
	}
	for _, b := range boards[casework.BoardsClinician] {
		if b.ID == "treatments" && (b.Of != 1 || b.Unknown != 0) {
			t.Errorf("treatments: %+v", b)
		}
	}
}

// How a member looks at a list is there at the next unlocking, and theirs alone.
func TestKeep(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	if err := d.Keep(casework.ListTasks, casework.DueQuery{Everyones: true, Within: casework.WithinLate}); err != nil {
		t.Fatal(err)
	}
	d.Lock()
	var q casework.DueQuery
	if o.unlock(t, adminWords).Kept(casework.ListTasks, &q); !q.Everyones || q.Within != casework.WithinLate {
		t.Errorf("%+v", q)
	}
	if err := d.Keep("x", make([]int, 9000)); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("too much: %v", err)
	}
}

// The list of cases goes by each column, both ways, and narrows by owner, by what
// waits, and by the hours.
func TestCases_sortAndNarrow(t *testing.T) {
	c, ctx := newCrew(t), context.Background()
	ids := []amana.RecordID{c.id}
	for i, risk := range []string{"low", "medium"} {
		c.now = c.now.Add(time.Hour)
		id, err := c.second.OpenCase(ctx, casework.Intake{Team: c.team, Case: casework.Values{
			"risk_level": event.Text(risk), "assault_date": event.Text([]string{"2025-01-02", "2026-03-01"}[i]), "created_on": event.Text("2026-03-01"),
		}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		if err := c.second.AddTask(ctx, id, amana.Conceal("x"), []string{"2026-03-09", "2026-03-05"}[i]); err != nil {
			t.Fatal(err)
		}
	}
	found := func(q casework.Query) (got []amana.RecordID) {
		t.Helper()
		list, err := c.admin.Cases(ctx, q)
		if err != nil || list.Total != len(list.Rows) {
			t.Fatalf("%+v: %d of %d, %v", q, len(list.Rows), list.Total, err)
		}
		for _, r := range list.Rows {
			got = append(got, r.ID)
		}
		return got
	}
	for sort, want := range map[casework.Sorting][]amana.RecordID{
		casework.ByUpdated: {ids[2], ids[1], ids[0]}, casework.ByOpened: {ids[2], ids[1], ids[0]},
		casework.ByDue: {ids[2], ids[1], ids[0]}, casework.ByFollowUp: nil, casework.ByRisk: {ids[0], ids[2], ids[1]},
		casework.ByCode: nil, casework.ByOwner: nil, casework.ByTeam: nil,
	} {
		up, down := found(casework.Query{Sort: sort}), found(casework.Query{Sort: sort, Down: true})
		if want != nil && !slices.Equal(up, want) {
			t.Errorf("%s: %v, want %v", sort, up, want)
		}
		slices.Reverse(down)
		if !slices.Equal(up, down) {
			t.Errorf("%s: %v, the other way round %v", sort, up, down)
		}
	}
	if got := found(casework.Query{Owner: c.second.Me().ID, Sort: casework.ByRisk}); !slices.Equal(got, []amana.RecordID{ids[2], ids[1]}) {
		t.Errorf("the second worker's: %v", got)
	}
	if got := found(casework.Query{Urgent: true, Sort: casework.ByOpened}); !slices.Equal(got, []amana.RecordID{ids[2], ids[0]}) {
		t.Errorf("hours may be running: %v, want the one of today and the one that nobody dated", got)
	}
	if err := c.first.AskApproval(ctx, c.id, casework.ApprovalPlan, amana.Private{}); err != nil {
		t.Fatal(err)
	}
	if got := found(casework.Query{Waiting: true}); !slices.Equal(got, ids[:1]) {
		t.Errorf("waiting: %v", got)
	}
	if got := found(casework.Query{Child: true}); len(got) != 0 {
		t.Errorf("children: %v", got)
	}
}
