package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// misread says in plain words what is wrong with a flag, and what would be right.
func misread(c *cobra.Command, err error) error {
	all := c.CommandPath() + " --help lists the flags"
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var bad *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if shorthands := unknown.GetSpecifiedShortnames(); shorthands != "" {
			return hintedError{usagef("-%s: there is no such flag", shorthands), all}
		}
		if near := nearest(c, name); near != "" {
			return hintedError{usagef("--%s: there is no such flag", name), "did you mean --" + near + "?"}
		}
		return hintedError{usagef("--%s: there is no such flag", name), all}
	case errors.As(err, &empty):
		return hintedError{usagef("--%s needs a value", empty.GetSpecifiedName()), all}
	case errors.As(err, &bad):
		return hintedError{usageError{wanted(bad)}, all}
	}
	return hintedError{usageError{err}, all}
}

// wanted says what kind of value the flag takes.
func wanted(bad *pflag.InvalidValueError) error {
	name, value := bad.GetFlag().Name, bad.GetValue()
	switch kind := bad.GetFlag().Value.Type(); {
	case errors.Is(bad, strconv.ErrRange):
		return fmt.Errorf("--%s %s: this number is too large", name, value)
	case strings.HasPrefix(kind, "int"):
		return fmt.Errorf("--%s %s: want a whole number", name, value)
	case strings.HasPrefix(kind, "uint"):
		return fmt.Errorf("--%s %s: want a whole number, not below 0", name, value)
	case strings.HasPrefix(kind, "float"):
		return fmt.Errorf("--%s %s: want a number, as 0.95", name, value)
	case kind == "duration":
		return fmt.Errorf("--%s %s: want a time, as 90s, 15m or 36h", name, value)
	case kind == "bool":
		return fmt.Errorf("--%s=%s: want true or false, or the flag alone", name, value)
	}
	return fmt.Errorf("--%s %s: %w", name, value, bad.Unwrap())
}

// nearest returns the flag of the command that was probably meant, or "".
func nearest(c *cobra.Command, name string) string {
	best, least := "", 3 // more than two letters away is another word
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if strings.HasPrefix(f.Name, name) && len(name) > 2 {
			best, least = f.Name, 0
		} else if d := distance(f.Name, name); d < least && d < len(name) {
			best, least = f.Name, d
		}
	})
	return best
}

// distance counts the letters to be changed, added or left out between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			before, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, before+cost)
		}
	}
	return row[len(b)]
}
