package web_test

import (
	"net/url"
	"strings"
	"testing"

	"amana"
)

// What can still help her, and who offers it, is there for somebody who refuses even
// a case: nothing is saved, no case is read.
func TestBare_helpWithoutACase(t *testing.T) {
	o := sampleOffice()
	desk := o.desks["case words"]
	desk.gone = amana.ErrTampered // a page that reads a case fails
	b := newBrowser(t, newServer(t, o), "en").unlock("case words")
	page := b.get("/now")
	if !strings.Contains(page, "HIV") {
		t.Errorf("nobody knows when, and the page does not act as if there was time:\n%s", page)
	}
	if to := b.post("/now", url.Values{"days": {"2"}, "part": {"morning"}}); to != "/now" {
		t.Fatalf("sent to %q, want /now without what was asked", to)
	}
	if page = b.get("/now"); !strings.Contains(page, "hours left") || !strings.Contains(page, `value="2" selected`) {
		t.Errorf("two days later the page does not say how many hours are left:\n%s", page)
	}
	b.post("/now", url.Values{"days": {"6"}})
	late := b.get("/now")
	if rest, _, _ := strings.Cut(late[strings.Index(late, "prose-list"):], "</details>"); strings.Contains(rest, "PEP") {
		t.Error("PEP is offered after more than five days")
	}
	if len(desk.noted) > 0 {
		t.Errorf("written: %v; want nothing", desk.noted)
	}
	for _, from := range []string{"/today", "/cases/find", "/services"} {
		if !strings.Contains(b.get(from), `href="/now"`) {
			t.Errorf("%s does not lead there in one click", from)
		}
	}
}
