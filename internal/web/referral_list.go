package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"amana/internal/casework"
	"amana/internal/referral"
)

// referralsView is the list of referrals.
type referralsView struct {
	Frame
	Tabs            []tabView
	Which, Services []choiceView
	Mine            bool
	Rows            []referralRow
	Total, Overdue  int
	Previous, Next  string
	Measure         measureView
}

// measureView is how many referrals reached their end, with what it is counted
// from.
type measureView struct {
	referral.Measure
	Percent int
	Tells   bool // there are enough of them for a percentage
	Hours   int
	Timed   bool
}

var referralsPage = page[referralsView]{"referrals"}

var whichReferrals = []string{
	casework.ReferralsOpen, casework.ReferralsOverdue, casework.ReferralsWaiting, casework.ReferralsEnded, casework.ReferralsAll,
}

func (s *Server) showReferrals(w http.ResponseWriter, v *visit) error {
	q := remembered[casework.ReferralQuery](v, casework.ListReferrals)
	if n, err := strconv.Atoi(v.URL.Query().Get("page")); err == nil && n > 1 && n < 1_000_000 {
		q.Page = n - 1
	}
	list, err := v.desk.Referrals(v.Context(), q)
	if err != nil {
		return err
	}
	sh := v.shower(nil)
	view := referralsView{
		Frame: s.frame(v, "today"), Tabs: v.dayTabs(), Mine: q.Mine, Total: list.Total, Overdue: list.Overdue, Measure: measureOf(list.Measure),
	}
	for _, which := range whichReferrals {
		name := which
		if name == "" {
			name = "open"
		}
		view.Which = append(view.Which, choiceView{which, v.lang.T("referrals.which." + name), which == q.Which})
	}
	view.Services = append(view.Services, choiceView{"", v.lang.T("cases.any"), q.Service == ""})
	for _, id := range referral.Services() {
		view.Services = append(view.Services, choiceView{id, sh.service(id), id == q.Service})
	}
	for _, r := range list.Rows {
		view.Rows = append(view.Rows, sh.referralRow(r))
	}
	if list.Page > 0 {
		view.Previous = "/referrals?page=" + strconv.Itoa(list.Page)
	}
	if (list.Page+1)*casework.PageSize < list.Total {
		view.Next = "/referrals?page=" + strconv.Itoa(list.Page+2)
	}
	return referralsPage.render(s, w, v, http.StatusOK, view)
}

func measureOf(m referral.Measure) measureView {
	view := measureView{Measure: m}
	view.Percent, view.Tells = m.Completion()
	median, ok := m.Median()
	view.Hours, view.Timed = int(median/time.Hour), ok
	return view
}

// filterReferrals keeps what is asked for in the session, and shows the list.
func (s *Server) filterReferrals(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	q := casework.ReferralQuery{Mine: f.Has("mine", "yes")}
	if which := f.Get("which"); slices.Contains(whichReferrals, which) {
		q.Which = which
	}
	if service := f.Get("service"); slices.Contains(referral.Services(), service) {
		q.Service = service
	}
	v.remember(casework.ListReferrals, q)
	return v.see(w, "/referrals")
}
