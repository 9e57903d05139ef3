package pdf

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// A4 in points, and what is left free around it.
const (
	pageWidth  = 595.0
	pageHeight = 842.0
	margin     = 57.0
	footerAt   = 34.0
	footerSize = 8.0
)

// Style says how a piece of text looks.
type Style struct {
	Size float64
	Bold bool
	// Before is the room above it, in points.
	Before float64
}

// Document is what is written. Its methods are called in the order of reading.
type Document struct {
	lang        string
	rightToLeft bool
	title       string
	footer      string
	regular     faces
	bold        faces
	shaper      shaping.HarfbuzzShaper
	segmenter   shaping.Segmenter
	wrapper     shaping.LineWrapper
	pages       []*strings.Builder
	y           float64 // how far down the page the next line begins
}

// New begins a document. Lang is its language (BCP 47); the footer stands on every
// page beside its number.
func New(title, lang string, rightToLeft bool, footer string) (*Document, error) {
	d := &Document{lang: lang, rightToLeft: rightToLeft, title: title, footer: footer}
	var err error
	if d.regular, err = loadFaces(false); err != nil {
		return nil, err
	}
	d.bold, err = loadFaces(true)
	d.newPage()
	return d, err
}

func (d *Document) newPage() {
	d.pages = append(d.pages, &strings.Builder{})
	d.y = margin
}

func (d *Document) page() *strings.Builder { return d.pages[len(d.pages)-1] }

func (d *Document) direction() di.Direction {
	if d.rightToLeft {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

// lines shapes a text and breaks it to a width.
func (d *Document) lines(text string, s Style, width float64, dir di.Direction) (runes []rune, lines []shaping.Line) {
	runes = []rune(clean(text))
	if len(runes) == 0 {
		return runes, nil
	}
	set := d.faces(s)
	size := fixed.Int26_6(s.Size * 64)
	in := shaping.Input{Text: runes, RunEnd: len(runes), Direction: dir, Size: size, Language: language.NewLanguage(d.lang), Face: set[0].Face}
	var shaped []shaping.Output
	for _, run := range d.segmenter.Split(in, set) {
		shaped = append(shaped, d.shaper.Shape(run))
	}
	config := shaping.WrapConfig{Direction: dir, BreakPolicy: shaping.WhenNecessary}
	lines, _ = d.wrapper.WrapParagraphF(config, fixed.Int26_6(width*64), runes, shaping.NewSliceIterator(shaped))
	lines = slices.Clone(lines)
	for i := range lines { // the wrapper uses its own again for the next paragraph
		lines[i] = slices.Clone(lines[i])
	}
	return runes, lines
}

func (d *Document) faces(s Style) faces {
	if s.Bold {
		return d.bold
	}
	return d.regular
}

// clean leaves letters and spaces: a control character is drawn by no font, and turns
// nothing around.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

const leading = 1.45

// Text adds a paragraph, in the direction of the document.
func (d *Document) Text(text string, s Style) {
	d.y += s.Before
	for part := range strings.SplitSeq(text, "\n") {
		d.block(part, s, margin, pageWidth-2*margin, d.direction())
	}
}

// block draws a paragraph between x and x+width, and begins pages as it needs them.
func (d *Document) block(text string, s Style, x, width float64, dir di.Direction) {
	runes, lines := d.lines(text, s, width, dir)
	for _, line := range lines {
		if d.y+s.Size*leading > pageHeight-margin {
			d.newPage()
		}
		d.y += s.Size * leading
		d.line(d.page(), runes, line, s, x, width, pageHeight-d.y+s.Size*(leading-1)/2, d.rightToLeft)
	}
}

// Row adds a label and a value beside it. Code is set for what is read from the left
// whatever the language is.
func (d *Document) Row(label, value string, code bool) {
	const part, gap = 0.32, 12.0
	width := pageWidth - 2*margin
	first, second := Style{Size: 9.5, Bold: true}, Style{Size: 9.5}
	dir := d.direction()
	if code {
		dir = di.DirectionLTR
	}
	labelX, valueX, labelWidth := margin, margin+width*part+gap, width*part
	valueWidth := width*(1-part) - gap
	if d.rightToLeft {
		labelX, valueX = margin+width*(1-part), margin
	}
	_, a := d.lines(label, first, labelWidth, d.direction())
	_, b := d.lines(value, second, valueWidth, dir)
	if rows := max(len(a), len(b)); d.y+float64(rows)*first.Size*leading > pageHeight-margin && rows < 40 {
		d.newPage()
	}
	page, top := len(d.pages), d.y
	d.block(label, first, labelX, labelWidth, d.direction())
	below := d.y
	if len(d.pages) == page {
		d.y = top
	}
	d.block(value, second, valueX, valueWidth, dir)
	if len(d.pages) == page {
		d.y = max(d.y, below)
	}
	d.y += 2.5
}

// line draws one line at a height. It begins where reading does.
func (d *Document) line(out *strings.Builder, runes []rune, line shaping.Line, s Style, x, width, y float64, right bool) {
	ordered := slices.Clone(line)
	slices.SortFunc(ordered, func(a, b shaping.Output) int { return int(a.VisualIndex) - int(b.VisualIndex) })
	total := 0.0
	for _, run := range ordered {
		total += float64(run.Advance) / 64
	}
	if right {
		x += width - total
	}
	set := d.faces(s)
	for _, run := range ordered {
		d.run(out, runes, run, set.of(run.Face), s.Size, x, y)
		x += float64(run.Advance) / 64
	}
}

// drawn is a glyph and where it stands.
type drawn struct {
	shaping.Glyph
	x, y float64
}

// run draws one run, from left to right. Each cluster of a run from the right says its
// letters itself: readers put such pieces in order by where they stand. Some give a
// letter and its vowel sign the other way round.
func (d *Document) run(out *strings.Builder, runes []rune, run shaping.Output, f *face, size, x, y float64) {
	var list []drawn
	for _, g := range run.Glyphs {
		list = append(list, drawn{g, x + float64(g.XOffset)/64, y + float64(g.YOffset)/64})
		x += float64(g.Advance) / 64
	}
	for len(list) > 0 {
		n := len(list)
		from, to := run.Runes.Offset, run.Runes.Offset+run.Runes.Count
		if run.Direction == di.DirectionRTL {
			from = list[0].TextIndex()
			to = min(len(runes), from+list[0].RunesCount())
			n = 1
			for n < len(list) && list[n].TextIndex() == from {
				n++
			}
		}
		fmt.Fprintf(out, "/Span <</ActualText <%s>>> BDC BT /%s %.2f Tf\n", utf16Hex(string(runes[from:to])), f.name, size)
		for _, g := range list[:n] {
			if _, seen := f.used[g.GlyphID]; !seen {
				f.used[g.GlyphID] = string(runes[g.TextIndex():min(len(runes), g.TextIndex()+g.RunesCount())])
			}
			fmt.Fprintf(out, "1 0 0 1 %.2f %.2f Tm <%04X> Tj\n", g.x, g.y, g.GlyphID)
		}
		out.WriteString("ET EMC\n")
		list = list[n:]
	}
}

// utf16Hex is a text as PDF has it: UTF-16, big-endian, with its mark.
func utf16Hex(s string) string {
	b := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return strings.ToUpper(hex.EncodeToString(b))
}
