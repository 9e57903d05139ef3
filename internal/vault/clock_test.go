package vault_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/vault"
)

const year = 365 * 24 * time.Hour

// times are what the entries of a case bear, in the order in which they were
// written.
func times(t testing.TB, h *house, s *vault.Session, c newCase) (logical []uint64, walls []int64) {
	t.Helper()
	items, _ := s.ItemsOf(c.all()...)
	for _, it := range items {
		e, err := s.EntryOf(it)
		if err != nil {
			t.Fatal(err)
		}
		logical, walls = append(logical, e.Time), append(walls, e.Wall)
	}
	return logical, walls
}

// The clock of a device is set back a year, by somebody or by an empty battery:
// what is written then still comes after what was written before, also after the
// program was started again, and every entry says what the clock showed.
func TestClock_setBackAYear(t *testing.T) {
	h := newHouse(t)
	s := h.enter(t, "w0")
	c := mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "orchard")
	setAge := func(age int64) {
		t.Helper()
		if err := s.Save(context.Background(), vault.Change{Record: c.Case, Facts: []event.Fact{event.Set{Field: "age", Value: event.Int(age)}}}); err != nil {
			t.Fatal(err)
		}
	}
	setAge(19)
	h.pass(-year)
	setAge(20)
	h.reopen(t)
	s = h.enter(t, "w0")
	setAge(21)
	if behind := s.Behind(); behind < year-time.Minute || behind > year+time.Minute {
		t.Errorf("behind by %v, want a year", behind)
	}
	h.pass(time.Hour)
	setAge(22)
	logical, walls := times(t, h, s, c)
	if !slices.IsSorted(logical) || len(slices.Compact(slices.Clone(logical))) != len(logical) {
		t.Errorf("entries are out of order: %v", logical)
	}
	for i, wall := range walls {
		showed := time.UnixMilli(wall).UTC()
		switch set := i >= 4; { // three of the opening, and the first age
		case set != (wall != 0):
			t.Errorf("entry %d: the clock is said to have shown %v", i, showed)
		case set && (showed.Before(morning.Add(-year)) || showed.After(morning.Add(-year+2*time.Hour))):
			t.Errorf("entry %d: the clock is said to have shown %v, a year before %v", i, showed, morning)
		}
	}
	f, err := s.Read(context.Background(), c.Case)
	if err != nil {
		t.Fatal(err)
	}
	if age, _ := f.Case.Value("age").Int(); age != 22 || f.Case.Conflicts() != 0 {
		t.Errorf("age = %d with %d conflicts, want what was written last", age, f.Case.Conflicts())
	}
	var history []int64
	for _, p := range f.Case.History("age") {
		n, _ := p.Value.Int()
		history = append(history, n)
	}
	if !slices.Equal(history, []int64{19, 20, 21, 22}) {
		t.Errorf("history = %v", history)
	}
	h.mustVerify(t, s)
}

// A clock a year ahead pulls the time of entries with it; once it is right again
// they go on after the last, and say that the clock showed less.
func TestClock_aheadThenRightAgain(t *testing.T) {
	h := newHouse(t)
	s := h.enter(t, "w0")
	h.pass(year)
	c := mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "orchard")
	h.pass(-year + time.Hour)
	for range 3 {
		if err := addNote(s, c.Case, "river"); err != nil {
			t.Fatal(err)
		}
	}
	h.reopen(t)
	s = h.enter(t, "w1") // another member of the same device
	if s.Behind() < year-2*time.Hour {
		t.Errorf("behind by %v, want almost a year", s.Behind())
	}
	other := mustOpenCase(t, s, h.Teams[1], "Awa Exemple", "river")
	first, walls := times(t, h, s, c)
	second, wallsOfOther := times(t, h, s, other)
	logical := append(first, second...)
	if !slices.IsSorted(logical) {
		t.Errorf("entries are out of order: %v", logical)
	}
	for i, wall := range append(walls, wallsOfOther...) {
		if right := i >= 3; right != (wall != 0) {
			t.Errorf("entry %d: the clock is said to have shown %v", i, time.UnixMilli(wall).UTC())
		}
	}
	h.mustVerify(t, s)
	// When the year is over, nothing is left of it.
	h.pass(year + time.Hour)
	if err := s.Save(context.Background(), vault.Change{Record: other.Case, Facts: []event.Fact{event.Set{Field: "age", Value: event.Int(3)}}}); err != nil {
		t.Fatal(err)
	}
	_, walls = times(t, h, s, other)
	if last := walls[len(walls)-1]; last != 0 || s.Behind() > time.Minute {
		t.Errorf("the clock is right, and is said to have shown %v, %v behind", time.UnixMilli(last), s.Behind())
	}
}

// A thousand entries within one tick of a clock that stands still, or goes back
// all the time, are all in order.
func TestClock_standsStill(t *testing.T) {
	now := morning
	c := journal.NewClock(func() time.Time {
		now = now.Add(-time.Millisecond)
		return now
	})
	var last uint64
	for i := range 100_000 {
		tick, _ := c.Tick()
		if tick <= last {
			t.Fatalf("tick %d is %d after %d", i, tick, last)
		}
		last = tick
	}
	if jump := journal.When(last).Sub(morning); jump > 10*time.Second {
		t.Errorf("ticks ran %v ahead", jump)
	}
}

// The pages are told: the timeline says what the clock showed, every page that it
// is behind.
func TestClock_isShown(t *testing.T) {
	now := morning
	o, err := casework.NewOffice(casework.Options{Dir: filepath.Join(t.TempDir(), "v"), Demo: true, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	words := seal.SuggestPassphrase()
	if _, err := o.Found(ctx, casework.NewOrganisation{
		Name: "Clinic", Administrator: "Admin", Passphrase: []byte(words),
		Teams:      []casework.NewTeam{{Name: "Care", Compartment: amana.Care, Identities: true, Join: true}},
		Custodians: []string{"A", "B"}, Threshold: 2,
	}); err != nil {
		t.Fatal(err)
	}
	defer o.LockAll()
	d, err := o.Unlock(ctx, []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	id, err := d.OpenCase(ctx, casework.Intake{Team: d.Me().Teams[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	if behind := d.State().ClockBehind; behind != 0 {
		t.Errorf("a clock that is right is said to be behind by %v", behind)
	}
	now = now.Add(-year)
	if err := d.AddNote(ctx, id, amana.Conceal("river")); err != nil {
		t.Fatal(err)
	}
	if behind := d.State().ClockBehind; behind < year-time.Minute {
		t.Errorf("ClockBehind = %v, want a year", behind)
	}
	f, err := d.ReadCase(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, m := range f.Timeline {
		if !m.ClockSaid.IsZero() {
			said++
			if got := m.ClockSaid; got.Before(now) || got.After(now.Add(time.Hour)) || m.When.Before(morning) {
				t.Errorf("%s at %v: the clock said %v", m.What, m.When, got)
			}
		}
	}
	if said == 0 || f.Timeline[len(f.Timeline)-1].ClockSaid.IsZero() {
		t.Errorf("%d of %d moments say what the clock showed", said, len(f.Timeline))
	}
	if items := f.Notes; len(items) != 1 || items[0].When.Before(morning) {
		t.Errorf("notes: %+v", items)
	}
}
