package web

import (
	"net/http"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/referral"
)

// newReferralView is the form of a new referral, with what the plan asks for.
type newReferralView struct {
	Frame
	Form      form
	Path      string // of the case
	Code      string
	Needs     []needView
	Services  []choiceView
	Urgencies []choiceView
	Chosen    *chosenView // from the directory, or nil
}

// chosenView is the service that a referral is for, with how one refers to it.
type chosenView struct {
	Line  serviceLine
	Facts []cellView
}

// needView is a line of the action plan, ready to be begun with one button.
type needView struct {
	Item, Service, ServiceID, Provider, Notes string
}

var newReferralPage = page[newReferralView]{"referral_new"}

func (s *Server) showNewReferral(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	if !file.MayWrite {
		return amana.ErrNotFound
	}
	needs, err := v.desk.PlannedNeeds(v.Context(), file.ID)
	if err != nil {
		return err
	}
	f, sh := v.form(), v.shower(file.Names)
	view := newReferralView{Frame: s.frame(v, "cases", f), Form: f, Path: casePath(file.ID), Code: file.Code}
	for _, n := range needs {
		view.Needs = append(view.Needs, needView{n.Item, sh.service(n.Service), n.Service, n.Name.Reveal(), n.Notes.Reveal()})
	}
	view.Services = append(view.Services, choiceView{"", v.lang.T("answer.choose"), f.Get("service") == ""})
	for _, id := range referral.Services() {
		view.Services = append(view.Services, choiceView{id, sh.service(id), f.Get("service") == id})
	}
	view.Urgencies = append(view.Urgencies, choiceView{"", v.lang.T("referral.urgency.proposed"), f.Get("urgency") == ""})
	for _, u := range referral.Urgencies() {
		view.Urgencies = append(view.Urgencies, choiceView{string(u), sh.urgency(u).Text, f.Get("urgency") == string(u)})
	}
	provider, err := amana.ParseID[amana.Record](f.Get("provider"))
	if err == nil {
		if view.Chosen, err = s.chosen(v, provider); err != nil {
			return err
		}
	}
	return newReferralPage.render(s, w, v, http.StatusOK, view)
}

// prefillReferral shows the form with a service that was chosen elsewhere: from
// what can help her now, or from the plan.
func (s *Server) prefillReferral(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	return v.again(w, casePath(id)+"/referrals/new", v.typed())
}

func (s *Server) proposeReferral(w http.ResponseWriter, v *visit) error {
	caseID, err := v.caseID()
	if err != nil {
		return err
	}
	f := v.typed()
	n := casework.NewReferral{
		Service: f.Get("service"), Name: amana.Conceal(f.Get("provider_name")), Urgency: referral.Urgency(f.Get("urgency")), Plan: f.Get("plan"),
	}
	if id, err := amana.ParseID[amana.Record](f.Get("provider")); err == nil {
		n.Provider = id
	}
	id, err := v.desk.ProposeReferral(v.Context(), caseID, n)
	if err != nil {
		return v.refuseReferral(w, casePath(caseID)+"/referrals/new", f, err)
	}
	return v.see(w, referralPath(caseID, id)+"/ask")
}

// chosen prepares the service that was chosen from the directory, or nil where none
// was: its name may be typed.
func (s *Server) chosen(v *visit, id amana.RecordID) (*chosenView, error) {
	if id.IsZero() {
		return nil, nil //nolint:nilnil // nothing is a fine answer
	}
	one, err := v.desk.ServiceByID(v.Context(), id)
	if err != nil {
		return nil, err
	}
	index, err := v.desk.Services(v.Context())
	if err != nil {
		return nil, err
	}
	sh, p := v.shower(nil), one.Plain()
	view := &chosenView{Line: sh.serviceLine(one, index.OpenNow(one, s.now()), s.now())}
	for _, name := range []string{"referral_method", "focal_role", "focal_alternate", "contacts", "application_process", "mandatory_reporting", "alert"} {
		lines := p[name]
		if a, ours := directory.AdditionOf(name); ours {
			lines = sh.additionWords(a, lines)
		}
		if len(lines) > 0 {
			view.Facts = append(view.Facts, cellView{Label: v.lang.T("services.field." + name), Text: strings.Join(lines, "\n"), Long: true})
		}
	}
	return view, nil
}
