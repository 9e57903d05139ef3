package web

import (
	"context"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
)

// FormFiller has the forms of the work, and saves what was filled in.
type FormFiller interface {
	Listening
	Forms() *forms.Set
	SaveForm(ctx context.Context, caseID amana.RecordID, c casework.FormChange) (amana.RecordID, error)
}
