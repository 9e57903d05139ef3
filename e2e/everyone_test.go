package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// testEveryone looks at every page that links lead to, in a language of each
// direction, light and dark, on a small phone, a phone and a screen, and wants it
// fit for everyone.
func testEveryone(t *testing.T, d *demo, b *browser) {
	t.Helper()
	need(t, axeSource() != "", "axe-core, its axe.min.js named by AMANA_AXE")
	seen := map[string]bool{} // by pattern
	for _, role := range []string{"supervisor", "administrator", "documenter"} {
		who := d.who(t, role)
		p := b.newTab(t, d.URL)
		p.unlock(who)
		from := []string{"/today", "/sorry/404", "/nowhere"}
		if role == "supervisor" {
			from = append([]string{p.changeSomething()}, from...)
		}
		var more []string
		if role == "documenter" {
			more = p.evidencePages()
		}
		pages := append(p.crawl(seen, from), more...)
		t.Logf("as %s: %s", role, strings.Join(pages, " "))
		for _, language := range []string{"fr", "ar"} {
			t.Run(role+" "+language, func(t *testing.T) {
				t.Parallel()
				p := b.newTab(t, d.URL)
				p.unlock(who)
				p.speak(language)
				for _, page := range pages {
					p.open(page)
					p.wantFitForEveryone()
				}
				if len(more) > 0 {
					p.planDossier(more[len(more)-1])
					p.wantFitForEveryone() // what would leave
				}
			})
		}
	}
	for _, language := range []string{"fr", "ar"} {
		t.Run("locked "+language, func(t *testing.T) {
			t.Parallel()
			p := b.newTab(t, d.URL)
			p.open("/unlock")
			p.speak(language)
			p.wantFitForEveryone()
			p.write("#passphrase", "nobody's")
			p.follow(`main form[action="/unlock"] button.main`)
			p.wantFitForEveryone() // with what went wrong
			p.open("/calendar")
			p.wantFitForEveryone()
		})
	}
}

// evidencePages returns what the case that has evidence shows of it: the list, each item
// and working copy, and last the dossier. The crawl opens another case, where there is
// none.
func (p *tab) evidencePages() []string {
	p.Helper()
	const links = `[...document.querySelectorAll(%q)].map(a => a.getAttribute("href"))`
	p.open("/cases")
	for _, file := range eval[[]string](p, fmt.Sprintf(links, "#found tbody a")) {
		list := file + "/evidence"
		p.open(list)
		if items := eval[[]string](p, fmt.Sprintf(links, ".lines a")); len(items) > 2 {
			return append(append([]string{list}, items...), list+"/dossier")
		}
	}
	p.Fatal("no case on the first page of the list has evidence and a copy of it")
	return nil
}

// planDossier asks for a dossier of everything, up to where it says what would leave.
func (p *tab) planDossier(dossier string) {
	p.Helper()
	p.open(dossier)
	p.write("#recipient", "Court of Kelm")
	for _, item := range eval[[]string](p, `[...document.querySelectorAll("[name=items]")].map(i => i.value)`) {
		p.choose(fmt.Sprintf("[name=items][value=%q]", item))
	}
	p.follow("main form:has(#items) button.main")
	p.wantAt(dossier + "/check")
}

// changeSomething changes a field of the first case, so that there is a history,
// and returns its path.
func (p *tab) changeSomething() string {
	p.Helper()
	p.open("/cases")
	p.follow("#found tbody a")
	file := p.path()
	p.open(file + "/form/gbv_survivor_information")
	p.choose("input[name=sex]:not(:checked)")
	p.follow("main form button.main")
	p.wantAt(file)
	return file
}

// parts of a path that differ from case to case.
var parts = regexp.MustCompile(`[0-9a-z]{26}|^/forms/.+|/[0-9a-f]{8}\b|/[0-9a-f]{10}\b|/(consent|history|behind|word)/.+|[?#].*`)

// pattern is what a path has in common with those of other cases.
func pattern(path string) string {
	return parts.ReplaceAllStringFunc(path, func(s string) string {
		kind, _, nested := strings.Cut(strings.TrimPrefix(s, "/"), "/")
		switch {
		case nested:
			return "/" + kind + "/*"
		case strings.ContainsAny(s, "?#"):
			return ""
		}
		return "*"
	})
}

// crawl follows links, one of each pattern, and returns the paths of the pages
// that were not seen before.
func (p *tab) crawl(seen map[string]bool, from []string) []string {
	p.Helper()
	var pages []string
	followed := map[string]bool{}
	for queue := from; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		if followed[pattern(path)] {
			continue
		}
		followed[pattern(path)] = true
		if !seen[pattern(path)] {
			seen[pattern(path)] = true
			pages = append(pages, path)
		}
		p.open(path)
		queue = append(queue, eval[[]string](p, `[...document.querySelectorAll("a[href^='/']:not([download])")]
			.map(a => a.getAttribute("href")).filter(h => h !== "/")`)...)
	}
	return pages
}

// speak changes the language of the pages.
func (p *tab) speak(language string) {
	p.Helper()
	p.follow("button[name=language][value=" + language + "]")
	p.wantLanguage(language)
}

// sticksOut is an expression: what makes the page wider than the screen?
const sticksOut = `document.documentElement.scrollWidth <= innerWidth ? [] :
	[...document.querySelectorAll("body *")].filter(e => {
		const r = e.getBoundingClientRect();
		return r.width > 0 && (r.right > innerWidth + 1 || r.left < -1) && !e.matches(".skip");
	}).map(e => e.outerHTML.slice(0, 80)).slice(-3)`

// look is how a page is looked at.
type look struct {
	width  int64
	scheme string
	rules  string // of axe-core; none where only the layout may differ
}

// looks are those of each direction: what axe-core finds on a small screen it finds
// in every language, and colours are the same in all of them.
var looks = map[string][]look{
	"ltr": {{320, "light", everyRule}, {390, "light", ""}, {1280, "light", ""}},
	"rtl": {{320, "light", ""}, {390, "light", ""}, {1280, "light", everyRule}, {1280, "dark", rulesOfColour}},
}

// wantFitForEveryone checks the page as it stands in every look. What axe-core
// calls serious or critical keeps somebody out; so does what has to be scrolled
// sideways on a small phone.
func (p *tab) wantFitForEveryone() {
	p.Helper()
	axe := newAxe(p)
	told := map[string]bool{}
	for _, l := range looks[eval[string](p, `document.documentElement.dir || "ltr"`)] {
		p.look(l.width, l.scheme)
		if l.rules != "" {
			for _, c := range axe.check(l.rules) {
				if (c.Impact == "serious" || c.Impact == "critical") && !told[c.ID] {
					told[c.ID] = true
					p.Errorf("%s, %s, %d px: %v", p.path(), l.scheme, l.width, c)
				}
			}
		}
		if out := eval[[]string](p, sticksOut); len(out) > 0 && !told["out"] {
			told["out"] = true
			p.Errorf("%s, %d px wide: sticks out at the side: %q", p.path(), l.width, out)
		}
	}
	p.wantNoFaults()
}
