package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
)

// openBrowser shows a page in the person's browser. It does not wait.
func openBrowser(ctx context.Context, url string) error {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("open a browser: %w", err)
	}
	c := exec.CommandContext(context.WithoutCancel(ctx), path, args...)
	if err := c.Start(); err != nil {
		return fmt.Errorf("open a browser: %w", err)
	}
	go func() { _ = c.Wait() }() // so that no dead process stays
	return nil
}
