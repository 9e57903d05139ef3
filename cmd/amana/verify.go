package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/vault"
)

// verifyAnswer is what other programs read; see docs/cli.md.
type verifyAnswer struct {
	OK     bool          `json:"ok"`
	Checks []vault.Check `json:"checks"`
}

func (p *program) verifyCommand() *cobra.Command {
	var withKeys, asJSON bool
	var d dossierFlags
	c := &cobra.Command{
		Use:   "verify PATH",
		Short: "Say whether a vault or a dossier is whole, or where it is broken",
		Long: `Say whether everything in the vault at PATH is as it was written. Without a
passphrase that finds damage: every file is compared with its checksums. With
--keys it also finds forgery: chains, signatures, who was allowed to write what,
and every content that the member can read.

Where PATH is a dossier, a file, say whether everything in it is as it was when it
was made and signed, whether its files are those that were taken in, whether their
custody is whole, and what no check can say. That takes nothing but the file. With
--page the same can be done in a browser, without this program.

Standard input, with --keys only: the passphrase of any member.`,
		Args:        exactly("PATH"),
		Annotations: canExit(exitTampered, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			if isFile(args[0]) {
				return p.verifyDossier(c.Context(), args[0], d, asJSON)
			}
			return p.verify(c.Context(), args[0], withKeys, asJSON)
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().BoolVar(&withKeys, "keys", false, "check chains and signatures too, with a member's passphrase")
	c.Flags().StringVar(&d.key, "key", "", "dossier: the key that must have signed, in hexadecimal or by its words")
	c.Flags().StringVar(&d.authorities, "authorities", "", "dossier: a file of certificates (PEM) that its timestamps must lead to")
	c.Flags().StringVar(&d.page, "page", "", "dossier: also write a page here that verifies any dossier in a browser")
	return c
}

func (p *program) verify(ctx context.Context, dir string, withKeys, asJSON bool) error {
	if !vault.Exists(dir) {
		if _, err := os.Stat(filepath.Join(dir, "journal")); err != nil {
			return notAtPath()
		} // else a vault without its header: that is for verifying to say
	}
	answer := verifyAnswer{OK: true, Checks: vault.VerifyFiles(dir)}
	if withKeys {
		checks, err := p.verifyKeys(ctx, dir)
		if err != nil {
			return err
		}
		answer.Checks = append(answer.Checks, checks...)
	}
	for _, check := range answer.Checks {
		answer.OK = answer.OK && check.OK
	}
	if asJSON {
		if err := p.console.printJSON(answer); err != nil {
			return err
		}
	} else {
		for _, check := range answer.Checks {
			p.console.printf("%-7s %-11s %s\n", map[bool]string{true: "ok", false: "BROKEN"}[check.OK], check.Name, check.Detail)
		}
	}
	if !answer.OK {
		return hintedError{
			fmt.Errorf("this vault %w", amana.ErrTampered),
			"keep the folder as it is, and restore the newest backup into another one: amana restore --help",
		}
	}
	return nil
}

func (p *program) verifyKeys(ctx context.Context, dir string) ([]vault.Check, error) {
	v, err := vault.Open(dir, p.now)
	if err != nil {
		return nil, err
	}
	passphrase, err := p.console.secret(ctx, "Passphrase")
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	s, err := v.Unlock(ctx, passphrase)
	if err != nil {
		return nil, err
	}
	checks, err := s.Verify(ctx)
	if locked := s.Lock(); err == nil {
		err = locked
	}
	return checks, err
}
