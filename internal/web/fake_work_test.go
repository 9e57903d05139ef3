package web_test

import (
	"context"
	"encoding/json"
	"fmt"

	"amana"
	"amana/internal/casework"
	"amana/internal/task"
)

// fakeWork answers for the work on the cases of a desk.
type fakeWork struct {
	dues    *casework.DueList
	asks    casework.DueQuery
	said    []string
	against error // of every verb that changes something, where set
	kept    map[string][]byte
}

func (f *fakeWork) notes(words ...any) error {
	f.said = append(f.said, fmt.Sprint(words...))
	return f.against
}

// sampleTasks has one of each source.
func sampleTasks() (all []task.Task) {
	for i, source := range task.Sources() {
		t := task.Task{Source: source, Item: "a1", Due: fmt.Sprintf("2026-11-%02d", i+1)}
		switch source { //nolint:exhaustive // the others hold no more
		case task.HandMade:
			t.What = amana.Conceal("Rapporter le certificat à la clinique")
		case task.Plan, task.Referral:
			t.Service = "health_medical_service"
		case task.Approval:
			t.Service, t.Asker = casework.ApprovalPlan, memberID(2)
		case task.Transfer:
			t.For, t.Asker = memberID(1), memberID(2)
		case task.FollowUp, task.Look, task.Visit:
			t.Contact = true
		}
		all = append(all, t)
	}
	return append(all, task.Task{Source: task.SafetyPlan, Item: "review", Due: "2026-12-01"})
}

func sampleDues() casework.DueList {
	list := casework.DueList{Total: 130, Late: 1, Cases: 3000, More: true}
	reach := []task.Reach{task.ReachOpen, task.ReachComes, task.ReachNever}
	for i, t := range sampleTasks() {
		d := casework.Due{
			Task: t, Case: recordID(1), Code: sampleCode, Team: "Accompagnement", Risk: "high", Owner: memberID(2), Who: memberID(2),
			Reach: reach[i%len(reach)], Late: t.Due < "2026-11-02", Tick: t.Source == task.HandMade,
		}
		if t.Source == task.Approval {
			d.Who = amana.MemberID{}
		}
		list.Rows = append(list.Rows, d)
	}
	return list
}

func sampleWork() casework.Work {
	return casework.Work{
		Owner: memberID(2), Tasks: sampleTasks(), Today: "2026-11-02", Reach: task.ReachComes,
		Flags: []casework.Flag{
			{ID: "f1", Text: amana.Conceal("Parler seulement avec une femme."), Until: "2026-10-30", Past: true, By: memberID(2), When: noon},
			{ID: "f2", Text: amana.Conceal("لا تتصل بالبيت"), By: memberID(1), When: noon},
		},
		Asked: []casework.Asked{
			{ID: "p1", Type: casework.ApprovalPlan, Status: "pending", Comment: amana.Conceal("Regardez la sécurité."), By: memberID(2), On: noon, Mine: true},
			{ID: "p2", Type: casework.ApprovalClosure, Status: "rejected", Comment: amana.Conceal("Pas encore."), By: memberID(2), On: noon, Decided: memberID(1), DecidedOn: noon},
		},
		MayAsk: []string{casework.ApprovalClosure}, Supervise: true,
		MovedFrom: recordID(6), FromHere: true, MovedTo: recordID(7), ToHere: true,
		Moves: []casework.MoveTo{{Team: sampleTeams()[1], Members: []amana.MemberID{memberID(1), memberID(2)}}},
		Transfers: []casework.Transfer{
			{ID: "t1", To: memberID(1), By: memberID(2), When: noon, Status: "asked", Comment: amana.Conceal("Elle vient le lundi."), Mine: true},
			{ID: "t2", To: memberID(2), By: memberID(1), When: noon, Status: "refused"},
		},
		Glimpses: []casework.Glimpse{{By: memberID(1), When: noon, Reason: amana.Conceal("Elle est à la porte.")}},
	}
}

func sampleSupervision() casework.Supervision {
	w := sampleWork()
	mark := casework.CaseMark{Case: recordID(1), Code: sampleCode, Team: "Accompagnement", Risk: "high"}
	return casework.Supervision{
		Approvals: []casework.CaseAsked{{CaseMark: mark, Asked: w.Asked[0], Late: true}, {CaseMark: mark, Asked: casework.Asked{ID: "p3", Type: casework.ApprovalClosure, Status: "pending", By: memberID(1), On: noon}}},
		Loads:     []casework.Load{{Member: memberID(2), Open: 23, High: 4, Late: 7, Over: true}, {Member: memberID(3)}},
		Nobody:    2, Caseload: 20, Cases: 3000, More: true, Waiting: 40,
		Moves:    []casework.CaseTransfer{{CaseMark: mark, Transfer: w.Transfers[0]}},
		Flags:    []casework.CaseFlag{{CaseMark: mark, Flag: w.Flags[0]}},
		Glimpses: []casework.CaseGlimpse{{CaseMark: mark, Glimpse: w.Glimpses[0]}},
	}
}

func (f *fakeWork) Tasks(_ context.Context, q casework.DueQuery) (casework.DueList, error) {
	f.asks = q
	list := sampleDues()
	if f.dues != nil {
		list = *f.dues
	}
	list.Page = q.Page
	return list, nil
}

func (f *fakeWork) AddTask(_ context.Context, _ amana.RecordID, what amana.Private, due string) error {
	if what.IsEmpty() {
		return casework.FieldErrors{"task": "work.task.needed", "task_due": "invalid.date"}
	}
	return f.notes("task ", what.Reveal(), " ", due)
}

func (f *fakeWork) FinishTask(_ context.Context, _ amana.RecordID, item string) error {
	return f.notes("done ", item)
}

func (f *fakeWork) AddFlag(_ context.Context, _ amana.RecordID, text amana.Private, until string) error {
	return f.notes("flag ", text.Reveal(), " ", until)
}

func (f *fakeWork) ResolveFlag(_ context.Context, _ amana.RecordID, item string) error {
	return f.notes("resolve ", item)
}

func (f *fakeWork) AskApproval(_ context.Context, _ amana.RecordID, what string, _ amana.Private) error {
	return f.notes("ask ", what)
}

func (f *fakeWork) DecideApproval(_ context.Context, _ amana.RecordID, item string, yes bool, comment amana.Private) error {
	return f.notes("decide ", item, " ", yes, " ", comment.Reveal())
}

func (f *fakeWork) BreakGlass(_ context.Context, _ amana.RecordID, reason amana.Private) error {
	if reason.IsEmpty() {
		return casework.FieldErrors{"reason": "supervision.glass.needed"}
	}
	return f.notes("glass ", reason.Reveal())
}

func (f *fakeWork) OfferCase(_ context.Context, _ amana.RecordID, to amana.MemberID, comment amana.Private) error {
	return f.notes("offer ", to, " ", comment.Reveal())
}

func (f *fakeWork) AnswerTransfer(_ context.Context, _ amana.RecordID, item string, accept bool, _ amana.Private) error {
	return f.notes("take ", item, " ", accept)
}

func (f *fakeWork) MoveCase(_ context.Context, _ amana.RecordID, m casework.Move) (amana.RecordID, error) {
	if !m.Agreed {
		return amana.RecordID{}, casework.FieldErrors{"move_agreed": "move.agreed.needed", "move_to": "move.to.needed"}
	}
	return recordID(7), f.notes("move ", m.Team, " ", m.To, " ", m.Identity, m.Incidents, m.Notes, " ", m.Comment.Reveal())
}

func (f *fakeWork) WithdrawTransfer(_ context.Context, _ amana.RecordID, item string) error {
	return f.notes("withdraw ", item)
}

func (f *fakeWork) Supervision(context.Context) (casework.Supervision, error) {
	return sampleSupervision(), nil
}

func (f *fakeWork) Boards(context.Context) (map[string][]casework.Board, error) {
	count := func(id string, n ...int) casework.Count { return casework.Count{ID: id, Values: n} }
	return map[string][]casework.Board{
		casework.BoardsWorker: {
			{ID: "danger", Of: 9, Unknown: 2, Counts: []casework.Count{count("high", 4), count("medium", 3), count("low", 0)}},
			{ID: "tasks", Of: 12, Counts: []casework.Count{count("late", 3), count("today", 2), count("week", 5), count("all", 2)}},
		},
		casework.BoardsClinician: {
			{ID: "clock", Of: 3, Unknown: 1, Counts: []casework.Count{count("pep", 2), count("own_x", 1)}},
			{ID: "treatments", Of: 31, Unknown: 5, Parts: casework.Outcomes(), Counts: []casework.Count{count("pep", 11, 2, 3, 1, 4), count("emergency_contraception", 0, 0, 0, 0, 0)}},
		},
		casework.BoardsSupervisor: {
			{ID: "caseload", Of: 25, Unknown: 2, Most: 20, More: true, Counts: []casework.Count{{Member: memberID(2), Values: []int{23}}}},
			{ID: "timeliness", Of: 9, Parts: []string{"in_time", "late"}, Counts: []casework.Count{count("assessment", 4, 1), count("task", 0, 4)}},
			{ID: "approvals", Of: 1, Counts: []casework.Count{count("case_plan", 1), count("closure", 0)}},
		},
		casework.BoardsOffice: {
			{ID: "states", Of: 12, Unknown: 1, Counts: []casework.Count{count("open", 8), count("closed", 3)}},
			{ID: "roles", Of: 7, Counts: []casework.Count{count("caseworker", 3), count("administrator", 1)}},
		},
	}, nil
}

func (f *fakeWork) Keep(list string, how any) (err error) {
	if f.kept == nil {
		f.kept = map[string][]byte{}
	}
	f.kept[list], err = json.Marshal(how)
	return err
}

func (f *fakeWork) Kept(list string, how any) {
	if raw := f.kept[list]; raw != nil {
		_ = json.Unmarshal(raw, how)
	}
}
