package web_test

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/i18n"
	"amana/internal/referral"
)

var theReferral = theCase + "/referrals/" + recordID(31).String()

// withReferral is an office in which the referral is in some state.
func withReferral(f *casework.ReferralFile) func() *fakeOffice {
	return func() *fakeOffice {
		o := sampleOffice()
		for _, d := range o.desks {
			d.referral = f
		}
		return o
	}
}

func referralDoors() []door {
	const d, c, s = referral.Draft, referral.Consented, referral.Sent
	doors := []door{
		{"referrals", sampleOffice, nothing, "admin words", nowhere, []string{
			"/referrals", "/referrals?page=2", "/settings/referrals", theCase + "/referrals/new", theReferral, theReferral + "/ask",
		}},
		{"by phone", withReferral(sampleReferralFile(referral.Phone, "", d, c, s)), nothing, "admin words", nowhere, []string{theReferral, theReferral + "/phone"}},
		{"on paper", withReferral(sampleReferralFile(referral.Paper, "", d, c, s)), nothing, "admin words", nowhere, []string{
			theReferral, theReferral + "/slip", theReferral + "/slip?in=ar", theReferral + "/slip?in=fr",
		}},
		{"withdrawn", withReferral(sampleReferralFile(referral.Phone, "referral.refused.withdrawn", d, c, s, referral.Withdrawn)), nothing, "admin words", nowhere, []string{theReferral}},
		{"turned down", withReferral(sampleReferralFile(referral.Phone, "", d, c, s, referral.Declined)), nothing, "admin words", nowhere, []string{theReferral}},
		{"not asked", withReferral(sampleReferralFile("", "referral.refused.not_asked", d)), nothing, "admin words", nowhere, []string{theReferral, theReferral + "/ask"}},
		{"refused forms", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post(theCase+"/referrals/new", url.Values{"service": {"food_service"}, "provider_name": {"<b>"}})
			b.post(theReferral+"/ask", url.Values{"item": {"code", "name"}, "narrative": {"x"}, "accompaniment": {"yes"}})
			b.post("/settings/referrals", url.Values{"tell": {"soon"}})
		}, []string{theCase + "/referrals/new?again=1", theReferral + "/ask?again=2", "/settings/referrals?again=3"}},
	}
	return doors
}

// Every page about referrals, in every language and in the two that test its layout.
func TestEveryPage_ofReferrals(t *testing.T) {
	walkPages(t, referralDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200 (to %s)", w.Code, w.Header().Get("Location"))
		}
		checkPage(t, lang, w.Body.String())
	})
}

func TestBudget_ofReferrals(t *testing.T) {
	walkPages(t, referralDoors(), func(t *testing.T, b *browser, _ i18n.Language, path string) {
		t.Helper()
		if n := b.wire(path); n > laterLoad {
			t.Errorf("%d bytes, want at most %d", n, laterLoad)
		}
	})
}

var sheet = regexp.MustCompile(`(?s)<section class="sheet".*?</section>`)

// What she carries home gives nothing away, in whichever language it is printed:
// none of the words that tell, no name, no number to call, no service.
func TestSlip_givesNothingAway(t *testing.T) {
	o := withReferral(sampleReferralFile(referral.Paper, "", referral.Draft, referral.Consented, referral.Sent))()
	o.desks["admin words"].referral.Agreed = referral.Asked()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	seen := map[string]bool{}
	for _, in := range []string{"en", "fr", "ar"} {
		paper := words(sheet.FindString(b.get(theReferral + "/slip?in=" + in)))
		if !strings.Contains(paper, sampleCode) || !strings.Contains(paper, "Mme Awa") {
			t.Fatalf("%s: no slip: %q", in, paper)
		}
		seen[paper] = true
		if referral.GivesAway(paper) {
			t.Errorf("%s: the slip gives her away: %s", in, paper)
		}
		lang := languageOf(t, in)
		telling := append(strings.Fields(sampleName), "76000017", sampleProvider, lang.T("referral.service.health_medical_service"),
			lang.T("referral.window.pep"), "Amana", "GBV", "VBG", "HIV", "VIH", "PEP")
		for _, word := range telling {
			if strings.Contains(strings.ToLower(paper), strings.ToLower(word)) {
				t.Errorf("%s: the slip says %q: %s", in, word, paper)
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d different slips for three languages", len(seen))
	}
}

// The words of a reminder are the same whatever it is about.
func TestReminder_isNeutral(t *testing.T) {
	for _, tag := range []string{"en", "fr", "ar"} {
		lang := languageOf(t, tag)
		text := lang.T("referral.remind.text", "date", lang.ISODate("2026-11-03"))
		if referral.GivesAway(text) || strings.Contains(text, "Amana") || strings.Contains(text, "⟦") {
			t.Errorf("%s: %s", tag, text)
		}
	}
}

// Requirement 37 on the pages: of somebody who is never to be contacted no page
// about her way to help has a number, a way or a text.
func TestContact_neverShowsNothing(t *testing.T) {
	f := sampleReferralFile(referral.Phone, "", referral.Draft, referral.Consented, referral.Sent)
	s := sampleSource()
	s.Contact.How = event.List("never", "phone_call")
	f.Contact = casework.ContactCard{Why: s.Contact.Why(noon), Reminders: s.Contact.Reminders("2026-11-03", noon), Day: "2026-11-03"}
	f.Asked = referral.Preview(s, referral.Request{ID: f.ID, Recipient: f.Name, Service: f.Service}, noon)
	f.Lines, f.Package = packageOf(s, referral.Request{ID: f.ID, Recipient: f.Name, Service: f.Service, Agreed: referral.Asked()})
	o := withReferral(f)()
	file := sampleFile()
	file.Care.Contact, file.Identity = f.Contact, nil
	o.desks["admin words"].file = &file
	b := newBrowser(t, newServer(t, o), "fr").unlock("admin words")
	lang := languageOf(t, "fr")
	for _, path := range []string{theCase, theReferral, theReferral + "/phone"} {
		page := words(b.get(path))
		for _, trace := range []string{"76000017", "Jamais après 17 h.", lang.T("referral.remind.say")} {
			if strings.Contains(page, trace) {
				t.Errorf("%s shows %q", path, trace)
			}
		}
		if path != theReferral+"/phone" && !strings.Contains(page, lang.T("referral.contact.never")) {
			t.Errorf("%s does not say why", path)
		}
	}
}

// The notice on reporting stands before everything that she is asked.
func TestAskReferral_tellsOfReportingFirst(t *testing.T) {
	o := withReferral(sampleReferralFile("", "referral.refused.not_asked", referral.Draft))()
	b := newBrowser(t, newServer(t, o), "fr").unlock("admin words")
	page := b.get(theReferral + "/ask")
	notice := strings.Index(page, "Rien ne doit être signalé sans elle.")
	for _, after := range []string{sampleProvider, `name="item"`, `name="narrative"`, `name="decision"`} {
		if at := strings.Index(page, after); notice < 0 || at < notice {
			t.Errorf("%s stands at %d, the notice at %d", after, at, notice)
		}
	}
	for _, e := range elements(page) {
		if e.attrs["name"] == "decision" || e.attrs["name"] == "item" && (e.attrs["value"] == "name" || e.attrs["value"] == "narrative" || e.attrs["value"] == "safe_contact") {
			if _, on := e.attrs["checked"]; on && o.desks["admin words"].referral.Course.State == "" {
				t.Errorf("%s=%s is ticked beforehand", e.attrs["name"], e.attrs["value"])
			}
		}
	}
}

func TestAskReferral_recordsItemByItem(t *testing.T) {
	b, desk := atWork(t)
	desk.referral = sampleReferralFile("", "referral.refused.not_asked", referral.Draft)
	if to := b.post(theReferral+"/ask", url.Values{"item": {"code"}}); !strings.HasPrefix(to, theReferral+"/ask?again=") {
		t.Errorf("without an answer: sent to %s", to)
	}
	to := b.post(theReferral+"/ask", url.Values{
		"item": {"service", "code", "name", "date_of_birth"}, "decision": {"granted"}, "told": {"yes"}, "accompaniment": {"no"},
		"narrative": {"Une femme."}, "consent_how": {"thumbprint"}, "consent_until": {"9/3/2027"},
	})
	a := desk.agreed
	if to != theReferral || a.Decision != amana.Granted || len(a.Items) != 3 || a.Reporting != "3" || a.Consent.How != "thumbprint" || a.Consent.Until != "2027-03-09" {
		t.Errorf("to %s: %+v", to, a)
	}
	if c := a.Consent.Conditions.Reveal(); !strings.Contains(c, "Her code") || !strings.Contains(c, "Her name") || strings.Contains(c, "Age group") || !strings.Contains(c, "version 3") {
		t.Errorf("her consent says: %s", c)
	}
}

func TestReferral_requests(t *testing.T) {
	b, desk := atWork(t)
	if to := b.post(theCase+"/referrals", url.Values{"service": {"food_service"}, "provider_name": {"Croissant-Rouge"}, "plan": {"a1"}}); to != theReferral+"/ask" || desk.proposed.Plan != "a1" || desk.proposed.Name.Reveal() != "Croissant-Rouge" {
		t.Errorf("to %s: %+v", to, desk.proposed)
	}
	if to := b.post(theReferral+"/send", url.Values{"channel": {"phone"}}); to != theReferral+"/phone" || desk.way.Channel != referral.Phone {
		t.Errorf("phone: %s", to)
	}
	if to := b.post(theReferral+"/send", url.Values{"channel": {"paper"}, "service_location": {"La porte bleue"}, "service_appointment_date": {"3/11/2026"}}); to != theReferral+"/slip" || desk.way.Slip.Day != "2026-11-03" {
		t.Errorf("paper: %s %+v", to, desk.way)
	}
	if to := b.post(theReferral+"/step", url.Values{"state": {"declined"}, "reason": {"no_capacity"}, "when": {"2/11/2026"}}); to != theReferral || desk.step.State != referral.Declined || desk.step.When != "2026-11-02" {
		t.Errorf("step: %s %+v", to, desk.step)
	}
	if to := b.post(theReferral+"/back", url.Values{"step": {"c"}}); to != theReferral || desk.taken != "c" {
		t.Errorf("back: %s %s", to, desk.taken)
	}
	if b.post(theCase+"/follow-up/plan", url.Values{"day": {"2026-12-01"}}); desk.day != "2026-12-01" {
		t.Errorf("planned %s", desk.day)
	}
	if to := b.post("/referrals", url.Values{"which": {"overdue"}, "service": {"food_service"}, "mine": {"yes"}}); to != "/referrals" {
		t.Errorf("filter: %s", to)
	}
	b.get("/referrals")
	if desk.query != (casework.ReferralQuery{Which: "overdue", Service: "food_service", Mine: true}) {
		t.Errorf("asked for %+v", desk.query)
	}
}

// What the rules refuse comes back as words on the page, not as a fault.
func TestReferral_saysWhyNot(t *testing.T) {
	b, desk := atWork(t)
	for _, err := range []error{&referral.RefusedError{Why: "referral.refused.withdrawn"}, &referral.MoveError{Why: "referral.why.ended"}} {
		desk.unwilling = err
		to := b.post(theReferral+"/send", url.Values{"channel": {"phone"}})
		why := "referral.why.ended"
		if _, ok := errors.AsType[*referral.RefusedError](err); ok {
			why = "referral.refused.withdrawn"
		}
		if page := words(b.get(to)); !strings.Contains(page, languageOf(t, "en").T(why)) {
			t.Errorf("%s: the page does not say why", to)
		}
	}
}

// Nothing that was not sent, or may not leave any more, is shown to be read out or
// printed.
func TestReferral_showsNoWordsThatMayNotLeave(t *testing.T) {
	for _, f := range []*casework.ReferralFile{
		sampleReferralFile("", "", referral.Draft, referral.Consented),
		sampleReferralFile(referral.Phone, "referral.refused.withdrawn", referral.Draft, referral.Consented, referral.Sent),
		sampleReferralFile(referral.Paper, "referral.refused.withdrawn", referral.Draft, referral.Consented, referral.Sent),
	} {
		b := newBrowser(t, newServer(t, withReferral(f)()), "en").unlock("admin words")
		for _, path := range []string{"/phone", "/slip"} {
			if w := b.do("GET", theReferral+path, nil); w.Code != 404 {
				t.Errorf("%s at %s: status %d, want 404", path, f.Course.State, w.Code)
			}
		}
	}
}

// Lists of referrals show codes and no names.
func TestReferrals_showNoNames(t *testing.T) {
	b, _ := atWork(t)
	for _, path := range []string{"/referrals", "/today"} {
		page := b.get(path)
		if !strings.Contains(page, sampleCode) {
			t.Errorf("%s shows no referral", path)
		}
		for _, word := range append(strings.Fields(sampleName), sampleProvider) {
			if strings.Contains(page, word) {
				t.Errorf("%s shows %q", path, word)
			}
		}
	}
}
