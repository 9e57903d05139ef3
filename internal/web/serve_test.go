package web_test

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"amana/internal/casework"
	"amana/internal/web"
)

// TestServePages serves every page with sample data, to be looked at: with
// AMANA_PAGES set, as 10m or 10m@7601, seven doors stay open for that long.
//
//	7401 locked   7402 the demo, locked   7403 as administrator
//	7404 as caseworker, in the demo   7405 not founded, all but the last answered
//	7406 just founded   7407 with every warning, and a slip to hand over
func TestServePages(t *testing.T) {
	length, from, _ := strings.Cut(os.Getenv("AMANA_PAGES"), "@")
	long, err := time.ParseDuration(length)
	if err != nil {
		t.Skip("serves pages to look at, where AMANA_PAGES says how long (as 10m)")
	}
	first, err := strconv.Atoi(from)
	if err != nil {
		first = 7401
	}
	doors := []struct {
		passphrase string
		office     *fakeOffice
		change     func(*web.Config)
		walk       func(*browser)
	}{
		{"", sampleOffice(), nothing, nowhere},
		{"", sampleOffice(), asDemo, nowhere},
		{"admin words", sampleOffice(), nothing, nowhere},
		{"case words", sampleOffice(), asDemo, nowhere},
		{"", &fakeOffice{}, nothing, answerSetup},
		{"", &fakeOffice{}, nothing, func(b *browser) { answerSetup(b); b.post("/setup/found", nil) }},
		{"admin words", troubledOffice(), nothing, func(b *browser) {
			b.post("/members", url.Values{"name": {"Fanta Keïta"}, "roles": {"caseworker"}})
		}},
	}
	for i, d := range doors {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(first+i))
		s := newServer(t, d.office, d.change, func(c *web.Config) { c.Hosts = []string{addr, ourHost} })
		b := newBrowser(t, s, "en")
		if d.passphrase != "" {
			b.unlock(d.passphrase)
		}
		d.walk(b)
		l, err := net.Listen("tcp", addr)
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
		t.Log("http://" + addr)
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
