package disclose

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"amana/internal/stats"
)

// Hundreds of monthly releases of other times do not change what a request comes to, nor
// how long it takes; those that are tied to it by a quarter or a year do count.
func TestPrepare_onlyWhatHasToDoWithATimeIsLookedAt(t *testing.T) {
	b := &stats.Book{}
	var rows []stats.Incident
	for m := 1; m <= 6; m++ {
		rows = append(rows, reported(b, m, 30, "a", "female")...)
		rows = append(rows, reported(b, m, 12, "b", "male")...)
	}
	areas := []AreaSet{{ID: "a"}, {ID: "b"}}
	var tied []Release
	for i, span := range []stats.Span{month(1, 1), month(1, 3), month(4, 4)} {
		p := prepare(t, b, rows, request(fmt.Sprint("tied", i), Partners, nil, areas, span), tied...)
		if len(p.Refusals) > 0 {
			t.Fatalf("%s: %+v", span, p.Refusals)
		}
		tied = append(tied, p.Preview())
	}
	long := append([]Release(nil), tied...)
	for i := range 400 {
		r := tied[2]
		m := stats.Span{First: jan - 500 + i, Last: jan - 500 + i}
		r.ID, r.Periods = fmt.Sprint("old", i), []string{m.String()}
		long = append(long, r)
	}
	q := request("now", Partners, nil, areas, month(2, 2))
	if got := related(q, long); len(got) != 2 || got[0].ID != "tied0" || got[1].ID != "tied1" {
		t.Fatalf("%d releases have to do with February, by the first quarter January too", len(got))
	}
	begin := time.Now()
	short := prepare(t, b, rows, q, tied...)
	first := time.Since(begin)
	begin = time.Now()
	whole := prepare(t, b, rows, q, long...)
	second := time.Since(begin)
	t.Logf("with %d earlier releases %v, with %d %v", len(tied), first, len(long), second)
	if !reflect.DeepEqual(short.Preview(), whole.Preview()) || !reflect.DeepEqual(short.Refusals, whole.Refusals) {
		t.Error("what is shown of February depends on releases of other years")
	}
	if second > 10*first+100*time.Millisecond {
		t.Errorf("400 releases of other times cost %v more", second-first)
	}
}
