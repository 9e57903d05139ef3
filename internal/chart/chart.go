// Package chart lays out small charts: bars, one to a line, and bars in parts. It
// takes numbers and words that are ready to be shown, and hands out geometry; a
// template draws it as SVG, in classes and without styles.
//
// Widths are in percent and letters keep their size, so that a chart is as
// readable on a telephone as on paper. A number stands beside every bar and a
// pattern on every part: nothing is said by colour alone. It rounds nothing and
// hides nothing by itself: what is too few to show, the caller says in words.
package chart

import (
	"cmp"
	"slices"
	"strconv"
)

// Row is one line of a chart.
type Row struct {
	Label  string
	Values []int // one for each part; negative ones count as none
	// Instead stands in place of the number where it is not to be shown. The line
	// has no bar then: its length would tell.
	Instead string
}

// Options of a chart.
type Options struct {
	ID          string // of the drawing on its page, and of its patterns
	Title, Desc string
	Parts       []string // names of the parts, in order; one or none for plain bars
	RTL         bool     // the lines begin at the right
	Sorted      bool     // the longest first
	Number      func(int) string
	Most        int // what a whole line stands for, where it is more than the longest
}

// Chart is a chart to be drawn.
type Chart struct {
	Options
	Height int
	Lines  []Line
	Keys   []Key // of the parts, where there are several
}

// Line is one line: its words, then its bar below them.
type Line struct {
	Label, Number string
	TextY, BarY   int
	Track         bool // the line has a bar, even if of no length
	Bars          []Bar
	Values        []string // of the parts, as numbers, for the table
}

// Bar is one part of a bar. X and Width are percent of the drawing's width.
type Bar struct {
	X, Width string
	Part     int // names its pattern: 0 … 4
	Title    string
}

// Key explains a pattern.
type Key struct {
	Part int
	Name string
}

// Sizes of a drawing, in CSS pixels.
const (
	LineHeight = 46
	BarHeight  = 14
	textDown   = 17
	barDown    = 25
	patterns   = 5
)

// New lays out a chart.
func New(o Options, rows []Row) Chart {
	if o.Number == nil {
		o.Number = strconv.Itoa
	}
	c := Chart{Options: o, Height: LineHeight * len(rows)}
	if len(o.Parts) > 1 {
		for i, name := range o.Parts {
			c.Keys = append(c.Keys, Key{i % patterns, name})
		}
	}
	if o.Sorted {
		rows = slices.Clone(rows)
		slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(b.sum(), a.sum()) })
	}
	whole := o.Most
	for _, r := range rows {
		whole = max(whole, r.sum())
	}
	for i, r := range rows {
		c.Lines = append(c.Lines, c.line(i, r, whole))
	}
	return c
}

// sum is what a line comes to; what is not to be shown counts as nothing.
func (r Row) sum() (n int) {
	if r.Instead != "" {
		return 0
	}
	for _, v := range r.Values {
		n += max(v, 0)
	}
	return n
}

func (c *Chart) line(i int, r Row, whole int) Line {
	l := Line{
		Label: r.Label, TextY: i*LineHeight + textDown, BarY: i*LineHeight + barDown,
		Number: r.Instead, Track: r.Instead == "",
	}
	if !l.Track {
		for range max(len(c.Parts), 1) {
			l.Values = append(l.Values, r.Instead)
		}
		return l
	}
	l.Number = c.Number(r.sum())
	from := 0
	for part, v := range r.Values {
		v = max(v, 0)
		l.Values = append(l.Values, c.Number(v))
		if v > 0 {
			l.Bars = append(l.Bars, c.bar(part, from, v, whole))
		}
		from += v
	}
	return l
}

// bar places one part. Ends are rounded, not lengths, so that parts meet.
func (c *Chart) bar(part, from, length, whole int) Bar {
	begin, end := share(from, whole), share(from+length, whole)
	b := Bar{X: percent(begin), Width: percent(end - begin), Part: part % patterns}
	if c.RTL {
		b.X = percent(10_000 - end)
	}
	if part < len(c.Parts) {
		b.Title = c.Parts[part] + ": " + c.Number(length)
	}
	return b
}

// share is n of whole in hundredths of a percent.
func share(n, whole int) int {
	if whole <= 0 {
		return 0
	}
	return int((int64(n)*10_000 + int64(whole)/2) / int64(whole))
}

func percent(hundredths int) string {
	return strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64) + "%"
}
