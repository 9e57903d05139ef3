package web

import (
	"net/http"
	"slices"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/task"
)

// todayView is the day's page: what cannot wait stands on top.
type todayView struct {
	Frame
	Day                            time.Time
	Overdue, Due, HighRisk, Recent []caseRow
	Open, Conflicts                int
	Referrals                      []referralRow // overdue
	Urgent                         *urgentView
	MoreReferrals                  int
	Tabs                           []tabView
	Tasks                          []taskView // of this member, today's and late
	MoreTasks                      int
	Names                          bool // names are shown
	Veiled                         bool // there are names to show
	NoTeam                         bool
	Recalls                        int // recipients to be told of a withdrawal
}

var todayPage = page[todayView]{"today"}

func (s *Server) showToday(w http.ResponseWriter, v *visit) error {
	t, err := v.desk.Today(v.Context())
	if err != nil {
		return err
	}
	t.HighRisk = without(t.HighRisk, t.Overdue, t.Due)
	t.Recent = without(t.Recent, t.Overdue, t.Due, t.HighRisk)
	view := todayView{
		Frame: s.frame(v, "today"), Day: s.now(), Open: t.Open, Conflicts: t.Conflicts,
		Overdue: v.rows(t.Overdue), Due: v.rows(t.Due), HighRisk: v.rows(t.HighRisk), Recent: v.rows(t.Recent),
		Names: shelved[bool](v.session, namesKey), NoTeam: len(v.me().Teams) == 0,
		Tabs: v.dayTabs(),
	}
	if view.Urgent, err = v.urgent(); err != nil {
		return err
	}
	if view.Tasks, view.MoreTasks, err = v.tasksToday(t); err != nil {
		return err
	}
	if view.Recalls, err = v.recalls(); err != nil {
		return err
	}
	if view.Referrals, view.MoreReferrals, err = v.overdueReferrals(); err != nil {
		return err
	}
	for _, list := range [][]casework.CaseRow{t.Overdue, t.Due, t.HighRisk, t.Recent} {
		view.Veiled = view.Veiled || anyNames(list)
	}
	if len(v.me().Teams) == 1 { // the same on every line
		for _, list := range [][]caseRow{view.Overdue, view.Due, view.HighRisk, view.Recent} {
			for i := range list {
				list[i].Team = ""
			}
		}
	}
	return todayPage.render(s, w, v, http.StatusOK, view)
}

// without leaves out the cases that stand further up already.
func without(list []casework.CaseRow, above ...[]casework.CaseRow) []casework.CaseRow {
	return slices.DeleteFunc(slices.Clone(list), func(c casework.CaseRow) bool {
		return slices.ContainsFunc(slices.Concat(above...), func(a casework.CaseRow) bool { return a.ID == c.ID })
	})
}

// anyNames reports whether a list has names that this member may see.
func anyNames(list []casework.CaseRow) bool {
	for _, c := range list {
		if c.HasName && !c.Name.IsEmpty() {
			return true
		}
	}
	return false
}

// Quiet reports whether nothing waits.
func (t todayView) Quiet() bool {
	return t.Urgent == nil && len(t.Tasks)+len(t.Overdue)+len(t.Due)+len(t.HighRisk)+len(t.Referrals)+t.Recalls == 0
}

// tasksToday are the first things that this member is to do. What stands on the page
// as a follow-up or a referral already is not said twice.
func (v *visit) tasksToday(t casework.Today) (rows []taskView, more int, err error) {
	const most = 5
	list, err := v.desk.Tasks(v.Context(), casework.DueQuery{Within: casework.WithinToday})
	if err != nil {
		return nil, 0, err
	}
	stands := func(id amana.RecordID) bool {
		is := func(c casework.CaseRow) bool { return c.ID == id }
		return slices.ContainsFunc(t.Overdue, is) || slices.ContainsFunc(t.Due, is)
	}
	sh := v.shower(nil)
	for _, one := range list.Rows {
		said := one.Source == task.Referral && one.Late || one.Source == task.FollowUp && stands(one.Case)
		switch {
		case said:
		case len(rows) == most:
			more++
		default:
			rows = append(rows, sh.task(one))
		}
	}
	return rows, more + max(0, list.Total-len(list.Rows)), nil
}
