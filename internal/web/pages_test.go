package web_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"amana/internal/i18n"
	"amana/internal/web"
)

// door is a way in, and the pages that can be seen from it.
type door struct {
	name       string
	office     func() *fakeOffice
	change     func(*web.Config)
	passphrase string
	walk       func(*browser)
	paths      []string
}

func founded(b *browser) { answerSetup(b); b.post("/setup/found", nil) }

func withSlip(b *browser) {
	b.post("/members", url.Values{"name": {"Fanta Keïta"}, "roles": {"caseworker"}})
}

// failing sends a form that is refused, and looks at the page that follows.
func failing(path string) func(*browser) {
	return func(b *browser) { b.post(path, url.Values{}) }
}

func frameDoors() []door {
	person := "/members/" + memberID(2).String()
	return []door{
		{"locked", sampleOffice, nothing, "", nowhere, []string{"/unlock", "/calendar"}},
		{"refused", sampleOffice, nothing, "", failing("/unlock"), []string{"/unlock?again=1"}},
		{"locked demo", sampleOffice, asDemo, "", nowhere, []string{"/unlock", "/unlock?as=1", "/styleguide"}},
		{"first run", newOffice, nothing, "", answerSetup, []string{
			"/setup", "/setup/organisation", "/setup/administrator", "/setup/teams", "/setup/custodians", "/setup/check",
		}},
		{"first run, refused", newOffice, nothing, "", failing("/setup/organisation"), []string{"/setup/organisation?again=1"}},
		{"founded", newOffice, nothing, "", founded, []string{"/setup/shares"}},
		{"administrator", sampleOffice, nothing, "admin words", nowhere, []string{
			"/members", "/members/new", person, person + "/remove", "/teams", "/teams/new", "/about",
			"/settings", "/settings/passphrase", "/settings/backup", "/settings/erased",
		}},
		{"administrator, refused", sampleOffice, nothing, "admin words", failing("/members"), []string{"/members/new?again=1"}},
		{"administrator, refused a passphrase", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post("/settings/passphrase", url.Values{"which": {"own"}})
		}, []string{"/settings/passphrase?again=1"}},
		{"caseworker", sampleOffice, asDemo, "case words", nowhere, []string{"/members", person, "/teams", "/settings", "/about"}},
		{"in trouble", troubledOffice, nothing, "admin words", withSlip, []string{"/members/slip", "/settings", "/progress"}},
	}
}

func newOffice() *fakeOffice { return &fakeOffice{} }

// Every page in every language, and in the two that test its layout.
func TestEveryPage(t *testing.T) {
	walkPages(t, frameDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200", w.Code)
		}
		checkPage(t, lang, w.Body.String())
	})
}

// wantEveryPage looks at every page behind the doors: it is there, whole, and small.
func wantEveryPage(t *testing.T, doors []door) {
	t.Helper()
	walkPages(t, doors, func(t *testing.T, b *browser, lang i18n.Language, path string) {
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

func walkPages(t *testing.T, doors []door, look func(*testing.T, *browser, i18n.Language, string)) {
	t.Helper()
	c, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range doors {
		for _, tag := range append(c.Tags(), i18n.PseudoLong, i18n.PseudoRTL) {
			b := newBrowser(t, newServer(t, d.office(), d.change), "fr")
			if d.passphrase != "" {
				b.unlock(d.passphrase)
			}
			d.walk(b)
			b.post("/language", url.Values{"language": {tag}})
			for _, path := range d.paths {
				t.Run(fmt.Sprintf("%s/%s%s", d.name, tag, path), func(t *testing.T) { look(t, b, c.Language(tag), path) })
			}
		}
	}
}

var (
	tagPattern     = regexp.MustCompile(`<([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>`)
	attrPattern    = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
	labelledInside = regexp.MustCompile(`(?s)<label[^>]*>(.*?)</label>`)
	titlePattern   = regexp.MustCompile(`<title>([^<]*)</title>`)
)

type element struct {
	name  string
	attrs map[string]string
}

func elements(page string) []element {
	var all []element
	for _, m := range tagPattern.FindAllStringSubmatch(page, -1) {
		e := element{m[1], map[string]string{}}
		for _, a := range attrPattern.FindAllStringSubmatch(m[2], -1) {
			e.attrs[a[1]] = a[2]
		}
		all = append(all, e)
	}
	return all
}

// checkPage holds a page to the rules that every page must keep.
func checkPage(t *testing.T, lang i18n.Language, page string) {
	t.Helper()
	if want := fmt.Sprintf(`<html lang="%s" dir="%s">`, lang.Tag(), lang.Dir()); !strings.Contains(page, want) {
		t.Errorf("no %s", want)
	}
	if titles := titlePattern.FindAllStringSubmatch(page, -1); len(titles) != 1 || titles[0][1] != "Espace" {
		t.Errorf("titles %v, want the neutral one", titles)
	}
	if _, after, found := strings.Cut(page, "⟦"); found && !strings.HasPrefix(lang.Tag(), "xx-") {
		key, _, _ := strings.Cut(after, "⟧")
		t.Errorf("not translated: %s", key)
	}
	if strings.Contains(page, "[withheld]") || strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "<no value>") {
		t.Error("a value was not shown as it should be")
	}
	all := elements(page)
	checkLabels(t, page, all)
	seen := map[string]bool{}
	for _, e := range all {
		if id := e.attrs["id"]; id != "" {
			if seen[id] {
				t.Errorf("two elements have the id %s", id)
			}
			seen[id] = true
		}
		checkElement(t, e)
	}
}

func checkElement(t *testing.T, e element) {
	t.Helper()
	for name, value := range e.attrs {
		if name == "style" || strings.HasPrefix(name, "on") {
			t.Errorf("<%s> has %s in the page", e.name, name)
		}
		if (name == "href" || name == "src" || name == "action" || name == "formaction") && !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") {
			t.Errorf("<%s> leads elsewhere: %s", e.name, value)
		}
	}
	switch e.name {
	case "form":
		if e.attrs["autocomplete"] != "off" || e.attrs["method"] != "post" {
			t.Errorf("<form action=%q>: autocomplete %q, method %q", e.attrs["action"], e.attrs["autocomplete"], e.attrs["method"])
		}
	case "script":
		if e.attrs["src"] == "" {
			t.Error("a script stands in the page")
		}
	case "style":
		t.Error("a style stands in the page")
	case "a":
		if _, target := e.attrs["target"]; target {
			t.Error("a link opens a window")
		}
	}
}

// checkLabels finds controls that nothing names.
func checkLabels(t *testing.T, page string, all []element) {
	t.Helper()
	named := map[string]bool{}
	for _, e := range all {
		if e.name == "label" && e.attrs["for"] != "" {
			named[e.attrs["for"]] = true
		}
	}
	inside := map[string]bool{}
	for _, label := range labelledInside.FindAllString(page, -1) {
		for _, e := range elements(label) {
			inside[e.attrs["name"]+"="+e.attrs["value"]] = true
		}
	}
	for _, e := range all {
		switch e.name {
		case "input", "select", "textarea":
			if e.attrs["type"] == "hidden" || named[e.attrs["id"]] || inside[e.attrs["name"]+"="+e.attrs["value"]] {
				continue
			}
			t.Errorf("<%s name=%q> has no label", e.name, e.attrs["name"])
		}
	}
}

// What a person may do is what the page offers.
func TestCaseworker_isOfferedNothingOfAnAdministrator(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en").unlock("case words")
	for _, path := range []string{"/members", "/members/" + memberID(1).String(), "/teams", "/settings"} {
		for _, e := range elements(b.get(path)) {
			for _, forbidden := range []string{"/members/new", "/teams/new", "/remove", "/roles", "/join", "/settings/idle", "/settings/languages"} {
				if strings.Contains(e.attrs["href"]+e.attrs["action"], forbidden) {
					t.Errorf("%s offers %s", path, forbidden)
				}
			}
		}
	}
	for _, path := range []string{"/members/new", "/teams/new", "/members/" + memberID(1).String() + "/remove"} {
		if w := b.do("GET", path, nil); w.Code != 403 {
			t.Errorf("%s: status %d, want 403", path, w.Code)
		}
	}
}

func TestFaultPages(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en").unlock("admin words")
	for path, want := range map[string]int{
		"/nowhere": 404, "/members/nobody": 404, "/members/" + memberID(8).String(): 404, "/styleguide": 404,
		"/sorry/400": 400, "/sorry/403": 403, "/sorry/404": 404, "/sorry/409": 409, "/sorry/413": 413,
		"/sorry/500": 500, "/sorry/507": 507, "/sorry/418": 404, "/sorry/admin": 404,
	} {
		w := b.do("GET", path, nil)
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
		checkPage(t, languageOf(t, "en"), w.Body.String())
	}
}

func languageOf(t *testing.T, tag string) i18n.Language {
	t.Helper()
	c, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c.Language(tag)
}
