package web_test

import (
	"context"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/stats"
)

// fakeFigures counts invented incidents, and keeps one release.
type fakeFigures struct {
	figuresAreas   []casework.Area
	noIncidents    bool // the member's teams keep none
	tooFew         bool // so few that nothing can be shown
	guarded        bool // the guard refuses
	withRows       bool // the release has rows about single incidents
	figuresDone    bool // the release was released
	figuresAnswers []disclose.Approval
	figuresUnder   *disclose.Agreement
	forOthers      casework.Releasing
	figuresSaid    []string
	figuresNo      error // of every verb of a release
	fakeSettling
}

func sampleAreas() []casework.Area {
	return []casework.Area{{Name: "Marsafi", Region: "Nord"}, {Name: "Kelmo", Region: "Nord", Others: []string{"Quelmo"}}, {Name: "Vallon"}}
}

func countedIncidents(b *stats.Book, n int) []stats.Incident {
	for _, a := range sampleAreas() {
		b.Code(stats.Area, a.Name)
	}
	rows := make([]stats.Incident, n)
	for i := range rows {
		rows[i] = stats.Incident{
			Reported: stats.Day(20260101 + 100*(i%3) + i%20), Sex: stats.Code(1 + i%11/10), Age: stats.Code(i % 5),
			Type: stats.Code(i % 8), Elapsed: stats.Code(i % 6), Area: stats.Code(i % 4), Within72: stats.Answer(i % 3), From: stats.Code(i % 13),
			Relation: stats.Code(i % 14), Contexts: uint8(i % 7), Marital: stats.Code(i % 5),
		}
		rows[i].Consent = stats.Yes
		if i%9 == 0 {
			rows[i].Consent = stats.Answer(i % 2)
		}
		rows[i].Outcomes[stats.Health] = stats.Code(i % 7)
	}
	return rows
}

func (f *fakeFigures) Figures(_ context.Context, c casework.Counting) (casework.Figures, error) {
	b := &stats.Book{}
	rows := countedIncidents(b, 60)
	if f.noIncidents {
		rows = nil
	}
	span, err := stats.SpanOf(c.First, c.Last)
	if err != nil {
		return casework.Figures{}, amana.ErrInvalid
	}
	q := stats.Question{Span: span, Basis: c.Basis, Group: c.Group, ByArea: c.ByArea, Filter: stats.Filter{Sex: b.Code(stats.Sex, c.Sex)}}
	feedback := []stats.Feedback{{Good: 3}, {}}
	cases := []stats.Case{
		{Opened: 20260203, Assessed: stats.Yes, SafetyNeeded: stats.Yes, PlanDone: stats.Yes, PlanApproved: stats.Yes, Plans: 2, FollowUps: 3, Goals: [5]stats.Goal{stats.Reached, stats.OnTheWay}, Age: 2, Sex: 1, Disability: 2, Provided: 7},
		{Opened: 20260203, Closed: 20260310, Duration: 2, Reason: 3, Reviewed: stats.Yes, Age: 3, Sex: 2, Disability: 1, Provided: 2},
		{Opened: 20260204, Closed: 20260304, Duration: 1, Reason: 0, Age: 1},
	}
	return casework.Figures{
		Counting: c, Counts: stats.Add(rows, b, q), Book: b, Incidents: len(rows), Teams: []casework.Team{{Name: "Clinique"}},
		Indicators: stats.Indicators(stats.Facts{
			Incidents: rows, Cases: cases, Feedback: feedback, Directory: stats.Directory{Services: 9, Fresh: 7},
			Staff:     stats.Staff{Workers: 4, Supervisors: 1, Loads: []int{3, 12, 25, 31}, Nobodys: 2},
			Referrals: []stats.Referral{{Consented: 20260202, Received: 20260203, Hours: 20}},
		}, q), Areas: []string{"Marsafi", "Kelmo"},
	}, nil
}

func (f *fakeFigures) CountedCases(context.Context, casework.Counting, string, int, int) ([]casework.CaseRow, error) {
	return []casework.CaseRow{{ID: recordID(1), Code: "K7MX-Q9TR-5", Status: "open", Opened: noon}}, nil
}

func (f *fakeFigures) Areas() []casework.Area { return f.figuresAreas }

func (f *fakeFigures) SetAreas(_ context.Context, list []casework.Area) error {
	if len(list) == 0 {
		return casework.FieldErrors{"areas": "figures.areas.wrong"}
	}
	f.figuresAreas = list
	return nil
}

func (f *fakeFigures) planFigures(r casework.Releasing) (*disclose.Plan, error) {
	b := &stats.Book{}
	n := 90
	if f.tooFew {
		n = 3
	}
	rows := countedIncidents(b, n)
	span, err := stats.SpanOf(r.First, r.Last)
	if err != nil {
		return nil, err
	}
	a := f.FiguresAgreement()
	q := disclose.Request{
		ID: recordID(40).String(), Made: "2026-04-02", Audience: r.To, Policy: a.Policies[r.To], Agreement: a.ID, Basis: stats.ByReport, Periods: span.Periods(r.Group), Tables: r.Tables,
	}
	if r.Areas != casework.NoAreas {
		q.Areas = []disclose.AreaSet{{ID: "Marsafi"}, {ID: "Kelmo"}}
	}
	var ledger []disclose.Release
	if f.guarded {
		ledger = []disclose.Release{{
			ID: "r0", Audience: r.To, Policy: q.Policy, Basis: stats.ByReport, Contributors: 1, Areas: []disclose.AreaSet{{}}, Periods: []string{span.String()},
			Tables: []disclose.Released{{ID: "total", Rows: []string{"incidents"}, Cells: []int{78}}},
		}}
	}
	c := stats.Add(rows, b, stats.Question{Span: disclose.Cover(q, ledger), Basis: q.Basis, Group: stats.Month, ByArea: true})
	return disclose.Prepare(c, b.IDs(stats.Area), q, ledger)
}

func (f *fakeFigures) PlanFigures(_ context.Context, r casework.Releasing) (*casework.FiguresPlan, error) {
	f.forOthers = r
	if f.figuresNo != nil {
		return nil, f.figuresNo
	}
	p, err := f.planFigures(r)
	plan := &casework.FiguresPlan{Request: r, Plan: p, Counted: 80, Unread: 1, Left: stats.Left{Refused: 6, NotAsked: 4}}
	if r.Rows {
		plan.Rows = &casework.RowsPlan{Rows: f.sampleRows(), Risk: disclose.RiskOf(f.sampleRows())}
		if f.tooFew {
			plan.Rows.Why = "figures.rows.risk"
		}
	}
	return plan, err
}

// sampleRows are what a release without areas and with the type alone comes to.
func (f *fakeFigures) sampleRows() []disclose.Micro {
	b := &stats.Book{}
	var list []disclose.Micro
	for _, in := range countedIncidents(b, 90) {
		if in.Included() {
			list = append(list, disclose.Micro{Month: "2026-01/2026-03", Type: b.ID(stats.Type, in.Type)})
		}
	}
	return list
}

func (f *fakeFigures) SafeRows(ctx context.Context, id amana.RecordID) (disclose.SafeRows, error) {
	safe, err := f.SafeFigures(ctx, id)
	if err != nil {
		return disclose.SafeRows{}, err
	}
	if len(f.sampleRelease().Rows) == 0 {
		return disclose.SafeRows{}, amana.ErrNotFound
	}
	rows, _, err := disclose.ClearRows(safe, f.sampleRows())
	return rows, err
}

func (f *fakeFigures) SumFigures(_ context.Context, to disclose.Audience, contributions []disclose.Release) (*casework.FiguresPlan, error) {
	p, err := disclose.Consolidate(disclose.Request{ID: recordID(40).String(), Made: "2026-04-02", Audience: to, Policy: disclose.DefaultPolicy(to)}, contributions, nil)
	return &casework.FiguresPlan{Request: casework.Releasing{To: to, First: "2026-01", Last: "2026-03"}, Plan: p}, err
}

func (f *fakeFigures) ProposeFigures(context.Context, *casework.FiguresPlan) (amana.RecordID, error) {
	f.figuresSaid = append(f.figuresSaid, "proposed")
	return recordID(40), f.figuresNo
}

func (f *fakeFigures) sampleRelease() casework.FiguresRelease {
	r := casework.Releasing{To: disclose.Partners, First: "2026-01", Last: "2026-03", Group: stats.Month, Areas: casework.ByAreas, Text: "{organisation}: {total}, {period}\n\n{to}"}
	if f.withRows {
		r = casework.Releasing{To: disclose.Partners, First: "2026-01", Last: "2026-03", Group: stats.Whole, Rows: true, Tables: disclose.RowTables(nil)}
	}
	p, err := f.planFigures(r)
	if err != nil {
		panic(err)
	}
	one := casework.FiguresRelease{
		ID: recordID(40), Request: r, Release: p.Preview(), Agreement: f.FiguresAgreement(), Approvals: f.figuresAnswers, By: memberID(1), On: noon, Mine: true,
	}
	one.Missing = one.Agreement.Missing(&one.Release, one.Approvals)
	if f.figuresDone {
		one.Done = noon
	}
	if f.withRows {
		one.Rows = f.sampleRows()
	}
	return one
}

func (f *fakeFigures) FiguresReleases(context.Context) ([]casework.FiguresRelease, error) {
	if f.tooFew {
		return nil, nil
	}
	return []casework.FiguresRelease{f.sampleRelease()}, nil
}

func (f *fakeFigures) FiguresRelease(_ context.Context, id amana.RecordID) (casework.FiguresRelease, error) {
	if id != recordID(40) {
		return casework.FiguresRelease{}, amana.ErrNotFound
	}
	return f.sampleRelease(), nil
}

func (f *fakeFigures) AnswerFigures(_ context.Context, _ amana.RecordID, party string, yes bool) error {
	if f.figuresNo != nil {
		return f.figuresNo
	}
	f.figuresAnswers = append(f.figuresAnswers, disclose.Approval{Party: party, Release: recordID(40).String(), Yes: yes, On: "2026-04-02"})
	return nil
}

func (f *fakeFigures) FinishFigures(context.Context, amana.RecordID) error {
	if f.figuresNo == nil {
		f.figuresDone = true
	}
	return f.figuresNo
}

func (f *fakeFigures) SafeFigures(context.Context, amana.RecordID) (disclose.Safe, error) {
	one := f.sampleRelease()
	if !f.figuresDone {
		return disclose.Safe{}, amana.ErrRefused
	}
	return disclose.ClearRelease(one.Release, one.Agreement, one.Approvals)
}

func (f *fakeFigures) FiguresAgreement() disclose.Agreement {
	if f.figuresUnder != nil {
		return *f.figuresUnder
	}
	a := disclose.Agreement{ID: "own", Name: "Accord inventé", Parties: []string{"Clinique", "Autre organisation"}, Day: 5, From: "2026-01-01", Policies: map[disclose.Audience]disclose.Policy{}}
	for _, to := range disclose.Audiences() {
		a.Policies[to] = disclose.DefaultPolicy(to)
	}
	return a
}

func (f *fakeFigures) SetFiguresAgreement(_ context.Context, a disclose.Agreement) error {
	f.figuresUnder = &a
	return nil
}
