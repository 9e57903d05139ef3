package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeSource returns the checker's script, or "".
var axeSource = sync.OnceValue(func() string {
	source, err := os.ReadFile(os.Getenv("AMANA_AXE"))
	if err != nil {
		return ""
	}
	return string(source)
})

// Which of axe's rules to run: every rule of WCAG up to 2.2 AA and what is good
// practice, or those that look at colours.
const (
	everyRule     = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	rulesOfColour = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
)

// axeRun is an expression that takes the rules. Bars that stay at an edge cover in part
// whatever is scrolled under them, which the checker takes for small targets: meanwhile
// they stand where they stand in the page.
const axeRun = `(stuck => {
	stuck.forEach(e => e.style.position = "static");
	return axe.run(document, {runOnly: %s, resultTypes: ["violations"]})
		.finally(() => stuck.forEach(e => e.style.position = ""))
		.then(r => r.violations.map(v => ({
			id: v.id, impact: v.impact, help: v.help,
			nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)),
		})))
})([...document.querySelectorAll("body *")].filter(e => getComputedStyle(e).position === "sticky"))`

// complaint is one rule that a page breaks.
type complaint struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"` // minor, moderate, serious, critical
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"`
}

func (c complaint) String() string {
	return fmt.Sprintf("%s (%s): %s\n\t%s", c.ID, c.Impact, c.Help, strings.Join(c.Nodes, "\n\t"))
}

// world is a place beside the page's own scripts. The page's policy holds on,
// and the page cannot see what runs there.
type world struct {
	p  *tab
	id runtime.ExecutionContextID
}

// newAxe puts the checker beside the page. It is gone with the next page.
func newAxe(p *tab) world {
	p.Helper()
	need(p, axeSource() != "", "axe-core, its axe.min.js named by AMANA_AXE")
	tree := call(p, page.GetFrameTree, cdp.Empty{})
	made := call(p, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
		FrameID: tree.FrameTree.Frame.ID, WorldName: "axe",
	})
	w := world{p, made.ExecutionContextID}
	w.eval(axeSource() + "; undefined")
	return w
}

func (w world) eval(expression string) json.RawMessage {
	w.p.Helper()
	yes := true
	r := call(w.p, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ContextID: w.id, AwaitPromise: &yes, ReturnByValue: &yes,
	})
	if r.ExceptionDetails != nil {
		w.p.Fatalf("axe: %s", r.ExceptionDetails.Text)
	}
	return json.RawMessage(r.Result.Value)
}

// check returns what the page, as it stands, breaks.
func (w world) check(rules string) []complaint {
	w.p.Helper()
	var found []complaint
	if err := json.Unmarshal(w.eval(fmt.Sprintf(axeRun, rules)), &found); err != nil {
		w.p.Fatalf("axe: %v", err)
	}
	return found
}

// look makes the tab as wide as a screen, and light or dark.
func (p *tab) look(width int64, scheme string) {
	p.Helper()
	p.do("look", chromedp.EmulateViewport(width, 900))
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"}, // a colour on its way is not the one to judge
		},
	})
}
