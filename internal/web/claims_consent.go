package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/release"
)

// useView asks somebody about the use of what is held of them: for one purpose,
// one recipient, item by item, after a text was read.
type useView struct {
	Frame
	Form       form
	Back, Path string // of the record, and of this page
	Code       string
	Held       []heldLine
	Purposes   []dropChoice
	Items      []claimControl
	Ways       []claimControl // by whom, how, in which language it was explained
	Paragraphs []string       // of the text that is read first
	Version    string
	Minor      minorView
}

var usePage = page[useView]{"claim_consent"}

// answeredPurposes are those for which something can leave by answers item by item.
// Her way to help has a page of its own.
func answeredPurposes() []amana.Purpose {
	return []amana.Purpose{amana.PurposeAccountability, amana.PurposePublication}
}

// consentText is the text in the reader's language: the organisation's own, or the
// program's.
func (v *visit) consentText() (paragraphs []string, version string) {
	n := v.desk.ConsentText()
	if words := n.In(v.lang.Tag()); words != "" {
		return strings.Split(words, "\n\n"), n.Version
	}
	for _, part := range []string{"what", "free", "items", "others", "back", "questions"} {
		paragraphs = append(paragraphs, v.lang.T("claims.consent.text."+part))
	}
	return paragraphs, n.Version
}

// consentWays are what is written down of how an answer was given.
func consentWays(m *casework.Minor) []consentWay {
	return []consentWay{
		{"given_by", "given_by", mayAgree(m, "")},
		{"how", "how", []string{"spoken", "thumbprint", "signed"}},
		{"language", "language", record.Options("language")},
		{"understood", "explained_understood", record.Options("explained_understood")},
	}
}

type consentWay struct {
	name, list string
	ids        []string
}

// answersForm draws the page.
func (s *Server) answersForm(v *visit, f form, area string, m *casework.Minor) useView {
	view := useView{Frame: s.frame(v, area, f), Form: f, Path: v.URL.Path, Minor: v.minor(f, m)}
	view.Paragraphs, view.Version = v.consentText()
	for _, p := range answeredPurposes() {
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
	for _, way := range consentWays(m) {
		in := newInput(f, way.name, "claims.consent."+way.name)
		c := claimControl{Kind: "drop", Input: in, Drop: dropView{Input: in, Choices: []dropChoice{{Text: v.lang.T("claims.choose")}}}}
		for _, id := range way.ids {
			c.Drop.Choices = append(c.Drop.Choices, dropChoice{id, v.lang.T("option." + way.list + "." + id), f.Get(way.name) == id})
		}
		view.Ways = append(view.Ways, c)
	}
	return view
}

func (s *Server) showAccountConsent(w http.ResponseWriter, v *visit) error {
	file, sh, err := v.claimFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	if file.Sheet.Kind != amana.KindAccount {
		return amana.ErrNotFound
	}
	view := s.answersForm(v, v.form(), "claims", &file.Minor)
	view.Back, view.Code = claimPath(file.Sheet.ID), sh.titleOf(&file.Sheet)
	view.Held = sh.answersHeld(file.Consents, file.Items, file.Told)
	return usePage.render(s, w, v, http.StatusOK, view)
}

// showCaseItems asks the person of a case about the use of what is held of her.
func (s *Server) showCaseItems(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	if !file.MayWrite {
		return amana.ErrNotFound
	}
	view := s.answersForm(v, v.form(), "cases", &file.Work.Minor)
	view.Back, view.Code = casePath(file.ID), file.Code
	var held []casework.Consent
	for _, c := range file.Consents {
		if slices.Contains(answeredPurposes(), c.Purpose) {
			held = append(held, c)
		}
	}
	view.Held = v.shower(file.Names).answersHeld(held, file.Items, file.Told)
	return usePage.render(s, w, v, http.StatusOK, view)
}

// answersTyped reads the page.
func answersTyped(f *form) casework.Answers {
	a := casework.Answers{
		Items: map[release.Class]amana.Decision{},
		Consent: casework.Consent{
			Purpose: amana.Purpose(f.Get("purpose")), Recipient: amana.Conceal(f.Get("recipient")), Decision: amana.Decision(f.Get("decision")),
			Until: isoDate(f.Get("until")), GivenBy: f.Get("given_by"), How: f.Get("how"), Language: f.Get("language"),
			Conditions:    amana.Conceal(strings.ReplaceAll(f.Get("conditions"), "\r\n", "\n")),
			BestInterests: amana.Conceal(strings.ReplaceAll(f.Get("best_interests"), "\r\n", "\n")),
		},
		Explained: casework.Explained{Text: f.Get("told"), By: amana.Conceal(f.Get("by")), Understood: f.Get("understood")},
	}
	if f.Has("interpreter", "yes") {
		a.Explained.Interpreter = event.Bool(true)
	}
	if f.Has("others", "yes") {
		a.Explained.Others = event.Bool(true)
	}
	for _, item := range release.Asked(a.Purpose) {
		if d := amana.Decision(f.Get("item_" + string(item))); d != "" && d != amana.NotAsked {
			a.Items[item] = d
		}
	}
	if a.Purpose == amana.PurposeAccountability {
		f.need("recipient", "release.refused.no_recipient")
	}
	f.need("decision", "invalid.required")
	return a
}

// answered writes answers down, and puts what is wrong where the page asks it.
func (s *Server) answered(w http.ResponseWriter, v *visit, f form, back string, err error) error {
	if fields, is := errors.AsType[casework.FieldErrors](err); is {
		moved := casework.FieldErrors{}
		for name, key := range fields {
			switch {
			case name == "consent_given_by":
				name = "given_by"
			case strings.HasPrefix(name, "consent.") && strings.HasPrefix(key, "invalid.date"):
				name = "until"
			case strings.HasPrefix(name, "consent."):
				name = "decision"
			}
			moved[name] = key
		}
		err = moved
	}
	if err != nil {
		return v.refuse(w, v.URL.Path, f, err)
	}
	return v.done(w, back, "claims.answered")
}

func (s *Server) answerAccount(w http.ResponseWriter, v *visit) error {
	id, err := v.claimRecord()
	if err != nil {
		return err
	}
	f := v.typed()
	a := answersTyped(&f)
	if f.Failed() {
		return v.again(w, v.URL.Path, f)
	}
	return s.answered(w, v, f, claimPath(id), v.desk.AnswerAccount(v.Context(), id, a))
}

func (s *Server) answerCaseItems(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f := v.typed()
	a := answersTyped(&f)
	if f.Failed() {
		return v.again(w, v.URL.Path, f)
	}
	return s.answered(w, v, f, casePath(id)+"#consent", v.desk.AnswerCase(v.Context(), id, a))
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
	Sent   string // how far it is with the partner to whom it was sent
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
		l.Sent = sh.packageStanding(all.Packages[r.Release.Release])
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
