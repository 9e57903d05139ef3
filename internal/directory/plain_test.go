package directory_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana/internal/directory"
	"amana/internal/event"
)

// ids names what is new, in turn.
func ids() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("new%d", n) }
}

// A form that nobody touched changes nothing, whatever a file brought.
func TestWith_untouchedChangesNothing(t *testing.T) {
	s := safeHouse()
	s.Values["service_types"] = event.List("health_medical_service", directory.SafeHouse)
	s = open(open(s, "a", "MO,TU", "08:00", "12:00"), "b", "MO,TU", "14:00", "17:00")
	set(s, "schedules/m/freq", "MONTHLY")
	set(s, "schedules/m/opens_at", "09:00")
	s.Values["minimum_age"] = event.Int(12)
	set(s, "phones/z/number", "1")
	set(s, "phones/z/description", "at night")
	set(s, "phones/a/number", "2")
	s.Values["phones/z/~o"], s.Values["phones/a/~o"] = event.Int(0), event.Int(1)
	got, bad := s.With(s.Plain(), func() string { t.Error("something is new"); return "x" })
	if len(bad) > 0 || !got.Equal(s.Values) {
		t.Errorf("%v: %s", bad, difference(s.Values, got))
	}
}

// What was typed is what a form shows next, and what the form does not show stays.
func TestWith_readsBack(t *testing.T) {
	line := rapid.StringMatching(`[A-Za-zé0-9][A-Za-zé0-9 ]{0,12}[a-z0-9]`)
	rapid.Check(t, func(t *rapid.T) {
		s := made(1, "name", "Clinic", "foreign~json", "[1]", "phones/p/extension", "7")
		set(s, "phones/q/number", "70")
		p := directory.Plain{}
		for _, f := range directory.PlainFields() {
			if f.Name == "hours" || f.Name == "languages" || slices.Contains([]string{"minimum_age", "maximum_age", "latitude", "longitude"}, f.Name) {
				continue
			}
			if f.Lines {
				p[f.Name] = rapid.SliceOfNDistinct(line, 0, 4, rapid.ID[string]).Draw(t, f.Name)
			} else {
				p[f.Name] = []string{line.Draw(t, f.Name)}
			}
		}
		p["latitude"], p["longitude"] = []string{"14.5"}, []string{"-4"}
		p["hours"] = []string{"MO,TU 08:00-12:00", "SU 00:00-24:00"}
		p["capacity"], p["closures"] = []string{"full"}, []string{"2026-12-25", "FR 12:30-14:30"}
		for range 2 { // the second time over what the first made
			got, bad := s.With(p, ids())
			if len(bad) > 0 {
				t.Fatalf("%v", bad)
			}
			s.Values = got
			shown := s.Plain()
			for name, want := range p {
				have := shown[name]
				if name == "hours" {
					have, want = slices.Sorted(slices.Values(have)), slices.Sorted(slices.Values(want))
				}
				if !slices.Equal(have, want) && len(have)+len(want) > 0 {
					t.Fatalf("%s: shown %q, typed %q", name, have, want)
				}
			}
			if s.Text("foreign~json") != "[1]" || s.Text("phones/p/extension") != "7" {
				t.Fatal("what no form shows is lost")
			}
		}
	})
}

func TestWith_takesAwayWhatWasEmptied(t *testing.T) {
	s := made(1, "name", "Clinic", "alert", "x", "capacity", "full")
	set(s, "phones/q/number", "70")
	set(s, "phones/q/description", "gone with it")
	got, bad := s.With(directory.Plain{"alert": {""}, "phones": {""}, "capacity": {""}}, ids())
	if len(bad) > 0 || len(got) != len(made(1, "name", "Clinic").Values) {
		t.Errorf("%v %v", bad, slices.Collect(maps.Keys(got)))
	}
}

func TestWith_faults(t *testing.T) {
	for name, c := range map[string]struct {
		typed directory.Plain
		want  string
	}{
		"minimum_age": {directory.Plain{"minimum_age": {"many"}}, directory.FaultNumber},
		"maximum_age": {directory.Plain{"maximum_age": {"300"}}, directory.FaultNumber},
		"longitude":   {directory.Plain{"latitude": {"1"}, "longitude": {"181"}}, directory.FaultNumber},
		"latitude":    {directory.Plain{"latitude": {"14.5"}}, directory.FaultHalf},
		"hours":       {directory.Plain{"hours": {" 08:00-16:00"}}, directory.FaultHours},
		"capacity":    {directory.Plain{"capacity": {"vast"}}, directory.FaultChoice},
		"closures":    {directory.Plain{"closures": {"some day"}}, directory.FaultChoice},
		"donor_end":   {directory.Plain{"donor_end": {"soon"}}, directory.FaultChoice},
	} {
		if _, bad := made(1, "name", "Clinic").With(c.typed, ids()); bad[name] != c.want {
			t.Errorf("%s: %v, want %s", name, bad, c.want)
		}
	}
}

func TestSearch(t *testing.T) {
	near := placed(made(1, "name", "B", "women_on_staff", "yes", "languages/a/code", "taq", "stock_pep", "yes"), 14.5, -4.2)
	near.Values["service_types"] = event.List("health_medical_service")
	near = open(near, "a", "MO,TU,WE,TH,FR,SA,SU", "00:00", "24:00")
	far := placed(made(2, "name", "A", "male_competent", "no"), 15, -4.2)
	far.Values["service_types"] = event.List("psychosocial_service")
	set(far, here+"/location/addresses/a/city", "Kelmo")
	house := placed(made(3, "name", "C"), 20, 20)
	house.Values["service_types"] = event.List(directory.SafeHouse)
	set(house, here+"/location/addresses/a/city", "Kelmo")
	d := directory.New([]directory.Service{near, far, house})
	for name, c := range map[string]struct {
		q    directory.Search
		want []string
	}{
		"all, by name": {directory.Search{}, []string{"A", "B", "C"}},
		"nearest":      {directory.Search{Near: &directory.Point{Latitude: 14.5, Longitude: -4.2}}, []string{"B", "A", "C"}},
		"need":         {directory.Search{Need: "pep"}, []string{"B"}},
		"women":        {directory.Search{Women: true}, []string{"B"}},
		"language":     {directory.Search{Language: "taq"}, []string{"B"}},
		"open":         {directory.Search{OpenNow: true}, []string{"B"}},
		"guests":       {directory.Search{Guests: []string{"male_competent"}}, []string{"B", "C"}},
		"words":        {directory.Search{Filter: directory.Filter{Words: "kelmo"}}, []string{"A", "C"}},
	} {
		var got []string
		for _, r := range d.Search(c.q, noon) {
			got = append(got, r.Service.Name())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if p, ok := d.Whereabouts("Kelmo"); !ok || p.Latitude != 15 {
		t.Errorf("about where Kelmo is: %v: a safe house is counted", p)
	}
	if _, ok := d.Whereabouts("Atlantis"); ok {
		t.Error("a place that nobody knows")
	}
}

// In the hours or not is said in words for each need of hours.
func TestNow_saysWhatIsInTime(t *testing.T) {
	s := placed(open(made(1, "name", "Clinic", "cmr", "yes", "stock_pep", "yes"), "a", "MO,TU,WE,TH,FR,SA,SU", "00:00", "24:00"), 14.5, -4.2)
	s.Values["service_types"] = event.List("health_medical_service")
	set(s, "assured_date", noon.Format(time.DateOnly))
	d := directory.New([]directory.Service{s})
	for km, key := range map[float64]string{0.01: "services.say.in_time", 1: "services.say.late"} {
		m := d.Now(directory.Query{Needs: []string{"pep"}, Left: map[string]time.Duration{"pep": time.Hour}, Age: -1, At: &directory.Point{Latitude: 14.5 + km, Longitude: -4.2}, Now: noon}).Matches[0]
		if !says(append(m.Reasons, m.Missing...), key) {
			t.Errorf("%v degrees away: no %s in %v %v", km, key, m.Reasons, m.Missing)
		}
	}
}

// On day 31 a service is doubted, on day 91 the public is not told of it any more.
func TestFor_freshness(t *testing.T) {
	for days, want := range map[int]struct {
		stale bool
		told  int
	}{30: {false, 1}, 31: {true, 1}, 90: {true, 1}, 91: {true, 0}} {
		s := made(1, "name", "Clinic", "assured_date", noon.AddDate(0, 0, -days).Format(time.DateOnly), directory.ClassField("service"), "public")
		if got := s.Freshness(noon).Stale; got != want.stale {
			t.Errorf("day %d: stale %v", days, got)
		}
		if got := len(directory.For([]directory.Service{s}, directory.ForPublic, noon).Services); got != want.told {
			t.Errorf("day %d: the public is told of %d", days, got)
		}
		if got := len(directory.For([]directory.Service{s}, directory.ForPartners, noon).Services); got != 1 {
			t.Errorf("day %d: partners are not told", days)
		}
	}
}
