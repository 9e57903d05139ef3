package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/stats"
)

func (s *Server) releaseRoutes() map[string]handler {
	return map[string]handler{
		"GET /figures/releases":                       s.showReleases,
		"GET /figures/releases/new":                   s.showNewRelease,
		"POST /figures/releases/new":                  s.planRelease,
		"GET " + sumPath:                              s.showSum,
		"POST " + sumPath:                             s.bringFigures,
		"POST " + sumPath + "/plan":                   s.sumFigures,
		"POST " + sumPath + "/drop":                   s.dropSum,
		"GET /figures/releases/plan":                  s.showPlan,
		"GET " + rowsPath:                             s.showNewRows,
		"POST " + rowsPath:                            s.planRows,
		"POST /figures/releases":                      s.proposeRelease,
		"GET /figures/releases/{release}":             s.showRelease,
		"POST /figures/releases/{release}/answer":     s.answerRelease,
		"POST /figures/releases/{release}/release":    s.finishRelease,
		"POST /figures/releases/{release}/again":      s.againRelease,
		"GET /figures/releases/{release}/report":      s.showReport,
		"GET /figures/releases/{release}/file/{kind}": s.sendRelease,

		"GET /figures/releases/{release}/print/{kind}/{lang}": s.printRelease,
		"GET /figures/agreement":                              s.showAgreement,
		"POST /figures/agreement":                             s.saveAgreement,
	}
}

// mayShow reports whether the pages offer to show figures to others.
func (v *visit) mayShow() bool {
	me := v.me()
	return me.Has(amana.RoleSupervisor) || me.Has(amana.RoleReleaseOfficer) || me.Has(amana.RoleAdministrator)
}

// mayPropose reports whether they offer to put figures forward.
func (v *visit) mayPropose() bool {
	me := v.me()
	return v.mayShow() || me.Has(amana.RoleAnalyst)
}

// releasesView is the ledger: what was put forward and what was shown to whom.
type releasesView struct {
	Frame
	Tabs []tabView
	List []releaseLine
	May  bool

	Disputes []claimRow
}

type releaseLine struct {
	Path, Title, By, On string
	State               tag
}

var releasesPage = page[releasesView]{"figures_releases"}

func (s *Server) showReleases(w http.ResponseWriter, v *visit) error {
	all, err := v.desk.FiguresReleases(v.Context())
	if err != nil {
		return err
	}
	view := releasesView{Frame: s.frame(v, "figures"), Tabs: v.figureTabs("/figures/releases"), May: v.mayPropose()}
	if view.Disputes, err = v.disputes(true); err != nil {
		return err
	}
	sh := v.shower(v.memberNames())
	for _, r := range all {
		view.List = append(view.List, releaseLine{
			Path: "/figures/releases/" + r.ID.String(), Title: v.releaseTitle(r), By: sh.name(r.By), On: v.lang.Date(r.On), State: v.releaseState(r),
		})
	}
	return releasesPage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) releaseTitle(r casework.FiguresRelease) string {
	return v.lang.T("figures.release.title", "to", v.lang.T("figures.to."+string(r.Request.To)), "period", v.spanText(r.Request.First+"/"+r.Request.Last))
}

func (v *visit) releaseState(r casework.FiguresRelease) tag {
	switch {
	case !r.Done.IsZero():
		return tag{"yes", v.lang.T("figures.state.released", "date", v.lang.Date(r.Done))}
	case r.Refused && len(r.Missing) > 0:
		return tag{"no", v.lang.T("figures.state.refused")}
	case len(r.Missing) > 0:
		return tag{"medium", v.lang.T("figures.state.waits", "n", len(r.Missing))}
	}
	return tag{"open", v.lang.T("figures.state.ready")}
}

// newReleaseView is the form by which figures are put together for others.
type newReleaseView struct {
	Frame
	Form      form
	Audiences []tick
	Groups    []dropChoice
	Areas     []dropChoice
}

var newReleasePage = page[newReleaseView]{"figures_release_new"}

const shelfPlan, shelfAsk = "figures plan", "figures release"

func (s *Server) showNewRelease(w http.ResponseWriter, v *visit) error {
	if !v.mayPropose() {
		return amana.ErrRefused
	}
	f := v.form()
	if !f.Failed() {
		ask := shelved[casework.Releasing](v.session, shelfAsk)
		if ask.First == "" {
			last := s.now().AddDate(0, 0, -s.now().Day()).Format("2006-01") // the last whole month
			ask = casework.Releasing{To: disclose.Partners, First: last, Last: last, Group: stats.Whole, Text: v.lang.T("figures.report.text")}
		}
		for name, value := range map[string]string{
			"to": string(ask.To), "first": ask.First, "last": ask.Last, "group": string(ask.Group), "areas": string(ask.Areas), "text": ask.Text,
		} {
			f.Values.Set(name, value)
		}
	}
	view := newReleaseView{Frame: s.frame(v, "figures", f), Form: f}
	a := v.desk.FiguresAgreement()
	for _, to := range disclose.Audiences() {
		if p, covered := a.Policies[to]; covered {
			view.Audiences = append(view.Audiences, tick{Name: "to", Value: string(to), On: f.Get("to") == string(to), Text: v.lang.T("figures.to." + string(to)), Hint: v.policyText(p)})
		}
	}
	for _, g := range stats.Groupings() {
		view.Groups = append(view.Groups, dropChoice{string(g), v.lang.T("figures.group." + string(g)), f.Get("group") == string(g)})
	}
	view.Areas = v.areaChoices(f)
	return newReleasePage.render(s, w, v, http.StatusOK, view)
}

// areaChoices are by which areas figures can be shown, where there are any.
func (v *visit) areaChoices(f form) (list []dropChoice) {
	if len(v.desk.Areas()) == 0 {
		return nil
	}
	for _, d := range []casework.AreaDetail{casework.NoAreas, casework.ByAreas, casework.ByRegions} {
		key := "figures.by." + string(d)
		if d == casework.NoAreas {
			key = "figures.by.none"
		}
		list = append(list, dropChoice{string(d), v.lang.T(key), f.Get("areas") == string(d)})
	}
	return list
}

// policyText says in a sentence what an audience sees.
func (v *visit) policyText(p disclose.Policy) string {
	text := v.lang.T("figures.policy", "n", p.Threshold)
	if p.Zeros {
		text += " " + v.lang.T("figures.policy.zeros")
	}
	if p.Round > 1 {
		text += " " + v.lang.T("figures.policy.round", "n", p.Round)
	}
	if p.Finest > 1 {
		text += " " + v.lang.T("figures.policy.finest", "n", p.Finest)
	}
	return text
}

func (s *Server) planRelease(w http.ResponseWriter, v *visit) error {
	f, path := v.typed(), "/figures/releases/new"
	ask := casework.Releasing{
		To: disclose.Audience(f.Get("to")), First: western(f.Get("first")), Last: western(f.Get("last")), Group: stats.Grouping(f.Get("group")),
		Areas: casework.AreaDetail(f.Get("areas")), Text: f.Get("text"),
	}
	if _, err := stats.SpanOf(ask.First, ask.Last); err != nil {
		f.wrong("first", "figures.period.wrong")
		return v.again(w, path, f)
	}
	return s.plan(w, v, f, ask, path)
}

func (s *Server) plan(w http.ResponseWriter, v *visit, f form, ask casework.Releasing, path string) error {
	v.session.put(shelfAsk, ask)
	p, err := v.desk.PlanFigures(v.Context(), ask)
	if err != nil {
		return v.refuseRelease(w, path, f, err)
	}
	v.session.put(shelfPlan, p)
	return v.see(w, "/figures/releases/plan")
}

// refuseRelease says why the rules of the work do not allow something.
func (v *visit) refuseRelease(w http.ResponseWriter, path string, f form, err error) error {
	if no, is := errors.AsType[*casework.Refusal](err); is {
		f.wrong("", no.Key)
		return v.again(w, path, f)
	}
	return v.refuse(w, path, f, err)
}

// figuresPlanView is a release as it would be, with what is withheld and why.
type figuresPlanView struct {
	Frame
	Form     form
	Title    string
	Counted  int
	Unread   int
	Left     []leftView
	Refusals []string
	More     int
	Tallies  []figuresTallyView
	Tables   []figureTable
	Shown    int
	Policy   string
	Rows     *rowsView
}

type figuresTallyView struct {
	Table                            string
	Shown, TooFew, WithThem, TooFine string
}

var figuresPlanPage = page[figuresPlanView]{"figures_plan"}

// fewRefusals is how many reasons a page lists.
const fewRefusals = 20

func (s *Server) showPlan(w http.ResponseWriter, v *visit) error {
	p := shelved[*casework.FiguresPlan](v.session, shelfPlan)
	if p == nil {
		return v.see(w, "/figures/releases/new")
	}
	f, r := v.form(), p.Plan.Preview()
	view := figuresPlanView{
		Frame: s.frame(v, "figures", f), Form: f, Counted: p.Counted, Unread: p.Unread, Left: v.left(p.Left), Shown: p.Plan.Shown(), Policy: v.policyText(r.Policy),
		Title: v.lang.T("figures.release.title", "to", v.lang.T("figures.to."+string(p.Request.To)), "period", v.spanText(p.Request.First+"/"+p.Request.Last)),
	}
	for i, no := range p.Plan.Refusals {
		if i == fewRefusals {
			view.More = len(p.Plan.Refusals) - i
			break
		}
		view.Refusals = append(view.Refusals, v.refusalText(no))
	}
	if len(p.Plan.Refusals) == 0 {
		for _, t := range p.Plan.Tallies {
			view.Tallies = append(view.Tallies, figuresTallyView{
				v.lang.T("figures.table." + t.Table), v.lang.Number(t.Shown), v.lang.Number(t.TooFew), v.lang.Number(t.WithThem), v.lang.Number(t.TooFine),
			})
		}
		view.Tables = v.releasedTables(&r)
	}
	if p.Rows != nil {
		view.Rows = v.rowsView(p.Rows.Risk, p.Rows.Why)
	}
	return figuresPlanPage.render(s, w, v, http.StatusOK, view)
}

// refusalText says why a release is refused, and by what.
func (v *visit) refusalText(no disclose.Refusal) string {
	where := v.lang.T("figures.why.whole")
	if no.Table != "" {
		where = v.lang.T("figures.table."+no.Table) + ": " + v.releasedRow(no.Table, no.Row)
	}
	if no.Area != "" {
		where += v.lang.T("frame.comma") + no.Area
	}
	if no.Period != "" {
		where += v.lang.T("frame.comma") + v.spanText(no.Period)
	}
	return v.lang.T("figures.why."+string(no.Reason), "where", where)
}

// releasedRow names a row of a table, the headline too.
func (v *visit) releasedRow(table, row string) string {
	if table == "total" {
		return v.lang.T("figures.row.incidents")
	}
	return v.figureRowText(table, row)
}

func (s *Server) proposeRelease(w http.ResponseWriter, v *visit) error {
	p := shelved[*casework.FiguresPlan](v.session, shelfPlan)
	if p == nil {
		return v.see(w, "/figures/releases/new")
	}
	id, err := v.desk.ProposeFigures(v.Context(), p)
	if err != nil {
		return v.refuseRelease(w, "/figures/releases/plan", v.typed(), err)
	}
	v.session.put(shelfPlan, nil)
	return v.done(w, "/figures/releases/"+id.String(), "figures.release.proposed")
}

// releaseView is one release: who agreed, what it shows, and how it leaves.
type releaseView struct {
	Frame
	Form    form
	Path    string
	Title   string
	State   tag
	Parties []partyView
	Tables  []figureTable
	Facts   [][2]string
	Prints  []printView
	Rows    *rowsView
	Ready   bool
	Done    bool
	Sum     bool // it can be added up with others'
	Again   bool // and made for the next period
	May     bool
}

type partyView struct {
	Name   string
	Index  int
	Answer tag
	Ask    bool
}

var releasePage = page[releaseView]{"figures_release"}

func (v *visit) release() (casework.FiguresRelease, error) {
	id, err := amana.ParseID[amana.Record](v.PathValue("release"))
	if err != nil {
		return casework.FiguresRelease{}, amana.ErrNotFound
	}
	return v.desk.FiguresRelease(v.Context(), id)
}

func (s *Server) showRelease(w http.ResponseWriter, v *visit) error {
	r, err := v.release()
	if err != nil {
		return err
	}
	f := v.form()
	view := releaseView{
		Frame: s.frame(v, "figures", f), Form: f, Path: "/figures/releases/" + r.ID.String(), Title: v.releaseTitle(r), State: v.releaseState(r),
		Tables: v.releasedTables(&r.Release), Ready: len(r.Missing) == 0 && r.Done.IsZero(), Done: !r.Done.IsZero(), May: v.mayShow(), Sum: r.Request.To == disclose.Coordination && r.Release.Contributors == 1, Again: v.mayPropose() && r.Release.Contributors == 1, Facts: v.releaseFacts(r), Prints: s.prints("tables", r),
	}
	if len(r.Rows) > 0 {
		view.Rows = v.rowsView(disclose.RiskOf(r.Rows), "")
	}
	for i, party := range r.Agreement.Needs(r.Request.To) {
		p := partyView{Name: party, Index: i, Answer: tag{"none", v.lang.T("figures.answer.none")}, Ask: view.May && !view.Done && (i > 0 || r.Mine)}
		for _, a := range r.Approvals {
			if a.Party == party && a.Yes {
				p.Answer = tag{"yes", v.lang.T("figures.answer.yes", "date", v.lang.ISODate(a.On))}
			} else if a.Party == party {
				p.Answer = tag{"no", v.lang.T("figures.answer.no", "date", v.lang.ISODate(a.On))}
			}
		}
		view.Parties = append(view.Parties, p)
	}
	return releasePage.render(s, w, v, http.StatusOK, view)
}

// releaseFacts say of a release what stands beside every figure of it.
func (v *visit) releaseFacts(r casework.FiguresRelease) [][2]string {
	sh := v.shower(v.memberNames())
	return [][2]string{
		{v.lang.T("figures.fact.to"), v.lang.T("figures.to." + string(r.Request.To))},
		{v.lang.T("figures.fact.period"), v.spanText(r.Request.First + "/" + r.Request.Last)},
		{v.lang.T("figures.fact.basis"), v.lang.T("figures.basis." + string(r.Release.Basis))},
		{v.lang.T("figures.fact.rules"), v.policyText(r.Release.Policy)},
		{v.lang.T("figures.fact.made"), v.lang.ISODate(r.Release.Made) + v.lang.T("frame.comma") + sh.name(r.By)},
		{v.lang.T("figures.fact.note"), v.lang.T("figures.not_prevalence")},
	}
}

func (s *Server) answerRelease(w http.ResponseWriter, v *visit) error {
	r, err := v.release()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/figures/releases/"+r.ID.String()
	needs := r.Agreement.Needs(r.Request.To)
	for i, party := range needs {
		if f.Get("party") != partyID(i) {
			continue
		}
		if err := v.desk.AnswerFigures(v.Context(), r.ID, party, f.Get("answer") == "yes"); err != nil {
			return v.refuseRelease(w, path, f, err)
		}
		return v.done(w, path, "figures.answered")
	}
	return amana.ErrInvalid
}

// partyID is how a form names a party of an agreement.
func partyID(i int) string { return "party" + strconv.Itoa(i) }

// count reads a small number, or 0.
func (f form) count(name string) int {
	n, err := strconv.Atoi(western(f.Get(name)))
	if err != nil {
		return 0
	}
	return n
}

// ID is how a form names the party.
func (p partyView) ID() string { return partyID(p.Index) }

func (s *Server) finishRelease(w http.ResponseWriter, v *visit) error {
	r, err := v.release()
	if err != nil {
		return err
	}
	path := "/figures/releases/" + r.ID.String()
	if err := v.desk.FinishFigures(v.Context(), r.ID); err != nil {
		return v.refuseRelease(w, path, v.typed(), err)
	}
	return v.done(w, path, "figures.release.done")
}

// againRelease is the monthly report at one press: the same, for the time that
// follows.
func (s *Server) againRelease(w http.ResponseWriter, v *visit) error {
	r, err := v.release()
	if err != nil {
		return err
	}
	ask := r.Request
	span, err := stats.SpanOf(ask.First, ask.Last)
	if err != nil {
		return err
	}
	next := stats.Span{First: span.Last + 1, Last: span.Last + span.Months()}
	months := strings.Split(next.String(), "/")
	ask.First, ask.Last = months[0], months[len(months)-1]
	if ask.Last >= s.now().Format("2006-01") {
		f := v.typed()
		f.wrong("", "figures.again.early")
		return v.again(w, "/figures/releases/"+r.ID.String(), f)
	}
	return s.plan(w, v, v.typed(), ask, "/figures/releases/new")
}
