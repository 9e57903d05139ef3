//go:build !linux

package main

import "log/slog"

// closeMemory does nothing on these systems.
func closeMemory(*slog.Logger) {}
