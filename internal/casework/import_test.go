package casework_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/release"
	"amana/internal/vault"
)

// asRow passes an invented incident through a gate whose ledger keeps nothing.
func asRow(t testing.TB, v exchange.Values) release.Cleared {
	t.Helper()
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	c, err := (&release.Gate{Now: func() time.Time { return day }, Ledger: silent{}}).Clear(t.Context(), release.Request{
		ID: amana.RecordID{1}, By: release.By{Roles: []amana.Role{amana.RoleSupervisor}}, Purpose: amana.PurposeStatistics, Format: string(exchange.Recorder),
		Records: func(context.Context) ([]release.Record, error) {
			return []release.Record{exchange.Record(amana.RecordID{2}, amana.RecordID{3}, v, nil, day)}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type silent struct{}

func (silent) Enter(context.Context, release.Entry) error         { return nil }
func (silent) Stop(context.Context, amana.RecordID, string) error { return nil }
func (silent) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

// sheet writes a workbook of the Incident Recorder with incidents that differ.
func sheet(t testing.TB, n int, change func(i int, v exchange.Values)) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := exchange.NewRecorderWriter(&b, "en")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		v := exchange.Values{
			"incidentid_ir": event.Text(fmt.Sprintf("IR-%04d", i)), "survivor_code": event.Text(fmt.Sprintf("S-%04d", i)),
			"date_of_first_report": event.Text(day.AddDate(0, 0, i%300+2).Format(time.DateOnly)),
			"incident_date":        event.Text(day.AddDate(0, 0, i%300).Format(time.DateOnly)),
			"date_of_birth":        event.Text(fmt.Sprintf("%d-01-01", 1960+i/300)), "sex": event.Text("female"),
			"gbv_sexual_violence_type": event.Text("sexual_assault"), "consent_reporting": event.Bool(true),
			"goods_money_exchanged": event.Bool(i%2 == 0), "import/kept/county": event.Text("Invented county"),
			"number_of_individual_perpetrators_from_ir": event.Int(int64(1 + i%3)), "maritial_status": event.Text("single"),
		}
		if change != nil {
			change(i, v)
		}
		if err := w.Add(asRow(t, v)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func plan(d *casework.Desk) casework.ImportPlan {
	return casework.ImportPlan{Team: d.Me().Teams[0].ID, Status: "closed", Rest: casework.Later}
}

// try reads a file and goes through it without writing.
func try(t testing.TB, d *casework.Desk, content []byte, p casework.ImportPlan) casework.ImportState {
	t.Helper()
	if err := d.BringFile(t.Context(), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	d.AwaitImport()
	if err := d.TryImport(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	d.AwaitImport()
	st, _ := d.ImportState()
	if st.Phase != casework.ImportTried {
		t.Fatalf("phase %s: %s", st.Phase, st.Wrong)
	}
	return st
}

// take takes in what was tried.
func take(t testing.TB, d *casework.Desk, rest casework.Same) casework.ImportReport {
	t.Helper()
	if err := d.TakeImport(t.Context(), rest); err != nil {
		t.Fatal(err)
	}
	d.AwaitImport()
	st, _ := d.ImportState()
	if st.Phase != casework.ImportTaken {
		t.Fatalf("phase %s: %s", st.Phase, st.Wrong)
	}
	return st.Report
}

// broughtIn are what lists have of them, by the id that the sheet shows.
func broughtIn(t testing.TB, d *casework.Desk) map[string]vault.Listed {
	t.Helper()
	list := map[string]vault.Listed{}
	err := d.Session().Listed(amana.KindIncident, func(l vault.Listed) error {
		list[l.Values["incidentid_ir"].Reveal()+l.Values["incident_description"].Reveal()+"/"+l.ID.String()] = l
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A file that is brought a second time changes nothing.
func TestImport_recorderAndAgain(t *testing.T) {
	d := newOffice(t).unlock(t, adminWords)
	file := sheet(t, 600, func(i int, v exchange.Values) {
		if i%100 == 1 { // the same survivor, another day
			v["survivor_code"] = event.Text(fmt.Sprintf("S-%04d", i-1))
		}
	})
	st := try(t, d, file, plan(d))
	if st.Report.New != 600 || st.Report.Cases != 594 || st.Report.Later+st.Report.Refused+len(st.Report.Counts) != 0 {
		t.Fatalf("tried: %+v", st.Report)
	}
	if n := len(broughtIn(t, d)); n != 0 {
		t.Fatalf("a trial wrote %d incidents", n)
	}
	if r := take(t, d, casework.Later); r.New != 600 || r.Incidents != 600 || r.Cases != 594 || r.Consents != 594 {
		t.Fatalf("taken: %+v", r)
	}
	before := broughtIn(t, d)
	if len(before) != 600 {
		t.Fatalf("%d incidents", len(before))
	}
	if st := try(t, d, file, plan(d)); st.Report.Here != 600 || st.Report.New+st.Report.Changed != 0 {
		t.Fatalf("tried again: %+v", st.Report)
	}
	if r := take(t, d, casework.Later); r.Here != 600 || r.Incidents+r.Cases+r.Consents+r.Names != 0 {
		t.Fatalf("taken again: %+v", r)
	}
	for key, l := range broughtIn(t, d) {
		if l.Updated != before[key].Updated {
			t.Fatalf("%s was written again", key)
		}
	}
	list, err := d.Exchanges(t.Context())
	if err != nil || len(list) != 2 || list[1].Incidents != 600 || list[0].Here != 600 || list[0].Ended == "" || !list[0].Import {
		t.Errorf("on record: %+v, %v", list, err)
	}
}

// Where the source says something else now, the member decides which holds; what was
// there stays in the history.
func TestImport_changedRows(t *testing.T) {
	d := newOffice(t).unlock(t, adminWords)
	try(t, d, sheet(t, 3, nil), plan(d))
	take(t, d, casework.Later)
	changed := sheet(t, 3, func(i int, v exchange.Values) {
		if i == 1 {
			v["maritial_status"] = event.Text("divorced_separated")
		}
	})
	status := func() (all []string) {
		for _, l := range broughtIn(t, d) {
			all = append(all, l.Values["maritial_status"].Reveal())
		}
		slices.Sort(all)
		return all
	}
	if st := try(t, d, changed, plan(d)); st.Report.Changed != 1 || st.Report.Here != 2 {
		t.Fatalf("tried: %+v", st.Report)
	}
	take(t, d, casework.Later)
	if got := status(); got[0] != "single" {
		t.Fatalf("left as it is: %v", got)
	}
	p := plan(d)
	p.Update = true
	try(t, d, changed, p)
	take(t, d, casework.Later)
	if got := status(); got[0] != "divorced_separated" || got[1] != "single" {
		t.Fatalf("taken: %v", got)
	}
	if st := try(t, d, changed, p); st.Report.Here != 3 {
		t.Errorf("a third time: %+v", st.Report)
	}
}

const people = "name,phone,age,sex,incident date,gbv type,consent,wound\n"

// Who looks like somebody who is here is not brought until a person says whether it
// is she.
func TestImport_duplicatesWaitForAPerson(t *testing.T) {
	d := newOffice(t).unlock(t, adminWords)
	first := people + "Aissata Exemple,,19,F,2026-02-01,rape,yes,kept as it is\n"
	try(t, d, []byte(first), plan(d))
	if r := take(t, d, casework.Later); r.Names != 1 || r.New != 1 || r.Kept != 1 {
		t.Fatalf("first: %+v", r)
	}
	second := people + "Aïssata Exemple,,19,F,2026-02-01,rape,yes,\n" + // she, and it
		"AISSATA EXEMPLE,,20,F,2026-02-20,forced marriage,no,\n" + // she, something else
		"Aissata Exemple,,44,F,2025-12-01,rape,yes,\n" + // another of that name
		"Somebody Else,,30,F,2025-11-01,rape,yes,\n"
	p := plan(d)
	p.Source = "another list"
	st := try(t, d, []byte(second), p)
	if len(st.Report.Doubts) != 3 || st.Report.Later != 3 || st.Report.New != 1 {
		t.Fatalf("tried: %+v", st.Report)
	}
	if one := st.Report.Doubts[0]; !one.Incident || !slices.Equal(one.Reasons, []string{"import.alike.incident", "import.alike.name"}) || one.CaseCode == "" {
		t.Errorf("doubt: %+v", one)
	}
	if err := d.DecideImport(map[int]casework.Same{2: casework.SameIncident, 3: casework.SamePerson, 4: casework.Different}); err != nil {
		t.Fatal(err)
	}
	if r := take(t, d, casework.Later); r.New != 3 || r.Here != 1 || r.Cases != 2 {
		t.Fatalf("taken: %+v", r)
	}
	cases := map[amana.RecordID]int{}
	for _, l := range broughtIn(t, d) {
		cases[l.Case]++
	}
	var many []int
	for _, n := range cases {
		many = append(many, n)
	}
	if slices.Sort(many); !slices.Equal(many, []int{1, 1, 2}) {
		t.Errorf("incidents of each case: %v", many)
	}
	if st := try(t, d, []byte(second), p); st.Report.Here != 4 || len(st.Report.Doubts) != 0 {
		t.Errorf("a second time: %+v", st.Report)
	}
	for id, n := range cases { // she said no to the second: the narrower holds
		f, err := d.Session().Peek(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range f.Records {
			if o.Kind == amana.KindConsent && n == 2 && o.Consent(amana.PurposeStatistics, amana.Private{}).Decision != amana.Refused {
				t.Error("a yes of another row outlived her no")
			}
		}
	}
}

// A case and its incident find each other in whatever order and shape they come.
func TestImport_jsonShapes(t *testing.T) {
	incident := `{"id":"11111111-2222-4333-8444-555555555555","incident_case_id":"aaaaaaaa-2222-4333-8444-555555555555","sex":["female"],
		"incident_date":"2024-03-09","gbv_sexual_violence_type":"rape","consent_reporting":"true","goods_money_exchanged":false,"extra_x7f3k2q":1.50,
		"alleged_perpetrator":[{"unique_id":"0f0f0f0f-1111-4222-8333-444444444444","perpetrator_sex":"male","age_group":"61"},{"unique_id":"gone0000","_destroy":true}]}`
	person := `{"id":"aaaaaaaa-2222-4333-8444-555555555555","srch_name":"x","data":{"name":"Invented Person","age":"19","sex":"female","survivor_code_no":"K-12","status":"closed"}}`
	for name, content := range map[string]string{
		"the case first": "[" + person + "," + incident + "]", "the incident first": "[" + incident + "," + person + "]",
		"in pages": `{"data":[` + incident + "," + person + `],"metadata":{"total":2}}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := newOffice(t).unlock(t, adminWords)
			try(t, d, []byte(content), plan(d))
			if r := take(t, d, casework.Later); r.New != 2 || r.Cases != 1 || r.Incidents != 1 || r.Names != 1 || r.Kept == 0 {
				t.Fatalf("taken: %+v", r)
			}
			list, err := d.Cases(t.Context(), casework.Query{Search: amana.Conceal("invented person")})
			if err != nil || list.Total != 1 || list.Rows[0].Status != "closed" {
				t.Fatalf("found: %+v, %v", list, err)
			}
			if byCode, _ := d.Cases(t.Context(), casework.Query{Search: amana.Conceal("K-12")}); byCode.Total != 1 {
				t.Error("not found by the code of its source")
			}
			for _, l := range broughtIn(t, d) {
				const item = "alleged_perpetrator/0f0f0f0f-1111-4222-8333-444444444444/"
				if l.Case != list.Rows[0].ID || l.Values[item+"age_group"].Reveal() != "61+" || l.Values["import/kept/extra_x7f3k2q%json"].Reveal() != "1.50" {
					t.Errorf("incident: %+v", l)
				}
			}
			if st := try(t, d, []byte(content), plan(d)); st.Report.Here != 2 || st.Report.New != 0 {
				t.Errorf("again: %+v", st.Report)
			}
		})
	}
}

// A team that works without names is given none, and is told so.
func TestImport_noNamesForATeamWithout(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	team, err := d.FormTeam(t.Context(), casework.NewTeam{Name: "Nameless", Compartment: amana.Care, Join: true})
	if err != nil {
		t.Fatal(err)
	}
	d.Lock()
	o.now = o.now.Add(time.Minute)
	d = o.unlock(t, adminWords)
	p := plan(d)
	p.Team = team
	try(t, d, []byte(people+"Secret Canarybird,0700000,19,F,2026-02-01,rape,yes,x\n"), p)
	r := take(t, d, casework.Later)
	if r.Names != 0 || r.New != 1 || !slices.ContainsFunc(r.Counts, func(c casework.ProblemCount) bool { return c.Key == "import.problem.identity" }) {
		t.Errorf("taken: %+v", r)
	}
	if list, _ := d.Cases(t.Context(), casework.Query{Search: amana.Conceal("Canarybird")}); list.Total != 0 {
		t.Error("the name came")
	}
}

// Whoever may not write for a team brings nothing to it.
func TestImport_refusesOtherTeams(t *testing.T) {
	d := newOffice(t).unlock(t, adminWords)
	if err := d.BringFile(t.Context(), strings.NewReader(people+"A B,,19,F,2026-02-01,rape,yes,x\n")); err != nil {
		t.Fatal(err)
	}
	d.AwaitImport()
	p := plan(d)
	p.Team = amana.TeamID{9}
	var bad casework.FieldErrors
	if err := d.TryImport(t.Context(), p); !errors.As(err, &bad) || bad["team"] == "" {
		t.Errorf("another team: %v", err)
	}
	if err := d.TakeImport(t.Context(), casework.Later); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("untried: %v", err)
	}
}

// An import that ends in the middle is gone on with by bringing the file again.
func TestImport_stoppedAndAgain(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	file := sheet(t, 2000, nil)
	try(t, d, file, plan(d))
	if err := d.TakeImport(t.Context(), casework.Later); err != nil {
		t.Fatal(err)
	}
	for {
		st, _ := d.ImportState()
		if st.Done >= 300 || !st.Phase.Busy() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	d.StopImport()
	st, _ := d.ImportState()
	if st.Phase != casework.ImportStopped || st.Wrong != "import.stopped.you" {
		t.Fatalf("phase %s %s", st.Phase, st.Wrong)
	}
	d.Lock()
	if left, _ := filepath.Glob(filepath.Join(o.Dir(), "views", "spool-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	d = o.unlock(t, adminWords)
	some := len(broughtIn(t, d))
	if some == 0 || some == 2000 {
		t.Fatalf("%d incidents when it was stopped", some)
	}
	if list, _ := d.Exchanges(t.Context()); len(list) != 1 || list[0].Ended != "" || list[0].Incidents != some {
		t.Errorf("on record: %+v", list)
	}
	if st := try(t, d, file, plan(d)); st.Report.Here != some || st.Report.New != 2000-some {
		t.Fatalf("%d there, tried: %+v", some, st.Report)
	}
	take(t, d, casework.Later)
	if n := len(broughtIn(t, d)); n != 2000 {
		t.Errorf("%d incidents", n)
	}
}

// Only what she agreed to leaves, it is on record before it does, and what left comes
// in elsewhere as it was.
func TestExport_byConsentAndBack(t *testing.T) {
	d := newOffice(t).unlock(t, adminWords)
	try(t, d, sheet(t, 20, nil), plan(d))
	take(t, d, casework.Later)
	// Three who do not leave: one withdrew, one was never asked, one said no.
	withdrawn := ""
	for key, l := range broughtIn(t, d) {
		withdrawn, _, _ = strings.Cut(key, "/")
		err := d.SetConsent(t.Context(), l.Case, []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Withdrawn}})
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	more := people + "Unasked Person,,33,F,2026-01-01,rape,,\nRefusing Person,,34,F,2026-01-02,rape,no,\n"
	try(t, d, []byte(more), plan(d))
	take(t, d, casework.Later)
	out := func(d *casework.Desk) []byte {
		var b bytes.Buffer
		r, err := d.ExportUnasked(t.Context(), &b, casework.ExportPlan{Team: d.Me().Teams[0].ID, Recipient: "Invented task force", Language: "fr"})
		if err != nil || r.Incidents != 19 {
			t.Fatalf("export: %+v, %v", r, err)
		}
		return b.Bytes()
	}
	first := out(d)
	list, err := d.Exchanges(t.Context())
	if err != nil || list[0].Import || list[0].Incidents != 19 || list[0].Withheld != 3 || list[0].Source != "Invented task force" {
		t.Errorf("on record: %+v, %v", list, err)
	}
	rec, err := d.Session().ReadRecord(t.Context(), list[0].ID)
	if err != nil || len(rec.Value("taken/1/incidents").RevealList()) != 19 {
		t.Errorf("which incidents left is not on record: %v", err)
	}
	rows := rowsOf(t, first)
	if _, there := rows[withdrawn]; there {
		t.Error("what she withdrew left")
	}
	other := newOffice(t).unlock(t, adminWords)
	try(t, other, first, plan(other))
	take(t, other, casework.Later)
	again := rowsOf(t, out(other))
	for id, row := range rows {
		if again[id] != row {
			t.Errorf("%s: not as it was", id)
		}
	}
	// What was taken out here is known here.
	if st := try(t, d, first, plan(d)); st.Report.New+st.Report.Later != 0 {
		t.Errorf("our own: %+v", st.Report)
	}
}

// rowsOf are the rows of a workbook by their ids, each in one spelling.
func rowsOf(t testing.TB, content []byte) map[string]string {
	t.Helper()
	f, err := exchange.Open(context.Background(), bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	err = f.Rows(context.Background(), f.Proposed, func(r *exchange.Row) error {
		rows[r.ID] = string(r.Bytes())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// A mapping that was kept maps a table whose columns say nothing.
func TestImport_mapping(t *testing.T) {
	d := newOffice(t).unlock(t, adminWords)
	content := "a;b;c\n01/02/2026;F;something\n"
	if err := d.BringFile(t.Context(), strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	d.AwaitImport()
	st, _ := d.ImportState()
	m := st.File.Proposed
	m.Kind = amana.KindIncident
	for i, field := range []string{"incident_date", "sex", ""} {
		m.Columns[i].Field = field
	}
	m.Columns[0].Dates = exchange.DayFirst
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := exchange.ParseMapping(raw)
	if err != nil {
		t.Fatal(err)
	}
	p := plan(d)
	p.Mapping = kept
	try(t, d, []byte(content), p)
	take(t, d, casework.Later)
	for _, l := range broughtIn(t, d) {
		if l.Values["incident_date"].Reveal() != "2026-02-01" || l.Values["sex"].Reveal() != "female" || l.Values["import/kept/c"].Reveal() != "something" {
			t.Errorf("%+v", l.Values)
		}
	}
}
