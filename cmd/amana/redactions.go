package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/dossier"
	"amana/internal/seal"
)

func (p *program) redactionsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "redactions DOSSIER",
		Short: "Open the sealed map of what was covered in a dossier's copies",
		Long: `Say what was covered, left out and made silent in the working copies of a dossier.
That map is sealed in the dossier: it takes as many of the custodians' shares as
were agreed on, of the organisation that made it, and no vault. The dossier is
verified first. What was covered is not in the dossier and does not come back by
this: only where it was.

Standard input: the shares, one per line, as words or as the text of the code.`,
		Args:        exactly("DOSSIER"),
		Annotations: canExit(exitTampered, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			return p.redactions(c.Context(), args[0], asJSON)
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func (p *program) redactions(ctx context.Context, path string, asJSON bool) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the dossier: %w", amana.ErrNotFound)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("the dossier: %w", amana.ErrStorage)
	}
	shares, err := p.shares(ctx)
	if err != nil {
		return err
	}
	key, err := seal.Combine(shares)
	if err != nil {
		return err
	}
	covered, err := dossier.Redactions(ctx, f, info.Size(), key)
	if err != nil {
		return err
	}
	if asJSON {
		return p.console.printJSON(covered)
	}
	for _, id := range slices.Sorted(maps.Keys(covered)) {
		for line := range strings.Lines(covered[id]) {
			p.console.printf("%s  %s\n", id, strings.TrimSpace(line))
		}
	}
	return nil
}
