package web

import (
	"context"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
)

// Listening is what clients say of the help.
type Listening interface {
	SaveFeedback(ctx context.Context, team amana.TeamID, fl forms.Filling) error
	ReadFeedback(ctx context.Context) (casework.Feedback, error)
}
