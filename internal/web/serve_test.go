package web_test

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"amana/internal/casework"
	"amana/internal/web"
)

// TestServePages serves every page with sample data, to be looked at: with
// AMANA_PAGES set, five doors from port 7401 on stay open for that long.
//
//	7401 locked   7402 the demo, locked   7403 as administrator
//	7404 as caseworker, in the demo   7405 not founded, all but the last answered
//	7406 just founded   7407 with every warning, and a slip to hand over
func TestServePages(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("AMANA_PAGES"))
	if err != nil {
		t.Skip("serves pages to look at, where AMANA_PAGES says how long (as 10m)")
	}
	doors := []struct {
		addr, passphrase string
		office           *fakeOffice
		change           func(*web.Config)
		walk             func(*browser)
	}{
		{"127.0.0.1:7401", "", sampleOffice(), nothing, nowhere},
		{"127.0.0.1:7402", "", sampleOffice(), asDemo, nowhere},
		{"127.0.0.1:7403", "admin words", sampleOffice(), nothing, nowhere},
		{"127.0.0.1:7404", "case words", sampleOffice(), asDemo, nowhere},
		{"127.0.0.1:7405", "", &fakeOffice{}, nothing, answerSetup},
		{"127.0.0.1:7406", "", &fakeOffice{}, nothing, func(b *browser) { answerSetup(b); b.post("/setup/found", nil) }},
		{"127.0.0.1:7407", "admin words", troubledOffice(), nothing, func(b *browser) {
			b.post("/members", url.Values{"name": {"Fanta Keïta"}, "roles": {"caseworker"}})
		}},
	}
	for _, d := range doors {
		s := newServer(t, d.office, d.change, func(c *web.Config) { c.Hosts = []string{d.addr, ourHost} })
		b := newBrowser(t, s, "en")
		if d.passphrase != "" {
			b.unlock(d.passphrase)
		}
		d.walk(b)
		l, err := net.Listen("tcp", d.addr)
		if err != nil {
			t.Fatal(err)
		}
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for name, value := range b.cookies {
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			b.handler.ServeHTTP(w, r)
		})
		go func() { _ = http.Serve(l, h) }()
		t.Log("http://" + d.addr)
	}
	time.Sleep(long)
}

func nothing(*web.Config) {}
func nowhere(*browser)    {}

// answerSetup answers every page of the first run but the last.
func answerSetup(b *browser) {
	b.Helper()
	b.post("/setup/organisation", url.Values{"organisation": {"Clinique du Puits"}, "languages": {"fr", "ar"}})
	b.get("/setup/administrator") // where a passphrase is suggested
	b.post("/setup/administrator", url.Values{"administrator": {"Aïssata Diallo"}, "which": {"suggested"}})
	b.post("/setup/teams", url.Values{
		"team0": {"Accompagnement"}, "room0": {"care"}, "identities0": {"yes"}, "join0": {"yes"},
		"team2": {"Documentation"}, "room2": {"accountability"},
	})
	to := b.post("/setup/custodians", url.Values{"custodians": {"Ruth M.\r\nHélène A.\r\n\r\nOumar S."}, "threshold": {"2"}})
	if to != "/setup/check" {
		b.Fatalf("the first run leads to %s, want /setup/check", to)
	}
}

// troubledOffice is one where all that can be out of order is.
func troubledOffice() *fakeOffice {
	o := sampleOffice()
	o.desks["admin words"].state = casework.State{
		Progress: casework.Progress{Done: 41_000, Total: 100_000}, ClockBehind: 366 * 24 * time.Hour, Quarantined: 3,
	}
	return o
}
