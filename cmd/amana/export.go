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
	c.AddCommand(p.exportProposeCommand(), p.exportRecorderCommand())
	return c
}

// exportAnswer is what left, as a script sees it.
type exportAnswer struct {
	Incidents  int `json:"incidents"`
	Withheld   int `json:"withheld"`   // her consent does not cover it, or nobody asked
	Unverified int `json:"unverified"` // not as they were sealed
	Changed    int `json:"changed"`    // not as others agreed to them, or gone
}

// proposedExport is what was put forward.
type proposedExport struct {
	Proposal  string `json:"proposal"`
	Incidents int    `json:"incidents"`
}

func (p *program) exportProposeCommand() *cobra.Command {
	var dir, team, to, language, reason string
	var asJSON bool
	c := &cobra.Command{
		Use:   "propose",
		Short: "Put a workbook of the GBVIMS Incident Recorder forward, for others to agree to",
		Long: `Put a team's incidents forward, for a workbook of the GBVIMS Incident Recorder: those of
which the consent to be counted stands. Nothing leaves. Others look at it and agree or
object on their pages, under "Bring in, take out". Then amana export recorder writes it.

Standard input: the passphrase of a supervisor or release officer who works on the team's cases.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			if team == "" || to == "" || reason == "" {
				return usagef("--team, --to and --reason are needed")
			}
			return p.withLists(c.Context(), dir, func(d *casework.Desk) error {
				id, err := teamNamed(d.ExportTeams(), team)
				if err != nil {
					return fmt.Errorf("for export, by a supervisor: %w", err)
				}
				proposal, err := d.ProposeExport(c.Context(), casework.ExportPlan{Team: id, Recipient: to, Language: language}, amana.Conceal(reason))
				if err != nil {
					return err
				}
				one, err := d.ExportProposal(c.Context(), proposal)
				if err != nil {
					return err
				}
				if asJSON {
					return p.console.printJSON(proposedExport{proposal.String(), one.Rows})
				}
				_, err = fmt.Fprintf(p.console.out, "%s\nput %d incidents forward\n", proposal, one.Rows)
				return err
			})
		},
	}
	f := c.Flags()
	f.StringVar(&team, "team", "", "`name` or ID of the team whose incidents leave")
	f.StringVar(&to, "to", "", "`who` gets the workbook: an organisation, a task force")
	f.StringVar(&reason, "reason", "", "`why`, for those who are asked")
	f.StringVar(&language, "language", "en", "`language` of headers and choices: en or fr")
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	return c
}

func (p *program) exportRecorderCommand() *cobra.Command {
	var dir, proposal string
	var asJSON bool
	c := &cobra.Command{
		Use:   "recorder FILE",
		Short: "Write a workbook of the GBVIMS Incident Recorder that others agreed to",
		Long: `Write the workbook of the GBVIMS Incident Recorder that was put forward with amana export
propose and that others agreed to: by codes, without a name and without a narrative. Only
those incidents leave of which the consent to be counted stands and that say what they
said then. Which leave, to whom and by whom is on record before they do. FILE must not
exist yet; it is not sealed.

Standard input: the passphrase of a supervisor or release officer who works on the team's cases.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := amana.ParseID[amana.Record](proposal)
			if err != nil {
				return usagef("--proposal is needed: what amana export propose printed")
			}
			return p.withLists(c.Context(), dir, func(d *casework.Desk) error {
				var r casework.ExportReport
				err := writeNewFile(args[0], func(w io.Writer) error {
					var err error
					r, err = d.ExportRecorder(c.Context(), w, id)
					return err
				})
				if err != nil {
					return err
				}
				return p.sayExport(r, asJSON)
			})
		},
	}
	c.Flags().StringVar(&proposal, "proposal", "", "`ID` of what was put forward")
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	return c
}

func (p *program) sayExport(r casework.ExportReport, asJSON bool) error {
	if asJSON {
		return p.console.printJSON(exportAnswer{r.Incidents, r.Withheld, r.Unread, r.Changed})
	}
	_, err := fmt.Fprintf(p.console.out, "wrote %d incidents; %d held back without consent, %d not as they were agreed to\n", r.Incidents, r.Withheld, r.Changed)
	if err == nil && r.Unread > 0 {
		err = fmt.Errorf("%d incidents are not as they were sealed and stayed: %w", r.Unread, amana.ErrTampered)
	}
	return err
}
