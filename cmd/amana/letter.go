package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
)

func (p *program) letterCommand() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "letter FILE",
		Short: "Take in a sealed letter from a partner",
		Long: `Take in a sealed letter: a referral that a partner sent, which is kept for the
team that holds the post box, or a partner's answer, which is noted on the referral.
What it says is to be read on the pages; here only IDs are printed. The same letter
twice is kept once.

Standard input: the passphrase of a member of the team that holds the post box.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			raw, err := readLetter(args[0])
			if err != nil {
				return err
			}
			return p.withLists(c.Context(), dir, func(d *casework.Desk) error { return p.takeLetter(c.Context(), d, raw, asJSON) })
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	return c
}

// readLetter reads a file that may be a letter: never more than one can have.
func readLetter(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the person's own file
	if err != nil {
		return nil, diskError("read file", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, casework.LargestLetter+1))
	if err != nil {
		return nil, diskError("read file", err)
	}
	if len(raw) > casework.LargestLetter {
		return nil, fmt.Errorf("not a letter: too large: %w", amana.ErrInvalid)
	}
	return raw, nil
}

// letterAnswer is what became of a letter, by IDs.
type letterAnswer struct {
	Letter   string `json:"letter,omitempty"`
	Case     string `json:"case,omitempty"`
	Referral string `json:"referral,omitempty"`
}

func (p *program) takeLetter(ctx context.Context, d *casework.Desk, raw []byte, asJSON bool) error {
	came, err := d.TakeLetter(ctx, raw)
	if err != nil {
		return err
	}
	var answer letterAnswer
	if came.Letter.IsZero() {
		answer.Case, answer.Referral = came.Case.String(), came.Referral.String()
	} else {
		answer.Letter = came.Letter.String()
	}
	if asJSON {
		return p.console.printJSON(answer)
	}
	if answer.Letter != "" {
		p.console.printf("letter %s is kept: read it under Settings, Partners with Amana\n", answer.Letter)
		return nil
	}
	p.console.printf("the answer is noted on referral %s of case %s\n", answer.Referral, answer.Case)
	return nil
}
