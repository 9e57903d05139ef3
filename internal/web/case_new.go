package web

import (
	"errors"
	"net/http"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	forms "amana/internal/form"
	"amana/internal/record"
	"amana/internal/window"
)

// newCaseView is the first conversation: whose case it is, what she agrees to, and
// the forms of the intake. Nothing but the team is needed.
type newCaseView struct {
	Frame
	Form     form
	Teams    []teamChoice
	Consents []consentView
	Manner   mannerView
	First    *intakePart // when it happened: hours may be left, and are said at once
	Clock    *clockView
	Parts    []intakePart
	Ask      string
	Notice   noticeView
	Shared   sharedView // what a partner shared already
}

// intakePart is one form of the intake.
type intakePart struct {
	ID    string
	Title wording
	Apart bool // of the identity
	Open  bool
	Nodes []nodeView
}

// mostFirst is how many questions a form that asks when it happened may have to be asked
// before all others.
const mostFirst = 5

// teamChoice is a team that a case can belong to.
type teamChoice struct {
	casework.Team
	On bool
}

const newCasePath = "/cases/new"

var newCasePage = page[newCaseView]{"case_new"}

func (s *Server) showNewCase(w http.ResponseWriter, v *visit) error {
	typed := v.form()
	shared, err := v.shared()
	if err != nil {
		return err
	}
	view := newCaseView{Form: typed, Shared: shared, Consents: v.consentForm(typed), Manner: v.manner(typed, casework.Consent{}, nil), Notice: v.notice(typed, ""), Ask: newCasePath + "/ask"}
	for _, f := range v.desk.Forms().Intake() {
		a := s.intakeAsking(v, f, typed, shared)
		part := intakePart{ID: f.ID, Title: a.text(f.Title), Apart: f.Kind == amana.KindIdentity, Nodes: a.nodes()}
		typed.named(part.Nodes)
		asked, said, wrong := count(part.Nodes)
		if _, clock := f.Field("assault_date"); clock && f.Kind == amana.KindCase && view.First == nil && asked <= mostFirst {
			withoutTitle(part)
			view.First, view.Clock = &part, v.intakeClock(a)
			continue
		}
		part.Open = wrong || said && (a.comesBack() || part.Apart || shared.Path != "")
		view.Parts = append(view.Parts, part)
	}
	view.Frame = s.frame(v, "cases", typed)
	teams := v.workTeams()
	for _, t := range teams {
		on := len(teams) == 1 || typed.Get("team") == t.ID.String()
		view.Teams = append(view.Teams, teamChoice{t, on})
	}
	return newCasePage.render(s, w, v, http.StatusOK, view)
}

// withoutTitle leaves the head of a group away that says what the head above it says.
func withoutTitle(p intakePart) {
	if len(p.Nodes) == 1 && p.Nodes[0].Group != nil && p.Nodes[0].Group.Label == p.Title {
		p.Nodes[0].Group.Label = wording{}
	}
}

// intakeClock is what can still help by what was typed of when it happened; nothing
// before a day was.
func (v *visit) intakeClock(a *asking) *clockView {
	said := func(field string) string { return a.state.Value(field).Reveal() }
	c := v.desk.HoursOf(record.Assault{Date: said("assault_date"), Time: said("assault_time"), Part: said("assault_timeofday")})
	view := &clockView{}
	if !c.Dated {
		return view
	}
	sh := v.shower(nil)
	view.When, view.Vouched = sh.assault(c.Assault), sh.vouched(c.Signed, false)
	for _, s := range c.States {
		if s.Waits() || s.Kind == window.Now {
			view.Pressing = append(view.Pressing, sh.window(s.State))
		}
	}
	return view
}

// intakeAsking prepares one form of the intake.
func (s *Server) intakeAsking(v *visit, f *forms.Form, typed form, shared sharedView) *asking {
	a := s.asking(v, f, typed, nil)
	a.again = newCasePath + "/ask"
	if !a.comesBack() && f.Kind == amana.KindCase {
		a.before["created_on"] = s.today()
	}
	if k := shelved[casework.Known](v.session, knownKey); !a.comesBack() && f.Kind == amana.KindIdentity {
		a.before["name"], a.before["contact_phone"] = event.Text(k.Name.Reveal()), event.Text(k.Phone.Reveal())
	}
	if !a.comesBack() {
		shared.into(f.Kind, a.before)
	}
	a.evaluate(s)
	return a
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
	typed := v.typed()
	in := casework.Intake{Consents: typed.consents(), Reporting: typed.Get("told"), Case: casework.Values{}}
	if carer := typed.Get("caregiver_role"); carer != "" {
		in.Case["caregiver_role"] = event.Text(carer)
	}
	if team, err := amana.ParseID[amana.Team](typed.Get("team")); err == nil {
		in.Team = team
	}
	asked := v.desk.Forms().Intake()
	for _, f := range asked {
		in.Forms = append(in.Forms, f.Read(typed.Values, forms.Page{}))
	}
	id, err := v.openIntake(in)
	if errors.Is(err, amana.ErrConflict) { // somebody else linked the letter meanwhile
		v.session.put(letterKey, amana.RecordID{})
		typed.wrong("", "post.case.twice")
		return v.again(w, newCasePath, typed)
	}
	if err != nil {
		return v.refuse(w, newCasePath, typed, v.inWords(forms.Page{}, atIntake(err), asked...))
	}
	v.session.put(knownKey, casework.Known{})
	v.session.put(letterKey, amana.RecordID{})
	return v.done(w, casePath(id), "cases.new.saved")
}

// openIntake opens the case, with the letter with which it begins.
func (v *visit) openIntake(in casework.Intake) (amana.RecordID, error) {
	if from := shelved[amana.RecordID](v.session, letterKey); !from.IsZero() {
		return v.desk.OpenCaseFrom(v.Context(), in, from)
	}
	return v.desk.OpenCase(v.Context(), in)
}

// atIntake puts what casework says of a new case where the page asks it.
func atIntake(err error) error {
	fields, are := errors.AsType[casework.FieldErrors](atConsents(err))
	if !are {
		return err
	}
	if fields["team"] != "" {
		fields["team"] = "cases.new.team.needed"
	}
	faults, _ := errors.AsType[forms.Faults](err)
	return errors.Join(fields, faults)
}

// askIntake answers what follows from an answer on the page of a new case.
func (s *Server) askIntake(w http.ResponseWriter, v *visit) error {
	return s.reask(w, v, newCasePath, forms.Page{}, v.desk.Forms().Intake()...)
}
