package dossier_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"amana/internal/dossier"
)

// browser opens the page as a file, in a Chromium that ends with the test.
func browser(t *testing.T, page string) context.Context {
	t.Helper()
	tool := os.Getenv("AMANA_CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); tool == "" && err == nil {
			tool = found
		}
	}
	if tool == "" {
		if os.Getenv("AMANA_REQUIRE") == "all" {
			t.Fatal("needs Chromium, and AMANA_REQUIRE=all")
		}
		t.Skip("needs Chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(tool), chromedp.DisableGPU)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	within, done := context.WithTimeout(t.Context(), 4*time.Minute)
	alloc, stop := chromedp.NewExecAllocator(within, options...)
	ctx, end := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		end()
		stop()
		done()
	})
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+page)); err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return ctx
}

// flips is how far apart the bytes are that are flipped in the browser; the command
// tries every one.
const flips = 151

// The page for browsers agrees with the command on all of it: what was flipped, taken
// out, put in, renamed, moved, exchanged, cut off, and signed anew.
func TestVerifierPage_agreesWithTheCommand(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, raw []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	raw := small(t)
	ctx := browser(t, put("verify.html", dossier.VerifierPage()))
	choose := func(paths ...string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS("#file"), paths)); err != nil {
			t.Fatal(err)
		}
	}
	verdict := func(path string) (kind, said string) {
		t.Helper()
		choose(path)
		for range 200 {
			if kind = ask[string](t, ctx, `document.getElementById("verdict").className`); kind != "" {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		return kind, ask[string](t, ctx, `document.querySelector("main").innerText`)
	}
	kind, said := verdict(put("good.zip", raw))
	if words := verify(t, raw).Fingerprint; kind != "good" || !strings.Contains(said, words) {
		t.Fatalf("a whole dossier is %q:\n%s", kind, said)
	}
	var bad, names []string
	for _, all := range []map[string][]byte{tampered(t), forged(t), cut(raw)} {
		for name, changed := range all {
			bad = append(bad, put(fmt.Sprintf("%d.zip", len(bad)), changed))
			names = append(names, name)
		}
	}
	if kind, said := verdict(bad[0]); kind != "bad" {
		t.Errorf("what was changed is %q:\n%s", kind, said)
	}
	ask[string](t, ctx, `document.getElementById("file").multiple = true; ""`)
	choose(bad...)
	wrong := ask[[]string](t, ctx, `(async () => {
		const wrong = [], files = [...document.getElementById("file").files];
		for (const f of files) { const r = await amanaVerify(f); if (r.ok || !r.ed || !r.checks.some(c => !c.ok)) wrong.push(f.name); }
		return [String(files.length), ...wrong];
	})()`)
	if wrong[0] != strconv.Itoa(len(bad)) || len(wrong) > 1 {
		t.Errorf("of %d that were changed these are whole to it: %v of %q", len(bad), wrong, names)
	}
	choose(filepath.Join(dir, "good.zip"))
	flipped := ask[[]int](t, ctx, fmt.Sprintf(`(async () => {
		const good = new Uint8Array(await document.getElementById("file").files[0].arrayBuffer()), wrong = [];
		if (!(await amanaVerify(new Blob([good]))).ok) wrong.push(-1);
		for (let at = 0; at < good.length; at += %d) {
			good[at] ^= 1 << at %% 8;
			if ((await amanaVerify(new Blob([good]))).ok) wrong.push(at);
			good[at] ^= 1 << at %% 8;
		}
		return wrong;
	})()`, flips))
	if len(flipped) > 0 {
		t.Errorf("not found: %v", flipped)
	}
}

// ask has the page say something, at once or when a promise of it is kept.
func ask[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%.60s: %v", expression, err)
	}
	return v
}

// cut are dossiers that were cut off or grew.
func cut(raw []byte) map[string][]byte {
	all := map[string][]byte{"a byte before": append([]byte{0}, raw...), "a byte after": append(slices.Clone(raw), 0), "twice": append(slices.Clone(raw), raw...)}
	for _, n := range []int{0, 1, 21, 22, len(raw) / 2, len(raw) - 1} {
		all[fmt.Sprintf("cut at %d", n)] = raw[:n]
	}
	return all
}
