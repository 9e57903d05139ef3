package web

import (
	"amana/internal/chart"
	"amana/internal/disclose"
	"amana/internal/stats"
)

// releasedTables are the tables of a release for all areas, and of the headline by area.
func (v *visit) releasedTables(r *disclose.Release) []figureTable {
	var list []figureTable
	for i := range r.Tables {
		t := &r.Tables[i]
		view := v.releasedTable(r, t, 0)
		list = append(list, view)
		if t.ID == "total" && len(r.Areas) > 1 {
			list = append(list, v.byArea(r, t))
		}
	}
	return list
}

func (v *visit) releasedTable(r *disclose.Release, t *disclose.Released, area int) figureTable {
	view := figureTable{No: numberOf(t.ID), ID: t.ID, Title: v.lang.T("figures.table." + t.ID), What: v.lang.T("figures.table." + t.ID + ".what")}
	for _, p := range r.Periods {
		view.Periods = append(view.Periods, v.spanText(p))
	}
	var bars []chart.Row
	for i, id := range t.Rows {
		row, bar, any := figureRow{Label: v.releasedRow(t.ID, id)}, chart.Row{Values: []int{0}}, false
		for p := range r.Periods {
			n := r.At(t, i, area, p)
			row.Cells = append(row.Cells, figureCell{Text: v.figureText(n)})
			any = any || n != 0 && n != disclose.Absent
			if n == disclose.Withheld {
				bar.Instead = v.lang.T("figures.held")
			}
			bar.Values[0] += max(n, 0)
		}
		if !any && len(t.Rows) > 20 {
			continue
		}
		bar.Label = row.Label
		view.Rows, bars = append(view.Rows, row), append(bars, bar)
	}
	if len(bars) > 1 {
		view.Chart = chart.New(chart.Options{ID: "chart-" + t.ID, Title: view.Title, Desc: view.What, RTL: v.lang.Dir() == "rtl", Number: v.lang.Number}, bars)
	}
	return view
}

func (v *visit) byArea(r *disclose.Release, t *disclose.Released) figureTable {
	view := figureTable{ID: "areas", Title: v.lang.T("figures.areas.title"), What: v.lang.T("figures.areas.what")}
	for _, p := range r.Periods {
		view.Periods = append(view.Periods, v.spanText(p))
	}
	for a := 1; a < len(r.Areas); a++ {
		row := figureRow{Label: r.Areas[a].ID}
		for p := range r.Periods {
			row.Cells = append(row.Cells, figureCell{Text: v.figureText(r.At(t, 0, a, p))})
		}
		view.Rows = append(view.Rows, row)
	}
	return view
}

func numberOf(id string) int {
	for _, t := range stats.Tables() {
		if t.ID == id {
			return t.No
		}
	}
	return 0
}

func (v *visit) figureText(n int) string {
	switch n {
	case disclose.Withheld:
		return v.lang.T("figures.held")
	case disclose.Absent:
		return "–"
	}
	return v.lang.Number(n)
}
