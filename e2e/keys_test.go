package e2e

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// mostTabs is how often somebody presses Tab before giving up.
const mostTabs = 150

// focusSeen is an expression: can it be seen where the focus is? The parts of a
// date, which pages do not see, have rings of the browser's own.
const focusSeen = `(() => {
	const at = document.activeElement, s = getComputedStyle(at);
	return at.type === "date" || s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none";
})()`

// reach presses Tab until the focus is on an element, and wants to see the
// focus on every way-station.
func (p *tab) reach(selector string) {
	p.Helper()
	for range mostTabs {
		p.do("Tab", chromedp.KeyEvent(kb.Tab))
		if eval[bool](p, "document.activeElement === document.body") {
			continue // gone round
		}
		if !eval[bool](p, focusSeen) {
			p.Errorf("%s: the focus cannot be seen on %s", p.path(),
				eval[string](p, "document.activeElement.outerHTML.slice(0, 120)"))
		}
		if eval[bool](p, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
	}
	p.Fatalf("%s: %s is not reached by Tab", p.path(), selector)
}

// keyIn reaches a field and types.
func (p *tab) keyIn(selector, words string) {
	p.Helper()
	p.reach(selector)
	p.do("type", chromedp.KeyEvent(words))
}

// enter presses Enter where the focus is, and waits for the page it leads to.
func (p *tab) enter() {
	p.Helper()
	p.lead("Enter", chromedp.KeyEvent(kb.Enter))
}

// space presses the space bar: it ticks, it chooses.
func (p *tab) space() {
	p.Helper()
	p.do("space", chromedp.KeyEvent(" "))
}

// arrow goes to the next choice of a group or of a list.
func (p *tab) arrow() {
	p.Helper()
	p.do("arrow", chromedp.KeyEvent(kb.ArrowDown))
}
