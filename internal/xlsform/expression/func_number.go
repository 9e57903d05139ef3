package expression

import (
	"math"
	"strings"
)

var numberFunctions = map[string]function{
	"number":          {1, 1, func(c *Context, a []node) Value { return NumberValue(a[0].eval(c).Number()) }},
	"int":             of1(math.Trunc),
	"floor":           of1(math.Floor),
	"ceiling":         of1(math.Ceil),
	"abs":             of1(math.Abs),
	"sqrt":            of1(math.Sqrt),
	"exp":             of1(math.Exp),
	"exp10":           of1(func(f float64) float64 { return math.Pow(10, f) }),
	"log":             of1(math.Log),
	"log10":           of1(math.Log10),
	"sin":             of1(math.Sin),
	"cos":             of1(math.Cos),
	"tan":             of1(math.Tan),
	"asin":            of1(math.Asin),
	"acos":            of1(math.Acos),
	"atan":            of1(math.Atan),
	"atan2":           of2(math.Atan2),
	"pow":             of2(math.Pow),
	"pi":              {0, 0, func(*Context, []node) Value { return NumberValue(math.Pi) }},
	"round":           {1, 2, round},
	"sum":             fold(0, func(sum, f float64) float64 { return sum + f }),
	"min":             fold(math.Inf(1), math.Min),
	"max":             fold(math.Inf(-1), math.Max),
	"count":           {1, 1, func(c *Context, a []node) Value { return count(c, a[0], func(Value) bool { return true }) }},
	"count-non-empty": {1, 1, func(c *Context, a []node) Value { return count(c, a[0], isFilled) }},
}

func of1(f func(float64) float64) function {
	return function{1, 1, func(c *Context, a []node) Value { return NumberValue(f(a[0].eval(c).Number())) }}
}

func of2(f func(x, y float64) float64) function {
	return function{2, 2, func(c *Context, a []node) Value {
		return NumberValue(f(a[0].eval(c).Number(), a[1].eval(c).Number()))
	}}
}

// fold goes over all values of all arguments. An empty text is not a number, so a
// sum with an answer missing is not a number either. The least and the largest of
// nothing are none.
func fold(start float64, step func(sum, f float64) float64) function {
	return function{1, -1, func(c *Context, a []node) Value {
		result, n := start, 0
		for _, arg := range a {
			arg.eval(c).each(func(v Value) { result, n = step(result, v.Number()), n+1 })
		}
		if n == 0 && start != 0 {
			result = math.NaN()
		}
		return NumberValue(result)
	}}
}

func count(c *Context, of node, counts func(Value) bool) Value {
	n := 0
	of.eval(c).each(func(v Value) {
		if counts(v) {
			n++
		}
	})
	return NumberValue(float64(n))
}

func isFilled(v Value) bool { return strings.TrimSpace(v.Text()) != "" }

// roundHalfUp rounds as XPath does: -1.5 becomes -1.
func roundHalfUp(f float64) float64 {
	if math.Abs(f) >= 1<<52 {
		return f
	}
	whole := math.Floor(f)
	if f-whole >= 0.5 {
		whole++
	}
	return whole
}

const mostPlaces = 15

// round takes a number of decimal places; before the point where negative.
func round(c *Context, a []node) Value {
	f := a[0].eval(c).Number()
	if len(a) == 1 {
		return NumberValue(roundHalfUp(f))
	}
	places := math.Trunc(a[1].eval(c).Number())
	if math.IsNaN(places) {
		return NumberValue(math.NaN())
	}
	places = math.Max(-mostPlaces, math.Min(mostPlaces, places))
	if places < 0 {
		unit := math.Pow(10, -places)
		return NumberValue(roundHalfUp(f/unit) * unit)
	}
	unit := math.Pow(10, places)
	return NumberValue(roundHalfUp(f*unit) / unit)
}
