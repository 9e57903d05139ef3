package web

import (
	"net/http"

	"amana/internal/casework"
	"amana/internal/chart"
	"amana/internal/window"
)

// overviewView are the figures that concern a member, by role.
type overviewView struct {
	Frame
	Tabs     []tabView
	Sections []boardsView
}

// boardsView are the figures of one role.
type boardsView struct {
	Title  string
	Boards []boardView
}

// boardView is one figure: what it says, how it is counted, and of how many nothing
// is known.
type boardView struct {
	ID          string
	Title, What string
	Of          string
	Unknown     int
	UnknownSays string
	Most        int
	More        bool
	Chart       chart.Chart
}

var overviewPage = page[overviewView]{"overview"}

func (s *Server) showOverview(w http.ResponseWriter, v *visit) error {
	boards, err := v.desk.Boards(v.Context())
	if err != nil {
		return err
	}
	view := overviewView{Frame: s.frame(v, "today"), Tabs: v.dayTabs()}
	for _, role := range []string{casework.BoardsWorker, casework.BoardsClinician, casework.BoardsSupervisor, casework.BoardsOffice} {
		if len(boards[role]) == 0 {
			continue
		}
		section := boardsView{Title: v.lang.T("boards." + role)}
		for _, b := range boards[role] {
			section.Boards = append(section.Boards, v.board(b))
		}
		view.Sections = append(view.Sections, section)
	}
	return overviewPage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) board(b casework.Board) boardView {
	view := boardView{
		ID: b.ID, Title: v.lang.T("board." + b.ID), What: v.lang.T("board." + b.ID + ".what"), Unknown: b.Unknown, Most: b.Most, More: b.More,
		Of: v.lang.T("board."+b.ID+".of", "n", b.Of),
	}
	if b.Unknown > 0 {
		view.UnknownSays = v.lang.T("board."+b.ID+".unknown", "n", b.Unknown)
	}
	sh := v.shower(v.memberNames())
	named := v.treatmentNames()
	name := func(id string) string {
		if n := named[id]; n != "" && (b.ID == "treatments" || b.ID == "clock") {
			return n
		}
		return sh.part(b.ID, id)
	}
	var parts []string
	for _, id := range b.Parts {
		parts = append(parts, name(id))
	}
	var rows []chart.Row
	for _, c := range b.Counts {
		label := name(c.ID)
		if !c.Member.IsZero() {
			label = sh.name(c.Member)
		}
		rows = append(rows, chart.Row{Label: label, Values: c.Values})
	}
	view.Chart = v.chart(b.ID, b.Most, parts, rows)
	return view
}

// treatmentNames are the names of the treatments in the organisation's table.
func (v *visit) treatmentNames() map[string]string {
	names := map[string]string{}
	t, err := v.desk.Table(casework.WindowTable)
	if err != nil {
		return names
	}
	table, err := window.Parse(t.Content)
	if err != nil {
		return names
	}
	sh := v.shower(nil)
	for _, w := range table.Windows {
		names[w.ID] = sh.treatment(w)
	}
	return names
}

// part names what one number of a board is about.
func (s shower) part(board, id string) string {
	switch board {
	case "danger":
		return s.risk(id).Text
	case "approvals":
		return s.option("approval_type", id)
	case "states":
		return s.option("status", id)
	case "roles":
		return s.lang.T("role." + id)
	case "treatments", "clock":
		return s.option("window_outcome", id)
	}
	for _, prefix := range []string{"board.when.", "tasks.source."} {
		if s.lang.Has(prefix + id) {
			return s.lang.T(prefix + id)
		}
	}
	return id
}

// chart lays out a board in the reader's language and direction.
func (v *visit) chart(id string, most int, parts []string, rows []chart.Row) chart.Chart {
	return chart.New(chart.Options{
		ID: "chart-" + id, Title: v.lang.T("board." + id), Desc: v.lang.T("board." + id + ".what"), Parts: parts,
		RTL: v.lang.Dir() == "rtl", Number: v.lang.Number, Most: most,
	}, rows)
}
