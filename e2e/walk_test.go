package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The main job: unlock, open a case with consent, find it by a word, read it,
// follow it up, lock. Once in each of two languages with the mouse, once by the
// keyboard alone, once without scripts.

// story is what is written down on the way, each in letters that are nowhere else.
type story struct{ name, concern, action string }

func tell(tag string) story {
	return story{"Aminata Vro" + tag, "the well near Kolm" + tag, "a blanket from Drin" + tag}
}

func testWalk(t *testing.T, d *demo, b *browser) {
	t.Helper()
	who := d.who(t, "caseworker")
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			p := b.newTab(t, d.URL)
			p.walk(language, who, tell("mouse"+language), byMouse{p})
			p.wantNoFaults()
		})
	}
	t.Run("keyboard", func(t *testing.T) {
		p := b.newTab(t, d.URL)
		p.walk("fr", who, tell("keys"), byKeys{p})
		p.wantNoFaults()
	})
	t.Run("no script", func(t *testing.T) {
		p := b.newTab(t, d.URL)
		p.withoutScripts()
		p.walk("fr", who, tell("plain"), byMouse{p})
		p.wantNoFaults()
	})
}

// hand is a way to use a page.
type hand interface {
	press(selector string)        // something that leads to another page
	write(selector, words string) // into a field
	tick(name, value string)      // one of the choices of that name
	send(field string)            // the form, out of a field of one line
}

func (p *tab) walk(language string, who member, s story, h hand) {
	p.Helper()
	p.open("/unlock")
	h.press(fmt.Sprintf("button[name=language][value=%s]", language))
	p.wantLanguage(language)
	h.write("#passphrase", who.Passphrase)
	h.send("#passphrase")
	p.wantAt("/today")

	h.press(`nav a[href="/cases"]`)
	h.press(`a[href="/cases/find"]`)
	p.wantAt("/cases/find")
	h.write("#name", s.name)
	h.send("#name")
	h.press("button[name=go][value=new]")
	p.wantAt("/cases/new")
	h.tick("consent_care", "granted")
	h.tick("consent_statistics", "refused")
	if got := eval[string](p, "document.querySelector('#name').value"); got != s.name {
		p.Errorf("the name that was looked for is asked again: %q", got)
	}
	h.write("#name", s.name) // and is hers to change
	h.tick("sex", "female")
	h.write("#assessment_main_concerns", s.concern)
	h.press("main form button.main")
	p.wantOn("the new case", s.concern)
	file := p.path()

	h.press(`nav a[href="/cases"]`)
	h.write("#search", s.concern[strings.LastIndex(s.concern, " ")+1:])
	p.findOnly(file, h)
	h.press("#found tbody a")
	p.wantAt(file)
	p.wantOn("the case found", s.concern)

	h.press(fmt.Sprintf(`main a[href="%s/follow-up"]`, file))
	h.write("#action_taken_details", s.action)
	h.press("main form button.main")
	p.wantAt(file)
	p.wantOn("the case followed up", s.action)
	p.wantLanguage(language)

	h.press("#lock button")
	p.wantAt("/unlock")
	p.wantGone(file, s)
}

// findOnly waits until the list has one case, or sends the search where no script
// does it.
func (p *tab) findOnly(file string, h hand) {
	p.Helper()
	if p.plain {
		h.send("#search")
	}
	var found []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		found = eval[[]string](p, `[...document.querySelectorAll("#found tbody a")].map(a => a.getAttribute("href"))`)
		if len(found) == 1 && found[0] == file {
			return
		}
	}
	p.Fatalf("found %v by a word of hers, want %s", found, file)
}

// wantGone checks that what was seen cannot be seen once it is locked: not at its
// address, and not by going back.
func (p *tab) wantGone(file string, s story) {
	p.Helper()
	p.open(file)
	p.wantAt("/unlock")
	for range 4 {
		p.do("back", chromedp.NavigateBack())
		content := eval[string](p, "document.documentElement.outerHTML")
		for _, words := range []string{s.name, s.concern, s.action} {
			if strings.Contains(content, words) {
				p.Errorf("locked, and still to be seen by going back to %s", p.path())
			}
		}
	}
}

func (p *tab) wantAt(path string) {
	p.Helper()
	if at := p.path(); cutAt(at, "?#") != path {
		p.Fatalf("at %s, want %s; it says:\n%s", at, path, p.text())
	}
}

// cutAt returns what is before the first of the letters.
func cutAt(s, letters string) string {
	if i := strings.IndexAny(s, letters); i >= 0 {
		return s[:i]
	}
	return s
}

func (p *tab) wantOn(what, words string) {
	p.Helper()
	if !strings.Contains(p.text(), words) {
		p.Fatalf("%s, at %s, does not say %q:\n%s", what, p.path(), words, p.text())
	}
}

func (p *tab) wantLanguage(language string) {
	p.Helper()
	if got := eval[string](p, "document.documentElement.lang"); got != language {
		p.Errorf("%s: language %q, want %q", p.path(), got, language)
	}
}

// unlock opens the pages as a member, and waits until their lists are whole.
func (p *tab) unlock(who member) {
	p.Helper()
	p.open("/unlock")
	p.write("#passphrase", who.Passphrase)
	if r := p.follow(`main form[action="/unlock"] button.main`); r.Status != http.StatusOK {
		p.Fatalf("unlock: status %d at %s", r.Status, p.path())
	}
	for end := time.Now().Add(patience); p.has("#progress") && time.Now().Before(end); p.open("/today") {
		time.Sleep(50 * time.Millisecond)
	}
}

type byMouse struct{ p *tab }

func (h byMouse) press(selector string)        { h.p.Helper(); h.p.follow(selector) }
func (h byMouse) write(selector, words string) { h.p.Helper(); h.p.write(selector, words) }

func (h byMouse) tick(name, value string) {
	h.p.Helper()
	h.p.choose(fmt.Sprintf("input[name=%s][value=%s]", name, value))
}

func (h byMouse) send(field string) {
	h.p.Helper()
	h.p.follow(fmt.Sprintf("form:has(%s) button:not([type=button])", field))
}

type byKeys struct{ p *tab }

func (h byKeys) press(selector string) { h.p.Helper(); h.p.reach(selector); h.p.enter() }

func (h byKeys) write(selector, words string) {
	h.p.Helper()
	h.unfold(selector)
	h.p.keyIn(selector, words)
}

func (h byKeys) unfold(selector string) {
	h.p.Helper()
	if summary := h.p.folded(selector); summary != "" {
		h.p.reach(summary)
		h.p.space()
	}
}

func (h byKeys) tick(name, value string) {
	h.p.Helper()
	h.unfold(fmt.Sprintf("input[name=%s]", name))
	h.p.reach(fmt.Sprintf("input[name=%s]", name)) // the group has one stop; arrows choose in it
	for range 8 {
		if eval[string](h.p, "document.activeElement.value") == value {
			h.p.space()
			return
		}
		h.p.arrow()
	}
	h.p.Fatalf("no choice %s among %s", value, name)
}

func (h byKeys) send(string) { h.p.Helper(); h.p.enter() }
