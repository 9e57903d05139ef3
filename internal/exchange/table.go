package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"

	"amana"
)

// Cell is what stands in one cell of a table.
type Cell struct {
	Text    string // as it is written, without anything made of it
	Number  bool   // a number in a workbook, where a date may be a day number
	Formula bool   // worked out by a formula: Text is what it came to when the file was saved
}

// Limits on what is read. A file beyond them is refused; it costs no more memory
// than a file within them.
const (
	mostRows    = 1_000_000
	mostColumns = 500
	longestCell = 64 << 10  // bytes of one cell
	longestRow  = 1 << 20   // bytes of one row, as the file writes it
	mostShared  = 128 << 20 // bytes of the strings that a workbook keeps apart
	mostSheet   = 2 << 30   // bytes of one sheet, unpacked
)

// ErrBroken says that a file cannot be read from some place on. What stands before
// it can be. It is an [amana.ErrInvalid].
var ErrBroken = fmt.Errorf("exchange: the file cannot be read on: %w", amana.ErrInvalid)

// ErrLimit says that a file is larger or deeper than anything that is read. It is an
// [amana.ErrInvalid].
var ErrLimit = fmt.Errorf("exchange: the file goes beyond a limit: %w", amana.ErrInvalid)

// table is a file of rows and columns.
type table struct {
	sheet    string
	from1904 bool
	// each calls fn with every line that is not empty. The cells are fn's only while
	// it runs. A line that cannot be read is handed over with a reason and no cells.
	each func(ctx context.Context, fn func(line int, cells []Cell, reason string) error) error
}

// errEnough ends a reading early and is no failure.
var errEnough = errors.New("enough")

// first returns the first lines that are not empty.
func (t *table) first(ctx context.Context, n int) ([][]Cell, []int, error) {
	var rows [][]Cell
	var lines []int
	err := t.each(ctx, func(line int, cells []Cell, reason string) error {
		if reason == "" {
			rows, lines = append(rows, append([]Cell(nil), cells...)), append(lines, line)
		}
		if len(rows) == n {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) || errors.Is(err, ErrBroken) && len(rows) > 0 {
		err = nil
	}
	return rows, lines, err
}

// budget is a reader that gives no more than so many bytes until it is filled again:
// whatever stands behind it cannot gather more than that in memory.
type budget struct {
	r     io.Reader
	left  int64
	total int64 // that may be read in all
	over  bool
}

// slack is what decoders read ahead.
const slack = 64 << 10

func (b *budget) fill(n int64) { b.left = n + slack }

// Read implements [io.Reader].
func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 || b.total <= 0 {
		b.over = true
		return 0, ErrLimit
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left, b.total)])
	b.left -= int64(n)
	b.total -= int64(n)
	return n, err //nolint:wrapcheck // it is a reader like the one below it
}

// letter returns the name of a column: A, B, …, AA.
func letter(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

func allEmpty(cells []Cell) bool {
	for _, c := range cells {
		if c.Text != "" {
			return false
		}
	}
	return true
}
