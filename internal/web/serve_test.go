package web_test

import (
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"amana/internal/web"
)

// TestServePages serves every page with sample data, to be looked at: with
// AMANA_PAGES set, five doors from port 7401 on stay open for that long.
//
//	7401 locked   7402 the demo, locked   7403 as administrator
//	7404 as caseworker, in the demo   7405 not founded
func TestServePages(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("AMANA_PAGES"))
	if err != nil {
		t.Skip("serves pages to look at, where AMANA_PAGES says how long (as 10m)")
	}
	doors := []struct {
		addr, passphrase string
		office           *fakeOffice
		change           func(*web.Config)
	}{
		{"127.0.0.1:7401", "", sampleOffice(), nothing},
		{"127.0.0.1:7402", "", sampleOffice(), asDemo},
		{"127.0.0.1:7403", "admin words", sampleOffice(), nothing},
		{"127.0.0.1:7404", "case words", sampleOffice(), asDemo},
		{"127.0.0.1:7405", "", &fakeOffice{}, nothing},
	}
	for _, d := range doors {
		s := newServer(t, d.office, d.change, func(c *web.Config) { c.Hosts = []string{d.addr, ourHost} })
		b := newBrowser(t, s, "en")
		if d.passphrase != "" {
			b.unlock(d.passphrase)
		}
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
