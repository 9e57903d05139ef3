package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
)

// dirFlag adds --dir. Where it is left out, the folder is amana's own.
func dirFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "dir", "", "`folder` of the vault (where left out: amana's own, in your home)")
}

// folder returns the folder that was asked for, or amana's own: where a system
// keeps what belongs to one person and one device.
func folder(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", hintedError{fmt.Errorf("find the home folder: %w", err), "name the folder: --dir FOLDER"}
	}
	switch runtime.GOOS {
	case "windows": // not the roaming folder: that is copied to servers
		if local := os.Getenv("LocalAppData"); local != "" {
			return filepath.Join(local, "Amana"), nil
		}
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "Amana"), nil
	}
	return filepath.Join(home, ".local", "share", "amana"), nil
}
