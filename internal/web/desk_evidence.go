package web

import (
	"context"
	"io"

	"amana"
	"amana/internal/casework"
	"amana/internal/release"
)

// Proving is what is kept as evidence, and how it leaves.
type Proving interface {
	Evidencing
	EvidenceCopying
	DossierPlanning
	DossierMaking
	Stamping
}

// Evidencing is the work with items of evidence.
type Evidencing interface {
	TakeEvidence(ctx context.Context, in casework.NewEvidence, r io.Reader) (amana.RecordID, error)
	EvidenceOf(ctx context.Context, caseID amana.RecordID) ([]casework.Evidence, error)
	ViewEvidence(ctx context.Context, caseID, id amana.RecordID) (*casework.EvidenceFile, error)
	AddCustody(ctx context.Context, caseID, id amana.RecordID, what string, words map[string]amana.Private) error
}

// EvidenceCopying makes working copies, and says what items are about.
type EvidenceCopying interface {
	CopyEvidence(ctx context.Context, caseID, id amana.RecordID, title amana.Private, plan casework.CopyPlan) (amana.RecordID, error)
	SetEvidenceIncident(ctx context.Context, caseID, id, incident amana.RecordID) error
}

// DossierPlanning says what of evidence would leave, and asks others about it.
type DossierPlanning interface {
	PreviewDossier(ctx context.Context, p casework.DossierPlan) (release.Preview, error)
	ProposeDossier(ctx context.Context, p casework.DossierPlan, reason amana.Private) (amana.RecordID, error)
	ProposedDossier(ctx context.Context, proposal amana.RecordID) (casework.DossierPlan, error)
}

// Stamping has authorities confirm when evidence existed.
type Stamping interface {
	Stamping(ctx context.Context) (casework.Stamping, error)
	Authority() casework.Authority
	SetAuthority(ctx context.Context, a casework.Authority) error
	AskAuthority(ctx context.Context) (answered int, err error)
}

// DossierMaking lets evidence leave.
type DossierMaking interface {
	PrepareDossier(ctx context.Context, p casework.DossierPlan) error
	DossierReady() int64
	Dossier(w io.Writer) error
	DropDossier()
}
