package journal

import (
	"os"
	"syscall"
)

// syncData makes what was written durable, without the times of the file.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
