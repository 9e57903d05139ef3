package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"amana/internal/demo"
	"amana/internal/web"
)

// demoAnswer is what other programs read; see docs/cli.md.
type demoAnswer struct {
	URL     string       `json:"url"`
	Dir     string       `json:"dir"`
	Members []demoMember `json:"members"`
}

type demoMember struct {
	Name       string   `json:"name"`
	Role       string   `json:"role"` // the first of them
	Roles      []string `json:"roles"`
	Teams      []string `json:"teams"`
	Passphrase string   `json:"passphrase"`
}

// demoOptions is what the flags of demo say.
type demoOptions struct {
	dir, addr string
	cases     int
	seed      uint64
	noBrowser bool
	asJSON    bool
}

func (p *program) demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use:   "demo",
		Short: "Open an invented organisation in your browser",
		Long: `Open an invented clinic in your browser: three teams, seven members whose
passphrases are printed, and invented cases over a year. Nothing in it is real,
and nothing that is real belongs in it. It serves until it is interrupted, and
leaves nothing behind unless --dir names a folder.`,
		Args:        exactly(),
		Annotations: canExit(exitStorage, exitInterrupted),
		RunE:        func(c *cobra.Command, _ []string) error { return p.demo(c.Context(), o) },
	}
	c.Flags().StringVar(&o.dir, "dir", "", "`folder` that is empty or does not exist (where left out: one that goes when the demo ends)")
	c.Flags().StringVar(&o.addr, "addr", "127.0.0.1:0", "`host:port` to answer on, of this device only")
	c.Flags().IntVar(&o.cases, "cases", 200, "how many cases to invent")
	c.Flags().Uint64Var(&o.seed, "seed", 1, "what to invent them from: the same seed, the same cases")
	c.Flags().BoolVar(&o.noBrowser, "no-browser", false, "do not open a browser")
	jsonFlag(c, &o.asJSON)
	return c
}

func (p *program) demo(ctx context.Context, o demoOptions) error {
	if o.cases < 0 {
		return usagef("--cases %d: fewer than none", o.cases)
	}
	l, err := listen(ctx, o.addr)
	if err != nil {
		return err
	}
	defer l.Close()
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "amana-demo-"); err != nil {
			return diskError("new folder", err)
		}
		defer os.RemoveAll(o.dir)
	}
	built, err := demo.Build(ctx, o.dir, demo.Options{Cases: o.cases, Seed: o.seed, Now: p.now, Progress: p.progress(o)})
	if err != nil {
		return err
	}
	c, err := p.openOffice(o.dir, true)
	if err != nil {
		return err
	}
	answer := demoAnswer{URL: urlOf(l), Dir: o.dir}
	notice := &web.Demo{}
	for _, m := range built {
		roles := make([]string, len(m.Roles))
		for i, r := range m.Roles {
			roles[i] = string(r)
		}
		answer.Members = append(answer.Members, demoMember{m.Name, roles[0], roles, append([]string{}, m.Teams...), m.Passphrase})
		notice.Members = append(notice.Members, web.DemoMember{
			Name: m.Name, Roles: m.Roles, Teams: m.Teams, Passphrase: m.Passphrase,
		})
	}
	return p.servePages(ctx, l, c, notice, func() error { return p.answerDemo(ctx, o, answer) })
}

// answerDemo says where the demo is and how to get in.
func (p *program) answerDemo(ctx context.Context, o demoOptions, a demoAnswer) error {
	if o.asJSON {
		return p.console.printJSON(a)
	}
	p.console.printf("%s\n\n", a.URL)
	t := tabwriter.NewWriter(p.console.out, 0, 0, 3, ' ', 0)
	for _, m := range a.Members {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", m.Passphrase, m.Name, strings.ReplaceAll(strings.Join(m.Roles, ", "), "_", " "), strings.Join(m.Teams, "; "))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	p.console.printf("\nIts people are invented; its claims are what one public news summary says, unless they say \"(inventé)\". It is kept in %s.\n", a.Dir)
	p.console.say("Ctrl-C ends it.\n")
	if o.noBrowser {
		return nil
	}
	if err := openBrowser(ctx, a.URL); err != nil {
		p.console.say("No browser opened by itself: open the address above.\n")
	}
	return nil
}

// progress tells a person, in tenths, how far a large demo is.
func (p *program) progress(o demoOptions) func(int) {
	const large = 2000 // takes seconds
	if o.asJSON || o.cases < large {
		return nil
	}
	said := 0
	return func(cases int) {
		if tenths := cases * 10 / o.cases; tenths > said {
			said = tenths
			p.console.say("%d %% of %d cases\n", tenths*10, o.cases)
		}
	}
}
