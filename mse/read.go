package mse

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits on files.
const (
	largestFile = 256 << 20
	mostRows    = 10_000_000
	longestName = 200
)

// Read reads capture histories as comma-separated values: a header with the names
// of lists, then rows of 0 and 1, one for each person or, with a column named
// count, one for each pattern. Rows of one pattern are added up; rows of people on
// no list count for nothing. Memory does not grow with the rows. Errors:
// [ErrTable] with the line, and those of r.
func Read(r io.Reader) (Table, error) {
	limited := &io.LimitedReader{R: r, N: largestFile + 1}
	in := csv.NewReader(skipMark(limited))
	in.ReuseRecord = true
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		return Table{}, fmt.Errorf("the file is empty: %w", ErrTable)
	}
	if err != nil {
		return Table{}, wrong(in, err)
	}
	lists, count, err := header(head)
	if err != nil {
		return Table{}, err
	}
	counts := map[Pattern]int{}
	for rows := 0; ; rows++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && rows >= mostRows {
			err = fmt.Errorf("more than %d rows", mostRows)
		}
		if err == nil {
			err = take(row, count, counts)
		}
		if err != nil {
			return Table{}, wrong(in, err)
		}
	}
	if limited.N <= 0 {
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

// header returns the names of the lists and the column of counts, or -1.
func header(head []string) (lists []string, count int, err error) {
	count = -1
	seen := map[string]bool{}
	for i, name := range head {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			return nil, 0, fmt.Errorf("column %d has no name: %w", i+1, ErrTable)
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
		lists = append(lists, strings.Clone(name))
	}
	switch {
	case len(lists) == 0:
		return nil, 0, fmt.Errorf("no column is a list: %w", ErrTable)
	case len(lists) > MostLists:
		return nil, 0, fmt.Errorf("%d lists, at most %d: %w", len(lists), MostLists, ErrTable)
	}
	return lists, count, nil
}

// take adds one row to the counts.
func take(row []string, count int, counts map[Pattern]int) error {
	var p Pattern
	n, j := 1, 0
	for i, s := range row {
		s = strings.TrimSpace(s)
		if i == count {
			v, err := strconv.Atoi(s)
			if err != nil || v < 0 || v > MostObserved {
				return fmt.Errorf("column %d: a count is a whole number from 0 to %d", i+1, MostObserved)
			}
			n = v
			continue
		}
		switch s {
		case "1":
			p |= 1 << j
		case "0":
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

// wrong says on which line a file is not a table. Values are not repeated.
func wrong(in *csv.Reader, err error) error {
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		return &LineError{e.Line, e.Err}
	}
	line, _ := in.FieldPos(0)
	return &LineError{line, err}
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
