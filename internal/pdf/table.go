package pdf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-text/typesetting/shaping"
)

// Sizes of tables, in points.
const (
	tableSize  = 9.0
	tableGap   = 6.0
	leastFirst = 0.34 // of the width, for the words of the rows
	mostAcross = 6    // columns of numbers beside each other; more go below
)

// Table adds a table whose first column has words and whose others have numbers, or a
// word in place of one. What is wider than the page goes on below, with the words of
// the rows again; the head stands on every page.
func (d *Document) Table(head []string, rows [][]string) {
	if len(head) < 2 {
		return
	}
	for part := range slices.Chunk(columns(len(head)-1), mostAcross) {
		d.tablePart(head, rows, part)
		d.y += tableGap
	}
}

func columns(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	return list
}

func (d *Document) tablePart(head []string, rows [][]string, part []int) {
	line := func(cells []string, bold bool) tableLine {
		one := []string{""}
		if len(cells) > 0 {
			one[0] = cells[0]
		}
		for _, c := range part {
			text := ""
			if c < len(cells) {
				text = cells[c]
			}
			one = append(one, text)
		}
		return d.tableLine(one, bold)
	}
	top := line(head, true)
	first := top.height
	if len(rows) > 0 {
		first += line(rows[0], false).height
	}
	if d.y+first > pageHeight-margin {
		d.newPage()
	}
	d.drawRow(top)
	for _, cells := range rows {
		row := line(cells, false)
		if d.y+row.height > pageHeight-margin {
			d.newPage()
			d.drawRow(top)
		}
		d.drawRow(row)
	}
}

// tableLine is a row, shaped.
type tableLine struct {
	cells  []tableCell
	style  Style
	height float64
}

type tableCell struct {
	runes    []rune
	lines    []shaping.Line
	x, width float64
}

func (d *Document) tableLine(cells []string, bold bool) tableLine {
	all := pageWidth - 2*margin
	t := tableLine{style: Style{Size: tableSize, Bold: bold}}
	first := max(all*leastFirst, all-72*float64(len(cells)-1))
	rest := (all - first) / float64(len(cells)-1)
	x, most := margin, 1
	for i, text := range cells {
		width := rest
		if i == 0 {
			width = first
		}
		c := tableCell{x: x, width: width - tableGap}
		if d.rightToLeft {
			c.x = 2*margin + all - x - c.width
		}
		c.runes, c.lines = d.lines(text, t.style, c.width, d.direction())
		most = max(most, len(c.lines))
		t.cells = append(t.cells, c)
		x += width
	}
	t.height = float64(most)*tableSize*leading + 4
	return t
}

func (d *Document) drawRow(t tableLine) {
	for _, c := range t.cells {
		for i, one := range c.lines {
			y := pageHeight - d.y - float64(i+1)*tableSize*leading + tableSize*(leading-1)/2
			d.line(d.page(), c.runes, one, t.style, c.x, c.width, y, d.rightToLeft)
		}
	}
	d.y += t.height
	d.rule(margin, pageHeight-d.y+1, pageWidth-2*margin)
}

// rule draws a hair line. It says nothing: readers pass over it.
func (d *Document) rule(x, y, width float64) {
	d.unread("0.75 g %.2f %.2f %.2f 0.4 re f 0 g", x, y, width)
}

// unread draws what is no text, and marks it so (ISO 32000-1, 14.8.2.2).
func (d *Document) unread(format string, args ...any) {
	fmt.Fprintf(d.page(), "/Artifact BMC q "+format+" Q EMC\n", args...) //nolint:misspell // the standard's name
}

// Bar is a line of a chart: its words, with the number, and how much of a whole line it
// fills.
type Bar struct {
	Label string
	Share float64 // 0 to 1
	None  bool    // it has no bar: its length would tell what is withheld
}

const barHeight = 7.0

// Bars adds a chart, each line's words above its bar.
func (d *Document) Bars(bars []Bar) {
	s := Style{Size: tableSize}
	width := pageWidth - 2*margin
	for _, b := range bars {
		if d.y+tableSize*leading+barHeight+6 > pageHeight-margin {
			d.newPage()
		}
		d.block(b.Label, s, margin, width, d.direction())
		if !b.None {
			long := width * min(max(b.Share, 0), 1)
			x := margin
			if d.rightToLeft {
				x += width - long
			}
			y := pageHeight - d.y - barHeight - 1
			d.unread("0.92 g %.2f %.2f %.2f %.2f re f 0.25 g %.2f %.2f %.2f %.2f re f", margin, y, width, barHeight, x, y, long, barHeight)
		}
		d.y += barHeight + 5
	}
}

// Outline is a boundary of a map: lines of points in the units of the drawing, from its
// upper left, with what is written in its middle.
type Outline struct {
	Lines [][][2]float64
	Shade int // 0 for none, to 4 for the darkest
	Label string
	At    [2]float64
}

const mostOfPage = 0.55 // that a map takes

// Map adds a drawing of boundaries, as wide as the page and no taller than half of it.
func (d *Document) Map(width, height float64, outlines []Outline) {
	scale := min((pageWidth-2*margin)/width, (pageHeight-2*margin)*mostOfPage/height)
	if d.y+height*scale > pageHeight-margin {
		d.newPage()
	}
	left, top := margin+(pageWidth-2*margin-width*scale)/2, pageHeight-d.y
	place := func(p [2]float64) (x, y float64) { return left + p[0]*scale, top - p[1]*scale }
	for _, o := range outlines {
		var path strings.Builder
		for _, line := range o.Lines {
			for i, p := range line {
				x, y := place(p)
				op := "l"
				if i == 0 {
					op = "m"
				}
				fmt.Fprintf(&path, "%.1f %.1f %s ", x, y, op)
			}
			path.WriteString("h ")
		}
		d.unread("%.2f g 0.3 G 0.5 w %s B*", 1-0.13*float64(o.Shade), path.String())
	}
	s := Style{Size: 8, Bold: true}
	for _, o := range outlines {
		runes, lines := d.lines(o.Label, s, 120, d.direction())
		if len(lines) == 0 {
			continue
		}
		wide := 0.0
		for _, run := range lines[0] {
			wide += float64(run.Advance) / 64
		}
		x, y := place(o.At)
		d.unread("1 g %.2f %.2f %.2f %.2f re f", x-wide/2-2, y-3, wide+4, s.Size+2)
		d.line(d.page(), runes, lines[0], s, x-wide/2, wide, y, false)
	}
	d.y += height*scale + 6
}
