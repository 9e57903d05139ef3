package directory

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"amana/internal/event"
)

// A rule is one schedule of HSDS: the subset of RFC 5545 that it uses.
type rule struct {
	opens, closes int   // minutes of the day; closes is after opens, past midnight if need be
	zone          *int  // minutes east of UTC, or nil for the time of the place
	monthly       bool  // FREQ=MONTHLY, else weekly
	interval      int   // 1 or more
	start         int   // the day that the interval is counted from
	from, to      int   // days on which it holds
	days          []nth // BYDAY; empty is every day of a monthly rule, or start's weekday
	monthDays     []int // BYMONTHDAY
	weeks         []int // BYWEEKNO
	yearDays      []int // BYYEARDAY
	last          int   // day of the last occurrence by COUNT, or the end of time
	dated         bool  // does not simply hold every week
}

// nth is a weekday, and which of a month: 0 is each.
type nth struct {
	day time.Weekday
	n   int
}

// The ends of time, in days.
const (
	never   = -1 << 40
	forever = 1 << 40
)

const dayMinutes = 24 * 60

// ruleOf reads a schedule. Without hours there is no rule, only its words.
func ruleOf(get func(key string) event.Value) (rule, bool) {
	r := rule{interval: 1, from: never, to: forever, last: forever}
	opens, zone, ok := clockOf(get("opens_at").Reveal())
	closes, _, also := clockOf(get("closes_at").Reveal())
	if !ok || !also {
		return rule{}, false
	}
	r.opens, r.closes, r.zone = opens, closes, zone
	if r.closes <= r.opens { // past midnight; the whole day where they are equal
		r.closes += dayMinutes
	}
	if hours, is := get("timezone").Decimal(); is && r.zone == nil {
		minutes := int(hours * 60)
		r.zone = &minutes
	}
	return r, r.readFrequency(get) && r.readDays(get)
}

func (r *rule) readFrequency(get func(string) event.Value) bool {
	switch strings.ToUpper(get("freq").Reveal()) {
	case "", "WEEKLY", "DAILY":
	case "MONTHLY":
		r.monthly, r.dated = true, true
	default:
		return false
	}
	if n, is := get("interval").Int(); is && n > 1 {
		r.interval, r.dated = int(min(n, 1000)), true
	}
	for key, into := range map[string]*int{"valid_from": &r.from, "valid_to": &r.to, "until": &r.last, "dtstart": &r.start} {
		if day, is := dayOf(get(key).Reveal()); is {
			*into, r.dated = day, r.dated || key != "dtstart"
		}
	}
	if r.start != 0 {
		r.from = max(r.from, r.start)
		r.dated = true
	}
	return true
}

func (r *rule) readDays(get func(string) event.Value) bool {
	for _, word := range listOf(get("byday").Reveal()) {
		day, ok := weekdayOf(word)
		if !ok {
			return false
		}
		r.days = append(r.days, day)
	}
	for key, into := range map[string]*[]int{"bymonthday": &r.monthDays, "byweekno": &r.weeks, "byyearday": &r.yearDays} {
		for _, word := range listOf(get(key).Reveal()) {
			n, err := strconv.Atoi(word)
			if err != nil {
				return false
			}
			*into, r.dated = append(*into, n), true
		}
	}
	if len(r.days) == 0 && len(r.monthDays) == 0 && len(r.yearDays) == 0 && strings.EqualFold(get("freq").Reveal(), "weekly") && r.start != 0 {
		r.days = []nth{{day: weekday(r.start)}}
	}
	if n, is := get("count").Int(); is {
		r.dated = true
		r.last = min(r.last, r.after(int(n)))
	}
	return true
}

// after returns the day of the nth occurrence, if it lies within ten years.
func (r *rule) after(n int) int {
	if r.start == 0 || n <= 0 {
		return forever
	}
	for day := r.start; day < r.start+3660; day++ {
		if r.on(day) {
			if n--; n == 0 {
				return day
			}
		}
	}
	return forever
}

// on reports whether the rule holds on a day.
func (r *rule) on(day int) bool {
	if day < r.from || day > r.to || day > r.last {
		return false
	}
	if !r.dated {
		return r.onWeekday(day)
	}
	date := dateOf(day)
	return r.onInterval(day, date) && r.onParts(day, date)
}

func (r *rule) onWeekday(day int) bool {
	return len(r.days) == 0 || slices.ContainsFunc(r.days, func(d nth) bool { return d.day == weekday(day) })
}

func (r *rule) onInterval(day int, date time.Time) bool {
	if r.interval == 1 {
		return true
	}
	if r.monthly {
		start := dateOf(r.start)
		return ((date.Year()-start.Year())*12+int(date.Month()-start.Month()))%r.interval == 0
	}
	return ((monday(day)-monday(r.start))/7)%r.interval == 0
}

func (r *rule) onParts(day int, date time.Time) bool {
	if len(r.monthDays) > 0 && !slices.ContainsFunc(r.monthDays, func(n int) bool { return countsTo(n, date.Day(), daysInMonth(date)) }) {
		return false
	}
	if len(r.yearDays) > 0 && !slices.ContainsFunc(r.yearDays, func(n int) bool { return countsTo(n, date.YearDay(), daysInYear(date)) }) {
		return false
	}
	if len(r.weeks) > 0 {
		if _, week := date.ISOWeek(); !slices.Contains(r.weeks, week) {
			return false
		}
	}
	return len(r.days) == 0 || slices.ContainsFunc(r.days, func(d nth) bool {
		return d.day == weekday(day) && (d.n == 0 || !r.monthly || isNth(d.n, date))
	})
}

// countsTo reports whether n, which counts from the end where it is negative,
// is the at-th of so many.
func countsTo(n, at, of int) bool { return n == at || n < 0 && of+n+1 == at }

func isNth(n int, date time.Time) bool {
	if n > 0 {
		return (date.Day()-1)/7+1 == n
	}
	return (daysInMonth(date)-date.Day())/7+1 == -n
}

func daysInMonth(date time.Time) int {
	return time.Date(date.Year(), date.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func daysInYear(date time.Time) int {
	return time.Date(date.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
}

func dateOf(day int) time.Time { return time.Unix(int64(day)*secondsADay, 0).UTC() }

// weekday returns the day of the week of a day; day 0 was a Thursday.
func weekday(day int) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }

// monday returns the Monday of a day's week.
func monday(day int) int { return day - (int(weekday(day))+6)%7 }

func dayOf(date string) (int, bool) {
	if len(date) < len(time.DateOnly) {
		return 0, false
	}
	t, err := time.Parse(time.DateOnly, date[:len(time.DateOnly)])
	return dayNumber(t), err == nil
}

var weekdays = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

func weekdayOf(word string) (nth, bool) {
	if len(word) < 2 {
		return nth{}, false
	}
	day := slices.Index(weekdays, strings.ToUpper(word[len(word)-2:]))
	n := 0
	if count := word[:len(word)-2]; count != "" {
		var err error
		if n, err = strconv.Atoi(count); err != nil {
			return nth{}, false
		}
	}
	return nth{time.Weekday(max(day, 0)), n}, day >= 0
}

func listOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// clockOf reads a time of day: "08:00", "8:00:00", "08:00Z", "08:00+03:00". 24:00
// is the end of the day.
func clockOf(text string) (minutes int, zone *int, ok bool) {
	if i := strings.IndexAny(text, "Z+-"); i > 0 {
		offset, is := zoneOf(text[i:])
		if !is {
			return 0, nil, false
		}
		text, zone = text[:i], &offset
	}
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, nil, false
	}
	h, err := strconv.Atoi(parts[0])
	m, also := strconv.Atoi(parts[1])
	minutes = h*60 + m
	return minutes, zone, err == nil && also == nil && h >= 0 && m >= 0 && m < 60 && minutes <= dayMinutes
}

func zoneOf(text string) (int, bool) {
	if text == "Z" {
		return 0, true
	}
	t, err := time.Parse("-07:00", text)
	_, offset := t.Zone()
	return offset / 60, err == nil
}
