package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A cheap phone.
const phoneWidth, phoneHeight = 320, 640

// testPhone opens a case by touch on a cheap phone: what decides the hours is near, the
// pages do not stand in the way, and what saves is always at hand.
func testPhone(t *testing.T, d *demo, b *browser) {
	t.Helper()
	who := d.who(t, "caseworker")
	for _, language := range []string{"fr", "ar"} {
		t.Run(language, func(t *testing.T) {
			p := b.newTab(t, d.URL)
			p.withoutScripts()
			p.do("a phone", chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateTouch))
			p.unlock(who)
			p.speak(language)
			p.menuFolds()

			p.open("/cases/find")
			p.follow("button[name=go][value=new]")
			if at := eval[int](p, `Math.round(document.querySelector("#assault_date").getBoundingClientRect().bottom)`); at > 2*phoneHeight {
				t.Errorf("the day it happened is asked %d px down, on the third screen", at)
			}
			if h := eval[int](p, "document.documentElement.scrollHeight"); h > 9*phoneHeight {
				t.Errorf("a new case begins %d px long", h)
			}
			for range 3 {
				if !eval[bool](p, `(() => { const r = document.querySelector("button.main").getBoundingClientRect(), x = document.elementFromPoint(r.x + 9, r.y + 9);
					return x.matches("button.main") && r.bottom <= innerHeight && r.right <= innerWidth && r.left >= 0 })()`) {
					t.Errorf("what saves is not at hand %d px down", eval[int](p, "Math.round(scrollY)"))
				}
				p.do("go on", chromedp.Evaluate[chromedp.Void]("scrollBy(0, 1500)"))
			}
			p.choose("input[name=sex][value=female]") // in a part that is shut
			p.write("#assessment_main_concerns", "un toit")
			p.follow("button.main")
			if !p.has("#windows") || p.has("form[action='/cases']") {
				t.Errorf("not saved: at %s", p.path())
			}
			p.wantNoFaults()
		})
	}
}

// menuFolds opens the folded pages, and goes by them.
func (p *tab) menuFolds() {
	p.Helper()
	if h := eval[int](p, `document.querySelector(".menu").offsetHeight`); h > 60 {
		p.Errorf("the folded menu takes %d px", h)
	}
	if eval[bool](p, `document.querySelector("nav.broad").checkVisibility()`) {
		p.Error("the pages are shown twice")
	}
	p.do("open the menu", chromedp.Click(chromedp.CSS(".fold > summary"), chromedp.NodeVisible))
	p.follow(`.fold a[href="/cases"]`)
	p.wantAt("/cases")
}
