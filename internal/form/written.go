package form

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"amana/internal/event"
	"amana/internal/record"
)

// Control is how a value stands in the controls of a page.
type Control struct {
	Values []string // of the question's own control
	Answer string   // of the one beside it: what is said in place of a value
	// Kept is set where the value would not be read back as it is: one of a newer
	// program, say. As long as nobody touches it, it is left alone.
	Kept bool
}

// Written returns how a value stands in the controls of a page.
func (f *Field) Written(v event.Value) Control {
	var c Control
	if a, said := v.Answer(); said {
		id := AnswerID(a)
		switch {
		case f.Type == record.Choice || f.Type == record.YesNo:
			if id != "" && f.Sensitive {
				c.Values = []string{f.InPlace(id)}
			}
		case f.Sensitive:
			c.Answer = id
		}
	} else {
		c.Values = f.written(v)
	}
	back, fault := f.parse(clean(c.Values), c.Answer)
	c.Kept = fault != "" || !back.Equal(v)
	return c
}

func (f *Field) written(v event.Value) []string {
	if yes, ok := v.Bool(); ok {
		return []string{strconv.FormatBool(yes)}
	}
	if n, ok := v.Int(); ok {
		return []string{strconv.FormatInt(n, 10)}
	}
	if d, ok := v.Decimal(); ok {
		return []string{strconv.FormatFloat(d, 'f', -1, 64)}
	}
	list := v.RevealList()
	if len(list) == 1 {
		switch f.Type { //nolint:exhaustive // the others are written as they are
		case record.Date:
			return []string{DayFirst(list[0])}
		case record.Moment:
			if day, at, found := strings.Cut(list[0], "T"); found {
				return []string{DayFirst(day) + " " + at}
			}
		}
	}
	return list
}

var (
	wholeDate = regexp.MustCompile(`^(\pN{1,2})[/.\- ](\pN{1,2})[/.\- ](\pN{4})$`)
	partDate  = regexp.MustCompile(`^(\pN{1,2})[/.\- ](\pN{4})$`)
)

// ISODate turns a date as it is written here, 9/3/2026 or 3/2026, into the order of
// ISO 8601. Anything else is left as it is.
func ISODate(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\u200e' || r == '\u200f' { // marks of direction
			return -1
		}
		return r
	}, strings.TrimSpace(s))
	if d := wholeDate.FindStringSubmatch(s); d != nil {
		return d[3] + "-" + d[2] + "-" + d[1]
	}
	if d := partDate.FindStringSubmatch(s); d != nil {
		return d[2] + "-" + d[1]
	}
	return s
}

// DayFirst writes an ISO date as it is written here. A browser's own control for
// dates is not used: it shows 9 March as 03/09 or 09/03, by the language of the
// browser and not of the page, and knows no date without a day.
func DayFirst(iso string) string {
	parts := strings.Split(iso, "-")
	for i, p := range parts {
		if _, err := strconv.ParseUint(p, 10, 16); err != nil || len(p) > 4 {
			return iso
		}
		parts[i] = strings.TrimLeft(p, "0")
	}
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}
