package exchange_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"amana/internal/event"
	"amana/internal/exchange"
)

// sheetOf writes a workbook of so many incidents.
func sheetOf(t testing.TB, incidents int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := exchange.NewRecorderWriter(&b, "en")
	if err != nil {
		t.Fatal(err)
	}
	for i := range incidents {
		v := exchange.Values{}
		for _, target := range exchange.RecorderTargets() {
			switch {
			case target.IsDate():
				v[target.Name] = event.Text(fmt.Sprintf("20%02d-%02d-%02d", 20+i%6, 1+i%12, 1+i%28))
			case target.IsChoice():
				ids := exchange.Choices(target.Choices)
				v[target.Name] = event.Text(ids[i%len(ids)])
			case target.IsYesNo():
				v[target.Name] = event.Bool(i%3 > 0)
			case target.Name == "number_of_individual_perpetrators_from_ir":
				v[target.Name] = event.Int(int64(1 + i%3))
			default:
				v[target.Name] = event.Text("text " + strconv.Itoa(i%50))
			}
		}
		v["incidentid_ir"] = event.Text("IR-" + strconv.Itoa(i))
		v["consent_reporting"] = event.Bool(true)
		if err := w.Add(cleared(t, v)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// held returns the most that the heap holds while fn runs.
func held(fn func(look func())) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, uint64(0)
	fn(func() {
		runtime.GC()
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	})
	return max(most, before) - before
}

// However long a file is, reading it holds no more than a row.
func TestRows_flatMemory(t *testing.T) {
	measure := func(rows int) uint64 {
		content := sheetOf(t, rows)
		return held(func(look func()) {
			f := open(t, content)
			n := 0
			err := f.Rows(t.Context(), f.Proposed, func(*exchange.Row) error {
				if n++; n%500 == 0 {
					look()
				}
				return nil
			})
			if err != nil || n != rows {
				t.Fatalf("%d rows: %v", n, err)
			}
		})
	}
	few, many := measure(500), measure(4000)
	if many > few+1<<20 {
		t.Errorf("%d KB for 4,000 rows, %d KB for 500", many>>10, few>>10)
	}
}

func BenchmarkRows(b *testing.B) {
	n := 5000
	if s := os.Getenv("AMANA_ROWS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, `{"id":"i%d","incident_date":"2024-03-09","gbv_sexual_violence_type":"rape","sex":"female","a":null,"b":null,"c":null,"alleged_perpetrator":[{"unique_id":"%08d","perpetrator_sex":"male"}]}`+"\n", i, i)
	}
	for name, content := range map[string][]byte{"workbook": sheetOf(b, n), "json": []byte(lines.String())} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f := open(b, content)
				if got := len(rowsOf(b, f, f.Proposed)); got != n {
					b.Fatal(got)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
