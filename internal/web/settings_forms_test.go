package web_test

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"amana/internal/i18n"
	"amana/internal/xlsform"
)

// sheetOf makes a workbook with one form of these rows.
func sheetOf(t testing.TB, id string, rows ...[]any) []byte {
	t.Helper()
	file := excelize.NewFile()
	defer file.Close()
	for _, name := range []string{"survey", "settings"} {
		if _, err := file.NewSheet(name); err != nil {
			t.Fatal(err)
		}
	}
	put := func(sheet string, n int, row []any) {
		if err := file.SetSheetRow(sheet, fmt.Sprintf("A%d", n), &row); err != nil {
			t.Fatal(err)
		}
	}
	put("settings", 1, []any{"form_id", "version", "form_title", "amana_record"})
	put("settings", 2, []any{id, "2026-1", "Water and wood", "case"})
	put("survey", 1, []any{"type", "name", "label", "relevant"})
	for i, row := range rows {
		put("survey", i+2, row)
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload sends a file as a browser does, and returns the status and where to go.
func (b *browser) upload(target, name string, raw []byte) (int, string) {
	b.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile(name, "mine.xlsx")
	if err == nil {
		_, err = part.Write(raw)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
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

func ownForm(t testing.TB) []byte {
	return sheetOf(t, "wash", []any{"text", "water_point", "Which water point", ""}, []any{"integer", "hours_wood", "Hours to fetch wood", "${water_point} != ''"},
		[]any{"deviceid", "device", "", ""})
}

func brokenForm(t testing.TB) []byte {
	return sheetOf(t, "wash", []any{"text", "a b", "A", ""}, []any{"integer", "c", "C", "${nowhere} = 1"})
}

func formPath(id string) string {
	h := fnv.New32a()
	fmt.Fprint(h, id)
	return fmt.Sprintf("/settings/form/%08x", h.Sum32())
}

func formDoors(t testing.TB) []door {
	bring := func(raw []byte) func(*browser) {
		return func(b *browser) { b.upload("/settings/forms", "workbook", raw) }
	}
	return []door{
		{"forms", sampleOffice, nothing, "admin words", nowhere, []string{"/settings/forms", formPath("unread"), formPath("identity")}},
		{"forms, no administrator", sampleOffice, nothing, "case words", nowhere, []string{"/settings/forms", formPath("identity")}},
		{"a form to try", sampleOffice, nothing, "admin words", bring(ownForm(t)), []string{"/settings/forms/trial", "/settings/forms"}},
		{"a form that is refused", sampleOffice, nothing, "admin words", bring(brokenForm(t)), []string{"/settings/forms/trial"}},
		{"no file", sampleOffice, nothing, "admin words", bring(nil), []string{"/settings/forms?again=1"}},
		{"not restored", sampleOffice, nothing, "admin words", failing(formPath("unread") + "/restore"), []string{formPath("unread") + "?again=1"}},
	}
}

func TestForms_everyPage(t *testing.T) {
	walkPages(t, formDoors(t), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200", w.Code)
		}
		checkPage(t, lang, w.Body.String())
		if n := b.wire(path); n > laterLoad {
			t.Errorf("%d bytes, want at most %d", n, laterLoad)
		}
	})
}

// A workbook is seen before it is adopted, waits in memory meanwhile, and is gone
// afterwards.
func TestForms_uploadLookAdopt(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	office := sampleOffice()
	b := newBrowser(t, newServer(t, office), "en")
	b.unlock("admin words")
	if code, to := b.upload("/settings/forms", "workbook", ownForm(t)); code != 303 || to != "/settings/forms/trial" {
		t.Fatalf("uploaded: %d %s", code, to)
	}
	page := b.get("/settings/forms/trial")
	for _, want := range []string{"Water and wood", "Which water point", "Hours to fetch wood", "would name a device", "row 4"} {
		if !strings.Contains(page, want) {
			t.Errorf("the preview has no %q", want)
		}
	}
	if did := office.desks["admin words"].did; len(did) > 0 {
		t.Errorf("looking at it did %v", did)
	}
	if to := b.post("/settings/forms/trial", nil); to != "/settings/forms" {
		t.Errorf("adopted: goes to %s", to)
	}
	if did := office.desks["admin words"].did; len(did) != 1 || did[0] != "adopt form" {
		t.Errorf("did %v, want the adoption", did)
	}
	if w := b.do("GET", "/settings/forms/trial", nil); w.Code != 303 {
		t.Error("the workbook still waits")
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left on the disk: %v (%v)", left, err)
	}
}

func TestForms_refused(t *testing.T) {
	office := sampleOffice()
	b := newBrowser(t, newServer(t, office), "en")
	b.unlock("admin words")
	b.upload("/settings/forms", "workbook", brokenForm(t))
	page := b.get("/settings/forms/trial")
	for _, want := range []string{"cannot be a name", "${nowhere}", "row 3", "column relevant"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report has no %q", want)
		}
	}
	if strings.Contains(page, `action="/settings/forms/trial"`) {
		t.Error("it can be adopted all the same")
	}
	b.post("/settings/forms/trial", nil)
	b.post("/settings/forms/trial/drop", nil)
	if did := office.desks["admin words"].did; len(did) > 0 {
		t.Errorf("did %v, want nothing", did)
	}
	for name, raw := range map[string][]byte{"nothing": nil, "too much": make([]byte, xlsform.LargestWorkbook+1), "far too much": make([]byte, 3*xlsform.LargestWorkbook)} {
		if code, to := b.upload("/settings/forms", "workbook", raw); code != 303 || !strings.HasPrefix(to, "/settings/forms?again=") {
			t.Errorf("%s: %d %s, want back to the form", name, code, to)
		}
	}
	if code, _ := b.upload("/settings/idle", "workbook", []byte("x")); code != 415 {
		t.Errorf("a file where none is asked for: %d, want 415", code)
	}
	worker := newBrowser(t, newServer(t, sampleOffice()), "en")
	worker.unlock("case words")
	if _, to := worker.upload("/settings/forms", "workbook", ownForm(t)); to != "/sorry/403" {
		t.Errorf("a caseworker's upload goes to %s, want refused", to)
	}
}

func TestForms_takeOutAndGoBack(t *testing.T) {
	office := sampleOffice()
	b := newBrowser(t, newServer(t, office), "en")
	b.unlock("admin words")
	w := b.do("GET", formPath("identity")+"/workbook", nil)
	if f, problems := xlsform.Read(w.Body.Bytes()); f == nil || f.ID != "identity" {
		t.Errorf("the workbook cannot be read: %v", problems)
	}
	if name := w.Header().Get("Content-Disposition"); strings.Contains(name, "identity") {
		t.Errorf("the file's name tells: %s", name)
	}
	if w := b.do("GET", formPath("unread")+"/original", nil); w.Code != 404 {
		t.Errorf("the project has no such form, and answers %d", w.Code)
	}
	b.post(formPath("unread")+"/restore", url.Values{})
	if did := office.desks["admin words"].did; len(did) > 0 {
		t.Errorf("did %v without being sure", did)
	}
	b.post(formPath("unread")+"/restore", url.Values{"sure": {"yes"}})
	if did := office.desks["admin words"].did; len(did) != 1 || did[0] != "restore form unread" {
		t.Errorf("did %v, want to restore", did)
	}
}
