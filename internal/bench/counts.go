package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"amana/internal/disclose"
	"amana/internal/stats"
)

// Sizes of what is counted, and of what is shown of it.
const (
	countedAreas  = 50
	countedMonths = 12
	countedBegin  = 2026 * 12
)

// inventedIncidents are incidents of any codes over a year, by chance from a seed. Some
// areas have many and most have few, as it is.
func inventedIncidents(n, areas int, b *stats.Book) []stats.Incident {
	r := rand.New(rand.NewPCG(uint64(n), 9))
	for i := range areas {
		b.Code(stats.Area, fmt.Sprintf("area %d", i))
	}
	code := func(l stats.List) stats.Code { return stats.Code(r.IntN(len(b.IDs(l)) + 1)) }
	rows := make([]stats.Incident, n)
	for i := range rows {
		rows[i] = stats.Incident{
			Consent: stats.Yes, Reported: stats.Day(2026_00_00 + 100*(1+r.IntN(countedMonths)) + 1 + r.IntN(28)), Prior: stats.Answer(r.IntN(3)),
			Sex: 1 + stats.Code(r.IntN(12)/11), Age: code(stats.Age), Marital: code(stats.Marital), Displacement: code(stats.Displacement), Stage: code(stats.Stage),
			Disability: code(stats.Disability), Unaccompanied: code(stats.Unaccompanied), Type: code(stats.Type), TimeOfDay: code(stats.TimeOfDay),
			Contexts: uint8(r.IntN(64)), Elapsed: code(stats.Elapsed), Place: code(stats.Place), Number: code(stats.Number), Relation: code(stats.Relation),
			PerpetratorAge: code(stats.PerpetratorAge), Occupation: code(stats.Occupation), From: code(stats.From),
			Area: stats.Code(1 + int(float64(areas)*r.Float64()*r.Float64())),
		}
		for s := range rows[i].Outcomes {
			rows[i].Outcomes[s] = code(stats.Outcome)
		}
	}
	return rows
}

// counting measures all tables over many incidents, beside one loop over the same rows
// with one count, and what it takes to say which figures of 24 tables by area and month
// may be shown.
func (r *run) counting(ctx context.Context) error {
	n, areas := 100_000, countedAreas
	if r.cases < quick.cases { // a trial of the bench itself
		n, areas = 2_000, 5
	}
	year := stats.Span{First: countedBegin, Last: countedBegin + countedMonths - 1}
	b := &stats.Book{}
	rows := inventedIncidents(n, areas, b)
	q := stats.Question{Span: year, Basis: stats.ByReport, Group: stats.Month, ByArea: true}
	tables, plain := time.Duration(1<<62), time.Duration(1<<62)
	var counts stats.Counts
	for range r.repeats {
		start := r.clock()
		counts = stats.Add(rows, b, q)
		tables = min(tables, r.clock().Sub(start))
		start = r.clock()
		var one [countedMonths][64]int32
		for i := range rows {
			if in := &rows[i]; in.Included() {
				one[in.Reported.Month()-countedBegin][in.Type]++
			}
		}
		plain = min(plain, max(r.clock().Sub(start), 1))
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("bench: counting: %w", err)
	}
	request := disclose.Request{
		ID: "bench", Made: "2027-01-05", Audience: disclose.Partners, Policy: disclose.DefaultPolicy(disclose.Partners), Basis: stats.ByReport, Periods: year.Periods(stats.Month),
	}
	for _, id := range b.IDs(stats.Area) {
		request.Areas = append(request.Areas, disclose.AreaSet{ID: id})
	}
	start := r.clock()
	if _, err := disclose.Prepare(counts, b.IDs(stats.Area), request, nil); err != nil {
		return err
	}
	took := r.clock().Sub(start)
	r.add(
		figure(fmt.Sprintf("all tables by month and area, %d incidents", n), float64(tables)/float64(time.Millisecond), "ms").
			beside("one loop with one count", float64(plain)/float64(time.Millisecond)).under(2000),
		figure(fmt.Sprintf("what may be shown of 24 tables, %d areas, %d months", areas, countedMonths), took.Seconds(), "s").under(10),
	)
	return nil
}
