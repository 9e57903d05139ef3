package disclose

import (
	"fmt"
	"slices"

	"amana"
	"amana/internal/stats"
)

// Consolidate adds up what several organisations released to the coordination. Nothing
// of the sum says which of them had what: they have no names here. What one of them
// withheld is withheld of the sum. Any of them could take its own figures from the
// sum, so that what the others have together is held to the rule as well; with two
// contributors or fewer that is the other one's figures, and it is refused.
//
// The figures of each contributor were protected before they came: of them a sum tells
// no more than they do themselves.
//
// Kind: ErrInvalid for contributions that are not of one shape.
func Consolidate(q Request, contributions []Release, ledger []Release) (*Plan, error) {
	if err := q.Policy.Check(q.Audience); err != nil {
		return nil, err
	}
	p := &Plan{}
	if len(contributions) < max(q.Policy.Contributors, LeastContributors) {
		p.Refusals = []Refusal{{Reason: FewContributors}}
		return p, nil
	}
	first := &contributions[0]
	seen := map[string]bool{}
	for i := range contributions {
		c := &contributions[i]
		if seen[c.ID] || c.Contributors != 1 || !alike(first, c) {
			return nil, fmt.Errorf("disclose: contribution %d is not of the shape of the first, or came twice: %w", i+1, amana.ErrInvalid)
		}
		seen[c.ID] = true
	}
	p.release = Release{
		ID: q.ID, Made: q.Made, Audience: q.Audience, Agreement: q.Agreement, Policy: q.Policy, Basis: first.Basis,
		Contributors: len(contributions), Areas: first.Areas, Periods: first.Periods,
	}
	q.Basis = first.Basis
	for _, s := range first.Periods {
		span, err := stats.ParseSpan(s)
		if err != nil {
			return nil, err
		}
		q.Periods = append(q.Periods, span)
	}
	ledger = slices.Concat(ledger, q.Doubtful)
	if p.Refusals = append(refuseOutright(q, ledger), again(first, ledger)...); len(p.Refusals) > 0 {
		return p, nil
	}
	sumUp(p, contributions)
	return p, nil
}

// again refuses to add up a time that was added up before: what differs would be
// somebody's.
func again(r *Release, ledger []Release) []Refusal {
	own, err := r.spans()
	if err != nil {
		return nil
	}
	for i := range ledger {
		theirs, err := ledger[i].spans()
		if err != nil || ledger[i].Contributors == 1 {
			continue
		}
		for _, a := range own {
			for _, b := range theirs {
				if a.First <= b.Last && b.First <= a.Last {
					return []Refusal{{Reason: Overlap, Period: a.String(), Release: ledger[i].ID}}
				}
			}
		}
	}
	return nil
}

// alike reports whether two releases can be added up.
func alike(a, b *Release) bool {
	same := func(x, y AreaSet) bool { return x.ID == y.ID && slices.Equal(x.Members, y.Members) }
	if a.Basis != b.Basis || a.Policy != b.Policy || a.Audience != b.Audience || a.Policy.Round > 1 ||
		!slices.EqualFunc(a.Areas, b.Areas, same) || !slices.Equal(a.Periods, b.Periods) || len(a.Tables) != len(b.Tables) {
		return false
	}
	for i := range a.Tables {
		if a.Tables[i].ID != b.Tables[i].ID || !slices.Equal(a.Tables[i].Rows, b.Tables[i].Rows) {
			return false
		}
	}
	return true
}

// sumUp adds, and decides in the simplest way that is safe. A cell is too few where
// the sum is, or the sum without any one contributor. Where one is too few, all rows
// of its table, and of the tables that say the same in another way, are withheld for
// that period: for all areas together if it is a cell of that, and area by area if it
// is one of an area or what the areas leave. What stays known are headlines and sums
// over areas, and of those neither is too few nor what they leave.
func sumUp(p *Plan, contributions []Release) {
	r := &p.release
	held := map[string]map[int]hold{} // by family and period
	for t := range contributions[0].Tables {
		first := &contributions[0].Tables[t]
		out := Released{ID: first.ID, Rows: first.Rows, Cells: make([]int, len(first.Cells))}
		for i := range out.Cells {
			out.Cells[i] = r.sumCell(contributions, t, i)
		}
		r.Tables = append(r.Tables, out)
		if held[family(first.ID)] == nil {
			held[family(first.ID)] = map[int]hold{}
		}
		for period := range r.Periods {
			h := held[family(first.ID)][period]
			h.add(r, &r.Tables[t], period)
			held[family(first.ID)][period] = h
		}
	}
	for t := range r.Tables {
		p.Tallies = append(p.Tallies, r.holdBack(&r.Tables[t], held[family(r.Tables[t].ID)]))
	}
}

// family names tables of which one can be worked out from another.
func family(table string) string {
	switch table {
	case "gbv", "elapsed_rape", "elapsed_rape_health", "context":
		return "type"
	case "first_contact":
		return "from"
	case "provided":
		return "referrals"
	}
	return table
}

// hold says whether the rows of a period are to be withheld.
type hold struct{ all, areas bool }

func (h *hold) add(r *Release, t *Released, period int) {
	for row := range t.Rows {
		whole, rest := r.At(t, row, 0, period), 0
		h.all = h.all || whole == Withheld
		for area := 1; area < len(r.Areas); area++ {
			n := r.At(t, row, area, period)
			h.areas = h.areas || n == Withheld
			rest += max(n, 0)
		}
		h.areas = h.areas || whole >= 0 && r.Policy.small(int32(whole-rest), false)
	}
	h.areas = h.areas || h.all
}

func (r *Release) holdBack(t *Released, held map[int]hold) Tally {
	tally := Tally{Table: t.ID}
	for i, n := range t.Cells {
		period, area := i%len(r.Periods), i/len(r.Periods)%len(r.Areas)
		switch h := held[period]; {
		case n == Absent:
			tally.TooFine++
		case n == Withheld:
			tally.TooFew++
		case area == 0 && h.all || area > 0 && h.areas:
			tally.WithThem++
			t.Cells[i] = Withheld
		default:
			tally.Shown++
			t.Cells[i] = r.Policy.rounded(n)
		}
	}
	return tally
}

func (r *Release) sumCell(contributions []Release, t, i int) int {
	sum := 0
	for k := range contributions {
		n := contributions[k].Tables[t].Cells[i]
		if n < 0 {
			return n
		}
		sum += n
	}
	if r.Policy.small(int32(sum), true) {
		return Withheld
	}
	for k := range contributions {
		if others := sum - contributions[k].Tables[t].Cells[i]; r.Policy.small(int32(others), false) {
			return Withheld
		}
	}
	return sum
}
