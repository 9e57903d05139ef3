package main

import (
	"bytes"
	"strings"
	"syscall"
	"testing"
)

// What is in memory goes into no file when the program is killed, and no other program of
// the same user reads it: the first command that is run sees to that.
func TestRun_closesMemory(t *testing.T) {
	var out bytes.Buffer
	if code := run(t.Context(), []string{"version"}, strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("exit %d: %s", code, out.String())
	}
	const prGetDumpable = 3
	dumpable, _, failed := syscall.RawSyscall(syscall.SYS_PRCTL, prGetDumpable, 0, 0)
	if failed != 0 || dumpable != 0 {
		t.Errorf("dumpable is %d", dumpable)
	}
	var core syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &core); err != nil || core.Cur != 0 || core.Max != 0 {
		t.Errorf("a dump may have %+v bytes, %v", core, err)
	}
}
