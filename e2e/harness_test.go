package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The tests here prove the means of the others: that they find what is wrong
// in pages that are made to be wrong.

const policy = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; " +
	"require-trusted-types-for 'script'"

func brokenSite(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	page := func(pattern, body string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", policy)
			fmt.Fprint(w, `<!doctype html><html lang="en"><head><title>Space</title></head><body>`+body+`</body></html>`)
		})
	}
	page("GET /good", `<main><h1>Hello</h1><form method="post" action="/good"><label for="w">Word</label>
		<input id="w" name="w"><button id="go">Save</button></form></main>`)
	page("GET /saved", `<main><h1>Saved</h1></main>`)
	page("GET /script", `<main><h1>Hello</h1><script>1</script></main>`)
	page("GET /style", `<main><h1 style="color:red">Hello</h1></main>`)
	page("GET /label", `<main><h1>Hello</h1><form><input name="w"></form></main>`)
	page("GET /module", `<main><h1>Hello</h1><script src="/sink.js"></script></main>`)
	mux.HandleFunc("GET /sink.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `document.querySelector("h1").innerHTML = "<b>x</b>"`)
	})
	mux.HandleFunc("POST /good", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/saved", http.StatusSeeOther)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestHarness_findsWhatThePolicyForbids(t *testing.T) {
	b, site := startBrowser(t), brokenSite(t)
	tests := []struct {
		path string
		want string // part of a fault; none where empty
	}{
		{"/good", ""},
		{"/script", "content security policy: script-src"},
		{"/style", "content security policy: style-src"},
		{"/module", "content security policy: require-trusted-types-for"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			p := b.newTab(t, site.URL)
			p.open(tt.path)
			eval[bool](p, "true") // what the page caused has been heard before this answer
			got := strings.Join(p.takeFaults(), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("faults %q, want one with %q", got, tt.want)
			}
		})
	}
}

func TestHarness_findsWhatKeepsPeopleOut(t *testing.T) {
	b, site := startBrowser(t), brokenSite(t)
	p := b.newTab(t, site.URL)
	p.open("/good")
	if found := newAxe(p).check(everyRule); len(found) > 0 {
		t.Errorf("complaints about a good page: %v", found)
	}
	p.open("/label")
	found := newAxe(p).check(everyRule)
	if !slices.ContainsFunc(found, func(c complaint) bool { return c.ID == "label" && c.Impact == "critical" }) {
		t.Errorf("complaints = %v, want one about the label", found)
	}
	p.wantNoFaults() // the checker itself must not break the page's policy
}

func TestHarness_followsForms(t *testing.T) {
	b, site := startBrowser(t), brokenSite(t)
	p := b.newTab(t, site.URL)
	p.open("/good")
	p.write("#w", "word")
	if r := p.follow("#go"); r.Status != http.StatusOK || p.path() != "/saved" {
		t.Errorf("answer %d at %s, want 200 at /saved", r.Status, p.path())
	}
}

// carelessSite does everything that must not be done with what people write.
func carelessSite(t *testing.T, word string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "max-age=600")
		fmt.Fprintf(w, `<!doctype html><title>%s</title><form method="post"><input id="w" name="w">
			<button id="go">Save</button></form><script>localStorage.setItem("w", %q + "kept")</script>`, word+"title", word)
		if r.Method == http.MethodPost {
			fmt.Fprintf(w, "<main>%s</main>", word+"answer")
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// TestHarness_findsTraces is what makes an empty search mean something.
func TestHarness_findsTraces(t *testing.T) {
	const word = "qxwkz"
	b, site := startBrowser(t), carelessSite(t, word)
	p := b.newCarelessTab(t, site.URL)
	p.open("/")
	p.write("#w", word+"typed")
	p.follow("#go")
	p.do("go on", chromedp.Navigate("about:blank"))
	time.Sleep(flushed)
	b.kill()
	for _, where := range []string{"title", "kept", "typed"} {
		if found := traces(t, b.profile, word+where); len(found) == 0 {
			t.Errorf("no trace of %s in the profile: the search cannot be trusted", where)
		} else {
			t.Logf("%s: %v", where, found)
		}
	}
}

// flushed is when a browser has written down what it means to keep.
const flushed = 6 * time.Second
