package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/exchange"
)

// fakeImport is a file at a desk. Whatever is begun is done at once, unless it stays.
type fakeImport struct {
	phase   casework.ImportPhase // "" without a file
	brought *exchange.File
	plan    casework.ImportPlan
	answers map[int]casework.Same
	stays   bool // what is begun goes on
	export  []byte

	exportAsked   casework.ExportPlan
	noExport      error
	exportState   string
	exportAnswers []bool
}

func (i *fakeImport) ImportState() (casework.ImportState, bool) {
	st := casework.ImportState{Phase: i.phase, File: i.brought, Plan: i.plan, Done: 120, Total: 480}
	switch i.phase {
	case casework.ImportTried, casework.ImportTaken, casework.ImportStopped:
		st.Report = sampleReport(i.answers)
	case casework.ImportReading, casework.ImportRead, casework.ImportTrying, casework.ImportTaking:
	}
	if i.phase == casework.ImportStopped {
		st.Wrong = "import.stopped.storage"
	}
	return st, i.phase != ""
}

func sampleReport(answers map[int]casework.Same) casework.ImportReport {
	r := casework.ImportReport{
		Rows: 480, New: 400, Here: 60, Changed: 3, Refused: 2, Later: 15, Cases: 390, Incidents: 400, Names: 12, Kept: 7,
		Counts:   []casework.ProblemCount{{Key: "import.problem.order", Rows: 4}, {Key: "import.problem.repeats", Refused: true, Rows: 2}},
		Problems: []exchange.Problem{{Line: 7, Column: "D", Field: "incident_date", Key: "import.problem.order"}, {Line: 9, Key: "import.problem.repeats", Refused: true}},
	}
	for line := 11; line < 26; line++ {
		d := casework.Doubt{
			Line: line, Code: amana.Conceal("S-12"), Name: amana.Conceal("Aïssata Exemple"), Case: recordID(1), CaseCode: "K7MX-2Q",
			Values:  casework.Values{"incident_date": event.Text("2026-01-31"), "sex": event.Text("female"), "age": event.Int(19)},
			Reasons: []string{"import.alike.incident", "import.alike.name"}, Incident: line%2 == 1, Answer: answers[line],
		}
		if line%5 == 0 {
			d.Case, d.OtherRow = amana.RecordID{}, 3
		}
		r.Doubts = append(r.Doubts, d)
	}
	return r
}

func (i *fakeImport) BringFile(ctx context.Context, r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	i.phase, i.answers = casework.ImportReading, map[int]casework.Same{}
	if i.brought, err = exchange.Open(ctx, bytes.NewReader(raw), int64(len(raw))); err != nil {
		i.phase = casework.ImportStopped
	} else if !i.stays {
		i.phase = casework.ImportRead
	}
	return nil
}

func (i *fakeImport) TryImport(_ context.Context, p casework.ImportPlan) error {
	if p.Status == "" {
		return casework.FieldErrors{"status": "invalid.required"}
	}
	i.plan, i.phase = p, casework.ImportTried
	return p.Mapping.Check()
}

func (i *fakeImport) DecideImport(answers map[int]casework.Same) error {
	maps.Copy(i.answers, answers)
	return nil
}

func (i *fakeImport) TakeImport(_ context.Context, rest casework.Same) error {
	i.plan.Rest, i.phase = rest, casework.ImportTaken
	if i.stays {
		i.phase = casework.ImportTaking
	}
	return nil
}

func (i *fakeImport) AgainImport(ctx context.Context, e exchange.Encoding, delimiter string) error {
	return i.brought.Again(ctx, e, delimiter)
}

func (i *fakeImport) StopImport()                    { i.phase = casework.ImportStopped }
func (i *fakeImport) DropImport()                    { i.phase = "" }
func (i *fakeImport) ImportTeams() []casework.Team   { return sampleTeams()[:2] }
func (i *fakeImport) ExportTeams() []casework.Team   { return sampleTeams()[:1] }
func (i *fakeImport) ExportReady() bool              { return i.export != nil }
func (i *fakeImport) DropExport()                    { i.export = nil }
func (i *fakeImport) Export(w io.Writer) (err error) { _, err = w.Write(i.export); return err }
func (i *fakeImport) PrepareExport(context.Context, amana.RecordID) (casework.ExportReport, error) {
	if i.noExport != nil {
		return casework.ExportReport{}, i.noExport
	}
	i.export = []byte("a workbook to " + i.exportAsked.Recipient)
	return casework.ExportReport{Incidents: 19, Withheld: 3}, nil
}

func (i *fakeImport) ProposeExport(_ context.Context, p casework.ExportPlan, reason amana.Private) (amana.RecordID, error) {
	if p.Language == "" || reason.IsEmpty() {
		return amana.RecordID{}, errors.New("no language, or no reason")
	}
	i.exportAsked = p
	return recordID(60), i.noExport
}

func (i *fakeImport) ExportProposal(_ context.Context, id amana.RecordID) (casework.ExportProposal, error) {
	if id != recordID(60) {
		return casework.ExportProposal{}, amana.ErrNotFound
	}
	p := casework.ExportProposal{LedgerRow: (&fakeClaims{cLedger: i.exportState}).entry(), Plan: casework.ExportPlan{Team: teamID(1), Recipient: "Groupe de travail", Language: "fr"}, Rows: 19}
	p.ID, p.Spoiled = id, i.exportState == "stopped"
	return p, nil
}

func (i *fakeImport) ExportProposals(ctx context.Context) ([]casework.ExportProposal, error) {
	p, err := i.ExportProposal(ctx, recordID(60))
	return []casework.ExportProposal{p}, err
}

func (i *fakeImport) AnswerExport(_ context.Context, _ amana.RecordID, approve bool, _ amana.Private) error {
	i.exportAnswers = append(i.exportAnswers, approve)
	return i.noExport
}

func (i *fakeImport) TakeBackExport(context.Context, amana.RecordID) error { return i.noExport }

func (i *fakeImport) Exchanges(context.Context) ([]casework.Exchanged, error) {
	return []casework.Exchanged{
		{Import: true, Format: "incident_recorder", Team: teamID(1), By: memberID(2), Started: "2026-10-31T09:30", Ended: "2026-10-31T09:31", Rows: 480, Incidents: 400, Cases: 390, Here: 60, Refused: 2, Later: 15},
		{Format: "incident_recorder", Source: "Groupe de travail", Team: teamID(1), By: memberID(1), Started: "2026-10-30T09:30", Incidents: 19, Withheld: 3},
	}, nil
}
