package e2e

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPicture takes the README's picture anew: AMANA_PICTURES=write.
func TestPicture(t *testing.T) {
	if os.Getenv("AMANA_PICTURES") != "write" {
		return // nothing to test: that the page looks right is for people to see
	}
	d, b := startDemo(t), startBrowser(t)
	p := b.newTab(t, d.URL)
	p.do("a window", chromedp.EmulateViewport(1120, 760))
	p.unlock(d.who(t, "caseworker"))
	p.speak("en")
	p.open("/cases")
	picture := ask(p, "take a picture", chromedp.CaptureScreenshot())
	if err := os.WriteFile("../docs/img/cases.png", picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
