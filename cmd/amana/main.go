// Command amana keeps sealed records: it founds an organisation, serves its
// pages to this device's browser, and answers for what lies on the disk.
//
// House rules of this package: personal words are never printed; records
// appear by their IDs. Standard output carries the answer, standard error what
// is said about it. Secrets come from a prompt or from standard input, never
// from a flag or the environment. Only main exits.
package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run does what the arguments ask and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{
		console: newConsole(stdin, stdout, stderr),
		log:     slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		now:     time.Now,
	}
	closeMemory(p.log)
	root := p.root() //nolint:contextcheck // cobra hands the context to what runs
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil {
		p.console.complain(err)
	}
	return exitCode(err)
}

// program is what every command works with.
type program struct {
	console *console
	log     *slog.Logger
	now     func() time.Time
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "amana",
		Short: "Sealed records of people in danger, kept on this device",
		Long: `Amana keeps records of people who were harmed, sealed so that only the people
they chose can read them. Everything happens on this device; it answers only
the browser that runs on it.

To look around with invented people:   amana demo
To begin in earnest:                   amana serve`,
		Args:                       known,
		RunE:                       func(c *cobra.Command, _ []string) error { return c.Help() },
		SuggestionsMinimumDistance: 2,

		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(misread)
	for _, g := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"work", "To work with it:", []*cobra.Command{p.demoCommand(), p.serveCommand(), p.initCommand(), p.memberCommand()}},
		{"keep", "To keep it, and trust it:", []*cobra.Command{
			p.backupCommand(), p.restoreCommand(), p.recoverCommand(), p.verifyCommand(), p.inspectCommand(), p.timestampCommand(),
		}},
		{"others", "With other computers of the organisation:", []*cobra.Command{p.deviceCommand(), p.syncCommand(), p.bundleCommand(), p.hubCommand()}},
		{"exchange", "In and out:", []*cobra.Command{
			p.importCommand(), p.exportCommand(), p.servicesCommand(), p.letterCommand(), p.redactionsCommand(),
		}},
		{"figures", "Figures, and this program:", []*cobra.Command{p.estimateCommand(), p.benchCommand(), p.versionCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.id
			root.AddCommand(c)
		}
	}
	root.SetHelpCommandGroupID("figures")
	root.SetCompletionCommandGroupID("figures")
	describeExits(root)
	return root
}
