package stats

import (
	"fmt"
	"slices"
	"strings"
)

// Grouping says how long the periods are.
type Grouping string

// The groupings. Whole makes one period of all.
const (
	Whole   Grouping = "whole"
	Month   Grouping = "month"
	Quarter Grouping = "quarter"
	Year    Grouping = "year"
)

// Groupings returns every grouping.
func Groupings() []Grouping { return []Grouping{Whole, Month, Quarter, Year} }

// Basis says by which day an incident belongs to a period.
type Basis string

// The bases of dates.
const (
	ByReport   Basis = "date_of_first_report"
	ByIncident Basis = "incident_date"
)

// Span is a time in whole months, First to Last, both counted: see [Day.Month].
type Span struct{ First, Last int }

// SpanOf reads two months, "2026-03", the first and the last.
func SpanOf(first, last string) (Span, error) {
	s := Span{DayOf(first).Month(), DayOf(last).Month()}
	if s.First < 0 || s.Last < s.First || s.Last-s.First >= 12*20 {
		return s, fmt.Errorf("stats: not a span of months")
	}
	return s, nil
}

// Months returns how many months a span has.
func (s Span) Months() int { return s.Last - s.First + 1 }

// String is the span as ISO months.
func (s Span) String() string {
	if s.First == s.Last {
		return isoMonth(s.First)
	}
	return isoMonth(s.First) + "/" + isoMonth(s.Last)
}

func isoMonth(m int) string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

// Periods parts a span; the first and last may be cut short by it.
func (s Span) Periods(g Grouping) []Span {
	step := map[Grouping]int{Month: 1, Quarter: 3, Year: 12}[g]
	if step == 0 {
		return []Span{s}
	}
	var list []Span
	for m := s.First; m <= s.Last; {
		end := min(m-m%step+step-1, s.Last)
		list = append(list, Span{m, end})
		m = end + 1
	}
	return slices.Clip(list)
}

// ParseSpan reads what [Span.String] writes.
func ParseSpan(text string) (Span, error) {
	first, last, two := strings.Cut(text, "/")
	if !two {
		last = first
	}
	return SpanOf(first, last)
}
