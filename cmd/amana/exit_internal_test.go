package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"amana"
)

func TestExitCode(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"done", nil, 0},
		{"anything", errors.New("anything"), 1},
		{"not found", amana.ErrNotFound, 1},
		{"not understood", usagef("what?"), 2},
		{"not understood, with a hint", hintedError{usagef("what?"), "this"}, 2},
		{"tampered", fmt.Errorf("journal: entry 7: %w", amana.ErrTampered), 10},
		{"refused", fmt.Errorf("casework: %w", amana.ErrRefused), 11},
		{"locked", amana.ErrLocked, 12},
		{"wrong passphrase", amana.ErrPassphrase, 12},
		{"too many wrong ones", amana.ErrWait, 12},
		{"disk full", fmt.Errorf("journal: append: %w", amana.ErrStorage), 13},
		{"interrupted", fmt.Errorf("read: %w", context.Canceled), 130},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := exitCode(tt.err); got != tt.want {
				t.Errorf("exitCode(%v) = %d, want %d", tt.err, got, tt.want)
			}
		})
	}
}

// TestExits_areAllDescribed: a code that help does not name is a code nobody knows.
func TestExits_areAllDescribed(t *testing.T) {
	text := canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted)[exitAnnotation]
	for _, e := range exits {
		if !strings.Contains(text, e.means) {
			t.Errorf("help does not say what %d means", e.code)
		}
	}
	if n := strings.Count(text, "\n"); n != len(exits) {
		t.Errorf("help names %d codes, want %d", n, len(exits))
	}
}
