package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"amana"
)

// maxLine is the longest line that is read from standard input: a share of a
// recovery key fits with room to spare.
const maxLine = 4096

// console is where the command is asked and answers.
type console struct {
	in       *bufio.Reader
	terminal *os.File // nil where standard input is not a terminal
	out, err io.Writer
}

func newConsole(stdin io.Reader, stdout, stderr io.Writer) *console {
	c := &console{in: bufio.NewReaderSize(stdin, maxLine), out: stdout, err: stderr}
	if f, ok := stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		c.terminal = f
	}
	return c
}

// secret asks for a passphrase: on a terminal without showing it, otherwise as
// one line of standard input. The caller clears it.
func (c *console) secret(ctx context.Context, prompt string) ([]byte, error) {
	if c.terminal == nil {
		return c.line(ctx)
	}
	fmt.Fprint(c.err, prompt+": ")
	state, err := term.GetState(int(c.terminal.Fd()))
	if err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	words, err := waitFor(ctx, func() ([]byte, error) { return term.ReadPassword(int(c.terminal.Fd())) })
	fmt.Fprintln(c.err)
	if errors.Is(err, context.Canceled) { // the reading goes on; make the terminal show again
		_ = term.Restore(int(c.terminal.Fd()), state)
	}
	return words, given(words, err)
}

// newSecret asks for a passphrase that is to be remembered: on a terminal twice.
func (c *console) newSecret(ctx context.Context, prompt string) ([]byte, error) {
	words, err := c.secret(ctx, prompt)
	if err != nil || c.terminal == nil {
		return words, err
	}
	again, err := c.secret(ctx, "The same once more")
	if err != nil {
		return nil, err
	}
	defer clear(again)
	if !bytes.Equal(words, again) {
		return nil, fmt.Errorf("the two are not the same: %w", amana.ErrInvalid)
	}
	return words, nil
}

// answer asks for something that may be seen.
func (c *console) answer(ctx context.Context, prompt string) (string, error) {
	if c.terminal != nil {
		fmt.Fprint(c.err, prompt+": ")
	}
	words, err := c.line(ctx)
	return string(words), err
}

// line reads one line of standard input without its end.
func (c *console) line(ctx context.Context) ([]byte, error) {
	words, err := waitFor(ctx, func() ([]byte, error) {
		line, err := c.in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("standard input: a line of more than %d bytes: %w", maxLine, amana.ErrInvalid)
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return bytes.Clone(bytes.TrimRight(line, "\r\n")), nil
	})
	return words, given(words, err)
}

func given(words []byte, err error) error {
	if err == nil && len(words) == 0 {
		return hintedError{
			fmt.Errorf("nothing was given: %w", amana.ErrLocked),
			"type it when asked, or give it as a line of standard input",
		}
	}
	return err
}

// waitFor waits for read, or for an interruption: reading cannot be interrupted.
func waitFor(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		words []byte
		err   error
	}
	done := make(chan result, 1)
	go func() {
		words, err := read()
		done <- result{words, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		return r.words, r.err
	}
}

// printJSON answers a script: one object on one line, for whoever reads by lines.
func (c *console) printJSON(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// printf answers a person.
func (c *console) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

// say tells a person something besides the answer.
func (c *console) say(format string, args ...any) { fmt.Fprintf(c.err, format, args...) }

// complain says what went wrong, and what may help.
func (c *console) complain(err error) {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	fmt.Fprintf(c.err, "amana: %v\n", err)
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(c.err, "amana: hint: %s\n", hint)
	}
}
