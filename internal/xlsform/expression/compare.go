package expression

// equal compares as XPath does: two sets where any two of their values are equal,
// with a boolean as booleans, with a number or a date as numbers, else as texts.
func equal(a, b Value) bool { return anyPair(a, b, sameValue) }

// differ is not the contrary of equal: in two sets some may be equal and others not.
func differ(a, b Value) bool {
	return anyPair(a, b, func(x, y Value) bool { return !sameValue(x, y) })
}

func sameValue(a, b Value) bool {
	switch {
	case a.kind == kindBool || b.kind == kindBool:
		return sameBool(a, b)
	case a.kind == kindText && b.kind == kindText:
		return a.text == b.text
	case a.kind == kindNumber || b.kind == kindNumber || a.kind == kindDate || b.kind == kindDate:
		// A date that is not there is equal to the empty text, not to a number.
		if a.isEmptyText() || b.isEmptyText() {
			return a.isEmptyText() && b.isEmptyText()
		}
		return beside(a, b) == beside(b, a)
	}
	return clocked(a) == clocked(b)
}

func (v Value) isEmptyText() bool { return v.kind == kindText && v.text == "" }

// sameBool compares with the words "true" and "false" as they read. A no is an
// answer: it is not the empty text, by which forms ask whether there is one.
func sameBool(a, b Value) bool {
	if b.kind != kindBool {
		a, b = b, a
	}
	if a.isEmptyText() {
		return false
	}
	if a.kind == kindText && (a.text == "true" || a.text == "false") {
		return (a.text == "true") == b.Bool()
	}
	return a.Bool() == b.Bool()
}

// less compares numbers, dates and times. What is neither is not less than anything.
func less(a, b Value) bool { return anyPair(a, b, lessOne) }

func lessOrEqual(a, b Value) bool {
	return anyPair(a, b, func(x, y Value) bool {
		if x.kind == kindClock || y.kind == kindClock {
			return clocked(x) <= clocked(y)
		}
		return beside(x, y) <= beside(y, x)
	})
}

func lessOne(a, b Value) bool {
	if a.kind == kindClock || b.kind == kindClock {
		return clocked(a) < clocked(b)
	}
	return beside(a, b) < beside(b, a)
}

// beside is v as a number where it is compared with other: beside a date a text may
// be a date that is not known to the day.
func beside(v, other Value) float64 {
	if other.kind == kindDate {
		return dated(v)
	}
	return v.Number()
}

// clocked is a time of day as a number; a text may be one.
func clocked(v Value) float64 {
	if v.kind == kindText {
		v = ClockValue(v.text)
	}
	return v.Number()
}

// anyPair reports whether holds is true of any value of a with any of b.
func anyPair(a, b Value, holds func(x, y Value) bool) bool {
	if a.kind != kindMany && b.kind != kindMany {
		return holds(a, b)
	}
	found := false
	a.each(func(x Value) {
		b.each(func(y Value) { found = found || holds(x, y) })
	})
	return found
}
