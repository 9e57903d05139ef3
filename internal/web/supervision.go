package web

import (
	"net/http"

	"amana/internal/casework"
)

// supervisionView is what supervisors see of the work of their teams. It holds
// codes and workers, and no name of anybody who is helped.
type supervisionView struct {
	Frame
	Tabs      []tabView
	Approvals []waitingView
	Loads     []loadView
	Nobody    int
	Caseload  int
	Moves     []movingView
	Flags     []caseFlagView
	Glimpses  []caseGlimpseView
	Cases     int
	More      bool
	Rest      int // approvals that wait and are not shown
}

// markView names a case by its code.
type markView struct {
	Case, Code, Team string
	Risk             tag
}

type waitingView struct {
	Mark  markView
	Asked approvalView
	Late  bool
}

type loadView struct {
	Name             string
	Open, High, Late int
	Over             bool
}

type movingView struct {
	Mark     markView
	Transfer transferView
}

type caseFlagView struct {
	Mark markView
	Flag flagView
}

type caseGlimpseView struct {
	Mark    markView
	Glimpse glimpseView
}

var supervisionPage = page[supervisionView]{"supervision"}

func (s *Server) showSupervision(w http.ResponseWriter, v *visit) error {
	all, err := v.desk.Supervision(v.Context())
	if err != nil {
		return err
	}
	sh := v.shower(v.memberNames())
	view := supervisionView{
		Frame: s.frame(v, "today"), Tabs: v.dayTabs(), Nobody: all.Nobody, Caseload: all.Caseload, Cases: all.Cases, More: all.More,
		Rest: max(0, all.Waiting-len(all.Approvals)),
	}
	for _, a := range all.Approvals {
		view.Approvals = append(view.Approvals, waitingView{sh.mark(a.CaseMark), sh.asked(casePath(a.Case), a.Asked), a.Late})
	}
	for _, l := range all.Loads {
		view.Loads = append(view.Loads, loadView{sh.name(l.Member), l.Open, l.High, l.Late, l.Over})
	}
	for _, t := range all.Moves {
		view.Moves = append(view.Moves, movingView{sh.mark(t.CaseMark), sh.transfer(casePath(t.Case), t.Transfer)})
	}
	for _, f := range all.Flags {
		view.Flags = append(view.Flags, caseFlagView{sh.mark(f.CaseMark), flagView{
			Text: f.Text.Reveal(), By: sh.name(f.By), When: f.When, Until: v.lang.ISODate(f.Until), Past: f.Past,
		}})
	}
	for _, g := range all.Glimpses {
		view.Glimpses = append(view.Glimpses, caseGlimpseView{sh.mark(g.CaseMark), glimpseView{sh.name(g.By), g.Reason.Reveal(), g.When}})
	}
	return supervisionPage.render(s, w, v, http.StatusOK, view)
}

func (s shower) mark(m casework.CaseMark) markView {
	return markView{casePath(m.Case), m.Code, m.Team, s.risk(m.Risk)}
}
