package web

import (
	"net/http"
	"slices"
	"time"

	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/record"
	"amana/internal/window"
)

// clockView is what can still help one person, and until when.
type clockView struct {
	Path     string // of the case
	When     string // when it happened, in words; "" where nobody wrote it down
	Vouched  vouchedView
	Pressing []windowView // to be done now, or within hours
	Offered  []windowView // at every visit, and what was seen to
	Past     []windowView // whose time has passed
	MayWrite bool
	Needs    []string // windows that may help still: what the directory is asked for
}

// vouchedView says whether somebody answers for a table.
type vouchedView struct {
	Signed string // by whom, or ""
	Due    bool
}

// windowView is one treatment.
type windowView struct {
	ID, Name, For string
	Action        string // where its outcome is sent
	State         tag
	Left          string // how long there is, in words
	Outcome       tag    // what came of it, or none
	Noted         string
	Outcomes      []outcomeView
	Late          []lateView // why it passed, where it did and somebody may say so
	Why           string     // in words, where it was said
}

// lateView is one reason for which time can pass.
type lateView struct {
	ID, Text string
	Is       bool
}

// outcomeView is one button.
type outcomeView struct{ ID, Text, Of string }

// clock prepares what the page of a case says of the hours.
func (v *visit) clock(file casework.CaseFile) *clockView {
	c := file.Clock
	if c == nil {
		return nil
	}
	sh := v.shower(file.Names)
	view := &clockView{Path: casePath(file.ID), When: sh.assault(c.Assault), Vouched: sh.vouched(c.Signed, false), MayWrite: file.MayWrite}
	for _, s := range c.States {
		w := sh.window(s.State)
		w.Action = view.Path + "/windows/" + s.ID
		for _, id := range casework.Outcomes() {
			text := sh.option("window_outcome", id)
			w.Outcomes = append(w.Outcomes, outcomeView{id, text, v.lang.T("windows.mark.of", "outcome", text, "window", w.Name)})
		}
		if s.Outcome != "" {
			w.Outcome = tag{outcomeShape(s.Outcome), sh.option("window_outcome", s.Outcome)}
			w.Noted = v.lang.T("windows.noted", "name", sh.name(s.By), "date", v.lang.DateTime(s.When))
		}
		if s.MayHelp() && s.Outcome == "" {
			view.Needs = append(view.Needs, s.ID)
		}
		switch {
		case s.Outcome == "" && (s.Waits() || s.Kind == window.Now):
			view.Pressing = append(view.Pressing, w)
		case s.Outcome == "" && s.Is == window.Closed:
			w.lost(sh, s.Missed, view.MayWrite)
			view.Past = append(view.Past, w)
		default:
			view.Offered = append(view.Offered, w)
		}
	}
	return view
}

// lost adds why the time passed: as it was said, and what can be said.
func (w *windowView) lost(sh shower, missed string, mayWrite bool) {
	if missed != "" {
		w.Why = sh.option("window_missed", missed)
	}
	if !mayWrite {
		return
	}
	w.Late = []lateView{{"", sh.lang.T("windows.missed.none"), missed == ""}}
	for _, id := range casework.Missed() {
		w.Late = append(w.Late, lateView{id, sh.option("window_missed", id), id == missed})
	}
}

func outcomeShape(outcome string) string {
	switch outcome {
	case "given", "referred":
		return "yes"
	case "unavailable":
		return "no"
	}
	return "none"
}

// assault says when it happened, as exactly as was written down.
func (s shower) assault(a record.Assault) string {
	if a.Date == "" {
		return ""
	}
	when := s.lang.ISODate(a.Date)
	switch {
	case len(a.Date) == len(time.DateOnly) && a.Time != "":
		return s.lang.ISODate(a.Date + "T" + a.Time)
	case len(a.Date) == len(time.DateOnly) && a.Part != "" && a.Part != "unknown":
		return when + s.lang.T("cases.comma") + s.option("incident_timeofday", a.Part)
	}
	return when
}

func (s shower) vouched(by *casework.SignOff, due bool) vouchedView {
	if by == nil {
		return vouchedView{}
	}
	return vouchedView{Due: due, Signed: s.lang.T("windows.signed", "country", by.Country, "name", by.Name, "role", by.Role, "date", s.lang.ISODate(by.Date))}
}

// window says what a treatment is and how long there is: in words, and by a shape.
func (s shower) window(w window.State) windowView {
	view := windowView{ID: w.ID, Name: s.treatment(w.Window), State: tag{windowShapes[w.Is], s.lang.T("windows.is." + string(w.Is))}}
	if w.For != "" {
		view.For = s.lang.T("windows.for." + w.For)
	}
	if w.Kind == window.Now {
		view.State = tag{"high", s.lang.T("windows.is.now")}
	}
	limit := time.Duration(w.Hours) * time.Hour
	switch w.Is {
	case window.Open, window.Soon:
		view.Left = left(s.lang, w)
	case window.Perhaps:
		view.Left = s.lang.T("windows.left.perhaps", "most", span(s.lang, w.Most))
		if w.Unknown && w.Most == limit {
			view.Left = s.lang.T("windows.left.unknown")
		}
	case window.Closed:
		view.Left = s.lang.T("windows.after", "time", span(s.lang, limit))
	case window.NoLimit:
	}
	return view
}

var windowShapes = map[window.Openness]string{
	window.Open: "open", window.Soon: "high", window.Perhaps: "medium", window.Closed: "closed", window.NoLimit: "low",
}

// treatment is the organisation's own name for a treatment, or ours.
func (s shower) treatment(w window.Window) string {
	if own := w.Name[s.lang.Tag()]; own != "" {
		return own
	}
	if key := "windows.name." + w.ID; s.lang.Has(key) {
		return s.lang.T(key)
	}
	for _, tag := range []string{"fr", "en", "ar"} {
		if w.Name[tag] != "" {
			return w.Name[tag]
		}
	}
	return w.ID
}

func left(lang i18n.Language, w window.State) string {
	least, most := span(lang, w.Least), span(lang, w.Most)
	if least == most {
		return lang.T("windows.left", "time", most)
	}
	return lang.T("windows.left.between", "least", least, "most", most)
}

// span writes how long something takes, never as more than it is.
func span(lang i18n.Language, d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 7*day:
		return lang.T("windows.days", "n", int(d/day))
	case d >= 2*time.Hour:
		return lang.T("windows.hours", "n", int(d/time.Hour))
	case d >= time.Minute:
		return lang.T("windows.minutes", "n", int(d/time.Minute))
	}
	return lang.T("windows.moment")
}

// setOutcome writes down what came of a treatment, in one tap.
func (s *Server) setOutcome(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	outcome, which := v.PostFormValue("outcome"), v.PathValue("window")
	if err := v.desk.SetOutcome(v.Context(), id, which, outcome); err != nil {
		return v.refuse(w, casePath(id), v.typed(), err)
	}
	table, err := v.windows()
	if err != nil {
		return err
	}
	sh := v.shower(nil)
	name := which
	if known, found := table.Of(which); found {
		name = sh.treatment(known)
	}
	if outcome == "" {
		return v.done(w, casePath(id)+"#windows", "windows.reopened", "window", name)
	}
	return v.done(w, casePath(id)+"#windows", "windows.saved", "window", name, "outcome", sh.option("window_outcome", outcome))
}

// setMissed writes down why the time of a treatment passed, as far as anybody knows.
func (s *Server) setMissed(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	if err := v.desk.SetMissed(v.Context(), id, v.PathValue("window"), v.PostFormValue("missed")); err != nil {
		return v.refuse(w, casePath(id), v.typed(), err)
	}
	return v.done(w, casePath(id)+"#windows", "windows.missed.saved")
}

// windows is the table of treatments as it holds.
func (v *visit) windows() (window.Table, error) {
	t, err := v.desk.Table(casework.WindowTable)
	if err != nil {
		return window.Table{}, err
	}
	table, err := window.Parse(t.Content)
	if err != nil {
		return window.Default(), nil //nolint:nilerr // what ships is gone by where the other cannot be read
	}
	return table, nil
}

// urgentView heads the day's page: where hours are running out.
type urgentView struct {
	Cases   []urgentRow
	More    bool
	Vouched vouchedView
}

// urgentRow is one case in it.
type urgentRow struct {
	caseRow
	Windows []windowView
}

// urgent prepares the top of the day's page, or nothing where no hours run.
func (v *visit) urgent() (*urgentView, error) {
	list, more, err := v.desk.Urgent(v.Context())
	if err != nil || len(list) == 0 {
		return nil, err
	}
	t, err := v.desk.Table(casework.WindowTable)
	if err != nil {
		return nil, err
	}
	sh := v.shower(nil)
	view := &urgentView{More: more, Vouched: sh.vouched(t.Signed, t.Due)}
	for _, u := range list {
		row := urgentRow{caseRow: v.rows([]casework.CaseRow{u.CaseRow})[0]}
		for _, s := range u.States {
			row.Windows = append(row.Windows, sh.window(s))
		}
		view.Cases = append(view.Cases, row)
	}
	return view, nil
}

// Has reports whether a case stands in the list.
func (u *urgentView) Has(c casework.CaseRow) bool {
	return u != nil && slices.ContainsFunc(u.Cases, func(r urgentRow) bool { return r.ID == c.ID })
}

// clockRoutes are the routes of the hours, of what happened, and of the tables.
func (s *Server) clockRoutes() map[string]handler {
	return map[string]handler{
		"POST /cases/{case}/windows/{window}":        s.setOutcome,
		"POST /cases/{case}/windows/{window}/missed": s.setMissed,
		"POST /cases/{case}/incidents":               s.beginIncident,
		"GET /cases/{case}/incidents/{record}":       s.showIncident,
		"GET /settings/tables":                       s.showTables,
		"GET /settings/tables/{table}":               s.showTable,
		"GET /settings/tables/{table}/edit":          s.showEditTable,
		"POST /settings/tables/{table}/edit":         s.editTable,
		"GET /settings/tables/{table}/sign":          s.showSignTable,
		"POST /settings/tables/{table}/sign":         s.signTable,
	}
}
