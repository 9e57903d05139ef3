// Package e2e walks the program's pages in a real Chromium, as the people who
// use it do: in French, English and Arabic, by keyboard alone, without scripts,
// on a small screen, in the dark. It also looks for what a browser leaves behind.
//
// It needs Chromium, found in PATH or named by AMANA_CHROMIUM, and for the
// checks of accessibility axe-core, named by AMANA_AXE. Where they are missing
// the tests say so and are skipped; under AMANA_REQUIRE=all they fail.
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// amana is the program, built once for all tests; empty where nothing needs it.
var amana string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "amana-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if chromium() != "" {
		amana = filepath.Join(dir, "amana")
		if out, err := exec.Command("go", "build", "-o", amana, "../cmd/amana").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build amana: %v\n%s", err, out)
			return 1
		}
	}
	return m.Run()
}

// chromium returns the browser's path, or "".
func chromium() string {
	names := []string{os.Getenv("AMANA_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"}
	for _, name := range slices.DeleteFunc(names, func(s string) bool { return s == "" }) {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// need skips the test, or fails it where nothing may be skipped.
func need(t testing.TB, there bool, what string) {
	t.Helper()
	switch {
	case there:
	case os.Getenv("AMANA_REQUIRE") == "all":
		t.Fatalf("needs %s, and AMANA_REQUIRE=all", what)
	default:
		t.Skipf("needs %s", what)
	}
}
