package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"amana/internal/vault"
)

func (p *program) inspectCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "inspect PATH",
		Short: "Show what someone without keys learns from a vault",
		Long: `Show everything that somebody learns who has the vault at PATH and no passphrase:
a thief of the laptop, whoever repairs it, whoever seizes it. It reads the files
as they would, and uses no key.`,
		Args:        exactly("PATH"),
		Annotations: canExit(exitTampered, exitStorage),
		RunE: func(_ *cobra.Command, args []string) error {
			if !vault.Exists(args[0]) {
				return notAtPath()
			}
			seen, err := vault.Inspect(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return p.console.printJSON(seen)
			}
			return p.printInspection(seen)
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func (p *program) printInspection(in vault.Inspection) error {
	t := tabwriter.NewWriter(p.console.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "file\tbytes\tbits/byte\twhat it says")
	for _, f := range in.Files {
		fmt.Fprintf(t, "%s\t%d\t%.2f\t%s\n", f.Name, f.Size, f.Entropy, f.Says)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	p.console.printf("\nOne guess of a passphrase takes %d MiB of memory and %d passes over it.\n", in.Cost.MemoryKiB>>10, in.Cost.Passes)
	p.console.printf("At most %d members have a passphrase here; how many do is not to be seen.\n", in.Slots)
	if len(in.Strange) > 0 {
		p.console.printf("%d files are not the program's own: they are as readable as whoever put them there made them.\n", len(in.Strange))
	}
	p.console.printf("Names, words, kinds, authors, dates of entries: none. Noise has 8 bits a byte; small files less, being small.\n")
	return nil
}
