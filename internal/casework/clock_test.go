package casework_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/stats"
	"amana/internal/window"
)

// open begins a case, with the given fields.
func open(t *testing.T, d *casework.Desk, values casework.Values) amana.RecordID {
	t.Helper()
	id, err := d.OpenCase(context.Background(), casework.Intake{Team: d.Me().Teams[0].ID, Case: values})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func clock(t *testing.T, d *casework.Desk, id amana.RecordID) *casework.Clock {
	t.Helper()
	f, err := d.ReadCase(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f.Clock
}

func state(c *casework.Clock, id string) casework.WindowState {
	i := slices.IndexFunc(c.States, func(s casework.WindowState) bool { return s.ID == id })
	return c.States[i]
}

func ago(o *office, d time.Duration) casework.Values {
	at := o.now.Add(-d)
	return casework.Values{
		"assault_date": event.Text(at.Format(time.DateOnly)), "assault_time": event.Text(at.Format("15:04")),
	}
}

func TestClock_runsFromTheAssault(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	id := open(t, d, ago(o, 70*time.Hour))
	c := clock(t, d, id)
	if s := state(c, window.PEP); s.Is != window.Soon || s.Most != 2*time.Hour || !c.Dated || c.Signed != nil {
		t.Fatalf("at hour 70: %+v", s)
	}
	o.now = o.now.Add(time.Hour + 59*time.Minute)
	if s := state(clock(t, d, id), window.PEP); s.Is != window.Soon || !s.Waits() {
		t.Errorf("at 71:59: %+v", s)
	}
	o.now = o.now.Add(2 * time.Minute)
	c = clock(t, d, id)
	if state(c, window.PEP).Is != window.Closed || state(c, window.EmergencyContraception).Is != window.Open ||
		state(c, window.HepatitisB).Is != window.Open || state(c, window.MentalHealth).Is != window.NoLimit {
		t.Errorf("at 72:01: %+v", c.States)
	}
}

// A clock that was put back gives nobody hours that have passed.
func TestClock_putBack(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	id := open(t, d, ago(o, 73*time.Hour))
	o.now = o.now.Add(-48 * time.Hour)
	if s := state(clock(t, d, id), window.PEP); s.Is != window.Closed {
		t.Errorf("%+v", s)
	}
}

func TestClock_unknownIsOpen(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	id := open(t, d, nil)
	if s := state(clock(t, d, id), window.PEP); s.Is != window.Perhaps || !s.Unknown {
		t.Errorf("nobody knows when: %+v", s)
	}
	o.now = o.now.Add(73 * time.Hour)
	if s := state(clock(t, d, id), window.PEP); s.Is != window.Closed {
		t.Errorf("it was before she came, 73 hours ago: %+v", s)
	}
	brought := open(t, d, casework.Values{"created_on": event.Text("2020-01-01")})
	if s := state(clock(t, d, brought), window.PEP); s.Is != window.Closed {
		t.Errorf("she came years ago, and is written down today: %+v", s)
	}
}

func TestClock_future(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	id := open(t, d, nil)
	var bad casework.FieldErrors
	in := func(values casework.Values) error {
		return d.ChangeRecord(ctx, id, casework.Change{Record: id, Values: values})
	}
	if err := in(ago(o, -time.Minute)); !errors.As(err, &bad) || bad["assault_time"] != string(record.FaultFuture) {
		t.Errorf("in a minute: %v %v", err, bad)
	}
	if err := in(ago(o, -48*time.Hour)); !errors.As(err, &bad) || bad["assault_date"] != string(record.FaultFuture) {
		t.Errorf("in two days: %v %v", err, bad)
	}
	if err := in(ago(o, time.Minute)); err != nil {
		t.Errorf("a minute ago: %v", err)
	}
}

func TestSetOutcome(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	id := open(t, d, ago(o, time.Hour))
	for _, outcome := range casework.Outcomes() {
		if err := d.SetOutcome(ctx, id, window.PEP, outcome); err != nil {
			t.Fatal(err)
		}
		if s := state(clock(t, d, id), window.PEP); s.Outcome != outcome || s.Waits() || s.When.IsZero() {
			t.Errorf("%s: %+v", outcome, s)
		}
	}
	if err := d.SetOutcome(ctx, id, window.PEP, ""); err != nil {
		t.Fatal(err)
	}
	if s := state(clock(t, d, id), window.PEP); s.Outcome != "" || !s.Waits() {
		t.Errorf("taken back: %+v", s)
	}
	var bad casework.FieldErrors
	if err := d.SetOutcome(ctx, id, window.PEP, "perhaps"); !errors.As(err, &bad) {
		t.Errorf("no outcome: %v", err)
	}
	if err := d.SetOutcome(ctx, id, "status/x", "given"); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("no window: %v", err)
	}
}

// Why the time of a treatment passed is written down where somebody said it, can be taken
// back, and is counted; not to have said it is no answer to anything.
func TestSetMissed(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	late := casework.Values{
		"incident_date": event.Text(o.now.AddDate(0, 0, -9).Format(time.DateOnly)), "date_of_first_report": event.Text(o.now.Format(time.DateOnly)),
	}
	id, _ := happened(t, d, amana.Granted, late)
	happened(t, d, amana.Granted, late) // nobody said why
	happened(t, d, amana.Granted, casework.Values{"date_of_first_report": event.Text(o.now.Format(time.DateOnly)), "incident_date": event.Text(o.now.Format(time.DateOnly))})
	lost := func() stats.Indicator { return indicators(counted(t, d, counting(o)))["lost_window"] }
	if i := lost(); i.Denominator != 0 || i.Unknown != 2 {
		t.Errorf("nobody said why: %+v", i)
	}
	for at, reason := range casework.Missed() {
		if err := d.SetMissed(ctx, id, window.PEP, reason); err != nil {
			t.Fatal(err)
		}
		if s := state(clock(t, d, id), window.PEP); s.Missed != reason || s.Outcome != "" {
			t.Errorf("%s: %+v", reason, s)
		}
		if i := lost(); i.Denominator != 1 || i.Unknown != 1 || i.Parts[at].ID != reason || i.Parts[at].N != 1 {
			t.Errorf("%s is counted as %+v", reason, i)
		}
	}
	if err := d.SetMissed(ctx, id, window.PEP, ""); err != nil {
		t.Fatal(err)
	}
	if i := lost(); i.Denominator != 0 || i.Unknown != 2 {
		t.Errorf("taken back: %+v", i)
	}
	var bad casework.FieldErrors
	if err := d.SetMissed(ctx, id, window.PEP, "her words"); !errors.As(err, &bad) || bad["missed"] == "" {
		t.Errorf("no reason of the list: %v", err)
	}
	if err := d.SetMissed(ctx, id, "status/x", "other"); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("no window: %v", err)
	}
}

func TestUrgent(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	add := func(a, b casework.Values) casework.Values {
		maps.Copy(a, b)
		return a
	}
	names := map[amana.RecordID]string{
		open(t, d, ago(o, time.Hour)):     "an hour ago",
		open(t, d, ago(o, 71*time.Hour)):  "71 hours ago",
		open(t, d, nil):                   "nobody knows",
		open(t, d, ago(o, 100*time.Hour)): "100 hours ago",
		open(t, d, add(ago(o, 100*time.Hour), casework.Values{"sex": event.Text("male")})): "100 hours ago, a man",
		open(t, d, ago(o, 121*time.Hour)):                                                  "121 hours ago",
		open(t, d, casework.Values{"created_on": event.Text("2020-01-01")}):                "written down late",
		open(t, d, casework.Values{"assault_date": event.Text("2020")}):                    "years ago",
	}
	order := func() (list []string) {
		t.Helper()
		found, more, err := d.Urgent(ctx)
		if err != nil || more {
			t.Fatal(err, more)
		}
		for _, u := range found {
			list = append(list, names[u.ID])
		}
		return list
	}
	want := []string{"71 hours ago", "100 hours ago", "nobody knows", "an hour ago"}
	if got := order(); !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	done := func(name string, windows ...string) {
		for id, n := range names {
			for _, w := range windows {
				if n == name {
					if err := d.SetOutcome(ctx, id, w, "declined"); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	done("71 hours ago", window.PEP)
	if got := order(); got[0] != "100 hours ago" || !slices.Contains(got, "71 hours ago") {
		t.Errorf("one of two is done: %q", got)
	}
	done("71 hours ago", window.EmergencyContraception)
	for id, n := range names {
		if n == "an hour ago" {
			if err := d.CloseCase(ctx, id, casework.Values{"closure_reason": event.Text("closure_needs_met"), "date_closure": event.Text("2026-03-01")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := order(); !slices.Equal(got, []string{"100 hours ago", "nobody knows"}) {
		t.Errorf("what is done and what is closed: %q", got)
	}
}

func TestTables(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	sign := func(version string) casework.SignOff {
		return casework.SignOff{Country: "ML", Name: "Dr Invented", Role: "lead", Date: "2026-03-01", Review: "2027-03-01", Version: version}
	}
	for _, name := range casework.Tables() {
		table, err := d.Table(name)
		if err != nil || table.Own || table.Signed != nil {
			t.Fatalf("%s as shipped: %+v, %v", name, table, err)
		}
		if err := d.SignTable(ctx, name, sign(table.Version)); err != nil {
			t.Fatal(err)
		}
		if table, _ = d.Table(name); table.Signed == nil || table.Signed.Name != "Dr Invented" || table.Due {
			t.Fatalf("%s signed: %+v", name, table)
		}
		if err := d.EditTable(ctx, name, table.Content); err != nil {
			t.Fatal(err)
		}
		edited, _ := d.Table(name)
		if edited.Signed != nil || !edited.Own || edited.Version == table.Version {
			t.Errorf("%s edited: nobody vouches for it yet: %+v", name, edited)
		}
		if err := d.SignTable(ctx, name, sign(table.Version)); !errors.Is(err, amana.ErrConflict) {
			t.Errorf("%s: the version before it is signed: %v", name, err)
		}
		if err := d.EditTable(ctx, name, []byte("{")); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: no table: %v", name, err)
		}
	}
	var bad casework.FieldErrors
	if err := d.SignTable(ctx, casework.WindowTable, casework.SignOff{Date: "2099-01-01", Version: must(d.Table(casework.WindowTable)).Version}); !errors.As(err, &bad) ||
		bad["name"] == "" || bad["role"] == "" || bad["country"] == "" || bad["date"] == "" {
		t.Errorf("signed by nobody: %v", bad)
	}
	if _, err := d.Table("kings"); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("no table: %v", err)
	}
}

func must[T any](v T, _ error) T { return v }

// What the organisation edits is what the clock goes by.
func TestTables_theClockFollows(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	id := open(t, d, ago(o, 50*time.Hour))
	table := window.Default()
	table.Windows[1].Hours = 48
	if err := d.EditTable(ctx, casework.WindowTable, table.Encode()); err != nil {
		t.Fatal(err)
	}
	if s := state(clock(t, d, id), window.PEP); s.Is != window.Closed {
		t.Errorf("%+v", s)
	}
}

func TestNotice(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	if !d.Reporting().IsEmpty() {
		t.Error("a notice is shipped, for no country")
	}
	notice := casework.ReportingNotice{Country: "ML", Words: map[string]string{"fr": "Un avis"}}
	if err := d.EditTable(context.Background(), casework.NoticeTable, notice.Encode()); err != nil {
		t.Fatal(err)
	}
	table, _ := d.Table(casework.NoticeTable)
	if n := d.Reporting(); n.In("ar") != "Un avis" || n.Version != table.Version || n.Country != "ML" {
		t.Errorf("%+v", n)
	}
}

// Hours are counted for somebody of whom nothing is written down, and stay so.
func TestHours_withoutACase(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	for _, tt := range []struct {
		days int
		part string
		pep  window.Openness
	}{
		{-1, "", window.Perhaps},
		{0, "", window.Open},
		{2, "", window.Open},
		{3, "", window.Perhaps},
		{5, "", window.Closed},
		{casework.LongestBare + 1, "", window.Closed},
	} {
		c := d.Hours(tt.days, tt.part)
		if s := state(c, window.PEP); s.Is != tt.pep {
			t.Errorf("%d days ago: PEP %s, want %s", tt.days, s.Is, tt.pep)
		}
		if s := state(c, window.MentalHealth); s.Is == window.Closed {
			t.Errorf("%d days ago: care of the mind is closed", tt.days)
		}
	}
}

// What is typed of a new case tells the hours before anything is saved; what cannot be
// read or is yet to come says nothing, and closes nothing.
func TestHoursOf_whatIsTyped(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	day := func(ago int) string { return o.now.AddDate(0, 0, -ago).Format(time.DateOnly) }
	for _, tt := range []struct {
		said  record.Assault
		dated bool
		pep   window.Openness
	}{
		{record.Assault{}, false, window.Perhaps},
		{record.Assault{Date: day(1)}, true, window.Open},
		{record.Assault{Date: day(2), Time: "23:00"}, true, window.Open},
		{record.Assault{Date: day(30)}, true, window.Closed},
		{record.Assault{Date: o.now.AddDate(0, -1, 0).Format("2006-01")}, true, window.Perhaps},
		{record.Assault{Date: o.now.AddDate(-2, 0, 0).Format("2006")}, true, window.Closed},
		{record.Assault{Date: day(-3)}, false, window.Perhaps},
		{record.Assault{Date: "soon"}, false, window.Perhaps},
	} {
		c := d.HoursOf(tt.said)
		if s := state(c, window.PEP); s.Is != tt.pep || c.Dated != tt.dated {
			t.Errorf("%+v: PEP %s, dated %v; want %s, %v", tt.said, s.Is, c.Dated, tt.pep, tt.dated)
		}
	}
}
