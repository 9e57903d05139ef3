package casework_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/stats"
)

// settlers are an office with an analyst, and two people who may settle what a release was.
type settlers struct {
	*office
	cheat, analyst, officer, other *casework.Desk
	team                           amana.TeamID
}

func newSettlers(t *testing.T) *settlers {
	t.Helper()
	s := &settlers{office: newOffice(t)}
	s.cheat = s.unlock(t, adminWords)
	s.team = s.cheat.Teams()[0].ID
	s.analyst, s.officer, s.other = s.joins(t, "Analyst", amana.RoleAnalyst), s.joins(t, "Officer", amana.RoleReleaseOfficer), s.joins(t, "Other", amana.RoleSupervisor)
	return s
}

func (s *settlers) joins(t *testing.T, name string, role amana.Role) *casework.Desk {
	t.Helper()
	_, words, err := s.cheat.AddMember(t.Context(), casework.NewMember{Name: name, Roles: []amana.Role{role}, Teams: []amana.TeamID{s.team}})
	if err != nil {
		t.Fatal(err)
	}
	return s.unlock(t, words)
}

// ask is what is planned of this month, for whom.
func (s *settlers) ask(to disclose.Audience) casework.Releasing {
	month := s.now.Format("2006-01")
	return casework.Releasing{To: to, First: month, Last: month, Group: stats.Whole, Tables: []string{"total", "sex"}}
}

// twice releases figures that are then begun a second time, by a changed program, as
// figures that show two men.
func (s *settlers) twice(t *testing.T) amana.RecordID {
	t.Helper()
	ctx := t.Context()
	for range 8 {
		happened(t, s.cheat, amana.Granted, nil)
	}
	s.man(t)
	s.man(t)
	ask := s.ask(disclose.Coordination)
	ask.Tables = []string{"total"}
	p, err := s.analyst.PlanFigures(ctx, ask)
	if err != nil || len(p.Plan.Refusals) > 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	id, err := s.analyst.ProposeUnnamed(ctx, p) // those of versions before could be begun again
	if err == nil {
		err = s.cheat.AnswerFigures(ctx, id, s.cheat.Organisation().Name, true)
	}
	if err == nil {
		err = s.cheat.FinishFigures(ctx, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.forge(t, id, 2)
	return id
}

// man is an incident that a man survived.
func (s *settlers) man(t *testing.T) {
	t.Helper()
	id, err := s.cheat.OpenCase(t.Context(), casework.Intake{
		Team: s.team, Case: casework.Values{"sex": event.Text("male"), "age": event.Int(30)},
		Consents: []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Granted}},
	})
	if err == nil {
		_, err = s.cheat.BeginIncident(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// forge begins a release once more, as one that shows so many men, also of months to come.
func (s *settlers) forge(t *testing.T, id amana.RecordID, men int) {
	t.Helper()
	month := s.now.Format("2006-01")
	made := disclose.Release{
		Made: s.now.Format(time.DateOnly), Audience: disclose.Coordination, Policy: disclose.DefaultPolicy(disclose.Coordination), Basis: stats.ByReport, Contributors: 1,
		Areas: []disclose.AreaSet{{}}, Periods: []string{month, s.now.AddDate(0, 1, 0).Format("2006-01") + "/2029-12"},
		Tables: []disclose.Released{{ID: "sex", Rows: []string{"male"}, Cells: []int{men, 0}}},
	}
	if err := s.cheat.BeginVersion(t.Context(), id, s.cheat.Text(t.Context(), id, "scope"), made); err != nil {
		t.Fatal(err)
	}
}

// looks has somebody say that they looked at every beginning.
func looks(t *testing.T, d *casework.Desk, id amana.RecordID) error {
	t.Helper()
	x, err := d.Dispute(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, v := range x.Versions {
		all = append(all, v.Digest)
	}
	return d.SettleRelease(t.Context(), id, all)
}

func (s *settlers) blocked(t *testing.T, what string) {
	t.Helper()
	if _, err := s.analyst.PlanFigures(t.Context(), s.ask(disclose.Partners)); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("%s: %v, want that nothing is released", what, err)
	}
}

// Figures that were begun twice are settled by two people who began neither, each of whom
// looked at both. Then both count: what is withheld stays withheld, though one shows it.
func TestSettle_twoWhoBeganNeither(t *testing.T) {
	s := newSettlers(t)
	ctx := t.Context()
	id := s.twice(t)
	s.blocked(t, "begun twice")
	x, err := s.officer.Dispute(ctx, id)
	if err != nil || len(x.Versions) != 2 || x.Settled || !x.May || !x.Figures || x.Versions[0].Figures == nil || x.Versions[1].Figures == nil {
		t.Fatalf("%+v, %v", x, err)
	}
	refusedAs(t, looks(t, s.cheat, id), "settle.own")
	refusedAs(t, looks(t, s.analyst, id), "settle.own")
	refusedAs(t, looks(t, s.joins(t, "Worker", amana.RoleCaseworker), id), "settle.role")
	refusedAs(t, s.officer.SettleRelease(ctx, id, []string{x.Versions[0].Digest}), "settle.changed")
	if err := looks(t, s.officer, id); err != nil {
		t.Fatal(err)
	}
	s.blocked(t, "one person looked")
	refusedAs(t, looks(t, s.officer, id), "settle.twice")
	s.forgeAnswers(t, id)
	s.blocked(t, "whoever began it says yes with a changed program, and the first says it again")
	if err := looks(t, s.other, id); err != nil {
		t.Fatal(err)
	}
	x, err = s.analyst.Dispute(ctx, id)
	if err != nil || !x.Settled || len(x.Looked) != 2 || x.Looked[0].By != s.officer.Me().ID || x.Looked[1].By != s.other.Me().ID {
		t.Errorf("%+v, %v", x, err)
	}
	s.notPublic(t)
	s.counts(t)
	s.thirdBlocks(t, id)
}

// forgeAnswers writes what a changed program could: yes of the one who began it, and once
// more of the one who looked.
func (s *settlers) forgeAnswers(t *testing.T, id amana.RecordID) {
	t.Helper()
	record, err := s.officer.SettlingOf(t.Context(), id)
	if err != nil || record.IsZero() {
		t.Fatalf("%s, %v", record, err)
	}
	for _, d := range []*casework.Desk{s.cheat, s.officer} {
		if err := d.Scribble(t.Context(), record, casework.Values{"approval/" + d.Me().ID.String() + "/answer": event.Text("yes")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.cheat.Scribble(t.Context(), record, casework.Values{"versions": event.Text("")}); err != nil { // the first word holds
		t.Fatal(err)
	}
}

// notPublic: two men are too few, whatever a version says.
func (s *settlers) notPublic(t *testing.T) {
	t.Helper()
	p, err := s.analyst.PlanFigures(t.Context(), s.ask(disclose.Partners))
	if err != nil || len(p.Plan.Refusals) > 0 {
		t.Fatalf("%+v, %v", p.Plan.Refusals, err)
	}
	r := p.Plan.Preview()
	sex := r.Table("sex")
	if r.At(r.Table("total"), 0, 0, 0) != 10 || sex == nil {
		t.Fatalf("nothing is shown: %+v", r.Tables)
	}
	for row, name := range sex.Rows {
		if n := r.At(sex, row, 0, 0); n > 0 {
			t.Errorf("%s: %d is shown, and what is too few with it", name, n)
		}
	}
}

// counts: both count against what comes; what was worked out before is worked out again;
// and what a version says of the time to come holds nothing up.
func (s *settlers) counts(t *testing.T) {
	t.Helper()
	ctx, before := t.Context(), s.now
	happened(t, s.cheat, amana.Granted, nil)
	p, err := s.analyst.PlanFigures(ctx, s.ask(disclose.Partners))
	if err != nil || !slices.ContainsFunc(p.Plan.Refusals, func(r disclose.Refusal) bool { return r.Reason == disclose.Changed }) {
		t.Errorf("one more was told than before: %+v, %v", p.Plan.Refusals, err)
	}
	s.now = s.now.AddDate(0, 4, 0)
	for range 6 {
		happened(t, s.cheat, amana.Granted, nil)
	}
	ask := s.ask(disclose.Partners)
	ask.First = s.now.AddDate(0, -1, 0).Format("2006-01")
	p, err = s.analyst.PlanFigures(ctx, ask)
	if err != nil || len(p.Plan.Refusals) > 0 || p.Plan.Shown() == 0 {
		t.Errorf("months that a version made up before they came: %+v, %v", p, err)
	}
	id, err := s.analyst.ProposeFigures(ctx, p)
	if err == nil {
		err = errors.Join(s.officer.AnswerFigures(ctx, id, s.officer.Organisation().Name, true), s.officer.FinishFigures(ctx, id))
	}
	if err != nil {
		t.Errorf("nothing can be released: %v", err)
	}
	s.now = before.AddDate(0, 4, 1)
}

// thirdBlocks: one more beginning is to be settled anew, and a plan of before does not do.
func (s *settlers) thirdBlocks(t *testing.T, id amana.RecordID) {
	t.Helper()
	ctx := t.Context()
	s.now = s.now.AddDate(0, 1, 0)
	for range 6 {
		happened(t, s.cheat, amana.Granted, nil)
	}
	p, err := s.analyst.PlanFigures(ctx, s.ask(disclose.Partners))
	if err != nil || len(p.Plan.Refusals) > 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	planned, err := s.analyst.ProposeFigures(ctx, p)
	if err == nil {
		err = s.officer.AnswerFigures(ctx, planned, s.officer.Organisation().Name, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.forge(t, id, 1)
	s.blocked(t, "begun a third time")
	if err := s.officer.FinishFigures(ctx, planned); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("released while it is in doubt what was before: %v", err)
	}
	for _, d := range []*casework.Desk{s.officer, s.other} {
		if err := looks(t, d, id); err != nil {
			t.Fatal(err)
		}
	}
	refusedAs(t, s.officer.FinishFigures(ctx, planned), "figures.release.since")
	if _, err := s.analyst.PlanFigures(ctx, s.ask(disclose.Partners)); err != nil {
		t.Errorf("settled a second time: %v", err)
	}
}

// What settles a release and is begun twice itself settles nothing until that is settled.
func TestSettle_aReleaseThatIsSomethingElse(t *testing.T) {
	s := newSettlers(t)
	ctx := t.Context()
	p, err := s.analyst.PlanFigures(ctx, s.ask(disclose.Partners))
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.analyst.ProposeUnnamed(ctx, p)
	if err == nil {
		err = s.cheat.BeginAgain(ctx, id, amana.KindService, amana.TeamID{}, casework.Values{"name": event.Text("A place")})
	}
	if err != nil {
		t.Fatal(err)
	}
	s.blocked(t, "begun again as a service")
	for _, d := range []*casework.Desk{s.officer, s.other} {
		if err := looks(t, d, id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.analyst.PlanFigures(ctx, s.ask(disclose.Partners)); err != nil {
		t.Errorf("settled: %v", err)
	}
	if _, err := s.officer.Dispute(ctx, amana.RecordID(seal.Random16())); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("one that was begun once: %v", err)
	}
}

// Two who look on two devices that are apart settle it where they meet, and not before.
func TestSettle_onTwoDevicesApart(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	other := h.member(t, "Three", "tugad-mudof-sakat-lusab-babad-gutih", amana.RoleSupervisor)
	month := h.now.Format("2006-01")
	ask := casework.Releasing{To: disclose.Partners, First: month, Last: month, Group: stats.Whole, Tables: []string{"total"}}
	p, err := h.admin.PlanFigures(ctx, ask)
	if err != nil {
		t.Fatal(err)
	}
	id, err := h.admin.ProposeUnnamed(ctx, p)
	if err == nil {
		err = h.admin.BeginAgain(ctx, id, amana.KindFigures, amana.TeamID{}, casework.Values{"content": event.Text("{")})
	}
	if err != nil {
		t.Fatal(err)
	}
	second := h.at(t, h.elsewhere(t, h.admin, other), "tugad-mudof-sakat-lusab-babad-gutih")
	meet(t, h.officer, second)
	if err := errors.Join(looks(t, h.officer, id), looks(t, second, id)); err != nil {
		t.Fatal(err)
	}
	for what, d := range map[string]*casework.Desk{"here": h.officer, "there": second} {
		if _, err := d.PlanFigures(ctx, ask); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("%s, before they meet: %v", what, err)
		}
	}
	meet(t, h.officer, second)
	for what, d := range map[string]*casework.Desk{"here": h.officer, "there": second} {
		if _, err := d.PlanFigures(ctx, ask); err != nil {
			t.Errorf("%s, after they met: %v", what, err)
		}
	}
}

// A release about people that was begun twice counts as many people who left to anybody;
// where that is settled, as those that either beginning names, to whom it names.
func TestSettle_aReleaseAboutPeople(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	other := h.member(t, "Three", "tugad-mudof-sakat-lusab-babad-gutih", amana.RoleSupervisor)
	third := h.member(t, "Four", "mudof-sakat-lusab-babad-gutih-tugad", amana.RoleSupervisor)
	team, err := h.admin.ClaimsTeam()
	if err != nil {
		t.Fatal(err)
	}
	people := h.people(t, 9)
	h.now = h.now.Add(time.Hour)
	id := amana.RecordID(seal.Random16()) // as versions before drew it
	begin := func(d *casework.Desk, to string, ids ...amana.RecordID) {
		t.Helper()
		var text string
		for _, one := range ids {
			text += one.String() + " "
		}
		if err := d.BeginAgain(ctx, id, amana.KindRelease, team, vals("ledger/a/step", "proposed", "ledger/a/purpose", "accountability", "ledger/a/recipient", to,
			"ledger/a/format", "dossier", "ledger/b/step", "scope", "ledger/b/records", text)); err != nil {
			t.Fatal(err)
		}
	}
	begin(h.admin, "The court", people[:2]...)
	begin(h.admin, "Somebody else", people...)
	may := func() string {
		t.Helper()
		p, err := h.officer.PreviewRelease(ctx, toCourt(people[8]))
		if err != nil {
			t.Fatal(err)
		}
		return p.Needs
	}
	if why := may(); why != "release.quorum.window" {
		t.Errorf("begun twice: %q", why)
	}
	x, err := other.Dispute(ctx, id)
	if err != nil || x.Figures || len(x.Versions) != 2 || x.Versions[0].About == nil || x.Versions[1].About == nil {
		t.Fatalf("%+v, %v", x, err)
	}
	refusedAs(t, looks(t, h.admin, id), "settle.own")
	if err := looks(t, other, id); err != nil {
		t.Fatal(err)
	}
	if why := may(); why != "release.quorum.window" {
		t.Errorf("one person looked: %q", why)
	}
	if err := looks(t, third, id); err != nil {
		t.Fatal(err)
	}
	if why := may(); why != "" {
		t.Errorf("settled, and two people left to the court: %q", why)
	}
	begin(h.admin, "Court, the", people...)
	for _, d := range []*casework.Desk{other, third} {
		if err := looks(t, d, id); err != nil {
			t.Fatal(err)
		}
	}
	h.people(t, 1)
	if why := may(); why != "" {
		t.Errorf("nine, of whom the one is one: %q", why)
	}
	if err := h.admin.SetRule(ctx, casework.RuleReleaseBulk, "9"); err != nil {
		t.Fatal(err)
	}
	if why := may(); why != "release.quorum.window" {
		t.Errorf("settled, and nine people may have left to the court: %q", why)
	}
	h.now = h.now.AddDate(0, 0, 91)
	if why := may(); why != "" {
		t.Errorf("after the window: %q", why)
	}
}
