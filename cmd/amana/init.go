package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
)

// founding is what the flags of init say.
type founding struct {
	dir, name, administrator     string
	languages, teams, custodians []string
	threshold                    int
	small                        bool
}

func (p *program) initCommand() *cobra.Command {
	var f founding
	var asJSON bool
	c := &cobra.Command{
		Use:   "init",
		Short: "Found an organisation in an empty folder",
		Long: `Found an organisation in a folder that is empty or does not exist, without the
pages. The shares of its recovery key are printed once and kept nowhere: put each
on paper and hand it to its custodian.

Standard input: the first administrator's passphrase.`,
		Example: `  amana init --name "Clinic" --administrator "Ama" --team "Care" \
      --custodian "Ama" --custodian "Badou" --custodian "Chidi" --threshold 2`,
		Args:        exactly(),
		Annotations: canExit(exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			shares, err := p.found(c.Context(), f)
			if err != nil {
				return err
			}
			return p.printShares(shares, asJSON)
		},
	}
	dirFlag(c, &f.dir)
	jsonFlag(c, &asJSON)
	c.Flags().StringVar(&f.name, "name", "", "`name` of the organisation")
	c.Flags().StringVar(&f.administrator, "administrator", "", "`name` of the first administrator")
	c.Flags().StringSliceVar(&f.languages, "language", []string{"fr", "en"}, "`language` the organisation works in (may be given again)")
	c.Flags().StringArrayVar(&f.teams, "team", nil, "`name` of a team of care that the administrator is in (may be given again)")
	c.Flags().StringArrayVar(&f.custodians, "custodian", nil, "`name` of the holder of a share (given two to sixteen times)")
	c.Flags().IntVar(&f.threshold, "threshold", 2, "how many shares rebuild the recovery key")
	c.Flags().BoolVar(&f.small, "small", false, "for a machine with little memory: a guess of a passphrase costs a thief less")
	return c
}

func (p *program) found(ctx context.Context, f founding) ([]casework.Share, error) {
	for flag, value := range map[string]string{"name": f.name, "administrator": f.administrator} {
		if strings.TrimSpace(value) == "" {
			return nil, usagef("--%s is missing", flag)
		}
	}
	if len(f.custodians) < 2 || f.threshold < 2 || f.threshold > len(f.custodians) {
		return nil, usagef("--custodian is to be given at least twice, and --threshold is from 2 to their number")
	}
	dir, err := folder(f.dir)
	if err != nil {
		return nil, err
	}
	o, err := p.openOffice(dir, false)
	if err != nil {
		return nil, err
	}
	passphrase, err := p.console.newSecret(ctx, "Passphrase of the first administrator")
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	n := casework.NewOrganisation{
		Name: f.name, Languages: f.languages, Administrator: f.administrator, Passphrase: passphrase,
		Custodians: f.custodians, Threshold: f.threshold, Cost: casework.CostDefault,
	}
	if f.small {
		n.Cost = casework.CostSmall
	}
	for _, team := range f.teams {
		n.Teams = append(n.Teams, casework.NewTeam{Name: team, Compartment: amana.Care, Identities: true, Join: true})
	}
	return o.Found(ctx, n)
}

// shareAnswer is a share as a script sees one.
type shareAnswer struct {
	Custodian string `json:"custodian"`
	Number    int    `json:"number"`
	Words     string `json:"words"`
}

func (p *program) printShares(shares []casework.Share, asJSON bool) error {
	answer := struct {
		Needed int           `json:"needed"`
		Shares []shareAnswer `json:"shares"`
	}{shares[0].Needed, nil}
	for _, s := range shares {
		answer.Shares = append(answer.Shares, shareAnswer{s.Custodian, s.Number, strings.Join(s.Words, " ")})
	}
	if asJSON {
		return p.console.printJSON(answer)
	}
	for _, s := range answer.Shares {
		p.console.printf("%d of %d, for %s (any %d are needed):\n  %s\n\n", s.Number, len(answer.Shares), s.Custodian, answer.Needed, s.Words)
	}
	p.console.say("Put each share on paper and hand it over. They are kept nowhere, and shown only now.\n")
	return nil
}
