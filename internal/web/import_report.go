package web

import (
	"net/http"
	"strconv"

	"amana"
	"amana/internal/casework"
	"amana/internal/exchange"
)

// reportView is what taking a file in would do, did, or did before it stopped.
type reportView struct {
	Frame
	Form     form
	Title    string
	Wrong    string // why it stopped, or ""
	Tried    bool   // and not taken in yet
	Plan     bool   // it can be planned and tried again
	Report   casework.ImportReport
	Problems []problemLine
	Counts   []problemCount
	More     bool // problems than are shown
	Asked    int  // doubts that nobody decided
	Doubts   int
}

// problemCount is how many rows have one problem, in words.
type problemCount struct {
	Text    string
	Refused bool
	Rows    int
}

// mostProblems is how many problems a page shows one by one.
const mostProblems = 40

var reportPage = page[reportView]{"import_report"}

func (s *Server) showImportReport(w http.ResponseWriter, v *visit) error {
	st, there := v.desk.ImportState()
	if !there || st.Phase.Busy() || st.Phase == casework.ImportRead {
		return v.see(w, "/import")
	}
	f := v.form()
	if !f.Failed() {
		f.Values.Set("rest", string(casework.Later))
	}
	view := reportView{
		Frame: s.frame(v, "settings", f), Form: f, Title: v.lang.T("import.phase." + string(st.Phase)), Report: st.Report,
		Tried: st.Phase == casework.ImportTried, Doubts: len(st.Report.Doubts), Plan: st.File != nil && st.Phase != casework.ImportTaken,
	}
	if st.Wrong != "" {
		view.Wrong = v.lang.T(st.Wrong)
	}
	for _, d := range st.Report.Doubts {
		if d.Answer == "" {
			view.Asked++
		}
	}
	for _, c := range st.Report.Counts {
		view.Counts = append(view.Counts, problemCount{v.lang.T(c.Key), c.Refused, c.Rows})
	}
	for i, p := range st.Report.Problems {
		if i == mostProblems {
			view.More = true
			break
		}
		view.Problems = append(view.Problems, v.importProblem(p))
	}
	return reportPage.render(s, w, v, http.StatusOK, view)
}

// importProblem says what is wrong and where. What is written there it does not say.
func (v *visit) importProblem(p exchange.Problem) problemLine {
	line := problemLine{Text: v.lang.T(p.Key), Where: v.lang.T("import.where.row", "row", strconv.Itoa(p.Line))}
	if p.Column != "" {
		line.Where = v.lang.T("import.where.column", "row", strconv.Itoa(p.Line), "column", p.Column)
	}
	if p.Field != "" {
		for _, kind := range []amana.Kind{amana.KindIncident, amana.KindCase} {
			for _, t := range exchange.Targets(kind) {
				if t.Name == p.Field {
					line.Text = v.lang.T("frame.errors.of", "field", v.targetName(t), "message", line.Text)
					return line
				}
			}
		}
	}
	return line
}

// doubtsView is some rows that may be here already.
type doubtsView struct {
	Frame
	Path           string
	From, To, All  int
	Previous, Next string
	Doubts         []doubtView
}

// doubtView is one row, and what it may be.
type doubtView struct {
	casework.Doubt
	Field   string // of the form
	Facts   []cellView
	Why     []string
	Choices []tick
	Link    string
}

// doubtsAtOnce is how many a page asks about.
const doubtsAtOnce = 10

var doubtsPage = page[doubtsView]{"import_doubts"}

// doubts are those that an address names.
func (v *visit) doubts() ([]casework.Doubt, int, int, error) {
	st, there := v.desk.ImportState()
	from, err := strconv.Atoi(v.PathValue("from"))
	if !there || st.Phase != casework.ImportTried || err != nil || from < 1 || from > len(st.Report.Doubts) {
		return nil, 0, 0, amana.ErrNotFound
	}
	return st.Report.Doubts[from-1 : min(from-1+doubtsAtOnce, len(st.Report.Doubts))], from, len(st.Report.Doubts), nil
}

func (s *Server) showDoubts(w http.ResponseWriter, v *visit) error {
	list, from, all, err := v.doubts()
	if err != nil {
		return v.see(w, "/import")
	}
	view := doubtsView{Frame: s.frame(v, "settings"), Path: v.URL.Path, From: from, To: from + len(list) - 1, All: all}
	if from > 1 {
		view.Previous = "/import/doubts/" + strconv.Itoa(max(1, from-doubtsAtOnce))
	}
	if view.To < all {
		view.Next = "/import/doubts/" + strconv.Itoa(view.To+1)
	}
	for _, d := range list {
		view.Doubts = append(view.Doubts, v.doubt(d))
	}
	return doubtsPage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) doubt(d casework.Doubt) doubtView {
	one := doubtView{Doubt: d, Field: "row_" + strconv.Itoa(d.Line)}
	sh := v.shower(nil)
	for _, t := range exchange.RecorderTargets() {
		if value, there := d.Values[t.Name]; there {
			text, _ := sh.shown(amana.KindIncident, casework.Cell{Name: t.Name}, value)
			if t.Choices != "" {
				text = sh.option(t.Choices, value.Reveal())
			}
			one.Facts = append(one.Facts, cellView{Label: v.targetName(t), Text: text})
		}
	}
	if age, there := d.Values["age"]; there {
		text, _ := sh.shown(amana.KindIncident, casework.Cell{Name: "age"}, age)
		one.Facts = append(one.Facts, cellView{Label: sh.fieldName(amana.KindIncident, "age"), Text: text})
	}
	for _, r := range d.Reasons {
		one.Why = append(one.Why, v.lang.T(r))
	}
	if !d.Case.IsZero() {
		one.Link = casePath(d.Case)
	}
	answers := []casework.Same{casework.SamePerson, casework.Different, casework.Later}
	if d.Incident {
		answers = append([]casework.Same{casework.SameIncident}, answers...)
	}
	for _, a := range answers {
		one.Choices = append(one.Choices, tick{
			Name: one.Field, Value: string(a), On: d.Answer == a || d.Answer == "" && a == casework.Later,
			Text: v.lang.T("import.answer." + string(a)), Hint: v.lang.T("import.answer." + string(a) + ".hint"),
		})
	}
	return one
}

// decideDoubts keeps what a person decided about the rows of a page.
func (s *Server) decideDoubts(w http.ResponseWriter, v *visit) error {
	list, from, all, err := v.doubts()
	if err != nil {
		return v.see(w, "/import")
	}
	f := v.typed()
	answers := map[int]casework.Same{}
	for _, d := range list {
		switch a := casework.Same(f.Get("row_" + strconv.Itoa(d.Line))); a {
		case casework.SameIncident, casework.SamePerson, casework.Different, casework.Later:
			answers[d.Line] = a
		}
	}
	if err := v.desk.DecideImport(answers); err != nil {
		return err
	}
	if next := from + len(list); next <= all {
		return v.see(w, "/import/doubts/"+strconv.Itoa(next))
	}
	return v.done(w, "/import/report", "import.doubts.done")
}

// takeImport takes the file in.
func (s *Server) takeImport(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	rest := casework.Later
	if f.Get("rest") == string(casework.Different) {
		rest = casework.Different
	}
	if err := v.desk.TakeImport(v.Context(), rest); err != nil {
		return v.refuse(w, "/import/report", f, err)
	}
	return v.see(w, "/import/progress")
}
