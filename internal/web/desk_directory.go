package web

import (
	"context"
	"io"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
)

// Directed is the directory of services.
type Directed interface {
	ServiceReader
	ServiceKeeper
	ServiceFiles
}

// ServiceReader reads the directory. It knows no survivor.
type ServiceReader interface {
	Services(ctx context.Context) (*directory.Directory, error)
	ServiceByID(ctx context.Context, id amana.RecordID) (directory.Service, error)
	ServiceHistory(ctx context.Context, id amana.RecordID) ([]casework.ServiceMoment, error)
	ServiceRights() casework.ServiceRights
	Speeds() directory.Speeds
}

// ServiceKeeper changes one service.
type ServiceKeeper interface {
	WriteService(ctx context.Context, id amana.RecordID, p directory.Plain) (amana.RecordID, error)
	ClassifyService(ctx context.Context, id amana.RecordID, classes map[string]directory.Class) error
	VerifyService(ctx context.Context, id amana.RecordID) error
	SetStock(ctx context.Context, id amana.RecordID, stock, answer string) error
	RetireService(ctx context.Context, id amana.RecordID, status directory.Status) error
}

// ServiceFiles takes directories in, and lets out what an audience may be told.
type ServiceFiles interface {
	PlanServices(ctx context.Context, r io.Reader) (casework.ServiceImport, error)
	ImportServices(ctx context.Context, in casework.ServiceImport) (int, error)
	ExportServices(ctx context.Context, a directory.Audience) (directory.Projection, error)
	Publish(page []byte) error
}
