package directory_test

import (
	"testing"
	"time"

	"amana/internal/directory"
	"amana/internal/event"
)

func at(text string) time.Time {
	t, err := time.Parse("Mon 2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestOpening(t *testing.T) {
	weekdays := open(open(made(1), "a", "MO,TU,WE,TH,FR", "08:00", "12:30"), "b", "MO,TU,WE,TH,FR", "14:00:00", "17:00")
	night := open(made(1), "a", "FR", "22:00", "06:00")
	always := open(made(1), "a", "MO,TU,WE,TH,FR,SA,SU", "00:00", "24:00")
	allDay := open(made(1), "a", "", "00:00", "00:00")
	prayer := open(made(1, "closures", "FR 12:30-14:30"), "a", "FR", "08:00", "17:00")
	feast := open(made(1, "closures", "2026-11-25..2026-11-26"), "a", "MO,TU,WE,TH,FR", "08:00", "17:00")
	eve := open(made(1, "closures", "2026-11-25 12:00-24:00"), "a", "WE", "08:00", "17:00")
	zoned := open(made(1), "a", "WE", "08:00+03:00", "10:00+03:00")
	offset := open(made(1), "a", "WE", "23:00", "23:30")
	offset.Values["schedules/a/timezone"] = event.Int(-2)
	second := open(made(1), "a", "2TU,-1FR", "09:00", "10:00")
	set(second, "schedules/a/freq", "MONTHLY")
	fortnight := open(made(1), "a", "MO", "09:00", "10:00")
	fortnight.Values["schedules/a/interval"] = event.Int(2)
	set(fortnight, "schedules/a/dtstart", "2026-11-02")
	twice := open(made(1), "a", "MO", "09:00", "10:00")
	twice.Values["schedules/a/count"] = event.Int(2)
	set(twice, "schedules/a/dtstart", "2026-11-16")
	over := open(made(1), "a", "WE", "08:00", "17:00")
	set(over, "schedules/a/valid_to", "2026-11-24")
	monthDay := open(made(1), "a", "", "08:00", "09:00")
	set(monthDay, "schedules/a/freq", "MONTHLY")
	set(monthDay, "schedules/a/bymonthday", "-1")
	words := made(1, "schedules/a/description", "In the morning, if the nurse is there")
	yearly := open(made(1), "a", "WE", "08:00", "17:00")
	set(yearly, "schedules/a/freq", "YEARLY")

	for _, test := range []struct {
		name    string
		service directory.Service
		at      string
		open    bool
		until   string
		next    string
	}{
		{"open in the morning", weekdays, "Wed 2026-11-25 08:00", true, "Wed 2026-11-25 12:30", ""},
		{"shut over noon", weekdays, "Wed 2026-11-25 12:30", false, "", "Wed 2026-11-25 14:00"},
		{"shut for the weekend", weekdays, "Fri 2026-11-27 17:00", false, "", "Mon 2026-11-30 08:00"},
		{"open past midnight", night, "Sat 2026-11-28 05:59", true, "Sat 2026-11-28 06:00", ""},
		{"shut when the night is over", night, "Sat 2026-11-28 06:00", false, "", "Fri 2026-12-04 22:00"},
		{"always open", always, "Sun 2026-11-29 03:00", true, "", ""},
		{"the whole day, every day", allDay, "Sun 2026-11-29 03:00", true, "", ""},
		{"shut for prayer", prayer, "Fri 2026-11-27 13:00", false, "", "Fri 2026-11-27 14:30"},
		{"until prayer", prayer, "Fri 2026-11-27 11:00", true, "Fri 2026-11-27 12:30", ""},
		{"shut for a feast", feast, "Wed 2026-11-25 09:00", false, "", "Fri 2026-11-27 08:00"},
		{"shut from noon on the eve", eve, "Wed 2026-11-25 12:00", false, "", "Wed 2026-12-02 08:00"},
		{"in the time of another zone", zoned, "Wed 2026-11-25 05:30", true, "Wed 2026-11-25 07:00", ""},
		{"in another zone after its midnight", offset, "Thu 2026-11-26 01:10", true, "Thu 2026-11-26 01:30", ""},
		{"the last Friday of a month", second, "Fri 2026-11-27 09:30", true, "Fri 2026-11-27 10:00", ""},
		{"the second Tuesday is next", second, "Fri 2026-11-27 10:00", false, "", "Tue 2026-12-08 09:00"},
		{"every other week, this one", fortnight, "Mon 2026-11-30 09:00", true, "Mon 2026-11-30 10:00", ""},
		{"every other week, not this one", fortnight, "Mon 2026-11-23 09:00", false, "", "Mon 2026-11-30 09:00"},
		{"so many times, and then no more", twice, "Mon 2026-11-23 10:00", false, "", ""},
		{"no longer valid", over, "Wed 2026-11-25 09:00", false, "", ""},
		{"the last day of the month", monthDay, "Sun 2026-11-29 12:00", false, "", "Mon 2026-11-30 08:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := directory.New([]directory.Service{test.service}).OpenNow(test.service, at(test.at))
			if !got.Known || got.Open != test.open {
				t.Fatalf("open %v (known %v), want %v", got.Open, got.Known, test.open)
			}
			if !same(got.Until, test.until) || !same(got.Next, test.next) {
				t.Errorf("until %v, next %v; want %q, %q", got.Until, got.Next, test.until, test.next)
			}
			if got.Always != (test.open && test.until == "") {
				t.Errorf("always %v", got.Always)
			}
		})
	}
	for name, s := range map[string]directory.Service{"words only": words, "a frequency that is not read": yearly, "nothing": made(1)} {
		if got := directory.New([]directory.Service{s}).OpenNow(s, noon); got.Known || got.Open {
			t.Errorf("%s: open %v, known %v: want not known", name, got.Open, got.Known)
		}
	}
}

func same(t time.Time, text string) bool {
	if text == "" {
		return t.IsZero()
	}
	return t.Equal(at(text))
}

func TestClosureValid(t *testing.T) {
	for line, want := range map[string]bool{
		"FR 12:30-14:30": true, "* 13:00-14:00": true, "2026-12-25": true, "2026-04-01..2026-04-03": true, "SA,SU": true, "SU": true,
		"*": false, "": false, "Friday": false, "2FR": false, "2026-13-01": false, "2026-04-03..2026-04-01": false, "FR 12:30": false, "FR 25:00-26:00": false,
	} {
		if got := directory.ClosureValid(line); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

// 31 days are stale, 91 are hidden from the public and from who asks what helps now.
func TestFreshness(t *testing.T) {
	for _, test := range []struct {
		days          int
		stale, hidden bool
	}{{0, false, false}, {30, false, false}, {31, true, false}, {90, true, false}, {91, true, true}} {
		s := made(1, "assured_date", noon.AddDate(0, 0, -test.days).Format(time.DateOnly), directory.ClassField("service"), "public")
		f := s.Freshness(noon)
		if f.Days != test.days || f.Stale != test.stale || f.Hidden != test.hidden {
			t.Errorf("after %d days: %+v", test.days, f)
		}
		public := directory.For([]directory.Service{s}, directory.ForPublic, noon)
		found := directory.New([]directory.Service{s}).Now(directory.Query{Needs: []string{"pep"}, Age: -1, Now: noon})
		if (len(public.Services) == 0) != test.hidden || (len(found.Matches) == 0) != test.hidden {
			t.Errorf("after %d days: %d public, %d found", test.days, len(public.Services), len(found.Matches))
		}
		if test.hidden && found.Left[directory.LeftStale] != 1 {
			t.Errorf("after %d days: left out without a word: %v", test.days, found.Left)
		}
		old := directory.New([]directory.Service{s}).Now(directory.Query{Needs: []string{"pep"}, Age: -1, Now: noon, Old: true})
		if len(old.Matches) != 1 || test.stale != says(old.Matches[0].Missing, "services.say.verified.old") {
			t.Errorf("after %d days, asked for the old too: %+v", test.days, old)
		}
	}
	never := made(1)
	delete(never.Values, "assured_date")
	if f := never.Freshness(noon); !f.Never || !f.Hidden {
		t.Errorf("never verified: %+v", f)
	}
}

func says(list []directory.Say, key string) bool {
	for _, s := range list {
		if s.Key == key {
			return true
		}
	}
	return false
}
