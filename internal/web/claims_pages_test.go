package web_test

import (
	"net/url"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/release"
)

func withClaims(change func(*fakeClaims)) func() *fakeOffice {
	return func() *fakeOffice {
		o := sampleOffice()
		for _, d := range o.desks {
			d.me.Roles = append(d.me.Roles, amana.RoleReleaseOfficer)
			change(&d.fakeClaims)
		}
		return o
	}
}

func claimsOf(o *fakeOffice) *fakeClaims { return &o.desks["admin words"].fakeClaims }

const checkRelease = "/releases/check"

var (
	anIncident = "/claims/r/" + recordID(71).String()
	anActor    = "/claims/r/" + recordID(72).String()
	anAccount  = "/claims/r/" + recordID(74).String()
	anEntry    = "/releases/r/" + recordID(77).String()
)

func askFor(format, recipient string) func(*browser) {
	return func(b *browser) {
		b.post("/releases/new", url.Values{"format": {format}, "recipient": {recipient}, "records": {recordID(71).String()}})
	}
}

func claimDoors() []door {
	plain := withClaims(func(*fakeClaims) {})
	lists := []string{
		"/claims", "/claims/of/actor", "/claims/of/publication", "/claims/of/account", "/claims/map", "/claims/import", "/releases", "/releases/new",
		"/claims/view/timeline", "/claims/view/numbers", "/claims/view/sources", "/claims/view/before", "/claims/view/answers",
		"/claims/view/silent", "/claims/view/exposed", "/claims/view/alike",
	}
	records := []string{
		anIncident, anActor, "/claims/r/" + recordID(73).String(), anAccount, anIncident + "/edit", anActor + "/command", anAccount + "/consent",
		anAccount + "/left", theCase + "/left", anEntry,
	}
	forms := []string{}
	for _, kind := range casework.ClaimKinds() {
		forms = append(forms, "/claims/new/"+string(kind))
	}
	for _, list := range casework.ClaimLists(amana.KindIncident) {
		forms = append(forms, anIncident+"/list/"+list)
	}
	for _, list := range casework.ClaimLists(amana.KindActor) {
		forms = append(forms, anActor+"/list/"+list)
	}
	forms = append(forms, anIncident+"/list/claim/aa", "/claims/r/"+recordID(73).String()+"/list/cites")
	return []door{
		{"claims", plain, nothing, "admin words", nowhere, lists},
		{"records", plain, nothing, "admin words", nowhere, records},
		{"forms", plain, nothing, "admin words", nowhere, forms},
		{"outside", withClaims(func(f *fakeClaims) { f.cOutside = true }), nothing, "admin words", nowhere, []string{"/claims", "/claims/of/actor"}},
		{"a map with boundaries", withClaims(func(f *fakeClaims) { f.cBounds = []byte(sampleBounds) }), nothing, "admin words", nowhere, []string{"/claims/map"}},
		{"a brief", plain, nothing, "admin words", askFor("brief", ""), []string{checkRelease}},
		{"a file for a court", plain, nothing, "admin words", askFor("huridocs", "La Cour"), []string{checkRelease}},
		{"many people", withClaims(func(f *fakeClaims) { f.cMany = true }), nothing, "admin words", askFor("brief", ""), []string{checkRelease}},
		{"nothing may leave", withClaims(func(f *fakeClaims) { f.cShut = "release.refused.withdrawn" }), nothing, "admin words", askFor("brief", ""), []string{checkRelease}},
		{"proposed", withClaims(func(f *fakeClaims) { f.cLedger = "proposed" }), nothing, "admin words", nowhere, []string{anEntry, "/releases"}},
		{"stopped", withClaims(func(f *fakeClaims) { f.cLedger = "stopped" }), nothing, "admin words", nowhere, []string{anEntry}},
		{"refused forms", withClaims(func(f *fakeClaims) {
			f.unclaimed = casework.FieldErrors{"what": "invalid.required", "event_title": "invalid.required"}
		}), nothing, "admin words", func(b *browser) {
			b.post("/claims/new/incident", url.Values{"event_from": {"soon"}})
			b.post(anIncident+"/list/claim", url.Values{"claim/stance": {"supports"}})
			b.post("/claims/alike", url.Values{})
			b.post(anAccount+"/consent", url.Values{"purpose": {"accountability"}})
			b.post("/releases/new", url.Values{})
		}, []string{"/claims/new/incident?again=1", anIncident + "/list/claim?again=2", "/claims/view/alike?again=3", anAccount + "/consent?again=4", "/releases/new?again=5"}},
	}
}

// Every page of the accountability compartment, in every language and in the two
// that test its layout.
func TestEveryPage_ofClaims(t *testing.T) {
	walkPages(t, claimDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200 (to %s)", w.Code, w.Header().Get("Location"))
		}
		checkPage(t, lang, w.Body.String())
		if n := b.wire(path); n > laterLoad {
			t.Errorf("%d bytes, want at most %d", n, laterLoad)
		}
	})
}

func TestClaims_written(t *testing.T) {
	o := withClaims(func(*fakeClaims) {})()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	f := claimsOf(o)
	b.post("/claims/new/incident", url.Values{"event_title": {"x"}, "event_from": {"3/2026"}, "event_scope": {"event"}})
	if f.cBegun["event_from"].Reveal() != "2026-03" || f.cBegun["event_title"].Reveal() != "x" {
		t.Errorf("begun with %v", f.cBegun)
	}
	b.post(anIncident+"/list/person", url.Values{"person/role": {"survivor", "source"}, "person/sex": {"said:declined"}, "person/age": {"14"}})
	if _, said := f.cItem["sex"].Answer(); !said || len(f.cItem["role"].RevealList()) != 2 || f.cList != "person" {
		t.Errorf("a person with %d roles, declined %v", len(f.cItem["role"].RevealList()), said)
	}
	b.post(anIncident+"/list/claim", url.Values{"claim/what": {"y"}, "claim/stance": {"denies"}, "claim/acts": {"aa", "bb"}})
	if f.cItem["acts"].Reveal() != "aa bb" {
		t.Errorf("acts %q", f.cItem["acts"].Reveal())
	}
	if w := b.do("GET", anIncident+"/list/attribution/aa", nil); w.Code != 404 {
		t.Errorf("an attribution can be changed: %d", w.Code)
	}
	b.post(anIncident+"/strike/aa", url.Values{"why": {"a slip"}})
	if f.cStruck.Reveal() != "a slip" {
		t.Error("not struck")
	}
	b.post("/claims/alike", url.Values{"first": {recordID(71).String()}, "second": {recordID(75).String()}, "relation": {"different"}, "reason": {"two villages"}})
	if f.cRelated != "different" {
		t.Errorf("related %q", f.cRelated)
	}
	f.unclaimed = &casework.Refusal{Key: "claims.refused.primary"}
	page := b.get(b.post(anIncident+"/list/verification", url.Values{"verification/status": {"verified"}, "verification/step": {"task_force"}, "verification/basis": {"z"}}))
	if !strings.Contains(page, "credible primary source") {
		t.Error("the page does not say why it is not verified")
	}
}

func TestAccount_answers(t *testing.T) {
	o := withClaims(func(*fakeClaims) {})()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	b.post(anAccount+"/consent", url.Values{
		"purpose": {"accountability"}, "recipient": {"The court"}, "decision": {"granted"}, "until": {"1/2027"}, "item_account": {"granted"},
		"given_by": {"self"}, "how": {"thumbprint"}, "language": {"bam"}, "item_identity": {"refused"}, "item_place": {"not_asked"},
	})
	f := claimsOf(o)
	if len(f.cAnswers) != 1 {
		t.Fatal("nothing recorded")
	}
	a := f.cAnswers[0]
	if a.Decision != amana.Granted || a.Recipient.Reveal() != "The court" || a.Until != "2027-01" || a.How != "thumbprint" || a.Language != "bam" || len(a.Items) != 2 ||
		a.Items[release.Account] != amana.Granted || a.Items[release.Identity] != amana.Refused {
		t.Errorf("%s until %s, items %v", a.Decision, a.Until, a.Items)
	}
}

func TestRelease_aBriefOnlyAfterItWasSeen(t *testing.T) {
	o := withClaims(func(*fakeClaims) {})()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if w := b.do("GET", "/releases/file/espace.html", nil); w.Code != 404 {
		t.Errorf("a file before any release: %d", w.Code)
	}
	if to := b.post(checkRelease, url.Values{"do": {"clear"}}); to != "/releases/new" {
		t.Errorf("cleared without being asked for: to %s", to)
	}
	askFor("brief", "ignored")(b)
	b.post(checkRelease, url.Values{"do": {"clear"}, "met": {"à huis clos"}})
	f := claimsOf(o)
	if f.cAsk.Purpose != amana.PurposePublication || !f.cAsk.Recipient.IsEmpty() || len(f.cAsk.Met) != 1 {
		t.Errorf("asked for %s, conditions %d", f.cAsk.Purpose, len(f.cAsk.Met))
	}
	for name, starts := range map[string]string{"espace.html": "<!doctype html>", "espace.md": "# ", "espace.pdf": "%PDF-"} {
		w := b.do("GET", "/releases/file/"+name, nil)
		if w.Code != 200 || !strings.HasPrefix(w.Body.String(), starts) || w.Header().Get("Cache-Control") != "no-store" ||
			!strings.Contains(w.Header().Get("Content-Disposition"), name) {
			t.Errorf("%s: %d %q", name, w.Code, w.Body.String()[:min(40, w.Body.Len())])
		}
	}
	if w := b.do("GET", checkRelease, nil); w.Code != 303 {
		t.Errorf("it can be sent again: %d", w.Code)
	}
	b.post("/lock", nil)
	b.unlock("admin words")
	if w := b.do("GET", "/releases/file/espace.html", nil); w.Code != 404 {
		t.Errorf("the file is there after the desk was locked: %d", w.Code)
	}
}

func TestRelease_refusedIsSaid(t *testing.T) {
	o := withClaims(func(f *fakeClaims) { f.cShut = "release.refused.withdrawn" })()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	askFor("huridocs", "The court")(b)
	if page := b.get(b.post(checkRelease, url.Values{"do": {"clear"}})); !strings.Contains(page, "The consent was withdrawn.") {
		t.Error("the page does not say why nothing leaves")
	}
}

func TestClaimMap_takesGeoJSONOnly(t *testing.T) {
	o := withClaims(func(*fakeClaims) {})()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	_, to := b.upload("/claims/map", "file", []byte("no json"))
	if page := b.get(to); !strings.Contains(page, "no GeoJSON") {
		t.Error("a file that is none is taken, or nothing is said")
	}
	b.upload("/claims/map", "file", []byte(sampleBounds))
	if !strings.Contains(b.get("/claims/map"), `<path d="M`) {
		t.Error("the boundaries are not drawn")
	}
}

func TestClaimImport(t *testing.T) {
	o := withClaims(func(*fakeClaims) {})()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	_, to := b.upload("/claims/import", "file", []byte("{}"))
	if page := b.get(to); !strings.Contains(page, "Nothing was taken in") {
		t.Error("a file of something else: the page does not say that nothing was taken in")
	}
	file := `{"format":"amana-huridocs-1","records":[{"id":"` + recordID(91).String() + `","kind":"actor","entities":[{"entity":"group","fields":{"x-amana-name_official":"x"}}]}]}`
	if _, to := b.upload("/claims/import", "file", []byte(file)); to != "/claims" || claimsOf(o).cImported != 1 {
		t.Errorf("to %s with %d records", to, claimsOf(o).cImported)
	}
}
