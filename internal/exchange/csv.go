package exchange

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Encoding is how the letters of a text file are written.
type Encoding string

// The encodings.
const (
	UTF8        Encoding = "utf-8"
	UTF16Little Encoding = "utf-16le"
	UTF16Big    Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252" // a guess: western letters
	Windows1256 Encoding = "windows-1256" // a guess: Arabic letters
)

// Guessed reports whether the file itself does not say so: pages ask whether the
// letters look right.
func (e Encoding) Guessed() bool { return e == Windows1252 || e == Windows1256 }

// Delimiters returns what cells can be separated by, as a page names them.
func Delimiters() []string { return []string{",", ";", "\t", "|"} }

func decoder(e Encoding) (encoding.Encoding, bool) {
	switch e {
	case UTF8:
		return unicode.UTF8BOM, true
	case UTF16Little:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), true
	case UTF16Big:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), true
	case Windows1252:
		return charmap.Windows1252, true
	case Windows1256:
		return charmap.Windows1256, true
	}
	return nil, false
}

// sniffEncoding reads the whole file once, where it has no mark at its beginning.
func sniffEncoding(src io.ReaderAt, size int64) (Encoding, error) {
	var mark [3]byte
	n, err := src.ReadAt(mark[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("exchange: read: %w", err)
	}
	switch {
	case n >= 2 && mark[0] == 0xff && mark[1] == 0xfe:
		return UTF16Little, nil
	case n >= 2 && mark[0] == 0xfe && mark[1] == 0xff:
		return UTF16Big, nil
	case n == 3 && mark == [3]byte{0xef, 0xbb, 0xbf}:
		return UTF8, nil
	}
	var g letterGuess
	buf := make([]byte, 0, 64<<10)
	in := io.NewSectionReader(src, 0, size)
	for {
		n, err := in.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		rest := g.take(buf, err != nil)
		buf = append(buf[:0], rest...)
		if errors.Is(err, io.EOF) {
			return g.encoding(), nil
		}
		if err != nil {
			return "", fmt.Errorf("exchange: read: %w", err)
		}
	}
}

// letterGuess looks at the bytes above ASCII: in French they stand alone between
// others, in Arabic they stand together.
type letterGuess struct {
	broken          bool // not UTF-8
	alone, together int
	run             int
}

// take looks at bytes and returns those that may be the beginning of a letter.
func (g *letterGuess) take(b []byte, last bool) (rest []byte) {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			g.endRun()
			i++
			continue
		}
		if !g.broken {
			if !last && !utf8.FullRune(b[i:]) {
				return b[i:]
			}
			if r, size := utf8.DecodeRune(b[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
			g.broken = true
		}
		g.run++
		i++
	}
	return nil
}

func (g *letterGuess) endRun() {
	if g.run == 1 {
		g.alone++
	} else {
		g.together += g.run
	}
	g.run = 0
}

func (g *letterGuess) encoding() Encoding {
	g.endRun()
	switch {
	case !g.broken:
		return UTF8
	case g.together > 2*g.alone:
		return Windows1256
	}
	return Windows1252
}

// sniffDelimiter takes the separator that gives the first lines most columns of one
// width.
func sniffDelimiter(ctx context.Context, src io.ReaderAt, size int64, e Encoding) rune {
	best, most := ',', 0
	for _, d := range Delimiters() {
		t := csvTable(src, size, e, rune(d[0]))
		rows, _, err := t.first(ctx, 20)
		if err != nil || len(rows) == 0 {
			continue
		}
		width, same := len(rows[0]), 0
		for _, r := range rows {
			if len(r) == width {
				same++
			}
		}
		if score := (width - 1) * same; score > most {
			best, most = rune(d[0]), score
		}
	}
	return best
}

// csvTable reads a text file of rows. A line that is not written as it should be is
// handed over as refused, and the next is read.
func csvTable(src io.ReaderAt, size int64, e Encoding, delimiter rune) *table {
	return &table{each: func(ctx context.Context, fn func(int, []Cell, string) error) error {
		code, ok := decoder(e)
		if !ok {
			return fmt.Errorf("exchange: encoding: %w", ErrBroken)
		}
		b := &budget{r: code.NewDecoder().Reader(io.NewSectionReader(src, 0, size)), total: mostSheet}
		b.fill(longestRow)
		r := csv.NewReader(b)
		r.Comma, r.FieldsPerRecord, r.ReuseRecord = delimiter, -1, true
		var cells []Cell
		for rows := 0; ; rows++ {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("exchange: %w", err)
			}
			fields, err := r.Read()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if b.over || rows > mostRows {
				return fmt.Errorf("exchange: table: %w", ErrLimit)
			}
			b.fill(longestRow)
			var bad *csv.ParseError
			switch {
			case errors.As(err, &bad):
				err = fn(bad.StartLine, nil, reasonSyntax)
			case err != nil:
				return fmt.Errorf("exchange: table: %w", ErrBroken)
			default:
				line, _ := r.FieldPos(0)
				cells, err = csvLine(cells, line, fields, fn)
			}
			if err != nil {
				return err
			}
		}
	}}
}

func csvLine(cells []Cell, line int, fields []string, fn func(int, []Cell, string) error) ([]Cell, error) {
	cells = cells[:0]
	reason := ""
	for _, f := range fields {
		switch {
		case len(f) > longestCell:
			reason = reasonLong
		case !utf8.ValidString(f) || bytes.ContainsRune([]byte(f), utf8.RuneError):
			reason = reasonText
		}
		cells = append(cells, Cell{Text: f})
	}
	if len(fields) > mostColumns {
		reason = reasonCells
	}
	switch {
	case reason != "":
		return cells, fn(line, nil, reason)
	case allEmpty(cells):
		return cells, nil
	}
	return cells, fn(line, cells, "")
}
