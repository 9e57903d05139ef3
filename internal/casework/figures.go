package casework

import (
	"context"
	"slices"

	"amana"
	"amana/internal/record"
	"amana/internal/task"
	"amana/internal/window"
)

// Board is one figure of the overview: numbers by some heading, with what they are
// counted of and of how many nothing is known. What a board means stands beside it
// on its page, under its ID.
type Board struct {
	ID      string
	Counts  []Count
	Parts   []string // ids, where each count has parts
	Of      int      // what is counted: cases, tasks or members
	Unknown int      // of those, of how many it is not known
	Most    int      // a target for each count, or 0
	More    bool     // there is more than was looked at
}

// Count is one number: of what has an id, of a member, or of a team.
type Count struct {
	ID     string
	Member amana.MemberID
	Values []int // one, or one for each part
}

// Roles with boards of their own.
const (
	BoardsWorker     = "worker"
	BoardsClinician  = "clinician"
	BoardsSupervisor = "supervisor"
	BoardsOffice     = "office"
)

// Boards returns the figures that concern this member, by role. They count what
// the member's keys open and nothing else.
func (d *Desk) Boards(ctx context.Context) (map[string][]Board, error) {
	me := d.Me()
	boards := map[string][]Board{}
	open, more, err := d.openCases()
	if err != nil {
		return nil, err
	}
	recent, moreRecent, err := d.recentCases()
	if err != nil {
		return nil, err
	}
	recent = slices.DeleteFunc(recent, func(s standing) bool { return s.row.Status == statusTransferred }) // counted where it goes on
	if me.Has(amana.RoleCaseworker) {
		boards[BoardsWorker] = marked(more, d.myDanger(open), d.myTasks(open))
	}
	if me.Has(amana.RoleClinician) || me.Has(amana.RoleCaseworker) && !me.Has(amana.RoleSupervisor) {
		clock, err := d.clockBoard(ctx)
		if err != nil {
			return nil, err
		}
		boards[BoardsClinician] = append([]Board{clock}, marked(moreRecent, d.treatments(recent))...)
	}
	if me.Has(amana.RoleSupervisor) {
		boards[BoardsSupervisor] = marked(more, d.caseloads(open), d.timeliness(open), approvals(open))
	}
	if me.Has(amana.RoleAdministrator) || me.Has(amana.RoleAnalyst) {
		boards[BoardsOffice] = append(marked(moreRecent, states(recent)), d.roles())
	}
	return boards, nil
}

func marked(more bool, list ...Board) []Board {
	for i := range list {
		list[i].More = more
	}
	return list
}

// counts makes one count of each id, in their order.
func counts(ids []string, n map[string]int) (list []Count) {
	for _, id := range ids {
		list = append(list, Count{ID: id, Values: []int{n[id]}})
	}
	return list
}

// myDanger counts this member's open cases by danger.
func (d *Desk) myDanger(open []standing) Board {
	b, n := Board{ID: "danger"}, map[string]int{}
	for _, s := range open {
		if s.owner == d.session.Member() {
			b.Of++
			n[s.row.Risk]++
		}
	}
	b.Unknown = n[""]
	b.Counts = counts(riskLevels[:3], n)
	return b
}

// myTasks counts what this member is to do, by when.
func (d *Desk) myTasks(open []standing) Board {
	b, n := Board{ID: "tasks"}, map[string]int{}
	me, today := d.session.Member(), d.today()
	week := DueQuery{}.last(d.office.now())
	for _, s := range open {
		for _, t := range s.tasks {
			if !d.dueOf(s, t, me, today).Mine {
				continue
			}
			b.Of++
			switch {
			case t.Due < today:
				n[WithinLate]++
			case t.Due == today:
				n[WithinToday]++
			case t.Due <= week:
				n[WithinWeek]++
			default:
				n[WithinAll]++
			}
		}
	}
	b.Counts = counts([]string{WithinLate, WithinToday, WithinWeek, WithinAll}, n)
	return b
}

// clockBoard counts the open cases in which hours are running out, by treatment.
func (d *Desk) clockBoard(ctx context.Context) (Board, error) {
	list, more, err := d.Urgent(ctx)
	if err != nil {
		return Board{}, err
	}
	b, n := Board{ID: "clock", Of: len(list), More: more}, map[string]int{}
	table, _ := d.Windows()
	for _, u := range list {
		if u.Assault.Date == "" {
			b.Unknown++
		}
		for _, s := range u.States {
			n[s.ID]++
		}
	}
	for _, w := range table.Windows {
		if n[w.ID] > 0 {
			b.Counts = append(b.Counts, Count{ID: w.ID, Values: []int{n[w.ID]}})
		}
	}
	return b, nil
}

// treatments counts, of the cases that were begun lately, what came of each
// treatment whose hours count. Nothing recorded is unknown, and no part.
func (d *Desk) treatments(recent []standing) Board {
	b := Board{ID: "treatments", Parts: Outcomes()}
	table, _ := d.Windows()
	var cases []standing
	for _, s := range recent {
		if s.opened(d.office.now(), lately) {
			cases = append(cases, s)
		}
	}
	b.Of = len(cases)
	for _, w := range table.Windows {
		if w.Kind != window.Urgent {
			continue
		}
		c := Count{ID: w.ID, Values: make([]int, len(b.Parts))}
		for _, s := range cases {
			if at := slices.Index(b.Parts, s.outcomes[w.ID]); at >= 0 {
				c.Values[at]++
			}
		}
		b.Counts = append(b.Counts, c)
	}
	for _, s := range cases {
		if len(s.outcomes) == 0 {
			b.Unknown++
		}
	}
	return b
}

// caseloads counts open cases by worker.
func (d *Desk) caseloads(open []standing) Board {
	loads, nobody := d.loads(open)
	b := Board{ID: "caseload", Of: len(open), Unknown: nobody, Most: d.TaskRules().Caseload}
	for _, l := range loads {
		b.Counts = append(b.Counts, Count{Member: l.Member, Values: []int{l.Open}})
	}
	return b
}

// timeliness counts tasks by where they come from, in time and late.
func (d *Desk) timeliness(open []standing) Board {
	b, n := Board{ID: "timeliness", Parts: []string{"in_time", WithinLate}}, map[task.Source][]int{}
	today := d.today()
	for _, s := range open {
		for _, t := range s.tasks {
			if n[t.Source] == nil {
				n[t.Source] = make([]int, 2)
			}
			b.Of++
			n[t.Source][place(t.Due < today)]++
		}
	}
	for _, source := range task.Sources() {
		if n[source] != nil {
			b.Counts = append(b.Counts, Count{ID: string(source), Values: n[source]})
		}
	}
	return b
}

// approvals counts what waits for an answer.
func approvals(open []standing) Board {
	b, n := Board{ID: "approvals"}, map[string]int{}
	for _, s := range open {
		for _, a := range s.asked {
			if a.Status == pending {
				b.Of++
				n[a.Type]++
			}
		}
	}
	b.Counts = counts(record.Options("approval_type"), n)
	return b
}

// states counts the cases that changed lately by their state.
func states(recent []standing) Board {
	b, n := Board{ID: "states", Of: len(recent)}, map[string]int{}
	for _, s := range recent {
		n[s.row.Status]++
	}
	b.Counts = counts(record.Options("status"), n)
	for _, c := range b.Counts {
		b.Unknown -= c.Values[0]
	}
	b.Unknown += b.Of
	return b
}

// roles counts who works here, by what they do. Somebody may do several things.
func (d *Desk) roles() Board {
	b, n := Board{ID: "roles"}, map[string]int{}
	for _, m := range d.charter().Members() {
		if m.Left != 0 {
			continue
		}
		b.Of++
		for _, r := range m.Roles {
			n[string(r)]++
		}
	}
	for _, r := range amana.Roles() {
		b.Counts = append(b.Counts, Count{ID: string(r), Values: []int{n[string(r)]}})
	}
	return b
}
