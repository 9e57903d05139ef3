package gbv

import "time"

// How long it took from an incident to its report, in days of the calendar.
const (
	ElapsedThreeDays = "0_3_days"
	ElapsedFiveDays  = "4_5_days"
	ElapsedTwoWeeks  = "6_14_days"
	ElapsedOneMonth  = "2_weeks_1_month" // 15 to 30
	ElapsedLonger    = "over_1_month"
)

// Elapsed returns how long it took from an incident to its report. Both are ISO
// dates, as exact as they are known. "" is unknown: a date is missing, the dates
// are not exact enough to tell, or they contradict each other. It is never zero
// for want of a date.
func Elapsed(report, incident string) string { return between(report, incident, elapsedBand) }

// Delay is [Elapsed] in the bands of the indicator on how late people tell, which go
// further (standards.md section 7).
func Delay(report, incident string) string { return between(report, incident, delayBand) }

// CaseDuration returns how long a case was open, in the bands of the indicator. Both are
// ISO dates; "" is unknown.
func CaseDuration(opened, closed string) string { return between(closed, opened, durationBand) }

func durationBand(days int) string {
	switch {
	case days > 180:
		return "over_180_days"
	case days > 90:
		return "91_180_days"
	case days > 30:
		return "31_90_days"
	default:
		return "0_30_days"
	}
}

func between(report, incident string, bandOf func(days int) string) string {
	r, known := spanOf(report)
	i, also := spanOf(incident)
	if !known || !also {
		return ""
	}
	least, most := daysBetween(i.last, r.first), daysBetween(i.first, r.last)
	if most < 0 {
		return ""
	}
	band := bandOf(max(least, 0)) // nobody reports what has not happened yet
	if band != bandOf(most) {
		return ""
	}
	return band
}

func delayBand(days int) string {
	switch {
	case days > 90:
		return "over_90_days"
	case days > 30:
		return "31_90_days"
	case days > 14:
		return "15_30_days"
	default:
		return elapsedBand(days)
	}
}

func elapsedBand(days int) string {
	switch {
	case days <= 3:
		return ElapsedThreeDays
	case days <= 5:
		return ElapsedFiveDays
	case days <= 14:
		return ElapsedTwoWeeks
	case days <= 30:
		return ElapsedOneMonth
	}
	return ElapsedLonger
}

// Within reports whether a report came within so many hours of the incident, and
// whether that can be told. Both are ISO moments, as exact as they are known:
// "2026-03-09T14:30" or less. It counts hours: three days of the calendar are
// anything from 48 to 96 of them.
func Within(hours int, report, incident string) (yes, known bool) {
	reported, reportedBy, ok := minutes(report)
	happened, happenedBy, also := minutes(incident)
	if !ok || !also || happened.After(reportedBy) {
		return false, false
	}
	limit := time.Duration(hours) * time.Hour
	least, most := max(reported.Sub(happenedBy), 0), reportedBy.Sub(happened)
	return most <= limit, most <= limit || least > limit
}
