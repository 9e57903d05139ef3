package demo_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/claim"
	"amana/internal/demo"
	"amana/internal/event"
	"amana/internal/geo"
	"amana/internal/record"
	"amana/internal/release"
)

// fixture is the summary written down by somebody of the accountability compartment,
// through the verbs that everybody has.
type fixture struct {
	desk *casework.Desk
	told demo.Told
	w    claim.World
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	d := accountabilityDesk(t)
	told, err := demo.Claims(t.Context(), d, d)
	if err != nil {
		t.Fatal(err)
	}
	// The demo holds these beside it, and what is asked of the summary stays the same.
	if err := demo.Incidents(t.Context(), d, d, noon); err != nil {
		t.Fatal(err)
	}
	w, err := d.Claims(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fixture{d, told, w}
}

func (f fixture) incident(t *testing.T, row string) claim.Incident {
	t.Helper()
	for _, p := range f.told[row] {
		for _, in := range f.w.Incidents {
			if in.ID == p.Record {
				return in
			}
		}
	}
	t.Fatalf("%s is in no incident", row)
	return claim.Incident{}
}

// rowsOf returns the rows that hold these claims.
func (f fixture) rowsOf(claims ...claim.Claim) (rows []string) {
	for row, places := range f.told {
		for _, p := range places {
			if slices.ContainsFunc(claims, func(c claim.Claim) bool { return c.Incident == p.Record && c.Item == p.Item }) && !slices.Contains(rows, row) {
				rows = append(rows, row)
			}
		}
	}
	slices.Sort(rows)
	return rows
}

func TestClaims(t *testing.T) {
	f := newFixture(t)
	t.Run("every row is there", f.everyRow)
	t.Run("1 before the succession, under the name of then", f.beforeSuccession)
	t.Run("2 what rests on more than one source", f.corroborated)
	t.Run("3 how many at least, never added", f.atLeast)
	t.Run("4 who could be identified, and the gate", f.exposed)
	t.Run("5 who was asked, and what came", f.responses)
	t.Run("6 who told nothing", f.silent)
	t.Run("7 what help is near the border", f.help)
	t.Run("competing attributions stand", f.attributions)
	t.Run("the model holds the particulars", f.particulars)
	t.Run("what is invented is on the map, and nothing else", f.onTheMap)
}

func (f fixture) everyRow(t *testing.T) {
	for n := 1; n <= 20; n++ {
		row := fmt.Sprintf("C%d", n)
		if len(f.told[row]) == 0 {
			t.Errorf("%s is nowhere", row)
		}
		for _, p := range f.told[row] {
			if p.Record.IsZero() {
				t.Errorf("%s is in no record", row)
			}
		}
	}
}

func (f fixture) beforeSuccession(t *testing.T) {
	from := ""
	for _, a := range f.w.Actors {
		for _, s := range a.Supports() {
			if s.Kind == "succeeded_by" {
				if from = s.From; s.Sources != 2 {
					t.Errorf("the succession has %d sources, want 2", s.Sources)
				}
			}
		}
	}
	if from != "2025-06" {
		t.Fatalf("the succession is of %q", from)
	}
	var claims []claim.Claim
	names := map[string][]string{}
	for _, m := range f.w.Before(from) {
		claims = append(claims, m.Claim)
		for _, row := range f.rowsOf(m.Claim) {
			if m.Name != "" && !slices.Contains(names[row], m.Name) {
				names[row] = append(names[row], m.Name)
			}
		}
	}
	if got := fmt.Sprint(f.rowsOf(claims...)); got != "[C12 C13]" {
		t.Errorf("before the succession: %s", got)
	}
	if fmt.Sprint(names["C12"]) != "[Wagner Group]" || fmt.Sprint(names["C13"]) != "[Malian Armed Forces]" {
		t.Errorf("names %v", names)
	}
}

func (f fixture) corroborated(t *testing.T) {
	var found []string
	for _, in := range f.w.Incidents {
		c := claim.Corroborate(in)
		if in.Scope != "event" || !c.Corroborated() {
			continue
		}
		var bases []string
		var claims []claim.Claim
		for _, v := range c.Supports {
			bases, claims = append(bases, v.Bases...), append(claims, v.Claims...)
		}
		slices.Sort(bases)
		found = append(found, fmt.Sprint(f.rowsOf(claims...), bases, c.OneWay))
	}
	if fmt.Sprint(found) != "[[C2 C3] [observed_sign told] true]" {
		t.Errorf("corroborated: %v", found)
	}
}

func (f fixture) atLeast(t *testing.T) {
	least := map[int64]int{}
	for _, fig := range f.w.Figures() {
		most := int64(0)
		for _, one := range fig.All {
			if n, ok := one.Count.Number.Int(); ok {
				most = max(most, n)
			}
		}
		if fig.Least != most {
			t.Errorf("at least %d, and the largest single number is %d", fig.Least, most)
		}
		least[fig.Least]++
	}
	for _, want := range []int64{28, 58, 7} {
		if least[want] == 0 {
			t.Errorf("no actor has at least %d: %v", want, least)
		}
	}
	for _, sum := range []int64{28 + 58, 28 + 58 + 3 + 4, 58 + 4, 28 + 3, 7 + 28, 7 + 58} {
		if least[sum] > 0 {
			t.Errorf("numbers were added to %d", sum)
		}
	}
}

func (f fixture) exposed(t *testing.T) {
	var claims []claim.Claim
	for _, e := range f.w.Exposures() {
		claims = append(claims, e.Claim)
	}
	if got := fmt.Sprint(f.rowsOf(claims...)); got != "[C12 C13 C2 C3 C8]" {
		t.Errorf("could identify somebody: %s", got)
	}
	officer := f.desk
	var ids []amana.RecordID
	for _, in := range f.w.Incidents {
		ids = append(ids, in.ID)
	}
	c, err := officer.Clear(t.Context(), casework.ReleaseAsk{Purpose: amana.PurposePublication, Format: "brief", Records: ids})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Records() {
		for _, l := range d.Lines {
			text := l.Value.Reveal()
			years, aged := l.Value.Int()
			switch {
			case l.Verdict == release.Withheld:
			case strings.HasSuffix(l.Name, "/age") && (aged || years != 0):
				t.Errorf("%s leaves as %d years", l.Name, years)
			case l.Name == "event_place" && text == "Moura", strings.Contains(text, "Moura"):
				t.Errorf("%s leaves with the village", l.Name)
			case strings.HasSuffix(l.Name, "/quote"), strings.HasSuffix(l.Name, "/what"), strings.HasSuffix(l.Name, "/name"):
				t.Errorf("%s leaves", l.Name)
			}
		}
	}
	for _, row := range []string{"C6", "C7"} { // of who told nothing here, nothing leaves
		in := f.incident(t, row)
		for _, p := range in.Sheet().Items(record.Claims) {
			if l := c.Field(in.ID, record.Claims+"/"+p+"/stance"); l.Verdict != release.Withheld {
				t.Errorf("%s leaves: %s", row, l.Verdict)
			}
		}
	}
	girl := f.incident(t, "C2")
	if l := c.Field(girl.ID, record.Persons+"/"+girl.Persons[0].Item+"/age"); l.Verdict != release.Widened || l.Value.Reveal() != "12_17" {
		t.Errorf("her age leaves as %q, %s", l.Value.Reveal(), l.Verdict)
	}
	attack := f.incident(t, "C13")
	if l := c.Field(attack.ID, "event_place"); l.Verdict != release.Widened || l.Value.Reveal() != "Djenné" {
		t.Errorf("the village leaves as %q, %s", l.Value.Reveal(), l.Verdict)
	}
}

func (f fixture) responses(t *testing.T) {
	all := f.w.Responses()
	if len(all) != 1 || all[0].Response.Answer != "no_answer" || all[0].Actor.Kind != "state_body" || all[0].Response.AskedOn != "2025-12" {
		t.Errorf("%+v", all)
	}
}

func (f fixture) silent(t *testing.T) {
	var claims []claim.Claim
	for _, s := range f.w.Silences() {
		claims = append(claims, s.Claim)
		if !s.Account.Silent() || s.Account.Care == "" || !s.Account.Words.IsEmpty() || s.Account.Code == "" {
			t.Errorf("%v: said %q, help %q", f.rowsOf(s.Claim), s.Account.Said, s.Account.Care)
		}
		if s.Claim.Primary() {
			t.Error("who told nothing is a source that was heard")
		}
	}
	if got := fmt.Sprint(f.rowsOf(claims...)); got != "[C6 C7]" {
		t.Errorf("told nothing: %s", got)
	}
	if a := f.w.Accounts[f.incident(t, "C6").Claims[0].Account]; a.Observed.IsEmpty() {
		t.Error("what was seen is not on record")
	}
}

func (f fixture) help(t *testing.T) {
	places := f.told["C19"]
	found := false
	for _, p := range places {
		s, err := f.desk.ServiceByID(t.Context(), p.Record)
		if errors.Is(err, amana.ErrNotFound) {
			continue // the claim about it
		}
		if err != nil {
			t.Fatal(err)
		}
		found = true
		since := ""
		for path, v := range s.Values {
			if strings.HasSuffix(path, "/valid_from") {
				since = v.Reveal()
			}
		}
		if since != "2025-12-01" || s.Text("eligibility_description") == "" {
			t.Errorf("since %q, for %q", since, s.Text("eligibility_description"))
		}
	}
	if !found {
		t.Error("no service")
	}
}

func (f fixture) attributions(t *testing.T) {
	girl := f.incident(t, "C3")
	var how []string
	for _, a := range girl.Standing() {
		how = append(how, a.How)
	}
	slices.Sort(how)
	if fmt.Sprint(how) != "[assumed not_said]" {
		t.Errorf("the girl: %v", how)
	}
	both := f.incident(t, "C13")
	if n := len(both.Standing()); n != 2 {
		t.Errorf("the attack has %d attributions, want 2", n)
	}
}

func (f fixture) particulars(t *testing.T) {
	daughter := f.incident(t, "C8")
	missing := slices.ContainsFunc(daughter.Persons, func(p claim.Person) bool { return p.Missing() && p.Age.Equal(event.Int(18)) })
	if !missing || len(daughter.Links) != 1 || daughter.Links[0].Relation != "mother_of" {
		t.Errorf("the daughter: missing %v, links %v", missing, daughter.Links)
	}
	if v := f.incident(t, "C5"); !v.Acts[0].Attempted() {
		t.Error("an attempt is not kept as one")
	}
	village := f.incident(t, "C12")
	if len(village.Acts) != 3 || len(village.Persons) != 4 || len(village.Links) != 1 || len(village.Claims) != 2 {
		t.Errorf("the village: %d acts, %d persons, %d links, %d claims", len(village.Acts), len(village.Persons), len(village.Links), len(village.Claims))
	}
	attack := f.incident(t, "C13").Claims[0]
	if attack.Cited.IsZero() || attack.Cited == attack.In || !attack.Count.AtLeast {
		t.Error("a publication that cites another, and at least")
	}
	if w := f.incident(t, "C9").Claims[0]; w.Behind.IsEmpty() || w.Count.From != "2025-06-14" || w.Count.To != "2025-12-14" {
		t.Errorf("the clinic: window %s to %s", w.Count.From, w.Count.To)
	}
	for _, in := range f.w.Incidents {
		if in.MayVerify() == nil || in.Status() == claim.Verified {
			t.Errorf("%s could be called verified: nobody was heard here", in.ID)
		}
	}
}

// onTheMap: the places of the summary exist, and stay off the map; those that are on it
// say that they are invented, and stand where the invented boundaries are.
func (f fixture) onTheMap(t *testing.T) {
	shapes, err := geo.ParseBoundaries(f.desk.Boundaries())
	if err != nil || len(shapes) != 3 {
		t.Fatalf("%d boundaries, %v", len(shapes), err)
	}
	south, north, west, east := 90.0, -90.0, 180.0, -180.0
	for _, s := range shapes {
		for _, p := range s.Lines[0] {
			south, north, west, east = min(south, p.Latitude), max(north, p.Latitude), min(west, p.Longitude), max(east, p.Longitude)
		}
	}
	mapped := 0
	for _, in := range f.w.Incidents {
		invented := strings.Contains(in.Title.Reveal(), "(inventé)")
		if in.Place.Mapped != invented {
			t.Errorf("%s: on the map %v, invented %v", in.ID, in.Place.Mapped, invented)
		}
		if p := in.Place; p.Mapped {
			mapped++
			if p.Latitude < south || p.Latitude > north || p.Longitude < west || p.Longitude > east {
				t.Errorf("%s is outside of the district", in.ID)
			}
		}
	}
	if mapped < 4 {
		t.Errorf("%d incidents are on the map", mapped)
	}
	if pairs := f.w.Suggest(); slices.ContainsFunc(pairs, func(s claim.Suggestion) bool { return s.A.Place.Mapped || s.B.Place.Mapped }) {
		t.Error("an invented incident is taken for one of the summary")
	}
}
