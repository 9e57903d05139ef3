package casework

import (
	"cmp"
	"context"
	"slices"
	"time"

	"amana"
	"amana/internal/task"
)

// Due is one thing to be done, with the case it is for. It shows codes, never
// names.
type Due struct {
	task.Task
	Case  amana.RecordID
	Code  string
	Team  string
	Risk  string
	Owner amana.MemberID // whose case it is
	Who   amana.MemberID // who is to do it; zero: the supervisors of the team
	Reach task.Reach
	Late  bool
	Mine  bool // for this member to do
	Tick  bool // it is ticked off: it was made by hand
}

// Until when a list of tasks looks.
const (
	WithinLate  = "late"
	WithinToday = "today" // and what is late
	WithinWeek  = "week"  // the usual
	WithinAll   = "all"
)

// DueQuery asks for tasks. Zero fields do not narrow, but for Within, whose zero is
// the usual.
type DueQuery struct {
	Everyones bool // of the member's teams, not only what the member is to do
	Owner     amana.MemberID
	Source    task.Source
	Within    string
	Page      int // from 0
}

// DueList is a page of tasks, the most urgent first.
type DueList struct {
	Rows  []Due
	Page  int
	Total int  // of all pages
	Late  int  // of Total
	Cases int  // that were looked at
	More  bool // there are more cases than were looked at
}

// Tasks returns a page of what is to be done in the cases that this member can
// read. What is late comes first; of one day, the greater danger.
func (d *Desk) Tasks(_ context.Context, q DueQuery) (DueList, error) {
	look := d.openCases
	if !q.Everyones && q.Owner.IsZero() {
		look = d.concerning
	}
	all, looked, more, err := d.due(look)
	if err != nil {
		return DueList{}, err
	}
	list := DueList{Page: max(q.Page, 0), Cases: looked, More: more}
	last := q.last(d.office.now())
	found := slices.DeleteFunc(all, func(t Due) bool { return !q.takes(t, last) })
	slices.SortStableFunc(found, byUrgency)
	for _, t := range found {
		if t.Late {
			list.Late++
		}
	}
	list.Total = len(found)
	from := min(list.Page*PageSize, len(found))
	list.Rows = found[from:min(from+PageSize, len(found))]
	return list, nil
}

// last is the last day that a query looks at, or "" for no end.
func (q DueQuery) last(now time.Time) string {
	switch q.Within {
	case WithinAll:
		return ""
	case WithinLate:
		return now.AddDate(0, 0, -1).Format(time.DateOnly)
	case WithinToday:
		return now.Format(time.DateOnly)
	}
	return now.AddDate(0, 0, 7).Format(time.DateOnly)
}

func (q DueQuery) takes(t Due, last string) bool {
	switch {
	case last != "" && t.Due > last,
		q.Source != "" && t.Source != q.Source,
		!q.Owner.IsZero() && t.Who != q.Owner && t.Owner != q.Owner,
		!q.Everyones && q.Owner.IsZero() && !t.Mine:
		return false
	}
	return true
}

// byUrgency puts what is late first, of that the greater danger, and then goes by the
// day.
func byUrgency(a, b Due) int {
	danger := cmp.Compare(slices.Index(riskLevels, a.Risk), slices.Index(riskLevels, b.Risk))
	late := cmp.Compare(place(b.Late), place(a.Late))
	if a.Late && b.Late {
		late = danger
	}
	return cmp.Or(late, cmp.Compare(a.Due, b.Due), danger, cmp.Compare(a.Code, b.Code), cmp.Compare(a.Source, b.Source))
}

// due returns what is to be done in the cases that look finds, in no order.
func (d *Desk) due(look func() ([]standing, bool, error)) (all []Due, looked int, more bool, err error) {
	list, more, err := look()
	if err != nil {
		return nil, 0, false, err
	}
	me, today := d.session.Member(), d.today()
	for _, s := range list {
		for _, t := range s.tasks {
			all = append(all, d.dueOf(s, t, me, today))
		}
	}
	return all, len(list), more, nil
}

// dueOf says who is to do a task. What supervisors answer waits for all of them
// but whoever asked.
func (d *Desk) dueOf(s standing, t task.Task, me amana.MemberID, today string) Due {
	one := Due{
		Task: t, Case: s.row.ID, Code: s.row.Code, Team: s.row.Team, Risk: s.row.Risk, Owner: s.owner, Who: s.owner,
		Reach: s.reach, Late: t.Due < today, Tick: t.Source == task.HandMade,
	}
	switch t.Source { //nolint:exhaustive // the others are for whoever has the case
	case task.Transfer:
		one.Who = t.For
	case task.Approval:
		one.Who = amana.MemberID{}
		one.Mine = d.mayDecideOn(s.teams, s.owner, askerOf(s.asked, t)) == nil
		return one
	}
	one.Mine = one.Who == me
	return one
}

// askerOf is who asked for an approval by the journal, not by what a field says.
func askerOf(asked []Asked, t task.Task) amana.MemberID {
	for _, a := range asked {
		if a.ID == t.Item {
			return a.By
		}
	}
	return t.Asker
}
