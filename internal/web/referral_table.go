package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/referral"
)

// referralTableView is the page on which the waiting times are changed.
type referralTableView struct {
	Frame
	Form form
	Rows []tableRow
	Days string
}

// tableRow is one number of the table.
type tableRow struct{ Name, Label, Value, Error string }

var referralTablePage = page[referralTableView]{"referral_table"}

func (s *Server) showReferralTable(w http.ResponseWriter, v *visit) error {
	if !v.me().Has(amana.RoleAdministrator) && !v.me().Has(amana.RoleSupervisor) {
		return amana.ErrRefused
	}
	f, t := v.form(), v.desk.ReferralTable()
	view := referralTableView{Frame: s.frame(v, "settings", f), Form: f, Days: daysText(t.Days)}
	if len(f.Values) > 0 {
		view.Days = f.Get("days")
	}
	for _, n := range tableNumbers(t) {
		row := tableRow{Name: n.name, Label: v.lang.T("referral.table." + n.name), Value: strconv.Itoa(n.value), Error: f.Error(n.name)}
		if len(f.Values) > 0 {
			row.Value = f.Get(n.name)
		}
		view.Rows = append(view.Rows, row)
	}
	return referralTablePage.render(s, w, v, http.StatusOK, view)
}

// tableNumber is one number of the table with the place to put another.
type tableNumber struct {
	name  string
	value int
	put   func(t *referral.Table, n int)
}

func tableNumbers(t referral.Table) []tableNumber {
	var all []tableNumber
	for _, u := range referral.Urgencies() {
		all = append(all, tableNumber{"ask_" + string(u), t.Ask[u], func(t *referral.Table, n int) { t.Ask[u] = n }})
	}
	all = append(all, tableNumber{"tell", t.Tell, func(t *referral.Table, n int) { t.Tell = n }})
	for _, risk := range []string{"high", "medium", "low"} {
		all = append(all, tableNumber{"see_" + risk, t.See[risk], func(t *referral.Table, n int) { t.See[risk] = n }})
	}
	return all
}

func daysText(days []int) string {
	texts := make([]string, len(days))
	for i, d := range days {
		texts[i] = strconv.Itoa(d)
	}
	return strings.Join(texts, " ")
}

func (s *Server) adoptReferralTable(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	t := referral.Defaults()
	for _, number := range tableNumbers(t) {
		n, err := strconv.Atoi(western(f.Get(number.name)))
		if err != nil || n < 1 {
			f.wrong(number.name, "referral.table.number")
			continue
		}
		number.put(&t, n)
	}
	t.Days = nil
	for _, word := range strings.FieldsFunc(western(f.Get("days")), func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			f.wrong("days", "referral.table.number")
			continue
		}
		t.Days = append(t.Days, n)
	}
	slices.Sort(t.Days)
	if f.Failed() {
		return v.again(w, "/settings/referrals", f)
	}
	if err := v.desk.AdoptReferralTable(v.Context(), t); err != nil {
		return v.refuseReferral(w, "/settings/referrals", f, err)
	}
	return v.done(w, "/settings/referrals", "referral.table.saved")
}
