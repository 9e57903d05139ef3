package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/vault"
)

// restoreAnswer is what came out of a backup.
type restoreAnswer struct {
	Made    time.Time `json:"made"`
	Entries int       `json:"entries"`
	Refused int       `json:"refused"` // did not verify: kept aside
}

func (p *program) restoreCommand() *cobra.Command {
	var dir string
	var byShares, asJSON bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a vault from a backup",
		Long: `Make a vault, in a folder that is empty or does not exist, from a backup. Every
entry is verified on the way in.

Standard input: the passphrase of a member who could unlock the device when the
backup was made; or, with --shares, as many custodians' shares as are needed,
one per line. With shares nobody has a passphrase here afterwards: amana recover
gives one.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			to, err := folder(dir)
			if err != nil {
				return err
			}
			done, err := p.restore(c.Context(), to, args[0], byShares)
			if err != nil {
				return err
			}
			answer := restoreAnswer{done.Made, done.Items, done.Quarantined}
			if asJSON {
				return p.console.printJSON(answer)
			}
			p.console.printf("restored %d entries of %s; %d refused\n",
				answer.Entries, answer.Made.Format(time.DateOnly), answer.Refused)
			return nil
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	c.Flags().BoolVar(&byShares, "shares", false, "open it with the custodians' shares")
	return c
}

func (p *program) restore(ctx context.Context, dir, file string, byShares bool) (vault.Restored, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return vault.Restored{}, hintedError{fmt.Errorf("there is no such backup: %w", amana.ErrNotFound), "FILE is what amana backup wrote"}
	}
	if err != nil {
		return vault.Restored{}, diskError("open backup", err)
	}
	defer f.Close()
	if byShares {
		shares, err := p.shares(ctx)
		if err != nil {
			return vault.Restored{}, err
		}
		return vault.RestoreWithShares(ctx, dir, f, shares, p.now)
	}
	passphrase, err := p.console.secret(ctx, "Passphrase")
	if err != nil {
		return vault.Restored{}, err
	}
	defer clear(passphrase)
	return vault.RestoreWithPassphrase(ctx, dir, f, passphrase, p.now)
}
