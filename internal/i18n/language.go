package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Language speaks one language of a catalogue. The zero Language speaks none.
type Language struct{ l *locale }

// Tag returns the BCP 47 tag, for the lang attribute.
func (l Language) Tag() string { return l.l.tag }

// Dir returns "ltr" or "rtl", for the dir attribute.
func (l Language) Dir() string { return l.l.dir }

// Name returns what the language calls itself.
func (l Language) Name() string { return l.T("i18n.name") }

// Has reports whether there is a message in this language.
func (l Language) Has(key string) bool {
	_, found := l.l.messages[key]
	return found
}

// T returns the message of a key. Arguments come in pairs of a name and a value:
// text, a whole number, or anything that prints. The argument "n" chooses among
// plural forms.
//
// A message that is missing is seen to be: it stands in ⟦brackets⟧, in the
// source language if it is there, and as its key otherwise.
func (l Language) T(key string, args ...any) string {
	m, found := l.l.messages[key]
	if found {
		return l.say(m, args)
	}
	if source := l.l.source; source != nil {
		if m, found = source.messages[key]; found {
			return "⟦" + Language{source}.say(m, args) + "⟧"
		}
	}
	return "⟦" + key + "⟧"
}

func (l Language) say(m message, args []any) string {
	p := m.form(count(args), l.l.plural)
	if len(p) == 1 && !p[0].arg {
		return p[0].text
	}
	var b strings.Builder
	for _, part := range p {
		if part.arg {
			b.WriteString(l.argument(part.text, args))
		} else {
			b.WriteString(part.text)
		}
	}
	return b.String()
}

// argument returns the words for an argument, or its name in braces.
func (l Language) argument(name string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		switch v := args[i+1].(type) {
		case int:
			return l.Number(v)
		case string:
			return isolate(v, l.l.dir)
		default:
			return isolate(fmt.Sprint(v), l.l.dir)
		}
	}
	return "{" + name + "}"
}

// count returns the argument "n".
func count(args []any) int {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == "n" {
			n, _ := args[i+1].(int)
			return n
		}
	}
	return 0
}

// Number writes a whole number in Western digits, its thousands apart.
func (l Language) Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + l.separator() + digits[at:]
	}
	return sign + digits
}

// separator stands between thousands: a narrow space that does not break, or
// whatever the language says. It is not a message, which must not be a space.
func (l Language) separator() string {
	switch l.l.plural.String() {
	case "en", "ar":
		return ","
	}
	return "\u202f"
}

// Date writes a day as the clock of this device has it: 9 March 2026.
func (l Language) Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.Local()
	return l.day(t.Year(), int(t.Month()), t.Day())
}

// DateTime writes a day and the time of day as the clock of this device has it:
// 9 March 2026, 14:30.
func (l Language) DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.T("i18n.datetime", "date", l.Date(t), "time", clock(t.Local().Format("15:04")))
}

// ISODate writes a date that may be known in part: 2026, March 2026, 9 March
// 2026, 9 March 2026, 14:30. What is no such date is returned as it is.
func (l Language) ISODate(s string) string {
	for layout, write := range map[string]func(time.Time) string{
		"2006":             func(t time.Time) string { return strconv.Itoa(t.Year()) },
		"2006-01":          func(t time.Time) string { return l.month(t.Year(), int(t.Month())) },
		"2006-01-02":       func(t time.Time) string { return l.day(t.Year(), int(t.Month()), t.Day()) },
		"2006-01-02T15:04": func(t time.Time) string { return l.moment(t) },
	} {
		if len(layout) != len(s) {
			continue
		}
		if t, err := time.Parse(layout, s); err == nil {
			return write(t)
		}
	}
	return s
}

func (l Language) moment(t time.Time) string {
	return l.T("i18n.datetime", "date", l.day(t.Year(), int(t.Month()), t.Day()), "time", clock(t.Format("15:04")))
}

func (l Language) month(year, month int) string {
	return l.T("i18n.month", "month", l.T("month."+strconv.Itoa(month)), "year", clock(strconv.Itoa(year)))
}

func (l Language) day(year, month, day int) string {
	d := strconv.Itoa(day)
	if day == 1 {
		d = l.T("i18n.first")
	}
	return l.T("i18n.date", "day", clock(d), "month", l.T("month."+strconv.Itoa(month)), "year", clock(strconv.Itoa(year)))
}

// clock is digits that stand as they are, in whatever direction.
type clock string
