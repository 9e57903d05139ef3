package demo

import (
	"context"
	"fmt"
	"time"

	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/stats"
)

// Shown puts figures of the last four quarters forward as a supervisor, and has them agreed
// to and released by another member, as an organisation does each quarter. An analyst
// then sees what analysts do: what was shown, and no case. Where there are too few cases
// for anything to be shown, nothing is.
func Shown(ctx context.Context, supervisor, officer *casework.Desk, now time.Time) error {
	quarter := time.Date(now.Year(), now.Month()-(now.Month()-1)%3, 1, 0, 0, 0, 0, time.UTC) // this one, not over yet
	first, last := quarter.AddDate(-1, 0, 0), quarter.AddDate(0, -1, 0)
	ask := casework.Releasing{
		To: disclose.Partners, First: first.Format("2006-01"), Last: last.Format("2006-01"), Group: stats.Whole, Areas: casework.ByAreas,
		Text: "{organisation}, {period} : {total} incidents nous ont été confiés et peuvent être comptés. Ce ne sont que des personnes qui sont venues nous voir.",
	}
	p, err := supervisor.PlanFigures(ctx, ask)
	if err == nil && !tells(p.Plan) { // few cases
		ask.Areas = casework.NoAreas
		p, err = supervisor.PlanFigures(ctx, ask)
	}
	if err != nil {
		return fmt.Errorf("demo: figures: %w", err)
	}
	if !tells(p.Plan) {
		return nil
	}
	id, err := supervisor.ProposeFigures(ctx, p)
	if err != nil {
		return fmt.Errorf("demo: figures: %w", err)
	}
	for _, party := range supervisor.FiguresAgreement().Parties {
		if err := officer.AnswerFigures(ctx, id, party, true); err != nil {
			return fmt.Errorf("demo: figures: %w", err)
		}
	}
	if err := officer.FinishFigures(ctx, id); err != nil {
		return fmt.Errorf("demo: figures: %w", err)
	}
	return nil
}

// tells reports whether the headline of each period would be shown.
func tells(p *disclose.Plan) bool {
	r := p.Preview()
	t := r.Table("total")
	for period := range r.Periods {
		if t == nil || r.At(t, 0, 0, period) < r.Policy.Threshold {
			return false
		}
	}
	return len(p.Refusals) == 0
}
