package web

import (
	"net/http"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/referral"
)

// askReferralView is the page on which she is asked: what would leave, to whom, and
// what nobody can promise to keep, before she decides.
type askReferralView struct {
	Frame
	Form     form
	Path     string // of the referral
	Code     string
	Service  string
	Provider string
	Notice   string // on mandatory reporting, or ""
	Country  string
	Minimal  []itemLine
	Extra    []itemLine
	Never    []itemLine
	Company  []choiceView
	Words    string
	Decision []choiceView
	Manner   mannerView
}

var askReferralPage = page[askReferralView]{"referral_ask"}

func (s *Server) showAskReferral(w http.ResponseWriter, v *visit) error {
	file, err := v.referralFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	if st := file.Course.State; !file.MayWrite || st != referral.Draft && st != referral.Consented {
		return amana.ErrNotFound
	}
	f, sh := v.form(), v.shower(file.Names)
	view := askReferralView{
		Frame: s.frame(v, "cases", f), Form: f, Path: referralPath(file.Case, file.ID), Code: file.Code,
		Service: sh.service(file.Service), Provider: file.Name.Reveal(), Notice: file.Notice.In(v.lang.Tag()), Country: file.Notice.Country,
		Words: file.Words.Reveal(), Manner: v.manner(f, file.Consent, &file.Minor),
	}
	if len(f.Values) > 0 {
		view.Words = f.Values.Get("narrative")
	} else {
		view.Manner.Conditions = "" // what she agreed to is written anew
	}
	view.items(sh, f, file)
	yes, known := file.Company.Bool()
	for _, c := range []struct {
		id string
		on bool
	}{{"", !known}, {"yes", known && yes}, {"no", known && !yes}} {
		on := c.on
		if len(f.Values) > 0 {
			on = f.Get("accompaniment") == c.id
		}
		view.Company = append(view.Company, choiceView{c.id, v.lang.T("referral.company.ask" + map[bool]string{true: ".", false: ""}[c.id != ""] + c.id), on})
	}
	for _, d := range []amana.Decision{amana.Granted, amana.Refused} {
		view.Decision = append(view.Decision, choiceView{string(d), v.lang.T("referral.decision." + string(d)), f.Get("decision") == string(d)})
	}
	return askReferralPage.render(s, w, v, http.StatusOK, view)
}

// items divides what could leave into what is part of every referral, what leaves
// only if she wants it, and what never does. Nothing of the second is ticked
// beforehand.
func (a *askReferralView) items(sh shower, f form, file casework.ReferralFile) {
	asked := file.Course.State == referral.Consented
	for i, l := range sh.itemLines(file.Asked) {
		item := file.Asked[i].Item
		minimal := i < len(referral.Minimal())
		l.Ticked = minimal && !asked
		for _, already := range file.Agreed {
			l.Ticked = l.Ticked || already == item
		}
		if len(f.Values) > 0 {
			l.Ticked = f.Has("item", l.ID)
		}
		switch {
		case minimal:
			a.Minimal = append(a.Minimal, l)
		case file.Asked[i].Asked:
			a.Extra = append(a.Extra, l)
		default:
			a.Never = append(a.Never, l)
		}
	}
}

func (s *Server) askReferral(w http.ResponseWriter, v *visit) error {
	caseID, id, err := v.referralIDs()
	if err != nil {
		return err
	}
	f, path := v.typed(), referralPath(caseID, id)
	d := amana.Decision(f.Get("decision"))
	if d != amana.Granted && d != amana.Refused {
		f.wrong("decision", "referral.decision.needed")
		return v.again(w, path+"/ask", f)
	}
	file, err := v.desk.ReadReferral(v.Context(), caseID, id)
	if err != nil {
		return err
	}
	a := casework.Agreement{Decision: d, Consent: f.consent(amana.PurposeReferral, d), Words: amana.Conceal(strings.ReplaceAll(f.Values.Get("narrative"), "\r\n", "\n"))}
	for _, item := range referral.Asked() {
		if f.Has("item", string(item)) {
			a.Items = append(a.Items, item)
		}
	}
	switch f.Get("accompaniment") {
	case "yes":
		a.Company = event.Bool(true)
	case "no":
		a.Company = event.Bool(false)
	}
	if f.Has("told", "yes") {
		a.Reporting = file.Notice.Version
	}
	a.Consent.Conditions = amana.Conceal(v.conditions(a, f.Get("consent_conditions")))
	if err := v.desk.AgreeReferral(v.Context(), caseID, id, a); err != nil {
		return v.refuseReferral(w, path+"/ask", f, atConsents(err))
	}
	if d == amana.Refused {
		return v.done(w, path, "referral.refused.saved")
	}
	return v.done(w, path, "referral.agreed.saved")
}

// conditions writes into her consent what it is for: these items and no others, and
// which notice she was read. It is how she, or a court, can read it later.
func (v *visit) conditions(a casework.Agreement, own string) string {
	if a.Decision != amana.Granted {
		return own
	}
	labels := []string{v.lang.T("referral.item." + string(referral.ItemService))}
	for _, item := range a.Items {
		if item != referral.ItemService {
			labels = append(labels, v.lang.T("referral.item."+string(item)))
		}
	}
	lines := []string{v.lang.T("referral.only", "items", strings.Join(labels, v.lang.T("cases.comma")))}
	if a.Reporting != "" {
		lines = append(lines, v.lang.T("referral.notice.told", "version", a.Reporting))
	}
	if own != "" {
		lines = append(lines, own)
	}
	return strings.Join(lines, "\n")
}
