package web

import (
	"net/http"
	"slices"
	"strconv"

	"amana"
	"amana/internal/casework"
	"amana/internal/record"
)

// casesView is the list of cases with what it was narrowed by.
type casesView struct {
	Frame
	Search                         string
	Statuses, Risks, Teams, Sorted []choiceView
	Owners                         []choiceView
	Ticks                          []tick
	Down                           bool
	Narrowed                       bool // by anything

	Rows           []caseRow
	Total          int
	More, Building bool
	First, Last    int // of the rows, counted from 1
	Previous, Next string
	Names, Veiled  bool
	NoTeam         bool
}

var casesPage = page[casesView]{"cases"}

func (s *Server) showCases(w http.ResponseWriter, v *visit) error {
	q := remembered[casework.Query](v, casework.ListCases)
	if n, err := strconv.Atoi(v.URL.Query().Get("page")); err == nil && n > 1 && n < 1_000_000 {
		q.Page = n - 1
	}
	list, err := v.desk.Cases(v.Context(), q)
	if err != nil {
		return err
	}
	view := casesView{
		Frame: s.frame(v, "cases"), Search: q.Search.Reveal(), Owners: v.colleagues(q.Owner), Ticks: v.caseTicks(q), Down: q.Down,
		Statuses: v.choices("status", "cases.any", q.Status), Risks: v.choices("risk_level", "cases.any", q.Risk),
		Teams: v.teamChoices(q.Team), Sorted: v.sortings(q.Sort), Narrowed: narrowed(q),
		Rows: v.rows(list.Rows), Total: list.Total, More: list.More, Building: list.Building,
		First: list.Page*casework.PageSize + 1, Last: list.Page*casework.PageSize + len(list.Rows),
		Names: shelved[bool](v.session, namesKey), Veiled: anyNames(list.Rows), NoTeam: len(v.me().Teams) == 0,
	}
	if list.Page > 0 {
		view.Previous = "/cases?page=" + strconv.Itoa(list.Page)
	}
	if view.Last < list.Total || list.More {
		view.Next = "/cases?page=" + strconv.Itoa(list.Page+2)
	}
	return casesPage.render(s, w, v, http.StatusOK, view)
}

// searchCases keeps what is asked for in the session, and shows the list.
func (s *Server) searchCases(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	q := casework.Query{
		Search: amana.Conceal(f.Get("search")), Status: f.Get("status"), Risk: f.Get("risk"),
		Due: f.Has("due", "yes"), Mine: f.Has("mine", "yes"), Sort: casework.Sorting(f.Get("sort")), Owner: v.memberTyped(f, "owner"),
		Flagged: f.Has("flagged", "yes"), Waiting: f.Has("waiting", "yes"), Child: f.Has("child", "yes"), Urgent: f.Has("urgent", "yes"),
		Down: f.Has("down", "yes"),
	}
	if !slices.Contains(sortings(), q.Sort) {
		q.Sort = ""
	}
	if id, err := amana.ParseID[amana.Team](f.Get("team")); err == nil {
		q.Team = id
	}
	if f.Has("all", "yes") {
		q = casework.Query{Sort: q.Sort}
	}
	later := q // words that were searched for stay in the memory of this session
	later.Search = amana.Private{}
	v.rememberBut(casework.ListCases, q, later)
	return v.see(w, "/cases")
}

// caseTicks are the boxes that narrow the list of cases.
func (v *visit) caseTicks(q casework.Query) (all []tick) {
	for _, one := range []struct {
		name string
		on   bool
	}{{"due", q.Due}, {"urgent", q.Urgent}, {"flagged", q.Flagged}, {"waiting", q.Waiting}, {"child", q.Child}, {"mine", q.Mine}} {
		all = append(all, tick{Name: one.name, Value: "yes", On: one.on, Text: v.lang.T("cases.filter." + one.name)})
	}
	return all
}

// narrowed reports whether a query leaves anything out.
func narrowed(q casework.Query) bool {
	return !q.Search.IsEmpty() || q.Status != "" || q.Risk != "" || !q.Team.IsZero() || q.Due || q.Mine ||
		!q.Owner.IsZero() || q.Flagged || q.Waiting || q.Child || q.Urgent
}

// choices are the options of a list, after one that has no value.
func (v *visit) choices(list, none, on string) []choiceView {
	all := []choiceView{{"", v.lang.T(none), on == ""}}
	for _, id := range record.Options(list) {
		all = append(all, choiceView{id, v.lang.T("option." + list + "." + id), id == on})
	}
	return all
}

// teamChoices are the member's teams, or nothing if there is only one.
func (v *visit) teamChoices(on amana.TeamID) []choiceView {
	teams := v.me().Teams
	if len(teams) < 2 {
		return nil
	}
	all := []choiceView{{"", v.lang.T("cases.any"), on.IsZero()}}
	for _, t := range teams {
		all = append(all, choiceView{t.ID.String(), t.Name, t.ID == on})
	}
	return all
}

// sortings are the ways to sort a list, the usual one first.
func sortings() []casework.Sorting {
	return []casework.Sorting{casework.ByUpdated, casework.ByDue, casework.ByFollowUp, casework.ByRisk, casework.ByOpened, casework.ByOwner, casework.ByTeam, casework.ByCode}
}

func (v *visit) sortings(on casework.Sorting) []choiceView {
	if on == "" {
		on = casework.ByUpdated
	}
	var all []choiceView
	for _, by := range sortings() {
		all = append(all, choiceView{string(by), v.lang.T("cases.sort." + string(by)), by == on})
	}
	return all
}
