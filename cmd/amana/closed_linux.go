package main

import (
	"log/slog"
	"syscall"
)

// prSetDumpable is PR_SET_DUMPABLE of prctl(2).
const prSetDumpable = 4

// closeMemory keeps what is in memory from being written to a file when the program is
// ended by a signal, and from other programs of the same user, which could otherwise read
// it at any time (proc(5), /proc/pid/mem; ptrace(2)). The administrator still can.
func closeMemory(log *slog.Logger) {
	none := syscall.Rlimit{}
	err := syscall.Setrlimit(syscall.RLIMIT_CORE, &none)
	_, _, failed := syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0)
	if err != nil || failed != 0 {
		log.Warn("the system does not keep this program's memory from other programs of the same user")
	}
}
