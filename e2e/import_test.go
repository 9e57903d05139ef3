package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// An import with duplicates: a list is brought, then another one on which somebody
// stands again; a person decides, and what happened to her is in one case.
func testImport(t *testing.T, d *demo, b *browser) {
	t.Helper()
	who := d.who(t, "supervisor")
	const header = "Nom;Age;Sexe;Type de VBG;Date de l'incident;Consentement\n"
	dir := t.TempDir()
	file := func(name, rows string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(header+rows), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first := file("a.csv", "Aminata Vroliste;19;F;Viol;2026-01-05;oui\nKadidia Vroautre;31;F;Viol;2026-01-06;non\n")
	second := file("b.csv", "Aminata VROLISTE;19;F;Mariage forcé;2026-02-07;oui\n")
	for _, how := range []string{"scripts", "no script", "arabic"} {
		t.Run(how, func(t *testing.T) {
			p := b.newTab(t, d.URL)
			p.unlock(who)
			p.speak("fr")
			if how == "no script" {
				p.withoutScripts()
				p.plan(first)
				p.wantOn("what would come", "Ce qui viendrait")
				p.wantFact("Déjà là", "2")
				p.follow(`form[action="/import/drop"] button`)
				p.wantNoFaults()
				return
			}
			if how == "arabic" {
				p.speak("ar")
				p.plan(first)
				p.fit()
				p.wantOn("what would come", "ما الذي سيدخل")
				p.wantFact("موجود هنا", "2")
				p.follow(`form[action="/import/drop"] button`)
				p.wantNoFaults()
				return
			}
			p.plan(first)
			p.fit()
			p.wantFact("Nouveau", "2")
			p.take()
			p.plan(second)
			p.wantFact("Peut-être déjà là, non décidé", "1")
			p.follow(`a[href="/import/doubts/1"]`)
			p.fit()
			p.choose("input[value=person]")
			p.follow("main form button.main")
			p.wantAt("/import/report")
			p.take()
			p.open("/cases")
			p.write("#search", "Vroliste")
			p.wantOneCase()
			p.follow("#found tbody a")
			for _, day := range []string{"5 janvier 2026", "7 février 2026"} {
				p.wantOn("both incidents in her case", day)
			}
			p.wantNoFaults()
		})
	}
}

// plan brings a file and goes through it for the first team.
func (p *tab) plan(file string) {
	p.Helper()
	p.open("/import")
	p.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
	p.follow("main form button.main")
	p.await("/import/plan")
	if axeSource() != "" && !p.plain {
		p.wantFitForEveryone()
	}
	if !p.plain {
		p.choose("input[name=team]")
		p.choose("input[name=status][value=open]")
	}
	if p.plain {
		p.do("choose a team", chromedp.Click(chromedp.CSS("label:has(> input[name=team])"), chromedp.NodeVisible))
		p.do("choose a state", chromedp.Click(chromedp.CSS("label:has(> input[value=open])"), chromedp.NodeVisible))
	}
	p.follow(`form[action="/import/plan"] button.main`)
	p.await("/import/report")
}

// take takes in what was tried, and puts the file away.
func (p *tab) take() {
	p.Helper()
	p.follow(`form[action="/import/take"] button.main`)
	p.await("/import/report")
	p.wantOn("it is taken in", "C’est fait")
	p.follow(`form[action="/import/drop"] button.main`)
	p.wantAt("/import")
}

// await waits until the page of a running import has gone on by itself.
func (p *tab) await(path string) {
	p.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end) && p.path() != path; {
		time.Sleep(100 * time.Millisecond)
	}
	p.wantAt(path)
}

func (p *tab) fit() {
	p.Helper()
	if axeSource() != "" {
		p.wantFitForEveryone()
	}
}

// wantFact wants a number beside its name.
func (p *tab) wantFact(name, value string) {
	p.Helper()
	text := eval[string](p, `[...document.querySelectorAll("dl.facts > div")].map(d => d.innerText.replace(/\s+/g, " ")).join("\n")`)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, name+" "+value) {
			return
		}
	}
	p.Errorf("no %s %s in:\n%s", name, value, text)
}

// wantOneCase waits until the list has one case.
func (p *tab) wantOneCase() {
	p.Helper()
	n := 0
	for end := time.Now().Add(patience); time.Now().Before(end) && n != 1; time.Sleep(50 * time.Millisecond) {
		n = eval[int](p, `document.querySelectorAll("#found tbody a").length`)
	}
	if n != 1 {
		p.Fatalf("%d cases, want one", n)
	}
}
