package web

import (
	"net/http"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
)

// settleRoutes are the routes of releases that were begun more than once.
func (s *Server) settleRoutes() map[string]handler {
	return map[string]handler{
		"GET /releases/twice/{release}":  s.showDispute,
		"POST /releases/twice/{release}": s.settleRelease,
	}
}

// disputeView is a release that was begun more than once: what it is by each beginning,
// and who looked at them.
type disputeView struct {
	Frame
	Form     form
	Path     string
	Back     string
	State    tag
	Lede     string
	Versions []versionView
	Looked   []string
	Why      string // this member may not say that they looked
	May      bool
}

// versionView is one beginning.
type versionView struct {
	Title  string
	Facts  [][2]string
	Lines  []string
	Tables []figureTable
	Digest string
}

var disputePage = page[disputeView]{"settle"}

// disputes are lines that lead to what was begun more than once: of figures, or about people.
func (v *visit) disputes(figures bool) (list []claimRow, err error) {
	all, err := v.desk.Disputes(v.Context())
	for _, x := range all {
		if x.Figures == figures {
			list = append(list, claimRow{
				Path: "/releases/twice/" + x.ID.String(), Title: v.lang.T("settle.title"), Tags: []tag{v.disputeState(x)},
				Lines: []string{v.lang.T("settle.versions", "n", len(x.Versions))},
			})
		}
	}
	return list, err
}

func (v *visit) disputeState(x casework.Dispute) tag {
	switch {
	case x.Lost:
		return tag{"high", v.lang.T("settle.state.lost")}
	case x.Settled:
		return tag{"yes", v.lang.T("settle.state.done")}
	}
	return tag{"high", v.lang.T("settle.state.open", "n", len(x.Looked), "of", x.Needs)}
}

func (v *visit) dispute() (casework.Dispute, error) {
	id, err := amana.ParseID[amana.Record](v.PathValue("release"))
	if err != nil {
		return casework.Dispute{}, amana.ErrNotFound
	}
	return v.desk.Dispute(v.Context(), id)
}

func (s *Server) showDispute(w http.ResponseWriter, v *visit) error {
	x, err := v.dispute()
	if err != nil {
		return err
	}
	f, sh, area, kind := v.form(), v.shower(v.memberNames()), "claims", "people"
	view := disputeView{Form: f, Path: "/releases/twice/" + x.ID.String(), Back: "/releases", State: v.disputeState(x), May: x.May}
	if x.Figures {
		area, kind, view.Back = "figures", "figures", "/figures/releases"
	}
	view.Frame, view.Lede = s.frame(v, area, f), v.lang.T("settle.lede."+kind)
	if !x.May && !x.Settled {
		view.Why = v.lang.T(x.WhyNot)
	}
	for i, one := range x.Versions {
		view.Versions = append(view.Versions, v.versionView(sh, i+1, one))
	}
	for _, l := range x.Looked {
		view.Looked = append(view.Looked, joinDots(sh.name(l.By), v.lang.DateTime(l.When)))
	}
	return disputePage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) versionView(sh shower, n int, one casework.ReleaseVersion) versionView {
	view := versionView{
		Title: v.lang.T("settle.version", "n", n), Digest: one.Digest,
		Facts: [][2]string{{v.lang.T("settle.by"), joinDots(sh.name(one.By), v.lang.DateTime(one.On))}, {v.lang.T("settle.digest"), one.Digest[:16]}},
	}
	switch {
	case one.Figures != nil:
		r := &one.Figures.Release
		view.Facts = append(view.Facts, [2]string{v.lang.T("figures.fact.to"), sh.knownWord("figures.to."+string(r.Audience), string(r.Audience))})
		for _, p := range r.Periods {
			view.Facts = append(view.Facts, [2]string{v.lang.T("figures.fact.period"), v.spanText(p)})
			if len(view.Facts) > mostPeriods {
				break
			}
		}
		shown := v.known(r)
		if view.Tables = v.releasedTables(&shown); len(shown.Tables) < len(r.Tables) {
			view.Lines = append(view.Lines, v.lang.T("settle.not_shown", "n", len(r.Tables)-len(shown.Tables)))
		}
	case one.About != nil:
		row := sh.ledgerRow(*one.About)
		view.Lines = append([]string{row.Title}, row.Lines...)
	default:
		view.Lines = []string{v.lang.T("settle.no_release")}
	}
	return view
}

// What of a version is shown: whoever made one up may have made it as large as they liked.
const mostCells, mostPeriods = 4000, 24

// known keeps of a release the tables that this program knows, and no more than fit a page.
func (v *visit) known(r *disclose.Release) disclose.Release {
	out, cells := *r, 0
	out.Tables = nil
	for i := range r.Tables {
		t := &r.Tables[i]
		if cells += len(t.Cells); cells <= mostCells && (t.ID == "total" || v.lang.Has("figures.table."+t.ID)) {
			out.Tables = append(out.Tables, *t)
		}
	}
	return out
}

func (s *Server) settleRelease(w http.ResponseWriter, v *visit) error {
	x, err := v.dispute()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/releases/twice/"+x.ID.String()
	if err := v.desk.SettleRelease(v.Context(), x.ID, f.All("looked")); err != nil {
		return v.refuseRelease(w, path, f, err)
	}
	return v.done(w, path, "settle.said")
}
