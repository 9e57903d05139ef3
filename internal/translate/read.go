package translate

import (
	"slices"
	"strings"
	"unicode/utf8"

	"amana/internal/i18n"
	"amana/internal/xlsform"
)

// Read reads a workbook that came back. The pack is of use where there is no problem.
// The limits on a workbook are those of forms.
func Read(workbook []byte, c *i18n.Catalogue) (i18n.Pack, []xlsform.Problem) {
	head, problem := xlsform.Sheet(workbook, sheetLanguage)
	if problem != nil {
		return i18n.Pack{}, []xlsform.Problem{inWords(*problem)}
	}
	rows, problem := xlsform.Sheet(workbook, sheetTexts)
	if problem != nil {
		return i18n.Pack{}, []xlsform.Problem{inWords(*problem)}
	}
	r := &reader{catalogue: c, pack: i18n.Pack{Messages: map[string]i18n.Forms{}}, at: map[string]int{}}
	r.language(head)
	if len(r.problems) == 0 {
		r.texts(rows)
	}
	return r.pack, r.problems
}

// inWords: a form's missing sheet is its survey; here it is named.
func inWords(p xlsform.Problem) xlsform.Problem {
	if p.Key == "xlsform.sheet.missing" {
		p.Key = "words.sheet.missing"
	}
	return p
}

// mostProblems bounds a report.
const mostProblems = 200

type reader struct {
	catalogue *i18n.Catalogue
	pack      i18n.Pack
	at        map[string]int // the row of "key#form", and of "key" its first
	problems  []xlsform.Problem
}

func (r *reader) refuse(sheet string, row int, column, kind string, args ...any) {
	if len(r.problems) < mostProblems {
		r.problems = append(r.problems, xlsform.Problem{Sheet: sheet, Row: row, Column: column, Key: "words.fault." + kind, Args: args, Fatal: true})
	}
}

// language reads which language it is: a word and its value in each row.
func (r *reader) language(rows [][]string) {
	said, at := map[string]string{}, map[string]int{}
	for i, cells := range rows {
		if len(cells) > 1 {
			word := strings.ToLower(cells[0])
			said[word], at[word] = cells[1], i+1
		}
	}
	tag, err := r.catalogue.Canonical(said["tag"])
	if err != nil {
		r.refuse(sheetLanguage, at["tag"], "tag", "tag")
		return
	}
	r.pack.Tag, r.pack.Name, r.pack.Dir = tag, said["name"], said["direction"]
	if r.pack.Dir == "" {
		r.pack.Dir = i18n.Direction(tag)
	}
	if r.pack.Dir != "ltr" && r.pack.Dir != "rtl" {
		r.refuse(sheetLanguage, at["direction"], "direction", "direction")
	}
	if r.pack.Name == "" || r.catalogue.CheckPack(i18n.Pack{Tag: tag, Name: r.pack.Name, Dir: "ltr"}) != nil {
		r.refuse(sheetLanguage, at["name"], "name", "name")
	}
}

// texts reads the translations. Columns are found by their headings, so that they may
// stand in any order.
func (r *reader) texts(rows [][]string) {
	if len(rows) == 0 {
		r.refuse(sheetTexts, 1, columnID, "column")
		return
	}
	column := func(name string) int {
		return slices.IndexFunc(rows[0], func(c string) bool { return strings.EqualFold(c, name) })
	}
	id, form, text := column(columnID), column(columnForm), column(columnTranslation)
	for name, i := range map[string]int{columnID: id, columnForm: form, columnTranslation: text} {
		if i < 0 {
			r.refuse(sheetTexts, 1, name, "column")
		}
	}
	if len(r.problems) > 0 {
		return
	}
	cell := func(cells []string, i int) string {
		if i < len(cells) {
			return cells[i]
		}
		return ""
	}
	for i, cells := range rows[1:] {
		if words := cell(cells, text); words != "" {
			r.text(i+2, cell(cells, id), cell(cells, form), words)
		}
	}
	r.check()
}

// text takes one row in.
func (r *reader) text(row int, key, form, words string) {
	if form == "" {
		form = i18n.Other
	}
	_, there := r.at[key+"#"+form]
	switch {
	case !IsOpen(key) || r.catalogue.Original(i18n.Source, key)[i18n.Other] == "":
		r.refuse(sheetTexts, row, columnID, i18n.FaultUnknown)
		return
	case there:
		r.refuse(sheetTexts, row, columnID, "twice")
		return
	case !utf8.ValidString(words):
		r.refuse(sheetTexts, row, columnTranslation, i18n.FaultControl)
		return
	}
	if r.pack.Messages[key] == nil {
		r.pack.Messages[key] = i18n.Forms{}
		r.at[key] = row
	}
	r.pack.Messages[key][form], r.at[key+"#"+form] = words, row
}

// check holds each text to its original.
func (r *reader) check() {
	for key, forms := range r.pack.Messages {
		for _, fault := range r.catalogue.Check(r.pack.Tag, key, forms) {
			row := r.at[key+"#"+fault.Form]
			if row == 0 {
				row = r.at[key] // of a form that is not there
			}
			column := columnTranslation
			if fault.Kind == i18n.FaultForm {
				column = columnForm
			}
			r.refuse(sheetTexts, row, column, fault.Kind, "forms", strings.Join(i18n.PluralForms(r.pack.Tag), " "))
		}
	}
	slices.SortFunc(r.problems, func(a, b xlsform.Problem) int { return a.Row - b.Row })
}
