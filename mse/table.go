package mse

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Limits on tables. Beyond them nothing is estimated.
const (
	MostLists = 20
	// MostObserved bounds the people on all lists together.
	MostObserved = 100_000_000
)

// The errors of this package. Those of [Read] also say the line.
var (
	// ErrTable: not a table of capture histories.
	ErrTable = errors.New("not a table of capture histories")
	// ErrTooFewLists: fewer than three lists have anybody on them. Two lists leave
	// their dependence unknown, and with it everything.
	ErrTooFewLists = errors.New("at least three lists with people on them are needed")
	// ErrDisconnected: the lists fall into groups that share nobody.
	ErrDisconnected = errors.New("the lists fall into groups that share nobody")
	// ErrNoModel: no model of the kind can be fitted to the table.
	ErrNoModel = errors.New("no model of this kind can be fitted")
	// ErrOptions: options that make no sense.
	ErrOptions = errors.New("options out of range")
)

// Pattern says on which lists somebody is: bit j for list j.
type Pattern uint32

// Cell is how many people have one pattern.
type Cell struct {
	Pattern Pattern
	Count   int
}

// Table is capture histories: for each pattern of lists on which anybody is, how
// many have it. Cells are in order, each pattern once, none with nobody.
type Table struct {
	Lists []string
	Cells []Cell
	// OnNone is how many were said to be on no list. They are not counted: how many
	// there are of them is what is asked.
	OnNone int
}

// NewTable makes a table of counts by pattern. Errors: [ErrTable].
func NewTable(lists []string, counts map[Pattern]int) (Table, error) {
	if len(lists) > MostLists {
		return Table{}, fmt.Errorf("%d lists, at most %d: %w", len(lists), MostLists, ErrTable)
	}
	t := Table{Lists: slices.Clone(lists)}
	total := 0
	for p, n := range counts {
		switch {
		case n < 0:
			return Table{}, fmt.Errorf("a count below zero: %w", ErrTable)
		case p >= 1<<len(lists):
			return Table{}, fmt.Errorf("a pattern of lists that are not there: %w", ErrTable)
		case p == 0: // those on no list are what is asked for
			t.OnNone = n
			continue
		case n == 0:
			continue
		case n > MostObserved-total:
			return Table{}, fmt.Errorf("more than %d people: %w", MostObserved, ErrTable)
		}
		total += n
		t.Cells = append(t.Cells, Cell{p, n})
	}
	slices.SortFunc(t.Cells, func(a, b Cell) int { return cmp.Compare(a.Pattern, b.Pattern) })
	return t, nil
}

// Observed returns how many people are on any list.
func (t Table) Observed() (n int) {
	for _, c := range t.Cells {
		n += c.Count
	}
	return n
}

// Size returns how many people are on list j.
func (t Table) Size(j int) (n int) {
	for _, c := range t.Cells {
		if c.Pattern&(1<<j) != 0 {
			n += c.Count
		}
	}
	return n
}

// shared returns how many people are on all lists of a set.
func (t Table) shared(set Pattern) (n int) {
	for _, c := range t.Cells {
		if c.Pattern&set == set {
			n += c.Count
		}
	}
	return n
}

// onExactly returns how many people are on exactly k lists, for each k.
func (t Table) onExactly() []int {
	f := make([]int, len(t.Lists)+1)
	for _, c := range t.Cells {
		f[bits.OnesCount32(uint32(c.Pattern))] += c.Count
	}
	return f
}

// Counts returns the counts of all 2^lists patterns; the first, of those on no
// list, is zero.
func (t Table) counts() []int {
	all := make([]int, 1<<len(t.Lists))
	for _, c := range t.Cells {
		all[c.Pattern] = c.Count
	}
	return all
}

// Without returns the table without list j: who was on it alone is gone.
func (t Table) Without(j int) Table {
	lists := slices.Delete(slices.Clone(t.Lists), j, j+1)
	counts := map[Pattern]int{}
	low := Pattern(1)<<j - 1
	for _, c := range t.Cells {
		counts[c.Pattern&low|c.Pattern>>1&^low] += c.Count
	}
	out, err := NewTable(lists, counts)
	if err != nil { // fewer lists and no more people than a table had
		panic("mse: internal error: " + err.Error())
	}
	out.OnNone = t.OnNone
	return out
}

// Canonical writes the table in one way only, whatever the names and order of its
// rows: a header of in_a, in_b …, then one row for each pattern, in order.
func (t Table) Canonical() []byte {
	var b strings.Builder
	for j := range t.Lists {
		b.WriteString("in_" + string(rune('a'+j)) + ",")
	}
	b.WriteString("count\n")
	for _, c := range t.Cells {
		for j := range t.Lists {
			b.WriteString(strconv.Itoa(int(c.Pattern>>j&1)) + ",")
		}
		b.WriteString(strconv.Itoa(c.Count) + "\n")
	}
	return []byte(b.String())
}
