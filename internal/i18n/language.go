package i18n

import (
	"cmp"
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

// Edition tells apart two languages of one tag with different words.
func (l Language) Edition() string { return cmp.Or(l.l.edition, l.l.tag) }

// Name returns what the language calls itself.
func (l Language) Name() string {
	if l.l.name != "" {
		return l.l.name
	}
	return l.T("i18n.name")
}

// Has reports whether there is a message in this language, or in one that stands in
// for it.
func (l Language) Has(key string) bool { return l.Own(key) || l.stand(key) != nil }

// Own reports whether there is a message in the words of this language itself.
func (l Language) Own(key string) bool {
	_, found := l.l.messages[key]
	return found
}

// Chain returns the tags of the languages that say what a brought one has no words
// for, the nearest first.
func (l Language) Chain() []string {
	var tags []string
	for _, next := range l.l.chain {
		tags = append(tags, next.tag)
	}
	return tags
}

// stand is the language that stands in for a brought one in a message, or nil.
func (l Language) stand(key string) *locale {
	for _, next := range l.l.chain {
		if _, found := next.messages[key]; found {
			return next
		}
	}
	return nil
}

// fellBack marks words of another language, and keeps them from turning what stands
// around them.
func fellBack(words string, in *locale) string { return "\u2068" + words + "\u2069 [" + in.tag + "]" }

// T returns the message of a key. Arguments come in pairs of a name and a value:
// text, a whole number, or anything that prints. The argument "n" chooses among
// plural forms.
//
// A message that is missing is seen to be: in a language that an organisation
// brought, the words of the nearest one with its tag after them, "Fermer [fr]"; else
// it stands in ⟦brackets⟧, in the source language if it is there, and as its key
// otherwise.
func (l Language) T(key string, args ...any) string {
	m, found := l.l.messages[key]
	if found {
		return l.say(m, args)
	}
	if next := l.stand(key); next != nil {
		return fellBack(Language{next}.T(key, args...), next)
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
	if next := l.dates(); next != nil {
		return fellBack(Language{next}.Date(t), next)
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
	if next := l.dates(); next != nil {
		return fellBack(Language{next}.DateTime(t), next)
	}
	return l.T("i18n.datetime", "date", l.Date(t), "time", clock(t.Local().Format("15:04")))
}

// ISODate writes a date that may be known in part: 2026, March 2026, 9 March
// 2026, 9 March 2026, 14:30. What is no such date is returned as it is.
func (l Language) ISODate(s string) string {
	if next := l.dates(); next != nil && s != "" {
		return fellBack(Language{next}.ISODate(s), next)
	}
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

// dates is the language that writes the dates of a brought one, or nil.
func (l Language) dates() *locale {
	if l.Own("i18n.date") {
		return nil
	}
	return l.stand("i18n.date")
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
