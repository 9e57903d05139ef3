// Package tabulate writes figures for others: a workbook in the order of the field's
// monthly report, and a table with HXL hashtags. It takes figures that were cleared to
// leave and no others: a [disclose.Safe], or rows as [disclose.SafeRows], which only
// package disclose makes. A test holds every exporter here to that.
//
// It cannot read a vault, a case or a count: what is withheld is not there to be
// written.
package tabulate

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"amana"
	"amana/internal/disclose"
	"amana/internal/stats"
)

// Words are the words of a file, in the language of its reader.
type Words struct {
	Table   func(id string) string // title of a table
	What    func(id string) string // what it counts
	Row     func(table, row string) string
	Period  func(span string) string
	About   [][2]string // what is said of the whole: to whom, when, by which rules
	Sheets  [3]string   // names of the sheets: figures, by area, about
	Area    string      // head of the column of areas
	AllOver string      // in place of an area: all of them
	Held    string      // in place of a count that is withheld
}

// Workbook writes figures as a workbook. Kind: ErrRefused for none; else those of w.
func Workbook(w io.Writer, s disclose.Safe, words Words) error {
	if s.Empty() {
		return fmt.Errorf("tabulate: nothing that may leave: %w", amana.ErrRefused)
	}
	r := s.Release()
	f := excelize.NewFile()
	defer f.Close()
	for i, name := range words.Sheets {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", name); err != nil {
				return fmt.Errorf("tabulate: workbook: %w", err)
			}
			continue
		}
		if i == 1 && len(r.Areas) < 2 {
			continue
		}
		if _, err := f.NewSheet(name); err != nil {
			return fmt.Errorf("tabulate: workbook: %w", err)
		}
	}
	b := book{f: f, words: words, r: r}
	b.figures(words.Sheets[0])
	if len(r.Areas) > 1 {
		b.areas(words.Sheets[1])
	}
	b.about(words.Sheets[2])
	if b.err != nil {
		return fmt.Errorf("tabulate: workbook: %w", b.err)
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("tabulate: workbook: %w", err)
	}
	return nil
}

// book is a workbook while it is written.
type book struct {
	f     *excelize.File
	words Words
	r     disclose.Release
	err   error
}

func (b *book) line(sheet string, row int, cells ...any) {
	if b.err != nil {
		return
	}
	at, err := excelize.CoordinatesToCellName(1, row)
	if err == nil {
		err = b.f.SetSheetRow(sheet, at, &cells)
	}
	b.err = err
}

// number is the place of a table in the standard's report.
func number(id string) int {
	for _, t := range stats.Tables() {
		if t.ID == id {
			return t.No
		}
	}
	return 0
}

// figures are the tables for all areas, one below the other, a column to a period.
func (b *book) figures(sheet string) {
	head := []any{""}
	for _, p := range b.r.Periods {
		head = append(head, b.words.Period(p))
	}
	b.line(sheet, 1, head...)
	row := 3
	for t := range b.r.Tables {
		table := &b.r.Tables[t]
		b.line(sheet, row, fmt.Sprintf("%d. %s", number(table.ID), b.words.Table(table.ID)))
		b.line(sheet, row+1, b.words.What(table.ID))
		row += 2
		for i, id := range table.Rows {
			cells := []any{plain(b.words.Row(table.ID, id))}
			for p := range b.r.Periods {
				cells = append(cells, b.cell(table, i, 0, p))
			}
			b.line(sheet, row, cells...)
			row++
		}
		row++
	}
	if b.err == nil {
		b.err = b.f.SetColWidth(sheet, "A", "A", 52)
	}
}

func (b *book) areas(sheet string) {
	head := []any{b.words.Area, "", ""}
	for _, p := range b.r.Periods {
		head = append(head, b.words.Period(p))
	}
	b.line(sheet, 1, head...)
	row := 2
	for t := range b.r.Tables {
		table := &b.r.Tables[t]
		for i, id := range table.Rows {
			for a := 1; a < len(b.r.Areas); a++ {
				cells := []any{plain(b.r.Areas[a].ID), b.words.Table(table.ID), plain(b.words.Row(table.ID, id))}
				any := false
				for p := range b.r.Periods {
					any = any || b.r.At(table, i, a, p) != disclose.Absent
					cells = append(cells, b.cell(table, i, a, p))
				}
				if any {
					b.line(sheet, row, cells...)
					row++
				}
			}
		}
	}
}

func (b *book) about(sheet string) {
	for i, line := range b.words.About {
		b.line(sheet, i+1, line[0], plain(line[1]))
	}
}

// cell is a count, the word for what is withheld, or nothing.
func (b *book) cell(t *disclose.Released, row, area, period int) any {
	switch n := b.r.At(t, row, area, period); n {
	case disclose.Withheld:
		return b.words.Held
	case disclose.Absent:
		return ""
	default:
		return n
	}
}

// plain keeps a word from being taken for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// hashtags are the columns of a table in HXL. What is withheld has no number and says
// so in a column of its own.
var hashtags = []string{
	"#indicator+code", "#indicator+name", "#group+code", "#group+name", "#adm2+name", "#date+start", "#date+end", "#affected+num", "#status+suppressed",
}

// HXL writes figures as a table with hashtags, a line to a figure. Kind: ErrRefused
// for none; else those of w.
func HXL(w io.Writer, s disclose.Safe, words Words) error {
	if s.Empty() {
		return fmt.Errorf("tabulate: nothing that may leave: %w", amana.ErrRefused)
	}
	r := s.Release()
	out := csv.NewWriter(w)
	lines := [][]string{{"table", "title", "row", "words", "area", "first month", "last month", "incidents", "withheld"}, hashtags}
	for t := range r.Tables {
		table := &r.Tables[t]
		for cell, n := range table.Cells {
			if n == disclose.Absent {
				continue
			}
			id, area := table.Rows[cell/(len(r.Areas)*len(r.Periods))], r.Areas[cell/len(r.Periods)%len(r.Areas)]
			first, last, two := strings.Cut(r.Periods[cell%len(r.Periods)], "/")
			if !two {
				last = first
			}
			count, held := strconv.Itoa(n), "no"
			if n == disclose.Withheld {
				count, held = "", "yes"
			}
			lines = append(lines, []string{
				table.ID, words.Table(table.ID), id, plain(words.Row(table.ID, id)), plain(area.ID), first, last, count, held,
			})
		}
	}
	return out.WriteAll(lines)
}

// Rows writes rows about single incidents, with the report on their risk above them.
func Rows(w io.Writer, s disclose.SafeRows) error {
	risk := s.Risk()
	lines := [][]string{
		{fmt.Sprintf("# %d rows, %d classes, risk %.2f %%, fewest alike at least %d", risk.Rows, risk.Classes, 100*risk.Global, disclose.LeastAlike)},
		{"area", "month", "age", "sex", "displacement", "type"},
	}
	for _, m := range s.Rows() {
		lines = append(lines, []string{plain(m.Area), m.Month, m.Age, m.Sex, m.Displacement, m.Type})
	}
	return csv.NewWriter(w).WriteAll(lines)
}

// Contribution writes figures for whoever adds up those of several organisations: all
// of them, and nothing that says whose they are. Kind: ErrRefused for none and for
// figures that were not cleared for the coordination; else those of w.
func Contribution(w io.Writer, s disclose.Safe) error {
	r := s.Release()
	if s.Empty() || r.Audience != disclose.Coordination {
		return fmt.Errorf("tabulate: nothing for the coordination: %w", amana.ErrRefused)
	}
	r.Agreement = ""
	raw, err := r.Encode()
	if err != nil {
		return fmt.Errorf("tabulate: contribution: %w", err)
	}
	if _, err := w.Write(raw); err != nil {
		return fmt.Errorf("tabulate: contribution: %w", err)
	}
	return nil
}
