package web_test

import (
	"net/url"
	"strings"
	"testing"

	"amana/internal/casework"
	"amana/internal/i18n"
)

const assessmentForm = "/form/survivor_assessment_form"

func careDoors() []door {
	c := sampleCasePath + recordID(1).String()
	child := func() *fakeOffice {
		o := sampleOffice()
		for _, d := range o.desks {
			d.file = ofAChild()
		}
		return o
	}
	unasked := func() *fakeOffice {
		o := child()
		for _, d := range o.desks {
			d.file.Work.Guard, d.unnamed = casework.Guard{}, true
		}
		return o
	}
	waiting := func() *fakeOffice {
		o := child()
		for _, d := range o.desks {
			d.file.Work.Asked = []casework.Asked{{ID: "a", Type: "second_account", Status: "pending", By: memberID(2), On: noon}}
			d.file.Work.Guard.Reason = true
		}
		return o
	}
	looked := func(b *browser) { b.post("/cases/find", url.Values{"name": {"Zeina Walet"}, "phone": {"76"}}) }
	return []door{
		{"was she here before", sampleOffice, nothing, "admin words", nowhere, []string{"/cases/find"}},
		{"who may be the same", sampleOffice, nothing, "admin words", looked, []string{"/cases/find", "/cases/new"}},
		{"nothing typed", sampleOffice, nothing, "admin words", failing("/cases/find"), []string{"/cases/find?again=1"}},
		{"a child whose caregiver may be involved", child, nothing, "admin words", nowhere, []string{c, c + assessmentForm, c + "/consent/care", c + "/consent/statistics"}},
		{"before an account", unasked, nothing, "admin words", nowhere, []string{c + assessmentForm, "/cases/new"}},
		{"a supervisor was asked", waiting, nothing, "case words", nowhere, []string{c + assessmentForm}},
	}
}

func TestEveryPage_ofWhatComesBefore(t *testing.T) {
	walkPages(t, careDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200 (to %s)", w.Code, w.Header().Get("Location"))
		}
		checkPage(t, lang, w.Body.String())
	})
}

func TestFind_shownWithoutATraceInAddresses(t *testing.T) {
	b, desk := atWork(t)
	for _, page := range []string{"/today", "/cases"} {
		if p := b.get(page); !strings.Contains(p, `href="/cases/find"`) || strings.Contains(p, `href="/cases/new"`) {
			t.Errorf("%s opens a case without asking who is known", page)
		}
	}
	to := b.post("/cases/find", url.Values{"name": {"Zeina Walet"}, "phone": {"76 00 00 17"}, "code": {""}})
	if to != "/cases/find" {
		t.Fatalf("sent to %s", to)
	}
	page := b.get(to)
	if desk.known.Name.Reveal() != "Zeina Walet" || !strings.Contains(page, sampleName) || !strings.Contains(page, "Same code") || !strings.Contains(page, "Part of the name") {
		t.Error("who may be the same is not shown, or not by what")
	}
	if to = b.post("/cases/find", url.Values{"name": {"Zeina Walet"}, "phone": {"76 00 00 17"}, "go": {"new"}}); to != "/cases/new" {
		t.Fatalf("sent to %s", to)
	}
	if page = b.get(to); !strings.Contains(page, `value="Zeina Walet"`) || !strings.Contains(page, `value="76 00 00 17"`) {
		t.Error("what was typed is asked for again")
	}
	b.post("/cases/find", url.Values{"go": {"clear"}})
	if strings.Contains(b.get("/cases/new"), "Zeina Walet") || strings.Contains(b.get("/cases/find"), sampleName) {
		t.Error("what was cleared is still there")
	}
}

// Requirement 28, the order on the screen: the notice stands before the first
// question, on every page on which something can be told.
func TestNotice_comesBeforeAnyQuestion(t *testing.T) {
	b, desk := atWork(t)
	b.post("/language", url.Values{"language": {"fr"}})
	desk.file = ofAChild()
	for _, path := range []string{"/cases/new", theCase + assessmentForm, theCase + "/consent/statistics", theCase + "/form/gbv_incident_form/" + sampleIncidents()[0].ID.String()} {
		page := b.get(path)
		notice := strings.Index(page, "Avis inventé")
		question := strings.Index(page, "<textarea")
		for _, mark := range []string{`name="consent_`, `data-q="`} {
			if at := strings.Index(page, mark); at >= 0 && (question < 0 || at < question) {
				question = at
			}
		}
		if strings.Contains(page, `id="guard"`) {
			question = max(question, strings.Index(page, `id="notice"`)) // the guard's own box asks a colleague, not her
		}
		if notice < 0 || notice > question && !strings.Contains(page, `id="guard"`) {
			t.Errorf("%s: the notice at %d, the first question at %d", path, notice, question)
		}
	}
}

func TestNotice_versionIsKept(t *testing.T) {
	b, desk := atWork(t)
	b.post("/cases", url.Values{"team": {teamID(1).String()}, "told": {"notice-1"}, "caregiver_role": {"may_be_involved"}})
	if desk.intake.Reporting != "notice-1" || desk.intake.Case["caregiver_role"].Reveal() != "may_be_involved" {
		t.Errorf("intake: told %q, caregiver %q", desk.intake.Reporting, desk.intake.Case["caregiver_role"].Reveal())
	}
	b.post(theCase+"/consent/matching", url.Values{"consent_matching": {"granted"}, "told": {"notice-1"}, "best_interests": {"Sa tante décide avec elle."}})
	if c := desk.consents[0]; c.Reporting != "notice-1" || c.BestInterests.Reveal() != "Sa tante décide avec elle." {
		t.Errorf("consent: told %q", c.Reporting)
	}
	b.post(theCase+assessmentForm, url.Values{"record": {recordID(1).String()}, "version": {"42"}, "told": {"notice-1"}})
	if desk.filled.Reporting != "notice-1" {
		t.Errorf("form: told %q", desk.filled.Reporting)
	}
}

func TestGuard_isOnThePage(t *testing.T) {
	b, desk := atWork(t)
	desk.file = ofAChild()
	page := b.get(theCase + assessmentForm)
	if !strings.Contains(page, `action="`+theCase+`/again"`) || !strings.Contains(page, "has been recorded already") {
		t.Error("nothing on the page says what comes before another account")
	}
	if to := b.post(theCase+"/again", url.Values{"reason": {"She asks to add to it."}}); to != theCase || desk.again != "She asks to add to it." {
		t.Errorf("sent to %s", to)
	}
	desk.noAnswer = casework.FieldErrors{"reason": "guard.reason.needed"}
	if to := b.post(theCase+"/again", nil); !strings.Contains(to, "again=") || !strings.Contains(b.get(to), "why the person is asked again") {
		t.Errorf("a reason that is missing: sent to %s", to)
	}
	desk.file.Work.Guard = casework.Guard{}
	if page = b.get(theCase + assessmentForm); !strings.Contains(page, theCase+"/form/prior_interview") {
		t.Error("the question that comes first is not one press away")
	}
	sample := sampleFile()
	sample.Work.Guard = casework.Guard{}
	desk.file = &sample // an account stands: mending it is free
	if strings.Contains(b.get(theCase+assessmentForm), `id="guard"`) {
		t.Error("an account that stands is guarded against being mended")
	}
}

// For a child whose caregiver may be involved, no page offers the caregiver's word.
func TestMinor_onThePages(t *testing.T) {
	b, desk := atWork(t)
	desk.file = ofAChild()
	page := b.get(theCase)
	if !strings.Contains(page, "may be involved") || !strings.Contains(page, "yes to it is not complete") {
		t.Error("the case does not say that the caregiver is not told, or that the yes to care is not complete")
	}
	page = b.get(theCase + "/consent/statistics")
	if strings.Contains(page, `value="guardian`) || strings.Contains(page, `value="self`) || !strings.Contains(page, `value="trusted_adult_with_assent"`) || !strings.Contains(page, `name="best_interests"`) {
		t.Error("the page of a consent offers the wrong people, or does not ask why")
	}
	desk.refuse = casework.FieldErrors{"consent_given_by": "child.missing.silent", "best_interests": "child.missing.note"}
	to := b.post(theCase+"/consent/statistics", url.Values{"consent_statistics": {"granted"}, "consent_given_by": {"guardian"}})
	if page = b.get(to); !strings.Contains(page, "neither ask nor tell them") || !strings.Contains(page, "Write down why this is best") {
		t.Error("what is wrong does not stand on the page")
	}
	desk.file, desk.refuse = nil, nil
	if page = b.get(theCase + "/consent/statistics"); strings.Contains(page, `name="best_interests"`) {
		t.Error("of an adult it is asked why this is best for the child")
	}
}
