package form_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"amana/internal/form"
)

// changed is the project's workbook of a form with cells of its survey changed: by
// the name of the row, "" for one that is added, and the column's heading.
func changed(t *testing.T, id string, change func(file *excelize.File, row, column func(name string) int)) []byte {
	t.Helper()
	raw, _ := form.Workbook(id)
	file, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := file.GetRows("survey")
	if err != nil {
		t.Fatal(err)
	}
	column := func(heading string) int {
		for i, c := range rows[0] {
			if c == heading {
				return i + 1
			}
		}
		t.Fatalf("no column %s", heading)
		return 0
	}
	row := func(name string) int {
		for i, r := range rows {
			if name == "" && i == len(rows)-1 {
				return len(rows) + 1
			}
			if len(r) >= column("name") && r[column("name")-1] == name {
				return i + 1
			}
		}
		t.Fatalf("no row %s", name)
		return 0
	}
	change(file, row, column)
	var out bytes.Buffer
	if err := file.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func set(t *testing.T, file *excelize.File, row, column int, text string) {
	t.Helper()
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err == nil {
		err = file.SetCellStr("survey", cell, text)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What changes is said question by question: in other words, new, no longer asked.
func TestCompare(t *testing.T) {
	const id = "gbv_survivor_information"
	old, _ := form.Builtin().Form(id)
	if d := form.Compare(old, old); !d.IsNone() {
		t.Errorf("the form differs from itself: %d worded, %d ruled", len(d.Worded), len(d.Ruled))
	}
	raw := changed(t, id, func(file *excelize.File, row, column func(string) int) {
		set(t, file, row("age"), column("label::English (en)"), "Years of life")
		set(t, file, row(""), column("type"), "text")
		set(t, file, row(""), column("name"), "favourite_tree")
		set(t, file, row(""), column("label::English (en)"), "A tree")
		if err := file.RemoveRow("survey", row("maritial_status")); err != nil {
			t.Fatal(err)
		}
	})
	next, problems := form.Builtin().With(raw)
	now, _ := next.Form(id)
	if now == old {
		t.Fatalf("refused: %v", problems)
	}
	d := form.Compare(old, now)
	if len(d.Added) != 1 || d.Added[0].Name != "favourite_tree" {
		t.Errorf("added: %d questions, want the tree", len(d.Added))
	}
	if len(d.Gone) != 1 || d.Gone[0].Name != "maritial_status" {
		t.Errorf("gone: %d questions, want maritial_status", len(d.Gone))
	}
	if len(d.Worded) != 1 || d.Worded[0].After["en"] != "Years of life" || len(d.Retyped) != 0 {
		t.Errorf("worded: %d questions, retyped: %d, want only age worded", len(d.Worded), len(d.Retyped))
	}
	if d := form.Compare(nil, now); len(d.Added) == 0 || len(d.Gone) > 0 {
		t.Error("of a form that is new, all is new")
	}
}

// A field of the interchange standard keeps its type and its choices.
func TestWith_refusesAnotherMeaning(t *testing.T) {
	raw := changed(t, "gbv_survivor_information", func(file *excelize.File, row, column func(string) int) {
		set(t, file, row("age"), column("type"), "text")
	})
	_, problems := form.Builtin().With(raw)
	for _, p := range problems {
		if p.Fatal && strings.HasPrefix(p.Key, "form.problem.type") {
			return
		}
	}
	t.Errorf("problems %v, want the type of age refused", problems)
}
