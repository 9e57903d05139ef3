package tabulate

import (
	"fmt"
	"io"

	"amana"
	"amana/internal/disclose"
	"amana/internal/geo"
	"amana/internal/pdf"
)

// Report says how figures are written as a document for print.
type Report struct {
	Title, Office string
	Lang          string // BCP 47
	RightToLeft   bool
	Words         []string // paragraphs above the figures
	Charts        bool     // a chart above each table; else every table by area as well
	ByArea        [2]string
	Map           [2]string // what stands above the map, and below it
	Shapes        []geo.Shape
	AreaOf        func(shape string) string
	Number        func(int) string
}

var (
	titleStyle = pdf.Style{Size: 17, Bold: true}
	headStyle  = pdf.Style{Size: 11.5, Bold: true, Before: 12}
	textStyle  = pdf.Style{Size: 10, Before: 4}
	hintStyle  = pdf.Style{Size: 8.5, Before: 1}
)

// PDF writes figures as a document: its words, who may know them and by which rules,
// and the tables in the order of the standard's report. Kind: ErrRefused for none; else
// those of w.
func PDF(w io.Writer, s disclose.Safe, words Words, how Report) error {
	if s.Empty() {
		return fmt.Errorf("tabulate: nothing that may leave: %w", amana.ErrRefused)
	}
	doc, err := pdf.New(how.Title, how.Lang, how.RightToLeft, how.Title)
	if err != nil {
		return fmt.Errorf("tabulate: document: %w", err)
	}
	p := printing{doc: doc, r: s.Release(), words: words, how: how}
	p.begin()
	for i := range p.r.Tables {
		t := &p.r.Tables[i]
		p.table(t)
		if t.ID == "total" && len(p.r.Areas) > 1 {
			p.areas(t, how.ByArea[0])
			p.areaMap(s)
		}
	}
	if _, err := w.Write(doc.Bytes()); err != nil {
		return fmt.Errorf("tabulate: document: %w", err)
	}
	return nil
}

// printing is a document while it is written.
type printing struct {
	doc   *pdf.Document
	r     disclose.Release
	words Words
	how   Report
}

func (p *printing) begin() {
	p.doc.Text(p.how.Office, textStyle)
	p.doc.Text(p.how.Title, titleStyle)
	for _, line := range p.how.Words {
		p.doc.Text(line, textStyle)
	}
	p.doc.Text(" ", textStyle)
	for _, fact := range p.words.About {
		p.doc.Row(fact[0], fact[1], false)
	}
}

func (p *printing) head(first string) []string {
	head := []string{first}
	for _, span := range p.r.Periods {
		head = append(head, p.words.Period(span))
	}
	return head
}

func (p *printing) text(n int) string {
	switch n {
	case disclose.Withheld:
		return p.words.Held
	case disclose.Absent:
		return "–"
	}
	return p.how.Number(n)
}

// table writes a table for all areas, and its chart.
func (p *printing) table(t *disclose.Released) {
	p.doc.Text(fmt.Sprintf("%d. %s", number(t.ID), p.words.Table(t.ID)), headStyle)
	p.doc.Text(p.words.What(t.ID), hintStyle)
	var rows [][]string
	var bars []pdf.Bar
	most := 0
	for i, id := range t.Rows {
		sum, any := wholeTime(&p.r, t, 0), false
		if len(t.Rows) > 1 {
			sum, any = p.row(t, i)
		}
		if !any && len(t.Rows) > 20 {
			continue // of 42 outcomes those that are
		}
		rows = append(rows, p.cells(t, i, 0, p.words.Row(t.ID, id)))
		bars = append(bars, pdf.Bar{Label: p.words.Row(t.ID, id) + ": " + p.text(sum), Share: float64(sum), None: sum < 0})
		most = max(most, sum)
	}
	if p.how.Charts && len(bars) > 1 {
		for i := range bars {
			bars[i].Share /= float64(max(most, 1))
		}
		p.doc.Bars(bars)
	}
	p.doc.Table(p.head(""), rows)
	if !p.how.Charts && len(p.r.Areas) > 1 && t.ID != "total" {
		p.areas(t, p.words.Table(t.ID)+" – "+p.words.Area)
	}
}

// row adds up a row over the time, where all of it is shown.
func (p *printing) row(t *disclose.Released, row int) (sum int, any bool) {
	held := 0
	for i := range p.r.Periods {
		n := p.r.At(t, row, 0, i)
		any = any || n != 0 && n != disclose.Absent
		held, sum = min(held, n), sum+max(n, 0)
	}
	if held < 0 {
		return held, any
	}
	return sum, any
}

func (p *printing) cells(t *disclose.Released, row, area int, label string) []string {
	cells := []string{label}
	for i := range p.r.Periods {
		cells = append(cells, p.text(p.r.At(t, row, area, i)))
	}
	return cells
}

// areas writes a table by area: the area first, then the row.
func (p *printing) areas(t *disclose.Released, title string) {
	var rows [][]string
	for i, id := range t.Rows {
		for a := 1; a < len(p.r.Areas); a++ {
			label := p.r.Areas[a].ID
			if len(t.Rows) > 1 {
				label += " – " + p.words.Row(t.ID, id)
			}
			told := false
			for k := range p.r.Periods {
				told = told || p.r.At(t, i, a, k) != disclose.Absent
			}
			if told {
				rows = append(rows, p.cells(t, i, a, label))
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	p.doc.Text(title, headStyle)
	p.doc.Table(p.head(p.words.Area), rows)
}

func (p *printing) areaMap(s disclose.Safe) {
	if len(p.how.Shapes) == 0 {
		return
	}
	list, height, ok := AreaMap(s, p.how.Shapes, p.how.AreaOf)
	if !ok {
		return
	}
	p.doc.Text(p.how.Map[0], headStyle)
	var outlines []pdf.Outline
	for _, a := range list {
		o := pdf.Outline{Shade: a.Shade, At: [2]float64{a.Middle.X, a.Middle.Y}}
		if a.ID != "" {
			o.Label = a.ID + ": " + p.text(a.Count)
		}
		for _, line := range a.Lines {
			var places [][2]float64
			for _, at := range line {
				places = append(places, [2]float64{at.X, at.Y})
			}
			o.Lines = append(o.Lines, places)
		}
		outlines = append(outlines, o)
	}
	p.doc.Map(geo.Width, height, outlines)
	p.doc.Text(p.how.Map[1], hintStyle)
}
