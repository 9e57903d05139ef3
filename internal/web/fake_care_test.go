package web_test

import (
	"context"

	"amana"
	"amana/internal/casework"
	"amana/internal/child"
	"amana/internal/event"
)

// fakeCare answers for what comes before a case and before an account.
type fakeCare struct {
	known    casework.Known
	again    string
	unnamed  bool // no notice is written down
	noAnswer error
}

func (f *fakeCare) FindKnown(_ context.Context, k casework.Known) ([]casework.Match, error) {
	f.known = k
	rows := sampleRows()
	return []casework.Match{
		{CaseRow: rows[0], Code: true, Name: true}, {CaseRow: rows[1], Nearly: true}, {CaseRow: rows[2], Phone: true}, {CaseRow: rows[3], Name: true},
	}, nil
}

func (f *fakeCare) AskAccount(_ context.Context, _ amana.RecordID, reason amana.Private) error {
	f.again = reason.Reveal()
	return f.noAnswer
}

func (f *fakeCare) Reporting() casework.ReportingNotice {
	if f.unnamed {
		return casework.ReportingNotice{}
	}
	return casework.ReportingNotice{Version: "notice-1", Country: "ML", Words: map[string]string{"fr": "Avis inventé : rien ne doit être signalé sans elle."}}
}

// ofAChild is the sample case as one of a child of eleven whose caregiver may be
// involved, and of whom an account stands already.
func ofAChild() *casework.CaseFile {
	f := sampleFile()
	f.Work.Minor = casework.Minor{Rule: child.Default().Rule(11, true, child.Involved), Carer: child.Involved}
	f.Work.Guard = casework.Guard{Asked: true, Earlier: true, Needed: 1}
	f.Consents[0].GivenBy = child.Guardian
	for i := range f.Case.Cells {
		switch f.Case.Cells[i].Name {
		case "assessment_presenting_problem":
			f.Case.Cells[i].Value = event.Value{}
		case "age":
			f.Case.Cells[i].Value = event.Int(11)
		}
	}
	return &f
}
