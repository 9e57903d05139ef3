package web_test

import (
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
)

func TestFirstRun(t *testing.T) {
	o := newOffice()
	s := newServer(t, o)
	b := newBrowser(t, s, "en")
	if to := b.do("GET", "/", nil).Header().Get("Location"); to != "/setup" {
		t.Fatalf("with nobody here yet, / leads to %s", to)
	}
	if to := b.post("/language", url.Values{"language": {"fr"}, "path": {"/setup/organisation"}}); to != "/setup/organisation" {
		t.Errorf("the language leads to %s", to)
	}
	answerSetup(b)
	if !strings.Contains(b.get("/setup/check"), "Hélène A.") {
		t.Error("the last page does not show what was answered")
	}
	if to := b.post("/setup/found", nil); to != "/setup/shares" {
		t.Fatalf("founding leads to %s", to)
	}
	if got := o.asked; got.Name != "Clinique du Puits" || got.Administrator != "Aïssata Diallo" ||
		string(got.Passphrase) != o.SuggestPassphrase() || got.Cost != casework.CostDefault ||
		!slices.Equal(got.Custodians, []string{"Ruth M.", "Hélène A.", "Oumar S."}) || got.Threshold != 2 {
		t.Errorf("founded with %+v", got)
	}
	want := []casework.NewTeam{
		{Name: "Accompagnement", Compartment: amana.Care, Identities: true, Join: true},
		{Name: "Documentation", Compartment: amana.Accountability},
	}
	if !slices.Equal(o.asked.Teams, want) {
		t.Errorf("teams %v, want %v", o.asked.Teams, want)
	}
	if page := b.get("/setup/shares"); strings.Count(page, `class="sheet"`) != 3 || !strings.Contains(page, "copper") {
		t.Error("not one sheet with words for each custodian")
	}
	stranger := newBrowser(t, s, "en")
	if to := stranger.do("GET", "/setup/shares", nil).Header().Get("Location"); to != "/" {
		t.Error("another browser sees the sheets")
	}
	if page := b.get(b.post("/setup/done", nil)); !strings.Contains(page, `id="errors"`) {
		t.Error("the sheets may be put away unseen")
	}
	if to := b.post("/setup/done", url.Values{"handed": {"yes"}}); to != "/unlock" {
		t.Errorf("at the end one is led to %s", to)
	}
	for _, path := range []string{"/setup/shares", "/setup", "/setup/check", "/setup/administrator"} {
		if w := b.do("GET", path, nil); w.Code != 303 {
			t.Errorf("after the first run, %s is there: status %d", path, w.Code)
		}
	}
	if to := b.post("/setup/found", nil); to != "/" || o.asked.Name != "Clinique du Puits" {
		t.Errorf("founded twice; sent to %s", to)
	}
}

func TestFirstRun_answersRefused(t *testing.T) {
	for _, c := range []struct {
		name, path string
		typed      url.Values
		want       string // id of the field that is complained about
	}{
		{"no name", "organisation", url.Values{"languages": {"fr"}}, "organisation"},
		{"no language", "organisation", url.Values{"organisation": {"X"}}, "languages"},
		{"no administrator", "administrator", url.Values{"which": {"suggested"}}, "administrator"},
		{"a weak passphrase", "administrator", url.Values{"administrator": {"X"}, "which": {"own"}, "passphrase_new": {"soleil"}, "passphrase_again": {"soleil"}}, "passphrase_new"},
		{"two passphrases", "administrator", url.Values{"administrator": {"X"}, "which": {"own"}, "passphrase_new": {"a long enough one"}, "passphrase_again": {"a long enough two"}}, "passphrase_again"},
		{"no team", "teams", url.Values{}, "team0"},
		{"one custodian", "custodians", url.Values{"custodians": {"Ruth"}, "threshold": {"2"}}, "custodians"},
		{"more needed than there are", "custodians", url.Values{"custodians": {"Ruth\nAwa"}, "threshold": {"3"}}, "threshold"},
		{"one alone is enough", "custodians", url.Values{"custodians": {"Ruth\nAwa"}, "threshold": {"1"}}, "threshold"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBrowser(t, newServer(t, newOffice()), "en")
			answerSetup(b)
			page := b.get(b.post("/setup/"+c.path, c.typed))
			if !strings.Contains(page, `href="#`+c.want+`"`) {
				t.Errorf("nothing leads to the field %s", c.want)
			}
			if !strings.Contains(page, `id="`+c.want+`"`) {
				t.Errorf("there is no field %s to be led to", c.want)
			}
			if strings.Contains(page, "soleil") || strings.Contains(page, "long enough") {
				t.Error("the page shows a passphrase that was typed")
			}
		})
	}
}

// A page that is asked for before its turn sends to the first one.
func TestFirstRun_inOrder(t *testing.T) {
	b := newBrowser(t, newServer(t, newOffice()), "en")
	for _, path := range []string{"/setup/administrator", "/setup/teams", "/setup/check"} {
		if to := b.do("GET", path, nil).Header().Get("Location"); to != "/setup" {
			t.Errorf("%s leads to %q, want /setup", path, to)
		}
	}
	if to := b.post("/setup/found", nil); to != "/setup" {
		t.Errorf("founding out of turn leads to %s", to)
	}
}

func TestFirstRun_anotherSuggestionKeepsTheName(t *testing.T) {
	b := newBrowser(t, newServer(t, newOffice()), "en")
	b.post("/setup/organisation", url.Values{"organisation": {"X"}, "languages": {"en"}})
	b.get("/setup/administrator")
	page := b.get(b.post("/setup/another", url.Values{"administrator": {"Fanta Keïta"}, "which": {"suggested"}}))
	if !strings.Contains(page, "Fanta Keïta") {
		t.Error("the name typed is lost")
	}
}

// What casework refuses comes back to the page; a disk that is full says so.
func TestFirstRun_refusedByCasework(t *testing.T) {
	o := newOffice()
	b := newBrowser(t, newServer(t, o), "en")
	answerSetup(b)
	o.err = amana.ErrStorage
	if page := b.get(b.post("/setup/found", nil)); !strings.Contains(page, "The disk did not take it") {
		t.Error("a full disk is not said")
	}
	o.err = nil
	if to := b.post("/setup/found", nil); to != "/setup/shares" {
		t.Errorf("the second try leads to %s", to)
	}
}

// No page opens a back-up copy: where it is made, and where a new computer begins, it
// says what does.
func TestBackup_saysHowItIsOpenedAgain(t *testing.T) {
	b := newBrowser(t, newServer(t, newOffice()), "en")
	at, _ := atWork(t)
	for path, page := range map[string]string{"/setup": b.get("/setup"), "/settings/backup": at.get("/settings/backup")} {
		for _, command := range []string{"amana restore FILE", "amana restore FILE --shares", "amana recover"} {
			if !strings.Contains(page, ">"+command+"<") {
				t.Errorf("%s does not say %q", path, command)
			}
		}
	}
}

// A sheet is on paper for years: it promises nothing that the program cannot do.
func TestShares_promiseNoNewSheets(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(strings.Fields(string(guide)), " "), "Sheets cannot be made anew") {
		t.Fatal("if sheets can be made anew, the sheets may say so")
	}
	for lang, promise := range map[string]string{"en": "new sheets", "fr": "nouvelles feuilles", "ar": "أوراق جديدة"} {
		raw, err := os.ReadFile("../i18n/locales/" + lang + "/setup.json")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), promise) {
			t.Errorf("%s: a page speaks of %s", lang, promise)
		}
	}
}
