package casework

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/record"
	"amana/internal/release"
	"amana/internal/seal"
	"amana/internal/vault"
)

// ExportPlan says what leaves, to whom, in which language.
type ExportPlan struct {
	Team      amana.TeamID // whose incidents; also where it stands on record
	Recipient string       // who gets it
	Language  string       // of headers and choices: en or fr
}

// ExportReport says what left.
type ExportReport struct {
	Incidents int
	Withheld  int // her consent does not cover it, or nobody asked
	Unread    int // could not be verified
	Changed   int // say something else than when others agreed, or are gone
}

// casesAtOnce is how many cases are passed through the gate at once.
const casesAtOnce = 300

// ExportRecorder writes the workbook of the Incident Recorder that was put forward with
// [Desk.ProposeExport] and that others agreed to: those of its rows whose consent for
// statistics stands and that say what they said then, by codes and without a narrative.
// That they leave is on record before the first of them does. It is for supervisors and
// release officers of the team. Kinds: ErrRefused as [*Refusal] where approvals are
// missing or somebody objects; ErrNotFound, ErrStorage, and those of w.
func (d *Desk) ExportRecorder(ctx context.Context, w io.Writer, proposal amana.RecordID) (ExportReport, error) {
	if err := d.session.Arriving(); err != nil {
		return ExportReport{}, err
	}
	p, err := d.exportable(proposal)
	if err != nil {
		return ExportReport{}, err
	}
	return d.writeExport(ctx, w, p)
}

// writeExport writes what others agreed to.
func (d *Desk) writeExport(ctx context.Context, w io.Writer, p ExportProposal) (ExportReport, error) {
	if err := d.listsAreWhole(); err != nil {
		return ExportReport{}, err
	}
	out, err := exchange.NewRecorderWriter(w, p.Plan.Language)
	if err != nil {
		return ExportReport{}, err
	}
	e := &export{ctx: ctx, desk: d, plan: p.Plan, out: out, run: p.ID, want: p.rows, chunks: p.chunks, seen: map[amana.RecordID]bool{}}
	e.report.Withheld = p.withheld
	if err := e.begin(); err != nil {
		return e.report, err
	}
	err = e.all()
	if err == nil {
		err = out.Close()
	}
	e.report.Changed = len(p.rows) - e.matched
	return e.report, errors.Join(err, e.end(err == nil))
}

// listsAreWhole refuses to look for incidents while some are not listed yet.
func (d *Desk) listsAreWhole() error {
	if !d.session.Progress().Searchable {
		return fmt.Errorf("casework: export: lists are not built yet: %w", amana.ErrConflict)
	}
	return nil
}

// ExportTeams are the teams whose incidents this member may export.
func (d *Desk) ExportTeams() []Team {
	me := d.Me()
	if !me.Has(amana.RoleSupervisor) && !me.Has(amana.RoleReleaseOfficer) {
		return nil
	}
	return slices.DeleteFunc(me.Teams, func(t Team) bool {
		return t.Compartment == amana.Statistics || !d.countsIn([]amana.TeamID{t.ID}, me.ID)
	})
}

func (d *Desk) mayExport(p ExportPlan) error {
	bad := FieldErrors{}
	if fault := recordLine(p.Recipient); fault != "" {
		bad["recipient"] = fault
	}
	if p.Language != "en" && p.Language != "fr" {
		bad["language"] = "invalid.option"
	}
	if p.Team.IsZero() {
		bad["team"] = string(record.FaultRequired)
	}
	if len(bad) > 0 {
		return bad
	}
	for _, t := range d.ExportTeams() {
		if t.ID == p.Team {
			return nil
		}
	}
	return fmt.Errorf("casework: export: team %s: not yours to export: %w", p.Team, amana.ErrRefused)
}

// export is one workbook while it is put forward, or written.
type export struct {
	ctx     context.Context //nolint:containedctx // it lives as long as one call
	desk    *Desk
	plan    ExportPlan
	out     *exchange.RecorderWriter // nil where it is put forward
	run     amana.RecordID
	seen    map[amana.RecordID]bool   // cases
	want    map[amana.RecordID]string // rows that were agreed to, and what each rests on
	rows    map[amana.RecordID]string // of those that are read, likewise
	agreed  []amana.RecordID          // rows that would leave, where it is put forward
	ready   []amana.RecordID          // cases that are not passed through the gate yet
	chunks  int
	matched int
	report  ExportReport
}

// all passes every case of the team through the gate.
func (e *export) all() error {
	err := e.desk.session.Listed(amana.KindIncident, e.take)
	if err == nil {
		err = e.flush()
	}
	return err
}

// begin puts on record that it leaves.
func (e *export) begin() error {
	return e.desk.session.Save(e.ctx, vault.Change{Record: e.run, Facts: append(
		sets(Values{"started": momentText(e.desk.office.now())}), e.desk.step(ledgerLeft, amana.Private{})...)})
}

// end puts on record what left. Where it did not come to its end, that is not on it.
func (e *export) end(whole bool) error {
	said := Values{"incidents": event.Int(int64(e.report.Incidents)), "withheld": event.Int(int64(e.report.Withheld))}
	if whole {
		said["ended"] = momentText(e.desk.office.now())
	}
	return e.desk.session.Save(context.WithoutCancel(e.ctx), vault.Change{Record: e.run, Facts: sets(said)})
}

// take takes the case of an incident, all its incidents at once. Lists only say where
// to look: what leaves, and the consent under which it does, is read from the journal
// and verified.
func (e *export) take(l vault.Listed) error {
	if err := e.ctx.Err(); err != nil {
		return fmt.Errorf("casework: export: %w", err)
	}
	if l.Team != e.plan.Team || e.seen[l.Case] {
		return nil
	}
	e.seen[l.Case] = true
	if e.ready = append(e.ready, l.Case); len(e.ready) < casesAtOnce {
		return nil
	}
	return e.flush()
}

// mostTries is how often cases are passed through the gate again where an answer
// changed between its two looks.
const mostTries = 3

// flush passes cases through the gate, which puts on record which incidents leave, and
// then writes them.
func (e *export) flush() error {
	if len(e.ready) == 0 {
		return nil
	}
	var c release.Cleared
	var decided []release.Decided
	var err error
	asked, unread := 0, 0
	for range mostTries {
		e.chunks++
		r := release.Request{
			ID: e.run, By: release.By{Member: e.desk.session.Member(), Roles: e.desk.Me().Roles}, Purpose: amana.PurposeStatistics,
			Recipient: amana.Conceal(e.plan.Recipient), Format: string(exchange.Recorder),
			Records: func(context.Context) (list []release.Record, err error) {
				list, unread, err = e.records()
				asked = len(list)
				return list, err
			},
		}
		g := &release.Gate{Now: e.desk.surely, Ledger: &taking{e, record.Taken + "/" + strconv.Itoa(e.chunks) + "/incidents"}, Rules: e.desk.ReleaseRules()}
		if e.out == nil {
			var p release.Preview
			p, err = g.Preview(e.ctx, r)
			decided = p.Records
			break
		}
		c, err = g.Clear(e.ctx, r)
		decided = c.Records()
		if no, refused := errors.AsType[*release.RefusedError](err); !refused || no.Why != "release.refused.changed" {
			break
		}
	}
	if no, refused := errors.AsType[*release.RefusedError](err); refused && no.Why != "release.refused.role" {
		err = nil // no answer covers any of them
	} else if err == nil && e.out != nil {
		err = e.out.Add(c)
	}
	left := 0
	for _, d := range decided {
		if d.Leaves() {
			left++
			e.agreed = append(e.agreed, d.ID)
		}
	}
	e.report.Incidents += left
	e.report.Withheld += asked - left
	e.report.Unread += unread
	e.matched += asked
	e.ready = e.ready[:0]
	return err
}

// records reads the incidents of the cases that are ready, and counts those that cannot
// be verified.
func (e *export) records() (list []release.Record, unread int, err error) {
	for _, id := range e.ready {
		if err := e.ctx.Err(); err != nil {
			return nil, 0, fmt.Errorf("casework: export: %w", err)
		}
		f, err := e.desk.session.Peek(id)
		if err != nil {
			return nil, 0, err
		}
		some, bad := e.recordsOf(&f)
		list, unread = append(list, some...), unread+bad
	}
	return list, unread, nil
}

func (e *export) recordsOf(f *vault.CaseFile) (list []release.Record, unread int) {
	whole := f.Case.Tampered+f.Case.Unread == 0
	var answers []record.ConsentState
	var said []seal.Hash
	for i := range f.Records {
		if o := &f.Records[i]; o.Kind == amana.KindConsent {
			answers = append(answers, o.Consents()...)
			said = append(said, o.State)
			whole = whole && o.Tampered+o.Unread == 0 // a withdrawal may be among them
		}
	}
	for i := range f.Records {
		o := &f.Records[i]
		values := valuesOf(*o)
		switch {
		case o.Kind != amana.KindIncident, movedOn(values):
		case !whole || o.Tampered+o.Unread > 0:
			unread++
		case !e.wanted(o, answersDigest(said)):
		default:
			if values["incidentid_ir"].IsZero() {
				values["incidentid_ir"] = o.Value("incident_code")
			}
			list = append(list, exchange.Record(o.ID, f.Case.ID, exchange.Values(values), answers, e.desk.surely()))
		}
	}
	return list, unread
}

// taking is the ledger of an export: its record lists the incidents that leave, part by
// part, each part before it does.
type taking struct {
	e     *export
	field string
}

// Enter implements [release.Ledger].
func (l *taking) Enter(ctx context.Context, entry release.Entry) error {
	var ids []string
	for _, p := range entry.Parts {
		ids = append(ids, p.Record.String())
	}
	return l.e.desk.session.Save(ctx, vault.Change{Record: l.e.run, Facts: sets(Values{l.field: event.List(ids...)})})
}

// Stop implements [release.Ledger].
func (l *taking) Stop(ctx context.Context, _ amana.RecordID, _ string) error {
	return l.e.desk.session.Save(ctx, vault.Change{Record: l.e.run, Facts: sets(Values{l.field: {}})})
}

// Earlier implements [release.Ledger]: rows of codes wait for no approval.
func (*taking) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

// PrepareExport writes the workbook that others agreed to into the vault's folder, sealed under a key that
// is only in memory, until it is fetched or the desk is locked.
func (d *Desk) PrepareExport(ctx context.Context, proposal amana.RecordID) (ExportReport, error) {
	d.DropExport()
	sp, err := d.session.Spool()
	if err != nil {
		return ExportReport{}, err
	}
	report, err := d.ExportRecorder(ctx, sp, proposal)
	if err == nil {
		err = sp.Done()
	}
	if err != nil {
		return report, errors.Join(err, sp.Close())
	}
	d.bench.mu.Lock()
	defer d.bench.mu.Unlock()
	d.bench.out = sp
	return report, nil
}

// Export writes the workbook that was prepared. Kind: ErrNotFound where there is none.
func (d *Desk) Export(w io.Writer) error {
	d.bench.mu.Lock()
	sp := d.bench.out
	d.bench.mu.Unlock()
	if sp == nil {
		return fmt.Errorf("casework: export: none is prepared: %w", amana.ErrNotFound)
	}
	if _, err := io.Copy(w, io.NewSectionReader(sp, 0, sp.Size())); err != nil {
		return fmt.Errorf("casework: export: %w", err)
	}
	return nil
}

// ExportReady reports whether a workbook waits to be fetched.
func (d *Desk) ExportReady() bool {
	d.bench.mu.Lock()
	defer d.bench.mu.Unlock()
	return d.bench.out != nil
}

// DropExport takes the prepared workbook away.
func (d *Desk) DropExport() {
	d.bench.mu.Lock()
	sp := d.bench.out
	d.bench.out = nil
	d.bench.mu.Unlock()
	if sp != nil {
		_ = sp.Close() // nobody has its key
	}
}

// Exchanged is one earlier bringing in or taking out.
type Exchanged struct {
	ID        amana.RecordID
	Import    bool
	Format    string
	Source    string // or to whom it went
	Team      amana.TeamID
	By        amana.MemberID
	Started   string // moments as 2006-01-02T15:04
	Ended     string // "" where it was cut short
	Rows      int
	Incidents int
	Cases     int
	Here      int
	Changed   int
	Refused   int
	Later     int
	Withheld  int
}

// mostExchanges bounds the list.
const mostExchanges = 200

// Exchanges returns what was brought in and taken out, the last first.
func (d *Desk) Exchanges(context.Context) ([]Exchanged, error) {
	var list []Exchanged
	err := d.session.Listed(amana.KindExchange, func(l vault.Listed) error {
		if one := exchangedOf(l); one.Started != "" && len(list) < mostExchanges { // else it was only put forward
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

func exchangedOf(l vault.Listed) Exchanged {
	text := func(name string) string { return l.Values[name].Reveal() }
	number := func(name string) int {
		n, _ := l.Values[name].Int()
		return int(n)
	}
	e := Exchanged{
		ID: l.ID, Import: text("direction") == "import", Format: text("format"), Source: text("source") + text("recipient"),
		Team: l.Team, By: l.Author, Started: text("started"), Ended: text("ended"), Rows: number("rows"),
		Incidents: number("incidents"), Cases: number("cases"), Here: number("here"), Changed: number("changed"),
		Refused: number("refused"), Later: number("later"), Withheld: number("withheld"),
	}
	return e
}
