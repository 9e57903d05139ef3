package mse

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits on files.
const (
	largestFile = 256 << 20
	mostRows    = 10_000_000
	longestName = 200
	longestLine = 64 << 10
)

// Read reads capture histories as UTF-8 with values separated by commas, semicolons or
// tabs, whichever the first line has most of outside of quotes: a header with the names
// of lists, then rows of 0 and 1, one for each person or, with a column named
// count, one for each pattern. Rows of one pattern are added up; rows of people on
// no list count for nothing. Lines end as any system ends them, and 1.0 is 1. Memory
// does not grow with the rows. Errors: [ErrTable] with the line, and those of r.
func Read(r io.Reader) (Table, error) {
	limited := &io.LimitedReader{R: r, N: largestFile + 1}
	in := bufio.NewScanner(skipMark(limited))
	in.Buffer(make([]byte, 0, 4096), longestLine)
	in.Split(anyLine)
	line := 0
	next := func() (string, bool) {
		for in.Scan() {
			line++
			if text := strings.TrimSpace(in.Text()); text != "" {
				return text, true
			}
		}
		return "", false
	}
	text, there := next()
	if !there && in.Err() == nil {
		return Table{}, fmt.Errorf("the file is empty: %w", ErrTable)
	}
	comma := separator(text)
	lists, count, err := header(text, comma)
	if err != nil && in.Err() == nil {
		return Table{}, err
	}
	width := len(lists)
	if count >= 0 {
		width++
	}
	counts := map[Pattern]int{}
	for rows := 0; in.Err() == nil; rows++ {
		text, there := next()
		if !there {
			break
		}
		err := take(text, string(comma), width, count, counts)
		if rows >= mostRows {
			err = fmt.Errorf("more than %d rows", mostRows)
		}
		if err != nil {
			return Table{}, &LineError{line, err}
		}
	}
	switch err := in.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return Table{}, &LineError{line + 1, fmt.Errorf("longer than %d bytes", longestLine)}
	case err != nil:
		return Table{}, fmt.Errorf("line %d: %w", line+1, err)
	case limited.N <= 0:
		return Table{}, fmt.Errorf("more than %d bytes: %w", largestFile, ErrTable)
	}
	return NewTable(lists, counts)
}

// skipMark skips the mark that some programs put before UTF-8.
func skipMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	return b
}

// anyLine is [bufio.ScanLines] for lines that may end with a carriage return alone.
func anyLine(data []byte, end bool) (advance int, line []byte, err error) {
	at := bytes.IndexAny(data, "\r\n")
	switch {
	case at < 0 && end && len(data) > 0:
		return len(data), data, nil
	case at < 0 || data[at] == '\r' && at+1 == len(data) && !end:
		return 0, nil, nil
	case data[at] == '\r' && at+1 < len(data) && data[at+1] == '\n':
		return at + 2, data[:at], nil
	}
	return at + 1, data[:at], nil
}

// separator returns what stands between the values: what programs write depends on the
// country.
func separator(text string) rune {
	count := map[rune]int{}
	quoted := false
	for _, c := range text {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			count[c]++
		}
	}
	most := ','
	for _, c := range ";\t" {
		if count[c] > count[most] {
			most = c
		}
	}
	return most
}

// header returns the names of the lists and the column of counts, or -1.
func header(text string, comma rune) (lists []string, count int, err error) {
	count = -1
	in := csv.NewReader(strings.NewReader(text))
	in.TrimLeadingSpace, in.Comma = comma != '\t', comma
	head, err := in.Read()
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return nil, 0, fmt.Errorf("the file is not UTF-8: save it as CSV in UTF-8: %w", ErrTable)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("the first line has no names of columns: %w", ErrTable)
	}
	seen := map[string]bool{}
	for i, name := range head {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			return nil, 0, fmt.Errorf("column %d has no name (take numbers of rows out): %w", i+1, ErrTable)
		case len(name) > longestName:
			return nil, 0, fmt.Errorf("column %d has too long a name: %w", i+1, ErrTable)
		case seen[name]:
			return nil, 0, fmt.Errorf("column %d has the name of another: %w", i+1, ErrTable)
		case strings.EqualFold(name, "count"):
			if count >= 0 {
				return nil, 0, fmt.Errorf("column %d is a second count: %w", i+1, ErrTable)
			}
			count = i
			continue
		}
		seen[name] = true
		lists = append(lists, name)
	}
	switch {
	case len(lists) == 0:
		return nil, 0, fmt.Errorf("no column is a list: %w", ErrTable)
	case len(lists) > MostLists:
		return nil, 0, fmt.Errorf("%d lists, at most %d: %w", len(lists), MostLists, ErrTable)
	}
	return lists, count, nil
}

// take adds one row of so many columns to the counts.
func take(text, comma string, width, count int, counts map[Pattern]int) error {
	if got := strings.Count(text, comma) + 1; got != width {
		return fmt.Errorf("%d columns, and the first line has %d", got, width)
	}
	var p Pattern
	n, j, i := 1, 0, -1
	for s := range strings.SplitSeq(text, comma) {
		i++
		s = bare(s)
		if i == count {
			v, err := strconv.Atoi(s)
			if err != nil || v < 0 || v > MostObserved {
				return fmt.Errorf("column %d: a count is a whole number from 0 to %d", i+1, MostObserved)
			}
			n = v
			continue
		}
		switch v, err := strconv.Atoi(s); {
		case s == "1":
			p |= 1 << j
		case s == "0":
		case err == nil && v > 1 && count < 0:
			return fmt.Errorf("column %d: 0 or 1 is expected; how many people a row stands for is in a column named count", i+1)
		default:
			return fmt.Errorf("column %d: 0 or 1 is expected", i+1)
		}
		j++
	}
	if counts[p] += n; counts[p] > MostObserved {
		return fmt.Errorf("more than %d people", MostObserved)
	}
	return nil
}

// bare is a value without spaces and quotes around it, and without the point and noughts
// that programs write after whole numbers.
func bare(s string) string {
	if s = strings.TrimSpace(s); len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	if whole, noughts, ok := strings.Cut(s, "."); ok && whole != "" && noughts != "" && strings.Trim(noughts, "0") == "" {
		return whole
	}
	return s
}

// LineError says on which line a file is not a table of capture histories. It is
// [ErrTable], and repeats no value.
type LineError struct {
	Line int
	err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v: %v", e.Line, e.err, ErrTable) }

// Unwrap makes errors.Is(err, ErrTable) true.
func (e *LineError) Unwrap() []error { return []error{e.err, ErrTable} }
