package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"amana"
)

func TestMembers_verbs(t *testing.T) {
	two, team := memberID(2).String(), teamID(2).String()
	for _, c := range []struct {
		name, path string
		typed      url.Values
		want, to   string
	}{
		{"add", "/members", url.Values{"name": {" Fanta Keïta "}, "roles": {"caseworker"}, "teams": {team}}, "add member Fanta Keïta", "/members/slip"},
		{"roles", "/members/" + two + "/roles", url.Values{"roles": {"clinician", "supervisor"}}, "change roles " + two, "/members/" + two},
		{"join", "/members/" + two + "/join", url.Values{"team": {team}}, "join " + team + " " + two, "/members/" + two},
		{"leave", "/members/" + two + "/leave", url.Values{"team": {team}}, "leave " + team + " " + two, "/members/" + two},
		{"remove", "/members/" + two + "/remove", url.Values{"sure": {"yes"}}, "remove member " + two, "/members"},
		{"form a team", "/teams", url.Values{"name": {"Annexe"}, "room": {"care"}}, "form team Annexe", "/teams"},
		{"idle", "/settings/idle", url.Values{"idle_minutes": {"5"}}, "rule idle_minutes 5", "/settings"},
		{"languages", "/settings/languages", url.Values{"languages": {"fr", "ar"}}, "rule languages fr,ar", "/settings"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := sampleOffice()
			b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
			if to := b.post(c.path, c.typed); to != c.to {
				t.Errorf("sent to %s, want %s", to, c.to)
			}
			if did := o.desks["admin words"].did; !slices.Equal(did, []string{c.want}) {
				t.Errorf("did %q, want %q", did, c.want)
			}
			b.get(c.to)
		})
	}
}

func TestMembers_refused(t *testing.T) {
	two := memberID(2).String()
	for _, c := range []struct {
		name, path string
		typed      url.Values
		want       string
	}{
		{"no name", "/members", url.Values{"roles": {"caseworker"}}, "name"},
		{"no role", "/members", url.Values{"name": {"Fanta"}}, "roles"},
		{"a member without roles", "/members/" + two + "/roles", url.Values{}, "roles"},
		{"removing by mistake", "/members/" + two + "/remove", url.Values{}, "sure"},
		{"a team without a name", "/teams", url.Values{"room": {"care"}}, "name"},
		{"a team without a room", "/teams", url.Values{"name": {"Annexe"}}, "room"},
		{"no minutes", "/settings/idle", url.Values{"idle_minutes": {"soon"}}, "idle_minutes"},
		{"too many minutes", "/settings/idle", url.Values{"idle_minutes": {"600"}}, "idle_minutes"},
		{"no languages", "/settings/languages", url.Values{}, "languages"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := sampleOffice()
			b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
			page := b.get(b.post(c.path, c.typed))
			if !strings.Contains(page, `href="#`+c.want+`"`) || !strings.Contains(page, `id="`+c.want+`"`) {
				t.Errorf("nothing leads to the field %s", c.want)
			}
			if did := o.desks["admin words"].did; len(did) > 0 {
				t.Errorf("done all the same: %q", did)
			}
		})
	}
}

// The passphrase of a new member is shown until it is handed over, and then
// never again.
func TestSlip(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en").unlock("admin words")
	b.post("/members", url.Values{"name": {"Fanta Keïta"}, "roles": {"caseworker"}})
	for range 2 { // a page that is loaded again is still there
		if !strings.Contains(b.get("/members/slip"), "seven calm reed") {
			t.Fatal("the passphrase is not shown")
		}
	}
	if page := b.get(b.post("/members/slip", nil)); !strings.Contains(page, "Fanta Keïta is a member now") || strings.Contains(page, "seven calm") {
		t.Error("the next page does not say that it is done")
	}
	if to := b.do("GET", "/members/slip", nil).Header().Get("Location"); to != "/members" {
		t.Error("the passphrase is still there")
	}
}

func TestNotice_isSaidOnce(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "en").unlock("admin words")
	to := b.post("/settings/idle", url.Values{"idle_minutes": {"5"}})
	if !strings.Contains(b.get(to), "lock after 5 minutes") {
		t.Error("nothing says that it was done")
	}
	if strings.Contains(b.get(to), "lock after 5 minutes") {
		t.Error("it is said twice")
	}
}

func TestChangePassphrase(t *testing.T) {
	for _, c := range []struct {
		name  string
		typed url.Values
		err   error
		want  string // on the page that follows
		did   int
	}{
		{"the one suggested", url.Values{"passphrase": {"admin words"}, "which": {"suggested"}}, nil, "Your passphrase is changed", 1},
		{"one's own", url.Values{"passphrase": {"admin words"}, "which": {"own"}, "passphrase_new": {"a long enough one"}, "passphrase_again": {"a long enough one"}}, nil, "Your passphrase is changed", 1},
		{"the old one wrong", url.Values{"passphrase": {"x"}, "which": {"suggested"}}, amana.ErrPassphrase, "not the passphrase you have now", 1},
		{"too many tries", url.Values{"passphrase": {"x"}, "which": {"suggested"}}, amana.ErrWait, "too many attempts", 1},
		{"weak", url.Values{"passphrase": {"admin words"}, "which": {"own"}, "passphrase_new": {"soleil"}, "passphrase_again": {"soleil"}}, nil, "This could be guessed", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := sampleOffice()
			b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
			b.get("/settings/passphrase")
			o.desks["admin words"].err = c.err
			to := b.post("/settings/passphrase", c.typed)
			o.desks["admin words"].err = nil
			if page := b.get(to); !strings.Contains(page, c.want) {
				t.Errorf("%s does not say %q", to, c.want)
			}
			if did := o.desks["admin words"].did; len(did) != c.did {
				t.Errorf("did %q", did)
			}
		})
	}
}

func TestBackup(t *testing.T) {
	o := sampleOffice()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	w := b.do("GET", "/settings/backup/file", nil)
	if w.Code != 200 || w.Body.String() != "sealed bytes" {
		t.Errorf("status %d, %d bytes", w.Code, w.Body.Len())
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="espace-2026-11-02.bak"` {
		t.Errorf("Content-Disposition %q", got)
	}
	o.desks["admin words"].err = amana.ErrStorage
	defer func() {
		if recover() == nil {
			t.Error("a copy that broke off looks whole to the browser")
		}
	}()
	b.do("GET", "/settings/backup/file", nil)
}
