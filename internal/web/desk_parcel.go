package web

import (
	"context"
	"io"

	"amana"
	"amana/internal/casework"
	"amana/internal/release"
)

// Packaging is what is released to partners, and what comes from them.
type Packaging interface {
	Packages(ctx context.Context) ([]casework.Package, error)
	ReadPackage(ctx context.Context, id amana.RecordID) (casework.Package, error)
	PackageFiles
	PackageAnswers
	PackageSender
}

// PackageFiles opens what came.
type PackageFiles interface {
	OpenPackage(ctx context.Context, id amana.RecordID) (r io.ReaderAt, size int64, done func() error, err error)
	CheckPackage(ctx context.Context, id amana.RecordID) (casework.PackageCheck, error)
}

// PackageAnswers says what becomes of what came.
type PackageAnswers interface {
	WantPackage(ctx context.Context, id amana.RecordID) error
	GiveUpPackage(ctx context.Context, id amana.RecordID) error
	KeepPackage(ctx context.Context, id amana.RecordID, reason string) error
}

// PackageSender sends what the gate cleared.
type PackageSender interface {
	PartnersFor(recipient amana.Private) []casework.Partner
	SendPackage(ctx context.Context, c release.Cleared, partner amana.RecordID, content io.Reader, size int64) error
	DossierFor() amana.Private
	SendDossier(ctx context.Context, partner amana.RecordID) (amana.RecordID, error)
}
