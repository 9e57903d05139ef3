package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"amana"
)

func TestSecret_readsOneLine(t *testing.T) {
	tests := []struct {
		name  string
		input string
		want  string
		err   error
	}{
		{"a line", "paper lamp river\n", "paper lamp river", nil},
		{"the line end of another system", "paper lamp river\r\n", "paper lamp river", nil},
		{"the last line without an end", "paper lamp river", "paper lamp river", nil},
		{"spaces belong to it", "  paper \n", "  paper ", nil},
		{"nothing", "", "", amana.ErrLocked},
		{"an empty line", "\n", "", amana.ErrLocked},
		{"a line without end", strings.Repeat("a", maxLine+1), "", amana.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(strings.NewReader(tt.input), io.Discard, io.Discard)
			got, err := c.secret(t.Context(), "Passphrase")
			if string(got) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("secret = %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestSecret_readsLineByLine(t *testing.T) {
	c := newConsole(strings.NewReader("one\ntwo\n"), io.Discard, io.Discard)
	for _, want := range []string{"one", "two"} {
		if got, err := c.newSecret(t.Context(), "Passphrase"); string(got) != want || err != nil {
			t.Errorf("newSecret = %q, %v; want %q", got, err, want)
		}
	}
}

func TestSecret_canBeInterrupted(t *testing.T) {
	never, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := newConsole(never, io.Discard, io.Discard)
	if _, err := c.secret(ctx, "Passphrase"); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}

func TestSecret_isNotShown(t *testing.T) {
	var out, said bytes.Buffer
	c := newConsole(strings.NewReader("paper lamp river\n"), &out, &said)
	if _, err := c.secret(t.Context(), "Passphrase"); err != nil {
		t.Fatal(err)
	}
	if out.Len()+said.Len() != 0 {
		t.Errorf("shown where no terminal is: %q, %q", out.String(), said.String())
	}
}
