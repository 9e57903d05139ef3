package web_test

import (
	"net/url"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/i18n"
	"amana/internal/record"
)

const sampleCasePath = "/cases/"

func caseDoors() []door {
	c := sampleCasePath + recordID(1).String()
	with := func(change func(*fakeCases)) func() *fakeOffice {
		return func() *fakeOffice {
			o := sampleOffice()
			for _, d := range o.desks {
				change(&d.fakeCases)
			}
			return o
		}
	}
	return []door{
		{"cases", sampleOffice, nothing, "admin words", nowhere, []string{
			"/today", "/cases", "/cases?page=2", "/cases/new", c, c + "/form/identity", c + "/form/consent_for_services",
			c + "/form/gbv_survivor_information", c + "/form/survivor_assessment_form", c + "/form/action_plan_form", c + "/form/safety_plan",
			c + "/form/consent_for_referrals", "/forms/gbv_incident_form", c + "/consent/care", c + "/consent/referral", c + "/consent/referral-3",
			c + "/consent/referral-new", c + "/follow-up", c + "/close", c + "/erase",
			c + "/history/" + recordID(1).String() + "/risk_level", c + "/history/" + recordID(11).String() + "/name",
		}},
		{"cases of one team", sampleOffice, asDemo, "case words", nowhere, []string{"/today", "/cases", "/cases/new", c}},
		{"cases with names", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post("/cases/names", url.Values{"names": {"show"}, "path": {"/cases"}})
			b.post("/cases/search", url.Values{"search": {"zeina <b>"}, "due": {"yes"}, "risk": {"high"}})
		}, []string{"/today", "/cases", c}},
		{"a case refused", sampleOffice, nothing, "admin words", failing("/cases"), []string{"/cases/new?again=1"}},
		{"an edit refused", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post(c+"/form/gbv_survivor_information", url.Values{"record": {recordID(1).String()}, "version": {"42"}, "age": {"many"}, "sex": {"female"}})
			b.post(c+"/form/identity", url.Values{"record": {recordID(11).String()}, "version": {"41"}, "contact_how": {"visit", "never"}, "contact_how_answer": {"declined"}})
			b.post(c+"/consent/matching", url.Values{})
			b.post(c+"/notes", url.Values{"note": {" "}})
			b.post(c+"/follow-up", url.Values{})
			b.post(c+"/close", url.Values{})
			b.post(c+"/erase", url.Values{})
		}, []string{
			c + "/form/gbv_survivor_information?again=1", c + "/form/identity?again=2", c + "/consent/matching?again=3", c + "?again=4",
			c + "/follow-up?again=5", c + "/close?again=6", c + "/erase?again=7",
		}},
		{"a team without names", with(func(f *fakeCases) { f.file = withoutIdentity() }), nothing, "admin words", nowhere, []string{c}},
		{"of a newer version", with(func(f *fakeCases) { f.file = newerFile() }), nothing, "admin words", nowhere, []string{c}},
		{"nothing yet", with(func(f *fakeCases) {
			f.today, f.list, f.file = &casework.Today{}, &casework.CaseList{Building: true}, &casework.CaseFile{ID: recordID(1), Code: sampleCode, Status: "closed", MayWrite: true}
		}), nothing, "admin words", nowhere, []string{"/today", "/cases", c}},
	}
}

// Every page about cases, in every language and in the two that test its layout.
func TestEveryPage_ofCases(t *testing.T) {
	walkPages(t, caseDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200 (to %s)", w.Code, w.Header().Get("Location"))
		}
		checkPage(t, lang, w.Body.String())
	})
}

// What a newer program wrote that this one has no words for is said to be that.
func TestCase_ofANewerVersion(t *testing.T) {
	o := sampleOffice()
	o.desks["admin words"].file = newerFile()
	page := newBrowser(t, newServer(t, o), "en").unlock("admin words").do("GET", "/cases/"+recordID(1).String(), nil).Body.String()
	for _, words := range []string{"Something from a newer version", "Written by a newer version; not shown here", "2 entries of this case come from a newer version"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	for _, word := range []string{"of_a_newer", "⟦"} {
		if strings.Contains(page, word) {
			t.Errorf("the page says %q", word)
		}
	}
}

// What a member's team does not hold is on none of the pages.
func TestCases_showNoIdentityThatIsNotThere(t *testing.T) {
	o := sampleOffice()
	desk := o.desks["admin words"]
	desk.file = withoutIdentity()
	rows := sampleRows()
	for i := range rows {
		rows[i].HasName = false // and whatever Name is, it is not to be shown
	}
	desk.list = &casework.CaseList{Rows: rows, Total: len(rows)}
	desk.today, desk.urgent = &casework.Today{Overdue: rows, Recent: rows}, &[]casework.UrgentCase{{CaseRow: rows[0], States: sampleUrgent()[0].States}}
	b := newBrowser(t, newServer(t, o), "fr").unlock("admin words")
	b.post("/cases/names", url.Values{"names": {"show"}, "path": {"/cases"}})
	for _, d := range caseDoors()[:1] {
		for _, path := range d.paths {
			w := b.do("GET", path, nil)
			if strings.Contains(path, "/form/identity") || strings.Contains(path, recordID(11).String()) {
				if w.Code != 404 {
					t.Errorf("%s: status %d, want 404", path, w.Code)
				}
			}
			for _, word := range append(strings.Fields(sampleName), "76 00 00 17", "couturière") {
				if strings.Contains(w.Body.String(), word) {
					t.Errorf("%s shows %q", path, word)
				}
			}
		}
	}
}

// Names stay veiled in lists until somebody asks for them, and are veiled again
// with the session.
func TestCases_veilNames(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en").unlock("admin words")
	for _, path := range []string{"/today", "/cases"} {
		if strings.Contains(b.get(path), sampleName) {
			t.Errorf("%s shows names that nobody asked for", path)
		}
	}
	if to := b.post("/cases/names", url.Values{"names": {"show"}, "path": {"/cases"}}); to != "/cases" {
		t.Errorf("sent to %s", to)
	}
	if !strings.Contains(b.get("/cases"), sampleName) {
		t.Error("/cases does not show the names that were asked for")
	}
	b.post("/lock", nil)
	b.unlock("admin words")
	if strings.Contains(b.get("/cases"), sampleName) {
		t.Error("names are shown still after the desk was locked")
	}
}

// Every field and choice has its words, and every sensitive field says why it is
// asked.
func TestWords_ofFields(t *testing.T) {
	l := languageOf(t, i18n.Source)
	has := func(key string) {
		if !l.Has(key) {
			t.Errorf("%s is missing", key)
		}
	}
	set := forms.Builtin()
	for _, kind := range []amana.Kind{amana.KindIdentity, amana.KindCase} {
		for _, f := range record.Fields(kind) {
			asked, byForm := set.Field(kind, f.Name)
			if byForm {
				for _, tag := range []string{"en", "fr", "ar"} {
					if asked.Item.Label[tag] == "" && !asked.Calculated || asked.Sensitive && asked.Item.Guidance[tag] == "" {
						t.Errorf("%s of %s: no words in %s", f.Name, asked.Form.ID, tag)
					}
				}
				continue
			}
			has("field." + f.Name)
			if f.Sensitive {
				has("field." + f.Name + ".hint")
			}
			for _, id := range record.Options(f.Options) {
				has("option." + f.Options + "." + id)
			}
		}
	}
	for _, p := range amana.Purposes() {
		has("purpose." + string(p))
		has("purpose." + string(p) + ".hint")
	}
	for _, r := range casework.Reasons() {
		has("erase.reason." + r)
	}
}
