package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is one Chromium with a profile of its own.
type browser struct {
	ctx     context.Context
	profile string
}

// startBrowser starts a Chromium that ends with the test.
func startBrowser(t testing.TB) *browser {
	t.Helper()
	need(t, chromium() != "", "Chromium in PATH or in AMANA_CHROMIUM")
	b := &browser{profile: t.TempDir()}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium()),
		chromedp.UserDataDir(b.profile),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeAll := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		closeAll()
		stop()
		b.kill() // nothing of it may be left to write into the profile
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", chromium(), err)
	}
	b.ctx = ctx
	return b
}

// kill ends every process of this browser at once, as a power cut does. They
// are told from other Chromiums by the profile that is theirs alone.
func (b *browser) kill() {
	for found := true; found; {
		found = false
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, line := range lines {
			raw, err := os.ReadFile(line)
			if err != nil || !strings.Contains(string(raw), b.profile) {
				continue
			}
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(line)))
			if err != nil || pid == os.Getpid() {
				continue
			}
			if process, err := os.FindProcess(pid); err == nil {
				found = process.Kill() == nil || found
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// tab is one page of a browser, with what went wrong in it.
type tab struct {
	testing.TB
	ctx  context.Context
	site string // without a final slash

	plain bool // runs no scripts

	mu     sync.Mutex
	faults []string
}

// patience is how long one step may take.
const patience = 30 * time.Second

// newTab opens a tab in a private window: it shares nothing with other tabs.
func (b *browser) newTab(t testing.TB, site string) *tab {
	t.Helper()
	return b.tab(t, site, chromedp.WithNewBrowserContext())
}

// newCarelessTab opens a tab that keeps what browsers keep.
func (b *browser) newCarelessTab(t testing.TB, site string) *tab {
	t.Helper()
	return b.tab(t, site)
}

func (b *browser) tab(t testing.TB, site string, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx, options...)
	t.Cleanup(closeTab)
	p := &tab{TB: t, ctx: ctx, site: strings.TrimSuffix(site, "/")}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatalf("listen to a tab: %v", err)
	}
	call(p, audits.Enable, cdp.Empty{})
	return p
}

// hear notes what a page must never cause: a violation of its own policy, an
// exception, a complaint of the browser.
func (p *tab) hear(event any) {
	switch e := event.(type) {
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			p.fault("content security policy: %s %s", d.ViolatedDirective, d.BlockedURL)
		}
	case *runtime.EventExceptionThrown:
		p.fault("exception: %s", e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		// An answer with a status that says no is tested where it is expected.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			p.fault("browser: %s", e.Entry.Text)
		}
	}
}

func (p *tab) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// takeFaults returns what went wrong since the last call.
func (p *tab) takeFaults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	faults := p.faults
	p.faults = nil
	return faults
}

// wantNoFaults fails the test if the page caused any.
func (p *tab) wantNoFaults() {
	p.Helper()
	for _, f := range p.takeFaults() {
		p.Errorf("%s: %s", p.path(), f)
	}
}

// do takes steps that return nothing.
func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.Fatalf("%s, on %s: %v", what, p.path(), err)
	}
}

// ask takes a step that returns something.
func ask[T any](p *tab, what string, step chromedp.Action[T]) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, step)
	if err != nil {
		p.Fatalf("%s, on %s: %v", what, p.path(), err)
	}
	return v
}

// call sends a command of the protocol.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) R {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	r, err := chromedp.Call(ctx, command, params)
	if err != nil {
		p.Fatalf("%s: %v", command.Method, err)
	}
	return r
}

// path returns where the tab is.
func (p *tab) path() string {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return "?"
	}
	return strings.TrimPrefix(at, p.site)
}

// open goes to a path.
func (p *tab) open(path string) {
	p.Helper()
	p.do("open "+path, chromedp.Navigate(p.site+path))
}

// follow presses something that leads to another page, and waits for it.
func (p *tab) follow(selector string) *network.Response {
	p.Helper()
	return p.lead("press "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// lead takes a step that leads to another page, and waits for it.
func (p *tab) lead(what string, step chromedp.Action[chromedp.Void]) *network.Response {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	r, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		p.Fatalf("%s, on %s: %v", what, p.path(), err)
	}
	return r
}

// folded names what opens the shut part that an element is in, or is "".
func (p *tab) folded(selector string) string {
	p.Helper()
	if summary := fmt.Sprintf("details:not([open]):has(%s) > summary", selector); p.has(summary) {
		return summary
	}
	return ""
}

// unfold opens the part of the page that an element is in.
func (p *tab) unfold(selector string) {
	p.Helper()
	if summary := p.folded(selector); summary != "" {
		p.do("open "+summary, chromedp.Click(chromedp.CSS(summary), chromedp.NodeVisible))
	}
}

// write types into a field that may hold something already.
func (p *tab) write(selector, words string) {
	p.Helper()
	p.unfold(selector)
	p.do("write into "+selector,
		chromedp.Focus(chromedp.CSS(selector), chromedp.NodeVisible),
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).select?.()", selector)),
		chromedp.KeyEvent(words))
}

// paste puts words that nobody would type into an empty field.
func (p *tab) paste(selector, words string) {
	p.Helper()
	p.unfold(selector)
	p.do("paste into "+selector, chromedp.Focus(chromedp.CSS(selector), chromedp.NodeVisible))
	call(p, input.InsertText, input.InsertTextParams{Text: words})
}

// choose presses a box or a choice, by its label, unless it is on already.
func (p *tab) choose(selector string) {
	p.Helper()
	p.unfold(selector)
	if !eval[bool](p, fmt.Sprintf("document.querySelector(%q).checked", selector)) {
		p.do("choose "+selector, chromedp.Click(chromedp.CSS("label:has(> "+selector+")"), chromedp.NodeVisible))
	}
}

// eval returns the value of an expression, as the page's own script would see it.
func eval[T any](p *tab, expression string) T {
	p.Helper()
	return ask(p, expression, chromedp.Evaluate[T](expression))
}

// text returns what the page's main part says.
func (p *tab) text() string {
	p.Helper()
	return eval[string](p, "document.querySelector('main').innerText")
}

// has reports whether an element is there.
func (p *tab) has(selector string) bool {
	p.Helper()
	return eval[bool](p, fmt.Sprintf("document.querySelector(%q) !== null", selector))
}

// withoutScripts makes the tab run none of the page's scripts.
func (p *tab) withoutScripts() {
	p.Helper()
	p.plain = true
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}
