package demo_test

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/demo"
	"amana/internal/geo"
)

// clinic is a built demo, and an office on its folder.
type clinic struct {
	*casework.Office
	members []demo.Built
}

const built = 60 // cases

// TestBuild builds once: the passphrases alone take seconds.
func TestBuild(t *testing.T) {
	c := build(t)
	t.Run("every member sees the cases of their teams", c.seeTheirs)
	t.Run("every case opens whole", c.open)
	t.Run("a case has what one has that is opened by hand", c.likeByHand)
	t.Run("a case has evidence", c.evidence)
	t.Run("each area that is counted by has a boundary", c.bounded)
	t.Run("an analyst sees what was shown to others", c.shown)
	t.Run("more can be filled in", c.fill)
}

func build(t *testing.T) clinic {
	t.Helper()
	now := func() time.Time { return noon }
	dir := filepath.Join(t.TempDir(), "vault")
	start := time.Now()
	members, err := demo.Build(t.Context(), dir, demo.Options{Cases: built, Seed: 4, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases in %s", built, time.Since(start))
	office, err := casework.NewOffice(casework.Options{Dir: dir, Now: now, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { office.LockAll() })
	return clinic{office, members}
}

func (c clinic) desk(t *testing.T, member int) *casework.Desk {
	t.Helper()
	d, err := c.Unlock(t.Context(), []byte(c.members[member].Passphrase))
	if err != nil {
		t.Fatalf("member %d: %v", member, err)
	}
	for d.Session().Progress().Failed == nil && !d.State().Progress.Searchable {
		time.Sleep(time.Millisecond)
	}
	return d
}

// everyCase returns the rows of all cases that a desk shows.
func everyCase(t *testing.T, d *casework.Desk) (rows []casework.CaseRow) {
	t.Helper()
	for page := 0; ; page++ {
		list, err := d.Cases(t.Context(), casework.Query{Page: page})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Rows) == 0 {
			return rows
		}
		rows = append(rows, list.Rows...)
	}
}

func (c clinic) seeTheirs(t *testing.T) {
	count := map[int]int{} // cases by the team whose caseworkers write them
	codes := map[string]int{}
	w := demo.New(4, noon)
	for i := range built {
		s := w.Story(i)
		count[s.Team]++
		codes[s.Code] = i
	}
	for place, m := range demo.Members() {
		d := c.desk(t, place)
		want := 0
		for _, team := range m.Teams {
			want += count[team]
		}
		rows := everyCase(t, d)
		if len(rows) != want {
			t.Errorf("%s sees %d cases, want %d", m.Name, len(rows), want)
		}
		if me := d.Me(); me.Name != m.Name || len(me.Teams) != len(m.Teams) {
			t.Errorf("%s is %s, in %d teams", m.Name, me.Name, len(me.Teams))
		}
		for _, row := range rows {
			if row.HasName != demo.Teams()[w.Story(codes[row.Code]).Team].Identities {
				t.Errorf("%s, case %s: holds the identity: %v", m.Name, row.Code, row.HasName)
			}
			if row.Opened.After(noon) || row.Updated.After(noon) {
				t.Errorf("case %s is of tomorrow", row.Code)
			}
		}
		if st := d.State(); st.ClockBehind != 0 || st.Quarantined != 0 {
			t.Errorf("%s finds the clock behind or entries refused: %+v", m.Name, st)
		}
		d.Lock()
	}
}

// open reads every case of a caseworker: all of it verifies, and it is what its
// story says.
func (c clinic) open(t *testing.T) {
	w := demo.New(4, noon)
	codes := map[string]int{}
	for i := range built {
		codes[w.Story(i).Code] = i
	}
	d := c.desk(t, 0)
	for _, row := range everyCase(t, d) {
		file, err := d.ReadCase(t.Context(), row.ID)
		if err != nil {
			t.Fatalf("case %s: %v", row.Code, err)
		}
		s := w.Story(codes[row.Code])
		if file.Unread+file.Tampered > 0 {
			t.Errorf("case %s: %d entries unread, %d tampered", row.Code, file.Unread, file.Tampered)
		}
		if len(file.Notes) != len(s.Notes) || len(file.FollowUps) != len(s.FollowUps) {
			t.Errorf("case %s: %d notes and %d follow-ups, want %d and %d",
				row.Code, len(file.Notes), len(file.FollowUps), len(s.Notes), len(s.FollowUps))
		}
		if got, want := file.Opened.Format(time.DateOnly), s.Opened.Format(time.DateOnly); got != want {
			t.Errorf("case %s opened %s, want %s", row.Code, got, want)
		}
		want := "open"
		if s.Closing != nil {
			want = "closed"
		}
		if file.Status != want {
			t.Errorf("case %s is %s, want %s", row.Code, file.Status, want)
		}
	}
}

func (c clinic) likeByHand(t *testing.T) {
	d := c.desk(t, 0)
	row := everyCase(t, d)[0]
	w := demo.New(4, noon)
	n := 0
	for w.Story(n).Code != row.Code {
		n++
	}
	s := w.Story(n)
	byHand, err := d.OpenCase(t.Context(), casework.Intake{
		Team: d.Me().Teams[0].ID, Identity: s.Identity, Case: s.Case, Consents: s.Consents,
	})
	if err != nil {
		t.Fatal(err)
	}
	got, want := fields(t, d, row.ID), fields(t, d, byHand)
	for name := range maps.Keys(want) {
		if !slices.Contains(slices.Collect(maps.Keys(got)), name) {
			t.Errorf("no %s in what was built", name)
		}
	}
}

// fields returns the names of the fields of a case and its identity.
func fields(t *testing.T, d *casework.Desk, id amana.RecordID) map[string]bool {
	t.Helper()
	file, err := d.ReadCase(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, cell := range file.Case.Cells {
		names["case "+cell.Name] = !cell.Value.IsZero()
	}
	if file.Identity != nil {
		for _, cell := range file.Identity.Cells {
			names["identity "+cell.Name] = !cell.Value.IsZero()
		}
	}
	for _, consent := range file.Consents {
		names["consent "+string(consent.Purpose)+" "+string(consent.Decision)] = true
	}
	return names
}

// shown is what somebody who counts and reads no case finds: figures that another put
// forward and they agreed to.
func (c clinic) shown(t *testing.T) {
	for place, m := range demo.Members() {
		if !slices.Contains(m.Roles, amana.RoleAnalyst) {
			continue
		}
		d := c.desk(t, place)
		list, err := d.FiguresReleases(t.Context())
		if err != nil || len(list) != 1 || list[0].Done.IsZero() || list[0].By == d.Me().ID || len(list[0].Missing) > 0 {
			t.Fatalf("%+v %v", list, err)
		}
		safe, err := d.SafeFigures(t.Context(), list[0].ID)
		r := safe.Release()
		if err != nil || r.Table("total") == nil {
			t.Fatalf("%v, periods %v", err, r.Periods)
		}
		if n := r.At(r.Table("total"), 0, 0, 0); n < r.Policy.Threshold {
			t.Errorf("the headline is %d", n)
		}
		return
	}
	t.Error("the demo has no analyst")
}

// bounded is what the map of figures by area rests on: boundaries with the areas' names.
func (c clinic) bounded(t *testing.T) {
	d := c.desk(t, demo.Administrator)
	shapes, err := geo.ParseBoundaries(d.Boundaries())
	if err != nil {
		t.Fatal(err)
	}
	var names, areas []string
	for _, s := range shapes {
		names = append(names, s.Name)
	}
	for _, a := range d.Areas() {
		areas = append(areas, a.Name)
	}
	slices.Sort(names)
	slices.Sort(areas)
	if len(areas) == 0 || !slices.Equal(names, areas) {
		t.Errorf("boundaries of %v, areas %v", names, areas)
	}
}

func (c clinic) fill(t *testing.T) {
	d := c.desk(t, 0)
	before := len(everyCase(t, d))
	n, err := demo.Fill(t.Context(), d.Session(), d.Me().Teams[0].ID, demo.New(9, noon), 0, 40)
	if err != nil || n < 100 {
		t.Fatalf("%d entries, %v", n, err)
	}
	if after := len(everyCase(t, d)); after != before+40 {
		t.Errorf("%d cases after, want %d", after, before+40)
	}
}

// evidence looks for the drawing, its copy and the note, at the desk of whoever took
// them in.
func (c clinic) evidence(t *testing.T) {
	for _, m := range c.members {
		if !slices.Contains(m.Roles, amana.RoleDocumenter) {
			continue
		}
		d, err := c.Unlock(t.Context(), []byte(m.Passphrase))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Lock()
		list, err := d.Cases(t.Context(), casework.Query{Sort: casework.ByOpened})
		if err != nil || len(list.Rows) == 0 {
			t.Fatalf("%d cases, %v", len(list.Rows), err)
		}
		items, err := d.EvidenceOf(t.Context(), list.Rows[0].ID)
		if err != nil || len(items) != 3 {
			t.Fatalf("%d items, %v", len(items), err)
		}
		for _, e := range items {
			if e.Broken || !e.Here || len(e.Custody) == 0 {
				t.Errorf("%s: %d statements", e.ID, len(e.Custody))
			}
		}
	}
}
