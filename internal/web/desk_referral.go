package web

import (
	"context"

	"amana"
	"amana/internal/casework"
	"amana/internal/referral"
)

// Referring is the work with referrals.
type Referring interface {
	ReferralReader
	ReferralWriter
	FollowUpPlanner
}

// ReferralReader reads referrals. Reading one is an opening of its case.
type ReferralReader interface {
	Referrals(ctx context.Context, q casework.ReferralQuery) (casework.ReferralList, error)
	ReadReferral(ctx context.Context, caseID, id amana.RecordID) (casework.ReferralFile, error)
	PlannedNeeds(ctx context.Context, caseID amana.RecordID) ([]casework.PlannedNeed, error)
}

// ReferralWriter moves referrals. Only SendReferral hands out what may leave.
type ReferralWriter interface {
	ProposeReferral(ctx context.Context, caseID amana.RecordID, n casework.NewReferral) (amana.RecordID, error)
	AgreeReferral(ctx context.Context, caseID, id amana.RecordID, a casework.Agreement) error
	SendReferral(ctx context.Context, caseID, id amana.RecordID, way casework.Dispatch) (referral.Package, error)
	StepReferral(ctx context.Context, caseID, id amana.RecordID, n casework.ReferralStep) error
	TakeBackStep(ctx context.Context, caseID, id amana.RecordID, item string) error
}

// FollowUpPlanner puts days on which to see her again on her case, and holds the
// table that proposes them.
type FollowUpPlanner interface {
	PlanFollowUp(ctx context.Context, caseID amana.RecordID, day string) error
	ReferralTable() referral.Table
	AdoptReferralTable(ctx context.Context, t referral.Table) error
}
