package web

import (
	"context"
	"io"

	"amana"
	"amana/internal/casework"
	"amana/internal/exchange"
)

// Exchanger brings in what others have, and takes out what they may have.
type Exchanger interface {
	Importer
	ImportKeeper
	Exporter
	ExportAsker
}

// Importer brings a file in: read, planned, tried, decided about, taken in.
type Importer interface {
	ImportState() (casework.ImportState, bool)
	BringFile(ctx context.Context, r io.Reader) error
	TryImport(ctx context.Context, p casework.ImportPlan) error
	DecideImport(answers map[int]casework.Same) error
	TakeImport(ctx context.Context, rest casework.Same) error
}

// ImportKeeper is what else there is to a file that is brought.
type ImportKeeper interface {
	AgainImport(ctx context.Context, e exchange.Encoding, delimiter string) error
	StopImport()
	DropImport()
	ImportTeams() []casework.Team
	Exchanges(ctx context.Context) ([]casework.Exchanged, error)
}

// Exporter writes a workbook of the Incident Recorder.
type Exporter interface {
	ExportTeams() []casework.Team
	PrepareExport(ctx context.Context, proposal amana.RecordID) (casework.ExportReport, error)
	ExportReady() bool
	Export(w io.Writer) error
	DropExport()
}

// ExportAsker asks others about a workbook before it leaves.
type ExportAsker interface {
	ProposeExport(ctx context.Context, p casework.ExportPlan, reason amana.Private) (amana.RecordID, error)
	ExportProposals(ctx context.Context) ([]casework.ExportProposal, error)
	ExportProposal(ctx context.Context, id amana.RecordID) (casework.ExportProposal, error)
	AnswerExport(ctx context.Context, id amana.RecordID, approve bool, reason amana.Private) error
	TakeBackExport(ctx context.Context, id amana.RecordID) error
}
