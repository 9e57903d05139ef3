package record

import "time"

// firstYear is the earliest that a date may name; what is before is a slip.
const firstYear = 1900

// IsDate reports whether s is a real date in ISO 8601, as exact as it is known:
// "2026", "2026-03" or "2026-03-09".
func IsDate(s string) bool {
	switch len(s) {
	case 4, 7, 10:
	default:
		return false
	}
	for i := range len(s) {
		if dash := i == 4 || i == 7; dash != (s[i] == '-') || !dash && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	if digits(s[:4]) < firstYear {
		return false
	}
	if len(s) == 4 {
		return true
	}
	month := digits(s[5:7])
	if month < 1 || month > 12 {
		return false
	}
	if len(s) == 7 {
		return true
	}
	day := digits(s[8:])
	return day >= 1 && day <= daysIn(digits(s[:4]), month)
}

func digits(s string) (n int) {
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// isFuture reports whether a date begins after today, where now is.
func isFuture(date string, now time.Time) bool {
	return date > now.Format(time.DateOnly)[:len(date)]
}

// isTime reports whether s is a time of day: "14:30".
func isTime(s string) bool {
	if len(s) != 5 || s[2] != ':' {
		return false
	}
	for i := range len(s) {
		if i != 2 && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return digits(s[:2]) < 24 && digits(s[3:]) < 60
}

// isMoment reports whether s is a whole day and a time: "2026-03-09T14:30".
func isMoment(s string) bool {
	const day = len(time.DateOnly)
	return len(s) == day+6 && s[day] == 'T' && IsDate(s[:day]) && isTime(s[day+1:])
}
