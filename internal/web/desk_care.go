package web

import (
	"context"

	"amana"
	"amana/internal/casework"
)

// Guarding is what stands before a case is opened and before an account is taken.
type Guarding interface {
	FindKnown(ctx context.Context, k casework.Known) ([]casework.Match, error)
	AskAccount(ctx context.Context, caseID amana.RecordID, reason amana.Private) error
	Reporting() casework.ReportingNotice
}
