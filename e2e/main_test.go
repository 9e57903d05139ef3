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
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
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
	watch(t)
	switch {
	case there:
	case os.Getenv("AMANA_REQUIRE") == "all":
		t.Fatalf("needs %s, and AMANA_REQUIRE=all", what)
	default:
		t.Skipf("needs %s", what)
	}
}

// watch opens every folder that the program is made of. go test answers from its cache
// where nothing changed that a test had opened, and of the program it knows nothing: the
// tests would pass without having met it. A folder stands for the sizes and times of all
// that lies in it. In TestMain it would be too early: go test takes note from m.Run on.
func watch(t testing.TB) {
	t.Helper()
	if err := folders(); err != nil {
		t.Fatal(err)
	}
}

var folders = sync.OnceValue(func() error {
	for _, root := range []string{"..", "../cmd", "../internal"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if root == ".." && d != nil && d.IsDir() && path != root { // go.mod, and the package there
				return fs.SkipDir
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
})
