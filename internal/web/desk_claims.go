package web

import (
	"context"

	"amana"
	"amana/internal/casework"
	"amana/internal/claim"
	"amana/internal/huridocs"
	"amana/internal/release"
)

// Claiming is the work of the accountability compartment, and what leaves.
type Claiming interface {
	ClaimReader
	ClaimWriter
	ClaimJudge
	Releaser
	Answering
}

// ClaimReader reads incidents that stand alone, with who says so. Reading one is
// itself recorded.
type ClaimReader interface {
	Claims(ctx context.Context) (claim.World, error)
	ReadClaim(ctx context.Context, id amana.RecordID) (casework.ClaimFile, error)
	ClaimsTeam() (amana.TeamID, error)
	Boundaries() []byte
	SetBoundaries(ctx context.Context, file []byte) error
}

// ClaimWriter writes them down.
type ClaimWriter interface {
	BeginClaim(ctx context.Context, kind amana.Kind, values casework.Values) (amana.RecordID, error)
	ChangeClaim(ctx context.Context, id amana.RecordID, version uint64, values casework.Values) error
	AddClaimItem(ctx context.Context, id amana.RecordID, list string, values casework.Values) (string, error)
	ChangeClaimItem(ctx context.Context, id amana.RecordID, version uint64, list, item string, values casework.Values) error
}

// ClaimJudge records what somebody decides of them.
type ClaimJudge interface {
	StrikeAttribution(ctx context.Context, id amana.RecordID, item string, why amana.Private) error
	RelateIncidents(ctx context.Context, a, b amana.RecordID, as string, reason amana.Private) error
	// ImportClaims begins the records of a file of others.
	ImportClaims(ctx context.Context, records []huridocs.Record) error
	EraseClaim(ctx context.Context, id amana.RecordID, reason, code, contested string) error
	// Recalls are what recipients are still to be told of, for those who release.
	Recalls(ctx context.Context) ([]casework.Recall, error)
}

// Releaser lets leave what may. Only Clear hands out what an exporter takes.
type Releaser interface {
	PreviewRelease(ctx context.Context, a casework.ReleaseAsk) (release.Preview, error)
	Clear(ctx context.Context, a casework.ReleaseAsk) (release.Cleared, error)
	Proposing
	Ledgering
	Saying
}

// Proposing asks others about a release, and answers.
type Proposing interface {
	ProposeRelease(ctx context.Context, a casework.ReleaseAsk, reason amana.Private) (amana.RecordID, error)
	AnswerProposal(ctx context.Context, id amana.RecordID, approve bool, reason amana.Private) error
}

// Saying keeps what public briefs said, so that no two of them tell what neither does.
type Saying interface {
	SaidBefore(ctx context.Context, except amana.RecordID) (func(incident amana.RecordID) string, error)
	NoteSaid(ctx context.Context, c release.Cleared, said map[amana.RecordID]string) error
}

// Ledgering reads the ledger of what left, and goes on with it.
type Ledgering interface {
	Ledger(ctx context.Context) ([]casework.LedgerRow, error)
	LedgerEntry(ctx context.Context, id amana.RecordID) (casework.LedgerRow, error)
	TakeBackProposal(ctx context.Context, id amana.RecordID) error
	NoteTold(ctx context.Context, id amana.RecordID, how amana.Private) error
	ReleaseRules() release.Rules
}

// Answering is what people say of the use of what they told, and what ever left
// about them.
type Answering interface {
	AnswerAccount(ctx context.Context, id amana.RecordID, list ...casework.Answers) error
	AnswerCase(ctx context.Context, caseID amana.RecordID, list ...casework.Answers) error
	ConsentText() casework.ReportingNotice
	LeftOfCase(ctx context.Context, caseID amana.RecordID) (casework.LeftAbout, error)
	LeftOfAccount(ctx context.Context, id amana.RecordID) (casework.LeftAbout, error)
}
