package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/i18n"
)

var theRelease = "/figures/releases/" + recordID(40).String()

func askedFor(group string) url.Values {
	return url.Values{"to": {"partners"}, "first": {"2026-01"}, "last": {"2026-03"}, "group": {group}, "text": {"x"}}
}

func figuresDoors() []door {
	with := func(change func(*fakeFigures)) func() *fakeOffice {
		return func() *fakeOffice {
			o := sampleOffice()
			for _, d := range o.desks {
				d.figuresAreas = sampleAreas()
				change(&d.fakeFigures)
			}
			return o
		}
	}
	same := func(*fakeFigures) {}
	planned := func(group string) func(b *browser) {
		return func(b *browser) { b.post("/figures/releases/new", askedFor(group)) }
	}
	done := func(f *fakeFigures) {
		f.figuresDone = true
		f.figuresAnswers = []disclose.Approval{{Party: "Clinique", Release: recordID(40).String(), Yes: true, On: "2026-04-02"}, {Party: "Autre organisation", Release: recordID(40).String(), Yes: true, On: "2026-04-02"}}
	}
	parts := []string{"/figures", "/figures/part/indicators", "/figures/part/survivor", "/figures/part/incident", "/figures/part/perpetrator", "/figures/part/referral", "/figures/part/conflict", "/figures/behind/10/0/1", "/figures/behind/10/0/0"}
	return []door{
		{"figures", with(same), nothing, "admin words", nowhere, append([]string{"/figures/releases", "/figures/releases/new", "/figures/agreement", "/figures/areas", theRelease}, parts...)},
		{"figures of a worker", with(same), nothing, "case words", nowhere, append([]string{"/figures/releases", "/figures/agreement", "/figures/areas", theRelease}, parts...)},
		{"figures by month", with(same), nothing, "admin words", func(b *browser) {
			b.post("/figures", url.Values{"first": {"2026-01"}, "last": {"2026-12"}, "group": {"month"}, "basis": {"incident_date"}, "sex": {"female"}})
		}, []string{"/figures", "/figures/part/incident"}},
		{"figures of who keeps no incidents", with(func(f *fakeFigures) { f.noIncidents = true }), nothing, "admin words", nowhere, []string{"/figures", "/figures/part/survivor"}},
		{"figures with a map", func() *fakeOffice {
			o := with(same)()
			for _, d := range o.desks {
				d.cBounds = []byte(boundaries)
			}
			return o
		}, nothing, "admin words", nowhere, []string{"/figures"}},
		{"figures of nonsense", with(same), nothing, "admin words", failing("/figures"), []string{"/figures?again=1"}},
		{"a release planned", with(same), nothing, "admin words", planned("month"), []string{"/figures/releases/plan"}},
		{"a release refused", with(func(f *fakeFigures) { f.guarded = true }), nothing, "admin words", planned("whole"), []string{"/figures/releases/plan"}},
		{"a release of too few", with(func(f *fakeFigures) { f.tooFew = true }), nothing, "admin words", planned("whole"), []string{"/figures/releases/plan", "/figures/releases"}},
		{"a release not allowed", with(func(f *fakeFigures) { f.figuresNo = &casework.Refusal{Key: "figures.release.scope"} }), nothing, "admin words", planned("whole"), []string{"/figures/releases/new?again=1"}},
		{"a release released", with(done), nothing, "admin words", nowhere, []string{theRelease, theRelease + "/report", "/figures/releases"}},
		{"rows", with(same), nothing, "admin words", nowhere, []string{rowsPath}},
		{"rows of nonsense", with(same), nothing, "admin words", failing(rowsPath), []string{rowsPath + "?again=1"}},
		{"rows planned", with(same), nothing, "admin words", func(b *browser) { b.post(rowsPath, askedFor("whole")) }, []string{"/figures/releases/plan"}},
		{"rows of too few", with(func(f *fakeFigures) { f.tooFew = true }), nothing, "admin words", func(b *browser) { b.post(rowsPath, askedFor("whole")) }, []string{"/figures/releases/plan"}},
		{"rows released", with(func(f *fakeFigures) { done(f); f.withRows = true }), nothing, "admin words", nowhere, []string{theRelease}},
		{"a report with a map", func() *fakeOffice {
			o := with(done)()
			for _, d := range o.desks {
				d.cBounds = []byte(boundaries)
			}
			return o
		}, nothing, "admin words", nowhere, []string{theRelease + "/report"}},
		{"sums", with(same), nothing, "admin words", func(b *browser) {
			b.upload(sumPath, "file", contribution(b, "1"))
			b.upload(sumPath, "file", contribution(b, "2"))
		}, []string{sumPath}},
		{"no sum", with(same), nothing, "admin words", func(b *browser) { b.upload(sumPath, "file", []byte("{}")) }, []string{sumPath + "?again=1", sumPath}},
		{"areas refused", sampleOffice, nothing, "admin words", failing("/figures/areas"), []string{"/figures/areas?again=1", "/figures/areas"}},
		{"an agreement refused", sampleOffice, nothing, "admin words", failing("/figures/agreement"), []string{"/figures/agreement?again=1"}},
	}
}

// Choices are named in words: an id of a list is nothing that a reader knows.
func TestFigures_namedInWords(t *testing.T) {
	code := regexp.MustCompile(`>[^<]*\b[a-z]+(_[a-z]+)+\b[^<]*<`)
	for _, language := range []string{"en", "fr", "ar"} {
		b := newBrowser(t, newServer(t, sampleOffice()), language).unlock("admin words")
		for _, part := range []string{"", "/part/indicators", "/part/survivor", "/part/incident", "/part/perpetrator", "/part/referral", "/part/conflict"} {
			if found := code.FindString(b.do("GET", "/figures"+part, nil).Body.String()); found != "" {
				t.Errorf("%s, /figures%s: %s", language, part, found)
			}
		}
	}
}

// The headline stands by area too, and with those that are not known it is all of it.
func TestFigures_byAreaInside(t *testing.T) {
	o := sampleOffice()
	for _, d := range o.desks {
		d.figuresAreas = sampleAreas()
	}
	page := newBrowser(t, newServer(t, o), "en").unlock("admin words").get("/figures")
	at := strings.Index(page, `id="t-areas"`)
	if at < 0 {
		t.Fatal("no table by area")
	}
	table := page[at:]
	for _, want := range []string{"Marsafi", "Kelmo", "Vallon", "Not known"} {
		if !strings.Contains(table, want) {
			t.Errorf("%s is not in it", want)
		}
	}
}

// Where there are boundaries, the areas stand on a map with the numbers of the table, and
// what is no area has none. Without boundaries there is no map.
func TestFigures_mapInside(t *testing.T) {
	o := sampleOffice()
	for _, d := range o.desks {
		d.figuresAreas = sampleAreas()
	}
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if strings.Contains(b.get("/figures"), `<figure class="map">`) {
		t.Error("a map without boundaries")
	}
	for _, d := range o.desks {
		d.cBounds = []byte(boundaries)
	}
	page := b.get("/figures")
	_, after, found := strings.Cut(page, `<figure class="map">`)
	figure, _, _ := strings.Cut(after, "</figure>")
	if !found || strings.Count(figure, "<path") != 3 {
		t.Fatalf("the map: %.300s", figure)
	}
	for _, area := range []string{"Marsafi", "Kelmo"} {
		on := regexp.MustCompile(`<text[^>]*>` + area + `</text><text[^>]*>([0-9]+)</text>`).FindStringSubmatch(figure)
		in := regexp.MustCompile(`<bdi>` + area + `</bdi></th>(?:<td[^>]*>([^<]*)</td>)+`).FindStringSubmatch(page)
		if on == nil || in == nil || on[1] != in[1] || on[1] == "0" {
			t.Errorf("%s: %v on the map, %v in the table", area, on, in)
		}
	}
	for _, none := range []string{"Elsewhere", "Vallon"} {
		if strings.Contains(figure, none) {
			t.Errorf("%s is on the map", none)
		}
	}
}

// Who keeps no incidents sees no tables of noughts, but where figures are.
func TestFigures_ofWhoKeepsNone(t *testing.T) {
	o := sampleOffice()
	for _, d := range o.desks {
		d.noIncidents, d.figuresAreas = true, sampleAreas()
	}
	page := newBrowser(t, newServer(t, o), "en").unlock("admin words").get("/figures")
	says(t, page, "Your teams keep no incidents")
	if strings.Contains(page, "<table") || !strings.Contains(page, `<a href="/figures/releases">`) {
		t.Error("tables of nothing, or no way to what was shown")
	}
}

const rowsPath = "/figures/releases/rows"

// Rows leave when everybody agreed, with the report on their risk above them; the page
// says of those that may not why, and offers nothing.
func TestRelease_rows(t *testing.T) {
	o := sampleOffice()
	desk := func(change func(*fakeFigures)) {
		for _, d := range o.desks {
			change(&d.fakeFigures)
		}
	}
	desk(func(f *fakeFigures) { f.withRows = true })
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	b.post(rowsPath, askedFor("whole"))
	if page := b.get("/figures/releases/plan"); !strings.Contains(page, "Risk of being found again") || !strings.Contains(page, "Put it forward") {
		t.Error("the plan of rows has no report, or no way on")
	}
	if w := b.do("GET", theRelease+"/file/rows", nil); w.Code != 403 {
		t.Errorf("before anybody agreed: %d", w.Code)
	}
	desk(func(f *fakeFigures) {
		f.figuresDone = true
		f.figuresAnswers = []disclose.Approval{{Party: "Clinique", Release: recordID(40).String(), Yes: true}, {Party: "Autre organisation", Release: recordID(40).String(), Yes: true}}
	})
	w := b.do("GET", theRelease+"/file/rows", nil)
	if w.Code != 200 || !strings.Contains(w.Body.String(), "# 80 rows, 1 classes, risk 1.25 %") || strings.Count(w.Body.String(), "\n") < 70 {
		t.Errorf("%d %.200s", w.Code, w.Body.String())
	}
	desk(func(f *fakeFigures) { f.tooFew = true })
	b.post(rowsPath, askedFor("whole"))
	if page := b.get("/figures/releases/plan"); !strings.Contains(page, "somebody could be found again") || strings.Contains(page, "Put it forward") {
		t.Error("rows that may not leave can be put forward")
	}
}

// boundaries are of two of the areas, and of one that is none of them.
const boundaries = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"name":"Marsafi"},"geometry":{"type":"Polygon","coordinates":[[[-5,15],[-4,15],[-4,16],[-5,16],[-5,15]]]}},
{"type":"Feature","properties":{"name":"quelmo"},"geometry":{"type":"MultiPolygon","coordinates":[[[[-4,15],[-3,15],[-3,16],[-4,16],[-4,15]]],[[[-3,15],[-2.8,15],[-2.8,15.2],[-3,15]]]]}},
{"type":"Feature","properties":{"name":"Elsewhere"},"geometry":{"type":"Polygon","coordinates":[[[-5,14],[-3,14],[-3,15],[-5,15],[-5,14]]]}}]}`

// The tables and the report leave as PDF in each language, once everybody agreed and not
// before; the map says in numbers what it says in shades.
func TestRelease_prints(t *testing.T) {
	o := sampleOffice()
	for _, d := range o.desks {
		d.figuresAreas, d.cBounds = sampleAreas(), []byte(boundaries)
	}
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	for _, kind := range []string{"tables", "report"} {
		for _, lang := range []string{"en", "fr", "ar"} {
			path := theRelease + "/print/" + kind + "/" + lang
			for _, d := range o.desks {
				d.figuresDone, d.figuresAnswers = false, nil
			}
			if w := b.do("GET", path, nil); w.Code != 403 {
				t.Errorf("%s before anybody agreed: %d", path, w.Code)
			}
			for _, d := range o.desks {
				d.figuresDone = true
				d.figuresAnswers = []disclose.Approval{{Party: "Clinique", Release: recordID(40).String(), Yes: true}, {Party: "Autre organisation", Release: recordID(40).String(), Yes: true}}
			}
			w := b.do("GET", path, nil)
			if w.Code != 200 || w.Header().Get("Content-Type") != "application/pdf" || !strings.HasPrefix(w.Body.String(), "%PDF-1.7") || !strings.Contains(w.Body.String(), "/Lang ("+lang+")") {
				t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
			}
		}
	}
	for _, none := range []string{"/print/report/xx", "/print/other/en"} {
		if w := b.do("GET", theRelease+none, nil); w.Code != 404 {
			t.Errorf("%s: %d", none, w.Code)
		}
	}
	page := b.get(theRelease + "/report")
	table := page[strings.Index(page, `id="t-areas"`):]
	for _, area := range []string{"Marsafi", "Kelmo"} {
		if !strings.Contains(page, ">"+area+"</text>") || !strings.Contains(table, area) {
			t.Errorf("%s is not on the map, or not in the table", area)
		}
	}
	if strings.Contains(page, "Elsewhere") || strings.Count(page, `class="spot"`) != 2 {
		t.Error("an area that is not in the figures has a name or a number")
	}
}

func TestEveryPage_ofFigures(t *testing.T) {
	walkPages(t, figuresDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200", w.Code)
		}
		checkPage(t, lang, w.Body.String())
		if n := b.wire(path); n > laterLoad {
			t.Errorf("%d bytes, want at most %d", n, laterLoad)
		}
	})
}

// From what is asked for to what leaves: nothing before every party agreed.
func TestRelease_leavesOnlyWhenAllAgreed(t *testing.T) {
	o := sampleOffice()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if to := b.post("/figures/releases/new", askedFor("month")); to != "/figures/releases/plan" {
		t.Fatalf("planned: %s", to)
	}
	says(t, b.get("/figures/releases/plan"), "withheld", "Nothing has left yet", "Put it forward")
	if to := b.post("/figures/releases", nil); to != theRelease {
		t.Fatalf("proposed: %s", to)
	}
	for _, kind := range []string{"/file/workbook", "/file/table", "/report"} {
		if w := b.do("GET", theRelease+kind, nil); w.Code != 403 {
			t.Errorf("%s before anybody agreed: status %d", kind, w.Code)
		}
	}
	silent(t, b.get(theRelease), "Workbook")
	for _, party := range []string{"party0", "party1"} {
		if to := b.post(theRelease+"/answer", url.Values{"party": {party}, "answer": {"yes"}}); to != theRelease {
			t.Fatalf("answered: %s", to)
		}
	}
	if w := b.do("POST", theRelease+"/answer", url.Values{"party": {"nobody"}, "answer": {"yes"}}); w.Code == 303 && w.Header().Get("Location") == theRelease {
		t.Error("somebody who is no party answered")
	}
	says(t, b.get(theRelease), "Release", "agreed")
	b.post(theRelease+"/release", nil)
	w := b.do("GET", theRelease+"/file/workbook", nil)
	f, err := excelize.OpenReader(w.Body)
	if err != nil {
		t.Fatalf("status %d: %v", w.Code, err)
	}
	defer f.Close()
	if rows, err := f.GetRows("Figures"); err != nil || len(rows) < 50 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if page := b.do("GET", theRelease+"/file/table", nil).Body.String(); !strings.Contains(page, "#affected+num") {
		t.Error("the table has no hashtags")
	}
	report := b.get(theRelease + "/report")
	says(t, report, "January 2026 to March 2026", "Partners")
	silent(t, report, "{total}", "{period}")
}

func TestRelease_theNextMonthInOnePress(t *testing.T) {
	o := sampleOffice()
	d := o.desks["admin words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if to := b.post(theRelease+"/again", nil); to != "/figures/releases/plan" || d.forOthers.First != "2026-04" || d.forOthers.Last != "2026-06" || d.forOthers.Group != "month" {
		t.Errorf("%s: %+v", to, d.forOthers)
	}
}

func TestFigures_areasAndAgreement(t *testing.T) {
	o := sampleOffice()
	d := o.desks["admin words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	b.post("/figures/areas", url.Values{"areas": {"Marsafi; Nord; Marsafy\n\nKelmo"}})
	if len(d.figuresAreas) != 2 || d.figuresAreas[0].Region != "Nord" || d.figuresAreas[0].Others[0] != "Marsafy" || d.figuresAreas[1].Region != "" {
		t.Errorf("areas: %+v", d.figuresAreas)
	}
	b.post("/figures/agreement", url.Values{
		"name": {"Accord"}, "parties": {"B\nC"}, "day": {"7"}, "from": {"2026-01-01"}, "until": {""},
		"threshold_coordination": {"3"}, "threshold_partners": {"6"}, "threshold_public": {"10"},
	})
	if a := d.figuresUnder; a == nil || len(a.Parties) != 3 || a.Day != 7 || a.Policies[disclose.Partners].Threshold != 6 || a.Policies[disclose.Public].Round != 5 {
		t.Errorf("agreement: %+v", a)
	}
	if to := b.post("/figures/agreement", url.Values{"day": {"7"}, "from": {"2026-01-01"}, "threshold_coordination": {"1"}, "threshold_partners": {"6"}, "threshold_public": {"10"}}); to != "/figures/agreement?again=1" {
		t.Errorf("a laxer agreement: %s", to)
	}
}

const sumPath = "/figures/releases/sum"

// contribution is a file of an organisation for whoever adds up.
func contribution(b *browser, id string) []byte {
	b.Helper()
	r := (&fakeFigures{}).sampleRelease().Release
	r.ID, r.Audience, r.Policy = id, disclose.Coordination, disclose.DefaultPolicy(disclose.Coordination)
	raw, err := r.Encode()
	if err != nil {
		b.Fatal(err)
	}
	return raw
}

// Two organisations are not added up, nor one twice; three are.
func TestFigures_sumOfThree(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en").unlock("admin words")
	for _, id := range []string{"1", "2", "2"} {
		b.upload(sumPath, "file", contribution(b, id))
	}
	says(t, b.get(sumPath), "2 files are here")
	b.post(sumPath+"/plan", url.Values{"to": {"partners"}})
	says(t, b.get("/figures/releases/plan"), "This cannot be released", "too few organisations")
	b.upload(sumPath, "file", contribution(b, "3"))
	b.post(sumPath+"/plan", url.Values{"to": {"partners"}})
	says(t, b.get("/figures/releases/plan"), "Put it forward")
	b.post(sumPath+"/drop", nil)
	silent(t, b.get(sumPath), "files are here")
	if w := b.do("GET", theRelease+"/file/contribution", nil); w.Code != 403 {
		t.Errorf("a contribution of what was not released: status %d", w.Code)
	}
}
