package gbv

import (
	"time"

	"amana/internal/event"
)

// Adulthood is the age from which nobody is a child, by the convention on the
// rights of the child.
const Adulthood = 18

const oldest = 130

// Age is how old somebody was, in whole years, as exactly as can be told: not
// younger than Least, not older than Most.
type Age struct {
	Least, Most int
	Estimated   bool // the age was estimated when it was recorded
}

// unknownAge is anybody's.
var unknownAge = Age{0, oldest, false}

// Under reports whether somebody was younger than this, and whether that can be
// told.
func (a Age) Under(years int) (yes, known bool) {
	return a.Most < years, a.Most < years || a.Least >= years
}

// Unknown reports whether nothing can be told.
func (a Age) Unknown() bool { return a.Least <= 0 && a.Most >= oldest }

// birth is when somebody was born: not before first, not after last.
type birth = span

// ageAt returns the age at a time.
func (s birth) ageAt(when span) Age {
	a := Age{Least: years(s.last, when.first), Most: years(s.first, when.last)}
	if a.Most < 0 { // before the birth: one of the dates is wrong
		return unknownAge
	}
	return Age{Least: max(a.Least, 0), Most: min(a.Most, oldest)}
}

// years returns how many birthdays somebody had by a day.
func years(born, day time.Time) int {
	n := day.Year() - born.Year()
	if day.Month() < born.Month() || day.Month() == born.Month() && day.Day() < born.Day() {
		n--
	}
	return n
}

// bornOf returns when somebody was born who was so old on a day.
func bornOf(age int, on span) birth {
	return birth{yearsBefore(on.first, age+1).AddDate(0, 0, 1), yearsBefore(on.last, age)}
}

// yearsBefore goes back in years; 29 February goes to the 28th where there is none.
func yearsBefore(day time.Time, n int) time.Time {
	back := day.AddDate(-n, 0, 0)
	if back.Month() != day.Month() {
		back = back.AddDate(0, 0, -1)
	}
	return back
}

// AgeAt returns the age of the survivor of an incident at the time when it
// happened: by date of birth where one is recorded, else by the age that was
// recorded and the day on which it was. The incident's own fields go before those
// of the case. Where the day of the incident is not known, she was not older than
// when she spoke of it.
func AgeAt(incident, survivor map[string]event.Value) Age {
	happened, dated := spanOfValue(incident["incident_date"])
	return ageOn(incident, survivor, happened, dated)
}

// AgeAtReport returns the age of the survivor when she reported: what the tables
// of the standard count.
func AgeAtReport(incident, survivor map[string]event.Value) Age {
	if n, ok := wholeYears(incident["age"]); ok {
		return Age{n, n, estimated(incident)}
	}
	reported, dated := spanOfValue(incident["date_of_first_report"])
	return ageOn(incident, survivor, reported, dated)
}

func ageOn(incident, survivor map[string]event.Value, when span, dated bool) Age {
	reported, told := spanOfValue(incident["date_of_first_report"])
	for _, source := range []map[string]event.Value{incident, survivor} {
		on, recorded := reported, told
		if !recorded {
			on, recorded = spanOfValue(survivor["created_on"])
		}
		if born, ok := spanOfValue(source["date_of_birth"]); ok {
			switch {
			case dated:
				return born.ageAt(when)
			case recorded:
				return Age{0, born.ageAt(on).Most, false}
			}
			return unknownAge
		}
		n, ok := wholeYears(source["age"])
		if !ok {
			continue
		}
		a := Age{0, n, false}
		if dated && recorded {
			a = bornOf(n, on).ageAt(when)
		}
		a.Estimated = estimated(source)
		return a
	}
	return unknownAge
}

func estimated(fields map[string]event.Value) bool {
	yes, _ := YesNo(fields["estimated"])
	return yes
}

// wholeYears reads an age, also one that arrived as text.
func wholeYears(v event.Value) (int, bool) {
	if n, ok := v.Int(); ok {
		return int(n), n >= 0 && n <= oldest
	}
	text := v.Reveal()
	n := 0
	for _, r := range text {
		if r < '0' || r > '9' || len(text) > 3 {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, text != "" && n <= oldest
}

// Bands of age. They part everybody: each survivor is in exactly one.
const (
	BandChild      = "0_11"
	BandAdolescent = "12_17"
	BandAdult      = "18_49"
	BandOlder      = "50+"
	BandUnknown    = "unknown"
)

// BandTenToNineteen lies across the bands; it is shown beside them and is never a
// part of their sum.
const BandTenToNineteen = "10_19"

// Bands returns the bands that part everybody, in order.
func Bands() []string {
	return []string{BandChild, BandAdolescent, BandAdult, BandOlder, BandUnknown}
}

// Band returns the band of an age; one that may lie in two is unknown.
func (a Age) Band() string {
	band := bandOf(a.Least)
	if a.Least > a.Most || band != bandOf(a.Most) {
		return BandUnknown
	}
	return band
}

func bandOf(age int) string {
	switch {
	case age < 12:
		return BandChild
	case age < Adulthood:
		return BandAdolescent
	case age < 50:
		return BandAdult
	}
	return BandOlder
}

// TenToNineteen reports whether an age surely lies in [BandTenToNineteen].
func (a Age) TenToNineteen() bool { return a.Least >= 10 && a.Most <= 19 }
