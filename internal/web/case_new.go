package web

import (
	"maps"
	"net/http"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

// newCaseView is the first conversation: whose case it is, what she agrees to,
// who she is, how she is. Nothing but the team is needed.
type newCaseView struct {
	Frame
	Form     form
	Teams    []teamChoice
	Identity []sectionView // name, contact
	Opening  sectionView
	Survivor sectionView
	Risk     fieldView
	Told     []fieldView // what she tells
	Needs    sectionView // one by one
	Consents []consentView
	Manner   mannerView
}

// teamChoice is a team that a case can belong to.
type teamChoice struct {
	casework.Team
	On bool
}

var newCasePage = page[newCaseView]{"case_new"}

func (s *Server) showNewCase(w http.ResponseWriter, v *visit) error {
	f := v.form()
	ask := asker{lang: v.lang, form: f}
	view := newCaseView{
		Frame: s.frame(v, "cases", f), Form: f,
		Identity: []sectionView{ask.section(amana.KindIdentity, "identity"), ask.section(amana.KindIdentity, "contact")},
		Survivor: ask.section(amana.KindCase, "survivor"),
		Consents: v.consentForm(f), Manner: v.manner(f, casework.Consent{Language: ""}),
	}
	day := event.Text(s.now().Format("2006-01-02"))
	ask.value = func(name string) event.Value {
		if name == "created_on" {
			return day
		}
		return event.Value{}
	}
	view.Opening = ask.section(amana.KindCase, "opening")
	view.Risk, view.Told, view.Needs = assessment(ask.section(amana.KindCase, "assessment"))
	teams := v.workTeams()
	for _, t := range teams {
		on := len(teams) == 1 || f.Get("team") == t.ID.String()
		view.Teams = append(view.Teams, teamChoice{t, on})
	}
	return newCasePage.render(s, w, v, http.StatusOK, view)
}

// assessment divides the section of that name: the judgement, what she tells,
// and her needs one by one.
func assessment(all sectionView) (risk fieldView, told []fieldView, needs sectionView) {
	needs.ID = "needs"
	for _, f := range all.Fields {
		switch {
		case f.Name == "risk_level":
			risk = f
		case len(f.Name) > 6 && f.Name[len(f.Name)-6:] == "_needs":
			needs.Fields = append(needs.Fields, f)
			needs.Open = needs.Open || f.Error != "" || f.filled()
		default:
			told = append(told, f)
		}
	}
	return risk, told, needs
}

// workTeams are the member's teams that have cases.
func (v *visit) workTeams() []casework.Team {
	var teams []casework.Team
	for _, t := range v.me().Teams {
		if t.Compartment != amana.Statistics {
			teams = append(teams, t)
		}
	}
	return teams
}

func (s *Server) openCase(w http.ResponseWriter, v *visit) error {
	const path = "/cases/new"
	f := v.typed()
	in := casework.Intake{}
	if team, err := amana.ParseID[amana.Team](f.Get("team")); err == nil {
		in.Team = team
	} else {
		f.wrong("team", "cases.new.team.needed")
	}
	in.Identity, in.Case = casework.Values{}, casework.Values{}
	for _, section := range []string{"identity", "contact"} {
		f.gather(in.Identity, amana.KindIdentity, section)
	}
	for _, section := range []string{"opening", "survivor", "assessment"} {
		f.gather(in.Case, amana.KindCase, section)
	}
	in.Consents = f.consents()
	for _, c := range in.Consents {
		if c.Purpose == amana.PurposeCare && c.Recipient.IsEmpty() {
			in.Case[followsConsent] = event.Bool(c.Decision == amana.Granted)
		}
	}
	if f.Failed() {
		return v.again(w, path, f)
	}
	id, err := v.desk.OpenCase(v.Context(), in)
	if err != nil {
		return v.refuse(w, path, f, atConsents(err))
	}
	return v.done(w, casePath(id), "cases.new.saved")
}

// gather adds the values of one section to values.
func (f *form) gather(values casework.Values, kind amana.Kind, section string) {
	found, _ := f.parse(sectionFields(kind, section), "")
	maps.Copy(values, found)
}
