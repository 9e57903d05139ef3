package arch

import (
	"io/fs"
	"os"
	"testing"
)

// TestMap holds the code to docs/map.txt. A failure is a question about the
// design; the map is changed only when the answer is a better design.
func TestMap(t *testing.T) {
	root := os.DirFS("../..")
	text, err := fs.ReadFile(root, "docs/map.txt")
	if err != nil {
		t.Fatal(err)
	}
	p, err := parsePlan(string(text))
	if err != nil {
		t.Fatalf("docs/map.txt: %v", err)
	}
	c, err := readCode(root)
	if err != nil {
		t.Fatal(err)
	}
	report(t, p.faults(c))
	report(t, banFaults(c))
	report(t, p.revealFaults(c))
}

// TestSize: a file is read in one sitting, a function without scrolling.
func TestSize(t *testing.T) {
	faults, err := sizeFaults(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	report(t, faults)
}

// TestFinished: what is left to do is an issue, not a comment.
func TestFinished(t *testing.T) {
	faults, err := wordFaults(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	report(t, faults)
}

func report(t *testing.T, faults []string) {
	t.Helper()
	for _, fault := range faults {
		t.Error(fault)
	}
}
