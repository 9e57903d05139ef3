package stats_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana/internal/gbv"
	"amana/internal/record"
	"amana/internal/stats"
)

// The 24 tables stand in the order of the standard's report, and rows that are to sum
// do so: trap 1 and trap 4, for any incidents whatever.
func TestAdd_rowsSumToTheHeadline(t *testing.T) {
	for i, table := range stats.Tables() {
		if table.No != i+1 {
			t.Errorf("%s is number %d, want %d", table.ID, table.No, i+1)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		b := &stats.Book{}
		rows := invented(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 60).Draw(t, "rows"), b)
		q := stats.Question{
			Span: stats.Span{First: 2025 * 12, Last: 2025*12 + 11}, Basis: rapid.SampledFrom([]stats.Basis{stats.ByReport, stats.ByIncident}).Draw(t, "basis"),
			Group: rapid.SampledFrom(stats.Groupings()).Draw(t, "group"), ByArea: rapid.Bool().Draw(t, "areas"),
		}
		c := stats.Add(rows, b, q)
		l := c.Left
		if n := c.Included + l.Void + l.Refused + l.NotAsked + l.Elsewhere + l.Undated + l.Outside + l.Filtered; n != len(rows) {
			t.Fatalf("%d accounted for, of %d", n, len(rows))
		}
		for i := range c.Tables {
			table := &c.Tables[i]
			if table.Shape != stats.Parts || table.Base != stats.Everyone {
				continue
			}
			for p := range c.Periods {
				for a := range c.Areas {
					if got, want := table.Total(p, a), c.Table("total").At(0, p, a); got != want {
						t.Fatalf("%s: rows sum to %d, headline %d", table.ID, got, want)
					}
				}
			}
		}
	})
}

// invented makes rows of any codes.
func invented(seed uint64, n int, b *stats.Book) []stats.Incident {
	r := rand.New(rand.NewPCG(seed, 7))
	code := func(l stats.List) stats.Code { return stats.Code(r.IntN(len(b.IDs(l)) + 1)) }
	for _, area := range []string{"a", "b", "c", "d"} {
		b.Code(stats.Area, area)
	}
	rows := make([]stats.Incident, n)
	for i := range rows {
		day := stats.Day((2024+r.IntN(3))*10000 + (1+r.IntN(12))*100 + 1 + r.IntN(28))
		rows[i] = stats.Incident{
			Consent: stats.Answer(r.IntN(3)), Elsewhere: stats.Answer(r.IntN(3)), Void: r.IntN(9) == 0, Reported: day, Happened: day - 10000*stats.Day(r.IntN(2)),
			Prior: stats.Answer(r.IntN(3)), Sex: code(stats.Sex), Age: code(stats.Age), TenToNineteen: r.IntN(3) == 0,
			Marital: code(stats.Marital), Displacement: code(stats.Displacement), Stage: code(stats.Stage), Disability: code(stats.Disability),
			Unaccompanied: code(stats.Unaccompanied), Type: code(stats.Type), TimeOfDay: code(stats.TimeOfDay), Contexts: uint8(r.IntN(64)),
			Elapsed: code(stats.Elapsed), Place: code(stats.Place), Area: code(stats.Area), Number: code(stats.Number), Relation: code(stats.Relation),
			PerpetratorAge: code(stats.PerpetratorAge), Occupation: code(stats.Occupation), From: code(stats.From),
		}
		for s := range rows[i].Outcomes {
			rows[i].Outcomes[s] = code(stats.Outcome)
		}
	}
	return rows
}

// Trap 2: without her yes no figure has her, the place of the incident included.
func TestAdd_consentHoldsForEveryTable(t *testing.T) {
	b := &stats.Book{}
	rows := invented(1, 300, b)
	for i := range rows {
		rows[i].Consent = stats.Answer(i % 2) // no, or not asked
	}
	c := stats.Add(rows, b, stats.Question{Span: stats.Span{First: 2024 * 12, Last: 2026*12 + 11}, Basis: stats.ByReport})
	for i := range c.Tables {
		for row := range c.Tables[i].RowIDs {
			if n := c.Tables[i].At(row, -1, -1); n != 0 {
				t.Errorf("%s, row %d: %d", c.Tables[i].ID, row, n)
			}
		}
	}
}

// Whether an incident is counted is one question, for tables and for rows alike.
func TestIncluded(t *testing.T) {
	b := &stats.Book{}
	for _, consent := range []stats.Answer{stats.NotKnown, stats.No, stats.Yes} {
		for _, elsewhere := range []stats.Answer{stats.NotKnown, stats.No, stats.Yes} {
			for _, void := range []bool{false, true} {
				in := stats.Incident{Consent: consent, Elsewhere: elsewhere, Void: void, Reported: 2026_03_04}
				want := consent == stats.Yes && elsewhere != stats.Yes && !void
				c := stats.Add([]stats.Incident{in}, b, stats.Question{Span: stats.Span{First: 2026 * 12, Last: 2026*12 + 11}, Basis: stats.ByReport})
				if in.Included() != want || (c.Included == 1) != want {
					t.Errorf("consent %d, counted elsewhere %d, void %v: included %v, counted %d, want %v", consent, elsewhere, void, in.Included(), c.Included, want)
				}
			}
		}
	}
}

// Traps 5 and 6 are held where incidents are coded (package gbv); here: the codes of
// the standard are those that gbv gives, in every list that both have.
func TestBook_hasTheStandardsIDs(t *testing.T) {
	b := &stats.Book{}
	for list, ids := range map[stats.List][]string{
		stats.Type: gbv.Types(), stats.Elapsed: {gbv.ElapsedThreeDays, gbv.ElapsedFiveDays, gbv.ElapsedTwoWeeks, gbv.ElapsedOneMonth, gbv.ElapsedLonger},
		stats.Age: {gbv.BandChild, gbv.BandAdolescent, gbv.BandAdult, gbv.BandOlder}, stats.Number: {gbv.OnePerpetrator, gbv.TwoPerpetrators, gbv.ThreePerpetrators, gbv.MorePerpetrators},
		stats.Sex: record.Options("sex"), stats.Marital: record.Options("maritial_status"), stats.Displacement: record.Options("gbv_displacement_status"),
	} {
		for _, id := range ids {
			if b.Code(list, id) == 0 {
				t.Errorf("list %d has no %s", list, id)
			}
		}
	}
	for _, id := range gbv.AllContexts() {
		if stats.ContextBit(id) == 0 {
			t.Errorf("no context %s", id)
		}
	}
	if b.Code(stats.Type, "no such type") != 0 || b.Code(stats.Place, "our own place") == 0 || b.Code(stats.Place, stats.Unknown) != 0 {
		t.Error("a closed list grew, or an open one did not")
	}
}

// Trap 8: all "no" is not satisfied, and no answer is not counted.
func TestSatisfied(t *testing.T) {
	for _, c := range []struct {
		f         stats.Feedback
		yes, said bool
	}{{stats.Feedback{Other: 9}, false, true}, {stats.Feedback{}, false, false}, {stats.Feedback{Good: 3, Other: 3}, true, true}, {stats.Feedback{Good: 2, Other: 3}, false, true}} {
		if yes, said := c.f.Satisfied(); yes != c.yes || said != c.said {
			t.Errorf("%+v: %t, %t", c.f, yes, said)
		}
	}
}

// What cannot be told stands beside an indicator, in neither of its numbers.
func TestIndicators_unknown(t *testing.T) {
	b := &stats.Book{}
	one := func(w stats.Answer, pep stats.Treatment) stats.Incident {
		return stats.Incident{Consent: stats.Yes, Reported: 20260301, Type: b.Code(stats.Type, "rape"), Within72: w, PEP: pep}
	}
	f := stats.Facts{
		Incidents: []stats.Incident{
			one(stats.Yes, stats.Given), one(stats.Yes, stats.Declined), one(stats.Yes, stats.Untold), one(stats.Yes, stats.NotNeeded),
			one(stats.No, stats.Untold), one(stats.NotKnown, stats.Given),
			{Consent: stats.No, Reported: 20260301, Type: 1, Within72: stats.Yes},
		},
		Referrals: []stats.Referral{{Consented: 20260302, Received: 20260303, Hours: 20}, {Consented: 20260302, Received: 20260305, Hours: -1}, {Consented: 20260302}, {Consented: 20250101, Received: 20250102}},
		Cases:     []stats.Case{{Opened: 20260301, SafetyNeeded: stats.No}, {Opened: 20260301, SafetyNeeded: stats.Yes, SafetyDone: stats.Yes}, {Opened: 20260301}},
	}
	got := map[string]stats.Indicator{}
	for _, i := range stats.Indicators(f, all2026) {
		got[i.ID] = i
	}
	for id, want := range map[string][3]int{
		"within_72": {4, 5, 1}, "pep": {1, 2, 1}, "referral_completion": {2, 3, 0}, "referral_hours": {20, 1, 1}, "safety_plan": {1, 1, 1},
	} {
		if i := got[id]; [3]int{i.Numerator, i.Denominator, i.Unknown} != want {
			t.Errorf("%s: %d of %d, %d unknown; want %v", id, i.Numerator, i.Denominator, i.Unknown, want)
		}
	}
}

func TestPeriods(t *testing.T) {
	s, err := stats.SpanOf("2026-02", "2027-01")
	if err != nil {
		t.Fatal(err)
	}
	for g, want := range map[stats.Grouping][]string{
		stats.Whole: {"2026-02/2027-01"}, stats.Quarter: {"2026-02/2026-03", "2026-04/2026-06", "2026-07/2026-09", "2026-10/2026-12", "2027-01"},
		stats.Year: {"2026-02/2026-12", "2027-01"},
	} {
		var got []string
		for _, p := range s.Periods(g) {
			got = append(got, p.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", g, got, want)
		}
	}
	for _, bad := range [][2]string{{"2026-03", "2026-02"}, {"2026", "2026-02"}, {"", "2026-02"}, {"1900-01", "2026-02"}, {"now", "then"}} {
		if _, err := stats.SpanOf(bad[0], bad[1]); err == nil {
			t.Errorf("%v is a span", bad)
		}
	}
}

// A hundred thousand incidents, by month and area: under two seconds, and it says how
// long a loop that only reads the same rows takes.
func TestAdd_hundredThousand(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	b := &stats.Book{}
	rows := invented(3, 100_000, b)
	begin := time.Now()
	c := stats.Add(rows, b, stats.Question{Span: stats.Span{First: 2024 * 12, Last: 2026*12 + 11}, Basis: stats.ByReport, Group: stats.Month, ByArea: true})
	took := time.Since(begin)
	t.Logf("all tables over %d rows, %d included: %v", len(rows), c.Included, took)
	if took > 2*time.Second {
		t.Errorf("took %v, want under 2 s", took)
	}
}

func BenchmarkAdd(b *testing.B) {
	book := &stats.Book{}
	rows := invented(3, 100_000, book)
	q := stats.Question{Span: stats.Span{First: 2024 * 12, Last: 2026*12 + 11}, Basis: stats.ByReport, Group: stats.Month, ByArea: true}
	b.Run("tables", func(b *testing.B) {
		for b.Loop() {
			stats.Add(rows, book, q)
		}
	})
	// The reference: one loop over the same rows, with one count each.
	b.Run("plain loop", func(b *testing.B) {
		for b.Loop() {
			var count [40][30]int32
			for i := range rows {
				if in := &rows[i]; in.Included() {
					count[in.Reported.Month()-2024*12][in.Type]++
				}
			}
		}
	})
}
