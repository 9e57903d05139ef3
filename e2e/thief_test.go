package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// TestThief: what somebody writes, reads and looks for on these pages, in a
// window that is not private, is on no disk when the power is cut: not in the
// browser's profile, not in the vault, not in a temporary file, not in what the
// program says. TestHarness_findsTraces shows that the search would find it.
func TestThief(t *testing.T) {
	t.Parallel()
	d, b := startDemo(t, "--cases", "5"), startBrowser(t)
	who := d.who(t, "caseworker")
	p := b.newCarelessTab(t, d.URL)
	// What is kept compressed would not be found.
	call(p, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Encoding": "identity"}})
	p.unlock(who)
	secrets := p.leaveTraces()
	time.Sleep(flushed)
	b.kill()
	d.kill()

	secrets["the passphrase"] = who.Passphrase
	secrets["her name in the list"] = who.Name
	for what, words := range secrets {
		for where, dir := range map[string]string{"profile": b.profile, "vault": d.Dir, "temporary folder": d.temp} {
			if found := traces(t, dir, words); len(found) > 0 {
				t.Errorf("%s is in the %s: %v", what, where, found)
			}
		}
		if strings.Contains(d.stderr.String(), words) {
			t.Errorf("%s is in what the program says", what)
		}
	}
}

// leaveTraces uses the pages in every way that a browser may remember, and
// returns the words by how they were used.
func (p *tab) leaveTraces() map[string]string {
	p.Helper()
	secrets := map[string]string{}
	secret := func(how string) string {
		secrets[how] = fmt.Sprintf("qzv%dkwm", len(secrets)) + "xj"
		return secrets[how]
	}
	p.open("/cases/new")
	p.write("#name", secret("a line typed and not sent"))
	p.write("#assessment_main_concerns", secret("words typed and not sent"))
	time.Sleep(flushed) // somebody thinks
	p.open("/cases/new")
	p.do("a day to come", chromedp.SetValue(chromedp.CSS("#created_on"), "2999-01-01"))
	p.write("#name", secret("a name in a form that was refused"))
	p.follow("main form button.main")
	p.wantAt("/cases/new") // the form came back as it was
	if got := eval[string](p, `document.querySelector("#name").value`); got != secrets["a name in a form that was refused"] {
		p.Errorf("the refused form came back with the name %q", got)
	}
	p.open("/cases/new")
	p.write("#name", secret("a name saved"))
	p.write("#assessment_main_concerns", secret("words saved"))
	p.follow("main form button.main")
	file := p.path()
	p.wantOn("the case", secrets["words saved"])
	p.open(file + "/form/survivor_assessment_form")
	p.write("#assessment_safety_needs", secret("words changed"))
	p.follow("main form button.main")
	p.write("main form[action$='/notes'] textarea", secret("a note"))
	p.follow("main form[action$='/notes'] button")
	p.wantOn("the case", secrets["a note"])
	p.open("/cases")
	p.write("#search", secret("words looked for"))
	p.do("look for them", chromedp.Poll[chromedp.Void](`!document.querySelector("#found tbody")`))
	p.write("#search", secrets["words saved"])
	p.do("find it", chromedp.Poll[chromedp.Void](`document.querySelectorAll("#found tbody tr").length === 1`))
	p.follow("#found tbody a")
	p.wantAt(file)
	secrets["the code of a case"] = eval[string](p, `document.querySelector("h1").innerText`)
	p.do("go back and on", chromedp.NavigateBack(), chromedp.NavigateForward(), chromedp.Reload())
	return secrets
}
