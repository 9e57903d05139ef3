package web

import (
	"net/http"
	"slices"

	"amana"
	"amana/internal/casework"
	"amana/internal/child"
)

// careRoutes are the routes of what comes before a case, and before an account.
func (s *Server) careRoutes() map[string]handler {
	return map[string]handler{
		"GET /cases/find":          s.showFind,
		"POST /cases/find":         s.findKnown,
		"POST /cases/{case}/again": s.askAccount,
	}
}

// noticeView is what must be said of mandatory reporting before anything is told.
type noticeView struct {
	Text    string // "" where the organisation has not written it down
	Version string
	Told    bool // ticked
	Before  bool // this version was read to her, as her consents say
	Admin   bool
}

// notice prepares the notice; had is the version that is on record.
func (v *visit) notice(f form, had string) noticeView {
	n := v.desk.Reporting()
	return noticeView{
		Text: n.In(v.lang.Tag()), Version: n.Version, Told: f.Get("told") != "",
		Before: n.Version != "" && n.Version == had, Admin: v.me().Has(amana.RoleAdministrator),
	}
}

// minorView is what a page says where the person is, or may be, a child.
type minorView struct {
	Rule      string // key, "" for an adult
	Silent    bool   // the caregiver is neither asked nor told
	Reminders []string
	Form      form
	Carers    []choiceView // on the page of a new case, where nobody said it yet
	Ask       bool         // why this is best is asked
	Why       string
}

// minor prepares what concerns a child; nil is a case that does not exist yet.
func (v *visit) minor(f form, m *casework.Minor) minorView {
	view := minorView{Form: f, Why: f.Get("best_interests")}
	if m == nil {
		view.Ask = true
		for _, id := range []child.Carer{"", child.Supports, child.Involved, child.Absent} {
			text := v.lang.T("answer.choose")
			if id != "" {
				text = v.lang.T("option.caregiver_role." + string(id))
			}
			view.Carers = append(view.Carers, choiceView{string(id), text, f.Get("caregiver_role") == string(id)})
		}
		return view
	}
	view.Silent, view.Reminders = m.Rule.Silent, m.Rule.Reminders()
	view.Ask = m.Rule.Child && (m.Rule.Note || m.Carer != child.Supports && m.Carer != "") || !m.Rule.Known && m.Carer != ""
	if m.Rule.Child {
		view.Rule = "child.rule." + string(m.Rule.Band.Agrees)
	}
	return view
}

// everybody who may agree, for whoever is of no known age.
func everybody() []string {
	return []string{
		child.Self, child.SelfWithGuardian, child.Guardian, child.GuardianWithAssent, child.TrustedAdult,
		child.TrustedAdultWithAssent, child.Supervisor, child.SupervisorWithAssent,
	}
}

// mayAgree are those who may agree for a person, and whoever is on record.
func mayAgree(m *casework.Minor, on string) []string {
	if m == nil || len(m.Rule.GivenBy) == 0 {
		return everybody()
	}
	list := slices.Clone(m.Rule.GivenBy)
	if on != "" && slices.Contains(everybody(), on) && !slices.Contains(list, on) {
		list = append(list, on)
	}
	return list
}

// guardView is what stands before an account, on the page of a form that asks for
// one.
type guardView struct {
	Notice noticeView
	Key    string // what is lacking, or ""
	First  string // address of the question that comes before
	Again  string // where a supervisor is asked
	Waits  bool   // for a supervisor's answer
	Minor  minorView
}

// accountForms are the forms that ask for an account, with the field of it.
var accountForms = map[string]string{
	"survivor_assessment_form": "assessment_presenting_problem",
	incidentForm:               "incident_description",
}

// guard prepares it; nil where a form asks for no account.
func (v *visit) guard(file *casework.CaseFile, form form, id string, part *casework.Part) *guardView {
	field, asks := accountForms[id]
	if !asks {
		return nil
	}
	path := casePath(file.ID)
	g := &guardView{
		Notice: v.notice(form, file.Work.Reporting), First: path + "/form/prior_interview", Again: path + "/again",
		Minor: v.minor(form, &file.Work.Minor),
	}
	if valueIn(part, field) == "" {
		g.Key = file.Work.Guard.Lacks()
	}
	g.Waits = slices.ContainsFunc(file.Work.Asked, func(a casework.Asked) bool {
		return a.Type == "second_account" && a.Status == "pending"
	})
	return g
}

// askAccount asks a supervisor whether she may be asked once more.
func (s *Server) askAccount(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f := v.typed()
	if err := v.desk.AskAccount(v.Context(), id, amana.Conceal(f.Get("reason"))); err != nil {
		return v.refuse(w, casePath(id), f, err)
	}
	return v.done(w, casePath(id), "guard.asked")
}

// findView is the question whether she was here before.
type findView struct {
	Frame
	Form    form
	Asked   bool
	Matches []matchView
	NoTeam  bool
}

// matchView is a case that may be hers, and by what.
type matchView struct {
	caseRow
	By string
}

var findPage = page[findView]{"case_find"}

// knownKey is where a session keeps what was asked for, until a case is opened.
const knownKey = "cases.known"

func (s *Server) showFind(w http.ResponseWriter, v *visit) error {
	k := shelved[casework.Known](v.session, knownKey)
	f := v.form()
	if len(f.Values) == 0 {
		f.Values.Set("code", k.Code.Reveal())
		f.Values.Set("name", k.Name.Reveal())
		f.Values.Set("phone", k.Phone.Reveal())
	}
	view := findView{Form: f, Asked: !k.IsEmpty(), NoTeam: len(v.workTeams()) == 0}
	if view.Asked {
		found, err := v.desk.FindKnown(v.Context(), k)
		if err != nil {
			return err
		}
		for _, m := range found {
			view.Matches = append(view.Matches, v.match(m))
		}
	}
	view.Frame = s.frame(v, "cases", f)
	return findPage.render(s, w, v, http.StatusOK, view)
}

// match shows one; her name is shown, since it is what is compared.
func (v *visit) match(m casework.Match) matchView {
	view := matchView{caseRow: v.rows([]casework.CaseRow{m.CaseRow})[0], By: "cases.known.nearly"}
	if m.HasName {
		view.Name = m.CaseRow.Name.Reveal()
	}
	switch {
	case m.Code:
		view.By = "cases.known.code"
	case m.Phone:
		view.By = "cases.known.phone"
	case m.Name:
		view.By = "cases.known.name"
	}
	return view
}

func (s *Server) findKnown(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	k := casework.Known{
		Code: amana.Conceal(f.Get("code")), Name: amana.Conceal(f.Get("name")), Phone: amana.Conceal(f.Get("phone")),
	}
	if f.Has("go", "new") || f.Has("go", "clear") {
		if f.Has("go", "clear") {
			k = casework.Known{}
		}
		v.session.put(knownKey, k)
		return v.see(w, map[bool]string{true: newCasePath, false: "/cases/find"}[f.Has("go", "new")])
	}
	v.session.put(knownKey, k)
	if k.IsEmpty() {
		f.wrong("name", "cases.known.needed")
		return v.again(w, "/cases/find", f)
	}
	return v.see(w, "/cases/find")
}
