package expression

import (
	"math"
	"strconv"
	"strings"
)

// Value is what an expression works with. The zero Value is the empty text.
type Value struct {
	kind valueKind
	num  float64 // of a number, a boolean (0 or 1), a date (days since 1970), a clock (part of a day)
	text string  // of a text, and of a date or a clock as it was written
	many []Value
}

type valueKind uint8

const (
	kindText valueKind = iota
	kindNumber
	kindBool
	kindDate  // with or without a time
	kindClock // a time without a date
	kindMany
)

// TextValue returns a text. Several choices are one text, with spaces between.
func TextValue(s string) Value { return Value{text: s} }

// NumberValue returns a number.
func NumberValue(f float64) Value { return Value{kind: kindNumber, num: f} }

// BoolValue returns a boolean.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: kindBool, num: 1}
	}
	return Value{kind: kindBool}
}

// DateValue returns a date, or a date with a time, as ISO 8601 writes it. Of a date
// that is not known to the day, "2026" or "2026-03", the first day counts. What is
// no date is a text.
func DateValue(s string) Value {
	full := s
	switch len(s) {
	case len("2006"):
		full += "-01-01"
	case len("2006-01"):
		full += "-01"
	}
	if days, ok := parseDate(full); ok {
		return Value{kind: kindDate, num: days, text: s}
	}
	return TextValue(s)
}

// ClockValue returns a time of day, "14:30". What is none is a text.
func ClockValue(s string) Value {
	if part, ok := parseClock(s); ok {
		return Value{kind: kindClock, num: part, text: s}
	}
	return TextValue(s)
}

// IsNumber returns the number, where the value is one.
func (v Value) IsNumber() (float64, bool) { return v.num, v.kind == kindNumber }

// IsBool returns the boolean, where the value is one.
func (v Value) IsBool() (yes, ok bool) { return v.num != 0, v.kind == kindBool }

// IsDate reports whether the value is a date.
func (v Value) IsDate() bool { return v.kind == kindDate }

// Number converts by the rules of XPath; dates count as days since 1970. A date or
// time may also come as text.
func (v Value) Number() float64 {
	switch v.kind {
	case kindNumber, kindBool, kindDate, kindClock:
		return v.num
	case kindMany:
		return v.first().Number()
	case kindText:
	}
	return textNumber(v.text)
}

func textNumber(s string) float64 {
	s = strings.Trim(s, " \t\r\n")
	digits, points := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		case c == '-' && i == 0:
		default:
			if days, ok := parseDate(s); ok {
				return days
			}
			return math.NaN()
		}
	}
	if digits == 0 || points > 1 {
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return math.NaN()
	}
	return f
}

// Text converts by the rules of XPath.
func (v Value) Text() string {
	switch v.kind {
	case kindNumber:
		return numberText(v.num)
	case kindBool:
		if v.num != 0 {
			return "true"
		}
		return "false"
	case kindMany:
		return v.first().Text()
	case kindText, kindDate, kindClock:
	}
	return v.text
}

func numberText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0" // never "-0"
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// Bool converts by the rules of XPath: a number is true unless 0 or NaN, a text
// unless empty, a set of values unless there is none.
func (v Value) Bool() bool {
	switch v.kind {
	case kindNumber, kindBool:
		return v.num != 0 && !math.IsNaN(v.num)
	case kindMany:
		return len(v.many) > 0
	case kindText, kindDate, kindClock:
	}
	return v.text != ""
}

// isBlank reports what coalesce and once pass over.
func (v Value) isBlank() bool {
	switch v.kind {
	case kindNumber:
		return math.IsNaN(v.num)
	case kindBool:
		return false
	case kindMany:
		return v.first().isBlank()
	case kindText, kindDate, kindClock:
	}
	return v.text == ""
}

func (v Value) first() Value {
	if len(v.many) == 0 {
		return Value{}
	}
	return v.many[0]
}

// each calls fn with the value, or with each of a set.
func (v Value) each(fn func(Value)) {
	if v.kind != kindMany {
		fn(v)
		return
	}
	for _, one := range v.many {
		fn(one)
	}
}
