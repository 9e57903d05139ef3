package main

import (
	"github.com/spf13/cobra"

	"amana/internal/bench"
)

func (p *program) benchCommand() *cobra.Command {
	o := bench.Options{Now: p.now}
	var asJSON bool
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure what the project promises, each figure beside a reference",
		Long: `Measure what the project promises, on invented cases, each figure beside a
reference of the same run on the same disk. Whether a goal is reached stands in
the answer; the exit status says only whether it could be measured. The whole run
takes minutes; --quick takes less than one, on fewer records.`,
		Args:        exactly(),
		Annotations: canExit(exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			o.Progress = func(doing string) { p.console.say("%s\n", doing) }
			report, err := bench.Run(c.Context(), o)
			if err != nil {
				return err
			}
			if asJSON {
				return p.console.printJSON(report)
			}
			return report.WriteTable(p.console.out)
		},
	}
	c.Flags().BoolVar(&o.Quick, "quick", false, "measure on fewer records, in less than a minute on two cores")
	c.Flags().StringVar(&o.Dir, "dir", "", "`folder` on the disk to measure (where left out: the system's temporary one)")
	jsonFlag(c, &asJSON)
	return c
}
