package web_test

import (
	"net/url"
	"strings"
	"testing"

	"amana/internal/casework"
	"amana/internal/i18n"
)

func feedbackDoors() []door {
	few := func() *fakeOffice {
		o := sampleOffice()
		for _, d := range o.desks {
			d.feedback = &casework.Feedback{Waiting: true}
		}
		return o
	}
	hand := func(b *browser) { b.post("/feedback/hand", url.Values{"team": {teamID(1).String()}}) }
	return []door{
		{"feedback", sampleOffice, nothing, "admin words", nowhere, []string{"/feedback"}},
		{"too little feedback", few, nothing, "case words", nowhere, []string{"/feedback"}},
		{"feedback for no team", sampleOffice, nothing, "admin words", failing("/feedback/hand"), []string{"/feedback?again=1"}},
		{"in a client's hands", sampleOffice, asDemo, "admin words", hand, []string{"/feedback/own", "/feedback/thanks"}},
	}
}

func TestEveryPage_ofFeedback(t *testing.T) {
	walkPages(t, feedbackDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200 (to %s)", w.Code, w.Header().Get("Location"))
		}
		checkPage(t, lang, w.Body.String())
	})
}

// Whoever has the device in hand to say what they think sees nothing of the work.
func TestFeedback_inAClientsHands(t *testing.T) {
	b, desk := atWork(t)
	if to := b.post("/feedback/hand", url.Values{"team": {teamID(1).String()}}); to != "/feedback/own" {
		t.Fatalf("sent to %s", to)
	}
	for _, path := range []string{"/", "/today", "/cases", theCase, "/settings", "/feedback", "/members", "/services", "/post", theCase + assessmentForm} {
		w := b.do("GET", path, nil)
		if to := w.Header().Get("Location"); w.Code != 303 || path != "/" && to != "/feedback/own" {
			t.Errorf("%s: %d, to %s", path, w.Code, to)
		}
	}
	// Nor does a page that is for anyone, or a fault, say whose desk it is.
	desk.phase = casework.ImportReading
	for _, path := range []string{"/nothing", "/sorry/500", "/import/progress", "/progress", "/calendar", "/unlock", "/help"} {
		if page := b.do("GET", path, nil).Body.String(); strings.Contains(page, desk.me.Name) || strings.Contains(page, "/cases") {
			t.Errorf("%s names the member, or leads on", path)
		}
	}
	if to := b.post("/cases/search", url.Values{"search": {"Zeïnabou"}}); to != "/feedback/own" {
		t.Errorf("a search leads to %s", to)
	}
	page := b.get("/feedback/own")
	for _, words := range []string{"/cases", desk.me.Name, "/settings"} {
		if strings.Contains(page, words) {
			t.Errorf("the page in her hands has %q", words)
		}
	}
	to := b.post("/feedback/own", url.Values{"staff_friendly": {"false"}, "client_feedback_date": {"2026-11"}})
	if to != "/feedback/thanks" || desk.forTeam != teamID(1) || desk.opinion.Answers["staff_friendly"].Reveal() != "false" {
		t.Errorf("sent to %s, for team %s", to, desk.forTeam)
	}
	if b.do("GET", "/cases", nil).Code != 303 {
		t.Error("after saying it, the work is open")
	}
	b.post("/lock", nil)
	b.unlock("admin words")
	if b.do("GET", "/cases", nil).Code != 200 {
		t.Error("the passphrase does not lead back to the work")
	}
}

// No share in a hundred is told of fewer than twenty people.
func TestFeedback_sharesOfFew(t *testing.T) {
	b, desk := atWork(t)
	if !strings.Contains(b.get("/feedback"), "75 of 100") {
		t.Error("the share of 28 is not told")
	}
	desk.feedback = &casework.Feedback{Total: 20, Judged: 19, Satisfied: 19}
	if strings.Contains(b.get("/feedback"), "of 100") {
		t.Error("a share of 19 people is told")
	}
}
