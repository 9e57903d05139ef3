package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
)

// The exit codes. Other programs rely on them: add, never change.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitTampered    = 10
	exitRefused     = 11
	exitLocked      = 12
	exitStorage     = 13
	exitInterrupted = 130
)

// exits says what each code means, in the order in which help shows them.
var exits = []struct {
	code  int
	means string
}{
	{exitDone, "it was done"},
	{exitFailed, "it failed for another reason"},
	{exitUsage, "the command was not understood; nothing was tried"},
	{exitTampered, "something is not as its author sealed it"},
	{exitRefused, "the rules do not allow it"},
	{exitLocked, "no passphrase, a wrong one, or too many wrong ones"},
	{exitStorage, "the disk did not take it, or the folder or file is in use"},
	{exitInterrupted, "interrupted"},
}

// exitCode is one of the two places where an error's kind becomes something
// else; the other is in package web.
func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, amana.ErrTampered):
		return exitTampered
	case errors.Is(err, amana.ErrRefused):
		return exitRefused
	case errors.Is(err, amana.ErrLocked), errors.Is(err, amana.ErrPassphrase), errors.Is(err, amana.ErrWait):
		return exitLocked
	case errors.Is(err, amana.ErrStorage), errors.Is(err, amana.ErrConflict):
		return exitStorage
	default:
		return exitFailed
	}
}

// hintOf returns what may help whoever meets the error, or "".
func hintOf(err error) string {
	var h hintedError
	var fields casework.FieldErrors
	switch {
	case errors.As(err, &h):
		return h.hint
	case errors.As(err, &fields):
		return fieldHint(fields)
	case errors.Is(err, amana.ErrPassphrase):
		return "every member has a passphrase of their own; where it is lost, the custodians can rebuild: amana recover --help"
	case errors.Is(err, amana.ErrStorage):
		return "is the disk full, or the folder read-only or missing? What was saved is safe"
	case errors.Is(err, amana.ErrConflict):
		return "is another amana at work in this folder, or something else in it already?"
	case errors.Is(err, amana.ErrTampered):
		return "keep the folder as it is; amana verify says where it is broken"
	case errors.Is(err, amana.ErrNewer):
		return "use the newest amana that this organisation uses"
	}
	return ""
}

// fieldHint says in words what is wrong with each field.
func fieldHint(fields casework.FieldErrors) string {
	catalogue, err := i18n.New()
	if err != nil {
		return ""
	}
	english := catalogue.Language("en")
	var said []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		said = append(said, name+": "+english.T(fields[name]))
	}
	return strings.Join(said, "; ")
}

// usageError is a command that was not understood.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// hintedError carries a line of help.
type hintedError struct {
	error
	hint string
}

func (e hintedError) Unwrap() error { return e.error }

// known is the validator of a command that has only subcommands.
func known(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := usagef("%s: there is no such command", c.CommandPath()+" "+args[0])
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return hintedError{err, "did you mean " + strings.Join(near, " or ") + "?"}
	}
	return hintedError{err, c.CommandPath() + " --help lists them"}
}

// exactly is a validator: so many arguments, called what they are called.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef("%s: %s is missing", c.CommandPath(), names[len(args)])
		case len(args) > len(names):
			return usagef("%s: one argument too many", c.CommandPath())
		}
		return nil
	}
}

const exitAnnotation = "exits"

// canExit notes which codes a command can end with, besides done, failed and
// not understood.
func canExit(codes ...int) map[string]string {
	codes = append([]int{exitDone, exitFailed, exitUsage}, codes...)
	var text strings.Builder
	text.WriteString("Exit status:")
	for _, e := range exits {
		if slices.Contains(codes, e.code) {
			fmt.Fprintf(&text, "\n  %-4d %s", e.code, e.means)
		}
	}
	return map[string]string{exitAnnotation: text.String()}
}

// describeExits puts the exit codes of each command at the end of its help.
func describeExits(root *cobra.Command) {
	root.Annotations = canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted)
	root.SetUsageTemplate(root.UsageTemplate() +
		"{{with index .Annotations \"" + exitAnnotation + "\"}}\n{{.}}\n{{end}}")
}
