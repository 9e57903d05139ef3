package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/record"
)

// consentView is one purpose as a form asks it.
type consentView struct {
	Name, Label, Hint string
	Purpose           amana.Purpose
	Error             string
	Decisions         []choiceView
	Recipient         *lineView // where it can be narrowed to one
	Fixed             bool      // the recipient is the one it was given for
}

// lineView is a line of a form whose words are in the reader's language.
type lineView struct{ Name, Label, Value string }

// mannerView is how consent was given: asked once for all purposes.
type mannerView struct {
	GivenBy, How, Languages []choiceView
	Until, Conditions       string
	Form                    form
	Open                    bool
	Minor                   minorView
}

// consentForm asks every purpose. Nothing is agreed to unless somebody says so.
func (v *visit) consentForm(f form) []consentView {
	var all []consentView
	for _, p := range amana.Purposes() {
		all = append(all, v.consentAsked(f, p, casework.Consent{Decision: amana.NotAsked}))
	}
	return all
}

// consentAsked asks one purpose, with her answer so far.
func (v *visit) consentAsked(f form, p amana.Purpose, now casework.Consent) consentView {
	name := "consent_" + string(p)
	view := consentView{
		Name: name, Purpose: p, Error: f.Error(name),
		Label: v.lang.T("purpose." + string(p)), Hint: v.lang.T("purpose." + string(p) + ".hint"),
	}
	on, recipient := string(now.Decision), now.Recipient.Reveal()
	if len(f.Values) > 0 {
		on, recipient = f.Get(name), f.Get(name+"_recipient")
	}
	if on == "" {
		on = string(now.Decision)
	}
	for _, d := range decisions(now.Decision) {
		view.Decisions = append(view.Decisions, choiceView{string(d), v.lang.T("option.decision." + string(d)), string(d) == on})
	}
	if named(p) {
		view.Recipient = &lineView{name + "_recipient", v.lang.T("consent.recipient"), recipient}
		view.Fixed = !now.Recipient.IsEmpty()
	}
	return view
}

// decisions are the answers that can be given: what was agreed to is withdrawn,
// not refused.
func decisions(now amana.Decision) []amana.Decision {
	if now == amana.Granted || now == amana.Withdrawn {
		return []amana.Decision{amana.Granted, amana.Withdrawn}
	}
	return []amana.Decision{amana.NotAsked, amana.Granted, amana.Refused}
}

// named reports whether consent for a purpose is to one named recipient.
func named(p amana.Purpose) bool {
	return p == amana.PurposeReferral || p == amana.PurposeAccountability
}

// manner asks how consent was given, and for a child who may give it; minor is nil
// for a case that does not exist yet.
func (v *visit) manner(f form, now casework.Consent, minor *casework.Minor) mannerView {
	given, how, language := now.GivenBy, now.How, now.Language
	m := mannerView{Minor: v.minor(f, minor), Until: forms.DayFirst(now.Until), Conditions: now.Conditions.Reveal(), Form: f}
	if len(f.Values) > 0 {
		given, how, language = f.Get("consent_given_by"), f.Get("consent_how"), f.Get("consent_language")
		m.Until, m.Conditions = f.Get("consent_until"), f.Get("consent_conditions")
	}
	pick := func(list, on string, ids ...string) []choiceView {
		all := []choiceView{{"", v.lang.T("answer.choose"), on == ""}}
		for _, id := range ids {
			all = append(all, choiceView{id, v.lang.T("option." + list + "." + id), id == on})
		}
		return all
	}
	m.GivenBy = pick("given_by", given, mayAgree(minor, given)...)
	m.How = pick("how", how, "spoken", "thumbprint", "signed")
	m.Languages = pick("language", language, record.Options("language")...)
	return m
}

// consents reads the answers that were given. What was not asked is not
// recorded.
func (f *form) consents() []casework.Consent {
	var all []casework.Consent
	for _, p := range amana.Purposes() {
		if d := amana.Decision(f.Get("consent_" + string(p))); d == amana.Granted || d == amana.Refused {
			all = append(all, f.consent(p, d))
		}
	}
	return all
}

// consent reads one answer, and how it was given.
func (f *form) consent(p amana.Purpose, d amana.Decision) casework.Consent {
	c := casework.Consent{
		Purpose: p, Decision: d, GivenBy: f.Get("consent_given_by"), How: f.Get("consent_how"),
		Language: f.Get("consent_language"), Until: isoDate(f.Get("consent_until")),
		Conditions:    amana.Conceal(strings.ReplaceAll(f.Get("consent_conditions"), "\r\n", "\n")),
		BestInterests: amana.Conceal(strings.ReplaceAll(f.Get("best_interests"), "\r\n", "\n")), Reporting: f.Get("told"),
	}
	if named(p) {
		c.Recipient = amana.Conceal(f.Get("consent_" + string(p) + "_recipient"))
	}
	return c
}

// changeConsentView is the page on which one answer is changed.
type changeConsentView struct {
	Frame
	Form    form
	Path    string // of the case
	Here    string // of this page
	Code    string
	Consent consentView
	Manner  mannerView
	Now     heldView
	Notice  noticeView
}

var changeConsentPage = page[changeConsentView]{"case_consent"}

func (s *Server) showConsent(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	c, found := consentNamed(file, v.PathValue("consent"))
	if !found || !file.MayWrite || !slices.Contains(amana.Purposes(), c.Purpose) {
		return amana.ErrNotFound
	}
	f := v.form()
	view := changeConsentView{
		Frame: s.frame(v, "cases", f), Form: f, Path: casePath(file.ID), Code: file.Code,
		Here: v.URL.Path, Consent: v.consentAsked(f, c.Purpose, c), Manner: v.manner(f, c, &file.Work.Minor), Notice: v.notice(f, file.Work.Reporting),
		Now: v.shower(file.Names).held("", c),
	}
	view.Manner.Open = true
	return changeConsentPage.render(s, w, v, http.StatusOK, view)
}

// consentName is the name that a consent has in addresses: its purpose, and for
// one with a recipient of its own also its place in the list.
func consentName(i int, c casework.Consent) string {
	if c.Recipient.IsEmpty() {
		return string(c.Purpose)
	}
	return string(c.Purpose) + "-" + strconv.Itoa(i)
}

// consentNamed finds a consent by that name. One for another recipient has the
// name "new".
func consentNamed(file casework.CaseFile, name string) (casework.Consent, bool) {
	for i, c := range file.Consents {
		if consentName(i, c) == name {
			return c, true
		}
	}
	for _, p := range amana.Purposes() {
		if named(p) && name == string(p)+"-new" {
			return casework.Consent{Purpose: p, Decision: amana.NotAsked}, true
		}
	}
	return casework.Consent{}, false
}

func (s *Server) changeConsent(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f := v.typed()
	purpose, _, _ := strings.Cut(v.PathValue("consent"), "-")
	p := amana.Purpose(purpose)
	d := amana.Decision(f.Get("consent_" + purpose))
	path := casePath(id) + "/consent/" + v.PathValue("consent")
	if d != amana.Granted && d != amana.Refused && d != amana.Withdrawn {
		f.wrong("consent_"+purpose, "consent.needed")
		return v.again(w, path, f)
	}
	c := f.consent(p, d)
	if err := v.desk.SetConsent(v.Context(), id, []casework.Consent{c}); err != nil {
		return v.refuse(w, path, f, atConsents(err))
	}
	return v.done(w, casePath(id)+"#consent", "consent.saved")
}

// atConsents puts what casework says of a consent where the form asks it: dates
// are asked once for all.
func atConsents(err error) error {
	var fields casework.FieldErrors
	if !errors.As(err, &fields) {
		return err
	}
	moved := casework.FieldErrors{}
	for name, key := range fields {
		purpose, isConsent := strings.CutPrefix(name, "consent.")
		switch {
		case isConsent && strings.HasPrefix(key, "invalid.date"):
			name = "consent_until"
		case isConsent:
			name = "consent_" + purpose
		}
		moved[name] = key
	}
	return moved
}

// isoDate reads a date as anybody writes it. What is none is left as it is, for
// casework to judge.
func isoDate(s string) string {
	v, fault := record.Parse(record.Field{Type: record.Date}, forms.ISODate(s))
	if fault != "" {
		return s
	}
	return v.Reveal()
}
