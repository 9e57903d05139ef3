package web_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
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
		"/claims/view/silent", "/claims/view/conflict", "/claims/view/exposed", "/claims/view/alike",
	}
	records := []string{
		anIncident, anActor, "/claims/r/" + recordID(73).String(), anAccount, anIncident + "/edit", anActor + "/command", anAccount + "/consent",
		anAccount + "/left", theCase + "/left", anEntry, anAccount + "/erase", anIncident + "/erase", theCase + "/items",
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
		{"to be told", withClaims(func(f *fakeClaims) { f.cRecalled = true }), nothing, "admin words", nowhere, []string{"/releases", "/tasks", "/today"}},
		{
			"a text of their own", withClaims(func(f *fakeClaims) {
				f.cText = map[string]string{"fr": "Un texte.\n\nEt encore.", "en": "A text.", "ar": "نص."}
			}), nothing, "admin words", nowhere,
			[]string{anAccount + "/consent"},
		},
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
	wantEveryPage(t, claimDoors())
}

// What was explained stands with the answer; what was not explained is no yes.
func TestAnswers(t *testing.T) {
	yes := url.Values{
		"purpose": {"accountability"}, "recipient": {"La Cour"}, "decision": {"granted"}, "told": {"amana-1"}, "language": {"fra"}, "understood": {"yes"},
		"given_by": {"self"}, "how": {"spoken"}, "by": {"C-7"}, "interpreter": {"yes"}, "others": {"yes"}, "item_account": {"granted"}, "item_identity": {"refused"},
		"until": {"3/2027"}, "conditions": {"à huis clos"},
	}
	for _, path := range []string{anAccount + "/consent", theCase + "/items"} {
		o := withClaims(func(*fakeClaims) {})()
		b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
		f := claimsOf(o)
		if b.post(path, yes); len(f.cAnswers) != 1 {
			t.Fatalf("%s: %d answers", path, len(f.cAnswers))
		}
		a := f.cAnswers[0]
		interpreted, _ := a.Explained.Interpreter.Bool()
		others, _ := a.Explained.Others.Bool()
		if a.Explained.Text != "amana-1" || a.Explained.By.Reveal() != "C-7" || !interpreted || !others || a.Explained.Understood != "yes" || a.Language != "fra" {
			t.Errorf("%s: explained %+v", path, a.Explained)
		}
		if a.Items[release.Account] != amana.Granted || a.Items[release.Identity] != amana.Refused || len(a.Items) != 2 || a.Until != "2027-03" || a.Conditions.IsEmpty() {
			t.Errorf("%s: items %v until %s", path, a.Items, a.Until)
		}
		f.cAnswers, f.unclaimed = nil, casework.FieldErrors{"told": "claims.consent.told.needed", "consent_given_by": "child.missing.assent"}
		page := b.do("GET", b.post(path, yes), nil).Body.String()
		if !strings.Contains(page, "Nobody can agree to what was not explained") || !strings.Contains(page, `value="La Cour"`) {
			t.Errorf("%s: what is wrong is not said, or what was typed is lost", path)
		}
	}
}

// Whoever releases sees whom they are to tell, on the pages of the day and with the
// releases; nobody else is bothered.
func TestRecalls(t *testing.T) {
	for _, there := range []bool{true, false} {
		b := newBrowser(t, newServer(t, withClaims(func(f *fakeClaims) { f.cRecalled = there })()), "en").unlock("admin words")
		for _, path := range []string{"/today", "/tasks", "/releases"} {
			if got := strings.Contains(b.do("GET", path, nil).Body.String(), "s-recalls"); got != there {
				t.Errorf("%s: said %v, want %v", path, got, there)
			}
		}
	}
}

func TestEraseClaim(t *testing.T) {
	o := withClaims(func(*fakeClaims) {})()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	page := b.do("GET", anAccount+"/erase", nil).Body.String()
	code := casework.EraseCode(recordID(74))
	if !strings.Contains(page, code) || !strings.Contains(page, anIncident) {
		t.Error("the page does not say which, or what stays")
	}
	for _, typed := range []url.Values{{"code": {code}}, {"reason": {"asked"}}, {"reason": {"asked"}, "code": {"other"}}} {
		if b.post(anAccount+"/erase", typed); claimsOf(o).cErased != "" {
			t.Errorf("%v: erased for %q", typed, claimsOf(o).cErased)
		}
	}
	f := claimsOf(o)
	f.unclaimed = casework.FieldErrors{"contested": "erase.contested.needed"}
	again := b.do("GET", b.post(anAccount+"/erase", url.Values{"reason": {"asked"}, "code": {code}}), nil).Body.String()
	if strings.Contains(page, `name="contested"`) || !strings.Contains(again, `name="contested" value="keep"`) || !strings.Contains(again, "Nothing is erased yet") {
		t.Error("what may be another team's is asked for without need, or not where it is needed")
	}
	f.unclaimed, f.cErased = nil, ""
	if to := b.post(anAccount+"/erase", url.Values{"reason": {"asked"}, "code": {code}, "contested": {"keep"}}); f.cContested != "keep" || to != "/claims" || f.cErased != "asked" {
		t.Errorf("to %s, contested %q", to, f.cContested)
	}
}

func TestSettings_releaseRules(t *testing.T) {
	o := sampleOffice()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if page := b.do("GET", "/settings", nil).Body.String(); !strings.Contains(page, `name="release_days" value="90"`) {
		t.Error("the rules as they hold are not shown")
	}
	good := url.Values{"release_bulk": {"5"}, "release_days": {"30"}, "release_approvals": {"3"}, "release_hours": {"0"}}
	for name, wrong := range map[string]string{"release_bulk": "0", "release_days": "x", "release_approvals": "0", "release_hours": "-1"} {
		bad := maps.Clone(good)
		bad[name] = []string{wrong}
		b.post("/settings/release", bad)
	}
	if got := o.desks["admin words"].did; len(got) != 0 {
		t.Errorf("set by wrong forms: %v", got)
	}
	b.post("/settings/release", good)
	got := strings.Join(o.desks["admin words"].did, "\n")
	for name, v := range good {
		if !strings.Contains(got, "rule "+name+" "+v[0]) {
			t.Errorf("%s is not set: %s", name, got)
		}
	}
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
	page := b.get("/claims/map")
	if !strings.Contains(page, `<path d="M`) {
		t.Error("the boundaries are not drawn")
	}
	if !strings.Contains(page, `</bdi> · <bdi>`) {
		t.Error("a day beside a title of another direction does not stand by itself")
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
