package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"amana/internal/casework"
	"amana/internal/i18n"
)

const importedTable = "Name;Sex;Incident date;Own\nA Person;F;01/02/2026;x\nB Person;femme;03/04/2026;y\n"

func bring(b *browser) { b.upload("/import", "file", []byte(importedTable)) }

func tried(b *browser) {
	bring(b)
	b.post("/import/plan", url.Values{"team": {teamID(1).String()}, "status": {"closed"}})
}

func taken(b *browser) { tried(b); b.post("/import/take", url.Values{"rest": {"later"}}) }

func importDoors() []door {
	busy := func() *fakeOffice {
		o := sampleOffice()
		o.desks["admin words"].stays = true
		return o
	}
	ready := func(b *browser) {
		b.post(anExport+"/check", nil)
	}
	stands := func(state string) func() *fakeOffice {
		return func() *fakeOffice {
			o := sampleOffice()
			o.desks["admin words"].exportState = state
			return o
		}
	}
	return []door{
		{"nothing brought", sampleOffice, nothing, "admin words", nowhere, []string{"/import", "/import/export"}},
		{"no file", sampleOffice, nothing, "admin words", func(b *browser) { b.upload("/import", "other", nil) }, []string{"/import?again=1"}},
		{"a file that is read", busy, nothing, "admin words", bring, []string{"/import/progress"}},
		{"a file to plan", sampleOffice, nothing, "admin words", bring, []string{"/import/plan", "/import/column/1", "/import/column/2", "/import/column/3", "/import/column/4"}},
		{"no team", sampleOffice, nothing, "admin words", func(b *browser) { bring(b); b.post("/import/plan", nil) }, []string{"/import/plan?again=1"}},
		{"tried", sampleOffice, nothing, "admin words", tried, []string{"/import/report", "/import/doubts/1", "/import/doubts/11"}},
		{"taken", sampleOffice, nothing, "admin words", taken, []string{"/import/report"}},
		{"stopped", sampleOffice, nothing, "admin words", func(b *browser) { tried(b); b.post("/import/stop", nil) }, []string{"/import/report"}},
		{"to be fetched", sampleOffice, nothing, "admin words", ready, []string{"/import/export"}},
		{"put forward", stands("proposed"), nothing, "admin words", nowhere, []string{anExport, "/import/export"}},
		{"a workbook that left", stands("left"), nothing, "admin words", nowhere, []string{anExport}},
		{"a workbook that was written over", stands("stopped"), nothing, "admin words", nowhere, []string{anExport}},
		{"to nobody", sampleOffice, nothing, "admin words", failing("/import/export"), []string{"/import/export?again=1"}},
	}
}

func TestImport_everyPage(t *testing.T) {
	walkPages(t, importDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
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

// A file is looked at, its columns are named, what may be here already is decided, and
// only then is it taken in.
func TestImport_step(t *testing.T) {
	office := sampleOffice()
	b := newBrowser(t, newServer(t, office), "en")
	b.unlock("admin words")
	desk := office.desks["admin words"]
	if code, to := b.upload("/import", "file", []byte(importedTable)); code != 303 || to != "/import/progress" {
		t.Fatalf("uploaded: %d %s", code, to)
	}
	page := b.get("/import/plan")
	for _, want := range []string{"Incident date", "Day or month first?", "kept as it is"} {
		if !strings.Contains(page, want) {
			t.Errorf("the plan has no %q", want)
		}
	}
	if to := b.post("/import/column/3", url.Values{"field": {"incident_date"}, "dates": {"day_first"}}); to != "/import/plan" {
		t.Errorf("column: to %s", to)
	}
	if to := b.post("/import/column/4", url.Values{"field": {"incident_description"}}); to != "/import/column/4" {
		t.Errorf("another field: to %s", to)
	}
	if to := b.post("/import/plan", url.Values{"team": {teamID(1).String()}, "status": {"open"}, "update": {"yes"}}); to != "/import/progress" {
		t.Errorf("tried: to %s", to)
	}
	m := desk.plan.Mapping
	if m.Columns[2].Dates != "day_first" || m.Columns[3].Field != "incident_description" || !desk.plan.Update || desk.plan.Status != "open" {
		t.Errorf("plan: %+v", desk.plan)
	}
	if to := b.post("/import/doubts/1", url.Values{"row_11": {"incident"}, "row_12": {"different"}, "row_13": {"nonsense"}}); to != "/import/doubts/11" {
		t.Errorf("decided: to %s", to)
	}
	if desk.answers[11] != casework.SameIncident || desk.answers[12] != casework.Different || desk.answers[13] != "" {
		t.Errorf("answers: %v", desk.answers)
	}
	b.post("/import/take", url.Values{"rest": {"different"}})
	if desk.phase != casework.ImportTaken || desk.plan.Rest != casework.Different {
		t.Errorf("taken: %s %s", desk.phase, desk.plan.Rest)
	}
	b.post("/import/drop", nil)
	if _, there := desk.ImportState(); there {
		t.Error("the file is still there")
	}
}

// Watching an import is no sign of life, and needs no script.
func TestImport_progressIsNoSignOfLife(t *testing.T) {
	office := sampleOffice()
	office.desks["admin words"].stays = true
	b := newBrowser(t, newServer(t, office), "en")
	if w := b.do("GET", "/import/progress", nil); w.Header().Get("Location") != "/unlock" {
		t.Errorf("a stranger is shown %d", w.Code)
	}
	b.unlock("admin words")
	bring(b)
	w := b.do("GET", "/import/progress", nil)
	if w.Header().Get("Refresh") != "2" || !strings.Contains(w.Body.String(), "120 of 480 rows") {
		t.Errorf("refresh %q", w.Header().Get("Refresh"))
	}
}

var anExport = "/import/export/p/" + recordID(60).String()

// A workbook is put forward, others answer, and what was agreed to is prepared by a POST
// and fetched from there.
func TestExport_askPrepareAndFetch(t *testing.T) {
	o := sampleOffice()
	desk := o.desks["admin words"]
	desk.exportState = "proposed"
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if w := b.do("GET", "/import/export/file", nil); w.Code != 404 {
		t.Errorf("nothing prepared: status %d", w.Code)
	}
	ask := url.Values{"team": {teamID(1).String()}, "recipient": {"Task force"}, "language": {"en"}}
	if to := b.post("/import/export", ask); !strings.HasPrefix(to, "/import/export?") {
		t.Errorf("without a reason: to %s", to)
	}
	ask.Set("reason", "Monthly.")
	if to := b.post("/import/export", ask); to != anExport || desk.exportAsked.Recipient != "Task force" {
		t.Fatalf("put forward: to %s, %+v", to, desk.exportAsked)
	}
	says(t, b.get("/import/export"), "Workbooks that were put forward", "Groupe de travail")
	says(t, b.get(anExport), "19 incidents", "Approve", "Object", "exactly these rows")
	b.post(anExport+"/answer", url.Values{"answer": {"approve"}, "reason": {"Seen."}})
	b.post(anExport+"/answer", url.Values{"answer": {"object"}, "reason": {"No."}})
	if !slices.Equal(desk.exportAnswers, []bool{true, false}) {
		t.Errorf("answers: %v", desk.exportAnswers)
	}
	desk.noExport = &casework.Refusal{Key: "release.refused.quorum"}
	if to := b.post(anExport+"/check", nil); !strings.HasPrefix(to, anExport) || !strings.Contains(b.get(to), "Others have to approve first.") {
		t.Errorf("without approvals: to %s", to)
	}
	desk.noExport = nil
	if to := b.post(anExport+"/check", nil); to != "/import/export" {
		t.Fatalf("prepared: to %s", to)
	}
	w := b.do("GET", "/import/export/file", nil)
	if w.Code != 200 || w.Body.String() != "a workbook to Task force" || !strings.Contains(w.Header().Get("Content-Disposition"), "espace.xlsx") {
		t.Errorf("fetched: %d %s", w.Code, w.Header())
	}
}
