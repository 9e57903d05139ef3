package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
	"amana/internal/vault"
)

func (p *program) bundleCommand() *cobra.Command {
	c := &cobra.Command{
		Use:         "bundle",
		Short:       "Take entries from one device to another in a sealed file",
		Args:        known,
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE:        func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.bundleExportCommand(), p.bundleImportCommand())
	return c
}

func (p *program) bundleExportCommand() *cobra.Command {
	var dir, device string
	var files bool
	c := &cobra.Command{
		Use:   "export FILE",
		Short: "Write what other devices may lack into one sealed file",
		Long: `Write every entry of this device, and those it has of others, into one sealed file.
Any member of the organisation can take it in on any of its devices; nobody else
can read it. It is no backup: ways in are not in it. With --for it leaves out what that
one device is known to have. With --files it carries the files of evidence that the
member can read and that are here. About how large it is, is said first.
FILE must not exist yet; - writes to standard output.

Standard input: the passphrase of any member.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			to := amana.DeviceID{}
			if device != "" {
				var err error
				if to, err = amana.ParseID[amana.Device](device); err != nil {
					return hintedError{usagef("--for: not the ID of a device"), "amana device list shows them"}
				}
			}
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				n, size, err := d.BundleAbout(to)
				if err != nil {
					return err
				}
				p.console.say("%d entries, about %.1f MB\n", n, float64(size)/1e6)
				carried, err := p.bundleFiles(c.Context(), d, files)
				if err != nil {
					return err
				}
				write := func(w io.Writer) error {
					made, err := d.WriteBundleTo(c.Context(), to, w, carried...)
					if err == nil {
						p.console.say("%d entries, %d files\n", made.Items, made.Files)
					}
					return err
				}
				if args[0] == "-" {
					return write(p.console.out)
				}
				return writeNewFile(args[0], write)
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&device, "for", "", "`ID` of the one device that it is for")
	c.Flags().BoolVar(&files, "files", false, "carry files of evidence too")
	return c
}

// bundleFiles are the files that a bundle is to carry; it says how large they are before
// anything is written.
func (p *program) bundleFiles(ctx context.Context, d *casework.Desk, wanted bool) ([]vault.File, error) {
	if !wanted {
		return nil, nil
	}
	list, err := d.BundleFiles(ctx)
	if err != nil {
		return nil, err
	}
	var size int64
	for _, f := range list {
		size += f.Size
	}
	p.console.say("%d files of evidence: the bundle is larger by %.1f MB\n", len(list), float64(size)/1e6)
	return list, nil
}

// bundleAnswer is what came of a bundle.
type bundleAnswer struct {
	Made    time.Time `json:"made"`
	Taken   int       `json:"taken"`
	Known   int       `json:"known"`
	Erased  int       `json:"erased"`
	Waiting int       `json:"waiting"`
	Refused int       `json:"refused"`

	Files       int `json:"files"`
	FilesKnown  int `json:"files_known"`
	FilesPassed int `json:"files_passed"` // of records that the member cannot read, or that are erased
	FilesBad    int `json:"files_bad"`
}

func (p *program) bundleImportCommand() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take in what another device wrote into a bundle",
		Long: `Take in the entries of a bundle. Each chain is verified to the end that its device
signed; what is here already is passed over, so a bundle can be taken in again.
What was ordered erased is kept without its content.

Standard input: the passphrase of any member.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				f, err := openGiven(args[0], "bundle", "FILE is what amana bundle export wrote")
				if err != nil {
					return err
				}
				defer f.Close()
				done, made, err := d.ReadBundle(c.Context(), f)
				answer := bundleAnswer{
					made, done.Taken, done.Known, done.Erased, done.Waiting, done.Refused,
					done.Files, done.FilesKnown, done.FilesPassed, done.FilesBad,
				}
				if asJSON && err == nil {
					return p.console.printJSON(answer)
				}
				if err == nil || done.Taken > 0 {
					p.console.printf("%d entries taken, %d known, %d waiting, %d refused\n", done.Taken, done.Known, done.Waiting, done.Refused)
				}
				if done.Files+done.FilesPassed+done.FilesBad > 0 {
					p.console.printf("files: %d taken, %d known, %d not for this member, %d not what was taken in\n", done.Files, done.FilesKnown, done.FilesPassed, done.FilesBad)
				}
				return err
			})
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	return c
}

// openGiven opens a file that somebody named, and says what it should have been.
func openGiven(path, what, hint string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hintedError{fmt.Errorf("there is no such %s: %w", what, amana.ErrNotFound), hint}
	}
	if err != nil {
		return nil, diskError("open "+what, err)
	}
	return f, nil
}
