package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Estimates are off until an administrator allows them; two lists are refused; three say
// a number only with its interval, what it rests on and what it cannot say; and what was
// estimated is on record, or it is said that it is not.
func testEstimate(t *testing.T, d *demo, b *browser) {
	t.Helper()
	p := b.newTab(t, d.URL)
	p.unlock(d.who(t, "administrator"))
	p.speak("fr")
	p.open("/estimate")
	if p.has("#file") {
		t.Fatal("a file can be brought where nobody has allowed it")
	}
	p.follow(`form[action="/estimate/rule"] button`)
	p.bring("a,b,count\n1,0,5\n0,1,4\n1,1,2\n")
	p.wantOn("two lists are refused", "Il faut au moins trois listes")
	p.bring("a,b,c,count\n1,0,0,200\n0,1,0,150\n0,0,1,120\n1,1,0,60\n1,0,1,50\n0,1,1,40\n1,1,1,20\n")
	for end := time.Now().Add(5 * patience); time.Now().Before(end) && p.path() == "/estimate/progress"; {
		time.Sleep(100 * time.Millisecond) // the page goes on by itself
	}
	p.wantAt("/estimate/result")
	p.fit()
	p.wantFact("Sur une liste au moins", "640")
	p.wantFact("Nombre dont découle le hasard", "8")
	for _, words := range []string{"entre ", "Suppose que", "Ce n’est pas un multiplicateur", "Il y a trois listes"} {
		p.wantOn("the result", words)
	}
	p.follow(`form[action="/estimate/drop"] button`)
	p.wantAt("/estimate")
	p.fit()
	p.wantNoFaults()
}

// bring brings capture histories to be estimated from.
func (p *tab) bring(table string) {
	p.Helper()
	path := filepath.Join(p.TempDir(), "lists.csv")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		p.Fatal(err)
	}
	p.write("#seed", "8")
	p.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
	p.follow(`form[enctype] button.main`)
}
