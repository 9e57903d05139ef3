package web

import (
	"context"
	"io"

	"amana"
	"amana/internal/casework"
)

// Proving is what is kept as evidence, and how it leaves.
type Proving interface {
	Evidencing
	DossierMaking
}

// Evidencing is the work with items of evidence.
type Evidencing interface {
	TakeEvidence(ctx context.Context, in casework.NewEvidence, r io.Reader) (amana.RecordID, error)
	EvidenceOf(ctx context.Context, caseID amana.RecordID) ([]casework.Evidence, error)
	ViewEvidence(ctx context.Context, caseID, id amana.RecordID) (*casework.EvidenceFile, error)
	AddCustody(ctx context.Context, caseID, id amana.RecordID, what string, words map[string]amana.Private) error
	CopyEvidence(ctx context.Context, caseID, id amana.RecordID, title amana.Private, regions []casework.Region) (amana.RecordID, error)
}

// DossierMaking lets evidence leave.
type DossierMaking interface {
	PrepareDossier(ctx context.Context, p casework.DossierPlan) error
	DossierReady() int64
	Dossier(w io.Writer) error
	DropDossier()
}
