package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFounding founds an organisation on the first-run pages, in the program as
// it is meant to be used, and unlocks it.
func TestFounding(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	p := b.newTab(t, startServe(t, filepath.Join(t.TempDir(), "vault")))
	look := func() {
		p.Helper()
		if axeSource() != "" {
			p.wantFitForEveryone()
		}
		p.wantNoFaults()
	}
	next := func() { p.Helper(); look(); p.follow("main form button.main") }

	p.open("/")
	look()
	p.speak("fr") // leads on
	p.write("#organisation", "Maison des Essais")
	p.choose("input[name=languages][value=fr]")
	next()
	p.write("#administrator", "Ama Essai")
	passphrase := eval[string](p, `document.querySelector(".secret").innerText`)
	next()
	next() // teams as they are suggested
	p.write("#custodians", "Ama Essai")
	p.do("another custodian", chromedp.KeyEvent("\rBadou Essai\rChidi Essai"))
	p.write("#threshold", "2")
	next()
	p.choose("input[name=small]")
	next()
	p.wantAt("/setup/shares")
	for _, custodian := range []string{"Ama Essai", "Badou Essai", "Chidi Essai"} {
		p.wantOn("the sheets", custodian)
	}
	p.choose("input[name=handed]")
	next()
	p.wantAt("/unlock")
	p.unlock(member{Passphrase: passphrase})
	p.wantAt("/today")
	look()
}

// startServe starts `amana serve` in a folder and returns where its pages are.
func startServe(t testing.TB, dir string) string {
	t.Helper()
	need(t, amana != "", "Chromium in PATH or in AMANA_CHROMIUM")
	cmd := exec.Command(amana, "serve", "--dir", dir, "--addr", "127.0.0.1:0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("amana serve ended with %v", err)
		}
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(url)
}
