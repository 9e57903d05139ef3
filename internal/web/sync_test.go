package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/link"
	"amana/internal/vault"
)

// desks makes an office in which something was done to every desk.
func desks(change func(*fakeDesk)) func() *fakeOffice {
	return func() *fakeOffice {
		o := sampleOffice()
		for _, d := range o.desks {
			change(d)
		}
		return o
	}
}

func withRequest(b *browser) {
	b.upload("/devices/new", "file", []byte(requestFile(b)))
}

func withAnswer(b *browser) {
	withRequest(b)
	b.post("/devices/check", url.Values{"name": {"Camp"}, "members": {memberID(1).String()}})
}

// requestFile is the request of a real computer: its words are computed from it.
func requestFile(t testing.TB) string {
	t.Helper()
	raw, err := vault.RequestPairing(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func syncDoors() []door {
	device := "/devices/" + deviceID(2).String()
	doors := []door{
		{"exchange", sampleOffice, nothing, "admin words", nowhere, []string{"/sync", "/bundles", "/meet", "/devices", "/devices/new", device, "/devices/" + deviceID(4).String()}},
		{"exchange of a worker", sampleOffice, nothing, "case words", nowhere, []string{"/sync", "/bundles", "/devices", device}},
		{"exchange without a hub", desks(func(d *fakeDesk) { d.sync = &casework.SyncState{Devices: sampleDevices()} }), nothing, "admin words", nowhere, []string{"/sync"}},
		{"exchange at work", desks(func(d *fakeDesk) {
			d.sync = troubledSync("")
			d.sync.Busy, d.sync.Now = true, link.Progress{Taken: 30, Expected: 120, Handed: 2}
		}), nothing, "admin words", nowhere, []string{"/sync", "/sync/progress"}},
		{"exchange, refused", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post("/devices/text", url.Values{"text": {"<no request>"}})
			b.post(device+"/revoke", url.Values{})
		}, []string{"/devices/new?again=1", device + "?again=2"}},
		{"a computer that was cut off", desks(func(d *fakeDesk) { d.cut, d.moveErr = true, amana.ErrRefused }), nothing, "admin words", func(b *browser) {
			b.post(device+"/return", nil)
		}, []string{device, device + "?again=1"}},
		{"a bundle at work", desks(func(d *fakeDesk) { d.bundle = &casework.BundleState{Busy: true, Done: 3, Total: 10} }), nothing, "case words", nowhere, []string{"/bundles/progress"}},
		{"a computer asks", sampleOffice, nothing, "admin words", withRequest, []string{"/devices/check"}},
		{"a computer is added", sampleOffice, nothing, "admin words", withAnswer, []string{"/devices/answer"}},
		{"meeting", desks(func(d *fakeDesk) { d.meets = true }), nothing, "case words", nowhere, []string{"/meet", "/meet/progress"}},
		{"meetings under way", desks(func(d *fakeDesk) {
			d.meets, d.here, d.metered = true, true, true
			d.visit = &casework.Visited{Busy: true, Met: meeting("<b>Camp</b>", link.Met{Taken: 9, Lacked: 9, Bytes: 3 << 20, FilesLooked: 3, FilesAll: 12, File: link.FileAt{At: 2 << 20, Size: 8 << 20}})}
		}), nothing, "case words", nowhere, []string{"/meet", "/meet/progress"}},
		{"a meeting that broke off", desks(func(d *fakeDesk) {
			d.visit = &casework.Visited{Wrong: casework.MeetBroke, Met: meeting("محطة النخلة", link.Met{Taken: 70, Lacked: 310, Bytes: 1 << 20})}
		}), nothing, "case words", nowhere, []string{"/meet"}},
		{"arriving", desks(arriving("")), nothing, "case words", nowhere, []string{"/arriving", "/today", "/cases"}},
		{"arriving without cases", desks(arriving(vault.StartNone)), nothing, "admin words", nowhere, []string{"/arriving"}},
		{"arriving from a lost computer", desks(arriving(vault.StartRevoked)), nothing, "admin words", nowhere, []string{"/arriving"}},
		{"arriving for others", desks(arriving(vault.StartOthers)), nothing, "admin words", nowhere, []string{"/arriving"}},
		{"arrived", desks(func(d *fakeDesk) {
			d.arriving = casework.Arriving{Start: vault.Start{Made: noon.UnixMilli(), Wrong: 2}, Device: "Bureau", When: noon}
		}), nothing, "admin words", nowhere, []string{"/arriving"}},
		{"to join", newOffice, nothing, "", nowhere, []string{"/setup/join"}},
		{"to join, asked", newOffice, nothing, "", func(b *browser) { b.post("/setup/join", nil) }, []string{"/setup/join"}},
	}
	doors = append(doors, door{"exchange, lied to", desks(func(d *fakeDesk) {
		d.sync = troubledSync(link.Lied)
		d.state.HubLies = len(d.sync.Lies)
	}), nothing, "admin words", nowhere, []string{"/sync"}}, door{"a bundle, cut short", desks(func(d *fakeDesk) {
		d.bundle = cameBundle(casework.BundleChanged)
	}), nothing, "admin words", nowhere, []string{"/bundles"}})
	return doors
}

// Every page of the exchange, in every language and in the two that test its layout.
func TestEveryPage_ofTheExchange(t *testing.T) {
	wantEveryPage(t, syncDoors())
}

func TestSync_page(t *testing.T) {
	o := sampleOffice()
	d := o.desks["admin words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if to := b.post("/sync/now", nil); to != "/sync/progress" {
		t.Errorf("to %s", to)
	}
	hasAll(t, b.get("/sync/progress"), looksAgain, `data-watch="/sync/progress"`)
	if w := b.do("GET", "/sync/progress", nil); w.Header().Get("Location") != "/sync" {
		t.Errorf("when nothing runs any more: to %q", w.Header().Get("Location"))
	}
	b.post("/sync/metered", url.Values{"metered": {"yes"}})
	b.post("/sync/metered", url.Values{})
	b.post("/sync/files", nil)
	b.post("/sync/join", url.Values{"invitation": {"amana-hub:host:1/word"}})
	if want := []string{"now", "metered true", "metered false", "files", "join amana-hub:host:1/word"}; !slices.Equal(d.moved, want) {
		t.Errorf("asked %q, want %q", d.moved, want)
	}
	if w := b.do("GET", "/sync/proof/1", nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "amana proof of a hub") || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("the proof: %d %q", w.Code, w.Header())
	}
	for _, path := range []string{"/sync/proof/0", "/sync/proof/2", "/sync/proof/x"} {
		if w := b.do("GET", path, nil); w.Code != 404 {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	for kind, want := range map[error]string{
		amana.ErrInvalid: "This is not an invitation", amana.ErrRefused: "was used by others", errors.New("away"): "could not be reached",
		amana.ErrTampered: "Something else answers",
	} {
		d.moveErr = kind
		page := b.get(b.post("/sync/join", url.Values{"invitation": {"secret-word"}}))
		if !strings.Contains(page, want) || strings.Contains(page, "secret-word") {
			t.Errorf("%v: want %q, and no invitation, on the page", kind, want)
		}
	}
}

// Whatever went wrong has words.
func TestSync_failuresAreSaid(t *testing.T) {
	o := sampleOffice()
	d := o.desks["case words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("case words")
	for _, why := range link.Failures() {
		d.sync = troubledSync(why)
		checkPage(t, languageOf(t, "en"), b.get("/sync"))
	}
	for _, wrong := range []casework.BundleFault{
		"", casework.BundleNone, casework.BundleOthers, casework.BundleNewer, casework.BundleChanged, casework.BundleDisk, casework.BundleLocked, casework.BundleStopped, casework.BundleOther,
	} {
		d.bundle = cameBundle(wrong)
		checkPage(t, languageOf(t, "en"), b.get("/bundles"))
	}
}

// Every lie is said in words, with its proof, and on every page there is a way to it.
func TestSync_liesAreSaid(t *testing.T) {
	o := desks(func(d *fakeDesk) { d.sync = troubledSync(link.Lied); d.state.HubLies = 4 })()
	b := newBrowser(t, newServer(t, o), "en").unlock("case words")
	page := b.get("/sync")
	for _, want := range []string{
		"another history", "taken back", "said that it took", "does not give it", "/sync/proof/1", "/sync/proof/4", "12 entries", "1 entry",
		"734.0 MB", "not the one that was taken in", "no room for more files", "/sync/files",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if !strings.Contains(b.get("/members"), "did not keep its word") {
		t.Error("nothing on other pages")
	}
}

func TestBundles_pages(t *testing.T) {
	o := sampleOffice()
	d := o.desks["case words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("case words")
	w := b.do("GET", "/bundles/file/"+deviceID(2).String(), nil)
	if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Disposition"), "espace-2026-11-02.box") || !strings.HasPrefix(w.Body.String(), "amana bundle 1") {
		t.Errorf("%d %q", w.Code, w.Header())
	}
	hasAll(t, b.get("/bundles"), "Files: 2. The file is larger by 5.2 MB.", "Entries: 1,204, about 2.4 MB.", "It has everything already")
	if w := b.do("GET", "/bundles/whole", nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "amana bundle 2") {
		t.Errorf("with files: %d", w.Code)
	}
	device := deviceID(2).String()
	if to := b.post("/bundles/make", url.Values{"device": {device}, "room": {"medium"}}); to != "/bundles/file/"+device+"/medium" {
		t.Errorf("with files: sent to %s", to)
	} else if w := b.do("GET", to, nil); w.Code != 200 || d.withFiles != 1e9 {
		t.Errorf("with files: %d, %d bytes of them", w.Code, d.withFiles)
	}
	if to := b.post("/bundles/make", url.Values{"room": {"medium"}}); !strings.Contains(b.get(to), "Choose the computer.") {
		t.Errorf("for no computer: %s", to)
	}
	if w := b.do("GET", "/bundles/file/"+device+"/everything", nil); w.Code != 404 {
		t.Errorf("a size of nobody's: %d", w.Code)
	}
	b.do("GET", "/bundles/file", nil)
	if want := []string{"bundle " + deviceID(2).String(), "whole bundle", "bundle " + device, "bundle " + (amana.DeviceID{}).String()}; !slices.Equal(d.moved, want) {
		t.Errorf("asked %q, want %q", d.moved, want)
	}
	if _, to := b.upload("/bundles", "file", []byte("amana bundle 1")); to != "/bundles/progress" || string(d.fileIn) != "amana bundle 1" {
		t.Errorf("to %q with %q", to, d.fileIn)
	}
	if w := b.do("GET", "/bundles", nil); w.Header().Get("Location") != "/bundles/progress" {
		t.Errorf("while it is taken in: to %q", w.Header().Get("Location"))
	}
	hasAll(t, b.get("/bundles/progress"), "30 percent", looksAgain, `data-watch="/bundles/progress"`)
	d.bundle = cameBundle(casework.BundleChanged)
	page := b.get("/bundles")
	for _, want := range []string{"cut short or changed", "1,200 entries were new", "2 entries wait", "5 entries could not be verified"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// A computer is added by who administers, once the words were seen, and by nobody else.
func TestDevices_add(t *testing.T) {
	o := sampleOffice()
	d := o.desks["admin words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	raw := requestFile(t)
	r, err := casework.LookAtRequest([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if _, to := b.upload("/devices/new", "file", []byte(raw)); to != "/devices/check" {
		t.Fatalf("to %q", to)
	}
	if page := b.get("/devices/check"); !strings.Contains(page, strings.Join(r.Words, " ")) {
		t.Error("the words of the request are not on the page")
	}
	if to := b.post("/devices/check", url.Values{"name": {"Camp"}}); !strings.HasPrefix(to, "/devices/check?") {
		t.Errorf("nobody chosen: to %q", to)
	}
	if w := b.do("GET", "/devices/answer/file", nil); w.Code != 404 {
		t.Errorf("an answer before: status %d", w.Code)
	}
	b.post("/devices/check", url.Values{"name": {"Camp"}, "members": {memberID(1).String(), memberID(2).String()}})
	if w := b.do("GET", "/devices/answer/file", nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "amana answer 1") {
		t.Errorf("the answer: status %d", w.Code)
	}
	if w := b.do("GET", "/devices/answer/start", nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "amana answer 2") {
		t.Errorf("the small answer: status %d", w.Code)
	}
	if page := b.get("/devices/answer"); !strings.Contains(page, sampleMembers()[1].Name) {
		t.Error("the page does not say whose cases are missing")
	}
	b.post("/devices/answer", nil)
	if w := b.do("GET", "/devices/answer/file", nil); w.Code != 404 {
		t.Errorf("an answer after: status %d", w.Code)
	}
	b.upload("/devices/new", "file", []byte(raw))
	b.post("/devices/check", url.Values{"name": {"Camp"}, "members": {memberID(1).String()}, "same": {"no"}})
	b.post("/devices/"+deviceID(2).String()+"/revoke", url.Values{})
	b.post("/devices/"+deviceID(2).String()+"/revoke", url.Values{"sure": {"yes"}})
	if want := []string{"add Camp", "answer 2", "start 2", "revoke " + deviceID(2).String(), "tell", "now"}; !slices.Equal(d.moved, want) {
		t.Errorf("asked %q, want %q", d.moved, want)
	}
}

// What waits for the history leads to the page that says so; every page says that it is
// on its way.
func TestArriving(t *testing.T) {
	o := desks(arriving(""))()
	d := o.desks["admin words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if page := b.get("/today"); !strings.Contains(page, "still coming to this computer: 33 %") {
		t.Error("the page does not say that the history is on its way")
	}
	page := b.get("/arriving")
	for _, want := range []string{"33 % of the history", "7,036 of 21,110", "23", "1,341", "محطة النخلة", "Nothing is counted"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	d.arriving.Why, d.arriving.Cases, d.arriving.Later = vault.StartNone, 0, 0
	if page := b.get("/arriving"); strings.Contains(page, "Open cases that are still coming") || !strings.Contains(page, "All cases and services are still coming") {
		t.Error("the page counts what nobody could count")
	}
	d.err, d.moveErr = casework.ErrArriving, casework.ErrArriving
	if w := b.do("POST", "/sync/now", url.Values{}); w.Code != 303 || w.Header().Get("Location") != "/arriving" {
		t.Errorf("what waits: status %d, to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestDevices_onlyForWhoAdministers(t *testing.T) {
	o := sampleOffice()
	d := o.desks["case words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("case words")
	for _, path := range []string{"/sync", "/devices", "/devices/" + deviceID(2).String()} {
		for _, e := range elements(b.get(path)) {
			for _, forbidden := range []string{"/devices/new", "/revoke", "/sync/join"} {
				if strings.Contains(e.attrs["href"]+e.attrs["action"], forbidden) {
					t.Errorf("%s offers %s", path, forbidden)
				}
			}
		}
	}
	if w := b.do("GET", "/devices/new", nil); w.Code != 403 {
		t.Errorf("status %d", w.Code)
	}
	b.upload("/devices/new", "file", []byte(requestFile(t)))
	b.post("/devices/check", url.Values{"name": {"Camp"}, "members": {memberID(1).String()}})
	b.post("/devices/"+deviceID(2).String()+"/revoke", url.Values{"sure": {"yes"}})
	b.post("/devices/"+deviceID(2).String()+"/return", nil)
	if len(d.moved) > 0 {
		t.Errorf("done all the same: %q", d.moved)
	}
}

func TestJoin_pages(t *testing.T) {
	o := newOffice()
	b := newBrowser(t, newServer(t, o), "en")
	if page := b.get("/setup/join"); strings.Contains(page, "lusab") {
		t.Error("a request that nobody asked for")
	}
	if w := b.do("GET", "/setup/join/file", nil); w.Code != 404 {
		t.Errorf("its file: status %d", w.Code)
	}
	b.post("/setup/join", nil)
	page := b.get("/setup/join")
	if !strings.Contains(page, "lusab babad") || !strings.Contains(page, "AMANA-DEVICE-") || !strings.Contains(page, "<svg class=\"qr") {
		t.Error("words, text or code are not on the page")
	}
	o.joinErr = amana.ErrPassphrase
	answer := map[string]string{"passphrase": "my words"}
	_, to := b.uploadFields("/setup/join/answer", answer, []byte("amana answer 1"))
	if page := b.get(to); !strings.Contains(page, "opens nothing in this answer") || strings.Contains(page, "my words") {
		t.Error("what was wrong is not said, or the passphrase is shown")
	}
	o.joinErr = nil
	code, to := b.uploadFields("/setup/join/answer", answer, []byte("amana answer 1"))
	if code != http.StatusSeeOther || to != "/unlock" || o.answer != "amana answer 1" || o.words != "my words" {
		t.Errorf("to %q with %q", to, o.answer)
	}
	o.founded = true
	if w := b.do("GET", "/setup/join", nil); w.Header().Get("Location") != "/" {
		t.Errorf("with an organisation: to %q", w.Header().Get("Location"))
	}
}

// How long ago the last backup was made is said to who administers.
func TestSettings_lastBackup(t *testing.T) {
	o := sampleOffice()
	d := o.desks["admin words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	for ago, want := range map[int]string{-1: "none yet", 0: "less than a day ago", 3: "3 days ago", 9: "9 days ago"} {
		if d.backedUp = noon.AddDate(0, 0, -ago); ago < 0 {
			d.backedUp = time.Time{}
		}
		page := b.get("/settings")
		if !strings.Contains(page, want) || strings.Contains(page, `class="tag high" href="/settings/backup"`) != (ago < 0 || ago > 7) {
			_, after, _ := strings.Cut(page, `href="/settings/backup">`)
			_, after, _ = strings.Cut(after, `class="tag`)
			t.Errorf("%d days: want %q in %.90q", ago, want, after)
		}
	}
}
