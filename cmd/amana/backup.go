package main

import (
	"io"

	"github.com/spf13/cobra"

	"amana/internal/casework"
)

func (p *program) backupCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write everything into one sealed file",
		Long: `Write the whole vault into one sealed file, to be kept elsewhere. It opens with
the passphrase of any member who can unlock this device, or with the custodians'
shares. What was erased before is not in it. FILE must not exist yet; - writes to
standard output.

Standard input: the passphrase of any member.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				write := func(w io.Writer) error { return d.Backup(c.Context(), w) }
				if args[0] == "-" {
					return write(p.console.out)
				}
				return writeNewFile(args[0], write)
			})
		},
	}
	dirFlag(c, &dir)
	return c
}
