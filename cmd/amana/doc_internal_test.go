package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestCommandPage compares docs/cli.md with what --help says. The part above
// the marker is written by hand; AMANA_GOLDEN=write writes the rest.
func TestCommandPage(t *testing.T) {
	const page, marker = "../../docs/cli.md", "<!-- from --help; do not edit below -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, got, ok := strings.Cut(string(text), marker)
	if !ok {
		t.Fatalf("%s has no line %q", page, marker)
	}
	want := helpOfAll(t)
	if got == want {
		return
	}
	if os.Getenv("AMANA_GOLDEN") != "write" {
		t.Fatalf("%s is not what --help says; run `make golden`", page)
	}
	if err := os.WriteFile(page, []byte(head+marker+want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func helpOfAll(t *testing.T) string {
	t.Helper()
	var page strings.Builder
	p := &program{console: newConsole(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})}
	var describe func(c *cobra.Command)
	describe = func(c *cobra.Command) {
		var help bytes.Buffer
		c.SetOut(&help)
		c.InitDefaultHelpFlag()
		if err := c.Help(); err != nil {
			t.Fatal(err)
		}
		page.WriteString("\n## " + c.CommandPath() + "\n\n```\n" + help.String() + "```\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				describe(sub)
			}
		}
	}
	root := p.root()
	describe(root)
	return page.String()
}

// TestCommands_sayEnough: every command has a line in the list, and says how
// it can end.
func TestCommands_sayEnough(t *testing.T) {
	var check func(c *cobra.Command)
	check = func(c *cobra.Command) {
		if c.Short == "" {
			t.Errorf("%s has no short description", c.CommandPath())
		}
		if c.Annotations[exitAnnotation] == "" {
			t.Errorf("%s does not say how it can end", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			check(sub)
		}
	}
	p := &program{console: newConsole(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})}
	check(p.root())
}
