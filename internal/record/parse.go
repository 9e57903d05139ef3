package record

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"amana/internal/event"
)

// Parse reads what somebody typed or chose in a form for a field. Nothing but
// spaces is the zero Value. Several choices are separated by spaces or commas.
// What it cannot make a value of has a Fault; whether the value may stand is for
// [Validate] to say.
func Parse(f Field, form string) (event.Value, Fault) {
	if !utf8.ValidString(form) {
		return event.Value{}, FaultText
	}
	if len(form) > 2*utf8.UTFMax*LongestWords { // before any work is put into it
		return event.Value{}, FaultTooLong
	}
	s := strings.TrimSpace(norm.NFC.String(strings.Map(unseen, form)))
	if s == "" {
		return event.Value{}, ""
	}
	switch f.Type {
	case Line:
		return event.Text(strings.Join(strings.Fields(s), " ")), ""
	case Words:
		return event.Text(lines.Replace(s)), ""
	case Number:
		n, err := strconv.ParseUint(western(s, " \u00A0\u202F"), 10, 31)
		if err != nil {
			return event.Value{}, FaultNumber
		}
		return event.Int(int64(n)), ""
	case Date:
		return parseDate(western(s, " \u00A0\u202F"))
	case YesNo:
		return parseYesNo(s)
	case Choice:
		return event.Text(s), ""
	case Choices:
		return event.List(f.chosen(s)...), ""
	case Decimal:
		return parseDecimal(western(s, " \u00A0\u202F"))
	case Time:
		return parseTime(western(s, " \u00A0\u202F"))
	case Moment:
		return parseMoment(western(s, "\u00A0\u202F"))
	case Phone:
		return event.Text(western(s, " \u00A0\u202F\u2010\u2011\u2013-.()/")), ""
	default:
		return event.Value{}, FaultField
	}
}

var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// unseen drops what nobody meant to type and nobody would see: see [turns], and
// the soft hyphens of text that was copied.
func unseen(r rune) rune {
	if turns(r) || r == '\u00AD' {
		return -1
	}
	return r
}

// western writes the digits of any script as 0 to 9, and leaves out what is
// listed in without.
func western(s, without string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(without, r) {
			return -1
		}
		if d, ok := digit(r); ok {
			return d
		}
		return r
	}, s)
}

// digit returns the digit that r is. Unicode lists decimal digits in runs from
// zero to nine: Arabic, Persian, N'Ko, Adlam and the others.
func digit(r rune) (rune, bool) {
	if r <= unicode.MaxASCII || !unicode.Is(unicode.Nd, r) {
		return r, false
	}
	for _, run := range unicode.Nd.R16 {
		if r >= rune(run.Lo) && r <= rune(run.Hi) {
			return '0' + (r-rune(run.Lo))%10, true
		}
	}
	for _, run := range unicode.Nd.R32 {
		if r >= rune(run.Lo) && r <= rune(run.Hi) {
			return '0' + (r-rune(run.Lo))%10, true
		}
	}
	return r, false
}

// parseDate takes year, month and day in this order: the other orders are read
// differently in different places. Dots and slashes do for hyphens, and a month
// or day may have one digit.
func parseDate(s string) (event.Value, Fault) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-./\u2010\u2011\u2013", r) })
	if len(parts) == 0 || len(parts) > 3 || len(parts[0]) != 4 {
		return event.Value{}, FaultDate
	}
	for i, p := range parts {
		if len(p) == 1 {
			parts[i] = "0" + p
		}
	}
	date := strings.Join(parts, "-")
	if !IsDate(date) {
		return event.Value{}, FaultDate
	}
	return event.Text(date), ""
}

// parseDecimal takes a dot or a comma, of any script.
func parseDecimal(s string) (event.Value, Fault) {
	d, err := strconv.ParseFloat(decimals.Replace(s), 64)
	if err != nil || strings.ContainsAny(s, "xXpPnN_") {
		return event.Value{}, FaultDecimal
	}
	return event.Decimal(d), ""
}

var decimals = strings.NewReplacer(",", ".", "\u066B", ".", "\u2212", "-")

// parseTime takes hours and minutes: 14:30, 14.30, 14h30, 9:05, 14h.
func parseTime(s string) (event.Value, Fault) {
	hours, minutes, _ := strings.Cut(strings.NewReplacer("h", ":", "H", ":", ".", ":").Replace(s), ":")
	if minutes == "" {
		minutes = "00"
	}
	if len(hours) == 1 {
		hours = "0" + hours
	}
	if t := hours + ":" + minutes; isTime(t) {
		return event.Text(t), ""
	}
	return event.Value{}, FaultTime
}

// parseMoment takes a whole day and a time, with a space or a T between them.
func parseMoment(s string) (event.Value, Fault) {
	day, at, found := strings.Cut(strings.Replace(s, "T", " ", 1), " ")
	if !found {
		return event.Value{}, FaultMoment
	}
	date, fault := parseDate(day)
	if fault != "" {
		return event.Value{}, FaultMoment
	}
	clock, fault := parseTime(strings.ReplaceAll(at, " ", ""))
	if m := date.Reveal() + "T" + clock.Reveal(); fault == "" && isMoment(m) {
		return event.Text(m), ""
	}
	return event.Value{}, FaultMoment
}

func parseYesNo(s string) (event.Value, Fault) {
	switch s {
	case "true", "yes", "on", "1":
		return event.Bool(true), ""
	case "false", "no", "0":
		return event.Bool(false), ""
	default:
		return event.Value{}, FaultOption
	}
}

// chosen returns the choices in the order of the list, each once, so that the
// same choices are the same value whatever the order in which they were made.
func (f Field) chosen(s string) []string {
	chosen := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	all := Options(f.Options)
	place := func(c string) int {
		if i := slices.Index(all, c); i >= 0 {
			return i
		}
		return len(all)
	}
	slices.SortStableFunc(chosen, func(a, b string) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(chosen)
}
