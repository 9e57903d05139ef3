package web_test

import (
	"net/url"
	"strings"
	"testing"

	"amana"
)

func TestUnlock(t *testing.T) {
	o := sampleOffice()
	b := newBrowser(t, newServer(t, o), "en")
	if page := b.get("/unlock"); strings.Contains(page, "Diallo") || strings.Contains(page, "Puits") {
		t.Error("the page to unlock tells who works here")
	}
	to := b.post("/unlock", url.Values{"passphrase": {"wrong words"}})
	page := b.get(to)
	if !strings.Contains(page, "opens nothing here") {
		t.Error("a wrong passphrase is not said to be wrong")
	}
	if strings.Contains(page, "wrong words") {
		t.Error("the page shows the passphrase that was typed")
	}
	o.err = amana.ErrWait
	if page := b.get(b.post("/unlock", url.Values{"passphrase": {"x"}})); !strings.Contains(page, "too many attempts") {
		t.Error("nothing says to wait")
	}
	o.err = nil
	b.unlock("admin words")
	if to := b.do("GET", "/", nil).Header().Get("Location"); to != "/today" {
		t.Errorf("unlocked, / leads to %s", to)
	}
}

func TestLeave(t *testing.T) {
	o := sampleOffice()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	w := b.do("POST", "/leave", nil)
	if to := w.Header().Get("Location"); to != "/calendar" {
		t.Errorf("leaving leads to %s", to)
	}
	if w.Header().Get("Clear-Site-Data") == "" {
		t.Error("the browser is not told to forget")
	}
	if !o.desks["admin words"].isLocked() {
		t.Error("the desk is open still")
	}
	if len(b.cookies) != 0 {
		t.Error("a cookie stays")
	}
	if page := b.get("/calendar"); !strings.Contains(page, "November 2026") || strings.Contains(page, "Amana") {
		t.Error("the page left behind is not a plain calendar")
	}
}
