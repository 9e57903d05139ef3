package expression

import (
	"math"
	"strings"
	"time"
)

// A date is a number of days since 1 January 1970, by the calendar and clock of
// where the person is: no zone is kept, so that a day stays the day that was said.

// parseDate reads "2026-03-09", with "T14:30", "T14:30:05.5" and a zone, which is
// passed over, or without.
func parseDate(s string) (float64, bool) {
	if len(s) < len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	year, okYear := digits(s[:4])
	month, okMonth := digits(s[5:7])
	day, okDay := digits(s[8:10])
	if !okYear || !okMonth || !okDay || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day {
		return 0, false
	}
	days := math.Floor(float64(t.Unix()) / secondsOfDay)
	if len(s) == len(time.DateOnly) {
		return days, true
	}
	if s[10] != 'T' && s[10] != ' ' {
		return 0, false
	}
	part, ok := parseClock(withoutZone(s[11:]))
	return days + part, ok
}

const secondsOfDay = 24 * 60 * 60

func withoutZone(clock string) string {
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		return clock[:i]
	}
	return clock
}

// parseClock reads "14:30", "14:30:05" and "14:30:05.5" as a part of a day.
func parseClock(s string) (float64, bool) {
	if len(s) < 5 || s[2] != ':' {
		return 0, false
	}
	hour, okHour := digits(s[:2])
	minute, okMinute := digits(s[3:5])
	if !okHour || !okMinute || hour > 23 || minute > 59 {
		return 0, false
	}
	seconds := float64(hour*3600 + minute*60)
	if len(s) == 5 {
		return seconds / secondsOfDay, true
	}
	if len(s) < 8 || s[5] != ':' {
		return 0, false
	}
	second, ok := digits(s[6:8])
	if !ok || second > 59 {
		return 0, false
	}
	fraction := 0.0
	if rest := s[8:]; rest != "" {
		if rest[0] != '.' || len(rest) < 2 || len(rest) > 10 {
			return 0, false
		}
		fraction = textNumber("0" + rest)
		if math.IsNaN(fraction) {
			return 0, false
		}
	}
	return (seconds + float64(second) + fraction) / secondsOfDay, true
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// Dates that can be written with four digits.
const (
	firstDay = -719_528  // 0000-01-01
	lastDay  = 2_932_896 // 9999-12-31
)

// moment turns days since 1970 into a time, to the thousandth of a second.
func moment(days float64) (time.Time, bool) {
	if math.IsNaN(days) || days < firstDay || days >= lastDay+1 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(math.Round(days * secondsOfDay * 1000))).UTC(), true
}

// daysOf is the number of days of a moment, by the clock that it shows.
func daysOf(t time.Time) float64 {
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return float64(wall.UnixMilli()) / (secondsOfDay * 1000)
}

// dayValue makes a date of a number of days, without the time.
func dayValue(days float64) Value {
	days = math.Floor(days)
	t, ok := moment(days)
	if !ok {
		return Value{}
	}
	return Value{kind: kindDate, num: days, text: t.Format(time.DateOnly)}
}

// momentValue makes a date with a time of a number of days.
func momentValue(days float64) Value {
	t, ok := moment(days)
	if !ok {
		return Value{}
	}
	layout := "2006-01-02T15:04:05"
	if t.Second() == 0 {
		layout = "2006-01-02T15:04"
	}
	return Value{kind: kindDate, num: days, text: t.Format(layout)}
}

// DateOf makes a date of a number of days since 1970, as date() does.
func DateOf(v Value) Value { return dateOf(v) }

// dated is the number of days of a value that may be a date, a text or a number.
func dated(v Value) float64 {
	if v.kind == kindText {
		v = DateValue(strings.TrimSpace(v.text))
	}
	return v.Number()
}
