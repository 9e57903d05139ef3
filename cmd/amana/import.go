package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
	"amana/internal/exchange"
	"amana/internal/i18n"
)

// importOptions are the flags of amana import.
type importOptions struct {
	dir, as, team, source, status, mapping string
	dryRun, update, different, asJSON      bool
}

func (p *program) importCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Bring in a workbook of the Incident Recorder, a table, or an export",
		Long: `Bring incidents and cases into the vault: a workbook of the GBVIMS Incident
Recorder, a table (CSV or workbook) with a mapping of its columns, or an export of
cases in JSON. FILE - is standard input after the passphrase.

The file is gone through first, and nothing is written before all of it could be.
Each row's origin is kept: a file that is brought a second time changes nothing, and
one that was cut short goes on where it was. A row that may be here already stays out
until a person decides: with the pages, or with --different for all of them. What
cannot be read as a field is kept as it was, and said with row and column.

With --dry-run nothing is written. The answer says how many rows are new, here,
changed, refused and undecided; standard error how far it is and what to know.

Standard input: the passphrase of a member who works on the team's cases.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return p.withLists(c.Context(), o.dir, func(d *casework.Desk) error { return p.importFile(c.Context(), d, args[0], o) })
		},
	}
	f := c.Flags()
	f.StringVar(&o.as, "as", "", "what the file is: `recorder`, table or json")
	f.StringVar(&o.team, "team", "", "`name` or ID of the team that is to have the records")
	f.StringVar(&o.source, "source", "", "what the source is `called`, where there are several (where left out: its format)")
	f.StringVar(&o.status, "status", "closed", "the cases are `open` or closed, where the file does not say")
	f.StringVar(&o.mapping, "mapping", "", "`file` that says what a table's columns are (where left out: as they are understood)")
	f.BoolVar(&o.dryRun, "dry-run", false, "go through the file and write nothing")
	f.BoolVar(&o.update, "update", false, "take what the source says now of rows that were brought before")
	f.BoolVar(&o.different, "different", false, "bring rows that may be here already as somebody else's")
	dirFlag(c, &o.dir)
	jsonFlag(c, &o.asJSON)
	return c
}

var asFormats = map[string][]exchange.Format{
	"recorder": {exchange.Recorder}, "table": {exchange.CSV, exchange.Workbook, exchange.Recorder}, "json": {exchange.JSON},
}

func (o importOptions) check() error {
	if asFormats[o.as] == nil {
		return usagef("--as must be recorder, table or json")
	}
	if o.team == "" {
		return usagef("--team is needed")
	}
	if o.status != "open" && o.status != "closed" {
		return usagef("--status must be open or closed")
	}
	if o.mapping != "" && o.as != "table" {
		return usagef("--mapping is for tables")
	}
	return nil
}

// importAnswer is what an import did, or would do, as a script sees it.
type importAnswer struct {
	DryRun     bool `json:"dry_run"`
	Rows       int  `json:"rows"`
	New        int  `json:"new"`
	Here       int  `json:"here"`
	Changed    int  `json:"changed"`
	Refused    int  `json:"refused"`
	Later      int  `json:"later"` // may be here already; a person decides
	Incidents  int  `json:"incidents"`
	Cases      int  `json:"cases"`
	Identities int  `json:"identities"`
	Kept       int  `json:"kept"` // values that are no field, kept as they were
}

func (p *program) importFile(ctx context.Context, d *casework.Desk, path string, o importOptions) error {
	team, err := teamNamed(d.ImportTeams(), o.team)
	if err != nil {
		return err
	}
	if err := p.bringFile(ctx, d, path); err != nil {
		return err
	}
	defer d.DropImport()
	if err := p.awaitImport(ctx, d); err != nil {
		return err
	}
	st, _ := d.ImportState()
	plan := casework.ImportPlan{Team: team, Source: o.source, Status: o.status, Update: o.update, Mapping: st.File.Proposed, Rest: casework.Later}
	if err := o.fits(st.File.Format); err != nil {
		return err
	}
	if o.mapping != "" {
		if plan.Mapping, err = readMapping(o.mapping); err != nil {
			return err
		}
	}
	if o.different {
		plan.Rest = casework.Different
	}
	if err := d.TryImport(ctx, plan); err != nil {
		return err
	}
	if err := p.awaitImport(ctx, d); err != nil {
		return err
	}
	if !o.dryRun {
		if err := d.TakeImport(ctx, plan.Rest); err != nil {
			return err
		}
		if err := p.awaitImport(ctx, d); err != nil {
			return err
		}
	}
	st, _ = d.ImportState()
	return p.sayImport(st.Report, o)
}

// teamNamed finds a team by its name or ID.
func teamNamed(teams []casework.Team, name string) (amana.TeamID, error) {
	for _, t := range teams {
		if t.Name == name || t.ID.String() == name {
			return t.ID, nil
		}
	}
	return amana.TeamID{}, hintedError{
		fmt.Errorf("no team of that name in which you work on cases: %w", amana.ErrRefused), "amana member list names the teams of each member",
	}
}

func (o importOptions) fits(f exchange.Format) error {
	if slices.Contains(asFormats[o.as], f) {
		return nil
	}
	return hintedError{fmt.Errorf("the file is not what --as says: %w", amana.ErrInvalid), "it looks like --as " + asOf(f)}
}

func asOf(f exchange.Format) string {
	switch f {
	case exchange.Recorder:
		return "recorder"
	case exchange.JSON:
		return "json"
	case exchange.CSV, exchange.Workbook:
	}
	return "table"
}

func (p *program) bringFile(ctx context.Context, d *casework.Desk, path string) error {
	var in io.Reader = p.console.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return errors.New("the file cannot be opened")
		}
		defer f.Close()
		in = f
	}
	return d.BringFile(ctx, in)
}

func readMapping(path string) (exchange.Mapping, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return exchange.Mapping{}, errors.New("the mapping cannot be opened")
	}
	return exchange.ParseMapping(raw)
}

// awaitImport waits, and says on standard error how far it is.
func (p *program) awaitImport(ctx context.Context, d *casework.Desk) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	said := time.Time{}
	for {
		st, _ := d.ImportState()
		switch {
		case st.Phase == casework.ImportStopped:
			if err := ctx.Err(); err != nil {
				return err
			}
			return hintedError{fmt.Errorf("the import stopped: %w", kindOf(st.Wrong)), stoppedHint(st.Wrong)}
		case !st.Phase.Busy():
			return nil
		case p.now().Sub(said) > 2*time.Second && st.Done > 0:
			fmt.Fprintf(p.console.err, "amana: %s: %d of %d rows\n", st.Phase, st.Done, st.Total)
			said = p.now()
		}
		select {
		case <-ctx.Done():
			d.StopImport()
		case <-tick.C:
		}
	}
}

// kindOf is the kind of error that a key of why an import stopped stands for.
func kindOf(key string) error {
	switch strings.TrimPrefix(key, "import.stopped.") {
	case "locked":
		return amana.ErrLocked
	case "storage":
		return amana.ErrStorage
	case "refused":
		return amana.ErrRefused
	case "other":
		return amana.ErrConflict
	}
	return amana.ErrInvalid
}

func stoppedHint(key string) string { return inEnglish(key) }

// inEnglish is a message of the pages in the language of the command.
func inEnglish(key string) string {
	c, err := i18n.New()
	if err != nil {
		return key
	}
	return c.Language(i18n.Source).T(key)
}

func (p *program) sayImport(r casework.ImportReport, o importOptions) error {
	for _, c := range r.Counts {
		fmt.Fprintf(p.console.err, "amana: %d rows: %s\n", c.Rows, inEnglish(c.Key))
	}
	const mostSaid = 20
	for i, problem := range r.Problems {
		if i == mostSaid {
			fmt.Fprintln(p.console.err, "amana: and so on")
			break
		}
		where := fmt.Sprintf("row %d", problem.Line)
		if problem.Column != "" {
			where += ", column " + problem.Column
		}
		fmt.Fprintf(p.console.err, "amana: %s: %s\n", where, inEnglish(problem.Key))
	}
	if r.Later > 0 {
		fmt.Fprintf(p.console.err, "amana: %d rows may be here already and stay out: decide about them with the pages\n", r.Later)
	}
	a := importAnswer{
		DryRun: o.dryRun, Rows: r.Rows, New: r.New, Here: r.Here, Changed: r.Changed, Refused: r.Refused, Later: r.Later,
		Incidents: r.Incidents, Cases: r.Cases, Identities: r.Names, Kept: r.Kept,
	}
	if o.asJSON {
		return p.console.printJSON(a)
	}
	verb := "brought"
	if o.dryRun {
		verb = "would bring"
	}
	_, err := fmt.Fprintf(p.console.out, "%s %d incidents and %d cases of %d rows; %d here already, %d changed, %d refused, %d undecided\n",
		verb, a.Incidents, a.Cases, a.Rows, a.Here, a.Changed, a.Refused, a.Later)
	return err
}
