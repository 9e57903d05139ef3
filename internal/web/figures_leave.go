package web

import (
	"net/http"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/tabulate"
)

// figuresReportView is a release as a report to be read and printed.
type figuresReportView struct {
	Frame
	Path   string
	Title  string
	Office string
	Words  []string
	Facts  [][2]string
	Tables []figureTable
	Map    *areaMapView
	Prints []printView
}

var figuresReportPage = page[figuresReportView]{"figures_report"}

func (s *Server) showReport(w http.ResponseWriter, v *visit) error {
	r, err := v.release()
	if err != nil {
		return err
	}
	safe, err := v.desk.SafeFigures(v.Context(), r.ID)
	if err != nil {
		return err
	}
	view := figuresReportView{
		Frame: s.frame(v, "figures"), Path: "/figures/releases/" + r.ID.String(), Title: v.releaseTitle(r), Office: v.desk.Organisation().Name,
		Facts: v.releaseFacts(r), Tables: v.releasedTables(&r.Release), Words: v.reportWords(r, v.desk.Organisation().Name), Map: v.areaMap(safe),
		Prints: s.prints("report", r),
	}
	return figuresReportPage.render(s, w, v, http.StatusOK, view)
}

// reportWords are the paragraphs of a report, with its figures put in.
func (v *visit) reportWords(r casework.FiguresRelease, office string) (list []string) {
	for line := range strings.SplitSeq(r.Request.Text, "\n") {
		if line = strings.TrimSpace(v.placeholders(line, r, office)); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// placeholders puts the figures of a release into the words of its report. What is
// withheld is said to be.
func (v *visit) placeholders(line string, r casework.FiguresRelease, office string) string {
	total := v.lang.T("figures.held")
	if t := r.Release.Table("total"); t != nil {
		n, held := 0, false
		for p := range r.Release.Periods {
			one := r.Release.At(t, 0, 0, p)
			held, n = held || one < 0, n+max(one, 0)
		}
		if !held {
			total = v.lang.Number(n)
		}
	}
	return strings.NewReplacer(
		"{total}", total, "{period}", v.spanText(r.Request.First+"/"+r.Request.Last), "{organisation}", office,
		"{date}", v.lang.ISODate(r.Release.Made), "{to}", v.lang.T("figures.to."+string(r.Request.To)),
	).Replace(line)
}

func (s *Server) sendRelease(w http.ResponseWriter, v *visit) error {
	r, err := v.release()
	if err != nil {
		return err
	}
	safe, err := v.desk.SafeFigures(v.Context(), r.ID)
	if err != nil {
		return err
	}
	words := v.fileWords(r)
	h := w.Header()
	switch v.PathValue("kind") {
	case "workbook":
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		h.Set("Content-Disposition", `attachment; filename="figures.xlsx"`)
		return tabulate.Workbook(w, safe, words)
	case "table":
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="figures.csv"`)
		return tabulate.HXL(w, safe, words)
	case "rows":
		rows, err := v.desk.SafeRows(v.Context(), r.ID)
		if err != nil {
			return err
		}
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="rows.csv"`)
		return tabulate.Rows(w, rows)
	case "contribution":
		h.Set("Content-Type", "application/json")
		h.Set("Content-Disposition", `attachment; filename="figures.json"`)
		return tabulate.Contribution(w, safe)
	}
	return amana.ErrNotFound
}

// fileWords are the words of a file, in the language of the page.
func (v *visit) fileWords(r casework.FiguresRelease) tabulate.Words {
	return tabulate.Words{
		Table: func(id string) string { return v.lang.T("figures.table." + id) }, What: func(id string) string { return v.lang.T("figures.table." + id + ".what") },
		Row: v.releasedRow, Period: v.spanText, About: v.releaseFacts(r), Area: v.lang.T("figures.area"), AllOver: v.lang.T("figures.all"), Held: v.lang.T("figures.held"),
		Sheets: [3]string{v.lang.T("figures.sheet.figures"), v.lang.T("figures.sheet.areas"), v.lang.T("figures.sheet.about")},
	}
}

// agreementView is the agreement under which figures are shown.
type agreementView struct {
	Frame
	Form     form
	Tabs     []tabView
	Name     string
	Parties  []string
	Day      int
	From     string
	Until    string
	Policies [][2]string
}

var agreementPage = page[agreementView]{"figures_agreement"}

func (s *Server) showAgreement(w http.ResponseWriter, v *visit) error {
	a, f := v.desk.FiguresAgreement(), v.form()
	if !f.Failed() {
		f.Values.Set("name", a.Name)
		f.Values.Set("parties", strings.Join(a.Parties[1:], "\n"))
		f.Values.Set("day", v.lang.Number(a.Day))
		f.Values.Set("from", a.From)
		f.Values.Set("until", a.Until)
		for to, p := range a.Policies {
			f.Values.Set("threshold_"+string(to), v.lang.Number(p.Threshold))
		}
	}
	view := agreementView{Frame: s.frame(v, "figures", f), Form: f, Tabs: v.figureTabs("/figures/agreement"), Name: a.Name, Parties: a.Parties, Day: a.Day, From: v.lang.ISODate(a.From)}
	if a.Until != "" {
		view.Until = v.lang.ISODate(a.Until)
	}
	for _, to := range disclose.Audiences() {
		if p, covered := a.Policies[to]; covered {
			view.Policies = append(view.Policies, [2]string{v.lang.T("figures.to." + string(to)), v.policyText(p)})
		}
	}
	return agreementPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) saveAgreement(w http.ResponseWriter, v *visit) error {
	f, path := v.typed(), "/figures/agreement"
	a := disclose.Agreement{
		Name: f.Get("name"), Parties: []string{v.desk.Organisation().Name}, Day: f.count("day"), From: western(f.Get("from")), Until: western(f.Get("until")),
		Policies: map[disclose.Audience]disclose.Policy{},
	}
	for line := range strings.SplitSeq(f.Get("parties"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			a.Parties = append(a.Parties, line)
		}
	}
	for _, to := range disclose.Audiences() {
		p := disclose.DefaultPolicy(to)
		if p.Threshold = f.count("threshold_" + string(to)); p.Check(to) != nil {
			f.wrong("threshold_"+string(to), "figures.agreement.threshold")
			continue
		}
		a.Policies[to] = p
	}
	if a.Day < 1 || a.Day > 28 {
		f.wrong("day", "figures.agreement.day")
	}
	for _, name := range []string{"from", "until"} {
		if _, err := time.Parse(time.DateOnly, western(f.Get(name))); err != nil && (name == "from" || f.Get(name) != "") {
			f.wrong(name, "invalid.date")
		}
	}
	if f.Failed() {
		return v.again(w, path, f)
	}
	if err := v.desk.SetFiguresAgreement(v.Context(), a); err != nil {
		return v.refuse(w, path, f, err)
	}
	return v.done(w, path, "figures.agreement.saved")
}
