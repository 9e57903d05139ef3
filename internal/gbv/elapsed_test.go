package gbv_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana/internal/event"
	"amana/internal/gbv"
)

func TestElapsed_days(t *testing.T) {
	first := time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
	for day, want := range map[int]string{
		0: gbv.ElapsedThreeDays, 3: gbv.ElapsedThreeDays, 4: gbv.ElapsedFiveDays, 5: gbv.ElapsedFiveDays, 6: gbv.ElapsedTwoWeeks,
		14: gbv.ElapsedTwoWeeks, 15: gbv.ElapsedOneMonth, 30: gbv.ElapsedOneMonth, 31: gbv.ElapsedLonger, 400: gbv.ElapsedLonger,
	} {
		report := first.AddDate(0, 0, day).Format(time.DateOnly)
		if got := gbv.Elapsed(report, "2026-02-20"); got != want {
			t.Errorf("day %d: %q, want %q", day, got, want)
		}
		if got := gbv.Elapsed(report+"T09:00:00Z", "2026-02-20T23:00"); got != want {
			t.Errorf("day %d with times: %q, want %q", day, got, want)
		}
	}
}

// A missing date is not zero days, and what cannot be told is unknown.
func TestElapsed_unknown(t *testing.T) {
	for _, c := range []struct{ report, incident, want string }{
		{"", "2026-03-09", ""},
		{"2026-03-09", "", ""},
		{"", "", ""},
		{"2026-03-09", "yesterday", ""},
		{"2026-03-09", "2026-02-30", ""},
		{"2026-03-09", "2026-03-10", ""}, // before it happened
		{"2026-03-09", "2026-03", ""},    // any of nine days
		{"2026-03-03", "2026-03", gbv.ElapsedThreeDays},
		{"2026-03-09", "2026-02", ""},
		{"2026-03-09", "2026-01", gbv.ElapsedLonger},
		{"2026-03-09", "2025", gbv.ElapsedLonger},
		{"2026-03", "2026-03", ""},
		{"2026-03-09", "2026", ""},
	} {
		if got := gbv.Elapsed(c.report, c.incident); got != c.want {
			t.Errorf("%q after %q: %q, want %q", c.report, c.incident, got, c.want)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		report, incident string
		yes, known       bool
	}{
		{"2026-03-12T14:30", "2026-03-09T14:30", true, true},
		{"2026-03-12T14:31", "2026-03-09T14:30", false, true},
		{"2026-03-12", "2026-03-09T14:30", false, false}, // three days of the calendar
		{"2026-03-11", "2026-03-09T14:30", true, true},
		{"2026-03-11T23:00", "2026-03-09", true, true},
		{"2026-03-13T00:01", "2026-03-09", false, true},
		{"2026-03-12T12:00", "2026-03-09", false, false},
		{"2026-03-14", "2026-03-09", false, true},
		{"", "2026-03-09", false, false},
		{"2026-03-09", "", false, false},
		{"2026-03-08", "2026-03-09T14:30", false, false},
	} {
		yes, known := gbv.Within(72, c.report, c.incident)
		if yes != c.yes || known != c.known {
			t.Errorf("%s after %s: %t, %t", c.report, c.incident, yes, known)
		}
	}
}

// Every age is in exactly one band, and every survivor with a known age in one
// that is not "unknown".
func TestBand_partition(t *testing.T) {
	count := map[string]int{}
	for age := range 131 {
		count[gbv.Age{Least: age, Most: age}.Band()]++
	}
	if count[gbv.BandChild] != 12 || count[gbv.BandAdolescent] != 6 || count[gbv.BandAdult] != 32 || count[gbv.BandUnknown] != 0 {
		t.Errorf("%v", count)
	}
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.IntRange(0, 130).Draw(t, "least")
		a := gbv.Age{Least: least, Most: rapid.IntRange(least, 130).Draw(t, "most")}
		if !slices.Contains(gbv.Bands(), a.Band()) {
			t.Fatalf("%+v is in %q", a, a.Band())
		}
		if a.Least == a.Most && a.Band() == gbv.BandUnknown {
			t.Fatalf("%+v is known", a)
		}
	})
	teen := 0
	for age := range 131 {
		if (gbv.Age{Least: age, Most: age}).TenToNineteen() {
			teen++
		}
	}
	if teen != 10 || slices.Contains(gbv.Bands(), gbv.BandTenToNineteen) {
		t.Errorf("10 to 19: %d years, beside the sum", teen)
	}
}

// However little is recorded, the age that somebody had is among those that are
// possible.
func TestAgeAt_holdsTheTruth(t *testing.T) {
	day := func(t *rapid.T, name string, from, to int) time.Time {
		return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(from, to).Draw(t, name))
	}
	age := func(born, on time.Time) int {
		n := on.Year() - born.Year()
		if on.Before(time.Date(on.Year(), born.Month(), born.Day(), 0, 0, 0, 0, time.UTC)) {
			n--
		}
		return n
	}
	rapid.Check(t, func(t *rapid.T) {
		born := day(t, "born", 0, 4000)
		happened := day(t, "happened", 4001, 12000)
		reported := happened.AddDate(0, 0, rapid.IntRange(0, 3000).Draw(t, "later"))
		exactness := rapid.SampledFrom([]int{4, 7, 10})
		text := func(d time.Time, name string) event.Value {
			return event.Text(d.Format(time.DateOnly)[:exactness.Draw(t, name)])
		}
		in := fields{"incident_date": text(happened, "incident_date"), "date_of_first_report": text(reported, "reported")}
		if rapid.Bool().Draw(t, "by date") {
			in["date_of_birth"] = text(born, "birth date")
		} else {
			in["age"] = event.Int(int64(age(born, reported)))
		}
		got := gbv.AgeAt(in, nil)
		if true := age(born, happened); got.Least > true || got.Most < true {
			t.Fatalf("born %s, happened %s, reported %s: %+v, was %d",
				born.Format(time.DateOnly), happened.Format(time.DateOnly), reported.Format(time.DateOnly), got, true)
		}
	})
}

func TestAgeAtReport(t *testing.T) {
	for _, c := range []struct {
		in   fields
		want string
	}{
		{incident(gbv.Rape, "age", 49), gbv.BandAdult},
		{incident(gbv.Rape, "age", 50), gbv.BandOlder},
		{incident(gbv.Rape, "age", "11"), gbv.BandChild},
		{incident(gbv.Rape, "age", event.Value{}), gbv.BandUnknown},
		{incident(gbv.Rape, "age", event.Say(event.Declined)), gbv.BandUnknown},
		{incident(gbv.Rape, "age", 999), gbv.BandUnknown},
		{incident(gbv.Rape, "age", event.Value{}, "date_of_birth", "2008-03-10"), gbv.BandAdult},
	} {
		if got := gbv.AgeAtReport(c.in, nil).Band(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// Both bandings meet their borders where the standard has them, and a day that is missing
// is never zero days.
func TestDelay_and_CaseDuration(t *testing.T) {
	on := func(days int) string { return time.Date(2026, 1, 1+days, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }
	for days, want := range map[int][2]string{
		0: {"0_3_days", "0_30_days"}, 3: {"0_3_days", "0_30_days"}, 4: {"4_5_days", "0_30_days"}, 5: {"4_5_days", "0_30_days"}, 6: {"6_14_days", "0_30_days"},
		14: {"6_14_days", "0_30_days"}, 15: {"15_30_days", "0_30_days"}, 30: {"15_30_days", "0_30_days"}, 31: {"31_90_days", "31_90_days"},
		90: {"31_90_days", "31_90_days"}, 91: {"over_90_days", "91_180_days"}, 180: {"over_90_days", "91_180_days"}, 181: {"over_90_days", "over_180_days"},
	} {
		if got := [2]string{gbv.Delay(on(days), on(0)), gbv.CaseDuration(on(0), on(days))}; got != want {
			t.Errorf("%d days: %v, want %v", days, got, want)
		}
	}
	if got := gbv.Delay("2026-01-05", "") + gbv.CaseDuration("", "2026-01-05") + gbv.Delay("2026-01", "2025-11"); got != "" {
		t.Errorf("of what is not known: %q", got)
	}
}
