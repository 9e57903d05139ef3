package record_test

import (
	"fmt"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

func TestCaseOf(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{at(uint64(noon.UnixMilli())<<16, deviceA,
		begun(amana.KindCase), set("survivor_code_no", "K7MX-Q9TR-5"), set("risk_level", "high"),
		event.Set{Field: "age", Value: event.Int(19)}, event.Set{Field: "sex", Value: event.Say(event.Declined)})})
	c := record.CaseOf(&r)
	if c.Code != "K7MX-Q9TR-5" || c.Status != "open" || c.Risk != "high" || c.Opened != "2026-03-10" || c.Closed != "" || c.Problems != nil {
		t.Errorf("case: code %s, status %s, risk %s, opened %s, %d problems", c.Code, c.Status, c.Risk, c.Opened, len(c.Problems))
	}
	if age, ok := c.Age.Int(); !ok || age != 19 {
		t.Error("age")
	}
	if a, ok := c.Sex.Answer(); !ok || a != event.Declined {
		t.Error("sex")
	}
}

// One bad value is a problem of its own, and of nothing else.
func TestCaseOf_isLenient(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{at(1, deviceA,
		begun(amana.KindCase), set("status", "archived"), set("created_on", "hier"),
		event.Set{Field: "risk_level", Value: event.Int(3)}, set("age", "34"), set("sex", "\x00"), set("survivor_code_no", "any"))})
	c := record.CaseOf(&r)
	if c.Status != "open" || c.Risk != "" || c.Opened != "1970-01-01" || !c.Sex.IsZero() || c.Code != "any" {
		t.Errorf("case: status %q, risk %q, opened %q, code %q", c.Status, c.Risk, c.Opened, c.Code)
	}
	if age, ok := c.Age.Int(); !ok || age != 34 {
		t.Error("a number that came as text is not read")
	}
	got := fmt.Sprint(c.Problems)
	if want := "[{status invalid.option} {risk_level invalid.option} {sex invalid.option} {created_on invalid.date}]"; got != want {
		t.Errorf("problems %s, want %s", got, want)
	}
	if fieldOf(t, &r, "status").Value.Reveal() != "archived" {
		t.Error("the bad value is gone from the record")
	}
}

func TestCaseOf_nextFollowUp(t *testing.T) {
	visit := func(item, done, planned string) []event.Fact {
		facts := []event.Fact{set(record.FollowUps+"/"+item+"/followup_date", done)}
		if planned != "" {
			facts = append(facts, set(record.FollowUps+"/"+item+"/when_follow_up_visit_should_happen", planned))
		}
		return facts
	}
	tests := []struct {
		name  string
		facts [][]event.Fact
		want  string
	}{
		{"none", nil, ""},
		{"one planned", [][]event.Fact{visit("a", "2026-03-01", "2026-03-15")}, "2026-03-15"},
		{"planned, and done on the day", [][]event.Fact{visit("a", "2026-03-01", "2026-03-15"), visit("b", "2026-03-15", "")}, ""},
		{"planned, and done later", [][]event.Fact{visit("a", "2026-03-01", "2026-03-15"), visit("b", "2026-03-20", "2026-04-01")}, "2026-04-01"},
		{"planned, and another before it", [][]event.Fact{visit("a", "2026-03-01", "2026-03-15"), visit("b", "2026-03-10", "2026-04-01")}, "2026-03-15"},
		{"two planned", [][]event.Fact{visit("b", "2026-03-01", "2026-05-15"), visit("a", "2026-03-01", "2026-04-01")}, "2026-04-01"},
		{"planned before it was done: a slip, and still planned", [][]event.Fact{visit("a", "2026-03-20", "2026-03-15")}, "2026-03-15"},
		{"planned for a month, done in it", [][]event.Fact{visit("a", "2026-03-01", "2026-04"), visit("b", "2026-04-02", "")}, ""},
		{"not needed after all", [][]event.Fact{append(visit("a", "2026-03-01", "2026-03-15"),
			event.Set{Field: record.FollowUps + "/a/need_follow_up_visit", Value: event.Bool(false)})}, ""},
		{"no date", [][]event.Fact{visit("a", "2026-03-01", "soon")}, ""},
		{"a case that is closed", [][]event.Fact{visit("a", "2026-03-01", "2026-03-15"), {set("status", "closed")}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all := []record.Entry{at(1, deviceA, begun(amana.KindCase))}
			for i, facts := range tt.facts {
				all = append(all, at(uint64(i+2), deviceA, facts...))
			}
			r := record.Fold(recordID, all)
			if got := record.CaseOf(&r).FollowUp; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestIdentityOf(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{at(1, deviceA,
		event.Begun{Kind: amana.KindIdentity, Case: amana.RecordID{9}}, set("name", canary), set("contact_phone", "x"),
		event.Set{Field: "contact_how", Value: event.List("visit")}, event.Set{Field: "place_of_stay", Value: event.Say(event.Declined)})})
	id := record.IdentityOf(&r)
	if id.Case != (amana.RecordID{9}) || id.Name.Reveal() != canary || !id.Phone.IsEmpty() || !id.Place.IsEmpty() || len(id.ContactHow) != 1 {
		t.Error("identity is not as recorded")
	}
	if len(id.Problems) != 1 || id.Problems[0] != (record.Problem{Field: "contact_phone", Fault: record.FaultPhone}) {
		t.Errorf("problems %v", id.Problems)
	}
}
