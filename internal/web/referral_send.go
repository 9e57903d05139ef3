package web

import (
	"errors"
	"net/http"
	"slices"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/referral"
)

// sendReferral notes that a referral goes out, and shows what to read out or to
// print. Nothing is sent by this program.
func (s *Server) sendReferral(w http.ResponseWriter, v *visit) error {
	caseID, id, err := v.referralIDs()
	if err != nil {
		return err
	}
	f, path := v.typed(), referralPath(caseID, id)
	way := casework.Dispatch{Channel: referral.Channel(f.Get("channel"))}
	if partner, err := amana.ParseID[amana.Record](f.Get("partner")); err == nil && way.Channel == referral.AmanaFile {
		way.Partner = partner
	}
	if way.Channel == referral.Paper {
		way.Slip = referral.SlipWords{
			Place: amana.Conceal(f.Get("service_location")), Person: amana.Conceal(f.Get("slip_person")),
			Day: isoDate(f.Get("service_appointment_date")),
		}
	}
	if _, err := v.desk.SendReferral(v.Context(), caseID, id, way); err != nil {
		return v.refuseReferral(w, path, f, err)
	}
	switch way.Channel {
	case referral.Phone:
		return v.see(w, path+"/phone")
	case referral.Paper:
		return v.see(w, path+"/slip")
	case referral.InPerson, referral.AmanaFile:
	}
	return v.done(w, path, "referral.sent.saved")
}

// phoneView is what to say on the phone.
type phoneView struct {
	Frame
	Path, Code string
	Provider   string
	Chosen     *chosenView // whom to call, where the directory knows; or nil
	Say        []string
}

var phonePage = page[phoneView]{"referral_phone"}

// showPhoneScript shows the words for a call that was noted as sent. It takes them
// from the package of this moment: whoever withdrew meanwhile is not spoken of.
func (s *Server) showPhoneScript(w http.ResponseWriter, v *visit) error {
	file, err := v.leavingBy(referral.Phone)
	if err != nil {
		return err
	}
	sh := v.shower(file.Names)
	view := phoneView{
		Frame: s.frame(v, "cases"), Path: referralPath(file.Case, file.ID), Code: file.Code, Provider: file.Name.Reveal(),
		Say: sh.say(file.Package),
	}
	if view.Chosen, err = s.chosen(v, file.Provider); err != nil && !errors.Is(err, amana.ErrNotFound) {
		return err
	}
	return phonePage.render(s, w, v, http.StatusOK, view)
}

// say writes a package as sentences to be read out.
func (s shower) say(p referral.Package) []string {
	lines := []string{s.lang.T("referral.say.open")}
	for _, l := range p.Lines() {
		lines = append(lines, s.lang.T("referral.say."+string(l.Item), "value", s.leaving(l)))
	}
	return append(lines, s.lang.T("referral.say.close"))
}

// leavingBy reads a referral that was sent by this channel and may still leave.
func (v *visit) leavingBy(c referral.Channel) (casework.ReferralFile, error) {
	file, err := v.referralFile()
	if err != nil {
		return file, err
	}
	if file.Package.IsZero() || !file.Course.Left() || file.Channel != c {
		return file, amana.ErrNotFound
	}
	return file, nil
}

// paperView is a slip to be printed: it gives nothing away.
type paperView struct {
	Frame
	Path, Code string
	Sheet      sheetView
	Others     []choiceView // other languages that it can be printed in
}

// sheetView is what is on the paper, in one language.
type sheetView struct {
	Lang, Dir, Title, Foot string
	Lines                  []slipLine
}

// slipLine is one line of a slip.
type slipLine struct{ Label, Value string }

var paperPage = page[paperView]{"referral_slip"}

func (s *Server) showReferralSlip(w http.ResponseWriter, v *visit) error {
	file, err := v.leavingBy(referral.Paper)
	if err != nil {
		return err
	}
	slip, err := file.Package.Slip(file.Slip)
	if err != nil {
		return err
	}
	in := v.lang
	if tag := v.URL.Query().Get("in"); slices.Contains(s.catalogue.Tags(), tag) {
		in = s.catalogue.Language(tag)
	}
	view := paperView{
		Frame: s.frame(v, "cases"), Path: referralPath(file.Case, file.ID), Code: file.Code, Sheet: sheetOf(in, slip),
	}
	for _, tag := range s.catalogue.Tags() {
		view.Others = append(view.Others, choiceView{tag, s.catalogue.Language(tag).Name(), tag == in.Tag()})
	}
	return paperPage.render(s, w, v, http.StatusOK, view)
}

// sheetOf writes a slip in a language.
func sheetOf(in i18n.Language, slip referral.Slip) sheetView {
	sheet := sheetView{Lang: in.Tag(), Dir: in.Dir(), Title: in.T("slip.title"), Foot: in.T("slip.foot")}
	add := func(key, value string) {
		if value != "" {
			sheet.Lines = append(sheet.Lines, slipLine{in.T(key), value})
		}
	}
	add("slip.number", slip.Code())
	add("slip.place", slip.Place().Reveal())
	add("slip.person", slip.Person().Reveal())
	add("slip.day", in.ISODate(slip.Day()))
	add("slip.before", (shower{lang: in}).hourOf(slip.Before()))
	return sheet
}

// stepReferral notes what became of a referral.
func (s *Server) stepReferral(w http.ResponseWriter, v *visit) error {
	caseID, id, err := v.referralIDs()
	if err != nil {
		return err
	}
	f, path := v.typed(), referralPath(caseID, id)
	step := casework.ReferralStep{
		State: referral.State(f.Get("state")), Reason: f.Get("reason"), When: isoDate(f.Get("when")), Note: amana.Conceal(f.Get("note")),
	}
	if err := v.desk.StepReferral(v.Context(), caseID, id, step); err != nil {
		return v.refuseReferral(w, path, f, err)
	}
	return v.done(w, path, "referral.step.saved")
}

func (s *Server) takeBackStep(w http.ResponseWriter, v *visit) error {
	caseID, id, err := v.referralIDs()
	if err != nil {
		return err
	}
	f, path := v.typed(), referralPath(caseID, id)
	if err := v.desk.TakeBackStep(v.Context(), caseID, id, f.Get("step")); err != nil {
		return v.refuseReferral(w, path, f, err)
	}
	return v.done(w, path, "referral.taken")
}

// planFollowUp puts a proposed day on the case.
func (s *Server) planFollowUp(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f, path := v.typed(), casePath(id)
	if err := v.desk.PlanFollowUp(v.Context(), id, f.Get("day")); err != nil {
		return v.refuse(w, path, f, err)
	}
	return v.done(w, path+"#referrals", "referral.follow.saved")
}
