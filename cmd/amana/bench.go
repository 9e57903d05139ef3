package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/bench"
)

func (p *program) benchCommand() *cobra.Command {
	o := bench.Options{Now: p.now}
	var asJSON bool
	var evidence, postgres string
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure what the project promises, each figure beside a reference",
		Long: `Measure what the project promises, on invented cases, each figure beside a
reference of the same run on the same disk. Whether a goal is reached stands in
the answer; the exit status says only whether it could be measured. The whole run
takes minutes; --quick takes less than one, on fewer records.

A hub is measured on SQLite, and on PostgreSQL too where --hub-db-file names a file with
the address of a database: in a schema of its own, which goes when it ends.

With --evidence only evidence is measured: one file of that size taken in, and a
dossier of 1,000 files and half that size made, fetched and verified. It needs three
times that size on the disk while it runs.`,
		Args:        exactly(),
		Annotations: canExit(exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			o.Progress = func(doing string) { p.console.say("%s\n", doing) }
			o.Hub = p.benchHub
			var err error
			if postgres != "" {
				if o.Postgres, err = databaseAddress(postgres, "--hub-db-file"); err != nil {
					return err
				}
			}
			report, err := runBench(c.Context(), o, evidence)
			if err != nil && len(report.Figures) == 0 {
				return err
			}
			if asJSON { // half an hour's figures are not lost with the last one
				return errors.Join(err, p.console.printJSON(report))
			}
			return errors.Join(err, report.WriteTable(p.console.out))
		},
	}
	c.Flags().BoolVar(&o.Quick, "quick", false, "measure on fewer records, in less than a minute on two cores")
	c.Flags().StringVar(&evidence, "evidence", "", "measure evidence instead, with a file of this `size`: 500MB, 10GB")
	c.Flags().StringVar(&postgres, "hub-db-file", "", "`file` with the address of a PostgreSQL database to measure a hub on: postgres://…")
	c.Flags().StringVar(&o.Dir, "dir", "", "`folder` on the disk to measure (where left out: the system's temporary one)")
	jsonFlag(c, &asJSON)
	return c
}

// proofFiles is how many files the dossier of the bench has.
const proofFiles = 1000

func runBench(ctx context.Context, o bench.Options, evidence string) (bench.Report, error) {
	if evidence == "" {
		return bench.Run(ctx, o)
	}
	size, err := byteSize(evidence)
	if err != nil {
		return bench.Report{}, err
	}
	p := bench.Proofs{File: size, Files: proofFiles, DossierSize: size / 2}
	if tool, err := exec.LookPath("sha256sum"); err == nil {
		p.Sum = func(ctx context.Context, path string) error { return exec.CommandContext(ctx, tool, path).Run() }
	}
	return bench.RunProofs(ctx, o, p)
}

// byteSize reads a size in megabytes or gigabytes.
func byteSize(text string) (int64, error) {
	for unit, bytes := range map[string]int64{"MB": 1e6, "GB": 1e9} {
		if number, is := strings.CutSuffix(strings.ToUpper(text), unit); is {
			n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 32)
			if err == nil && n > 0 && n <= 1_000_000 {
				return n * bytes, nil
			}
		}
	}
	return 0, fmt.Errorf("a size is a number with MB or GB: %w", amana.ErrInvalid)
}

// benchHub starts a hub in a process of its own, and returns once it answers.
func (p *program) benchHub(ctx context.Context, dir, keyFile string) (h bench.HubProcess, err error) {
	program, err := os.Executable()
	if err != nil {
		return h, diskError("this program", err)
	}
	for _, to := range []*string{&h.Address, &h.Operator} {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return h, fmt.Errorf("listen: %w", amana.ErrStorage)
		}
		*to = l.Addr().String()
		l.Close()
	}
	c := exec.CommandContext(ctx, program, "hub", "serve", "--db", dir, "--key", keyFile, "--addr", h.Address, "--operator-addr", h.Operator,
		"--rate", "1000000", "--files-quota", "0") // all of its devices are of one organisation, and come at once
	if err := c.Start(); err != nil {
		return h, fmt.Errorf("start a hub: %w", amana.ErrStorage)
	}
	h.PID = c.Process.Pid
	h.End = sync.OnceFunc(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return h, nil
}
