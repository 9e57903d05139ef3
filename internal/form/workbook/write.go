package main

import (
	"bytes"

	"github.com/xuri/excelize/v2"
)

// write returns a workbook with the sheets that XLSForm names. Every cell is text,
// so that no spreadsheet takes an id for a number or a date.
func write(b book) ([]byte, error) {
	file := excelize.NewFile()
	defer file.Close()
	if err := file.SetSheetName("Sheet1", "survey"); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		name string
		rows sheet
	}{{"survey", b.survey}, {"choices", b.choices}, {"settings", b.settings}} {
		if _, err := file.NewSheet(s.name); err != nil {
			return nil, err
		}
		if err := fill(file, s.name, s.rows); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := file.Write(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func fill(file *excelize.File, name string, rows sheet) error {
	bold, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for r, row := range rows {
		for c, text := range row {
			if text == "" {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(c+1, r+1)
			if err != nil {
				return err
			}
			if err := file.SetCellStr(name, cell, text); err != nil {
				return err
			}
		}
	}
	if err := file.SetRowStyle(name, 1, 1, bold); err != nil {
		return err
	}
	return file.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}
