package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// puitsClair is the invented place that can help in time.
const puitsClair = "Dispensaire du Puits-Clair" //nolint:misspell // it is French

// testServices goes from a case at hour 70 to a proposed referral: with and without
// scripts, in a language of each direction.
func testServices(t *testing.T, d *demo, b *browser) {
	t.Helper()
	who := d.who(t, "caseworker")
	for _, tt := range []struct {
		language string
		plain    bool
		inTime   string
	}{
		{"fr", false, "Dans les heures"}, {"ar", true, "ضمن الساعات المتاحة"},
	} {
		t.Run(tt.language, func(t *testing.T) {
			p := b.newTab(t, d.URL)
			if tt.plain {
				p.withoutScripts()
			}
			p.unlock(who)
			p.speak(tt.language)
			file := p.atHour(70)
			p.follow(fmt.Sprintf("main a[href='%s/services']", file))
			p.wantAt(file + "/services")
			p.write("#near", "Tirawell") // it is asked at once where nobody knows where she is
			p.follow("main details form .row button")
			p.wantAt(file + "/services") // and nothing of it in the address
			p.wantOn("what can help her now", tt.inTime)
			first := eval[string](p, `document.querySelector("main ol > li h2").innerText`)
			if !strings.Contains(first, puitsClair) {
				t.Errorf("first is %q, want the one that has it in stock, open and near", first)
			}
			p.wantNoFaults()
			p.follow("main ol > li form button")
			p.wantAt(file + "/referrals/new")
			p.wantOn("the referral", "La sage-femme de garde")
			if got := eval[string](p, `document.querySelector("#provider_name").value`); got != puitsClair {
				t.Errorf("the service is not filled in: %q", got)
			}
			p.follow(fmt.Sprintf("main form[action='%s/referrals'] button.main", file))
			if at := p.path(); !strings.HasPrefix(at, file+"/referrals/") || !strings.HasSuffix(at, "/ask") {
				t.Fatalf("at %s, want where she is asked", at)
			}
			p.open(file)
			p.wantOn("the case", puitsClair)
			p.wantNoFaults()
		})
	}
}

// atHour opens a case of somebody to whom it happened so many hours ago, and returns
// its path.
func (p *tab) atHour(hours int) string {
	p.Helper()
	p.open("/cases/new")
	p.choose("input[name=sex][value=female]")
	p.follow("main form button.main")
	file := p.path()
	p.open(file + "/form/when_it_happened")
	at := time.Now().Add(-time.Duration(hours) * time.Hour)
	p.do("say when", chromedp.SetValue(chromedp.CSS("#assault_date"), at.Format(time.DateOnly)), chromedp.SetValue(chromedp.CSS("#assault_time"), at.Format("15:04")))
	p.follow("main form button.main")
	p.open(file)
	return file
}

// testPublicPage publishes the page for everyone and looks at it as a stranger: fit
// for everyone, without a cookie or a store, gone at one press.
func testPublicPage(t *testing.T, d *demo, b *browser) {
	t.Helper()
	p := b.newTab(t, d.URL)
	p.unlock(d.who(t, "administrator"))
	p.open("/services/public")
	p.choose("input[name=truth][value=free]")
	p.follow("main form button.main")
	p.wantAt("/services/public")
	stranger := b.newTab(t, d.URL)
	stranger.open("/help")
	stranger.wantOn("the page for everyone", puitsClair)
	kept := eval[string](stranger, `document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage) + JSON.stringify(history.state)`)
	if kept != "null" {
		t.Errorf("the page keeps %q", kept)
	}
	if title := eval[string](stranger, "document.title"); title != "Espace" {
		t.Errorf("titled %q", title)
	}
	if text := stranger.text(); strings.Contains(text, "ne sort jamais") || strings.Contains(text, "00 00 01 14") {
		t.Error("the place or the number of a safe house")
	}
	if axeSource() != "" {
		stranger.wantFitForEveryone()
	}
	stranger.wantNoFaults()
	stranger.do("leave", chromedp.Click(chromedp.CSS("#exit"), chromedp.NodeVisible))
	for end := time.Now().Add(patience); stranger.path() != "about:blank"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("left to %s", stranger.path())
		}
	}
}

// TestPublicPage_leavesNothingOnTheDisk: somebody looks at the page for everyone in a
// window that is not private, and then the browser is killed. What stood on the page
// is in no file of its profile; that it was opened may be, and the page says so.
func TestPublicPage_leavesNothingOnTheDisk(t *testing.T) {
	t.Parallel()
	d, b := startDemo(t, "--cases", "1"), startBrowser(t)
	p := b.newTab(t, d.URL)
	p.unlock(d.who(t, "administrator"))
	p.open("/services/public")
	p.follow("main form button.main")
	other := startBrowser(t)
	stranger := other.newCarelessTab(t, d.URL)
	stranger.open("/help")
	stranger.wantOn("the page for everyone", puitsClair)
	stranger.do("read on", chromedp.Click(chromedp.CSS("nav a[lang=ar]"), chromedp.NodeVisible), chromedp.NavigateBack(), chromedp.Reload())
	time.Sleep(flushed)
	other.kill()
	for _, words := range []string{puitsClair, "Lampad", "Adresses utiles", "عناوين مفيدة"} {
		if found := traces(t, other.profile, words); len(found) > 0 {
			t.Errorf("%q is in the profile: %v", words, found)
		}
	}
}
