package xlsform

import (
	"math"
	"strings"

	"amana/internal/event"
	"amana/internal/xlsform/expression"
)

// read turns what is recorded into what expressions work with. "Declined", "does
// not know" and "not asked" are as good as nothing there.
func (f *Form) read(item *Item, v event.Value) expression.Value {
	switch v.Type() {
	case event.None, event.TypeAnswer:
	case event.TypeText:
		return readText(item, v.Reveal())
	case event.TypeInt, event.TypeDecimal:
		n, _ := v.Decimal()
		return expression.NumberValue(n)
	case event.TypeBool:
		yes, _ := v.Bool()
		return f.readBool(item, yes)
	case event.TypeList:
		return expression.TextValue(strings.Join(v.RevealList(), " "))
	}
	return expression.Value{}
}

func readText(item *Item, text string) expression.Value {
	switch item.Type {
	case TypeDate, TypeDateTime, TypeCalculate, TypeHidden:
		if item.Type == TypeCalculate || item.Type == TypeHidden {
			if len(text) < len("2006-01-02") {
				return expression.TextValue(text) // "2026" may be a number of anything
			}
		}
		return expression.DateValue(text)
	case TypeTime:
		return expression.ClockValue(text)
	case TypeText, TypeInteger, TypeDecimal, TypeRange, TypeSelectOne, TypeSelectMultiple, TypeAcknowledge, TypeNote, TypeGroup, TypeRepeat:
	}
	return expression.TextValue(text)
}

// readBool reads a yes or a no; where the list of choices calls them "yes" and
// "no", by these names. What was acknowledged is "OK", as in other forms.
func (f *Form) readBool(item *Item, yes bool) expression.Value {
	if item.Type == TypeAcknowledge {
		if yes {
			return expression.TextValue("OK")
		}
		return expression.Value{}
	}
	for _, c := range f.Lists[item.List] {
		if yes && c.Name == "yes" || !yes && c.Name == "no" {
			return expression.TextValue(c.Name)
		}
	}
	return expression.BoolValue(yes)
}

// write turns what was calculated into what is recorded. What is not a number, and
// the empty text, are nothing.
func (i *Item) write(v expression.Value) event.Value {
	switch i.Type {
	case TypeInteger, TypeDecimal, TypeRange:
		return writeNumber(v.Number())
	case TypeSelectMultiple:
		return event.List(strings.Fields(v.Text())...)
	case TypeDate:
		if _, isNumber := v.IsNumber(); isNumber {
			return event.Text(expression.DateOf(v).Text())
		}
		return event.Text(v.Text())
	case TypeText, TypeSelectOne, TypeDateTime, TypeTime, TypeAcknowledge:
		if _, isNumber := v.IsNumber(); isNumber && math.IsNaN(v.Number()) {
			return event.Value{}
		}
		return event.Text(v.Text())
	case TypeCalculate, TypeHidden, TypeNote, TypeGroup, TypeRepeat:
	}
	if n, isNumber := v.IsNumber(); isNumber {
		return writeNumber(n)
	}
	if yes, isBool := v.IsBool(); isBool {
		return event.Bool(yes)
	}
	return event.Text(v.Text())
}

// largestWhole is the largest number of which every smaller whole one is exact.
const largestWhole = 1 << 53

func writeNumber(n float64) event.Value {
	switch {
	case math.IsNaN(n), math.IsInf(n, 0):
		return event.Value{}
	case n == math.Trunc(n) && math.Abs(n) <= largestWhole:
		return event.Int(int64(n))
	}
	return event.Decimal(n)
}
