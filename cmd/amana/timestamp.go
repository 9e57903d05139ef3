package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
)

// timestampAnswer is what other programs read; see docs/cli.md.
type timestampAnswer struct {
	Answered int        `json:"answered"`
	Stamped  int        `json:"stamped"`
	Waiting  int        `json:"waiting"`
	Loose    int        `json:"loose"`
	Last     *time.Time `json:"last"`
}

// authorityWait is how long an authority may take.
const authorityWait = 30 * time.Second

// largestToken is more than any answer has.
const largestToken = 64 << 10

func (p *program) timestampCommand() *cobra.Command {
	var dir, authority, trust string
	var asJSON bool
	c := &cobra.Command{
		Use:   "timestamp",
		Short: "Have an authority confirm when evidence existed",
		Long: `Make a batch of the statements of custody that no batch holds, and of where the
journal ends, and have a timestamp authority (RFC 3161) confirm it. The authority
is sent one hash for all of it and learns nothing else. Without --authority the one
is asked that the organisation set; where there is none, or no network, batches
wait, and nothing else does. Each answer is verified before it is kept; with --trust
it must lead to one of these certificates.

Standard input: the passphrase of any member.`,
		Args:        cobra.NoArgs,
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			a := casework.Authority{Address: authority}
			var err error
			if a.Trust, err = trusted(trust); err != nil {
				return err
			}
			if authority != "" && casework.CheckAuthority(authority) != nil {
				return fmt.Errorf("the address of the authority: %w", amana.ErrInvalid)
			}
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error { return p.stamp(c.Context(), d, a, asJSON) })
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	c.Flags().StringVar(&authority, "authority", "", "address of the timestamp authority (http or https)")
	c.Flags().StringVar(&trust, "trust", "", "a file of certificates (PEM) that answers must lead to")
	return c
}

// trusted reads the file of certificates.
func trusted(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the file of certificates: %w", amana.ErrNotFound)
	}
	return raw, nil
}

// askAuthority asks the authority at an address.
func askAuthority(address string) casework.Asker {
	client := &http.Client{Timeout: authorityWait, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(ctx context.Context, question []byte) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(question))
		if err != nil {
			return nil, fmt.Errorf("the authority: %w", amana.ErrInvalid)
		}
		r.Header.Set("Content-Type", "application/timestamp-query")
		answer, err := client.Do(r)
		if err != nil {
			return nil, fmt.Errorf("the authority cannot be reached: %w", amana.ErrNotFound)
		}
		defer answer.Body.Close()
		raw, err := io.ReadAll(io.LimitReader(answer.Body, largestToken))
		if err != nil || answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("the authority gave no answer: %w", amana.ErrRefused)
		}
		return raw, nil
	}
}

// stamp says how timestamps stand also where the authority failed: what waits is
// safe, and waits.
func (p *program) stamp(ctx context.Context, d *casework.Desk, a casework.Authority, asJSON bool) error {
	if a.Address == "" {
		a.Address = d.Authority().Address
		if len(a.Trust) == 0 {
			a.Trust = d.Authority().Trust
		}
	}
	var ask casework.Asker
	if a.Address != "" {
		ask = askAuthority(a.Address)
	}
	answered, failed := d.Stamp(ctx, ask, a.Trust)
	s, err := d.Stamping(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		a := timestampAnswer{Answered: answered, Stamped: s.Stamped, Waiting: s.Waiting, Loose: s.Loose}
		if !s.Last.IsZero() {
			a.Last = &s.Last
		}
		if err := p.console.printJSON(a); err != nil {
			return err
		}
		return failed
	}
	p.console.printf("%d batches are confirmed, %d wait for an authority\n", s.Stamped, s.Waiting)
	if !s.Last.IsZero() {
		p.console.printf("the newest was confirmed at %s\n", s.Last.Format("2006-01-02 15:04:05 UTC"))
	}
	return failed
}
