package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"amana"
)

// Format is what a file is.
type Format string

// The formats.
const (
	Recorder Format = "incident_recorder" // the workbook of the Incident Recorder
	Workbook Format = "workbook"          // another workbook
	CSV      Format = "csv"
	JSON     Format = "json"
)

// File is a file that somebody brings. It is read from its beginning as often as it
// is needed; nothing of it is held.
type File struct {
	Format   Format
	Proposed Mapping            // for a table
	Survey   []Survey           // of a table's columns
	Records  int                // rows below the header, or records
	Kinds    map[amana.Kind]int // how many JSON records are of each
	Broken   bool               // it cannot be read to its end: Records counts what can

	src   io.ReaderAt
	size  int64
	book  *workbook
	table *table
	sheet string
	lines bool // one JSON record a line
}

// Survey is what a column looks like as a whole.
type Survey struct {
	Header   string
	Letter   string
	Filled   int
	Formulas int
	Samples  []amana.Private // the first few different ones
	Dates    Evidence
	Values   map[string]int // what is written how often; nil where there is too much of it
}

const (
	mostSamples = 3
	mostValues  = 80
	longestPick = 120 // bytes of a value that may be a choice
	headerLines = 20  // among which the header is looked for
)

// Open says what a file is and looks through it once. Kinds: [amana.ErrInvalid], as
// [ErrBroken] where it is no such file and [ErrLimit] where it is too much of one.
func Open(ctx context.Context, src io.ReaderAt, size int64) (*File, error) {
	f := &File{src: src, size: size}
	if size == 0 {
		return nil, fmt.Errorf("exchange: an empty file: %w", ErrBroken)
	}
	var head [512]byte
	n, err := src.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("exchange: read: %w", err)
	}
	switch {
	case n >= 4 && string(head[:4]) == "PK\x03\x04":
		err = f.openBook(ctx)
	case n >= 4 && string(head[:4]) == "\xd0\xcf\x11\xe0":
		return nil, fmt.Errorf("exchange: an old or protected workbook: %w", ErrBroken)
	case looksLikeJSON(head[:n]):
		f.Format = JSON
		return f, f.countJSON(ctx)
	default:
		f.Format = CSV
		if f.Proposed.Encoding, err = sniffEncoding(src, size); err == nil {
			d := sniffDelimiter(ctx, src, size, f.Proposed.Encoding)
			f.Proposed.Delimiter = string(d)
			f.table = csvTable(src, size, f.Proposed.Encoding, d)
		}
	}
	if err != nil {
		return nil, err
	}
	return f, f.look(ctx)
}

// openBook takes the sheet that has most of the Incident Recorder's columns or,
// where none has, the first with anything in it.
func (f *File) openBook(ctx context.Context) (err error) {
	if f.book, err = openWorkbook(f.src, f.size); err != nil {
		return err
	}
	best := -1
	targets := spell(Targets(amana.KindIncident))
	for _, s := range f.book.sheets {
		t := f.book.table(s)
		rows, _, err := t.first(ctx, headerLines)
		if errors.Is(err, ErrLimit) || ctx.Err() != nil {
			return err
		}
		if err != nil || len(rows) == 0 {
			continue
		}
		if _, known := headerOf(rows, targets); known > best {
			best, f.table, f.sheet = known, t, s.name
		}
	}
	if f.table == nil {
		return fmt.Errorf("exchange: workbook without a sheet that has anything in it: %w", ErrBroken)
	}
	f.Format = Workbook
	return nil
}

// headerOf finds the line that has most headers that are known.
func headerOf(rows [][]Cell, targets []spelt) (index, known int) {
	known = -1
	for i, r := range rows {
		if _, n := propose(texts(r), targets); n > known {
			index, known = i, n
		}
		if i == headerLines {
			break
		}
	}
	return index, known
}

func texts(cells []Cell) []string {
	list := make([]string, len(cells))
	for i, c := range cells {
		list[i] = c.Text
	}
	return list
}

// Again looks through a text file with another encoding or delimiter.
func (f *File) Again(ctx context.Context, e Encoding, delimiter string) error {
	if f.Format != CSV {
		return nil
	}
	m := Mapping{Kind: amana.KindIncident, Encoding: e, Delimiter: delimiter}
	if err := m.Check(); err != nil || delimiter == "" || e == "" {
		return fmt.Errorf("exchange: encoding or delimiter: %w", amana.ErrInvalid)
	}
	f.Proposed.Encoding, f.Proposed.Delimiter = e, delimiter
	f.table = csvTable(f.src, f.size, e, rune(delimiter[0]))
	return f.look(ctx)
}

// recordersAtLeast is how many of its columns make a sheet the Incident Recorder's.
const recordersAtLeast = 30

// fewKnown is how few headers may be known by chance.
const fewKnown = 2

// look finds the header, proposes what becomes of the columns, and surveys them.
func (f *File) look(ctx context.Context) error {
	rows, lines, err := f.table.first(ctx, headerLines)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return fmt.Errorf("exchange: a table without a line that can be read: %w", ErrBroken)
	}
	kind, targets := amana.KindIncident, spell(Targets(amana.KindIncident))
	at, _ := headerOf(rows, targets)
	headers := texts(rows[at])
	f.Proposed.Columns, _ = propose(headers, targets)
	known := inRecorder(f.Proposed.Columns)
	switch {
	case known <= fewKnown && len(headers) == len(recorder) && f.book != nil && len(f.book.sheets) > 1:
		// its 42 columns, in a language that is not known here
		f.Proposed.Columns = make([]Column, len(headers))
		for i, h := range headers {
			f.Proposed.Columns[i].Header = h
		}
		known = len(recorder)
	case !ofIncident(f.Proposed.Columns):
		kind, targets = amana.KindCase, spell(Targets(amana.KindCase))
		at, _ = headerOf(rows, targets)
		headers = texts(rows[at])
		f.Proposed.Columns, _ = propose(headers, targets)
	}
	f.Proposed.Kind, f.Proposed.Header = kind, lines[at]
	if known >= recordersAtLeast {
		byPosition(f.Proposed.Columns)
		if f.book != nil {
			f.Format = Recorder
		}
	}
	return f.surveyAll(ctx, headers)
}

func (f *File) surveyAll(ctx context.Context, headers []string) error {
	f.Survey = make([]Survey, len(headers))
	f.Records = 0
	for i, h := range headers {
		f.Survey[i] = Survey{Header: h, Letter: letter(i), Values: map[string]int{}}
	}
	err := f.table.each(ctx, func(line int, cells []Cell, _ string) error {
		if line <= f.Proposed.Header {
			return nil
		}
		f.Records++
		for i, c := range cells {
			if i < len(f.Survey) && c.Text != "" {
				f.Survey[i].note(c, f.table.from1904)
			}
		}
		return nil
	})
	if errors.Is(err, ErrBroken) && f.Records > 0 {
		f.Broken, err = true, nil
	}
	for i := range f.Proposed.Columns {
		f.Proposed.Columns[i].Dates = f.Survey[i].Dates.Order()
	}
	return err
}

func (s *Survey) note(c Cell, from1904 bool) {
	s.Filled++
	if c.Formula {
		s.Formulas++
	}
	if len(s.Samples) < mostSamples && !slices.ContainsFunc(s.Samples, func(p amana.Private) bool { return p.Equal(amana.Conceal(c.Text)) }) {
		s.Samples = append(s.Samples, amana.Conceal(c.Text))
	}
	if s.Values != nil {
		if s.Values[c.Text]++; len(s.Values) > mostValues || len(c.Text) > longestPick {
			s.Values = nil
		}
	}
	if mayBeDate(c.Text) {
		_, form := c.readDate(Undecided, from1904)
		s.Dates.note(form)
	}
}

// mayBeDate spares what cannot be one the work of finding out.
func mayBeDate(s string) bool {
	if len(s) < 4 || len(s) > 40 {
		return false
	}
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			return true
		}
	}
	return false
}

// Unknown returns the values of a column that are no choice of a list, each with how
// often it is written.
func (s *Survey) Unknown(t Target) map[string]int {
	if !t.IsChoice() {
		return nil
	}
	unknown := map[string]int{}
	for text, n := range s.Values {
		if _, ok := (Cell{Text: text}).read(t, Column{}, false); !ok {
			unknown[text] = n
		}
	}
	return unknown
}
