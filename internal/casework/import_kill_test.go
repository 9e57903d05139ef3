package casework_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"amana/internal/casework"
)

const childDir = "AMANA_IMPORT_CHILD"

// TestImportChild is no test but the program that the next one kills.
func TestImportChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("is run by TestImport_killedAndAgain")
	}
	o, err := casework.NewOffice(casework.Options{Dir: filepath.Join(dir, "v"), Demo: true, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	d := (&office{Office: o}).unlock(t, adminWords)
	file, err := os.ReadFile(filepath.Join(dir, "sheet.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	try(t, d, file, plan(d))
	if err := d.TakeImport(t.Context(), casework.Later); err != nil {
		t.Fatal(err)
	}
	for {
		st, _ := d.ImportState()
		fmt.Println("done", st.Done)
		time.Sleep(time.Millisecond)
	}
}

// An import that is killed leaves whole rows, nothing that can be read, and goes on
// when the file is brought again.
func TestImport_killedAndAgain(t *testing.T) {
	dir := t.TempDir()
	o, err := casework.NewOffice(casework.Options{Dir: filepath.Join(dir, "v"), Demo: true, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Found(t.Context(), newOrganisation()); err != nil {
		t.Fatal(err)
	}
	const all = 3000
	file := sheet(t, all, nil)
	if err := os.WriteFile(filepath.Join(dir, "sheet.xlsx"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	kill(t, dir)
	if left, _ := filepath.Glob(filepath.Join(dir, "v", "views", "spool-*")); len(left) != 1 {
		t.Errorf("the killed program left %d files, want the one that nobody can open", len(left))
	}
	if o, err = casework.NewOffice(casework.Options{Dir: filepath.Join(dir, "v"), Demo: true, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.LockAll() })
	if left, _ := filepath.Glob(filepath.Join(dir, "v", "views", "spool-*")); len(left) != 0 {
		t.Errorf("%d files of the killed program stay", len(left))
	}
	d := (&office{Office: o}).unlock(t, adminWords)
	some := broughtIn(t, d)
	if len(some) == 0 || len(some) == all {
		t.Fatalf("%d incidents when it was killed", len(some))
	}
	for _, l := range some { // each with its case: a row is whole
		if f, err := d.Session().Peek(l.Case); err != nil || f.Case.Value("survivor_code_no").IsZero() || f.Case.Tampered > 0 {
			t.Fatalf("case of incident %s: %v", l.ID, err)
		}
	}
	st := try(t, d, file, plan(d))
	if st.Report.Here != len(some) || st.Report.New != all-len(some) {
		t.Fatalf("%d there, tried: %+v", len(some), st.Report)
	}
	take(t, d, casework.Later)
	if n := len(broughtIn(t, d)); n != all {
		t.Errorf("%d incidents, want %d", n, all)
	}
}

// kill starts the program, and ends it in the middle.
func kill(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestImportChild$", "-test.v")
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n := 0
		if fmt.Sscanf(lines.Text(), "done %d", &n); n >= 800 {
			break
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
}
