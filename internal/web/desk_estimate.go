package web

import (
	"context"
	"io"

	"amana"
	"amana/internal/casework"
)

// Estimating estimates how many there are of whom no list has everyone.
type Estimating interface {
	Estimator
	EstimateReader
}

// Estimator runs one estimate at a time.
type Estimator interface {
	EstimateCaptures(ctx context.Context, r io.Reader, seed uint64) error
	EstimateClaims(ctx context.Context, ask casework.EstimateAsk) error
	StopEstimate()
	DropEstimate()
}

// EstimateReader says how it stands, and what is on record.
type EstimateReader interface {
	EstimatesOn() bool
	EstimateState() (casework.EstimateState, bool)
	Estimates(ctx context.Context) ([]casework.Estimation, error)
	ReadEstimate(ctx context.Context, id amana.RecordID) (casework.Estimation, error)
}
