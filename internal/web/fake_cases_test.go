package web_test

import (
	"context"

	"amana"
	"amana/internal/casework"
)

// fakeCases answers for the cases on a desk. It is empty until sample cases are
// put on it.
type fakeCases struct {
	today casework.Today
	list  casework.CaseList
	file  casework.CaseFile
}

func (f *fakeCases) Today(context.Context) (casework.Today, error) { return f.today, nil }

func (f *fakeCases) Cases(context.Context, casework.Query) (casework.CaseList, error) {
	return f.list, nil
}

func (f *fakeCases) OpenCase(context.Context, casework.Intake) (amana.RecordID, error) {
	return recordID(1), nil
}

func (f *fakeCases) ReadCase(context.Context, amana.RecordID) (casework.CaseFile, error) {
	return f.file, nil
}

func (f *fakeCases) History(context.Context, amana.RecordID, amana.RecordID, string) ([]casework.PastValue, error) {
	return nil, nil
}

func (f *fakeCases) ChangeRecord(context.Context, amana.RecordID, casework.Change) error { return nil }

func (f *fakeCases) SetConsent(context.Context, amana.RecordID, []casework.Consent) error { return nil }
func (f *fakeCases) AddNote(context.Context, amana.RecordID, amana.Private) error         { return nil }
func (f *fakeCases) AddFollowUp(context.Context, amana.RecordID, casework.Values) error   { return nil }
func (f *fakeCases) CloseCase(context.Context, amana.RecordID, casework.Values) error     { return nil }
func (f *fakeCases) ReopenCase(context.Context, amana.RecordID) error                     { return nil }
func (f *fakeCases) EraseCase(context.Context, amana.RecordID, string, string) error      { return nil }
