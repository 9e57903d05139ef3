package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amana/internal/web"
)

func TestSession_cookie(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en")
	if w := b.do("GET", "/unlock", nil); len(w.Result().Cookies()) != 0 {
		t.Error("a stranger who only looks gets a cookie")
	}
	w := b.do("POST", "/unlock", url.Values{"passphrase": {"admin words"}})
	cookies := w.Result().Cookies()
	if len(cookies) == 0 {
		t.Fatal("no cookie")
	}
	c := cookies[len(cookies)-1]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.MaxAge != 0 || !c.Expires.IsZero() {
		t.Errorf("cookie %v: want HttpOnly, SameSite=Strict, of this session only", c.String())
	}
	if strings.Contains(strings.ToLower(c.Name), "amana") {
		t.Errorf("the cookie's name %q says what it is of", c.Name)
	}
}

// Nobody can prepare a session for somebody else to unlock.
func TestSession_isFreshAfterUnlocking(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en")
	b.post("/language", url.Values{"language": {"fr"}})
	before := cookieOf(b)
	b.unlock("admin words")
	if cookieOf(b) == before {
		t.Error("the secret from before unlocking is still in use")
	}
	if page := b.get("/settings"); !strings.Contains(page, `lang="fr"`) {
		t.Error("the language that was chosen is forgotten")
	}
	planted := &browser{TB: t, handler: b.handler, language: "en", cookies: map[string]string{nameOf(b): before}}
	if w := planted.do("GET", "/settings", nil); w.Code != http.StatusSeeOther {
		t.Errorf("the old secret opens the desk: status %d", w.Code)
	}
}

func TestSession_locking(t *testing.T) {
	o := sampleOffice()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	old := map[string]string{nameOf(b): cookieOf(b)}
	if to := b.post("/lock", nil); to != "/unlock" {
		t.Errorf("locking leads to %s", to)
	}
	if !o.desks["admin words"].isLocked() {
		t.Error("the desk is open still")
	}
	replayed := &browser{TB: t, handler: b.handler, language: "en", cookies: old}
	if to := replayed.do("GET", "/settings", nil).Header().Get("Location"); to != "/unlock" {
		t.Errorf("the cookie from before leads to %q, want /unlock", to)
	}
}

// Who sends a form after the desk locked itself is told that it was not saved.
func TestSession_formAfterLocking(t *testing.T) {
	o := sampleOffice()
	s := newServer(t, o)
	b := newBrowser(t, s, "en").unlock("admin words")
	s.Close() // as idleness does
	to := b.post("/settings/idle", url.Values{"idle_minutes": {"5"}})
	if page := b.get(to); to != "/unlock" || !strings.Contains(page, "was not saved") {
		t.Errorf("sent to %s, and nothing says that it was lost", to)
	}
	if did := o.desks["admin words"].did; len(did) > 0 {
		t.Errorf("done all the same: %q", did)
	}
}

// Two members, two browsers: each sees their own desk, and locking one leaves
// the other.
func TestSession_twoMembers(t *testing.T) {
	o := sampleOffice()
	s := newServer(t, o)
	one := newBrowser(t, s, "en").unlock("admin words")
	two := newBrowser(t, s, "en").unlock("case words")
	two.post("/members/slip", nil)
	one.post("/members", url.Values{"name": {"Fanta Keïta"}, "roles": {"analyst"}})
	if !strings.Contains(one.get("/members/slip"), "seven calm reed") {
		t.Error("who added a member does not see the passphrase")
	}
	if to := two.do("GET", "/members/slip", nil).Header().Get("Location"); to != "/members" {
		t.Error("the other browser was shown the passphrase")
	}
	if strings.Contains(two.get("/settings"), `name="idle_minutes"`) {
		t.Error("a caseworker is shown an administrator's desk")
	}
	one.post("/leave", nil)
	if o.desks["case words"].isLocked() {
		t.Error("leaving one browser locked the other's desk")
	}
	two.get("/settings")
}

func TestSession_idle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := sampleOffice()
		desk := o.desks["admin words"]
		desk.org.Rules["idle_minutes"] = "5"
		b := newBrowser(t, newServer(t, o), "en").unlock("admin words")

		time.Sleep(4 * time.Minute)
		if page := b.get("/settings"); !strings.Contains(page, `data-idle="300"`) {
			t.Error("the page does not tell when it locks")
		}
		time.Sleep(4 * time.Minute)
		b.do("POST", "/stay", url.Values{}) // somebody writes
		time.Sleep(4 * time.Minute)
		if desk.isLocked() {
			t.Fatal("locked while somebody was writing")
		}
		b.do("GET", "/progress", nil) // a page that watches by itself
		time.Sleep(90 * time.Second)
		synctest.Wait()
		if !desk.isLocked() {
			t.Error("still open after more than five idle minutes")
		}
		if to := b.do("GET", "/settings", nil).Header().Get("Location"); to != "/unlock" {
			t.Errorf("after locking, a page leads to %q", to)
		}
	})
}

// Strangers can't fill the memory, nor push out who is unlocked.
func TestSession_manyStrangers(t *testing.T) {
	s := newServer(t, sampleOffice())
	b := newBrowser(t, s, "en").unlock("admin words")
	first := newBrowser(t, s, "en")
	first.post("/language", url.Values{"language": {"ar"}})
	for range 200 {
		newBrowser(t, s, "en").post("/language", url.Values{"language": {"fr"}})
	}
	b.get("/settings")
	if page := first.get("/unlock"); strings.Contains(page, `lang="ar" dir`) {
		t.Error("the oldest of 200 sessions is still kept")
	}
}

func TestLanguage(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "bm,fr;q=0.5")
	if page := b.get("/unlock"); !strings.Contains(page, `<html lang="fr"`) {
		t.Error("a reader of Bambara and French is not shown French")
	}
	for path, want := range map[string]string{
		"/unlock": "/unlock", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "": "/",
	} {
		if to := b.post("/language", url.Values{"language": {"ar"}, "path": {path}}); to != want {
			t.Errorf("back to %q leads to %q, want %q", path, to, want)
		}
	}
	if page := b.get("/unlock"); !strings.Contains(page, `<html lang="ar" dir="rtl"`) {
		t.Error("the language chosen is not spoken")
	}
}

func nameOf(b *browser) string {
	for name := range b.cookies {
		return name
	}
	return ""
}

func cookieOf(b *browser) string { return b.cookies[nameOf(b)] }

// While a computer sleeps its timers stand still, and its clock goes on.
func TestSession_lockedAfterSleep(t *testing.T) {
	now := noon
	office := sampleOffice()
	b := newBrowser(t, newServer(t, office, func(c *web.Config) { c.Now = func() time.Time { return now } }), "en")
	b.unlock("admin words")
	now = now.Add(9 * time.Minute)
	b.get("/settings")
	now = now.Add(9 * time.Minute)
	b.get("/settings")
	now = now.Add(8 * time.Hour)
	if w := b.do("GET", "/settings", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/unlock" {
		t.Errorf("after a night with the lid closed: %d", w.Code)
	}
}
