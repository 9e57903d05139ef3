package web

import (
	"context"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
)

// Figuring counts, and shows to others what may be shown.
type Figuring interface {
	Counted
	Proposer
	Publisher
	Settler
}

// Settler says what a release was that was begun more than once.
type Settler interface {
	Disputes(ctx context.Context) ([]casework.Dispute, error)
	Dispute(ctx context.Context, id amana.RecordID) (casework.Dispute, error)
	SettleRelease(ctx context.Context, id amana.RecordID, digests []string) error
}

// Counted are figures for those who may read the cases.
type Counted interface {
	Figures(ctx context.Context, c casework.Counting) (casework.Figures, error)
	CountedCases(ctx context.Context, c casework.Counting, table string, row, period int) ([]casework.CaseRow, error)
	Areas() []casework.Area
	SetAreas(ctx context.Context, list []casework.Area) error
}

// Proposer puts figures forward to be shown.
type Proposer interface {
	Planner
	ProposeFigures(ctx context.Context, p *casework.FiguresPlan) (amana.RecordID, error)
	FiguresReleases(ctx context.Context) ([]casework.FiguresRelease, error)
	FiguresRelease(ctx context.Context, id amana.RecordID) (casework.FiguresRelease, error)
	AnswerFigures(ctx context.Context, id amana.RecordID, party string, yes bool) error
}

// Planner works out what may be shown.
type Planner interface {
	PlanFigures(ctx context.Context, r casework.Releasing) (*casework.FiguresPlan, error)
	SumFigures(ctx context.Context, to disclose.Audience, contributions []disclose.Release) (*casework.FiguresPlan, error)
}

// Publisher lets figures leave.
type Publisher interface {
	FinishFigures(ctx context.Context, id amana.RecordID) error
	SafeFigures(ctx context.Context, id amana.RecordID) (disclose.Safe, error)
	SafeRows(ctx context.Context, id amana.RecordID) (disclose.SafeRows, error)
	FiguresAgreement() disclose.Agreement
	SetFiguresAgreement(ctx context.Context, a disclose.Agreement) error
}
