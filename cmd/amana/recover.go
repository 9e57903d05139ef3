package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/seal"
	"amana/internal/vault"
)

func (p *program) recoverCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "recover",
		Short: "Give a member a new passphrase with the custodians' shares",
		Long: `Give a member new keys and a new passphrase, when every way in was lost. It takes
as many of the custodians' shares as were agreed on; the charter says for good
that it was done, and for whom.

Standard input: the shares, one per line, as words or as the text of the code;
the member's name; the new passphrase.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			at, err := folder(dir)
			if err != nil {
				return err
			}
			return p.recover(c.Context(), at)
		},
	}
	dirFlag(c, &dir)
	return c
}

func (p *program) recover(ctx context.Context, dir string) error {
	if !vault.Exists(dir) {
		return noVault()
	}
	shares, err := p.shares(ctx)
	if err != nil {
		return err
	}
	name, err := p.console.answer(ctx, "Name of the member")
	if err != nil {
		return err
	}
	passphrase, err := p.console.newSecret(ctx, "New passphrase")
	if err != nil {
		return err
	}
	defer clear(passphrase)
	id, err := vault.Recover(ctx, dir, shares, name, passphrase, p.now)
	if err != nil {
		return err
	}
	p.console.printf("%s\n", id)
	p.console.say("This member can unlock the device with the new passphrase.\n")
	return nil
}

// shares asks for as many shares as the first one says are needed. Somebody at a
// terminal may try again when one was misread.
func (p *program) shares(ctx context.Context) ([]seal.Share, error) {
	var shares []seal.Share
	for needed := 1; len(shares) < needed; {
		prompt := "A share: its words, or the text of its code"
		if len(shares) > 0 {
			prompt = fmt.Sprintf("Another share (%d of %d)", len(shares)+1, needed)
		}
		line, err := p.console.secret(ctx, prompt)
		if err != nil {
			return nil, err
		}
		s, err := seal.ParseShare(string(line))
		clear(line)
		switch {
		case err == nil:
			shares, needed = append(shares, s), s.Needed()
		case p.console.terminal != nil && errors.Is(err, amana.ErrInvalid):
			p.console.complain(err)
		default:
			return nil, err
		}
	}
	return shares, nil
}

func noVault() error {
	return hintedError{errNoVault, "name the folder with --dir, or begin one with amana serve"}
}

// notAtPath is noVault where the folder is an argument.
func notAtPath() error {
	return hintedError{errNoVault, "PATH is the folder that amana serve names when it begins"}
}

var errNoVault = errors.New("there is no vault in this folder")
