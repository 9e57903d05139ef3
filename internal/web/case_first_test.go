package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

const stillHelps = "What can still help, and until when"

// Of a new case, when it happened is asked before anything else, and what can still help
// is said at once, before anything is agreed to or saved. Nothing forces an answer.
func TestNewCase_theHoursComeFirst(t *testing.T) {
	b, desk := atWork(t)
	page := b.get("/cases/new")
	last := 0
	for _, part := range []string{`href="/now"`, `id="notice"`, `name="assault_date"`, `data-q="clock"`, `name="team"`, `name="consent_care"`, `name="name"`} {
		at := strings.Index(page, part)
		if at < last {
			t.Errorf("%s stands at %d, after what should come later (%d)", part, at, last)
		}
		last = at
	}
	if strings.Contains(words(page), stillHelps) {
		t.Error("hours are counted before a day is said")
	}
	for date, told := range map[string]bool{"1/11/2026": true, "": false, "soon": false, "1/12/2026": false} {
		w := b.do("POST", "/cases/new/ask", url.Values{"live": {"yes"}, "assault_date": {date}})
		if w.Code != 200 || strings.Contains(words(w.Body.String()), stillHelps) != told {
			t.Errorf("%q, told at once: answer %d, says what helps: %v", date, w.Code, !told)
		}
		to := b.post("/cases/new/ask", url.Values{"assault_date": {date}}) // the same without a script
		if strings.Contains(words(b.get(to)), stillHelps) != told {
			t.Errorf("%q, told by the page: says what helps: %v", date, !told)
		}
	}
	says(t, b.do("POST", "/cases/new/ask", url.Values{"live": {"yes"}, "assault_date": {"1/11/2026"}}).Body.String(), "HIV", "left")
	if len(desk.intake.Forms) > 0 {
		t.Error("something was saved")
	}
}

// The parts of a new case are shut until they are wanted: one that is wrong, or that says
// something already, is open.
func TestNewCase_partsThatSaySomethingAreOpen(t *testing.T) {
	b, _ := atWork(t)
	open := func(page, part string) bool {
		t.Helper()
		m := regexp.MustCompile(`<details class="section"( open)?><summary><h2 id="` + part + `">`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no part %s", part)
		}
		return m[1] != ""
	}
	page := b.get("/cases/new")
	for part, want := range map[string]bool{"consent": true, "form-identity": false, "form-gbv_survivor_information": false, "form-survivor_assessment_form": false} {
		if open(page, part) != want {
			t.Errorf("untouched, %s is open: %v", part, !want)
		}
	}
	page = b.get(b.post("/cases", url.Values{"team": {teamID(1).String()}, "age": {"many"}, "assessment_main_concerns": {"A roof."}}))
	for part, want := range map[string]bool{"form-identity": false, "form-gbv_survivor_information": true, "form-survivor_assessment_form": true} {
		if open(page, part) != want {
			t.Errorf("refused, %s is open: %v", part, !want)
		}
	}
	b, _ = atWork(t)
	b.post("/cases/find", url.Values{"name": {"Zeina Walet"}, "go": {"new"}})
	if !open(b.get("/cases/new"), "form-identity") {
		t.Error("the name that was looked for is in a part that is shut")
	}
}

// On a narrow screen the pages are folded, without a script; each is named in both places.
func TestMenu_folds(t *testing.T) {
	b, _ := atWork(t)
	page := b.get("/cases")
	broad, rest, _ := strings.Cut(page, `<details class="fold">`)
	fold, _, found := strings.Cut(rest, "</details>")
	if !found {
		t.Fatal("no folded menu")
	}
	for _, to := range []string{"/today", "/cases", "/services", "/figures", "/members", "/settings"} {
		if link := `<a href="` + to + `"`; strings.Count(broad, link) < 1 || strings.Count(fold, link) != 1 {
			t.Errorf("%s is not in both menus", to)
		}
	}
	if strings.Count(fold, `aria-current="page"`) != 1 {
		t.Error("the folded menu does not say where one is")
	}
	if strings.Count(page, `id="lock"`) != 1 {
		t.Error("the way to lock is not there once")
	}
}

// The long pages where something is written keep what saves it at hand; the page of a case
// leads to its end from its head.
func TestLongPages_keepAtHand(t *testing.T) {
	b, _ := atWork(t)
	for _, path := range []string{"/cases/new", theCase + "/follow-up", theCase + "/form/identity", theCase + "/close", "/services/new", "/settings/tables/windows/edit"} {
		if page := b.get(path); !regexp.MustCompile(`<div class="row[^"]* keep"><button class="main"`).MatchString(page) {
			t.Errorf("%s: what saves is at the end alone", path)
		}
	}
	page := b.get(theCase)
	if head, _, _ := strings.Cut(page, `id="work"`); !strings.Contains(head, `href="#end"`) || !strings.Contains(page, `id="end"`) {
		t.Error("the head of a case does not lead to its end")
	}
}
