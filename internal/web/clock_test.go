package web_test

import (
	"net/url"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/child"
	"amana/internal/i18n"
	"amana/internal/window"
)

func clockDoors() []door {
	in := theCase + "/incidents/"
	signed := func() *fakeOffice {
		o := sampleOffice()
		for _, d := range o.desks {
			d.signed = map[string]*casework.SignOff{casework.WindowTable: sampleSignOff(), casework.AgeTable: sampleSignOff()}
		}
		return o
	}
	tables := []string{
		"/settings/tables", "/settings/tables/windows", "/settings/tables/children", "/settings/tables/reporting",
	}
	return []door{
		{"the hours", sampleOffice, nothing, "admin words", nowhere, append([]string{
			"/today", theCase, in + recordID(21).String(), in + recordID(22).String(), in + recordID(23).String(),
			"/settings/tables/windows/edit", "/settings/tables/children/edit", "/settings/tables/reporting/edit", "/settings/tables/windows/sign",
		}, tables...)},
		{"the hours, vouched for", signed, nothing, "case words", nowhere, append([]string{"/today", theCase}, tables...)},
		{"a table refused", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post("/settings/tables/windows/edit", url.Values{"name_0": {"Something"}, "hours_0": {"many"}})
			b.Helper()
		}, []string{"/settings/tables/windows/edit?again=1"}},
	}
}

func sampleSignOff() *casework.SignOff {
	return &casework.SignOff{Country: "ML", Name: "Dr Invented", Role: "clinical lead", Date: "2026-10-01", Review: "2027-10-01", Version: "amana-1"}
}

func TestEveryPage_ofTheHours(t *testing.T) {
	walkPages(t, clockDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200", w.Code)
		}
		checkPage(t, lang, w.Body.String())
	})
}

func says(t *testing.T, page string, all ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(words(page)), " ")
	for _, want := range all {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func silent(t *testing.T, page string, all ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(words(page)), " ")
	for _, not := range all {
		if strings.Contains(text, not) {
			t.Errorf("the page says %q", not)
		}
	}
}

// At hour 70 the page says how long there is, in three languages, and that nobody
// vouched for it.
func TestClock_onTheCase(t *testing.T) {
	for language, want := range map[string][]string{
		"en": {"What can still help, and until when", "between 2 hours and 3 hours left", "not validated for your country", "30 October 2026"},
		"fr": {"il reste entre 2 heures et 3 heures", "ne sont pas validés pour votre pays"},
		"ar": {"بقي ما بين ساعتان و3 ساعات", "غير معتمدة لبلدكم"},
	} {
		b, _ := atWork(t)
		b.post("/language", url.Values{"language": {language}})
		page := b.get(theCase)
		if _, section, found := strings.Cut(page, `id="windows"`); !found || !strings.Contains(section, "tag high") {
			t.Errorf("%s: no shape says that it closes soon", language)
		}
		says(t, page, want...)
		if strings.Contains(page, " mg") {
			t.Errorf("%s: a dose", language)
		}
	}
	b, desk := atWork(t)
	desk.file = &casework.CaseFile{ID: recordID(1), Code: sampleCode, MayWrite: true, Clock: &casework.Clock{}}
	for _, s := range window.Default().At(window.Assault{}, noon) {
		desk.file.Clock.States = append(desk.file.Clock.States, casework.WindowState{State: s})
	}
	says(t, b.get(theCase), "Nobody has written down when it happened", "act as if it were open", "Say when it happened")
}

func TestClock_oneTap(t *testing.T) {
	b, desk := atWork(t)
	page := b.get(theCase)
	for _, outcome := range casework.Outcomes() {
		if !strings.Contains(page, `name="outcome" value="`+outcome+`"`) {
			t.Errorf("no button says %s", outcome)
		}
	}
	if to := b.post(theCase+"/windows/pep", url.Values{"outcome": {"given"}}); to != theCase+"#windows" {
		t.Errorf("sent to %s", to)
	}
	if want := recordID(1).String() + " pep given"; len(desk.noted) != 1 || desk.noted[0] != want {
		t.Errorf("noted %q, want %q", desk.noted, want)
	}
	says(t, b.get(theCase), "Written down: Prevention of HIV after exposure (PEP), Given.")
	b.post(theCase+"/windows/pep", url.Values{"outcome": {""}})
	says(t, b.get(theCase), "Taken back")
	if to := b.post(theCase+"/windows/pep/missed", url.Values{"missed": {"no_transport"}}); to != theCase+"#windows" {
		t.Errorf("why it was too late leads to %s", to)
	}
	desk.refuses = amana.ErrNotFound
	if w := b.do("POST", theCase+"/windows/kings", url.Values{"outcome": {"given"}}); w.Code == 303 && strings.Contains(w.Header().Get("Location"), "#windows") {
		t.Error("a window that is none is taken")
	}
}

// Where the time of a treatment has passed, whoever may write can say why, and nobody has
// to; what was said is shown to who may only read.
func TestClock_whyItPassed(t *testing.T) {
	b, desk := atWork(t)
	long := window.Assault{Earliest: noon.AddDate(0, -2, 0), Latest: noon.AddDate(0, -2, 1)}
	for _, mayWrite := range []bool{true, false} {
		file := &casework.CaseFile{ID: recordID(1), Code: sampleCode, MayWrite: mayWrite, Clock: &casework.Clock{}}
		for _, s := range window.Default().At(long, noon) {
			file.Clock.States = append(file.Clock.States, casework.WindowState{State: s, Missed: map[string]string{"pep": "no_transport"}[s.ID]})
		}
		desk.file = file
		page := b.get(theCase)
		says(t, page, "No way to get here")
		if asks := strings.Contains(page, `<select id="missed-pep" name="missed"><option value="">Not said</option>`); asks != mayWrite {
			t.Errorf("may write %v: asks %v", mayWrite, asks)
		}
		if !mayWrite {
			continue
		}
		for _, want := range []string{`<option value="no_transport" selected>`, `<select id="missed-emergency_contraception" name="missed"><option value="" selected>`} {
			if !strings.Contains(page, want) {
				t.Errorf("no %s", want)
			}
		}
	}
}

// What is urgent heads the day's page, in the order in which casework has it.
func TestUrgent_headsTheDay(t *testing.T) {
	b, desk := atWork(t)
	page := b.get("/today")
	urgent, late := strings.Index(page, `id="urgent"`), strings.Index(page, "Follow-ups that are late")
	if urgent < 0 || late < urgent {
		t.Fatalf("urgent at %d, the rest at %d", urgent, late)
	}
	head := page[urgent:late]
	first, second := strings.Index(head, sampleCode), strings.Index(head, "H2VN-8ZEC-PD")
	if first < 0 || second < first {
		t.Errorf("the order: %d, %d", first, second)
	}
	says(t, head, "2 hours left", "at most 6 hours left", "time not known", "not validated for your country", "There are more")
	silent(t, head, sampleName)
	desk.urgent = &[]casework.UrgentCase{}
	if strings.Contains(b.get("/today"), `id="urgent"`) {
		t.Error("nothing is urgent, and it says so")
	}
}

func TestIncident_saysWhy(t *testing.T) {
	b, desk := atWork(t)
	page := b.get(theCase + "/incidents/" + recordID(21).String())
	says(t, page, "Sexual assault", "Because of the answer to: “Was there unwanted sexual contact?”", "Possible sexual slavery",
		"held, taken or trafficked", "0 to 3 days", "One", "Puits")
	page = b.get(theCase + "/incidents/" + recordID(22).String())
	says(t, page, "No type yet", "“Was there any penetration?”", "If that is a no, it is: Physical assault", "Day not known", "Not asked: it is in no figure")
	page = b.get(theCase + "/incidents/" + recordID(23).String())
	says(t, page, "Forced marriage", "the questions were not asked", "No: it is in no figure")
	if w := b.do("GET", theCase+"/incidents/"+recordID(99).String(), nil); w.Code != 404 {
		t.Errorf("no incident: %d", w.Code)
	}
	if to := b.post(theCase+"/incidents", nil); to != theCase+"/form/gbv_incident_form/"+recordID(21).String() {
		t.Errorf("sent to %s", to)
	}
	if len(desk.noted) != 1 {
		t.Errorf("noted %q", desk.noted)
	}
}

func TestTables_edit(t *testing.T) {
	b, desk := atWork(t)
	path := "/settings/tables/windows/edit"
	fields := untouched(b.get(path), path)
	fields.Set("hours_1", "٤٨")
	fields.Set("gone_3", "yes")
	fields.Set("name_10", "Rabies")
	fields.Set("hours_10", "24")
	fields.Set("kind_10", "urgent")
	if to := b.post(path, fields); to != "/settings/tables/windows" {
		t.Fatalf("sent to %s", to)
	}
	table, err := window.Parse(desk.edited[casework.WindowTable])
	if err != nil || len(table.Windows) != len(window.Default().Windows) {
		t.Fatalf("%d rows, %v", len(table.Windows), err)
	}
	pep, _ := table.Of(window.PEP)
	_, sti := table.Of(window.STI)
	own := table.Windows[len(table.Windows)-1]
	if pep.Hours != 48 || pep.Name != nil || pep.Source == "" || sti || own.Hours != 24 || own.Name["en"] != "Rabies" {
		t.Errorf("%+v, %t, %+v", pep, sti, own)
	}
	says(t, b.get("/settings/tables/windows"), "Rabies", "24 hours", "Changed by your organisation")

	path = "/settings/tables/children/edit"
	if to := b.post(path, untouched(b.get(path), path)); to != "/settings/tables/children" {
		t.Fatalf("sent to %s", to)
	}
	if ages, err := child.Read(desk.edited[casework.AgeTable]); err != nil || len(ages) != len(child.Default()) {
		t.Errorf("an untouched table comes back as %v, %v", ages, err)
	}
	path = "/settings/tables/reporting/edit"
	b.post(path, url.Values{"country": {"mr"}, "words_ar": {"إشعار"}})
	if n, err := casework.ReadNotice(desk.edited[casework.NoticeTable]); err != nil || n.Country != "MR" || n.Words["ar"] == "" || n.Words["fr"] != "" {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestTables_sign(t *testing.T) {
	b, desk := atWork(t)
	path := "/settings/tables/windows/sign"
	fields := untouched(b.get(path), path)
	fields.Set("country", "ml")
	fields.Set("name", "Dr Invented")
	fields.Set("role", "clinical lead")
	if to := b.post(path, fields); to != "/settings/tables/windows" {
		t.Fatalf("sent to %s", to)
	}
	if s := desk.signing; s.Country != "ML" || s.Date != "2026-11-02" || s.Version != "amana-1" || s.Review != "2027-11-02" {
		t.Errorf("%+v", s)
	}
	desk.signed = map[string]*casework.SignOff{casework.WindowTable: sampleSignOff()}
	says(t, b.get("/settings/tables/windows"), "Validated for ML by Dr Invented")
	silent(t, b.get("/today"), "not validated for your country")

	worker := newBrowser(t, newServer(t, sampleOffice()), "en").unlock("case words")
	for _, p := range []string{path, "/settings/tables/windows/edit"} {
		if w := worker.do("GET", p, nil); w.Code != 403 {
			t.Errorf("%s: a caseworker gets %d", p, w.Code)
		}
	}
}

func TestBudget_ofTheHours(t *testing.T) {
	walkPages(t, clockDoors(), func(t *testing.T, b *browser, _ i18n.Language, path string) {
		t.Helper()
		if n := b.wire(path); n > laterLoad {
			t.Errorf("%d bytes, want at most %d", n, laterLoad)
		}
	})
}
