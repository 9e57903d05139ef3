package casework

import (
	"context"
	"slices"

	"amana"
	"amana/internal/disclose"
	"amana/internal/stats"
)

// sumScope stands in the ledger for what adds up several organisations.
const sumScope = "sum"

// LargestContribution is the most bytes of a file with another organisation's figures.
const LargestContribution = 16 << 20

// SumFigures adds up what several organisations released to the coordination, against
// what was added up before. Nothing of the sum says who had what. Kinds: ErrInvalid for
// contributions that are not of one shape, ErrRefused.
func (d *Desk) SumFigures(ctx context.Context, to disclose.Audience, contributions []disclose.Release) (*FiguresPlan, error) {
	if err := d.mayPropose(); err != nil {
		return nil, err
	}
	ledger, err := d.ledger(ctx)
	if err != nil {
		return nil, err
	}
	a := d.FiguresAgreement()
	p := &FiguresPlan{Request: Releasing{To: to, Group: stats.Whole}, scope: sumScope}
	p.known = ledger.known()
	var earlier []disclose.Release
	for _, l := range slices.Concat(ledger.left, ledger.doubtful) {
		if l.scope == sumScope {
			earlier = append(earlier, l.Release)
		}
	}
	q := disclose.Request{
		ID: d.session.NewRecord(amana.KindFigures).String(), Made: d.today(), Audience: to, Policy: a.Policies[to], Agreement: a.ID,
	}
	if p.Plan, err = disclose.Consolidate(q, contributions, earlier); err != nil {
		return nil, err
	}
	p.Request.First, p.Request.Last = bounds(contributions)
	return p, nil
}

// bounds are the first and the last month of what was brought.
func bounds(contributions []disclose.Release) (first, last string) {
	var whole stats.Span
	for i := range contributions {
		for _, text := range contributions[i].Periods {
			s, err := stats.ParseSpan(text)
			if err != nil {
				continue
			}
			if whole == (stats.Span{}) {
				whole = s
			}
			whole = stats.Span{First: min(whole.First, s.First), Last: max(whole.Last, s.Last)}
		}
	}
	if whole == (stats.Span{}) {
		return "", ""
	}
	from, to := stats.Span{First: whole.First, Last: whole.First}, stats.Span{First: whole.Last, Last: whole.Last}
	return from.String(), to.String()
}
