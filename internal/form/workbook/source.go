package main

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// sheet is the rows of a sheet, its heading first.
type sheet [][]string

// book is a workbook by the names of its sheets.
type book struct{ survey, choices, settings sheet }

// formsIn returns the ids of the forms: each is a folder.
func formsIn(source fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(source, ".")
	if err != nil {
		return nil, err
	}
	var forms []string
	for _, e := range entries {
		if e.IsDir() {
			forms = append(forms, e.Name())
		}
	}
	return forms, nil
}

// read returns a form's workbook. Its choices are those of its own and, for the
// lists that it uses and does not have, the shared ones and the countries.
func read(source fs.FS, form string) (book, error) {
	var b book
	var err error
	if b.survey, err = table(source, path.Join(form, "survey.tsv")); err != nil {
		return b, err
	}
	if b.settings, err = table(source, path.Join(form, "settings.tsv")); err != nil {
		return b, err
	}
	shared, err := table(source, "choices.tsv")
	if err != nil {
		return b, err
	}
	countries, err := countries(source)
	if err != nil {
		return b, err
	}
	b.choices = sheet{shared[0]}
	if own, err := table(source, path.Join(form, "choices.tsv")); err == nil {
		b.choices = own
	}
	for _, list := range lists(b.survey) {
		if len(b.choices.only(list)) > 0 {
			continue
		}
		rows := append(shared.only(list), countries.only(list)...)
		if len(rows) == 0 {
			return b, fmt.Errorf("%s: no choices of the list %s", form, list)
		}
		b.choices = append(b.choices, rows...)
	}
	return b, nil
}

// table reads tab-separated text: no quoting, no empty rows, short rows filled up.
func table(source fs.FS, name string) (sheet, error) {
	text, err := fs.ReadFile(source, name)
	if err != nil {
		return nil, err
	}
	var rows sheet
	for line := range strings.Lines(string(text)) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(rows) > 0 && len(row) > len(rows[0]) {
			return nil, fmt.Errorf("%s: row %d has more cells than the heading", name, len(rows)+1)
		}
		if len(rows) > 0 {
			row = append(row, make([]string, len(rows[0])-len(row))...)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: empty", name)
	}
	return rows, nil
}

// only returns the rows of one list of choices.
func (s sheet) only(list string) sheet {
	var rows sheet
	for _, row := range s {
		if row[0] == list {
			rows = append(rows, row)
		}
	}
	return rows
}

// lists returns the lists of choices that a survey uses, in order.
func lists(survey sheet) []string {
	var used []string
	for _, row := range survey[1:] {
		words := strings.Fields(row[0])
		if len(words) < 2 || !strings.HasPrefix(words[0], "select_") || slices.Contains(used, words[1]) {
			continue
		}
		used = append(used, words[1])
	}
	return used
}
