package exchange_test

import (
	"bytes"
	"errors"
	"testing"

	"amana"
	"amana/internal/exchange"
)

// What is opened says the same each time it is read, and what it says can be asked
// for; nothing makes it fail in another way than by saying so.
func fuzz(f *testing.F) {
	f.Helper()
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := exchange.Open(t.Context(), bytes.NewReader(content), int64(len(content)))
		if err != nil {
			if !errors.Is(err, amana.ErrInvalid) {
				t.Fatalf("err = %v, want an ErrInvalid", err)
			}
			return
		}
		once, again := rowsOf(t, file, file.Proposed), rowsOf(t, file, file.Proposed)
		if len(once) != len(again) || len(once) != file.Records {
			t.Fatalf("%d rows, then %d, of %d", len(once), len(again), file.Records)
		}
		for i := range once {
			if !bytes.Equal(once[i].Bytes(), again[i].Bytes()) {
				t.Fatalf("row %d differs", i)
			}
			if once[i].Refused != (len(once[i].Problems) > 0 && once[i].Problems[len(once[i].Problems)-1].Refused) {
				t.Fatalf("row %d: refused without a reason", i)
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"incident id,date of incident,sex\n1,25/12/2023,F\n", "nom;âge\nX;20\n", "a\tb\n\"1\t2\n", "\xff\xfea\x00,\x00b\x00\n\x00",
		"name,sex\n\xe3\xd1\xed\xe3,F\n", "incident id\n1\n2,3\n", "\ufeffid\n",
	} {
		f.Add([]byte(s))
	}
	fuzz(f)
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		"[" + flatIncident + "]", `{"data":[` + rowCase + `],"metadata":{}}`, flatIncident, "{\"id\":\"1\",\"age\":2}\n{\"id\":\"2\"}\n",
		`[{"id":1,"alleged_perpetrator":[{"unique_id":"x"},1,null]}]`, `[{"a":1},`, `[[[[1]]]]`,
	} {
		f.Add([]byte(s))
	}
	fuzz(f)
}

func FuzzWorkbook(f *testing.F) {
	f.Add(sheetOf(f, 2))
	fuzz(f)
}
