package stats_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"amana/internal/stats"
)

// golden reads testdata/golden.csv: twenty incidents, few enough to count by hand.
func golden(t testing.TB) (rows []stats.Incident, b *stats.Book) {
	t.Helper()
	f, err := os.Open("testdata/golden.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	b = &stats.Book{}
	for _, line := range lines[1:] {
		cell := map[string]string{}
		for i, name := range lines[0] {
			cell[name] = line[i]
		}
		rows = append(rows, rowOf(b, cell))
	}
	return rows, b
}

func rowOf(b *stats.Book, c map[string]string) stats.Incident {
	answer := map[string]stats.Answer{"yes": stats.Yes, "no": stats.No}
	in := stats.Incident{
		Consent: answer[c["consent"]], Elsewhere: answer[c["elsewhere"]], Void: c["void"] == "yes",
		Reported: stats.DayOf(c["reported"]), Happened: stats.DayOf(c["happened"]), Prior: answer[c["prior"]],
		Sex: b.Code(stats.Sex, c["sex"]), Age: b.Code(stats.Age, c["age"]), TenToNineteen: c["ten"] == "yes",
		Disability: b.Code(stats.Disability, c["disability"]), Unaccompanied: b.Code(stats.Unaccompanied, c["alone"]),
		Type: b.Code(stats.Type, c["type"]), Elapsed: b.Code(stats.Elapsed, c["elapsed"]), Place: b.Code(stats.Place, c["place"]),
		From: b.Code(stats.From, c["from"]), Area: b.Code(stats.Area, c["area"]), Relation: b.Code(stats.Relation, c["relation"]),
	}
	for id := range strings.FieldsSeq(c["contexts"]) {
		in.Contexts |= stats.ContextBit(id)
	}
	in.Outcomes[stats.Health] = b.Code(stats.Outcome, c["health"])
	return in
}

var all2026 = stats.Question{Span: stats.Span{First: 2026 * 12, Last: 2026*12 + 11}, Basis: stats.ByReport, Group: stats.Quarter}

// The golden figures were counted by hand in the file: see testdata/golden.md.
func TestAdd_golden(t *testing.T) {
	rows, b := golden(t)
	c := stats.Add(rows, b, all2026)
	if c.Included != 13 {
		t.Fatalf("%d included, want 13", c.Included)
	}
	want := stats.Left{Void: 1, Refused: 1, NotAsked: 1, Elsewhere: 1, Undated: 1, Outside: 2}
	if c.Left != want {
		t.Errorf("left out %+v, want %+v", c.Left, want)
	}
	for id, want := range map[string]string{
		"total": "13", "prior": "7 4 2", "sex": "11 1 1", "age": "2 3 5 2 1", "vulnerable": "2 1 1 0", "gbv": "1 11 1",
		"type": "4 2 2 1 1 1 1 1", "context": "2 2 1 1 1 1", "elapsed": "3 2 2 2 2 2", "elapsed_rape": "1 1 0 1 1 0",
		"elapsed_rape_health": "1 1 0 0 1 0", "first_contact": "7 4 2", "mara": "3 1 3 0 0", "mrm": "2 1 1 0",
	} {
		if got := line(c.Table(id), -1); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	if got := c.Table("age").BesideAt(0, -1, -1); got != 3 {
		t.Errorf("10 to 19: %d, want 3", got)
	}
	for period, want := range []int{6, 4, 2, 1} {
		if got := c.Table("total").At(0, period, -1); got != want {
			t.Errorf("quarter %d: %d, want %d", period+1, got, want)
		}
	}
}

func line(t *stats.Counted, period int) string {
	var cells []string
	for i := range t.RowIDs {
		cells = append(cells, strconv.Itoa(t.At(i, period, -1)))
	}
	return strings.Join(cells, " ")
}
