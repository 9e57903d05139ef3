package exchange

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"amana/internal/event"
	"amana/internal/record"
)

// Order is the order of day and month in dates that are written in figures.
type Order string

// The orders. Undecided is no order: a date that depends on it is not read.
const (
	Undecided  Order = ""
	DayFirst   Order = "day_first"
	MonthFirst Order = "month_first"
)

// Evidence is what a whole column says of the order of its dates.
type Evidence struct {
	DayFirst   int // dates that can only be day first
	MonthFirst int // dates that can only be month first
	Either     int // dates that could be both
	Serial     int // day numbers of a workbook
	Plain      int // year first, or with the month in words
	Neither    int // no dates at all
}

// Order returns what the column as a whole says, or Undecided where it says nothing
// or both.
func (e *Evidence) Order() Order {
	switch {
	case e.DayFirst > 0 && e.MonthFirst == 0:
		return DayFirst
	case e.MonthFirst > 0 && e.DayFirst == 0:
		return MonthFirst
	}
	return Undecided
}

// Asks reports whether a person has to say what the column cannot.
func (e *Evidence) Asks() bool { return e.Either > 0 && e.Order() == Undecided }

// dateForm says how a date is written.
type dateForm uint8

const (
	noDate dateForm = iota
	plainDate
	serialDate
	onlyDayFirst
	onlyMonthFirst
	eitherFirst
)

func (e *Evidence) note(form dateForm) {
	switch form {
	case noDate:
		e.Neither++
	case plainDate:
		e.Plain++
	case serialDate:
		e.Serial++
	case onlyDayFirst:
		e.DayFirst++
	case onlyMonthFirst:
		e.MonthFirst++
	case eitherFirst:
		e.Either++
	}
}

// readDate reads a date as exact as it is known, and says how it is written. A date
// whose order is not decided is not read.
func (c Cell) readDate(order Order, from1904 bool) (date string, form dateForm) {
	s := strings.TrimSpace(c.Text)
	if day, ok := c.serial(s); ok {
		return serialDay(day, from1904), serialDate
	}
	s = withoutTime(s)
	if v, fault := record.Parse(record.Field{Type: record.Date}, s); fault == "" && !v.IsZero() {
		return v.Reveal(), plainDate
	}
	parts := dateParts(s)
	switch len(parts) {
	case 2: // March 2024
		if m := month(parts[0]); m > 0 && len(parts[1]) == 4 {
			return ymd(parts[1], m, 0), checked(ymd(parts[1], m, 0), plainDate)
		}
	case 3:
		return figures(parts, order)
	}
	return "", noDate
}

// serial returns the day number that a cell holds. Years from 1900 to 2100 are years.
func (c Cell) serial(s string) (day int, ok bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if strings.Trim(fraction, "0123456789") != "" || len(whole) == 0 || len(whole) > 5 {
		return 0, false
	}
	n, err := strconv.Atoi(whole)
	if err != nil || n < 1 || isYear(n) && strings.Trim(fraction, "0") == "" {
		return 0, false
	}
	if !c.Number && n < 10_000 { // text is a day number only where it can be nothing else
		return 0, false
	}
	return n, true
}

// isYear reports whether a number is a year rather than the number of a day in 1905.
func isYear(n int) bool { return n >= 1900 && n <= 2100 }

// serialDay turns a day number into a date. Day 60 is the 29 February 1900 that never
// was: numbers above count one too many.
func serialDay(day int, from1904 bool) string {
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case day < 60:
		first = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return first.AddDate(0, 0, day).Format(time.DateOnly)
}

// dayNumber is the day number of a full date, or 0 where it has none that every
// program reads alike.
func dayNumber(date string) int {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil || t.Before(time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)) {
		return 0
	}
	day := int(t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	if isYear(day) { // it would be read as one
		return 0
	}
	return day
}

// withoutTime cuts the time off a date: "2024-03-09T00:00:00Z", "9/3/2024 14:30".
func withoutTime(s string) string {
	if len(s) > 10 && s[10] == 'T' && strings.Count(s[:10], "-") == 2 {
		return s[:10]
	}
	if i := strings.LastIndexByte(s, ' '); i > 0 && strings.Contains(s[i:], ":") {
		return strings.TrimSpace(s[:i])
	}
	return s
}

func dateParts(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("-./,\u2010\u2011\u2013", r) })
}

// figures reads three parts: two of them day and month, the last the year in full. A
// year of two digits is not guessed at.
func figures(p []string, order Order) (string, dateForm) {
	if len(p[2]) != 4 {
		return "", noDate
	}
	if m := month(p[1]); m > 0 { // 9 March 2024
		return inWords(p[2], m, p[0])
	}
	if m := month(p[0]); m > 0 { // March 9, 2024
		return inWords(p[2], m, p[1])
	}
	a, b := small(p[0]), small(p[1])
	asDay, asMonth := ymd(p[2], b, a), ymd(p[2], a, b)
	day, mon := b <= 12 && record.IsDate(asDay), a <= 12 && record.IsDate(asMonth)
	switch {
	case day && mon && a == b:
		return asDay, plainDate
	case day && mon && order == DayFirst:
		return asDay, eitherFirst
	case day && mon && order == MonthFirst:
		return asMonth, eitherFirst
	case day && mon:
		return "", eitherFirst
	case day && order != MonthFirst:
		return asDay, onlyDayFirst
	case mon && order != DayFirst:
		return asMonth, onlyMonthFirst
	case day:
		return "", onlyDayFirst
	case mon:
		return "", onlyMonthFirst
	}
	return "", noDate
}

func inWords(year string, m int, day string) (string, dateForm) {
	date := ymd(year, m, small(day))
	return date, checked(date, plainDate)
}

func checked(date string, form dateForm) dateForm {
	if !record.IsDate(date) {
		return noDate
	}
	return form
}

// ymd writes a date; what is no number is written so that it is none.
func ymd(year string, month, day int) string {
	two := func(n int) string {
		if n < 10 {
			return "0" + itoa(n)
		}
		return itoa(n)
	}
	if day == 0 && month > 0 {
		return year + "-" + two(month)
	}
	return year + "-" + two(month) + "-" + two(day)
}

func small(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 99 || len(s) > 2 {
		return 99
	}
	return n
}

var months = map[string]int{
	"jan": 1, "january": 1, "janvier": 1, "janv": 1, "feb": 2, "february": 2, "fevrier": 2, "fevr": 2, "fev": 2, "mar": 3, "march": 3, "mars": 3,
	"apr": 4, "april": 4, "avril": 4, "avr": 4, "may": 5, "mai": 5, "jun": 6, "june": 6, "juin": 6, "jul": 7, "july": 7, "juillet": 7, "juil": 7,
	"aug": 8, "august": 8, "aout": 8, "sep": 9, "sept": 9, "september": 9, "septembre": 9, "oct": 10, "october": 10, "octobre": 10,
	"nov": 11, "november": 11, "novembre": 11, "dec": 12, "december": 12, "decembre": 12,
}

func month(s string) int { return months[fold(s)] }

// dateValue is readDate as a value.
func (c Cell) dateValue(order Order, from1904 bool) (event.Value, dateForm) {
	date, form := c.readDate(order, from1904)
	if date == "" || !record.IsDate(date) {
		return event.Value{}, form
	}
	return event.Text(date), form
}
