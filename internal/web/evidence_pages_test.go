package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

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
	refused := func(b *browser) {
		b.post(evidenceOfCase+"/thing", url.Values{})
		b.post(evidenceAt(51)+"/custody", url.Values{})
		b.post(evidenceAt(51)+"/copy", url.Values{"regions": {"1 2"}})
		b.post(evidenceOfCase+"/dossier", url.Values{})
		b.uploadFields(evidenceOfCase, nil, nil)
	}
	return []door{
		{"evidence", sampleOffice, nothing, "admin words", nowhere, []string{
			evidenceOfCase, evidenceOfCase + "/new", evidenceOfCase + "/thing", evidenceOfCase + "/dossier",
			evidenceAt(51), evidenceAt(52), evidenceAt(53), evidenceAt(54), evidenceAt(55), evidenceAt(56),
		}},
		{"no evidence", empty, nothing, "admin words", nowhere, []string{evidenceOfCase, evidenceOfCase + "/dossier"}},
		{"a dossier that waits", ready, nothing, "admin words", nowhere, []string{evidenceOfCase, evidenceOfCase + "/dossier"}},
		{"refused", sampleOffice, nothing, "admin words", refused, []string{
			evidenceOfCase + "/thing?again=1", evidenceAt(51) + "?again=2", evidenceAt(51) + "?again=3", evidenceOfCase + "/dossier?again=4", evidenceOfCase + "/new?again=5",
		}},
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
	b.post(evidenceAt(51)+"/copy", url.Values{"regions": {"0 0 50 50\n\n١٠ 10 2.5 3,5\n"}})
	if len(d.covered) != 2 || d.covered[0] != (casework.Region{Width: 500, Height: 500}) || d.covered[1] != (casework.Region{Left: 100, Top: 100, Width: 25, Height: 35}) {
		t.Errorf("%v", d.covered)
	}
	for _, bad := range []string{"1 2 3", "a b c d", "0 0 101 5", "90 0 20 5", "NaN 0 1 1", "0 0 0 0"} {
		d.covered = nil
		to := b.post(evidenceAt(51)+"/copy", url.Values{"regions": {bad}})
		if d.covered != nil || !strings.Contains(to, "again=") {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestDossier_isMadeFetchedAndDropped(t *testing.T) {
	b, d := atWork(t)
	d.dossierRefusal = &release.RefusedError{Why: "release.refused.not_asked"}
	page := b.get(b.post(evidenceOfCase+"/dossier", url.Values{"recipient": {"The court"}, "items": {recordID(51).String()}}))
	if !strings.Contains(words(page), "did not agree") || !strings.Contains(page, "The court") {
		t.Error("it does not say why nothing left")
	}
	d.dossierRefusal = nil
	b.post(evidenceOfCase+"/dossier", url.Values{"recipient": {"The court"}, "items": {recordID(51).String(), recordID(52).String()}})
	if len(d.dossierPlan.Items) != 2 || d.dossierPlan.Recipient.Reveal() != "The court" || d.dossierPlan.Tongue.Words("report.title") == "report.title" {
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
