package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"amana"
	"amana/internal/web"
)

// shippedPolicy is the policy as it was decided. A change here is a decision.
const shippedPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types app"

// attempt is one request and the answer it must get.
type attempt struct {
	name    string
	method  string
	target  string
	host    string
	headers map[string]string
	body    string
	want    int
}

func (a attempt) request(cookies map[string]string) *http.Request {
	if a.method == "" {
		a.method = "GET"
	}
	r := httptest.NewRequest(a.method, "/", strings.NewReader(a.body))
	r.URL.Path = a.target
	if u, err := url.ParseRequestURI(a.target); err == nil {
		r.URL = u
	}
	r.RequestURI = a.target
	r.Host = ourHost
	if a.host != "" {
		r.Host = a.host
	}
	if a.method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range a.headers {
		r.Header.Set(name, value)
	}
	for name, value := range cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func sent(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

func TestHandler_refusesTricks(t *testing.T) {
	attempts := []attempt{
		{name: "another host's name", target: "/unlock", host: "evil.example", want: 421},
		{name: "our address under another port", target: "/unlock", host: "127.0.0.1:80", want: 421},
		{name: "our name without a port", target: "/unlock", host: "localhost", want: 421},
		{name: "a name that ends as ours", target: "/unlock", host: "evil.127.0.0.1:7333", want: 421},
		{name: "no host at all", target: "/unlock", host: " ", want: 421},
		{name: "another host in a header for proxies", target: "/settings", headers: sent("X-Forwarded-Host", "evil.example"), want: 200},

		{name: "a form from another site", method: "POST", target: "/lock", headers: sent("Sec-Fetch-Site", "cross-site"), want: 403},
		{name: "a form from another port of this host", method: "POST", target: "/lock", headers: sent("Sec-Fetch-Site", "same-site"), want: 403},
		{name: "a form with a foreign origin, from an old browser", method: "POST", target: "/lock", headers: sent("Origin", "http://evil.example"), want: 403},
		{name: "a form with no origin to speak of", method: "POST", target: "/lock", headers: sent("Origin", "null"), want: 403},
		{name: "a form of ours", method: "POST", target: "/lock", headers: sent("Sec-Fetch-Site", "same-origin", "Origin", "null"), want: 303},
		{name: "an image of ours on another site", target: "/settings", headers: sent("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"), want: 403},
		{name: "a page of ours in another's frame", target: "/settings", headers: sent("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"), want: 403},
		{name: "a page of ours in a frame of this host", target: "/settings", headers: sent("Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"), want: 403},
		{name: "a script that asks from another port", target: "/settings", headers: sent("Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"), want: 403},
		{name: "a link followed by a person", target: "/settings", headers: sent("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), want: 200},
		{name: "a preflight", method: "OPTIONS", target: "/lock", headers: sent("Origin", "http://evil.example", "Access-Control-Request-Method", "POST"), want: 405},

		{name: "PUT", method: "PUT", target: "/lock", want: 405},
		{name: "DELETE", method: "DELETE", target: "/settings", want: 405},
		{name: "TRACE", method: "TRACE", target: "/settings", want: 405},
		{name: "CONNECT", method: "CONNECT", target: "/settings", want: 405},
		{name: "an invented method", method: "LOCK", target: "/lock", want: 405},
		{name: "locking by a link", target: "/lock", want: 404},
		{name: "a method in a header", target: "/lock", headers: sent("X-HTTP-Method-Override", "POST"), want: 404},
		{name: "removing by a link", target: "/members/" + memberID(2).String() + "/roles", want: 404},

		{name: "upwards", target: "/static/../settings", want: 404},
		{name: "upwards, written as escapes", target: "/static/%2e%2e/settings", want: 404},
		{name: "a slash written as an escape", target: "/members%2fnew", want: 404},
		{name: "two slashes, as to another host", target: "//evil.example/", want: 404},
		{name: "two slashes within", target: "/settings//passphrase", want: 404},
		{name: "a backslash", target: `/\evil.example`, want: 404},
		{name: "a zero byte", target: "/settings%00", want: 404},
		{name: "a line break", target: "/settings%0d%0aSet-Cookie:a=b", want: 404},
		{name: "capitals", target: "/Settings", want: 404},
		{name: "a slash at the end", target: "/settings/", want: 404},
		{name: "an address with a host in it", target: "http://evil.example/settings", want: 404},
		{name: "the source of a style sheet", target: "/static/css/base.css", want: 404},
		{name: "the folder of static files", target: "/static/", want: 404},

		{name: "a form of another kind", method: "POST", target: "/settings/idle", headers: sent("Content-Type", "application/json"), body: `{"idle_minutes":"60"}`, want: 415},
		{name: "a form as plain text", method: "POST", target: "/settings/idle", headers: sent("Content-Type", "text/plain"), body: "idle_minutes=60", want: 415},
		{name: "a file", method: "POST", target: "/settings/idle", headers: sent("Content-Type", "multipart/form-data; boundary=x"), body: "--x--", want: 415},
		{name: "a form that is too large", method: "POST", target: "/settings/idle", body: "idle_minutes=" + strings.Repeat("9", 5<<20), want: 303},
	}
	for _, a := range attempts {
		t.Run(a.name, func(t *testing.T) {
			o := sampleOffice()
			b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
			w := httptest.NewRecorder()
			b.handler.ServeHTTP(w, a.request(b.cookies))
			if w.Code != a.want {
				t.Fatalf("status %d, want %d", w.Code, a.want)
			}
			desk := o.desks["admin words"]
			if a.want >= 400 && (len(desk.did) > 0 || desk.isLocked()) {
				t.Errorf("refused, and yet: %q, locked %v", desk.did, desk.isLocked())
			}
			if location := w.Header().Get("Location"); location != "" && !regexp.MustCompile(`^/[a-z0-9]`).MatchString(location) {
				t.Errorf("sent to %q", location)
			}
			if w.Code != 200 && strings.Contains(w.Body.String(), "Clinique du Puits") && a.want != 404 {
				t.Error("the answer says what it should not")
			}
		})
	}
}

// What is sent after a form that was too large says so, and nothing was done.
func TestTooLarge(t *testing.T) {
	o := sampleOffice()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if to := b.post("/settings/idle", url.Values{"idle_minutes": {strings.Repeat("9", 5<<20)}}); to != "/sorry/413" {
		t.Errorf("sent to %s", to)
	}
	if did := o.desks["admin words"].did; len(did) > 0 {
		t.Errorf("it was done all the same: %q", did)
	}
}

func TestHandler_headers(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice(), asDemo), "en")
	answers := map[string]*httptest.ResponseRecorder{
		"a page":          b.do("GET", "/unlock", nil),
		"an exit":         b.do("POST", "/leave", nil),
		"nothing there":   b.do("GET", "/nowhere", nil),
		"a wrong method":  b.do("PUT", "/unlock", nil),
		"a refused form":  b.do("POST", "/unlock", url.Values{"passphrase": {"x"}}),
		"no right of way": b.do("GET", "/settings", nil),
		"a wrong path":    b.do("GET", "/x//y", nil),
	}
	b.unlock("admin words")
	answers["a member's page"] = b.do("GET", "/members", nil)
	answers["a download"] = b.do("GET", "/settings/backup/file", nil)
	for name, w := range answers {
		t.Run(name, func(t *testing.T) {
			for header, want := range map[string]string{
				"Cache-Control":                "no-store",
				"Content-Security-Policy":      shippedPolicy,
				"Cross-Origin-Opener-Policy":   "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin",
				"Referrer-Policy":              "no-referrer",
				"X-Content-Type-Options":       "nosniff",
				"X-Frame-Options":              "DENY",
			} {
				if got := w.Header().Get(header); got != want {
					t.Errorf("%s: %q, want %q", header, got, want)
				}
			}
			if policy := w.Header().Get("Permissions-Policy"); !strings.Contains(policy, "camera=()") || strings.Contains(policy, "*") {
				t.Errorf("Permissions-Policy: %q", policy)
			}
			for _, header := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin", "Last-Modified", "Etag"} {
				if got := w.Header().Get(header); got != "" {
					t.Errorf("%s: %q, want none", header, got)
				}
			}
		})
	}
}

// Only files that say nothing of anybody may be kept by a browser.
func TestHandler_onlyHashedFilesAreKept(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en")
	files := regexp.MustCompile(`/static/[a-z.-]+-[0-9a-f]{16}\.(css|js|svg)`).FindAllString(b.get("/unlock"), -1)
	if len(files) != 3 {
		t.Fatalf("the page has %d files, want 3: %q", len(files), files)
	}
	for _, f := range files {
		w := b.do("GET", f, nil)
		if got := w.Header().Get("Cache-Control"); w.Code != 200 || got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: status %d, Cache-Control %q", f, w.Code, got)
		}
		if w := b.do("GET", strings.Replace(f, "-", "-0", 1), nil); w.Code != 404 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("a file of another content: status %d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
		}
	}
}

// A fault of ours shows a plain page, and its words reach neither the browser
// nor the log.
func TestPanic(t *testing.T) {
	o := sampleOffice()
	o.desks["admin words"].panics = "canary"
	var log bytes.Buffer
	s := newServer(t, o, func(c *web.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	b := newBrowser(t, s, "en").unlock("admin words")
	w := b.do("GET", "/settings", nil)
	if w.Code != 500 || !strings.Contains(w.Body.String(), "did not work") {
		t.Errorf("status %d, want the page that says so", w.Code)
	}
	if strings.Contains(w.Body.String()+log.String(), "canary") {
		t.Error("the words of the fault were shown or logged")
	}
	if !strings.Contains(log.String(), "page failed") {
		t.Error("nothing was logged")
	}
}

// Errors are chosen by kind, and logged only when the fault is ours.
func TestErrors_becomePages(t *testing.T) {
	for _, c := range []struct {
		err    error
		want   int
		logged bool
	}{
		{amana.ErrNotFound, 404, false},
		{amana.ErrRefused, 403, false},
		{amana.ErrStorage, 507, true},
		{amana.ErrTampered, 500, true},
		{amana.ErrLocked, 303, false},
	} {
		o := sampleOffice()
		var log bytes.Buffer
		s := newServer(t, o, func(c *web.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
		b := newBrowser(t, s, "en").unlock("admin words")
		o.desks["admin words"].err = c.err
		if w := b.do("GET", "/settings/erased", nil); w.Code != c.want {
			t.Errorf("%v: status %d, want %d", c.err, w.Code, c.want)
		}
		if logged := log.Len() > 0; logged != c.logged {
			t.Errorf("%v: logged %v, want %v", c.err, logged, c.logged)
		}
	}
}
