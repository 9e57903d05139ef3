package web

import (
	"context"

	"amana"
	"amana/internal/casework"
	"amana/internal/record"
)

// Care is what a case is for: help, in time, and the way to it.
type Care interface {
	Clocks
	Referring
	Guarding
	Directed
	Posting
}

// Clocks say what can still help, for whom, and until when.
type Clocks interface {
	Urgent(ctx context.Context) (list []casework.UrgentCase, more bool, err error)
	SetOutcome(ctx context.Context, caseID amana.RecordID, window, outcome string) error
	SetMissed(ctx context.Context, caseID amana.RecordID, window, reason string) error
	Unwritten
	BeginIncident(ctx context.Context, caseID amana.RecordID) (amana.RecordID, error)
}

// Unwritten are the hours of somebody of whom nothing is written down, or not yet.
type Unwritten interface {
	Hours(daysAgo int, part string) *casework.Clock
	HoursOf(a record.Assault) *casework.Clock
}

// Tabled are the tables that somebody in the country vouches for.
type Tabled interface {
	Table(name string) (casework.Table, error)
	EditTable(ctx context.Context, name string, content []byte) error
	SignTable(ctx context.Context, name string, s casework.SignOff) error
}
