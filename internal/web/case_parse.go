package web

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
)

// parse reads the fields of a form into values, under the names that the form
// has for them. Whether a value makes sense is for casework to say; what cannot
// be read as its type is noted in the form. Fields without anything in them are
// returned as empty.
func (f *form) parse(fields []record.Field, prefix string) (values casework.Values, empty []string) {
	values = casework.Values{}
	for _, field := range fields {
		name := strings.TrimPrefix(field.Name, prefix)
		v, wrong := f.value(field, name)
		switch {
		case wrong != "":
			f.wrong(name, wrong)
		case v.IsZero():
			empty = append(empty, name)
		default:
			values[name] = v
		}
	}
	return values, empty
}

// value reads one field, or returns the key of what is wrong with it.
func (f *form) value(field record.Field, name string) (v event.Value, wrong string) {
	text := f.Get(name)
	answer := text
	if field.Type != record.Choice && field.Type != record.YesNo {
		answer = f.Get(name + answerSuffix)
	}
	if at := slices.Index(answerIDs(), answer); at >= 0 && field.Sensitive {
		if answer != text && (text != "" || len(f.All(name)) > 1) {
			return v, "invalid.both"
		}
		return event.Say(event.Declined + event.Answer(at)), ""
	}
	switch field.Type {
	case record.Number:
		return number(text)
	case record.YesNo:
		switch text {
		case "":
			return v, ""
		case "yes", "no":
			return event.Bool(text == "yes"), ""
		}
		return v, "invalid.option"
	case record.Date:
		return event.Text(isoDate(western(text))), ""
	case record.Choices:
		return event.List(given(f.All(name))...), ""
	case record.Phone:
		return event.Text(western(text)), ""
	case record.Line, record.Words, record.Choice:
	}
	return event.Text(strings.ReplaceAll(text, "\r\n", "\n")), ""
}

func number(text string) (v event.Value, wrong string) {
	if text == "" {
		return v, ""
	}
	n, err := strconv.ParseInt(western(text), 10, 64)
	if err != nil {
		return v, "invalid.number"
	}
	return event.Int(n), ""
}

// given leaves out the empty ones.
func given(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
}

// western writes Arabic and Persian digits as the records have them.
func western(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '٠' <= r && r <= '٩':
			return '0' + r - '٠'
		case '۰' <= r && r <= '۹':
			return '0' + r - '۰'
		case r == '\u200e', r == '\u200f':
			return -1
		}
		return r
	}, s)
}

var (
	wholeDate = regexp.MustCompile(`^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$`)
	partDate  = regexp.MustCompile(`^(\d{1,2})[/.\- ](\d{4})$`)
)

// isoDate turns a date as it is written here, 9/3/2026 or 3/2026, into ISO 8601.
// Anything else is left as it is, for casework to judge.
func isoDate(s string) string {
	pad := func(n string) string { return ("0" + n)[len(n)-1:] }
	if d := wholeDate.FindStringSubmatch(s); d != nil {
		return d[3] + "-" + pad(d[2]) + "-" + pad(d[1])
	}
	if d := partDate.FindStringSubmatch(s); d != nil {
		return d[2] + "-" + pad(d[1])
	}
	return s
}

// dayFirst writes an ISO date as it is written here. A browser's own control for
// dates is not used: it shows 9 March as 03/09 or 09/03, by the language of the
// browser and not of the page, and knows no date without a day.
func dayFirst(iso string) string {
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
