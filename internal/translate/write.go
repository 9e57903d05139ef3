package translate

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"amana/internal/i18n"
)

// The sheets and columns of a workbook.
const (
	sheetLanguage = "language"
	sheetTexts    = "texts"

	columnID          = "id"
	columnForm        = "form"
	columnTranslation = "translation"
)

// Write writes the workbook of a language, with what is translated already. A pack
// without messages is a language to begin.
func Write(w io.Writer, c *i18n.Catalogue, p i18n.Pack) error {
	file := excelize.NewFile()
	defer file.Close()
	if err := file.SetSheetName("Sheet1", sheetTexts); err != nil {
		return fmt.Errorf("translate: %w", err)
	}
	if _, err := file.NewSheet(sheetLanguage); err != nil {
		return fmt.Errorf("translate: %w", err)
	}
	head := [][]any{{"tag", p.Tag}, {"name", p.Name}, {"direction", p.Dir}}
	if err := writeRows(file, sheetLanguage, head); err != nil {
		return err
	}
	rows := [][]any{{columnID, columnForm, "English", "French", columnTranslation, "note"}}
	for _, key := range Keys(c) {
		rows = append(rows, rowsOf(c, p, key)...)
	}
	if err := writeRows(file, sheetTexts, rows); err != nil {
		return err
	}
	if err := file.SetColWidth(sheetTexts, "A", "F", 40); err != nil {
		return fmt.Errorf("translate: %w", err)
	}
	if err := file.Write(w); err != nil {
		return fmt.Errorf("translate: %w", err)
	}
	return nil
}

// rowsOf are the rows of one text: one for each plural form of the language.
func rowsOf(c *i18n.Catalogue, p i18n.Pack, key string) [][]any {
	english, french := c.Original("en", key), c.Original("fr", key)
	forms := []string{i18n.Other}
	if len(english) > 1 {
		forms = i18n.PluralForms(p.Tag)
	}
	var rows [][]any
	for _, form := range forms {
		rows = append(rows, []any{key, form, of(english, form), of(french, form), p.Messages[key][form], note(english[i18n.Other], len(forms) > 1)})
	}
	return rows
}

func of(forms i18n.Forms, form string) string {
	if text, there := forms[form]; there {
		return text
	}
	return forms[i18n.Other]
}

// note says what a translator must keep.
func note(english string, plural bool) string {
	var names []string
	for _, part := range strings.Split(english, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		if name = "{" + name + "}"; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var notes []string
	if len(names) > 0 {
		notes = append(notes, "Keep "+strings.Join(names, " ")+" as it is. / Garder tel quel.")
	}
	if plural {
		notes = append(notes, "One row for each plural form. / Une ligne par forme du pluriel.")
	}
	return strings.Join(notes, " ")
}

func writeRows(file *excelize.File, sheet string, rows [][]any) error {
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = file.SetSheetRow(sheet, cell, &row)
		}
		if err != nil {
			return fmt.Errorf("translate: %w", err)
		}
	}
	return nil
}
