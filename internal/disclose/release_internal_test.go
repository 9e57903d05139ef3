package disclose

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/stats"
)

const jan = 2026 * 12

func month(first, last int) stats.Span {
	return stats.Span{First: jan + first - 1, Last: jan + last - 1}
}

// reported makes n included incidents of a month in an area.
func reported(b *stats.Book, m, n int, area, sex string) []stats.Incident {
	rows := make([]stats.Incident, n)
	for i := range rows {
		rows[i] = stats.Incident{
			Consent: stats.Yes, Reported: stats.Day(20260000 + 100*m + 1 + i%28), Area: b.Code(stats.Area, area), Sex: b.Code(stats.Sex, sex),
			Type: stats.Code(1 + i%6), Age: stats.Code(1 + i%4),
		}
	}
	return rows
}

func request(id string, to Audience, tables []string, areas []AreaSet, spans ...stats.Span) Request {
	return Request{
		ID: id, Made: "2026-11-20", Audience: to, Policy: DefaultPolicy(to), Agreement: "own", Basis: stats.ByReport,
		Periods: spans, Areas: areas, Tables: tables,
	}
}

// tester is what a test and a property have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Logf(format string, args ...any)
}

func prepare(t tester, b *stats.Book, rows []stats.Incident, q Request, ledger ...Release) *Plan {
	t.Helper()
	c := stats.Add(rows, b, stats.Question{Span: Cover(q, ledger), Basis: q.Basis, Group: stats.Month, ByArea: true})
	p, err := Prepare(c, b.IDs(stats.Area), q, ledger)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func refused(p *Plan, why Reason) bool {
	return slices.ContainsFunc(p.Refusals, func(r Refusal) bool { return r.Reason == why })
}

// Test 9 of standards.md: the year to date minus a month.
func TestPrepare_yearToDateMinusMonth(t *testing.T) {
	b := &stats.Book{}
	rows := slices.Concat(reported(b, 1, 12, "a", "female"), reported(b, 2, 3, "a", "female"), reported(b, 3, 9, "a", "female"))
	total := []string{"total"}
	first := prepare(t, b, rows, request("r1", Partners, total, nil, month(1, 1)))
	if len(first.Refusals) > 0 || first.Shown() != 1 {
		t.Fatalf("January: %+v", first)
	}
	attack := prepare(t, b, rows, request("r2", Partners, total, nil, month(1, 2)), first.Preview())
	if !refused(attack, Subtraction) || attack.Refusals[0].Release != "r1" || attack.Refusals[0].Period != "2026-02" {
		t.Errorf("January and February after January: %+v", attack.Refusals)
	}
	if _, err := attack.Clear(own(), nil); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("cleared all the same: %v", err)
	}
	quarter := prepare(t, b, rows, request("r3", Partners, total, nil, month(1, 3)), first.Preview())
	if len(quarter.Refusals) > 0 || quarter.Shown() != 1 {
		t.Errorf("a quarter that leaves twelve: %+v", quarter)
	}
	if p := prepare(t, b, rows, request("r4", Partners, total, nil, month(2, 4)), quarter.Preview()); !refused(p, Overlap) {
		t.Errorf("a quarter that overlaps: %+v", p.Refusals)
	}
	late := append(rows, reported(b, 1, 2, "a", "female")...)
	if p := prepare(t, b, late, request("r5", Partners, total, nil, month(1, 1)), first.Preview()); !refused(p, Changed) {
		t.Errorf("January again, with two more: %+v", p.Refusals)
	}
	q := request("r6", Partners, total, nil, month(1, 1))
	q.Basis = stats.ByIncident
	if p := prepare(t, b, rows, q, first.Preview()); !refused(p, OtherBasis) {
		t.Errorf("by another day: %+v", p.Refusals)
	}
}

// A region minus its districts.
func TestPrepare_regionMinusDistrict(t *testing.T) {
	b := &stats.Book{}
	rows := slices.Concat(reported(b, 1, 30, "a", "female"), reported(b, 1, 20, "b", "female"), reported(b, 1, 2, "c", "female"), reported(b, 1, 25, "d", "female"))
	total := []string{"total"}
	districts := prepare(t, b, rows, request("r1", Partners, total, []AreaSet{{ID: "a"}, {ID: "b"}}, month(1, 1)))
	if len(districts.Refusals) > 0 {
		t.Fatalf("%+v", districts.Refusals)
	}
	region := request("r2", Partners, total, []AreaSet{{ID: "abc", Members: []string{"a", "b", "c"}}}, month(1, 1))
	if p := prepare(t, b, rows, region, districts.Preview()); !refused(p, Subtraction) {
		t.Errorf("a region that leaves two: %+v", p)
	}
}

func own() Agreement {
	a := Agreement{ID: "own", Name: "Own", Parties: []string{"us"}, Day: 5, From: "2026-01-01", Policies: map[Audience]Policy{}}
	for _, to := range Audiences() {
		a.Policies[to] = DefaultPolicy(to)
	}
	return a
}

// Test 32 of standards.md: outside nothing goes without every party.
func TestClear_needsEveryParty(t *testing.T) {
	b := &stats.Book{}
	p := prepare(t, b, reported(b, 1, 40, "a", "female"), request("r1", Partners, nil, nil, month(1, 1)))
	a := own()
	a.Parties = []string{"us", "them", "others"}
	yes := func(parties ...string) (list []Approval) {
		for _, x := range parties {
			list = append(list, Approval{Party: x, Release: "r1", Yes: true})
		}
		return list
	}
	taken := append(yes("us", "them", "others"), Approval{Party: "them", Release: "r1"})
	elsewhere := append(yes("us", "them"), Approval{Party: "others", Release: "r2", Yes: true})
	for name, approvals := range map[string][]Approval{"none": nil, "one missing": yes("us", "them"), "taken back": taken, "of another release": elsewhere} {
		if s, err := p.Clear(a, approvals); !errors.Is(err, amana.ErrRefused) || !s.Empty() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err := p.Clear(a, yes("us", "them", "others")); err != nil || s.Empty() {
		t.Errorf("unanimous: %v", err)
	}
	lax := a
	lax.Policies = map[Audience]Policy{Partners: {Threshold: 4, Percent: 20, Contributors: 3}}
	if lax.Check() == nil {
		t.Error("an agreement may be laxer than the least")
	}
	strict := a
	strict.Policies = map[Audience]Policy{Partners: {Threshold: 8, Percent: 20, Contributors: 3}}
	over := a
	over.Until = "2026-11-19"
	for name, a := range map[string]Agreement{"stricter": strict, "ended": over} {
		if _, err := p.Clear(a, yes("us", "them", "others")); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever is released one after the other, nothing that was withheld comes out of all
// of it together.
func TestPrepare_sequencesHoldAgainstLinearProgramming(t *testing.T) {
	tables := []string{"total", "sex", "prior"}
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))
		b := &stats.Book{}
		var rows []stats.Incident
		for range r.IntN(150) {
			one := reported(b, 1+r.IntN(3), 1, []string{"a", "b", "c"}[int(3*r.Float64()*r.Float64())], []string{"female", "female", "female", "male"}[r.IntN(4)])[0]
			one.Prior = stats.Answer(r.IntN(3))
			rows = append(rows, one)
		}
		var ledger []Release
		for i := range 1 + r.IntN(5) {
			first := 1 + r.IntN(3)
			areas := [][]AreaSet{nil, {{ID: "a"}, {ID: "b"}, {ID: "c"}}, {{ID: "ab", Members: []string{"a", "b"}}}}[r.IntN(3)]
			q := request(fmt.Sprint("r", i), []Audience{Coordination, Partners}[r.IntN(2)], tables, areas, month(first, first+r.IntN(4-first)))
			q.Policy.Threshold = 5
			if p := prepare(rt, b, rows, q, ledger...); len(p.Refusals) == 0 {
				ledger = append(ledger, p.Preview())
			}
		}
		if len(ledger) == 0 {
			return
		}
		q := request("last", Partners, nil, nil, month(1, 3))
		c := stats.Add(rows, b, stats.Question{Span: Cover(q, ledger), Basis: q.Basis, Group: stats.Month, ByArea: true})
		final, err := newBuild(c, b.IDs(stats.Area), q, earlierOf(q, ledger))
		if err != nil {
			return // the whole quarter overlaps with what was released
		}
		final.remember(final.main)
		g := *final.main.g
		g.frames = nil
		for i, l := range final.main.layouts {
			if l.name == "sex" || l.name == "prior" {
				g.frames = append(g.frames, final.main.g.frames[i])
			}
		}
		attack(rt, func(s string) { rt.Fatalf("%s\n%+v", s, ledger) }, &g, nil)
	})
}

// Tables 14 and 15 are shown by area where all of the row that is their sum is shown,
// and nowhere else.
func TestPrepare_rapeByArea(t *testing.T) {
	tables := []string{"total", "type", "elapsed_rape", "elapsed_rape_health"}
	of := func(b *stats.Book, area string, rape, others int) (rows []stats.Incident) {
		rows = reported(b, 1, rape+others, area, "female")
		for i := range rows {
			rows[i].Type, rows[i].Elapsed = 1, stats.Code(1+i%2)
			if i >= rape {
				rows[i].Type = 3
			}
		}
		return rows
	}
	for name, c := range map[string]struct {
		rape   int
		byArea bool
	}{"enough in each area": {20, true}, "too few in one": {2, false}} {
		b := &stats.Book{}
		rows := slices.Concat(of(b, "a", 20, 30), of(b, "b", c.rape, 30), of(b, "c", 30, 30))
		p := prepare(t, b, rows, request("r1", Partners, tables, []AreaSet{{ID: "a"}, {ID: "b"}, {ID: "c"}}, month(1, 1)))
		r := p.Preview()
		table := r.Table("elapsed_rape")
		if len(p.Refusals) > 0 || table == nil || r.At(table, 0, 0, 0) < 0 {
			t.Fatalf("%s: %+v", name, p)
		}
		if got := r.At(table, 0, 1, 0) >= 0; got != c.byArea {
			t.Errorf("%s: by area %t", name, got)
		}
	}
}

// No cell of the tables of rape alone, nor of the row that is their sum, is bounded more
// tightly than the rule allows, whatever was released before: by the tables together.
func TestPrepare_rapeByAreaHoldsAgainstLinearProgramming(t *testing.T) {
	byArea, worlds := 0, uint64(8)
	if os.Getenv("AMANA_MEASURE") != "" {
		worlds = 400
	}
	for seed := range worlds {
		r := rand.New(rand.NewPCG(seed, 5))
		b := &stats.Book{}
		var rows []stats.Incident
		many := 20 + r.IntN(200)
		for range many {
			one := reported(b, 1+r.IntN(2), 1, []string{"a", "b"}[r.IntN(2)], "female")[0]
			one.Type, one.Elapsed = []stats.Code{1, 1, 3}[r.IntN(3)], stats.Code(1+r.IntN(2)*r.IntN(3))
			one.Outcomes[stats.Health] = stats.Code(1 + r.IntN(3))
			rows = append(rows, one)
		}
		var ledger []Release
		for i := range 1 + r.IntN(3) {
			first := 1 + r.IntN(2)
			q := request(fmt.Sprint("r", i), Partners, []string{"total", "type", "elapsed_rape", "elapsed_rape_health"}, [][]AreaSet{nil, {{ID: "a"}, {ID: "b"}}}[r.IntN(2)], month(first, first+r.IntN(3-first)))
			if p := prepare(t, b, rows, q, ledger...); len(p.Refusals) == 0 {
				ledger = append(ledger, p.Preview())
			}
		}
		if len(ledger) == 0 {
			continue
		}
		q := request("last", Partners, nil, nil, month(1, 2))
		c := stats.Add(rows, b, stats.Question{Span: Cover(q, ledger), Basis: q.Basis, Group: stats.Month, ByArea: true})
		final, err := newBuild(c, b.IDs(stats.Area), q, earlierOf(q, ledger))
		if err != nil {
			continue
		}
		if final.rapeShownByArea() {
			byArea++
		}
		rape, err := final.newPart(final.areaSets(), []layout{rapeLayout(&c)})
		if err != nil {
			t.Fatal(err)
		}
		final.remember(final.main)
		final.remember(rape)
		g := *final.main.g
		g.frames = nil
		for i, l := range final.main.layouts {
			if l.name == "type" {
				g.frames = append(g.frames, final.main.g.frames[i], rape.g.frames[0])
			}
		}
		frame, node, _ := final.main.place("type", "rape")
		if frame < 0 {
			continue
		}
		attackUnder(t, func(s string) { t.Fatalf("seed %d: %s\n%+v", seed, s, ledger) }, &g, cell{frame: 0, row: node})
	}
	if byArea == 0 {
		t.Error("it was never shown by area: this proves nothing")
	}
}

// Two contributors or fewer are each other's figures; of three, what two of them have
// together is held to the rule too.
func TestConsolidate(t *testing.T) {
	b := &stats.Book{}
	tables := []string{"total", "sex"}
	of := func(id string, female, male int) Release {
		rows := append(reported(b, 1, female, "a", "female"), reported(b, 1, male, "a", "male")...)
		return prepareAs(t, b, rows, request(id, Coordination, tables, nil, month(1, 1)))
	}
	q := request("sum", Partners, nil, nil)
	one, two, three := of("1", 40, 10), of("2", 30, 8), of("3", 20, 6)
	if p, err := Consolidate(q, []Release{one, two}, nil); err != nil || !refused(p, FewContributors) {
		t.Errorf("two: %+v, %v", p, err)
	}
	if _, err := Consolidate(q, []Release{one, two, two}, nil); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("one came twice: %v", err)
	}
	p, err := Consolidate(q, []Release{one, two, three}, nil)
	if err != nil || len(p.Refusals) > 0 {
		t.Fatalf("%v %+v", err, p)
	}
	r := p.Preview()
	if n := r.At(r.Table("total"), 0, 0, 0); n != 114 || r.Contributors != 3 {
		t.Errorf("sum of three: %d, %d contributors", n, r.Contributors)
	}
	// The others have 4 of 44 men: the first could take its own away.
	few, _ := Consolidate(q, []Release{of("1", 40, 40), of("2", 30, 0), of("3", 20, 4)}, nil)
	r = few.Preview()
	for row, id := range r.Table("sex").Rows {
		if n := r.At(r.Table("sex"), row, 0, 0); n != Withheld {
			t.Errorf("%s: %d, want it withheld", id, n)
		}
	}
	if n := r.At(r.Table("total"), 0, 0, 0); n != 134 {
		t.Errorf("the headline: %d", n)
	}
	if p, _ := Consolidate(q, []Release{one, two, three}, []Release{p.Preview()}); !refused(p, Overlap) {
		t.Errorf("summed up twice: %+v", p)
	}
}

func prepareAs(t *testing.T, b *stats.Book, rows []stats.Incident, q Request) Release {
	t.Helper()
	p := prepare(t, b, rows, q)
	if len(p.Refusals) > 0 {
		t.Fatalf("%+v", p.Refusals)
	}
	return p.Preview()
}

// Test 33 of standards.md: rows only with five alike and a risk under 3 %.
func TestClearRows(t *testing.T) {
	rows := func(classes, each int) (list []Micro) {
		for c := range classes {
			for i := range each {
				list = append(list, Micro{Area: "a", Month: fmt.Sprintf("2026-%02d", c+1), Sex: "female", Type: []string{"rape", "physical_assault"}[i%2]})
			}
		}
		return list
	}
	policy := DefaultPolicy(Partners)
	if risk, err := CheckRows(Partners, policy, rows(31, 1000/31)); !errors.Is(err, amana.ErrRefused) || risk.Global < 0.031 {
		t.Errorf("risk %.4f: %v", risk.Global, err)
	}
	if risk, err := CheckRows(Partners, policy, rows(3, 150)); err != nil || risk.Below5 != 0 {
		t.Errorf("risk %.4f: %v", risk.Global, err)
	}
	if risk, err := CheckRows(Partners, policy, append(rows(3, 150), Micro{Area: "b", Age: "12_17"})); !errors.Is(err, amana.ErrRefused) || risk.Below2 != 1 {
		t.Errorf("a widow of fourteen: %+v, %v", risk, err)
	}
	if _, err := CheckRows(Public, DefaultPolicy(Public), rows(3, 150)); !errors.Is(err, amana.ErrRefused) {
		t.Error("for the public")
	}
	policy.Threshold = 151
	if _, err := CheckRows(Partners, policy, rows(3, 150)); !errors.Is(err, amana.ErrRefused) {
		t.Error("fewer than the agreement asks")
	}
}

// Rows leave with a release whose tables they come to, all of them shown: what comes
// later is held against what they say.
func TestClearRows_areWhatTheTablesSay(t *testing.T) {
	b := &stats.Book{}
	rows := slices.Concat(reported(b, 1, 80, "a", "female"), reported(b, 1, 60, "b", "female"))
	for i := range rows {
		rows[i].Type = stats.Code(1 + i%2)
	}
	p := prepare(t, b, rows, request("r1", Partners, RowTables([]string{"sex"}), []AreaSet{{ID: "a"}, {ID: "b"}}, month(1, 1)))
	s, err := p.Clear(own(), []Approval{{Party: "us", Release: "r1", Yes: true}})
	if err != nil {
		t.Fatal(err)
	}
	var micro []Micro
	for i := range rows {
		micro = append(micro, Micro{Area: b.ID(stats.Area, rows[i].Area), Month: "2026-01", Sex: "female", Type: b.ID(stats.Type, rows[i].Type)})
	}
	out, _, err := ClearRows(s, micro)
	if err != nil || len(out.Rows()) != 140 {
		t.Fatalf("%d rows, %v", len(out.Rows()), err)
	}
	for name, other := range map[string][]Micro{"one less": micro[1:], "another type": append(slices.Clone(micro[1:]), Micro{Area: "a", Month: "2026-01", Sex: "female", Type: "forced_marriage"}), "another month": append(slices.Clone(micro[1:]), Micro{Area: "a", Month: "2026-02", Sex: "female", Type: "rape"})} {
		if _, _, err := ClearRows(s, other); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := ClearRows(Safe{}, micro); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("with no release: %v", err)
	}
	// A table that would give away a small cell of the rows by subtraction is refused, or withholds.
	later := prepare(t, b, rows[:138], request("r2", Partners, []string{"total"}, nil, month(1, 1)), p.Preview())
	if !refused(later, Changed) {
		t.Errorf("two less than the rows said: %+v", later.Refusals)
	}
}

func TestPercent(t *testing.T) {
	r := Release{Policy: DefaultPolicy(Partners)}
	for _, c := range []struct {
		n, of, tenths int
		ok            bool
	}{{10, 20, 500, true}, {9, 19, 0, false}, {Withheld, 40, 0, false}, {5, Absent, 0, false}, {1, 30, 33, true}} {
		if tenths, ok := r.Percent(c.n, c.of); tenths != c.tenths || ok != c.ok {
			t.Errorf("%d of %d: %d, %t", c.n, c.of, tenths, ok)
		}
	}
}

func TestReadRelease(t *testing.T) {
	b := &stats.Book{}
	r := prepareAs(t, b, reported(b, 1, 40, "a", "female"), request("r1", Partners, nil, []AreaSet{{ID: "a"}}, month(1, 1), month(2, 2)))
	raw, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := ReadRelease(raw); err != nil || len(back.Tables) != len(r.Tables) {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "{}", `{"audience":"public","policy":{"threshold":1}}`, string(raw[:len(raw)/2])} {
		if _, err := ReadRelease([]byte(bad)); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

// A region that has other members than when it was shown before is another one: what is
// shown under its name is counted of those that it has now.
func TestPrepare_aRegionThatChanged(t *testing.T) {
	b := &stats.Book{}
	rows := slices.Concat(reported(b, 1, 10, "a", "female"), reported(b, 1, 20, "b", "female"), reported(b, 1, 40, "c", "female"), reported(b, 1, 80, "d", "female"))
	total := []string{"total"}
	region := func(members ...string) []AreaSet { return []AreaSet{{ID: "North", Members: members}} }
	first := prepare(t, b, rows, request("r1", Partners, total, region("a", "b"), month(1, 1)))
	again := prepare(t, b, rows, request("r2", Partners, total, region("a", "b", "c"), month(1, 1)), first.Preview())
	for want, p := range map[int]*Plan{30: first, 70: again} {
		if r := p.Preview(); len(p.Refusals) > 0 || r.At(r.Table("total"), 0, 1, 0) != want {
			t.Errorf("%d: %+v %+v", want, p.Refusals, r.Tables)
		}
	}
}
