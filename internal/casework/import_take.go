package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/form"
	"amana/internal/record"
	"amana/internal/vault"
)

const statusClosed = "closed"

// rowsAtOnce is how many rows are written in one go: each whole or not at all.
const rowsAtOnce = 256

// intaking is one passage through a file, as a trial or in earnest.
type intaking struct {
	*importIndex
	ctx        context.Context //nolint:containedctx // it lives as long as one passage
	desk       *Desk
	plan       ImportPlan
	trial      bool
	identities bool // the team may hold who somebody is
	forms      *form.Set
	now        time.Time
	answers    map[int]Same
	progress   func()

	run    amana.RecordID // of the import, in earnest
	report ImportReport
	counts map[ProblemCount]int // by key, rows 0
	rows   map[string]int       // how often a row without an id was there
	saves  [][]vault.Change
	wrote  chan error // of the lot that is being written, or nil
}

func newIntaking(ctx context.Context, d *Desk, plan ImportPlan, trial bool) (*intaking, error) {
	if !d.session.Progress().Searchable {
		return nil, fmt.Errorf("casework: import: lists are not built yet: %w", amana.ErrConflict)
	}
	x, err := newImportIndex(d.session)
	if err != nil {
		return nil, err
	}
	teams := d.ImportTeams()
	i := slices.IndexFunc(teams, func(t Team) bool { return t.ID == plan.Team })
	if i < 0 {
		return nil, fmt.Errorf("casework: import: team %s: not yours to write for: %w", plan.Team, amana.ErrRefused)
	}
	return &intaking{
		importIndex: x, ctx: ctx, desk: d, plan: plan, trial: trial, identities: teams[i].Identities, forms: d.Forms(),
		now: d.office.now(), counts: map[ProblemCount]int{}, rows: map[string]int{},
	}, nil
}

// begin puts on record that an import begins.
func (in *intaking) begin(format string, rows int) error {
	in.run = in.desk.session.NewRecord(amana.KindExchange)
	return in.desk.session.Save(in.ctx, vault.Change{
		Record: in.run, Begin: &vault.Begin{Kind: amana.KindExchange, Teams: []amana.TeamID{in.plan.Team}},
		Facts: sets(Values{
			"direction": event.Text("import"), "format": event.Text(format), "source": event.Text(in.plan.Source),
			"team": event.Text(in.plan.Team.String()), "started": momentText(in.desk.office.now()), "rows": event.Int(int64(rows)),
		}),
	})
}

// end writes what is left, and on record what was brought.
func (in *intaking) end() error {
	for p, n := range in.counts {
		p.Rows = n
		in.report.Counts = append(in.report.Counts, p)
	}
	slices.SortFunc(in.report.Counts, func(a, b ProblemCount) int {
		if a.Rows != b.Rows {
			return b.Rows - a.Rows
		}
		return strings.Compare(a.Key, b.Key)
	})
	if in.trial {
		return nil
	}
	// What was taken in before somebody stopped it stays and is said.
	ctx := context.WithoutCancel(in.ctx)
	if err := in.flush(ctx); err != nil {
		return err // how much was written nobody knows: the record says that it was cut short
	}
	r := in.report
	said := Values{
		"ended": momentText(in.desk.office.now()), "incidents": event.Int(int64(r.Incidents)), "cases": event.Int(int64(r.Cases)),
		"here": event.Int(int64(r.Here)), "changed": event.Int(int64(r.Changed)), "refused": event.Int(int64(r.Refused)),
		"later": event.Int(int64(r.Later)),
	}
	if in.ctx.Err() != nil {
		delete(said, "ended")
	}
	if err := in.desk.session.Save(ctx, vault.Change{Record: in.run, Facts: sets(said)}); err != nil {
		return err
	}
	return in.desk.session.CatchUp()
}

// flush writes what was taken so far, and waits until it is durable.
func (in *intaking) flush(ctx context.Context) error {
	if err := in.written(); err != nil || len(in.saves) == 0 {
		return err
	}
	err := in.desk.session.SaveMany(ctx, in.saves...)
	in.saves = nil
	return err
}

// written waits for the lot that is being written.
func (in *intaking) written() error {
	if in.wrote == nil {
		return nil
	}
	err := <-in.wrote
	in.wrote = nil
	return err
}

// save takes the changes of one row.
func (in *intaking) save(changes ...vault.Change) error {
	if in.trial || len(changes) == 0 {
		return nil
	}
	in.saves = append(in.saves, changes)
	if len(in.saves) < rowsAtOnce {
		return nil
	}
	// One lot is written, and taken into lists, while the next is read.
	if err := in.written(); err != nil {
		return err
	}
	lot, wrote := in.saves, make(chan error, 1)
	in.saves, in.wrote = nil, wrote
	ctx := context.WithoutCancel(in.ctx) // what is counted is written
	go func() {
		err := in.desk.session.SaveMany(ctx, lot...)
		if err == nil {
			err = in.desk.session.CatchUp()
		}
		wrote <- err
	}()
	return nil
}

// progressEvery is how often it is said how far it is, in rows.
const progressEvery = 100

// row takes one row of the file.
func (in *intaking) row(row *exchange.Row) error {
	if err := in.ctx.Err(); err != nil {
		return fmt.Errorf("casework: import: %w", err)
	}
	digest := shortDigest(string(row.Bytes()))
	in.report.Rows++
	in.report.Ignored += row.Ignored
	in.check(row)
	err := error(nil)
	switch {
	case row.Refused:
	case row.Kind == amana.KindIncident:
		err = in.incident(row, digest)
	case row.Kind == amana.KindCase:
		err = in.caseRow(row, digest)
	default:
		row.NotBrought()
	}
	in.note(row)
	if in.report.Rows%progressEvery == 0 {
		in.progress()
	}
	return err
}

// note counts what is wrong with a row.
func (in *intaking) note(row *exchange.Row) {
	if row.Refused {
		in.report.Refused++
	}
	seen := map[ProblemCount]bool{}
	for _, p := range row.Problems {
		count := ProblemCount{Key: p.Key, Refused: p.Refused}
		if !seen[count] {
			seen[count] = true
			in.counts[count]++
		}
		if len(in.report.Problems) < mostShown {
			in.report.Problems = append(in.report.Problems, p)
		}
	}
}

// check holds the values of a row to what is asked of values that are typed in. What
// fails is kept as it was, beside the fields.
func (in *intaking) check(row *exchange.Row) {
	if !in.identities && len(row.Identity) > 0 {
		row.NotAllowed("name")
		row.Identity = nil
	}
	for kind, values := range map[amana.Kind]exchange.Values{row.Kind: row.Values, amana.KindIdentity: row.Identity} {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			v := values[name]
			if strings.HasPrefix(name, exchange.Imported+"/") {
				in.report.Kept++
				continue
			}
			if fault := in.fault(kind, name, v); fault != "" {
				row.NotValid(kind, name, string(fault))
				in.report.Kept++
			}
		}
	}
}

func (in *intaking) fault(kind amana.Kind, name string, v event.Value) record.Fault {
	if f, known := in.forms.Field(kind, name); known {
		return f.Check(v, f.IDs(), in.now)
	}
	return record.Validate(kind, name, v, in.now)
}

// idOf is the id by which a row is known again: the source's own or, where it has
// none, what it says and how often the file said so before.
func (in *intaking) idOf(row *exchange.Row, digest string) string {
	if row.ID != "" {
		return row.ID
	}
	in.rows[digest]++
	if n := in.rows[digest]; n > 1 {
		return fmt.Sprintf("row %s %d", digest, n)
	}
	return "row " + digest
}

// origin are the fields that say where a record came from.
func (in *intaking) origin(id, code, digest string) Values {
	v := Values{record.OriginSource: event.Text(in.plan.Source), record.OriginRun: event.Text(in.run.String())}
	for name, text := range map[string]string{record.OriginID: id, record.OriginCode: code, record.OriginRow: digest} {
		if text != "" {
			v[name] = event.Text(text)
		}
	}
	return v
}
