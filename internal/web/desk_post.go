package web

import (
	"context"

	"amana"
	"amana/internal/casework"
	"amana/internal/referral"
)

// Posting is the correspondence with partners who have Amana.
type Posting interface {
	PostKeeper
	Correspondent
	Packaging
	LetterLinks
	RemovePartner(ctx context.Context, id amana.RecordID) error
}

// LetterLinks are what letters and cases have to do with each other.
type LetterLinks interface {
	ReferralLetter(ctx context.Context, caseID, id amana.RecordID) ([]byte, error)
	OpenCaseFrom(ctx context.Context, in casework.Intake, letter amana.RecordID) (amana.RecordID, error)
	LinkLetter(ctx context.Context, letter amana.RecordID, code string) (amana.RecordID, error)
	LettersOf(ctx context.Context, caseID amana.RecordID) ([]casework.Letter, error)
}

// PostKeeper keeps the post box and the cards of partners.
type PostKeeper interface {
	Post() (own casework.Partner, card []byte, there bool)
	OpenPost(ctx context.Context, team amana.TeamID) error
	Partners() []casework.Partner
	LookAtCard(file []byte) (casework.Partner, error)
	AddPartner(ctx context.Context, file []byte) error
}

// Correspondent opens letters and answers them.
type Correspondent interface {
	TakeLetter(ctx context.Context, file []byte) (casework.Came, error)
	Letters(ctx context.Context) ([]casework.Letter, error)
	ReadLetter(ctx context.Context, id amana.RecordID) (casework.Letter, error)
	AnswerLetter(ctx context.Context, id amana.RecordID, reply referral.Reply) error
	AnswerFile(ctx context.Context, id amana.RecordID) ([]byte, error)
}
