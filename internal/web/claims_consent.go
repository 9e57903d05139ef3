package web

import (
	"net/http"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/record"
	"amana/internal/release"
)

// accountConsentView asks whoever gave an account about its use: for one purpose, one
// recipient, item by item.
type accountConsentView struct {
	Frame
	Form     form
	Path     string
	Code     string
	Held     []heldLine
	Purposes []dropChoice
	Items    []claimControl
	Ways     []claimControl // by whom, how, in which language it was explained
}

var accountConsentPage = page[accountConsentView]{"claim_consent"}

// accountPurposes are those for which an account can leave.
func accountPurposes() []amana.Purpose {
	return []amana.Purpose{amana.PurposeAccountability, amana.PurposePublication}
}

// consentWays are what is written down of how an answer was given.
func consentWays() []struct {
	name string
	ids  []string
} {
	return []struct {
		name string
		ids  []string
	}{
		{"given_by", []string{"self", "self_with_guardian", "guardian", "guardian_with_assent", "trusted_adult", "trusted_adult_with_assent"}},
		{"how", []string{"spoken", "thumbprint", "signed"}},
		{"language", record.Options("language")},
	}
}

func (s *Server) showAccountConsent(w http.ResponseWriter, v *visit) error {
	file, sh, err := v.claimFile()
	if err != nil {
		return err
	}
	if file.Sheet.Kind != amana.KindAccount {
		return amana.ErrNotFound
	}
	f := v.form()
	view := accountConsentView{
		Frame: s.frame(v, "claims", f), Form: f, Path: claimPath(file.Sheet.ID), Code: sh.titleOf(&file.Sheet), Held: sh.held(file),
	}
	for _, p := range accountPurposes() {
		view.Purposes = append(view.Purposes, dropChoice{string(p), v.lang.T("purpose." + string(p)), f.Get("purpose") == string(p)})
	}
	for _, item := range release.Items() {
		in := newInput(f, "item_"+string(item), "release.item."+string(item))
		c := claimControl{Kind: "drop", Input: in}
		for _, d := range []amana.Decision{amana.NotAsked, amana.Granted, amana.Refused} {
			c.Drop.Choices = append(c.Drop.Choices, dropChoice{string(d), v.lang.T("option.decision." + string(d)), f.Get(in.Name) == string(d)})
		}
		c.Drop.Input = in
		view.Items = append(view.Items, c)
	}
	for _, way := range consentWays() {
		in := newInput(f, way.name, "claims.consent."+way.name)
		c := claimControl{Kind: "drop", Input: in, Drop: dropView{Input: in, Choices: []dropChoice{{Text: v.lang.T("claims.choose")}}}}
		for _, id := range way.ids {
			c.Drop.Choices = append(c.Drop.Choices, dropChoice{id, v.lang.T("option." + way.name + "." + id), f.Get(way.name) == id})
		}
		view.Ways = append(view.Ways, c)
	}
	return accountConsentPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) answerAccount(w http.ResponseWriter, v *visit) error {
	id, err := v.claimRecord()
	if err != nil {
		return err
	}
	f := v.typed()
	a := casework.Answers{Items: map[release.Class]amana.Decision{}, Consent: casework.Consent{
		Purpose: amana.Purpose(f.Get("purpose")), Recipient: amana.Conceal(f.Get("recipient")), Decision: amana.Decision(f.Get("decision")),
		Until: isoDate(f.Get("until")), GivenBy: f.Get("given_by"), How: f.Get("how"), Language: f.Get("language"), Conditions: amana.Conceal(f.Get("conditions")),
	}}
	for _, item := range release.Asked(a.Purpose) {
		if d := amana.Decision(f.Get("item_" + string(item))); d != "" && d != amana.NotAsked {
			a.Items[item] = d
		}
	}
	if a.Purpose == amana.PurposeAccountability {
		f.need("recipient", "release.refused.no_recipient")
	}
	f.need("decision", "invalid.required")
	path := claimPath(id) + "/consent"
	if f.Failed() {
		return v.again(w, path, f)
	}
	if err := v.desk.AnswerAccount(v.Context(), id, a); err != nil {
		return v.refuse(w, path, f, err)
	}
	return v.done(w, claimPath(id), "claims.answered")
}

// leftAboutView is everything that ever left about one person, for that person to see.
type leftAboutView struct {
	Frame
	Back  string
	Code  string
	Lines []leftLine
}

type leftLine struct {
	When   time.Time
	To     string
	Why    string
	What   []string
	Recall string // the answer does not stand any more, and what is done about it
	By     string
}

var leftPage = page[leftAboutView]{"left"}

func (s *Server) showLeftOfAccount(w http.ResponseWriter, v *visit) error {
	id, err := v.claimRecord()
	if err != nil {
		return err
	}
	all, err := v.desk.LeftOfAccount(v.Context(), id)
	if err != nil {
		return err
	}
	return s.showLeft(w, v, all, claimPath(id))
}

func (s *Server) showLeftOfCase(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	all, err := v.desk.LeftOfCase(v.Context(), id)
	if err != nil {
		return s.erased(w, v, err)
	}
	return s.showLeft(w, v, all, casePath(id))
}

func (s *Server) showLeft(w http.ResponseWriter, v *visit, all casework.LeftAbout, back string) error {
	sh := v.shower(all.Names)
	view := leftAboutView{Frame: s.frame(v, "cases"), Back: back, Code: all.Code}
	for _, r := range all.Releases {
		l := leftLine{When: time.UnixMilli(int64(r.Time >> 16)), To: sh.whom(r.Recipient), Why: v.lang.T("purpose." + string(r.Purpose)), By: sh.name(r.By)}
		for _, item := range r.Items {
			l.What = append(l.What, v.lang.T("release.item."+item))
		}
		if n := len(r.Whole) - len(r.Items); n > 0 {
			l.What = append(l.What, v.lang.T("left.coded"))
		}
		if len(r.Widened) > 0 {
			l.What = append(l.What, v.lang.T("left.widened"))
		}
		if r.Recall != "" {
			l.Recall = v.lang.T(r.Recall)
		}
		view.Lines = append(view.Lines, l)
	}
	for _, r := range all.Referrals {
		l := leftLine{When: r.Course.Since, To: r.Name.Reveal(), Why: v.lang.T("purpose.referral")}
		for _, step := range r.Course.Steps {
			if step.State == "sent" {
				l.When, l.By = step.At, sh.name(step.By)
			}
		}
		for _, item := range r.Agreed {
			l.What = append(l.What, v.lang.T("referral.item."+string(item)))
		}
		view.Lines = append(view.Lines, l)
	}
	for _, f := range all.Figures {
		view.Lines = append(view.Lines, leftLine{
			When: f.When, To: sh.whom(f.To), Why: v.lang.T("purpose.statistics"), By: sh.name(f.By), What: []string{v.lang.T("left.figures")},
		})
	}
	return leftPage.render(s, w, v, http.StatusOK, view)
}

// whom names a recipient; nobody in particular is everyone.
func (s shower) whom(p amana.Private) string {
	if text := strings.TrimSpace(p.Reveal()); text != "" {
		return text
	}
	return s.lang.T("release.everyone")
}
