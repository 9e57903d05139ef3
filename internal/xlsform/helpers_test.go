package xlsform_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"amana/internal/event"
	"amana/internal/xlsform"
)

// workbook writes sheets, in the order "title", "rows", each row a line of cells
// with | between them.
func workbook(t testing.TB, sheets ...string) []byte {
	t.Helper()
	file := excelize.NewFile()
	defer file.Close()
	for i := 0; i+1 < len(sheets); i += 2 {
		if _, err := file.NewSheet(sheets[i]); err != nil {
			t.Fatal(err)
		}
		for r, line := range strings.Split(strings.Trim(sheets[i+1], "\n"), "\n") {
			for c, text := range strings.Split(line, "|") {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err == nil {
					err = file.SetCellStr(sheets[i], cell, strings.TrimSpace(text))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := file.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := file.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const settings = "form_id | version | form_title\ntrial | 3 | A trial"

const choices = `
list_name | name  | label   | region
yes_no    | yes   | Yes     |
yes_no    | no    | No      |
truth     | true  | Yes     |
truth     | false | No      |
place     | p1    | Place 1 | north
place     | p2    | Place 2 | south
place     | p3    | Place 3 | south
region    | north | North   |
region    | south | South   |
`

// form reads a form of these rows of a survey.
func form(t testing.TB, survey string) *xlsform.Form {
	t.Helper()
	f, problems := xlsform.Read(workbook(t, "survey", survey, "choices", choices, "settings", settings))
	if f == nil {
		t.Fatalf("refused: %v", problems)
	}
	return f
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func state(f *xlsform.Form, a xlsform.Answers) *xlsform.State {
	return f.Evaluate(a, xlsform.Env{Now: noon, Language: "en"})
}

// same reports a value that is not as wanted; values do not print.
func same(t testing.TB, s *xlsform.State, path string, want event.Value) {
	t.Helper()
	if got := s.Value(path); !got.Equal(want) {
		t.Errorf("%s is %q of type %d, want %q of type %d", path, got.RevealList(), got.Type(), want.RevealList(), want.Type())
	}
}

// rezip writes the parts of a workbook anew, as change wants them. A part that
// becomes nil is left out; added ones follow.
func rezip(t testing.TB, workbook []byte, change func(name string, raw []byte) []byte, added map[string][]byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, raw []byte) {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write(raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var raw bytes.Buffer
		if _, err := raw.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		if changed := change(f.Name, raw.Bytes()); changed != nil {
			put(f.Name, changed)
		}
	}
	for name, raw := range added {
		put(name, raw)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unchanged(_ string, raw []byte) []byte { return raw }
