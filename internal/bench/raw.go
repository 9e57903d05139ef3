package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"amana"
	"amana/internal/seal"
)

// rawFile is the reference of every save: a file to which bytes are appended,
// each append made durable before the next, and nothing else done.
type rawFile struct {
	file *os.File
	line []byte
}

func newRawFile(dir string) (*rawFile, error) {
	f, err := os.OpenFile(filepath.Join(dir, "raw"), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, storage("raw file", err)
	}
	return &rawFile{file: f}, nil
}

// sized sets how many bytes an append has, of noise.
func (r *rawFile) sized(n int) {
	for r.line = r.line[:0]; len(r.line) < n; {
		b := seal.Random16()
		r.line = append(r.line, b[:]...)
	}
	r.line = r.line[:n]
}

func (r *rawFile) appendOnce(context.Context) (int, error) {
	if _, err := r.file.Write(r.line); err != nil {
		return 0, storage("raw append", err)
	}
	if err := r.file.Sync(); err != nil {
		return 0, storage("raw append", err)
	}
	return 1, nil
}

func (r *rawFile) close() error {
	return errors.Join(r.file.Close(), os.Remove(r.file.Name()))
}

func storage(doing string, err error) error {
	return fmt.Errorf("bench: %s: %w: %w", doing, amana.ErrStorage, err)
}

// sizeOf returns the bytes of all files below a folder.
func sizeOf(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		return 0, storage("size of a folder", err)
	}
	return n, nil
}
