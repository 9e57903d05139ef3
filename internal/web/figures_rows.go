package web

import (
	"net/http"
	"slices"
	"strconv"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/stats"
)

// rowsPath is where rows about single incidents are put together for others.
const rowsPath = "/figures/releases/rows"

// newRowsView is the form for them.
type newRowsView struct {
	Frame
	Form      form
	Audiences []tick
	Groups    []dropChoice
	Areas     []dropChoice
	Columns   []tick
}

var newRowsPage = page[newRowsView]{"figures_rows_new"}

func (s *Server) showNewRows(w http.ResponseWriter, v *visit) error {
	if !v.mayPropose() {
		return amana.ErrRefused
	}
	f := v.form()
	if !f.Failed() {
		year := strconv.Itoa(s.now().Year())
		for name, value := range map[string]string{
			"to": string(disclose.Coordination), "first": year + "-01", "last": s.now().AddDate(0, 0, -s.now().Day()).Format("2006-01"), "group": string(stats.Whole),
		} {
			f.Values.Set(name, value)
		}
	}
	view := newRowsView{Frame: s.frame(v, "figures", f), Form: f, Areas: v.areaChoices(f)}
	a := v.desk.FiguresAgreement()
	for _, to := range []disclose.Audience{disclose.Coordination, disclose.Partners} { // never for the public
		if _, covered := a.Policies[to]; covered {
			view.Audiences = append(view.Audiences, tick{Name: "to", Value: string(to), On: f.Get("to") == string(to), Text: v.lang.T("figures.to." + string(to))})
		}
	}
	for _, g := range stats.Groupings() {
		view.Groups = append(view.Groups, dropChoice{string(g), v.lang.T("figures.group." + string(g)), f.Get("group") == string(g)})
	}
	for _, c := range disclose.RowColumns() {
		t := newTick(f, "columns", c, v.lang.T("figures.table."+c))
		t.On = t.On || !f.Failed() && c != "displacement"
		view.Columns = append(view.Columns, t)
	}
	return newRowsPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) planRows(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	ask := casework.Releasing{
		To: disclose.Audience(f.Get("to")), First: western(f.Get("first")), Last: western(f.Get("last")), Group: stats.Grouping(f.Get("group")),
		Areas: casework.AreaDetail(f.Get("areas")), Rows: true,
	}
	for _, c := range disclose.RowColumns() {
		if slices.Contains(f.All("columns"), c) {
			ask.Columns = append(ask.Columns, c)
		}
	}
	if _, err := stats.SpanOf(ask.First, ask.Last); err != nil {
		f.wrong("first", "figures.period.wrong")
		return v.again(w, rowsPath, f)
	}
	return s.plan(w, v, f, ask, rowsPath)
}

// rowsView is the report on how easily somebody is found again in rows.
type rowsView struct {
	Facts [][2]string
	Why   string // why they may not leave
}

func (v *visit) rowsView(r disclose.Risk, why string) *rowsView {
	number := v.lang.Number
	view := &rowsView{Facts: [][2]string{
		{v.lang.T("figures.rows.rows"), number(r.Rows)},
		{v.lang.T("figures.rows.classes"), number(r.Classes)},
		{v.lang.T("figures.rows.fewest"), number(r.Fewest)},
		{v.lang.T("figures.rows.alone"), number(r.Below2)},
		{v.lang.T("figures.rows.below"), v.lang.T("figures.rows.below.n", "three", r.Below3, "five", r.Below5)},
		{v.lang.T("figures.rows.alike"), number(r.Alike)},
		{v.lang.T("figures.rows.global"), v.decimal(int(1000*r.Global+.5)) + " %"},
	}}
	if why != "" {
		view.Why = v.lang.T(why)
	}
	return view
}
