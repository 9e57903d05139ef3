package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/release"
)

var evidenceOfCase = theCase + "/evidence"

func evidenceAt(n byte) string { return evidenceOfCase + "/" + recordID(n).String() }

func evidenceDoors() []door {
	empty := func() *fakeOffice {
		o := sampleOffice()
		o.desks["admin words"].evidenceItems = []casework.Evidence{}
		return o
	}
	ready := func() *fakeOffice {
		o := sampleOffice()
		o.desks["admin words"].dossierReady = []byte("x")
		return o
	}
	bulk := func() *fakeOffice {
		o := sampleOffice()
		o.desks["admin words"].dossierNeeds = "release.quorum.bulk"
		return o
	}
	asked := func() *fakeOffice {
		o := sampleOffice()
		o.desks["admin words"].authority = casework.Authority{Address: "https://stamps.example/tsa", Trust: []byte("-----BEGIN")}
		return o
	}
	planned := func(b *browser) {
		b.post(evidenceOfCase+"/dossier", url.Values{"recipient": {"The <court>"}, "items": {recordID(51).String(), recordID(52).String()}})
	}
	ofClaim := anIncident + "/evidence"
	refused := func(b *browser) {
		b.post(evidenceOfCase+"/thing", url.Values{})
		b.post(evidenceAt(51)+"/custody", url.Values{})
		b.post(evidenceAt(51)+"/copy", url.Values{"regions": {"1 2"}})
		b.post(evidenceOfCase+"/dossier", url.Values{})
		b.uploadFields(evidenceOfCase, nil, nil)
		b.post("/stamps/authority", url.Values{"address": {"wrong"}})
	}
	return []door{
		{"evidence", sampleOffice, nothing, "admin words", nowhere, []string{
			evidenceOfCase, evidenceOfCase + "/new", evidenceOfCase + "/thing", evidenceOfCase + "/dossier",
			evidenceAt(51), evidenceAt(52), evidenceAt(53), evidenceAt(54), evidenceAt(55), evidenceAt(56),
		}},
		{"no evidence", empty, nothing, "admin words", nowhere, []string{evidenceOfCase, evidenceOfCase + "/dossier"}},
		{"a dossier that waits", ready, nothing, "admin words", nowhere, []string{evidenceOfCase, evidenceOfCase + "/dossier"}},
		{"refused", sampleOffice, nothing, "admin words", refused, []string{
			evidenceOfCase + "/thing?again=1", evidenceAt(51) + "?again=2", evidenceAt(51) + "?again=3", evidenceOfCase + "/dossier?again=4", evidenceOfCase + "/new?again=5", "/stamps?again=6",
		}},
		{"what would leave", sampleOffice, nothing, "admin words", planned, []string{evidenceOfCase + "/dossier/check"}},
		{"what needs others", bulk, nothing, "admin words", planned, []string{evidenceOfCase + "/dossier/check"}},
		{"evidence of a claim", sampleOffice, nothing, "admin words", nowhere, []string{
			ofClaim, ofClaim + "/new", ofClaim + "/thing", ofClaim + "/dossier", ofClaim + "/" + recordID(51).String(),
		}},
		{"timestamps", sampleOffice, nothing, "admin words", nowhere, []string{"/stamps"}},
		{"timestamps of an authority", asked, nothing, "admin words", nowhere, []string{"/stamps"}},
	}
}

func TestEvidence_everyPage(t *testing.T) {
	walkPages(t, evidenceDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d to %q, want 200", w.Code, w.Header().Get("Location"))
		}
		checkPage(t, lang, w.Body.String())
		if n := b.wire(path); n > laterLoad {
			t.Errorf("%d bytes, want at most %d", n, laterLoad)
		}
	})
}

// uploadFields sends a form with a file as a browser does.
func (b *browser) uploadFields(target string, fields map[string]string, raw []byte) (int, string) {
	b.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := m.WriteField(name, value); err != nil {
			b.Fatal(err)
		}
	}
	if raw != nil {
		part, err := m.CreateFormFile("file", "../../x\u202egnp.png")
		if err == nil {
			_, err = part.Write(raw)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("POST", target, &body)
	r.Host = ourHost
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.Header.Add("Cookie", name+"="+value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Location")
}

func TestEvidence_isTakenInAsItComes(t *testing.T) {
	b, d := atWork(t)
	raw := bytes.Repeat([]byte("more than any form may have "), 400_000)
	code, to := b.uploadFields(evidenceOfCase, map[string]string{"title": "A film", "how": "collected", "word_place": "the clinic"}, raw)
	if code != 303 || to != evidenceAt(51) || !bytes.Equal(d.fileTaken, raw) {
		t.Fatalf("%d to %s, %d bytes", code, to, len(d.fileTaken))
	}
	if d.newItem.Event != "collected" || d.newItem.Words["place"].Reveal() != "the clinic" || d.newItem.Values["title"].Reveal() != "A film" {
		t.Errorf("%+v", d.newItem)
	}
	if code, to := b.uploadFields(evidenceOfCase, map[string]string{"title": "x"}, nil); code != 303 || !strings.Contains(to, "/new?again=") {
		t.Errorf("without a file: %d to %s", code, to)
	}
	if code, _ := b.uploadFields("/cases", nil, []byte("x")); code != http.StatusUnsupportedMediaType {
		t.Errorf("a file where none is taken in: %d", code)
	}
}

// Whatever a file is, it cannot run, and a browser that is asked to open it does not.
func TestEvidence_isSentSoThatItCannotRun(t *testing.T) {
	for name, tc := range map[string]struct {
		content   string
		kind, how string
	}{
		"a picture":                {string(picture()), "image/png", "inline"},
		"a drawing with a script":  {`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "application/octet-stream", "attachment"},
		"a page":                   {"<!doctype html><script>alert(1)</script>", "application/octet-stream", "attachment"},
		"a document with a script": {"%PDF-1.7 /OpenAction", "application/octet-stream", "attachment"},
		"an archive":               {"PK\x03\x04", "application/octet-stream", "attachment"},
		"a picture that is a page": {"GIF89a/*<script>alert(1)</script>*/", "image/gif", "inline"},
		"nothing":                  {"", "application/octet-stream", "attachment"},
	} {
		b, d := atWork(t)
		d.fileContent = []byte(tc.content)
		w := b.do("GET", evidenceAt(51)+"/file", nil)
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Type") != tc.kind || !strings.HasPrefix(h.Get("Content-Disposition"), tc.how+`; filename="file.`) {
			t.Errorf("%s: %d, %s, %s", name, w.Code, h.Get("Content-Type"), h.Get("Content-Disposition"))
		}
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "sandbox") || strings.Contains(policy, "script") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", name, h)
		}
		if !bytes.Equal(w.Body.Bytes(), d.fileContent) {
			t.Errorf("%s: %d bytes", name, w.Body.Len())
		}
	}
}

func TestEvidence_isSentInParts(t *testing.T) {
	b, d := atWork(t)
	d.fileContent = append([]byte("OggS"), bytes.Repeat([]byte{1, 2, 3}, 100_000)...)
	r := httptest.NewRequest("GET", evidenceAt(53)+"/file", nil)
	r.Host = ourHost
	r.Header.Set("Range", "bytes=70000-70009")
	for name, value := range b.cookies {
		r.Header.Add("Cookie", name+"="+value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if w.Code != http.StatusPartialContent || !bytes.Equal(w.Body.Bytes(), d.fileContent[70000:70010]) {
		t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestEvidence_customAndCopies(t *testing.T) {
	b, d := atWork(t)
	b.post(evidenceAt(51)+"/custody", url.Values{"event": {"sealed"}, "word_reason": {"for the road"}})
	if d.custodyNoted != "sealed for the road" {
		t.Errorf("noted %q", d.custodyNoted)
	}
	b.post(evidenceAt(51)+"/copy", url.Values{"regions": {"0 0 50 50\n\n١٠ 10 2.5 3,5\n2 0 0 100 50"}, "leave": {"2, ٤-6"}, "mute": {"1:15 1:20,5\n1:00:00 3601"}})
	want := casework.CopyPlan{
		Cover: []casework.Region{{Width: 500, Height: 500}, {Left: 100, Top: 100, Width: 25, Height: 35}, {Page: 2, Width: 1000, Height: 500}},
		Leave: []int{2, 4, 5, 6},
		Mute:  []casework.Span{{From: 75 * time.Second, To: 80500 * time.Millisecond}, {From: time.Hour, To: time.Hour + time.Second}},
	}
	if !reflect.DeepEqual(d.copied, want) {
		t.Errorf("%+v", d.copied)
	}
	for name, list := range map[string][]string{
		"regions": {"1 2 3", "a b c d", "0 0 101 5", "90 0 20 5", "NaN 0 1 1", "0 0 0 0", "0 1 1 1 1", "-1 1 1 1 1"},
		"leave":   {"0", "x", "5-2", "1-99999999", "-3", "1-"},
		"mute":    {"5", "2 1", "a b", "1:2:3:4 5", "-1 5", "NaN 5", "1 2 3", "1e99 2e99"},
	} {
		for _, bad := range list {
			d.copied = casework.CopyPlan{}
			to := b.post(evidenceAt(51)+"/copy", url.Values{name: {bad}})
			if !reflect.DeepEqual(d.copied, casework.CopyPlan{}) || !strings.Contains(to, "again=") {
				t.Errorf("%s: %q was taken", name, bad)
			}
		}
	}
	if page := b.get(b.post(evidenceAt(51)+"/copy", url.Values{"leave": {"1-20"}})); !strings.Contains(words(page), "no such copy can be made") {
		t.Error("it does not say that it cannot be done")
	}
}

// Evidence is kept for records that stand alone as for cases, and says which incident
// of a case it is about.
func TestEvidence_ofRecordsThatStandAloneAndOfIncidents(t *testing.T) {
	b, d := atWork(t)
	at := anIncident + "/evidence"
	code, to := b.uploadFields(at, map[string]string{"title": "A film", "how": "received"}, []byte("a film"))
	if code != 303 || to != at+"/"+recordID(51).String() || d.newItem.Case != recordID(71) || string(d.fileTaken) != "a film" {
		t.Errorf("%d to %s, for %s", code, to, d.newItem.Case)
	}
	if page := b.get(at); strings.Contains(page, "/cases/") || !strings.Contains(page, at+"/new") {
		t.Error("its page leads to a case")
	}
	b.post(at+"/dossier", url.Values{"recipient": {"The court"}, "items": {recordID(51).String()}})
	b.post(at+"/dossier/check", url.Values{})
	if !d.dossierPlan.Alone || d.dossierPlan.Case != recordID(71) {
		t.Errorf("%+v", d.dossierPlan)
	}
	b.post(evidenceAt(51)+"/incident", url.Values{"incident": {recordID(7).String()}})
	if d.about != recordID(7) {
		t.Errorf("about %s", d.about)
	}
	if w := b.do("POST", evidenceAt(51)+"/incident", url.Values{"incident": {"x"}}); w.Header().Get("Location") != "/sorry/404" || d.about != recordID(7) {
		t.Errorf("about what is no incident: %d to %s", w.Code, w.Header().Get("Location"))
	}
}

func TestStamps_areAskedForAndSaidHonestly(t *testing.T) {
	b, d := atWork(t)
	page := words(b.get("/stamps"))
	for _, said := range []string{"is not proven by anybody", "Waits", "Does not verify", "was not checked", "leads to a certificate", "none is set"} {
		if !strings.Contains(page, said) {
			t.Errorf("it does not say %q", said)
		}
	}
	if strings.Contains(words(b.get(b.post("/stamps/ask", nil))), "confirmed.") {
		t.Error("without an authority something was confirmed")
	}
	b.post("/stamps/authority", url.Values{"address": {"https://stamps.example"}, "trust": {"-----BEGIN CERTIFICATE-----"}})
	if d.authority.Address != "https://stamps.example" || len(d.authority.Trust) == 0 {
		t.Errorf("%+v", d.authority)
	}
	if !strings.Contains(words(b.get(b.post("/stamps/ask", nil))), "2 batches were confirmed") {
		t.Error("it does not say what was confirmed")
	}
	for kind, said := range map[error]string{amana.ErrNotFound: "cannot be reached", amana.ErrTampered: "does not verify and was not kept", amana.ErrRefused: "gave no answer"} {
		d.authorityFails = kind
		if !strings.Contains(words(b.get(b.post("/stamps/ask", nil))), said) {
			t.Errorf("%v: it does not say %q", kind, said)
		}
	}
}

func TestDossier_showsWhatWouldLeaveBeforeItDoes(t *testing.T) {
	b, d := atWork(t)
	plan := url.Values{"recipient": {"The court"}, "items": {recordID(51).String(), recordID(52).String()}}
	to := b.post(evidenceOfCase+"/dossier", plan)
	page := words(b.get(to))
	for _, said := range []string{"The court", "A drawing", "بلدية", "not before the trial", "Custody"} {
		if !strings.Contains(page, said) {
			t.Errorf("%s does not say %q", to, said)
		}
	}
	if d.dossierReady != nil {
		t.Error("looking let it leave")
	}
	d.dossierNeeds = "release.quorum.bulk"
	if page := words(b.get(to)); !strings.Contains(page, "Ask others") || strings.Contains(page, "cannot be called back") {
		t.Error("what needs others can be made")
	}
	if again := b.post(to, url.Values{"do": {"propose"}}); !strings.Contains(again, "again=") {
		t.Error("others were asked without a reason")
	}
	if asked := b.post(to, url.Values{"do": {"propose"}, "reason": {"the court asked"}}); asked != "/releases/r/"+recordID(91).String() {
		t.Errorf("asked: to %s", asked)
	}
	if gone := b.do("GET", to, nil); gone.Code != 303 {
		t.Error("the plan is still on the shelf")
	}
}

// What somebody wrote beside a box has a direction of its own: a Latin condition on an
// Arabic page keeps its full stop behind it.
func TestBox_isolatesWhatSomebodyWrote(t *testing.T) {
	b, _ := atWork(t)
	b.post("/language", url.Values{"language": {"ar"}})
	plan := url.Values{"recipient": {"The court"}, "items": {recordID(51).String()}}
	page := b.get(b.post(evidenceOfCase+"/dossier", plan))
	if !strings.Contains(page, `dir="rtl"`) || !strings.Contains(page, `name="met"`) {
		t.Fatal("no condition on an Arabic page")
	}
	if bare := regexp.MustCompile(`<label class="tick"><input [^>]*name="met"[^>]*><span>[^<][^/]*/`).FindString(page); bare != "" {
		t.Errorf("its direction is the page's: %s", bare)
	}
	if !strings.Contains(page, `<span><bdi>not before the trial &lt;b&gt;</bdi>`) {
		t.Error("the condition does not stand by itself")
	}
}

func TestDossier_isMadeFetchedAndDropped(t *testing.T) {
	b, d := atWork(t)
	d.dossierRefusal = &release.RefusedError{Why: "release.refused.not_asked"}
	check := evidenceOfCase + "/dossier/check"
	b.post(evidenceOfCase+"/dossier", url.Values{"recipient": {"The court"}, "items": {recordID(51).String()}})
	page := b.get(b.post(check, nil))
	if !strings.Contains(words(page), "was not asked") || !strings.Contains(page, "The court") {
		t.Error("it does not say why nothing left")
	}
	d.dossierRefusal = nil
	b.post(evidenceOfCase+"/dossier", url.Values{"recipient": {"The court"}, "items": {recordID(51).String(), recordID(52).String()}})
	b.post(check, url.Values{"do": {"make"}, "met": {"not before the trial <b>"}})
	if len(d.dossierPlan.Items) != 2 || len(d.dossierPlan.Met) != 1 || d.dossierPlan.Recipient.Reveal() != "The court" || d.dossierPlan.Tongue.Words("report.title") == "report.title" {
		t.Errorf("%+v", d.dossierPlan)
	}
	got := b.do("GET", evidenceOfCase+"/dossier/file", nil)
	if got.Body.String() != "PK a dossier" || !strings.Contains(got.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	b.post(evidenceOfCase+"/dossier/drop", nil)
	if d.dossierReady != nil || b.do("GET", evidenceOfCase+"/dossier/file", nil).Code != 404 {
		t.Error("it is still there")
	}
}
