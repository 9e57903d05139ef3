package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

const (
	sources   = "../source"
	workbooks = "../workbooks"
)

// What is committed as a workbook is what its source says, cell for cell.
func TestWorkbooks_areTheirSource(t *testing.T) {
	forms, err := formsIn(os.DirFS(sources))
	if err != nil || len(forms) == 0 {
		t.Fatalf("no forms: %v", err)
	}
	for _, form := range forms {
		t.Run(form, func(t *testing.T) {
			want, err := read(os.DirFS(sources), form)
			if err != nil {
				t.Fatal(err)
			}
			got := opened(t, filepath.Join(workbooks, form+".xlsx"))
			for _, sheets := range []struct {
				name      string
				got, want sheet
			}{
				{"survey", got.survey, want.survey},
				{"choices", got.choices, want.choices},
				{"settings", got.settings, want.settings},
			} {
				compare(t, sheets.name, sheets.got, sheets.want)
			}
		})
	}
	files, err := filepath.Glob(filepath.Join(workbooks, "*.xlsx"))
	if err != nil || len(files) != len(forms) {
		t.Errorf("%d workbooks of %d forms: %v", len(files), len(forms), err)
	}
}

func compare(t *testing.T, name string, got, want sheet) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d rows, its source %d: run go generate ./internal/form/workbook", name, len(got), len(want))
		return
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("%s, row %d:\n got %q\nwant %q\nrun go generate ./internal/form/workbook", name, i+1, got[i], want[i])
			return
		}
	}
}

func opened(t *testing.T, name string) book {
	t.Helper()
	file, err := excelize.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := func(name string) sheet {
		rows, err := file.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			rows[i] = append(row, make([]string, len(rows[0])-len(row))...)
		}
		return rows
	}
	return book{survey: rows("survey"), choices: rows("choices"), settings: rows("settings")}
}

// A workbook is a file in the project: the same source must give the same bytes.
func TestWrite_isDeterministic(t *testing.T) {
	b, err := read(os.DirFS(sources), "identity")
	if err != nil {
		t.Fatal(err)
	}
	one, err := write(b)
	if err != nil {
		t.Fatal(err)
	}
	two, err := write(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, two) {
		t.Error("written twice: not the same bytes")
	}
}
