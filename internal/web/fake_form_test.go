package web_test

import (
	"context"
	"errors"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/xlsform"
)

// fakeForms has the forms of the project, and notes what was filled in. What is
// wrong with it is said as casework says it.
type fakeForms struct {
	filled casework.FormChange
}

func (f *fakeForms) Forms() *forms.Set { return forms.Builtin() }

func (f *fakeCases) SaveForm(_ context.Context, id amana.RecordID, c casework.FormChange) (amana.RecordID, error) {
	f.filled = c
	st := c.Filling.State(nil, xlsform.Env{Now: noon})
	if faults := c.Filling.Check(st, noon, func(string) bool { return true }); len(faults) > 0 {
		return id, faults
	}
	return id, f.wrought("form ", c.Filling.Form.ID, " ", id)
}

// wrongIn is what casework says of an intake, or nil.
func wrongIn(in casework.Intake) error {
	fields, faults := casework.CheckIntake(in, noon)
	if len(fields)+len(faults) == 0 {
		return nil
	}
	return errors.Join(fields, faults)
}
