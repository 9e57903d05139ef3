package disclose

import (
	"fmt"
	"slices"

	"amana"
	"amana/internal/stats"
)

// Request is what somebody wants to show.
type Request struct {
	ID        string
	Made      string // ISO date
	Audience  Audience
	Policy    Policy
	Agreement string
	Basis     stats.Basis
	Periods   []stats.Span
	Areas     []AreaSet // to be shown apart, beside all of them
	Tables    []string  // of the 24 and by their ids; none for all that can be shown
	// Doubtful are releases of which nobody can tell whether they left, or left so: they
	// count against what may be told, and nothing is public because it stands in one.
	Doubtful []Release
}

// Reason is why something is refused.
type Reason string

// The reasons.
const (
	// Subtraction: taken from figures that were released before, it leaves too few.
	Subtraction Reason = "subtraction"
	// Changed: it was released before, and differs from that by too few.
	Changed Reason = "changed"
	// Overlap: periods or areas overlap in part with those released before.
	Overlap Reason = "overlap"
	// OtherBasis: figures by another day were released for the same time.
	OtherBasis Reason = "basis"
	// Bare: what is too few cannot be kept, whatever else is withheld.
	Bare Reason = "bare"
	// TooDoubtful: so many releases say different things of which nobody can tell whether
	// they left that not every case of it can be looked at.
	TooDoubtful Reason = "doubtful"
	// FewContributors: too few organisations to add up.
	FewContributors Reason = "contributors"
	// FinerThanAllowed: areas by a shorter time than the policy has.
	FinerThanAllowed Reason = "finer"
)

// Refusal is one reason why a release is refused, and where it lies.
type Refusal struct {
	Reason                   Reason
	Table, Row, Area, Period string
	Release                  string // an earlier one it has to do with, or ""
}

// Tally says what became of the figures of one table.
type Tally struct {
	Table                            string
	Shown, TooFew, WithThem, TooFine int
}

// Plan is a release as it would be: to be looked at by those who may read the cases,
// not to be shown.
type Plan struct {
	Refusals []Refusal
	Tallies  []Tally
	release  Release
}

// Preview returns the figures as they would be shown.
func (p *Plan) Preview() Release { return p.release }

// Shown is how many figures would be shown.
func (p *Plan) Shown() (n int) {
	for _, t := range p.Tallies {
		n += t.Shown
	}
	return n
}

// related keeps of the earlier releases those that have to do with a request: whose
// time overlaps with its, or with that of one that has to do with it. Figures of other
// months say nothing of these, whatever is added up or taken away: no sum has both. So
// the work grows with what was said of a time, not with how long people have been
// saying.
func related(q Request, ledger []Release) []Release {
	var list []Release
	for _, i := range relatedAt(q, ledger) {
		list = append(list, ledger[i])
	}
	return list
}

// relatedAt are the places of those, in order.
func relatedAt(q Request, ledger []Release) (at []int) {
	near := slices.Clone(q.Periods)
	in := make([]bool, len(ledger))
	for grown := true; grown; {
		grown = false
		for i := range ledger {
			spans, err := ledger[i].spans()
			if in[i] || err == nil && !slices.ContainsFunc(spans, func(s stats.Span) bool { return meets(s, near) }) {
				continue
			}
			in[i], grown = true, true
			near = append(near, spans...)
		}
	}
	for i, is := range in {
		if is {
			at = append(at, i)
		}
	}
	return at
}

func meets(s stats.Span, others []stats.Span) bool {
	return slices.ContainsFunc(others, func(o stats.Span) bool { return s.First <= o.Last && o.First <= s.Last })
}

// Cover returns the span that has to be counted for a request and what was released
// before.
func Cover(q Request, ledger []Release) stats.Span {
	var s stats.Span
	ledger = related(q, slices.Concat(ledger, q.Doubtful))
	for i, p := range allSpans(q, ledger) {
		if i == 0 {
			s = p
		}
		s = stats.Span{First: min(s.First, p.First), Last: max(s.Last, p.Last)}
	}
	return s
}

func allSpans(q Request, ledger []Release) []stats.Span {
	list := slices.Clone(q.Periods)
	for i := range ledger {
		spans, err := ledger[i].spans()
		if err == nil {
			list = append(list, spans...)
		}
	}
	return list
}

// Prepare works out what of a request may be shown, given everything that was
// released before. c are the counts by month and area over [Cover], without a filter;
// areas are the ids of its areas by their codes. Kind: ErrInvalid for a request that
// makes no sense; what is refused stands in the plan.
func Prepare(c stats.Counts, areas []string, q Request, ledger []Release) (*Plan, error) {
	if err := q.Policy.Check(q.Audience); err != nil {
		return nil, err
	}
	if len(q.Periods) == 0 || c.Question.Group != stats.Month || !c.Question.ByArea || c.Question.Filter != (stats.Filter{}) || c.Question.Basis != q.Basis {
		return nil, fmt.Errorf("disclose: a request without periods, or counts that are not for it: %w", amana.ErrInvalid)
	}
	p := &Plan{release: Release{
		ID: q.ID, Made: q.Made, Audience: q.Audience, Agreement: q.Agreement, Policy: q.Policy, Basis: q.Basis, Contributors: 1,
		Areas: append([]AreaSet{{}}, q.Areas...),
	}}
	for _, s := range q.Periods {
		p.release.Periods = append(p.release.Periods, s.String())
	}
	e := earlierOf(q, ledger)
	if p.Refusals = refuseOutright(q, e.all()); len(p.Refusals) > 0 {
		return p, nil
	}
	b, err := newBuild(c, areas, q, e)
	if err != nil {
		p.Refusals = append(p.Refusals, Refusal{Reason: Overlap, Release: culprit(c, areas, q, e.all())})
		return p, nil //nolint:nilerr // it is said in the plan
	}
	b.work(p)
	b.doubt(p, c, areas)
	for _, t := range stats.Tables() {
		b.write(p, t.ID)
	}
	return p, nil
}

func refuseOutright(q Request, ledger []Release) []Refusal {
	for i := range ledger {
		spans, err := ledger[i].spans()
		if err != nil || ledger[i].Basis == q.Basis {
			continue
		}
		for _, s := range spans {
			for _, own := range q.Periods {
				if s.First <= own.Last && own.First <= s.Last {
					return []Refusal{{Reason: OtherBasis, Period: own.String(), Release: ledger[i].ID}}
				}
			}
		}
	}
	if len(q.Areas) > 0 {
		for _, s := range q.Periods {
			if s.Months() < q.Policy.Finest {
				return []Refusal{{Reason: FinerThanAllowed, Period: s.String()}}
			}
		}
	}
	return nil
}

// culprit names an earlier release with which a request overlaps in part.
func culprit(c stats.Counts, areas []string, q Request, ledger []Release) string {
	for i := range ledger {
		if _, err := newBuild(c, areas, q, earlier{sure: ledger[i : i+1]}); err != nil {
			return ledger[i].ID
		}
	}
	return ""
}
