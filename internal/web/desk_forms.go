package web

import (
	"context"

	"amana/internal/casework"
)

// FormKeeper says which forms are in use, and changes them.
type FormKeeper interface {
	AdoptedForms() []casework.AdoptedForm
	TryForm(workbook []byte) casework.FormTrial
	AdoptForm(ctx context.Context, workbook []byte) error
	RestoreForm(ctx context.Context, id string) error
	FormWorkbook(id string, builtIn bool) ([]byte, bool)
}
