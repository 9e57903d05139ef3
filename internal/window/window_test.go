package window_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones also where the system has none

	"pgregory.net/rapid"

	"amana/internal/window"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

func exact(at time.Time) window.Assault { return window.Assault{Earliest: at, Latest: at} }

func states(t *testing.T, a window.Assault, now time.Time) map[string]window.State {
	t.Helper()
	all := map[string]window.State{}
	for _, s := range window.Default().At(a, now) {
		all[s.ID] = s
	}
	return all
}

// 71 h 59 m is open; 72 h 01 m is closed for the one and not for the others.
func TestAt_lastMinute(t *testing.T) {
	for _, c := range []struct {
		since    time.Duration
		pep, ec  window.Openness
		pepLeast time.Duration
	}{
		{0, window.Open, window.Open, 72 * time.Hour},
		{59*time.Hour + 59*time.Minute, window.Open, window.Open, 12*time.Hour + time.Minute},
		{60 * time.Hour, window.Soon, window.Open, 12 * time.Hour},
		{71*time.Hour + 59*time.Minute, window.Soon, window.Open, time.Minute},
		{72 * time.Hour, window.Soon, window.Open, 0},
		{72*time.Hour + time.Minute, window.Closed, window.Open, 0},
		{100 * time.Hour, window.Closed, window.Soon, 0},
		{120 * time.Hour, window.Closed, window.Soon, 0},
		{120*time.Hour + time.Minute, window.Closed, window.Closed, 0},
	} {
		s := states(t, exact(noon), noon.Add(c.since))
		if s[window.PEP].Is != c.pep || s[window.EmergencyContraception].Is != c.ec {
			t.Errorf("after %s: pep %s, contraception %s; want %s, %s",
				c.since, s[window.PEP].Is, s[window.EmergencyContraception].Is, c.pep, c.ec)
		}
		if s[window.PEP].Least != c.pepLeast || s[window.PEP].Most != c.pepLeast {
			t.Errorf("after %s: pep has %s to %s left, want %s", c.since, s[window.PEP].Least, s[window.PEP].Most, c.pepLeast)
		}
		for _, id := range []string{window.HepatitisB, window.STI, window.Tetanus} {
			if s[id].Is != window.Open {
				t.Errorf("after %s: %s is %s", c.since, id, s[id].Is)
			}
		}
		for _, id := range []string{window.Safety, window.MentalHealth, window.MedicoLegal} {
			if s[id].Is != window.NoLimit || !s[id].MayHelp() {
				t.Errorf("after %s: %s is %s", c.since, id, s[id].Is)
			}
		}
	}
}

func TestAt_unknownIsOpen(t *testing.T) {
	s := states(t, window.Assault{}, noon)[window.PEP]
	if s.Is != window.Perhaps || !s.Pressing() || !s.Unknown || s.Least != 0 || s.Most != 72*time.Hour {
		t.Errorf("nobody knows when: %+v", s)
	}
	told, err := window.When("", "", "", time.UTC, noon)
	if err != nil {
		t.Fatal(err)
	}
	if s := states(t, told, noon.Add(71*time.Hour))[window.PEP]; s.Is != window.Perhaps || s.Most != time.Hour {
		t.Errorf("71 hours after it was told: %s, most %s", s.Is, s.Most)
	}
	// It was before it was told: 73 hours later nothing is left of 72.
	if s := states(t, told, noon.Add(73*time.Hour))[window.PEP]; s.Is != window.Closed {
		t.Errorf("73 hours after it was told: %s", s.Is)
	}
}

func TestAt_imprecise(t *testing.T) {
	day, err := window.When("2026-03-09", "", "", time.UTC, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	midnight := noon.Add(-12 * time.Hour)
	for _, c := range []struct {
		since time.Duration // the beginning of that day
		want  window.Openness
	}{
		{59 * time.Hour, window.Open},
		{61 * time.Hour, window.Soon},
		{72 * time.Hour, window.Soon},
		{73 * time.Hour, window.Perhaps}, // if it was late on that day
		{96 * time.Hour, window.Perhaps},
		{96*time.Hour + time.Minute, window.Closed},
	} {
		if got := states(t, day, midnight.Add(c.since))[window.PEP]; got.Is != c.want {
			t.Errorf("%s into that day: %s (%s to %s), want %s", c.since, got.Is, got.Least, got.Most, c.want)
		}
	}
}

// A clock that jumped back shows a time before the assault: the whole window is left.
func TestAt_clockBeforeTheAssault(t *testing.T) {
	s := states(t, exact(noon), noon.Add(-48*time.Hour))[window.PEP]
	if s.Is != window.Open || s.Most != 72*time.Hour {
		t.Errorf("%s, most %s", s.Is, s.Most)
	}
}

func TestWhen(t *testing.T) {
	day := func(d, h, m int) time.Time { return time.Date(2026, 3, d, h, m, 0, 0, time.UTC) }
	for _, c := range []struct {
		date, clock, part string
		from, until       time.Time
	}{
		{"2026-03-09", "14:30", "", day(9, 14, 30), day(9, 14, 30)},
		{"2026-03-09", "14:30", "morning", day(9, 14, 30), day(9, 14, 30)}, // the more exact holds
		{"2026-03-09", "", "morning", day(9, 4, 0), day(9, 13, 0)},
		{"2026-03-09", "", "afternoon", day(9, 11, 0), day(9, 20, 0)},
		{"2026-03-09", "", "evening_night", day(9, 0, 0), day(10, 8, 0)},
		{"2026-03-09", "", "unknown", day(9, 0, 0), day(10, 0, 0)},
		{"2026-03", "14:30", "morning", day(1, 0, 0), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)},
		{"2026", "", "", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"", "14:30", "morning", time.Time{}, time.Time{}},
	} {
		a, err := window.When(c.date, c.clock, c.part, time.UTC, time.Time{})
		if err != nil || !a.Earliest.Equal(c.from) || !a.Latest.Equal(c.until) {
			t.Errorf("%s %s %s: %s to %s, %v", c.date, c.clock, c.part, a.Earliest, a.Latest, err)
		}
	}
	for _, bad := range [][2]string{{"2026-02-30", ""}, {"yesterday", ""}, {"2026-03-09", "25:00"}, {"2026-03-09", "9:00"}, {"2026-03-09", "+1:00"}, {"2026-3-9", ""}} {
		if _, err := window.When(bad[0], bad[1], "", time.UTC, time.Time{}); !errors.Is(err, window.ErrTime) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestWhen_future(t *testing.T) {
	if _, err := window.When("2026-03-10", "", "", time.UTC, noon); !errors.Is(err, window.ErrFuture) {
		t.Errorf("tomorrow: %v", err)
	}
	if _, err := window.When("2026-03-09", "12:01", "", time.UTC, noon); !errors.Is(err, window.ErrFuture) {
		t.Errorf("in a minute: %v", err)
	}
	a, err := window.When("2026-03-09", "", "", time.UTC, noon)
	if err != nil || !a.Latest.Equal(noon) {
		t.Errorf("today: until %s, %v", a.Latest, err)
	}
}

// Hours are hours: on the night on which clocks are put forward or back, 72 of
// them are not three days on the wall.
func TestWhen_daylightSaving(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	forward, err := window.When("2026-03-28", "12:00", "", zone, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if s := states(t, forward, time.Date(2026, 3, 31, 12, 30, 0, 0, zone))[window.PEP]; s.Is != window.Soon || s.Most != 30*time.Minute {
		t.Errorf("three days and half an hour later, an hour was skipped: %s, %s", s.Is, s.Most)
	}
	twice, err := window.When("2026-10-25", "02:30", "", zone, time.Time{})
	if err != nil || twice.Latest.Sub(twice.Earliest) != time.Hour {
		t.Errorf("02:30 came twice: %s to %s, %v", twice.Earliest, twice.Latest, err)
	}
	never, err := window.When("2026-03-29", "02:30", "", zone, time.Time{})
	if err != nil || never.Latest.Sub(never.Earliest) != time.Hour {
		t.Errorf("02:30 never came: %s to %s, %v", never.Earliest, never.Latest, err)
	}
	plain, err := window.When("2026-10-25", "12:30", "", zone, time.Time{})
	if want := time.Date(2026, 10, 25, 12, 30, 0, 0, zone); err != nil || !plain.Earliest.Equal(want) || !plain.Latest.Equal(want) {
		t.Errorf("12:30 on that day: %s to %s, %v", plain.Earliest, plain.Latest, err)
	}
}

// What is open only ever closes, and what is less exact never closes earlier.
func TestAt_laws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hours := func(name string) time.Duration {
			return time.Duration(rapid.IntRange(0, 400*60).Draw(t, name)) * time.Minute
		}
		at := noon.Add(hours("at"))
		wide := window.Assault{Earliest: at.Add(-hours("before")), Latest: at.Add(hours("after"))}
		now := at.Add(hours("now"))
		later := now.Add(hours("later"))
		known, vague, then := window.Default().At(exact(at), now), window.Default().At(wide, now), window.Default().At(exact(at), later)
		for i := range known {
			if known[i].MayHelp() && !vague[i].MayHelp() {
				t.Fatalf("%s is open, but closed when less is known", known[i].ID)
			}
			if !known[i].MayHelp() && then[i].MayHelp() {
				t.Fatalf("%s opened again", known[i].ID)
			}
			if vague[i].Least > known[i].Least || vague[i].Most < known[i].Most {
				t.Fatalf("%s: %s to %s does not hold %s", known[i].ID, vague[i].Least, vague[i].Most, known[i].Most)
			}
		}
	})
}

func TestByHaste(t *testing.T) {
	var ids []string
	for _, s := range window.ByHaste(window.Default().At(exact(noon), noon.Add(80*time.Hour))) {
		ids = append(ids, s.ID)
	}
	if ids[0] != window.Safety || ids[1] != window.EmergencyContraception || ids[len(ids)-1] != window.PEP {
		t.Errorf("order %v", ids)
	}
}

func TestTable_roundTrip(t *testing.T) {
	table := window.Default()
	table.Windows[1].Hours = 48
	table.Windows = append(table.Windows, window.Window{ID: "rabies", Kind: window.Urgent, Hours: 24, Name: map[string]string{"fr": "Rage", "en": "Rabies"}})
	got, err := window.Parse(table.Encode())
	if err != nil || !slices.Equal(got.Encode(), table.Encode()) {
		t.Fatalf("%v", err)
	}
	if w, ok := got.Of("rabies"); !ok || w.Hours != 24 || w.Name["fr"] != "Rage" {
		t.Errorf("%+v", w)
	}
}

func TestDefault_isGood(t *testing.T) {
	if err := window.Default().Check(); err != nil {
		t.Error(err)
	}
}

func TestParse_refuses(t *testing.T) {
	row := func(s string) string { return `{"windows":[` + s + `]}` }
	for name, doc := range map[string]string{
		"nothing": ``, "no rows": `{"windows":[]}`, "not a table": `[]`, "two": row(`{"id":"a","kind":"offered"}`) + `{}`,
		"unknown kind": row(`{"id":"a","kind":"maybe"}`), "no id": row(`{"kind":"offered"}`),
		"slash in id": row(`{"id":"a/b","kind":"offered"}`), "twice": row(`{"id":"a","kind":"offered"},{"id":"a","kind":"offered"}`),
		"urgent without hours": row(`{"id":"a","kind":"urgent"}`), "negative": row(`{"id":"a","kind":"urgent","hours":-1}`),
		"years": row(`{"id":"a","kind":"urgent","hours":99999999}`), "unknown field": row(`{"id":"a","kind":"offered","dose":"1"}`),
		"now with hours": row(`{"id":"a","kind":"now","hours":1}`),
		"too long":       row(`{"id":"a","kind":"offered","source":"` + strings.Repeat("x", 70_000) + `"}`),
	} {
		if _, err := window.Parse([]byte(doc)); !errors.Is(err, window.ErrTable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(window.Default().Encode())
	f.Add([]byte(`{"windows":[{"id":"a","kind":"offered"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := window.Parse(b)
		if err != nil {
			return
		}
		again, err := window.Parse(table.Encode())
		if err != nil || !slices.Equal(again.Encode(), table.Encode()) {
			t.Fatal("read once, not twice")
		}
		table.At(window.Assault{}, noon)
	})
}
