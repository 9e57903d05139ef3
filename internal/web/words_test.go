package web_test

import (
	"bytes"
	"encoding/base64"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"amana/internal/i18n"
)

// translated is a workbook that came back with one text in it.
func translated(t testing.TB, raw []byte, words string) []byte {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := file.GetRows("texts")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if row[0] == "public.title" {
			cell, _ := excelize.CoordinatesToCellName(5, i+1)
			if err := file.SetCellStr("texts", cell, words); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func wordDoors(t testing.TB) []door {
	bad := func(b *browser) {
		raw := b.do("GET", "/settings/word/taq/workbook", nil).Body.Bytes()
		b.upload("/settings/words", "workbook", translated(t, raw, "<b>no</b>"))
	}
	return []door{
		{"languages", manyLanguages, nothing, "admin words", nowhere, []string{"/settings/words", "/settings/word/taq", "/settings/word/mey", "/settings/word/ses", "/settings/word/ff-adlm", "/settings/word/snk"}},
		{"languages, no administrator", manyLanguages, nothing, "case words", nowhere, []string{"/settings/words", "/settings/word/taq"}},
		{"a workbook that is refused", manyLanguages, nothing, "admin words", bad, []string{"/settings/words"}},
		{"no tag", manyLanguages, nothing, "admin words", failing("/settings/words/begin"), []string{"/settings/words?again=1"}},
		{"nobody signs", manyLanguages, nothing, "admin words", failing("/settings/word/taq/sign"), []string{"/settings/word/taq?again=1"}},
		{"sounds to publish", manyLanguages, nothing, "admin words", nowhere, []string{"/services/public", "/feedback"}},
	}
}

func TestEveryPage_ofWords(t *testing.T) {
	walkPages(t, wordDoors(t), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200", w.Code)
		}
		checkPage(t, lang, w.Body.String())
	})
}

// A language goes out as a workbook, comes back, is not reviewed, is signed, and is
// given up; a workbook with a fault changes nothing and is told by row.
func TestWords_journey(t *testing.T) {
	o := sampleOffice()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	desk := o.desks["admin words"]
	if to := b.post("/settings/words/begin", url.Values{"tag": {"snk"}}); to != "/settings/word/snk" {
		t.Fatalf("sent to %s", to)
	}
	for _, tag := range []string{"fra", "fr", "en", "xx-pseudo", "no tag", ""} {
		if to := b.post("/settings/words/begin", url.Values{"tag": {tag}}); !strings.HasPrefix(to, "/settings/words?again=") {
			t.Errorf("%q leads to %s", tag, to)
		}
	}
	says(t, b.get("/settings/word/snk"), "not translated yet")
	has(t, b.get("/settings/word/snk"), `href="/settings/word/snk/workbook"`)
	raw := b.do("GET", "/settings/word/snk/workbook", nil).Body.Bytes()
	if code, to := b.upload("/settings/words", "workbook", translated(t, raw, "~snk~ title")); code != 303 || to != "/settings/word/snk" {
		t.Fatalf("%d, to %s", code, to)
	}
	page := b.get("/settings/word/snk")
	says(t, page, "~snk~ title", "not reviewed", "1 of ", "not translated", "[fr]")
	silent(t, page, "⟦")

	b.upload("/settings/words", "workbook", translated(t, raw, "{name}"))
	page = b.get("/settings/words")
	says(t, page, "The workbook was not taken in", "The words in braces must be the same as in English.", "translation")
	silent(t, b.get("/settings/words"), "The workbook was not taken in")
	if got := desk.words[0].Pack.Messages["public.title"]["other"]; got != "~snk~ title" {
		t.Errorf("a refused workbook left %q", got)
	}

	b.post("/settings/word/snk/sign", url.Values{"signed_by": {"Awa Inventée"}, "sure": {"yes"}, "version": {"v0"}})
	if desk.words[0].Pack.Review != nil {
		t.Error("signed another version than was read")
	}
	b.post("/settings/word/snk/sign", url.Values{"signed_by": {"Awa Inventée"}, "sure": {"yes"}, "version": {"v1"}})
	page = b.get("/settings/word/snk")
	says(t, page, "read through by", "Awa Inventée")
	silent(t, page, "not reviewed")

	if to := b.post("/settings/word/snk/drop", nil); !strings.Contains(to, "again") || len(desk.words) != 1 {
		t.Errorf("given up unasked: %s", to)
	}
	b.post("/settings/word/snk/drop", url.Values{"sure_drop": {"yes"}})
	if len(desk.words) != 0 {
		t.Error("not given up")
	}
}

// Only an administrator brings anything in.
func TestWords_whoMay(t *testing.T) {
	b := newBrowser(t, newServer(t, manyLanguages()), "en").unlock("case words")
	page := b.get("/settings/word/taq")
	says(t, page, "~taq~ title")
	has(t, page, `<audio controls preload="none" src="/settings/word/taq/sound/public.title">`)
	hasNot(t, page, "/sign", "/drop", "/silence", `type="file"`)
	for _, path := range []string{"/settings/words", "/settings/words/sound"} {
		if code, to := b.upload(path, "workbook", []byte("x")); code != 303 || !strings.HasPrefix(to, "/sorry/403") {
			t.Errorf("%s: %d, to %s", path, code, to)
		}
	}
}

// addSound sends a sound as the form does.
func (b *browser) addSound(tag, key string, raw []byte) string {
	b.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, value := range map[string]string{"tag": tag, "key": key} {
		if err := m.WriteField(name, value); err != nil {
			b.Fatal(err)
		}
	}
	part, err := m.CreateFormFile("sound", "voice.opus")
	if err == nil {
		_, err = part.Write(raw)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/settings/words/sound", &body)
	r.Host = ourHost
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.Header.Add("Cookie", name+"="+value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w.Header().Get("Location")
}

func TestWords_sounds(t *testing.T) {
	o := manyLanguages()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	desk := o.desks["admin words"]
	if to := b.addSound("mey", "public.calls", sound()); to != "/settings/word/mey" || len(desk.words[0].Sounds) != 1 {
		t.Errorf("to %s, %d sounds", to, len(desk.words[0].Sounds))
	}
	for name, raw := range map[string][]byte{"a page": []byte("<!doctype html><p>x</p>"), "nothing": nil, "too large": append(sound(), make([]byte, 256<<10)...)} {
		if to := b.addSound("mey", "public.exit", raw); !strings.Contains(to, "again") || len(desk.words[0].Sounds) != 1 {
			t.Errorf("%s: to %s", name, to)
		}
	}
	w := b.do("GET", "/settings/word/mey/sound/public.calls", nil)
	if w.Code != 200 || w.Header().Get("Content-Type") != "audio/ogg" || !bytes.Equal(w.Body.Bytes(), sound()) {
		t.Errorf("%d %s", w.Code, w.Header().Get("Content-Type"))
	}
	if h := w.Header(); h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "media-src 'self'") {
		t.Errorf("headers %v", h)
	}
	if w := b.do("GET", "/settings/word/mey/sound/public.exit", nil); w.Code != http.StatusNotFound {
		t.Errorf("a sound that is not there: %d", w.Code)
	}
	b.post("/settings/word/mey/silence", url.Values{"key": {"public.calls"}})
	if len(desk.words[0].Sounds) != 0 {
		t.Error("the sound is still there")
	}
}

// The page for everyone speaks the languages that were brought, says where it falls
// back and what nobody has read through, and carries only sounds that were published.
func TestPublicPage_inBroughtLanguages(t *testing.T) {
	o := manyLanguages()
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	b.post("/services/public", url.Values{"truth": {"free"}})
	page := b.get("/help")
	for tag, dir := range map[string]string{"mey": "rtl", "taq": "ltr", "ffm": "ltr", "ses": "ltr", "ff-Adlm": "rtl"} {
		part := sectionOf(page, tag)
		has(t, part, `lang="`+tag+`" dir="`+dir+`"`, "~"+tag+"~ title")
		near := "[fr]"
		if tag == "mey" {
			near = "[ar]"
		}
		says(t, part, near)
		hasNot(t, part, "⟦", "ZgotmplZ")
		if reviewed := tag == "ses"; strings.Contains(part, "⚠") == reviewed {
			t.Errorf("%s: reviewed %t, and the page says otherwise", tag, reviewed)
		}
		if strings.Contains(page, `<a href="#fr">`+"Self "+tag) {
			t.Errorf("%s is brought, and told as missing", tag)
		}
	}
	says(t, sectionOf(page, "taq"), "C’est gratuit.")
	hasNot(t, page, "<audio", "Tamasheq →", "Awa Inventée")
	says(t, page, "Sooninkanxanne →")
	for _, part := range []string{"en", "fr", "ar"} {
		silent(t, sectionOf(page, part), "[fr]", "[ar]", "[en]")
	}

	b.post("/services/public", url.Values{"truth": {"free"}, "sound": {"taq"}})
	w := b.do("GET", "/help", nil)
	page = w.Body.String()
	want := `src="data:audio/ogg;base64,` + base64.StdEncoding.EncodeToString(sound()) + `"`
	if strings.Count(page, "<audio") != 1 || !strings.Contains(sectionOf(page, "taq"), want) {
		t.Errorf("%d sounds", strings.Count(page, "<audio"))
	}
	for _, policy := range []string{w.Header().Get("Content-Security-Policy"), page} {
		if !strings.Contains(policy, "media-src data:;") {
			t.Error("the policy does not let the page play its own sounds")
		}
	}
}

// has and hasNot look at the page with its markup.
func has(t *testing.T, page string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func hasNot(t *testing.T, page string, all ...string) {
	t.Helper()
	for _, not := range all {
		if strings.Contains(page, not) {
			t.Errorf("the page has %s", not)
		}
	}
}

func sectionOf(page, tag string) string {
	_, part, _ := strings.Cut(page, `<section id="`+tag+`"`)
	part, _, _ = strings.Cut(part, "</section>")
	return part
}

// In a client's hands the page speaks the language that she asked for, and says what it
// has no words for and what nobody has read through.
func TestFeedback_inHerWords(t *testing.T) {
	for _, test := range []struct {
		tag, dir, near string
		read           bool
	}{{"taq", "ltr", "[fr]", false}, {"mey", "rtl", "[ar]", false}, {"ses", "ltr", "[fr]", true}} {
		b := newBrowser(t, newServer(t, manyLanguages()), "en").unlock("admin words")
		b.post("/feedback/hand", url.Values{"team": {teamID(1).String()}, "words": {test.tag}})
		page := b.get("/feedback/own")
		has(t, page, `<html lang="`+test.tag+`" dir="`+test.dir+`">`, "~"+test.tag+"~ done", test.near)
		hasNot(t, page, "⟦", "ZgotmplZ")
		if strings.Contains(page, `class="note warning"`) == test.read {
			t.Errorf("%s: read through %t, and the page says otherwise", test.tag, test.read)
		}
		if to := b.post("/feedback/own", url.Values{"staff_friendly": {"false"}}); to != "/feedback/thanks" {
			t.Errorf("sent to %s", to)
		}
		has(t, b.get("/feedback/thanks"), `<html lang="`+test.tag+`"`, test.near)
		b.post("/language", url.Values{"language": {"fr"}})
		has(t, b.get("/feedback/thanks"), `<html lang="fr"`)
	}
}
