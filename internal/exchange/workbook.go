package exchange

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"amana"
)

// workbook reads the values of a workbook as a stream. The libraries for workbooks
// unpack a sheet into memory or, where it is large, into a file in the system's
// temporary folder: neither may happen to people's records. Of formulas it has what
// they came to; of macros, links and pictures nothing.
type workbook struct {
	files    map[string]*zip.File
	sheets   []sheet
	shared   []string
	from1904 bool
}

type sheet struct{ name, path string }

// openWorkbook reads what a workbook says of itself and its shared strings.
func openWorkbook(src io.ReaderAt, size int64) (*workbook, error) {
	z, err := zip.NewReader(src, size)
	if err != nil {
		return nil, fmt.Errorf("exchange: workbook: %w", ErrBroken)
	}
	if len(z.File) > mostParts {
		return nil, fmt.Errorf("exchange: workbook of %d parts: %w", len(z.File), ErrLimit)
	}
	w := &workbook{files: map[string]*zip.File{}}
	for _, f := range z.File {
		w.files[strings.ToLower(strings.TrimPrefix(f.Name, "/"))] = f
	}
	if err := w.outline(); err != nil {
		return nil, err
	}
	return w, w.readShared()
}

const (
	mostParts  = 10_000
	mostSheets = 256
)

// outline finds the sheets.
func (w *workbook) outline() error {
	targets := map[string]string{}
	err := w.elements("xl/_rels/workbook.xml.rels", 1<<20, func(e *element) error {
		if e.name == "Relationship" {
			targets[e.attr("Id")] = e.attr("Target")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.elements("xl/workbook.xml", 4<<20, func(e *element) error {
		switch e.name {
		case "workbookPr":
			w.from1904 = e.attr("date1904") == "1" || e.attr("date1904") == "true"
		case "sheet":
			target := targets[e.attr("id")]
			if !strings.HasPrefix(target, "/") {
				target = path.Join("xl", target)
			}
			target = strings.ToLower(strings.TrimPrefix(target, "/"))
			if len(w.sheets) == mostSheets {
				return ErrLimit
			}
			if w.files[target] != nil {
				w.sheets = append(w.sheets, sheet{e.attr("name"), target})
			}
		}
		return nil
	})
}

// readShared reads the strings that cells refer to. Where a string is spoken aloud
// in another script besides, that is left out.
func (w *workbook) readShared() error {
	const name = "xl/sharedstrings.xml"
	if w.files[name] == nil {
		return nil
	}
	held := 0
	var text strings.Builder
	return w.elements(name, mostShared*4, func(e *element) error {
		switch {
		case e.name == "si" && !e.end:
			text.Reset()
		case e.name == "t" && e.end && !e.within("rPh"):
			text.WriteString(e.text)
		case e.name == "si":
			if held += text.Len() + 16; held > mostShared || text.Len() > longestCell {
				return fmt.Errorf("exchange: shared strings: %w", ErrLimit)
			}
			w.shared = append(w.shared, unescapeCell(text.String()))
		}
		return nil
	})
}

// table returns a sheet.
func (w *workbook) table(s sheet) *table {
	return &table{sheet: s.name, from1904: w.from1904, each: func(ctx context.Context, fn func(int, []Cell, string) error) error {
		r := sheetReader{w: w, ctx: ctx, fn: fn}
		return w.elements(s.path, mostSheet, r.take)
	}}
}

// sheetReader gathers one row after the other.
type sheetReader struct {
	w    *workbook
	ctx  context.Context //nolint:containedctx // it lives as long as one call
	fn   func(int, []Cell, string) error
	line int
	rows int

	row    []Cell
	column int
	kind   string // of the cell: s shared, inlineStr, str, b, e, n
	value  string
	inline strings.Builder
	is     bool // there was an inline text
	made   bool // by a formula
	reason string
}

// Reasons for which a line is refused, as message keys.
const (
	reasonCells   = "import.problem.cells"   // more cells than the header has
	reasonLong    = "import.problem.long"    // something too long
	reasonSyntax  = "import.problem.syntax"  // not written as such a file is
	reasonShape   = "import.problem.shape"   // no record
	reasonText    = "import.problem.text"    // not text in the encoding of the file
	reasonDeep    = "import.problem.deep"    // things within things within things
	reasonTwice   = "import.problem.twice"   // one key twice
	reasonEmpty   = "import.problem.empty"   // nothing in it that could be a record
	reasonGone    = "import.problem.gone"    // marked as deleted where it comes from
	reasonKind    = "import.problem.kind"    // of a kind that is not taken in
	reasonRepeats = "import.problem.repeats" // its id stands in the file before, with something else
)

func (r *sheetReader) take(e *element) error {
	switch e.name {
	case "row":
		if e.end {
			return r.endRow()
		}
		r.line++
		if n, err := strconv.Atoi(e.attr("r")); err == nil && n >= r.line && n <= 1<<21 {
			r.line = n
		}
		r.row, r.column, r.reason = r.row[:0], 0, ""
	case "c":
		if e.end {
			r.endCell()
			return nil
		}
		if n := columnOf(e.attr("r")); n >= 0 {
			r.column = n
		}
		r.kind, r.value, r.made, r.is = e.attr("t"), "", false, false
		r.inline.Reset()
	case "v":
		if e.end {
			r.value = e.text
		}
	case "f":
		r.made = true
	case "t":
		if e.end && e.within("is") && !e.within("rPh") {
			r.inline.WriteString(e.text)
			r.is = true
		}
	}
	return nil
}

func (r *sheetReader) endCell() {
	defer func() { r.column++ }()
	if r.column >= mostColumns {
		if r.value != "" || r.is {
			r.reason = reasonCells
		}
		return
	}
	c := Cell{Text: r.value, Formula: r.made}
	switch r.kind {
	case "s":
		i, err := strconv.Atoi(r.value)
		if err != nil || i < 0 || i >= len(r.w.shared) {
			r.reason = reasonSyntax
			return
		}
		c.Text = r.w.shared[i]
	case "inlineStr":
		c.Text = unescapeCell(r.inline.String())
	case "str":
		c.Text = unescapeCell(r.value)
	case "", "n":
		c.Number = r.value != ""
	}
	if len(c.Text) > longestCell {
		r.reason = reasonLong
		return
	}
	if c.Text == "" && !c.Formula {
		return
	}
	for len(r.row) < r.column {
		r.row = append(r.row, Cell{})
	}
	if len(r.row) > r.column { // a column that comes twice
		r.reason = reasonSyntax
		return
	}
	r.row = append(r.row, c)
}

func (r *sheetReader) endRow() error {
	if err := r.ctx.Err(); err != nil {
		return fmt.Errorf("exchange: %w", err)
	}
	if r.reason == "" && allEmpty(r.row) {
		return nil
	}
	if r.rows++; r.rows > mostRows {
		return fmt.Errorf("exchange: more than %d rows: %w", mostRows, ErrLimit)
	}
	if r.reason != "" {
		return r.fn(r.line, nil, r.reason)
	}
	return r.fn(r.line, r.row, "")
}

// columnOf returns the column of a cell's name, "AB12" being 27, or -1.
func columnOf(name string) int {
	n := 0
	for i := range len(name) {
		switch ch := name[i]; {
		case ch >= 'A' && ch <= 'Z' && n < 1<<20:
			n = n*26 + int(ch-'A') + 1
		default:
			return n - 1
		}
	}
	return n - 1
}

// element is the beginning or the end of an XML element.
type element struct {
	name  string
	attrs []xml.Attr
	end   bool
	text  string // of an end: what stood since the element began or its last child ended
	stack []string

	gathered strings.Builder
}

func (e *element) attr(local string) string {
	for _, a := range e.attrs {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// within reports whether the element lies in another of this name.
func (e *element) within(name string) bool { return slices.Contains(e.stack, name) }

const deepestXML = 32

// elements calls fn with each element of a part, in order.
func (w *workbook) elements(part string, most int64, fn func(*element) error) error {
	f := w.files[part]
	if f == nil {
		return fmt.Errorf("exchange: workbook: a part is missing: %w", ErrBroken)
	}
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("exchange: workbook: %w", ErrBroken)
	}
	defer in.Close()
	b := &budget{r: in, total: most}
	b.fill(longestRow)
	d := xml.NewDecoder(b)
	e := &element{}
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) && len(e.stack) == 0 {
			return nil
		}
		if err != nil {
			return xmlError(b, err)
		}
		b.fill(longestRow)
		if err := e.take(t, fn); err != nil {
			return err
		}
	}
}

// take goes on by a token and calls fn where an element begins or ends.
func (e *element) take(t xml.Token, fn func(*element) error) error {
	switch t := t.(type) {
	case xml.StartElement:
		e.name, e.attrs, e.end, e.text = t.Name.Local, t.Attr, false, ""
		e.gathered.Reset()
		if err := fn(e); err != nil {
			return err
		}
		if e.stack = append(e.stack, t.Name.Local); len(e.stack) > deepestXML {
			return fmt.Errorf("exchange: workbook: %w", ErrLimit)
		}
	case xml.EndElement:
		n := len(e.stack) - 1
		if n < 0 || e.stack[n] != t.Name.Local {
			return fmt.Errorf("exchange: workbook: %w", ErrBroken)
		}
		e.stack = e.stack[:n]
		e.name, e.attrs, e.end, e.text = t.Name.Local, nil, true, e.gathered.String()
		e.gathered.Reset()
		return fn(e)
	case xml.CharData:
		if e.gathered.Write(t); e.gathered.Len() > longestRow {
			return fmt.Errorf("exchange: workbook: %w", ErrLimit)
		}
	case xml.Directive:
		return fmt.Errorf("exchange: workbook with a document type: %w", ErrBroken)
	}
	return nil
}

func xmlError(b *budget, err error) error {
	if b.over || errors.Is(err, ErrLimit) {
		return fmt.Errorf("exchange: workbook: %w", ErrLimit)
	}
	if errors.Is(err, amana.ErrInvalid) {
		return err
	}
	return fmt.Errorf("exchange: workbook: %w", ErrBroken)
}
