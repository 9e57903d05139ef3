package web_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/i18n"
	"amana/internal/referral"
)

var theService = "/services/" + recordID(41).String()

func safeHousePath() string { return "/services/" + recordID(44).String() }

func serviceDoors() []door {
	with := func(change func(*fakeServices)) func() *fakeOffice {
		return func() *fakeOffice {
			o := sampleOffice()
			for _, d := range o.desks {
				change(&d.fakeServices)
			}
			return o
		}
	}
	paths := []string{"/services", "/services?page=2", theService, safeHousePath(), "/services/" + recordID(42).String(), theCase + "/services"}
	return []door{
		{"services", sampleOffice, nothing, "admin words", nowhere, append([]string{
			"/services/new", theService + "/edit", theService + "/classes", safeHousePath() + "/classes", "/services/files", "/services/public",
		}, paths...)},
		{"services of a caseworker", sampleOffice, nothing, "case words", nowhere, paths},
		{"services of an analyst", with(func(f *fakeServices) { f.rights = &casework.ServiceRights{} }), nothing, "admin words", nowhere, paths},
		{"no services", with(func(f *fakeServices) { f.services = &[]directory.Service{} }), nothing, "admin words", nowhere, []string{
			"/services", theCase + "/services", "/services/files",
		}},
		{"services searched", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post("/services/search", url.Values{"search": {"kelmo <b>"}, "near": {"nowhere that is known"}, "guest": {"child_competent"}, "women": {"yes"}})
			b.post(theCase+"/services", url.Values{"need": {"pep"}, "near": {"atlantis"}, "old": {"yes"}})
		}, []string{"/services", theCase + "/services"}},
		{"services placed", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post("/services/search", url.Values{"near": {"Kelmo"}, "way": {"road"}})
			b.post(theCase+"/services", url.Values{"need": {"pep", "legal_assistance_service"}, "near": {"14.5, -4.2"}, "old": {"yes"}})
		}, []string{"/services", theCase + "/services"}},
		{"help without a case", sampleOffice, nothing, "case words", nowhere, []string{"/now"}},
		{"help without a case, two days later", sampleOffice, nothing, "case words", func(b *browser) {
			b.post("/now", url.Values{"days": {"2"}, "part": {"morning"}, "changed": {"yes"}, "need": {"pep"}, "near": {"14.5, -4.2"}, "old": {"yes"}})
		}, []string{"/now"}},
		{"a service refused", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post("/services", url.Values{"days_0": {"MO"}, "latitude": {"north"}, "closures": {"some day"}, "languages": {"xyz"}})
		}, []string{"/services/new?again=1"}},
		{"a directory that waits", sampleOffice, nothing, "admin words", func(b *browser) {
			b.upload("/services/files", "directory", []byte(`[{"id":"s41","name":"Other name","new_key":1},{"id":"n","name":"New one"},{"name":"No id"}]`))
		}, []string{"/services/files", "/services/files/trial"}},
		{"a directory that is none", sampleOffice, nothing, "admin words", func(b *browser) {
			b.upload("/services/files", "directory", []byte(`{"broken`))
		}, []string{"/services/files/trial"}},
		{"published", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post("/services/public", url.Values{"truth": {"free"}})
		}, []string{"/services/public"}},
		{"a referral to a service", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post(theCase+"/referrals/new", url.Values{"service": {"health_medical_service"}, "provider": {recordID(41).String()}, "provider_name": {sampleProvider}})
		}, []string{theCase + "/referrals/new?again=1"}},
	}
}

func TestEveryPage_ofServices(t *testing.T) {
	walkPages(t, serviceDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200", w.Code)
		}
		checkPage(t, lang, w.Body.String())
		if n := b.wire(path); n > laterLoad {
			t.Errorf("%d bytes on the wire, want at most %d", n, laterLoad)
		}
	})
}

// At hour 70 the first thing that the page says is what can still help in the hours
// left, with reasons; one press leads to a referral with the service filled in.
func TestNow_fromTheCaseToAReferral(t *testing.T) {
	b, desk := atWork(t)
	if !strings.Contains(b.get(theCase), `href="`+theCase+`/services"`) {
		t.Error("the case does not lead to what can help her now")
	}
	b.post(theCase+"/services", url.Values{"need": {"pep", "mental_health", "emergency_contraception"}, "near": {"14.50, -4.20"}})
	page := b.get(theCase + "/services")
	says(t, page, "What can help her now", "on foot", "Within the hours: Prevention of HIV after exposure (PEP).", "Out of stock: Emergency contraception.", "Women on the staff.",
		"between 2 hours and 3 hours left")
	if first := strings.Index(page, sampleProvider); first < 0 || first > strings.Index(page, "Cercle des Tisserandes") {
		t.Error("the one that can help in time is not the first")
	}
	silent(t, page, "Bureau Santal", "Cuisine fermée")
	far := url.Values{"need": {"pep"}, "near": {"14.9, -4.20"}}
	b.post(theCase+"/services", far)
	says(t, b.get(theCase+"/services"), "Not within the hours left", "Too late for: Prevention of HIV after exposure (PEP)")

	var sent url.Values
	for _, form := range regexp.MustCompile(`(?s)<form[^>]*action="`+theCase+`/referrals/new".*?</form>`).FindAllString(page, -1) {
		if strings.Contains(form, sampleProvider) {
			sent = fieldsOf(form)
		}
	}
	to := b.post(theCase+"/referrals/new", sent)
	filled := b.get(to)
	says(t, filled, sampleProvider, "70 00 00 41", "La sage-femme de garde", "Going with her")
	_, form, _ := strings.Cut(filled, `action="`+theCase+`/referrals"`)
	b.post(theCase+"/referrals", fieldsOf(form))
	if n := desk.proposed; n.Provider != recordID(41) || n.Name.Reveal() != sampleProvider || n.Service != "health_medical_service" {
		t.Errorf("proposed %+v", n)
	}
}

// Whoever calls finds the number where the words to say are.
func TestReferralPhone_hasTheNumber(t *testing.T) {
	b, desk := atWork(t)
	desk.referral = sampleReferralFile(referral.Phone, "", referral.Draft, referral.Consented, referral.Sent)
	silent(t, b.get(theReferral+"/phone"), "70 00 00 41")
	desk.referral.Provider = recordID(41)
	says(t, b.get(theReferral+"/phone"), "70 00 00 41", "La sage-femme de garde")
	desk.referral.Provider = recordID(99) // gone from the directory
	silent(t, b.get(theReferral+"/phone"), "70 00 00 41")
}

// What somebody searches for stands in no address, and what belongs to one case is
// not asked for another.
func TestServices_searchStandsInNoAddress(t *testing.T) {
	b, _ := atWork(t)
	if to := b.post("/services/search", url.Values{"search": {"tisserandes"}, "need": {"mental_health"}}); to != "/services" {
		t.Errorf("sent to %s", to)
	}
	page := b.get("/services")
	says(t, page, "Services found: 1.", "Cercle des Tisserandes", "Not looked at for 31 days: call before you send her")
	silent(t, page, "Bureau Santal")
	b.post("/services/search", url.Values{"all": {"yes"}})
	says(t, b.get("/services"), "Bureau Santal", "Not looked at for 91 days: hidden from the public", "Closed for a time")
	b.post("/services/search", url.Values{"need": {"poison"}, "state": {"poison"}, "guest": {"poison"}, "language": {"poison"}})
	says(t, b.get("/services"), "Services found: 5.")
	if to := b.post(theCase+"/services", url.Values{"near": {"Kelmo"}}); to != theCase+"/services" {
		t.Errorf("sent to %s", to)
	}
	if strings.Contains(b.get(theCase+"/services"), `value="Kelmo"`) == false {
		t.Error("what was asked for this case is forgotten")
	}
}

func TestServices_filters(t *testing.T) {
	for _, c := range []struct {
		asked url.Values
		found string
	}{
		{url.Values{"open": {"yes"}}, "1"},
		{url.Values{"women": {"yes"}}, "1"},
		{url.Values{"language": {"taq"}}, "1"},
		{url.Values{"need": {"legal_assistance_service"}}, "1"},
		{url.Values{"state": {"hidden"}}, "1"},
		{url.Values{"state": {"stopped"}}, "1"},
		{url.Values{"guest": {"male_competent"}}, "5"}, // nobody said no
	} {
		b, _ := atWork(t)
		b.post("/services/search", c.asked)
		says(t, b.get("/services"), "Services found: "+c.found+".")
	}
}

func TestService_onePress(t *testing.T) {
	b, desk := atWork(t)
	says(t, b.get(theService), "Last looked at on 30 October 2026 by", "Soins de jour et de nuit.", "Mon–Fri · 08:00–16:00", "Tamasheq", "Open until", "Fields that came with a file and that no page shows: 1.")
	id := recordID(41).String()
	for path, form := range map[string]url.Values{
		"/verify": nil, "/stock": {"stock": {"stock_pep no"}}, "/status": {"status": {"temporarily closed"}},
	} {
		if to := b.post(theService+path, form); to != theService {
			t.Errorf("%s: sent to %s", path, to)
		}
	}
	slices.Sort(desk.tapped)
	if want := []string{"stock_pep no " + id, "temporarily closed " + id, "verify " + id}; !slices.Equal(desk.tapped, want) {
		t.Errorf("kept %q", desk.tapped)
	}
}

// A form that was not touched changes nothing, and says what was typed again where it
// is refused.
func TestService_formAsItIs(t *testing.T) {
	b, desk := atWork(t)
	page := b.get(theService + "/edit")
	untouched := fieldsOf(page)
	untouched.Set("description", strings.ReplaceAll(untouched.Get("description"), "\n", "\r\n")) // as browsers send it
	if to := b.post(theService+"/edit", untouched); to != theService {
		t.Fatalf("sent to %s: %s", to, words(b.get(to)))
	}
	have := sampleServices()[0]
	want, bad := have.With(desk.written, func() string { t.Error("something is new"); return "x" })
	if len(bad) > 0 || !want.Equal(have.Values) {
		t.Errorf("a form that nobody touched changes the service: %v", bad)
	}
	f := fieldsOf(page)
	f.Set("name", "")
	f.Set("from_1", "9h")
	to := b.post(theService+"/edit", f)
	again := b.get(to)
	says(t, again, "Tick at least one day and give both times")
	if !strings.Contains(again, `value="9h"`) {
		t.Error("what was typed is lost")
	}
	desk.keeps = amana.ErrRefused
	says(t, b.get(b.post(theService+"/edit", fieldsOf(page))), "It is for release officers and administrators. Nothing was changed.")
}

func TestService_classes(t *testing.T) {
	b, desk := atWork(t)
	house := b.get(safeHousePath() + "/classes")
	says(t, house, "This is a safe house. Its place, its numbers and the way to it never leave")
	if strings.Contains(house, `name="class_address"`) || strings.Contains(house, `name="class_phones"`) || !strings.Contains(house, `name="class_name"`) {
		t.Error("a class is offered for the place of a safe house")
	}
	if to := b.post(theService+"/classes", url.Values{"class_service": {"partners"}, "class_phones": {"restricted"}}); to != theService {
		t.Errorf("sent to %s", to)
	}
	if desk.classed["service"] != directory.Partners || desk.classed["phones"] != directory.Restricted {
		t.Errorf("classed %v", desk.classed)
	}
	desk.keeps = casework.FieldErrors{directory.ClassField("address"): "services.fault.safehouse"}
	says(t, b.get(b.post(safeHousePath()+"/classes", url.Values{"class_address": {"public"}})), "This never leaves of a safe house.")
}

// A file is looked at before it does anything.
func TestServiceFiles_preview(t *testing.T) {
	b, desk := atWork(t)
	status, to := b.upload("/services/files", "directory", []byte(`[{"id":"s41","name":"Other name"},{"id":"n","name":"New one"},{"id":"s43","name":"Cercle des Tisserandes"},{"name":"No id"}]`))
	if status != 303 || to != "/services/files/trial" || desk.imported != 0 {
		t.Fatalf("status %d, to %s, imported %d", status, to, desk.imported)
	}
	says(t, b.get(to), "Nothing has changed yet.", "New one", "Other name", "The same as here: 1.", "A service needs an id.", "row 4")
	if to := b.post("/services/files/trial", nil); to != "/services" || desk.imported != 3 {
		t.Errorf("to %s, imported %d", to, desk.imported)
	}
	if to := b.post("/services/files/trial", nil); to != "/services/files" {
		t.Errorf("taken in twice: to %s", to)
	}
	b.upload("/services/files", "directory", []byte("{"))
	refused := b.get("/services/files/trial")
	says(t, refused, "This file cannot be used", "This is no JSON, or it is cut short.")
	if strings.Contains(refused, `action="/services/files/trial" `) {
		t.Error("a file that cannot be used can be taken in")
	}
	b.post("/services/files/trial/drop", nil)
	if to := b.do("GET", "/services/files/trial", nil).Header().Get("Location"); to != "/services/files" {
		t.Errorf("put aside: to %s", to)
	}
}

// HSDS out and in again is equal: through the pages, as JSON and as tables.
func TestServiceFiles_outAndInAgain(t *testing.T) {
	for _, shape := range []string{"json", "csv"} {
		b, _ := atWork(t)
		w := b.do("GET", "/services/export/ourselves/"+shape+"/file", nil)
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			t.Fatalf("%s: status %d", shape, w.Code)
		}
		b.upload("/services/files", "directory", w.Body.Bytes())
		says(t, b.get("/services/files/trial"), "The same as here: 5.")
		silent(t, b.get("/services/files/trial"), "What was not understood")
	}
}

// Where a safe house is stands in no file and on no page for others.
func TestServiceFiles_safeHousePlaceNeverLeaves(t *testing.T) {
	b, _ := atWork(t)
	b.post("/services/public", url.Values{"truth": {"free"}})
	outs := map[string]string{"/help": b.get("/help"), "/services/public/file": b.get("/services/public/file")}
	for _, audience := range []string{"public", "partners"} {
		outs[audience] = b.get("/services/export/" + audience + "/json/file")
		raw := b.get("/services/export/" + audience + "/csv/file")
		z, err := zip.NewReader(strings.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			var all bytes.Buffer
			if _, err := all.ReadFrom(r); err != nil {
				t.Fatal(err)
			}
			outs[audience+" "+f.Name] = all.String()
		}
	}
	for where, out := range outs {
		for _, mark := range []string{"Tamaris", "14.777", "-4.333", "70 00 00 44", "70000044"} {
			if strings.Contains(out, mark) {
				t.Errorf("%s: the place of the safe house (%s)", where, mark)
			}
		}
	}
	if !strings.Contains(outs["/help"], "Maison du Repos") || !strings.Contains(b.get("/services/export/ourselves/json/file"), safePlace) {
		t.Error("the test looks at nothing")
	}
	for _, none := range []string{"/services/export/everybody/json/file", "/services/export/public/pdf/file", "/services/nobody", "/services/" + recordID(9).String()} {
		if w := b.do("GET", none, nil); w.Code != 404 {
			t.Errorf("%s: status %d, want 404", none, w.Code)
		}
	}
}

// Who does not release is offered no class, file or publication, and can reach none.
func TestServices_forThoseWhoRelease(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en").unlock("case words")
	if page := b.get("/services"); strings.Contains(page, "/services/files") || strings.Contains(page, "/services/public") {
		t.Error("a caseworker is offered what is for those who release")
	}
	for _, path := range []string{"/services/files", "/services/public"} {
		if w := b.do("GET", path, nil); w.Code != 403 {
			t.Errorf("%s: status %d, want 403", path, w.Code)
		}
	}
	o := sampleOffice()
	o.desks["admin words"].rights = &casework.ServiceRights{}
	b = newBrowser(t, newServer(t, o), "en").unlock("admin words")
	for _, path := range []string{"/services/new", theService + "/edit", theService + "/classes"} {
		if w := b.do("GET", path, nil); w.Code != 403 {
			t.Errorf("%s: status %d, want 403", path, w.Code)
		}
	}
	page := b.get(theService)
	for _, forbidden := range []string{"/verify", "/stock", "/status", "/edit", "/classes"} {
		if strings.Contains(page, `"`+theService+forbidden+`"`) {
			t.Errorf("an analyst is offered %s", forbidden)
		}
	}
}

var (
	styleInPage  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	scriptInPage = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
)

// The page for everyone needs no login, gives no cookie, keeps nothing, asks nobody
// for anything, and runs only what its policy names.
func TestPublicPage_leavesNoTrace(t *testing.T) {
	o := sampleOffice()
	server := newServer(t, o)
	stranger := newBrowser(t, server, "ar")
	if w := stranger.do("GET", "/help", nil); w.Code != 404 || len(w.Result().Cookies()) > 0 {
		t.Errorf("before it is published: status %d", w.Code)
	}
	b := newBrowser(t, server, "en").unlock("admin words")
	if to := b.post("/services/public", url.Values{"truth": {"free", "later", "invented"}}); to != "/services/public" {
		t.Fatalf("sent to %s", to)
	}
	w := stranger.do("GET", "/help", nil)
	page := w.Body.String()
	if w.Code != 200 || len(w.Result().Cookies()) > 0 || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("status %d, cookies %v, cache %q", w.Code, w.Result().Cookies(), w.Header().Get("Cache-Control"))
	}
	if titles := titlePattern.FindAllStringSubmatch(page, -1); len(titles) != 1 || titles[0][1] != "Espace" {
		t.Errorf("titles %v, want the neutral one", titles)
	}
	for name, one := range map[string]*regexp.Regexp{"style-src": styleInPage, "script-src": scriptInPage} {
		found := one.FindAllStringSubmatch(page, -1)
		if len(found) != 1 {
			t.Fatalf("%d of %s", len(found), name)
		}
		sum := sha256.Sum256([]byte(found[0][1]))
		want := name + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), want) || !strings.Contains(page, want) {
			t.Errorf("the policy does not name %s", want)
		}
	}
	for _, never := range []string{"localStorage", "sessionStorage", "indexedDB", "cookie", "fetch(", "http://", "https://", "<form", "<img", "<link", "src=", "url(", "@import", "⟦", "Amana", "ZgotmplZ"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	for _, lang := range []string{`<section id="en" lang="en" dir="ltr">`, `<section id="fr" lang="fr" dir="ltr">`, `<section id="ar" lang="ar" dir="rtl">`} {
		if !strings.Contains(page, lang) {
			t.Errorf("no %s", lang)
		}
	}
	says(t, page, sampleProvider, "It is free.", "C’est gratuit.", "It is never too late", "Tamasheq → Français", "Ces langues ne sont pas encore écrites ici.")
	silent(t, page, "You need no papers.", "Bureau Santal", "Cuisine fermée", "Mme Awa", "invented", "14.51")
	if !strings.Contains(page, `href="tel:70000041"`) || strings.Count(page, "<svg") < 8 {
		t.Error("no number to press, or no pictures")
	}
	if n := len(gz(t, stranger)); n > firstLoad {
		t.Errorf("%d bytes, want at most %d", n, firstLoad)
	}
	if file := b.do("GET", "/services/public/file", nil); file.Body.String() != page || !strings.Contains(file.Header().Get("Content-Disposition"), `"espace.html"`) {
		t.Error("the file to carry is another")
	}
	b.post("/services/public/remove", nil)
	if w := stranger.do("GET", "/help", nil); w.Code != 404 {
		t.Errorf("taken away: status %d", w.Code)
	}
}

// gz is the page for everyone as it is sent.
func gz(t *testing.T, b *browser) []byte {
	t.Helper()
	r := httptest.NewRequest("GET", "/help", nil)
	r.Host = ourHost
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w.Body.Bytes()
}
