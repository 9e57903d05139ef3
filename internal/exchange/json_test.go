package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
)

const (
	flatIncident = `{"id":"11111111-2222-4333-8444-555555555555","incident_case_id":"aaaaaaaa-2222-4333-8444-555555555555","survivor_code":"K-12",
		"incident_date":"2024-03-09","date_of_first_report":"2024-03-10T08:00:00Z","gbv_sexual_violence_type":["sexual_assault"],"consent_reporting":"true",
		"gbv_previous_incidents":false,"incident_timeofday":"afternoon_noon_to_sunset","goods_money_exchanged":null,"owned_by":"worker_1","weight_x7f3k2q":1.50,
		"tags":["a","b"],"nested":{"b":1,"a":[true,null]},"srch_status":"x","phonetic_data":{"tokens":["K"]},"elapsed_reporting_time":"0_3_days",
		"alleged_perpetrator":[{"unique_id":"0f0f0f0f-1111-4222-8333-444444444444","primary_perpetrator":"primary","perpetrator_sex":"male","age_group":"61","note_zz12345":"kept"},{"unique_id":"gone0000","_destroy":true}]}`
	rowCase = `{"id":"aaaaaaaa-2222-4333-8444-555555555555","srch_name":"x","created_at":"2024-01-01","data":{"case_id":"c-1","name":"Invented Person","age":"19","sex":["female"],"maritial_status":"married_cohabitating","survivor_code_no":"K-12","status":"closed","nickname_x1y2z3a":"Kept with her"}}`
)

func flat(t *testing.T, shape string) *exchange.Row {
	t.Helper()
	rows := read(t, fmt.Sprintf(shape, flatIncident))
	if len(rows) == 0 {
		t.Fatal("no row")
	}
	return rows[0]
}

// An incident says the same in every shape that exports have.
func TestJSON_shapes(t *testing.T) {
	want := flat(t, "%s")
	for _, shape := range []string{
		`[%s]`, `{"data":[%s],"metadata":{"total":1,"per":20,"page":1}}`, `{"data":%s}`, "\ufeff[%s]", "  [ %s ]\n",
		`{"metadata":{"total":1},"data":[%s]}`, `[{"id":"11111111-2222-4333-8444-555555555555","data":%s}]`,
	} {
		got := flat(t, shape)
		if string(got.Bytes()) != string(want.Bytes()) {
			t.Errorf("%s: %s", shape, differ(want.Values, got.Values))
		}
	}
	oneLine := strings.Join(strings.Fields(flatIncident), " ")
	lines := read(t, oneLine+"\nnot json\n"+oneLine+"\n")
	if len(lines) != 3 || lines[0].Refused || !lines[1].Refused || lines[2].Refused || lines[2].Line != 3 {
		t.Errorf("one a line: %d rows", len(lines))
	}
}

func TestJSON_incident(t *testing.T) {
	r := flat(t, "[%s]")
	if r.Kind != amana.KindIncident || r.ID[:4] != "1111" || r.Case[:4] != "aaaa" || r.Code != "K-12" || r.Refused || len(r.Problems) > 0 {
		t.Fatalf("%s %q %q %q %v", r.Kind, r.ID, r.Case, r.Code, problems(r))
	}
	const item = "alleged_perpetrator/0f0f0f0f-1111-4222-8333-444444444444/"
	for name, want := range map[string]event.Value{
		"incident_date": event.Text("2024-03-09"), "date_of_first_report": event.Text("2024-03-10"),
		"gbv_sexual_violence_type": event.Text("sexual_assault"), "consent_reporting": event.Bool(true),
		"gbv_previous_incidents": event.Bool(false), "incident_timeofday": event.Text("afternoon"),
		"goods_money_exchanged": {}, "import/kept/owned_by": event.Text("worker_1"),
		"import/kept/weight_x7f3k2q%json": event.Text("1.50"), "import/kept/tags": event.List("a", "b"),
		"import/kept/nested%json":    event.Text(`{"b":1,"a":[true,null]}`),
		item + "primary_perpetrator": event.Text("primary"), item + "perpetrator_sex": event.Text("male"), item + "age_group": event.Text("61+"),
		"import/kept/alleged_perpetrator.0f0f0f0f-1111-4222-8333-444444444444.note_zz12345": event.Text("kept"),
	} {
		if got := r.Values[name]; !got.Equal(want) {
			t.Errorf("%s: %s, want %s", name, said(got), said(want))
		}
	}
	if r.Ignored != 4 {
		t.Errorf("%d things were left out that the source works out by itself, want 4", r.Ignored)
	}
	if !r.Reporting.Equal(event.Bool(true)) {
		t.Error("the answer about reporting is lost")
	}
}

// Who somebody is stays apart from the case.
func TestJSON_case(t *testing.T) {
	r := read(t, "["+rowCase+"]")[0]
	if r.Kind != amana.KindCase || r.ID != "aaaaaaaa-2222-4333-8444-555555555555" || r.Code != "K-12" {
		t.Errorf("%s %q %q", r.Kind, r.ID, r.Code)
	}
	if r.Identity["name"].Reveal() != "Invented Person" || r.Identity["import/kept/nickname_x1y2z3a"].IsZero() {
		t.Error("who she is did not come")
	}
	for name, v := range r.Values {
		if strings.Contains(v.Reveal(), "Invented") || strings.Contains(v.Reveal(), "Kept with her") {
			t.Errorf("%s says who she is", name)
		}
	}
	if age, _ := r.Values["age"].Int(); age != 19 || r.Values["sex"].Reveal() != "female" || r.Values["status"].Reveal() != "closed" {
		t.Error("what is known of her did not come")
	}
}

func TestJSON_refused(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"no record", `[1]`, "import.problem.shape"},
		{"a key twice", `[{"id":"1","age":1,"age":2}]`, "import.problem.twice"},
		{"deleted", `[{"id":"1","age":1,"_delete":true}]`, "import.problem.gone"},
		{"deleted, in a row", `[{"id":"1","_destroy":"true","data":{"age":1}}]`, "import.problem.gone"},
		{"nothing in it", `[{"id":"1"}]`, "import.problem.empty"},
		{"letters that are none", "[{\"id\":\"1\",\"name\":\"\xff\"}]", "import.problem.text"},
		{"too deep", `[{"id":"1","a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}]`, "import.problem.deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, c.content)[0]
			if !r.Refused || r.Problems[0].Key != c.want {
				t.Errorf("refused %v: %v, want %s", r.Refused, problems(r), c.want)
			}
		})
	}
	f := open(t, []byte("["+rowCase+",{\"broken\""))
	if !f.Broken || f.Records != 1 {
		t.Errorf("a file that breaks off: broken %v, %d records", f.Broken, f.Records)
	}
}
