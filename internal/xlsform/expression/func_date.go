package expression

import (
	"fmt"
	"math"
	"strings"
	"time"
)

var dateFunctions = map[string]function{
	"today": {0, 0, func(c *Context, _ []node) Value { return dayValue(daysOf(c.Now)) }},
	"now":   {0, 0, func(c *Context, _ []node) Value { return momentValue(daysOf(c.Now)) }},
	"date":  {1, 1, func(c *Context, a []node) Value { return dateOf(a[0].eval(c)) }},
	"date-time": {1, 1, func(c *Context, a []node) Value {
		v := a[0].eval(c)
		if v.kind == kindDate {
			return v
		}
		return momentValue(dated(v))
	}},
	"decimal-date-time": {1, 1, func(c *Context, a []node) Value { return NumberValue(dated(a[0].eval(c))) }},
	"decimal-time": {1, 1, func(c *Context, a []node) Value {
		v := a[0].eval(c)
		if v.kind == kindDate {
			return NumberValue(v.num - math.Floor(v.num))
		}
		return NumberValue(clocked(v))
	}},
	"format-date":      {2, 2, formatDate},
	"format-date-time": {2, 2, formatDate},
}

// dateOf makes a date of a date, a text or a number of days. A date that is not
// known to the day stays as it is.
func dateOf(v Value) Value {
	if v.kind == kindText {
		v = DateValue(strings.TrimSpace(v.text))
		if v.kind == kindText {
			return dayValue(textNumber(v.text))
		}
	}
	if v.kind == kindDate && len(v.text) <= len(time.DateOnly) {
		return v
	}
	return dayValue(v.Number())
}

// formatDate writes a date as the pattern says. A date that is not known to the
// day is written as it is known: no day is invented.
func formatDate(c *Context, a []node) Value {
	v := a[0].eval(c)
	if v.kind == kindText {
		v = DateValue(strings.TrimSpace(v.text))
	}
	if v.kind == kindDate && len(v.text) < len(time.DateOnly) {
		return TextValue(v.text)
	}
	t, ok := moment(v.Number())
	if !ok {
		return Value{}
	}
	var b strings.Builder
	pattern := a[1].eval(c).Text()
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' || i+1 == len(pattern) {
			b.WriteByte(pattern[i])
			continue
		}
		i++
		b.WriteString(formatPart(t, pattern[i], c.Language))
	}
	return TextValue(b.String())
}

func formatPart(t time.Time, letter byte, language string) string {
	switch letter {
	case 'Y':
		return fmt.Sprintf("%04d", t.Year())
	case 'y':
		return fmt.Sprintf("%02d", t.Year()%100)
	case 'm':
		return fmt.Sprintf("%02d", t.Month())
	case 'n':
		return fmt.Sprint(int(t.Month()))
	case 'b':
		return shortName(months, language, int(t.Month())-1)
	case 'd':
		return fmt.Sprintf("%02d", t.Day())
	case 'e':
		return fmt.Sprint(t.Day())
	case 'H':
		return fmt.Sprintf("%02d", t.Hour())
	case 'h':
		return fmt.Sprint(t.Hour())
	case 'M':
		return fmt.Sprintf("%02d", t.Minute())
	case 'S':
		return fmt.Sprintf("%02d", t.Second())
	case '3':
		return fmt.Sprintf("%03d", t.Nanosecond()/int(time.Millisecond))
	case 'a':
		return shortName(weekdays, language, int(t.Weekday()))
	case '%':
		return "%"
	}
	return "%" + string(rune(letter))
}

func shortName(names map[string]string, language string, i int) string {
	list, ok := names[language]
	if !ok {
		list = names["en"]
	}
	return strings.Fields(list)[i]
}

var (
	months = map[string]string{
		"en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
		"fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
		"ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
	}
	weekdays = map[string]string{
		"en": "Sun Mon Tue Wed Thu Fri Sat",
		"fr": "dim. lun. mar. mer. jeu. ven. sam.",
		"ar": "الأحد الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت",
	}
)
