package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"amana/internal/casework"
	"amana/internal/directory"
)

func (p *program) servicesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:         "services",
		Short:       "Take a directory of services in, and give one out",
		Args:        known,
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE:        func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.servicesImportCommand(), p.servicesExportCommand())
	return c
}

// servicesAnswer is what a file would do, or did, as a script sees it.
type servicesAnswer struct {
	New      int              `json:"new"`
	Changed  int              `json:"changed"`
	Kept     int              `json:"kept"`
	Written  int              `json:"written"`
	Problems []serviceProblem `json:"problems"`
	More     int              `json:"more_problems"`
}

type serviceProblem struct {
	File    string `json:"file"`
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Problem string `json:"problem"`
}

func (p *program) servicesImportCommand() *cobra.Command {
	var dir string
	var adopt, asJSON bool
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Say what a directory would change, and with --adopt take it in",
		Long: `Read a directory of services: HSDS 3 as JSON, one table of services as CSV, or a
zip archive of tables. Say how many services are new, changed and the same, and
what was not understood. Nothing is written without --adopt. Nothing is ever taken
away, and who may be told what stays as it is here.

Standard input: the passphrase of an administrator or a release officer.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return diskError("file", err)
			}
			defer f.Close()
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				a, err := importServices(c.Context(), d, f, adopt)
				if err != nil {
					return err
				}
				return p.answerServices(a, asJSON)
			})
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	c.Flags().BoolVar(&adopt, "adopt", false, "take it in")
	return c
}

func importServices(ctx context.Context, d *casework.Desk, r io.Reader, adopt bool) (servicesAnswer, error) {
	in, err := d.PlanServices(ctx, r)
	if err != nil {
		return servicesAnswer{}, err
	}
	a := servicesAnswer{Problems: []serviceProblem{}, More: in.Reading.More}
	for _, problem := range in.Reading.Problems {
		a.Problems = append(a.Problems, serviceProblem{problem.File, problem.Row, problem.Column, strings.TrimPrefix(problem.Key, "services.fault.")})
	}
	for _, step := range in.Steps {
		switch step.Action {
		case directory.Adds:
			a.New++
		case directory.Changes:
			a.Changed++
		case directory.Keeps:
			a.Kept++
		}
	}
	if adopt && !in.Reading.Failed() {
		a.Written, err = d.ImportServices(ctx, in)
	}
	return a, err
}

func (p *program) answerServices(a servicesAnswer, asJSON bool) error {
	if asJSON {
		return p.console.printJSON(a)
	}
	p.console.printf("new %d, changed %d, the same %d; written %d\n", a.New, a.Changed, a.Kept, a.Written)
	for _, problem := range a.Problems {
		var where []string
		if problem.File != "" {
			where = append(where, problem.File)
		}
		if problem.Row > 0 {
			where = append(where, "row "+strconv.Itoa(problem.Row))
		}
		if problem.Column != "" {
			where = append(where, problem.Column)
		}
		p.console.printf("not understood: %s (%s)\n", problem.Problem, strings.Join(where, ", "))
	}
	if a.More > 0 {
		p.console.printf("and %d more\n", a.More)
	}
	return nil
}

func (p *program) servicesExportCommand() *cobra.Command {
	var dir, audience, shape string
	c := &cobra.Command{
		Use:   "export FILE",
		Short: "Write what an audience may be told of the services",
		Long: `Write the services as HSDS 3, as far as an audience may be told of them: public,
partners, or ourselves. Where a safe house is stands in none but the last, which
is everything in clear: guard it like the vault. FILE must not exist yet; - writes
to standard output.

Standard input: the passphrase of an administrator or a release officer.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			to := directory.Audience(audience)
			switch {
			case !slices.Contains(directory.Audiences(), to):
				return usagef("--for %s: public, partners or ourselves", audience)
			case shape != "json" && shape != "csv":
				return usagef("--format %s: json or csv", shape)
			}
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				out, err := d.ExportServices(c.Context(), to)
				if err != nil {
					return err
				}
				write := func(w io.Writer) error {
					if shape == "csv" {
						return directory.WritePackage(w, out, p.now())
					}
					return directory.WriteJSON(w, out)
				}
				if args[0] == "-" {
					return write(p.console.out)
				}
				return writeNewFile(args[0], write)
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&audience, "for", string(directory.ForPublic), "`audience`: public, partners or ourselves")
	c.Flags().StringVar(&shape, "format", "json", "`format`: json, or csv for a zip archive of tables")
	return c
}
