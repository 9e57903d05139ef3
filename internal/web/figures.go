package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/chart"
	"amana/internal/stats"
)

func (s *Server) figuresRoutes() map[string]handler {
	return map[string]handler{
		"GET /figures":             s.showFigures,
		"POST /figures":            s.askFigures,
		"GET /figures/part/{part}": s.showFigures,

		"GET /figures/behind/{table}/{row}/{period}": s.showBehind,

		"GET /figures/areas":  s.showAreas,
		"POST /figures/areas": s.saveAreas,
	}
}

// figuresView is one part of the tables, for those who may read the cases.
type figuresView struct {
	Frame
	Form       form
	Tabs       []tabView
	Parts      []tabView
	Included   int
	Empty      bool // nothing can be counted: the member's teams keep no incidents
	Read       int
	Teams      string
	Left       []leftView
	Period     string
	Basis      string
	Filters    []string
	Tables     []figureTable
	Indicators []indicatorView
	Groups     []dropChoice
	Bases      []dropChoice
	Sexes      []dropChoice
	Ages       []dropChoice
	Types      []dropChoice
	Areas      []dropChoice
}

// leftView says how many are not counted, and why.
type leftView struct{ Text string }

// figureTable is a table with what it counts.
type figureTable struct {
	No          int
	ID          string
	Title, What string
	Map         *areaMapView // of the areas, where there are boundaries
	Chart       chart.Chart
	Periods     []string
	Rows        []figureRow
	Total       []figureCell // of the rows that sum, or nil
	Wide        bool
}

// figureRow is a row: beside marks one that lies across the others.
type figureRow struct {
	Label  string
	Beside bool
	Cells  []figureCell
}

// figureCell is a count, with the way to the cases behind it.
type figureCell struct{ Text, Path string }

// indicatorView is an indicator with what it is made of.
type indicatorView struct {
	ID, Title, What, Value, Of, Unknown string
	Parts                               []string
}

var figuresPage = page[figuresView]{"figures"}

// figureParts are the parts of the tables, each a page.
var figureParts = []string{"headline", "indicators", "survivor", "incident", "perpetrator", "referral", "conflict"}

const shelfFigures, indicatorsPart = "figures", "indicators"

// counting is what this browser last asked for, or the year up to now.
func (s *Server) counting(v *visit) casework.Counting {
	if c := shelved[casework.Counting](v.session, shelfFigures); c.First != "" {
		return c
	}
	now := s.now()
	return casework.Counting{
		First: fmt.Sprintf("%04d-01", now.Year()), Last: now.Format("2006-01"), Basis: stats.ByReport, Group: stats.Quarter,
	}
}

func (s *Server) askFigures(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	c := casework.Counting{
		First: western(f.Get("first")), Last: western(f.Get("last")), Basis: stats.Basis(f.Get("basis")), Group: stats.Grouping(f.Get("group")),
		Sex: f.Get("sex"), Age: f.Get("age"), Type: f.Get("type"), Area: f.Get("area"),
	}
	if _, err := stats.SpanOf(c.First, c.Last); err != nil {
		f.wrong("first", "figures.period.wrong")
		return v.again(w, "/figures", f)
	}
	if _, err := v.desk.Figures(v.Context(), c); err != nil {
		return v.refuse(w, "/figures", f, err)
	}
	v.session.put(shelfFigures, c)
	return v.see(w, "/figures")
}

func (s *Server) showFigures(w http.ResponseWriter, v *visit) error {
	part := v.PathValue("part")
	if part == "" {
		part = figureParts[0]
	}
	if !slices.Contains(figureParts, part) {
		return amana.ErrNotFound
	}
	c := s.counting(v)
	c.ByArea = part == figureParts[0] && len(v.desk.Areas()) > 0
	figures, err := v.desk.Figures(v.Context(), c)
	if err != nil {
		return err
	}
	f := v.form()
	if !f.Failed() {
		for name, value := range map[string]string{
			"first": c.First, "last": c.Last, "basis": string(c.Basis), "group": string(c.Group), "sex": c.Sex, "age": c.Age, "type": c.Type, "area": c.Area,
		} {
			f.Values.Set(name, value)
		}
	}
	view := figuresView{
		Frame: s.frame(v, "figures", f), Form: f, Tabs: v.figureTabs("/figures"), Included: figures.Counts.Included, Read: figures.Incidents,
		Left: v.left(figures.Counts.Left), Period: v.spanText(figures.Counts.Question.Span.String()), Basis: v.lang.T("figures.basis." + string(c.Basis)),
	}
	var teams []string
	for _, t := range figures.Teams {
		teams = append(teams, t.Name)
	}
	view.Teams = strings.Join(teams, v.lang.T("frame.comma"))
	for _, p := range figureParts {
		path := "/figures/part/" + p
		if p == figureParts[0] {
			path = "/figures"
		}
		view.Parts = append(view.Parts, tabView{Path: path, Text: v.lang.T("figures.part." + p), On: p == part})
	}
	v.figureChoices(&view, figures)
	if view.Empty = figures.Incidents == 0; !view.Empty {
		v.fillPart(&view, figures, part)
	}
	return figuresPage.render(s, w, v, http.StatusOK, view)
}

// fillPart puts the tables of a part, or the indicators, on its page.
func (v *visit) fillPart(view *figuresView, figures casework.Figures, part string) {
	for i := range figures.Counts.Tables {
		t := &figures.Counts.Tables[i]
		if t.Section == part || part == figureParts[0] && t.Section == "" {
			view.Tables = append(view.Tables, v.figureTable(figures, t))
		}
		if t.ID == "total" && figures.Counting.ByArea {
			view.Tables = append(view.Tables, v.insideAreas(figures, t))
		}
	}
	if part == indicatorsPart {
		for _, i := range figures.Indicators {
			view.Indicators = append(view.Indicators, v.indicator(i))
		}
	}
}

// figureTabs are the pages about figures.
func (v *visit) figureTabs(on string) []tabView {
	var tabs []tabView
	for _, t := range [][2]string{{"/figures", "figures.tab.inside"}, {"/figures/releases", "figures.tab.releases"}, {"/figures/agreement", "figures.tab.agreement"}, {"/figures/areas", "figures.tab.areas"}} {
		tabs = append(tabs, tabView{Path: t[0], Text: v.lang.T(t[1]), On: t[0] == on})
	}
	return tabs
}

func (v *visit) left(l stats.Left) []leftView {
	var list []leftView
	for _, why := range []struct {
		key string
		n   int
	}{
		{"refused", l.Refused},
		{"not_asked", l.NotAsked},
		{"elsewhere", l.Elsewhere},
		{"void", l.Void},
		{"undated", l.Undated},
		{"outside", l.Outside},
		{"filtered", l.Filtered},
	} {
		if why.n > 0 {
			list = append(list, leftView{v.lang.T("figures.left."+why.key, "n", why.n)})
		}
	}
	return list
}

// spanText is a span of months in the reader's language.
func (v *visit) spanText(span string) string {
	first, last, two := strings.Cut(span, "/")
	if !two || first == last {
		return v.lang.ISODate(first)
	}
	return v.lang.T("figures.span", "first", v.lang.ISODate(first), "last", v.lang.ISODate(last))
}

func (v *visit) figureChoices(view *figuresView, figures casework.Figures) {
	drop := func(name string, all string, ids []string, text func(id string) string) []dropChoice {
		list := []dropChoice{}
		if all != "" {
			list = append(list, dropChoice{"", v.lang.T(all), view.Form.Get(name) == ""})
		}
		for _, id := range ids {
			list = append(list, dropChoice{id, text(id), view.Form.Get(name) == id})
			if all != "" && view.Form.Get(name) == id {
				view.Filters = append(view.Filters, text(id))
			}
		}
		return list
	}
	var groups []string
	for _, g := range stats.Groupings() {
		groups = append(groups, string(g))
	}
	view.Groups = drop("group", "", groups, func(id string) string { return v.lang.T("figures.group." + id) })
	view.Bases = drop("basis", "", []string{string(stats.ByReport), string(stats.ByIncident)}, func(id string) string { return v.lang.T("figures.basis." + id) })
	row := func(table string) func(id string) string {
		return func(id string) string { return v.figureRowText(table, id) }
	}
	view.Sexes = drop("sex", "figures.all", figures.Book.IDs(stats.Sex), row("sex"))
	view.Ages = drop("age", "figures.all", figures.Book.IDs(stats.Age), row("age"))
	view.Types = drop("type", "figures.all", figures.Book.IDs(stats.Type), row("type"))
	if len(figures.Areas) > 0 {
		view.Areas = drop("area", "figures.all", figures.Areas, func(id string) string { return id })
	}
}

func (v *visit) figureTable(figures casework.Figures, t *stats.Counted) figureTable {
	view := figureTable{No: t.No, ID: t.ID, Title: v.lang.T("figures.table." + t.ID), What: v.lang.T("figures.table." + t.ID + ".what")}
	if t.No > 24 {
		view.No = 0 // it is none of the standard's report
	}
	for _, p := range figures.Counts.Periods {
		view.Periods = append(view.Periods, v.spanText(p.String()))
	}
	columns := columnsOf(len(figures.Counts.Periods))
	if len(columns) > 1 {
		view.Periods = append(view.Periods, v.lang.T("figures.total"))
	}
	var bars []chart.Row
	for i, id := range t.RowIDs {
		all := t.At(i, -1, -1)
		if all == 0 && len(t.RowIDs) > 20 {
			continue // of 42 outcomes those that are
		}
		row := figureRow{Label: v.figureRowText(t.ID, id)}
		for _, p := range columns {
			row.Cells = append(row.Cells, v.behind(t, i, p, t.At(i, p, -1)))
		}
		view.Rows = append(view.Rows, row)
		bars = append(bars, chart.Row{Label: row.Label, Values: []int{all}})
	}
	for i, id := range t.Beside {
		row := figureRow{Label: v.figureRowText(t.ID, id), Beside: true}
		for _, p := range columns {
			row.Cells = append(row.Cells, figureCell{Text: v.lang.Number(t.BesideAt(i, p, -1))})
		}
		view.Rows = append(view.Rows, row)
	}
	if t.Shape == stats.Parts && len(t.RowIDs) > 1 {
		for _, p := range columns {
			view.Total = append(view.Total, figureCell{Text: v.lang.Number(t.Total(p, -1))})
		}
	}
	if len(t.RowIDs) > 1 && figures.Counts.Included > 0 {
		view.Chart = chart.New(chart.Options{
			ID: "chart-" + strconv.Itoa(t.No), Title: view.Title, Desc: view.What, RTL: v.lang.Dir() == "rtl", Number: v.lang.Number,
		}, bars)
	}
	return view
}

// insideAreas is the headline by area, with where the area is not known.
func (v *visit) insideAreas(figures casework.Figures, t *stats.Counted) figureTable {
	view := figureTable{ID: "areas", Title: v.lang.T("figures.areas.title"), What: v.lang.T("figures.areas.inside")}
	columns := columnsOf(len(figures.Counts.Periods))
	for _, p := range figures.Counts.Periods {
		view.Periods = append(view.Periods, v.spanText(p.String()))
	}
	if len(columns) > 1 {
		view.Periods = append(view.Periods, v.lang.T("figures.total"))
	}
	var bars []chart.Row
	ids := figures.Book.IDs(stats.Area)
	for i := range figures.Counts.Areas {
		area := (i + 1) % figures.Counts.Areas // what is not known comes last
		row := figureRow{Label: v.lang.T("figures.row.unknown")}
		if area > 0 {
			row.Label = ids[area-1]
		}
		for _, p := range columns {
			row.Cells = append(row.Cells, figureCell{Text: v.lang.Number(t.At(0, p, area))})
		}
		view.Rows, bars = append(view.Rows, row), append(bars, chart.Row{Label: row.Label, Values: []int{t.At(0, -1, area)}})
	}
	for _, p := range columns {
		view.Total = append(view.Total, figureCell{Text: v.lang.Number(t.Total(p, -1))})
	}
	if figures.Counts.Included > 0 {
		view.Map = v.insideMap(figures, t)
		view.Chart = chart.New(chart.Options{ID: "chart-areas", Title: view.Title, Desc: view.What, RTL: v.lang.Dir() == "rtl", Number: v.lang.Number}, bars)
	}
	return view
}

// columnsOf are the periods of a table, and where there are several, -1 for all.
func columnsOf(periods int) (list []int) {
	for p := range periods {
		list = append(list, p)
	}
	if periods > 1 {
		list = append(list, -1)
	}
	return list
}

func (v *visit) behind(t *stats.Counted, row, period, n int) figureCell {
	c := figureCell{Text: v.lang.Number(n)}
	if n > 0 {
		c.Path = fmt.Sprintf("/figures/behind/%d/%d/%d", t.No, row, period+1)
	}
	return c
}

// figureLists are the lists of choices that have the words of a table's rows.
var figureLists = map[string]string{
	"sex": "sex", "marital": "maritial_status", "displacement": "gbv_displacement_status", "stage": "displacement_incident",
	"type": "gbv_sexual_violence_type", "mrm": "gbv_sexual_violence_type", "time": "incident_timeofday", "place": "incident_location_type",
	"relation": "perpetrator_relationship", "perpetrator_age": "perpetrator_age_group", "occupation": "perpetrator_occupation",
	"from": "service_referred_from",
}

// figureRowText names a row of a table: as the organisation's forms do, or as the
// program does.
func (v *visit) figureRowText(table, id string) string {
	if id == stats.Unknown {
		return v.lang.T("figures.row.unknown")
	}
	if service, outcome, two := strings.Cut(id, "/"); two {
		return v.lang.T("figures.row.outcome", "service", v.shower(nil).service(service), "outcome", v.lang.T("figures.outcome."+outcome))
	}
	switch table {
	case "provided":
		return v.shower(nil).service(id)
	case "context":
		return v.lang.T("incidents.context." + id)
	case "elapsed", "elapsed_rape", "elapsed_rape_health":
		return v.lang.T("incidents.elapsed." + id)
	case "number":
		return v.lang.T("incidents.number." + id)
	}
	if list := figureLists[table]; list != "" {
		return v.shower(nil).option(list, id)
	}
	return v.lang.T("figures.row." + strings.TrimSuffix(id, "+"))
}

func (v *visit) indicator(i stats.Indicator) indicatorView {
	view := indicatorView{
		ID: i.ID, Title: v.lang.T("figures.indicator." + i.ID), What: v.lang.T("figures.indicator." + i.ID + ".what"),
		Of: v.lang.T("figures.of", "n", i.Numerator, "of", i.Denominator), Value: v.lang.T("figures.few"),
	}
	if i.Unknown > 0 {
		view.Unknown = v.lang.T("figures.unknown", "n", i.Unknown)
	}
	for _, p := range i.Parts {
		if p.N > 0 {
			view.Parts = append(view.Parts, v.lang.T("figures.pair", "what", v.partText(p), "n", p.N))
		}
	}
	switch {
	case i.Kind == stats.Plain:
		view.Value, view.Of = v.lang.Number(i.Numerator), ""
	case i.Denominator == 0:
		view.Value = v.lang.T("figures.none")
		if i.Kind == stats.Median || i.Kind == stats.Spread {
			view.Of = ""
		}
	case i.Kind == stats.Spread:
		view.Value, view.Of = v.lang.Number(i.Denominator), ""
	case i.Kind == stats.Median:
		view.Value, view.Of = v.lang.T("figures.hours", "n", i.Numerator), v.lang.T("figures.values", "n", i.Denominator)
	case i.Kind == stats.Mean:
		view.Value = v.decimal((10*i.Numerator + i.Denominator/2) / i.Denominator)
	case i.Denominator >= leastOfPercent:
		view.Value = v.lang.T("figures.percent", "n", (100*i.Numerator+i.Denominator/2)/i.Denominator)
	}
	return view
}

// partText names a part of an indicator.
func (v *visit) partText(p stats.Part) string {
	switch p.Words {
	case "":
	case "referral_service":
		return v.shower(nil).service(p.ID)
	default:
		return v.shower(nil).option(p.Words, p.ID)
	}
	return v.lang.T("figures.row." + strings.TrimSuffix(p.ID, "+"))
}

// leastOfPercent is the smallest denominator of which a percentage is shown, inside
// and outside: below, it pretends to know what it does not.
const leastOfPercent = 20

// decimal writes tenths.
func (v *visit) decimal(tenths int) string {
	return v.lang.Number(tenths/10) + v.lang.T("figures.point") + strconv.Itoa(tenths%10)
}

// behindView lists the cases behind a figure.
type behindView struct {
	Frame
	Title, Row, Period string
	Cases              []behindCase
}

type behindCase struct {
	Path, Code, Opened string
	Status             tag
}

var behindPage = page[behindView]{"figures_behind"}

func (s *Server) showBehind(w http.ResponseWriter, v *visit) error {
	no, err1 := strconv.Atoi(v.PathValue("table"))
	row, err2 := strconv.Atoi(v.PathValue("row"))
	period, err3 := strconv.Atoi(v.PathValue("period"))
	if err1 != nil || err2 != nil || err3 != nil {
		return amana.ErrNotFound
	}
	c := s.counting(v)
	figures, err := v.desk.Figures(v.Context(), c)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(figures.Counts.Tables, func(t stats.Counted) bool { return t.No == no })
	if at < 0 || row < 0 || row >= len(figures.Counts.Tables[at].RowIDs) || period < 0 || period > len(figures.Counts.Periods) {
		return amana.ErrNotFound
	}
	t := &figures.Counts.Tables[at]
	cases, err := v.desk.CountedCases(v.Context(), c, t.ID, row, period-1)
	if err != nil {
		return err
	}
	view := behindView{
		Frame: s.frame(v, "figures"), Title: v.lang.T("figures.table." + t.ID), Row: v.figureRowText(t.ID, t.RowIDs[row]),
		Period: v.spanText(figures.Counts.Question.Span.String()),
	}
	if period > 0 {
		view.Period = v.spanText(figures.Counts.Periods[period-1].String())
	}
	sh := v.shower(nil)
	for _, one := range cases {
		view.Cases = append(view.Cases, behindCase{casePath(one.ID), one.Code, v.lang.Date(one.Opened), sh.status(one.Status)})
	}
	return behindPage.render(s, w, v, http.StatusOK, view)
}

// areasView is the list of areas that are counted apart.
type areasView struct {
	Frame
	Form form
	Tabs []tabView
	List []casework.Area
}

var areasPage = page[areasView]{"figures_areas"}

func (s *Server) showAreas(w http.ResponseWriter, v *visit) error {
	f, list := v.form(), v.desk.Areas()
	if !f.Failed() {
		var lines []string
		for _, a := range list {
			lines = append(lines, strings.Join(append([]string{a.Name, a.Region}, a.Others...), "; "))
		}
		f.Values.Set("areas", strings.Join(lines, "\n"))
	}
	return areasPage.render(s, w, v, http.StatusOK, areasView{s.frame(v, "figures", f), f, v.figureTabs("/figures/areas"), list})
}

func (s *Server) saveAreas(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	var list []casework.Area
	for line := range strings.SplitSeq(f.Get("areas"), "\n") {
		parts := strings.Split(line, ";")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		if parts[0] == "" {
			continue
		}
		a := casework.Area{Name: parts[0]}
		if len(parts) > 1 {
			a.Region, a.Others = parts[1], slices.DeleteFunc(parts[2:], func(s string) bool { return s == "" })
		}
		list = append(list, a)
	}
	if err := v.desk.SetAreas(v.Context(), list); err != nil {
		return v.refuse(w, "/figures/areas", f, err)
	}
	return v.done(w, "/figures/areas", "figures.areas.saved")
}
