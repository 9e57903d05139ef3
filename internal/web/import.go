package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"amana"
	"amana/internal/casework"
	"amana/internal/exchange"
)

// importRoutes are the routes of what is brought in and taken out.
func (s *Server) importRoutes() map[string]handler {
	return map[string]handler{
		"GET /import":                  s.showImport,
		"POST /import":                 s.takeFile,
		"GET /import/plan":             s.showImportPlan,
		"POST /import/plan":            s.tryImport,
		"POST /import/again":           s.readAgain,
		"GET /import/column/{column}":  s.showColumn,
		"POST /import/column/{column}": s.mapColumn,
		"GET /import/report":           s.showImportReport,
		"GET /import/doubts/{from}":    s.showDoubts,
		"POST /import/doubts/{from}":   s.decideDoubts,
		"POST /import/take":            s.takeImport,
		"POST /import/stop":            s.stopImport,
		"POST /import/drop":            s.dropImport,
		"GET /import/export":           s.showExport,
		"POST /import/export":          s.proposeExport,
		"GET /import/export/file":      s.sendExport,
		"POST /import/export/drop":     s.dropExport,

		"GET /import/export/p/{export}":         s.showExportProposal,
		"POST /import/export/p/{export}/answer": s.answerExport,
		"POST /import/export/p/{export}/back":   s.takeBackExport,
		"POST /import/export/p/{export}/check":  s.prepareExport,
	}
}

// importView is where a file is brought, and what was brought before.
type importView struct {
	Frame
	Form   form
	May    bool // bring
	Export bool // take out
	Most   int  // MiB of a file
	Rows   []exchangedLine
}

// exchangedLine is one earlier bringing in or taking out.
type exchangedLine struct {
	casework.Exchanged
	When, By, Team, Kind string
}

var importPage = page[importView]{"import"}

// showImport shows where the file is that is brought in, if there is one.
func (s *Server) showImport(w http.ResponseWriter, v *visit) error {
	if st, there := v.desk.ImportState(); there && v.URL.Query().Get("again") == "" {
		return v.see(w, stepOf(st))
	}
	f := v.form()
	view := importView{
		Frame: s.frame(v, "settings", f), Form: f, May: len(v.desk.ImportTeams()) > 0, Export: len(v.desk.ExportTeams()) > 0,
		Most: casework.LargestImport >> 20,
	}
	list, err := v.desk.Exchanges(v.Context())
	if err != nil {
		return err
	}
	names := map[amana.MemberID]string{}
	for _, m := range v.desk.Members() {
		names[m.ID] = m.Name
	}
	for _, e := range list {
		line := exchangedLine{Exchanged: e, When: v.lang.ISODate(e.Started), By: names[e.By], Kind: v.lang.T("import.format." + e.Format)}
		for _, t := range v.desk.Teams() {
			if t.ID == e.Team {
				line.Team = t.Name
			}
		}
		view.Rows = append(view.Rows, line)
	}
	return importPage.render(s, w, v, http.StatusOK, view)
}

// stepOf is the page of a phase.
func stepOf(st casework.ImportState) string {
	switch {
	case st.Phase.Busy():
		return "/import/progress"
	case st.Phase == casework.ImportRead:
		return "/import/plan"
	}
	return "/import/report"
}

// Where the mapping waits until the file is tried: in the memory of the session.
const waitingMapping = "mapping"

// takeFile takes a file in, to look at it. It is sealed as it comes.
func (s *Server) takeFile(w http.ResponseWriter, v *visit) error {
	f := newForm()
	part, err := v.part("file")
	if err != nil {
		f.wrong("file", "import.file.needed")
		return v.again(w, "/import", f)
	}
	v.session.put(waitingMapping, nil)
	switch err := v.desk.BringFile(v.Context(), part); {
	case errors.Is(tooLargeOr(err), errTooLarge), errors.Is(err, exchange.ErrLimit):
		f.wrong("file", "import.file.large")
	case errors.Is(err, amana.ErrConflict):
		return v.see(w, "/import")
	case err != nil:
		return v.refuse(w, "/import", f, err)
	default:
		return v.see(w, "/import/progress")
	}
	return v.again(w, "/import", f)
}

// progressLook is how often a page looks how far an import is, in seconds.
const progressLook = "2"

// importingView is a file at work.
type importingView struct {
	Frame
	Title       string
	Done, Total int
	Percent     int
}

var importingPage = page[importingView]{"importing"}

// showImporting shows how far it is, and looks again by itself. Watching is no sign of
// life: it is not for members, so that the desk locks as it would.
func (s *Server) showImporting(w http.ResponseWriter, v *visit) error {
	if v.desk == nil {
		return v.see(w, "/unlock")
	}
	if inHands(v.session) {
		return v.see(w, ownFeedback)
	}
	st, there := v.desk.ImportState()
	if !there || !st.Phase.Busy() {
		return v.see(w, "/import")
	}
	view := importingView{Frame: s.frame(v, "settings"), Title: v.lang.T("import.phase." + string(st.Phase)), Done: st.Done, Total: st.Total}
	if st.Total > 0 {
		view.Percent = min(100, 100*st.Done/st.Total)
	}
	w.Header().Set("Refresh", progressLook)
	return importingPage.render(s, w, v, http.StatusOK, view)
}

// planView says what the file is, and asks how it is to be taken in.
type planView struct {
	Frame
	Form    form
	Format  string // in words
	Records int
	Broken  bool
	Text    bool // a text file, whose letters may have been guessed wrong
	Guessed bool
	Table   bool
	Columns []columnLine
	Asks    int // columns of whose dates somebody has to say
	Teams   []casework.Team
}

// columnLine is one column of a table.
type columnLine struct {
	N             int
	Header, Field string
	Note          string // what somebody should look at, or ""
}

var planPage = page[planView]{"import_plan"}

// mapping is the mapping as it was changed, or as it is proposed.
func (v *visit) mapping(st casework.ImportState) exchange.Mapping {
	if m := shelved[*exchange.Mapping](v.session, waitingMapping); m != nil {
		return *m
	}
	return st.File.Proposed
}

// readFile is the file that waits for a plan.
func (v *visit) readFile() (casework.ImportState, bool) {
	st, there := v.desk.ImportState()
	return st, there && st.File != nil && !st.Phase.Busy() && st.Phase != casework.ImportTaken
}

func (s *Server) showImportPlan(w http.ResponseWriter, v *visit) error {
	st, ready := v.readFile()
	if !ready {
		return v.see(w, "/import")
	}
	f := v.form()
	m := v.mapping(st)
	teams := v.desk.ImportTeams()
	if !f.Failed() {
		f.Values.Set("status", "open")
		if st.File.Format == exchange.Recorder {
			f.Values.Set("status", "closed")
		}
		f.Values.Set("kind", string(m.Kind))
		f.Values.Set("encoding", string(m.Encoding))
		f.Values.Set("delimiter", delimiterName(m.Delimiter))
		f.Values.Set("source", st.Plan.Source)
		if len(teams) == 1 {
			f.Values.Set("team", teams[0].ID.String())
		}
	}
	view := planView{
		Frame: s.frame(v, "settings", f), Form: f, Format: v.lang.T("import.format." + string(st.File.Format)), Records: st.File.Records,
		Broken: st.File.Broken, Text: st.File.Format == exchange.CSV, Guessed: m.Encoding.Guessed(), Teams: teams,
		Table: st.File.Format != exchange.JSON,
	}
	if view.Table {
		view.Columns, view.Asks = v.columnLines(st, m)
	}
	return planPage.render(s, w, v, http.StatusOK, view)
}

// targetName is what a field is called: by the form that asks it, or as the sheet does.
func (v *visit) targetName(t exchange.Target) string {
	if name := v.shower(nil).fieldName(t.Kind, t.Name); name != t.Name && ofList(t.Name) == t.Name {
		return name
	}
	return t.Title(v.lang.Tag())
}

func (v *visit) columnLines(st casework.ImportState, m exchange.Mapping) (lines []columnLine, asks int) {
	targets := map[string]exchange.Target{}
	for _, t := range exchange.Targets(m.Kind) {
		targets[t.Name] = t
	}
	for i, c := range m.Columns {
		line := columnLine{N: i + 1, Header: c.Header}
		t, known := targets[c.Field]
		switch {
		case c.Field == exchange.Leave:
			line.Field = v.lang.T("import.column.leave")
		case !known:
			line.Field = v.lang.T("import.column.keep")
		default:
			line.Field = v.targetName(t)
		}
		if i < len(st.File.Survey) && known {
			survey := &st.File.Survey[i]
			if unknown := len(survey.Unknown(t)) - len(c.Values); unknown > 0 {
				line.Note = v.lang.T("import.column.unknown", "n", unknown)
			}
			if t.IsDate() && survey.Dates.Asks() && c.Dates == exchange.Undecided {
				line.Note = v.lang.T("import.column.order")
				asks++
			}
		}
		lines = append(lines, line)
	}
	return lines, asks
}

// tryImport goes through the file as it was planned.
func (s *Server) tryImport(w http.ResponseWriter, v *visit) error {
	st, ready := v.readFile()
	if !ready {
		return v.see(w, "/import")
	}
	f := v.typed()
	plan := casework.ImportPlan{
		Source: f.Get("source"), Status: f.Get("status"), Update: f.Get("update") == "yes", Mapping: v.mapping(st), Rest: casework.Later,
	}
	team, err := amana.ParseID[amana.Team](f.Get("team"))
	if err != nil {
		f.wrong("team", "import.team.needed")
		return v.again(w, "/import/plan", f)
	}
	plan.Team = team
	if err := v.desk.TryImport(v.Context(), plan); err != nil {
		return v.refuse(w, "/import/plan", f, err)
	}
	return v.see(w, "/import/progress")
}

// delimiters by the names that a form has for them.
var delimiters = map[string]string{"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}

func delimiterName(d string) string {
	for name, c := range delimiters {
		if c == d {
			return name
		}
	}
	return ""
}

// readAgain reads a table's rows as something else, and a text file with other letters.
func (s *Server) readAgain(w http.ResponseWriter, v *visit) error {
	st, ready := v.readFile()
	if !ready {
		return v.see(w, "/import")
	}
	f := v.typed()
	v.session.put(waitingMapping, nil)
	if st.File.Format == exchange.CSV {
		err := v.desk.AgainImport(v.Context(), exchange.Encoding(f.Get("encoding")), delimiters[f.Get("delimiter")])
		if err != nil {
			return v.refuse(w, "/import/plan", f, err)
		}
		st, _ = v.desk.ImportState()
	}
	kind := amana.Kind(f.Get("kind"))
	if (kind == amana.KindCase || kind == amana.KindIncident) && kind != st.File.Proposed.Kind {
		m := asRowsOf(kind, st.File.Proposed)
		v.session.put(waitingMapping, &m)
	}
	return v.done(w, "/import/plan", "import.again.done")
}

// asRowsOf is a mapping for rows of another kind: columns keep the fields that it has.
func asRowsOf(kind amana.Kind, m exchange.Mapping) exchange.Mapping {
	m.Kind, m.Columns = kind, slices.Clone(m.Columns)
	for i := range m.Columns {
		known := func(t exchange.Target) bool { return t.Name == m.Columns[i].Field }
		if m.Columns[i].Field != exchange.Leave && !slices.ContainsFunc(exchange.Targets(kind), known) {
			m.Columns[i].Field = ""
		}
	}
	return m
}

// columnView is one column, to say what it is.
type columnView struct {
	Frame
	Form    form
	Column  columnLine
	Filled  int
	Samples []string
	Fields  []dropChoice
	Dates   bool
	List    string
	Unknown []unknownLine
	Choices []dropChoice
}

// unknownLine is something that is written in a column and is no choice of the list.
type unknownLine struct {
	N, Times int
	Text     string
	Choices  []dropChoice
}

// mostUnknown is how many of them one page asks about.
const mostUnknown = 25

var columnPage = page[columnView]{"import_column"}

// column is the column that an address names.
func (v *visit) column() (casework.ImportState, exchange.Mapping, int, error) {
	st, ready := v.readFile()
	if !ready {
		return st, exchange.Mapping{}, 0, fmt.Errorf("web: no file: %w", amana.ErrNotFound)
	}
	m := v.mapping(st)
	n, err := strconv.Atoi(v.PathValue("column"))
	if err != nil || n < 1 || n > len(m.Columns) || n > len(st.File.Survey) {
		return st, m, 0, fmt.Errorf("web: column: %w", amana.ErrNotFound)
	}
	return st, m, n - 1, nil
}

func (s *Server) showColumn(w http.ResponseWriter, v *visit) error {
	st, m, i, err := v.column()
	if err != nil {
		return err
	}
	f := v.form()
	c, survey := m.Columns[i], &st.File.Survey[i]
	view := columnView{Column: columnLine{N: i + 1, Header: c.Header}, Filled: survey.Filled}
	for _, text := range survey.Samples {
		view.Samples = append(view.Samples, text.Reveal())
	}
	chosen := c.Field
	if chosen == "" {
		chosen = "+"
	}
	view.Fields = []dropChoice{
		{"+", v.lang.T("import.column.keep"), chosen == "+"}, {exchange.Leave, v.lang.T("import.column.leave"), chosen == exchange.Leave},
	}
	for _, t := range exchange.Targets(m.Kind) {
		view.Fields = append(view.Fields, dropChoice{t.Name, v.targetName(t), t.Name == chosen})
		if t.Name == chosen {
			view.Dates = t.IsDate() && survey.Dates.Asks()
			view.Unknown = v.unknownLines(survey.Unknown(t), t, c)
		}
	}
	if !f.Failed() {
		f.Values.Set("dates", string(c.Dates))
	}
	view.Frame, view.Form = s.frame(v, "settings", f), f
	return columnPage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) unknownLines(unknown map[string]int, t exchange.Target, c exchange.Column) []unknownLine {
	var lines []unknownLine
	for text, n := range unknown {
		lines = append(lines, unknownLine{Times: n, Text: text})
	}
	slices.SortFunc(lines, func(a, b unknownLine) int {
		if a.Times != b.Times {
			return b.Times - a.Times
		}
		if a.Text < b.Text {
			return -1
		}
		return 1
	})
	lines = lines[:min(len(lines), mostUnknown)]
	sh := v.shower(nil)
	for i := range lines {
		lines[i].N = i + 1
		lines[i].Choices = []dropChoice{{"", v.lang.T("import.column.asis"), c.Values[lines[i].Text] == ""}}
		for _, id := range exchange.Choices(t.Choices) {
			lines[i].Choices = append(lines[i].Choices, dropChoice{id, sh.option(t.Choices, id), c.Values[lines[i].Text] == id})
		}
	}
	return lines
}

// meant are the choices that a person found for what is written in a column.
func (v *visit) meant(f form, unknown map[string]int, t exchange.Target) map[string]string {
	values := map[string]string{}
	for _, line := range v.unknownLines(unknown, t, exchange.Column{}) {
		if id := f.Get("value_" + strconv.Itoa(line.N)); slices.Contains(exchange.Choices(t.Choices), id) {
			values[line.Text] = id
		}
	}
	return values
}

// mapColumn says what a column is. A field that another column had is taken from it.
func (s *Server) mapColumn(w http.ResponseWriter, v *visit) error {
	st, m, i, err := v.column()
	if err != nil {
		return err
	}
	f := v.typed()
	m.Columns = slices.Clone(m.Columns)
	c := exchange.Column{Header: m.Columns[i].Header, Field: f.Get("field"), Dates: exchange.Order(f.Get("dates"))}
	same := c.Field == m.Columns[i].Field
	if c.Field == "+" {
		c.Field = ""
	}
	for j := range m.Columns {
		if c.Field != "" && c.Field != exchange.Leave && m.Columns[j].Field == c.Field {
			m.Columns[j].Field = ""
		}
	}
	for _, t := range exchange.Targets(m.Kind) {
		if t.Name == c.Field && same {
			c.Values = v.meant(f, st.File.Survey[i].Unknown(t), t)
		}
	}
	m.Columns[i] = c
	if err := m.Check(); err != nil {
		return v.refuse(w, v.URL.Path, f, err)
	}
	v.session.put(waitingMapping, &m)
	if !same { // what is asked of the column may be something else now
		return v.see(w, v.URL.Path)
	}
	return v.see(w, "/import/plan")
}

func (s *Server) stopImport(w http.ResponseWriter, v *visit) error {
	v.desk.StopImport()
	return v.see(w, "/import")
}

func (s *Server) dropImport(w http.ResponseWriter, v *visit) error {
	v.desk.DropImport()
	v.session.put(waitingMapping, nil)
	return v.see(w, "/import")
}
