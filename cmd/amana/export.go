package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
)

func (p *program) exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:         "export",
		Short:       "Take out what may leave, for those who may have it",
		Args:        known,
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE:        func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.exportRecorderCommand())
	return c
}

// exportAnswer is what left, as a script sees it.
type exportAnswer struct {
	Incidents  int `json:"incidents"`
	Withheld   int `json:"withheld"`   // her consent does not cover it, or nobody asked
	Unverified int `json:"unverified"` // not as they were sealed
}

func (p *program) exportRecorderCommand() *cobra.Command {
	var dir, team, to, language string
	var asJSON bool
	c := &cobra.Command{
		Use:   "recorder FILE",
		Short: "Write a workbook of the GBVIMS Incident Recorder",
		Long: `Write a team's incidents into a workbook of the GBVIMS Incident Recorder: by codes,
without a name and without a narrative. Only those leave of which the consent to be
counted stands; refused, withdrawn, over or never asked, they stay. Which incidents
leave, to whom and by whom is on record before they do. FILE must not exist yet; it
is not sealed.

Standard input: the passphrase of a supervisor who works on the team's cases.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			if team == "" || to == "" {
				return usagef("--team and --to are needed")
			}
			return p.withLists(c.Context(), dir, func(d *casework.Desk) error {
				id, err := teamNamed(d.ExportTeams(), team)
				if err != nil {
					return fmt.Errorf("for export, by a supervisor: %w", err)
				}
				var r casework.ExportReport
				err = writeNewFile(args[0], func(w io.Writer) error {
					var err error
					r, err = d.ExportRecorder(c.Context(), w, casework.ExportPlan{Team: id, Recipient: to, Language: language})
					return err
				})
				if err != nil {
					return err
				}
				return p.sayExport(r, asJSON)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&team, "team", "", "`name` or ID of the team whose incidents leave")
	f.StringVar(&to, "to", "", "`who` gets the workbook: an organisation, a task force")
	f.StringVar(&language, "language", "en", "`language` of headers and choices: en or fr")
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	return c
}

func (p *program) sayExport(r casework.ExportReport, asJSON bool) error {
	if asJSON {
		return p.console.printJSON(exportAnswer{r.Incidents, r.Withheld, r.Unread})
	}
	_, err := fmt.Fprintf(p.console.out, "wrote %d incidents; %d held back without consent\n", r.Incidents, r.Withheld)
	if err == nil && r.Unread > 0 {
		err = fmt.Errorf("%d incidents are not as they were sealed and stayed: %w", r.Unread, amana.ErrTampered)
	}
	return err
}
