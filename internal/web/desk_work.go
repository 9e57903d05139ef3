package web

import (
	"context"

	"amana"
	"amana/internal/casework"
)

// Working is the work around cases: what is due, who has them, who answers for
// what.
type Working interface {
	Errands
	Approving
	Transferring
	Overseeing
	Remembering
}

// Errands are what is to be done and to be kept in mind.
type Errands interface {
	Tasks(ctx context.Context, q casework.DueQuery) (casework.DueList, error)
	AddTask(ctx context.Context, caseID amana.RecordID, what amana.Private, due string) error
	FinishTask(ctx context.Context, caseID amana.RecordID, item string) error
	AddFlag(ctx context.Context, caseID amana.RecordID, text amana.Private, until string) error
	ResolveFlag(ctx context.Context, caseID amana.RecordID, item string) error
}

// Approving is asking a supervisor, and answering as one.
type Approving interface {
	AskApproval(ctx context.Context, caseID amana.RecordID, what string, comment amana.Private) error
	DecideApproval(ctx context.Context, caseID amana.RecordID, item string, yes bool, comment amana.Private) error
	BreakGlass(ctx context.Context, caseID amana.RecordID, reason amana.Private) error
}

// Transferring gives a case to somebody else.
type Transferring interface {
	OfferCase(ctx context.Context, caseID amana.RecordID, to amana.MemberID, comment amana.Private) error
	AnswerTransfer(ctx context.Context, caseID amana.RecordID, item string, accept bool, comment amana.Private) error
	MoveCase(ctx context.Context, caseID amana.RecordID, m casework.Move) (amana.RecordID, error)
	WithdrawTransfer(ctx context.Context, caseID amana.RecordID, item string) error
}

// Overseeing looks at the work of a team, without names.
type Overseeing interface {
	Supervision(ctx context.Context) (casework.Supervision, error)
	Boards(ctx context.Context) (map[string][]casework.Board, error)
}

// Remembering keeps how this member looks at a list, until another time.
type Remembering interface {
	Keep(list string, how any) error
	Kept(list string, how any)
}
