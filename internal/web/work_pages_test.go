package web_test

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/task"
)

const theWork = "/work"

func workDoors() []door {
	veiled := func() *fakeOffice {
		o := sampleOffice()
		f := sampleFile()
		f.Identity, f.Work.Veiled, f.Work.Transfers, f.Work.Owner = nil, true, nil, amana.MemberID{}
		for _, d := range o.desks {
			d.file = &f
			d.dues = &casework.DueList{}
		}
		return o
	}
	return []door{
		{"the work", sampleOffice, nothing, "admin words", nowhere, []string{
			theCase, theCase + theWork, "/tasks", "/tasks?page=2", "/supervision", "/overview",
			"/settings/tables/tasks", "/settings/tables/tasks/edit", "/settings/tables/tasks/sign",
		}},
		{"the work of a worker", sampleOffice, nothing, "case words", nowhere, []string{theCase + theWork, "/tasks", "/overview"}},
		{"the work, veiled", veiled, nothing, "admin words", nowhere, []string{theCase, theCase + theWork, "/tasks"}},
		{"the work, refused", sampleOffice, nothing, "admin words", func(b *browser) {
			b.post(theCase+"/tasks", url.Values{"task_due": {"<soon>"}})
			b.post(theCase+"/glass", url.Values{})
			b.post(theCase+"/transfers", url.Values{"transfer_comment": {"<b>"}})
			b.post(theCase+"/approvals/p1", url.Values{"answer": {"no"}})
			b.post(theCase+"/move", url.Values{"move_notes": {"yes"}, "move_comment": {"<i>"}})
		}, []string{theCase + theWork + "?again=1", theCase + theWork + "?again=2", theCase + theWork + "?again=3", theCase + theWork + "?again=4", theCase + theWork + "?again=5"}},
	}
}

// Every page about the work, in every language and in the two that test its layout.
func TestEveryPage_ofTheWork(t *testing.T) {
	walkPages(t, workDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200 (to %s)", w.Code, w.Header().Get("Location"))
		}
		checkPage(t, lang, w.Body.String())
		if n := b.wire(path); n > laterLoad && !strings.HasSuffix(path, theCase) {
			t.Errorf("%d bytes, want at most %d", n, laterLoad)
		}
	})
}

func TestWork_verbs(t *testing.T) {
	b, desk := atWork(t)
	other := memberID(2).String()
	for _, v := range []struct {
		path   string
		fields url.Values
		to     string
		want   string
	}{
		{"/tasks", url.Values{"task": {"Ring the school"}, "task_due": {"٢٠٢٦-١١-٠٩"}}, "/work", "task Ring the school 2026-11-09"},
		{"/tasks/a1", nil, "/work", "done a1"},
		{"/tasks/a1", url.Values{"back": {"/tasks"}}, "", "done a1"},
		{"/tasks/a1", url.Values{"back": {"//elsewhere"}}, "/work", "done a1"},
		{"/flags", url.Values{"flag": {"Only a woman"}}, "/work#flags", "flag Only a woman "},
		{"/flags/f1", nil, "/work#flags", "resolve f1"},
		{"/approvals", url.Values{"approval": {"closure"}}, "/work#asked", "ask closure"},
		{"/approvals/p1", url.Values{"answer": {"yes"}}, "/work#asked", "decide p1 true "},
		{"/approvals/p1", url.Values{"answer": {"no"}, "comment": {"The plan"}}, "/work#asked", "decide p1 false The plan"},
		{"/transfers", url.Values{"transfer_to": {other}, "transfer_comment": {"Mondays"}}, "/work#transfers", "offer " + other + " Mondays"},
		{"/transfers/t1", url.Values{"answer": {"yes"}}, "/work#transfers", "take t1 true"},
		{"/transfers/t1", url.Values{"answer": {"no"}}, "/work#transfers", "take t1 false"},
		{"/transfers/t1/withdraw", nil, "/work#transfers", "withdraw t1"},
		{"/move", url.Values{"move_to": {sampleTeams()[1].ID.String() + "." + other}, "move_agreed": {"yes"}, "move_notes": {"yes"}, "move_comment": {"Mondays"}}, "elsewhere", "move " + sampleTeams()[1].ID.String() + " " + other + " false false true Mondays"},
		{"/glass", url.Values{"reason": {"At the door"}}, "#identity", "glass At the door"},
	} {
		desk.said = nil
		to := b.post(theCase+v.path, v.fields)
		if v.to == "elsewhere" {
			if to != "/cases/"+recordID(7).String() {
				t.Errorf("%s: sent to %s", v.path, to)
			}
			v.to, to = "", "/tasks"
		}
		if want := theCase + v.to; v.to != "" && to != want || v.to == "" && to != "/tasks" {
			t.Errorf("%s: sent to %s", v.path, to)
		}
		if !slices.Equal(desk.said, []string{v.want}) {
			t.Errorf("%s: said %q, want %q", v.path, desk.said, v.want)
		}
	}
}

// What the rules of the work do not allow is said where it was tried, in words that
// say what to do; what was typed is still there.
func TestWork_refused(t *testing.T) {
	b, desk := atWork(t)
	desk.against = &casework.Refusal{Key: "approval.own"}
	to := b.post(theCase+"/approvals/p1", url.Values{"answer": {"yes"}})
	says(t, b.get(to), "Nobody agrees to their own work")
	desk.against = nil
	desk.said = nil
	to = b.post(theCase+"/approvals/p1", url.Values{"answer": {"no"}})
	says(t, b.get(to), "Write why not")
	if len(desk.said) != 0 {
		t.Errorf("a no without a reason was recorded: %q", desk.said)
	}
	to = b.post(theCase+"/tasks", url.Values{"task_due": {"2026-11-30"}})
	if page := b.get(to); !strings.Contains(page, "2026-11-30") {
		t.Error("what was typed is gone")
	}
	desk.refuse = &casework.Refusal{Key: "approval.closure.first"}
	to = b.post(theCase+"/close", url.Values{"closure_reason": {"closure_needs_met"}, "date_closure": {"2026-11-02"}})
	if !strings.HasPrefix(to, theCase+"/close?again=") {
		t.Fatalf("sent to %s", to)
	}
	says(t, b.get(to), "a supervisor agrees before a case is closed")
}

// Test 37: where she said "never", no line that reaches for her is on paper, and the
// screen says that nobody contacts her; otherwise it says on whose terms.
func TestTasks_onHerTerms(t *testing.T) {
	b, desk := atWork(t)
	for reach, want := range map[task.Reach]string{
		task.ReachNever: "No contact: only if the person comes", task.ReachComes: "Only on the person’s own terms", task.ReachOpen: "Only in the way that was agreed",
	} {
		for _, source := range []task.Source{task.FollowUp, task.Look, task.Visit} {
			one := task.Task{Source: source, Item: "a", Due: "2026-11-02", Contact: true}
			desk.dues = &casework.DueList{Rows: []casework.Due{{Task: one, Case: recordID(1), Code: sampleCode, Reach: reach}}, Total: 1}
			f := sampleFile()
			f.Work.Tasks, f.Work.Reach = []task.Task{one}, reach
			desk.file = &f
			for path, row := range map[string]string{"/tasks": `<tr class="no-print">`, theCase: `<li class="no-print"><div class="row"><div>`, theCase + theWork: `<li class="no-print"><div class="row"><div>`} {
				page := b.get(path)
				says(t, page, want)
				if hidden := strings.Contains(page, row); hidden != (reach == task.ReachNever) {
					t.Errorf("%s, %s, %s: left out of what is printed: %t", path, source, reach, hidden)
				}
			}
		}
	}
}

// The pages of supervisors hold codes, and no name of anybody who is helped.
func TestSupervision_holdsNoName(t *testing.T) {
	b, _ := atWork(t)
	b.post("/cases/names", url.Values{"names": {"show"}, "path": {"/cases"}})
	for _, path := range []string{"/supervision", "/overview", "/tasks"} {
		silent(t, b.get(path), append(strings.Fields(sampleName), "76 00 00 17")...)
	}
	says(t, b.get("/supervision"), sampleCode, "waiting too long", "more than one person can stand by", "Elle est à la porte.", "at most 20 open cases", "nobody’s")
}

// Each figure has beside it how it is counted, of how many, and what is not known.
func TestOverview_definesItsFigures(t *testing.T) {
	b, _ := atWork(t)
	page := b.get("/overview")
	says(t, page, "by the danger that was judged last", "My open cases: 9", "danger not judged: 2", "is not counted as not given",
		"nothing written down of any: 5", "lower bound", "As a table", "Prevention of HIV after exposure (PEP)")
	if n := strings.Count(page, `role="img"`); n != 9 {
		t.Errorf("%d charts, want 9", n)
	}
	if strings.Contains(page, "style=") {
		t.Error("a chart has a style in it")
	}
}

// A filter is there at the next unlocking, and in no address.
func TestLists_remember(t *testing.T) {
	o := sampleOffice()
	desk := o.desks["admin words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	owner := memberID(2)
	if to := b.post("/tasks", url.Values{"whose": {"all"}, "within": {"late"}, "source": {"referral"}, "owner": {owner.String()}}); to != "/tasks" {
		t.Errorf("sent to %s", to)
	}
	b.post("/cases/search", url.Values{"search": {"zeina"}, "status": {"open"}, "flagged": {"yes"}, "owner": {owner.String()}, "sort": {"due"}})
	b.post("/referrals", url.Values{"which": {"overdue"}})
	b.post("/members/filter", url.Values{"role": {"caseworker"}})
	b.post("/services/search", url.Values{"search": {"zeina"}, "near": {"zeina"}, "state": {"stale"}, "way": {"road"}})
	b.post("/lock", nil)
	for list, raw := range desk.kept {
		if strings.Contains(string(raw), "zeina") {
			t.Errorf("%s keeps what was searched for", list)
		}
	}
	b = newBrowser(t, newServer(t, o), "en").unlock("admin words")
	b.get("/tasks")
	if want := (casework.DueQuery{Everyones: true, Within: casework.WithinLate, Source: task.Referral, Owner: owner}); desk.asks != want {
		t.Errorf("tasks: %+v", desk.asks)
	}
	b.get("/cases")
	if q := desk.asked; q.Status != "open" || !q.Flagged || q.Owner != owner || !q.Search.IsEmpty() {
		t.Errorf("cases: %+v", q)
	}
	if page := b.get("/members"); strings.Contains(page, "Boubacar") || !strings.Contains(page, "/members/"+owner.String()) {
		t.Error("members: not only caseworkers")
	}
	b.post("/members/filter", url.Values{"all": {"yes"}})
	if page := b.get("/members"); !strings.Contains(page, "Boubacar") {
		t.Error("members: not all again")
	}
	if page := b.get("/services"); !strings.Contains(page, `<option value="stale" selected>`) || strings.Contains(page, "zeina") {
		t.Error("services: not as they were looked at, or with the words")
	}
	b.get("/referrals")
	if desk.query.Which != casework.ReferralsOverdue {
		t.Errorf("referrals: %+v", desk.query)
	}
}

// The spans of days are a table like the others: untouched it stays as it is, and
// what cannot be gone by is refused.
func TestTables_ofTasks(t *testing.T) {
	b, desk := atWork(t)
	path := "/settings/tables/tasks/edit"
	fields := untouched(b.get(path), path)
	if to := b.post(path, fields); to != "/settings/tables/tasks" {
		t.Fatalf("sent to %s", to)
	}
	if r, err := task.ReadRules(desk.edited[casework.TaskTable]); err != nil || !reflect.DeepEqual(r, task.Defaults()) {
		t.Errorf("untouched: %+v, %v", r, err)
	}
	fields.Set("look_high", "٢")
	fields.Set("visits", "14, 91")
	fields.Set("caseload", "15")
	b.post(path, fields)
	r, err := task.ReadRules(desk.edited[casework.TaskTable])
	if err != nil || r.Look["high"] != 2 || !slices.Equal(r.Visits, []int{14, 91}) || r.Caseload != 15 {
		t.Errorf("%+v, %v", r, err)
	}
	says(t, b.get("/settings/tables/tasks"), "Open cases that one worker can stand by", "15", "14, 91")
	fields.Set("caseload", "many")
	fields.Set("visits", "soon")
	desk.edited = nil
	says(t, b.get(b.post(path, fields)), "a whole number")
	if desk.edited != nil {
		t.Error("it was taken")
	}
}

// What needs a supervisor's agreement is the organisation's to say, and only what
// changed is written.
func TestSettings_approvals(t *testing.T) {
	b, desk := atWork(t)
	desk.did = nil
	if to := b.post("/settings/approvals", url.Values{"approvals": {casework.RuleApproveClosure}}); to != "/settings" {
		t.Errorf("sent to %s", to)
	}
	if want := []string{"rule approve_closure yes"}; !slices.Equal(desk.did, want) {
		t.Errorf("did %q, want %q", desk.did, want)
	}
	desk.org.Rules[casework.RuleApproveClosure] = "yes"
	desk.did = nil
	b.post("/settings/approvals", nil)
	if want := []string{"rule approve_closure "}; !slices.Equal(desk.did, want) {
		t.Errorf("did %q, want %q", desk.did, want)
	}
}

// The day's list on paper leaves out follow-ups of whoever wants no contact.
func TestToday_printsNoContactThatSheDoesNotWant(t *testing.T) {
	b, desk := atWork(t)
	row := sampleRows()[0]
	for _, never := range []bool{true, false} {
		row.NoContact = never
		desk.today = &casework.Today{Overdue: []casework.CaseRow{row}}
		page := b.get("/today")
		_, list, found := strings.Cut(page, "Follow-ups that are late")
		if !found {
			t.Fatal("no list of what is late")
		}
		line, _, _ := strings.Cut(list, "</li>")
		if strings.Contains(line, `<li class="no-print">`) != never || strings.Contains(line, "no contact: only if the person comes") != never {
			t.Errorf("never %t: %s", never, line)
		}
	}
}
