package casework

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// The workbook for the Incident Recorder has a row for each incident, so that others look
// at it before it leaves, whatever the number. What is put forward names each row and what
// it rests on: the entries that say what the incident was, and her answers. Approvals are
// for exactly that. What says something else by then stays, and so does what she took back;
// what came since is of the next workbook. Its record is of kind [amana.KindExchange], with
// steps as those of a release.

// rowLabel separates the digest of what a row rests on from others.
const rowLabel = "amana/1/row of a workbook"

// rowsInStep is how many rows stand in one field of the ledger.
const rowsInStep = 200

// answersDigest stands for her answers, in whatever order they came to this device.
func answersDigest(said []seal.Hash) seal.Hash {
	said = slices.SortedFunc(slices.Values(said), func(a, b seal.Hash) int { return slices.Compare(a[:], b[:]) })
	d := seal.NewDigest(rowLabel)
	for i := range said {
		d.Add(said[i][:])
	}
	return d.Sum()
}

// wanted reports whether an incident is one of those of the workbook, by what its row
// rests on.
func (e *export) wanted(o *vault.Opened, answers seal.Hash) bool {
	d := seal.Digest(rowLabel, o.ID[:], o.State[:], answers[:])
	rests := hex.EncodeToString(d[:])
	if e.out == nil {
		e.rows[o.ID] = rests
		return true
	}
	return e.want[o.ID] == rests
}

// takeRows reads which rows a step names.
func (r *LedgerRow) takeRows(text string) {
	if r.rows == nil {
		r.rows = map[amana.RecordID]string{}
	}
	words := strings.Fields(text)
	for i := 0; i+1 < len(words); i += 2 {
		if id, err := amana.ParseID[amana.Record](words[i]); err == nil {
			r.rows[id] = words[i+1]
		}
	}
}

// ExportProposal is a workbook that was put forward, and how it stands.
type ExportProposal struct {
	LedgerRow
	Plan   ExportPlan
	Rows   int // that were put forward
	chunks int // parts that left before

	withheld int // incidents that her answer kept out of it
}

// ProposeExport puts a workbook forward, with the rows that may leave now, for others to
// agree to. Nothing leaves. Kinds: FieldErrors; ErrRefused as [*Refusal] where there is no
// row; ErrStorage.
func (d *Desk) ProposeExport(ctx context.Context, p ExportPlan, reason amana.Private) (amana.RecordID, error) {
	none := amana.RecordID{}
	if err := d.session.Arriving(); err != nil {
		return none, err
	}
	if err := d.mayExport(p); err != nil {
		return none, err
	}
	if fault := recordLine(reason.Reveal()); fault != "" {
		return none, FieldErrors{"reason": fault}
	}
	if err := d.listsAreWhole(); err != nil {
		return none, err
	}
	e := &export{
		ctx: ctx, desk: d, plan: p, run: d.session.NewRecord(amana.KindExchange), seen: map[amana.RecordID]bool{}, rows: map[amana.RecordID]string{},
	}
	if err := e.all(); err != nil {
		return none, err
	}
	if len(e.agreed) == 0 {
		return none, refusal("export.none")
	}
	facts := append(sets(Values{
		"direction": event.Text("export"), "format": event.Text(string(exchange.Recorder)), "recipient": event.Text(p.Recipient),
		"team": event.Text(p.Team.String()), "language": event.Text(p.Language),
		"withheld": event.Int(int64(e.report.Withheld)),
	}), d.stepWith(ledgerProposed, reason, Values{
		"purpose": event.Text(string(amana.PurposeStatistics)), "recipient": event.Text(p.Recipient), "format": event.Text(string(exchange.Recorder)),
	})...)
	for part := range slices.Chunk(e.agreed, rowsInStep) {
		words := make([]string, len(part))
		for i, id := range part {
			words[i] = id.String() + " " + e.rows[id]
		}
		facts = append(facts, d.stepWith(ledgerRows, amana.Private{}, Values{"records": event.Text(strings.Join(words, " "))})...)
	}
	return e.run, d.session.Save(ctx, vault.Change{
		Record: e.run, Begin: &vault.Begin{Kind: amana.KindExchange, Teams: []amana.TeamID{p.Team}}, Facts: facts,
	})
}

// ExportProposal returns one. Kind: ErrNotFound.
func (d *Desk) ExportProposal(ctx context.Context, id amana.RecordID) (ExportProposal, error) {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		return ExportProposal{}, err
	}
	first := func(name string) string { p, _ := o.First(name); return p.Value.Reveal() }
	p := ExportProposal{LedgerRow: d.rowIn(&o)}
	team, err := amana.ParseID[amana.Team](first("team"))
	if o.Kind != amana.KindExchange || p.State == "" && !p.Spoiled || err != nil {
		return ExportProposal{}, fmt.Errorf("casework: export %s: was not put forward: %w", id, amana.ErrNotFound)
	}
	p.Plan, p.Rows = ExportPlan{Team: team, Recipient: first("recipient"), Language: first("language")}, len(p.rows)
	p.Proposal.Scope.Records = slices.SortedFunc(maps.Keys(p.rows), func(a, b amana.RecordID) int { return slices.Compare(a[:], b[:]) })
	p.chunks = len(o.ItemsEver(record.Taken))
	if held, ok := o.First("withheld"); ok {
		n, _ := held.Value.Int()
		p.withheld = int(n)
	}
	return p, nil
}

// ExportProposals returns those that were put forward, the newest first.
func (d *Desk) ExportProposals(ctx context.Context) (list []ExportProposal, err error) {
	err = d.session.Listed(amana.KindExchange, func(l vault.Listed) error {
		if l.Values["direction"].Reveal() != "export" || len(list) == mostExchanges {
			return nil
		}
		if p, err := d.ExportProposal(ctx, l.ID); err == nil {
			list = append(list, p)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b ExportProposal) int { return b.Proposal.When.Compare(a.Proposal.When) })
	return list, err
}

// exportable is a workbook that may leave now.
func (d *Desk) exportable(id amana.RecordID) (ExportProposal, error) {
	p, err := d.ExportProposal(context.Background(), id)
	if err != nil {
		return p, err
	}
	if err := d.mayExport(p.Plan); err != nil {
		return p, err
	}
	if p.Spoiled {
		return p, refusal("release.refused.quorum") // nobody agreed to what it says now
	}
	if p.State != ledgerProposed && p.State != ledgerLeft { // it may be made again, as it was agreed to
		return p, refusal("release.refused.done")
	}
	if why := d.ReleaseRules().Lacks(&p.Proposal, d.surely()); why != "" {
		return p, refusal(why)
	}
	return p, nil
}

// AnswerExport records that this member approves of a workbook, or objects, and why.
// An objection stops it for good. Kinds: FieldErrors, ErrNotFound, ErrRefused.
func (d *Desk) AnswerExport(ctx context.Context, id amana.RecordID, approve bool, reason amana.Private) error {
	p, err := d.ExportProposal(ctx, id)
	if err != nil {
		return err
	}
	return d.answer(ctx, p.LedgerRow, approve, reason)
}

// TakeBackExport ends a proposal that was not carried out. Kinds: ErrNotFound,
// ErrRefused.
func (d *Desk) TakeBackExport(ctx context.Context, id amana.RecordID) error {
	p, err := d.ExportProposal(ctx, id)
	if err != nil {
		return err
	}
	return d.takeBack(ctx, p.LedgerRow)
}
