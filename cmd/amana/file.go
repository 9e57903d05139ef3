package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"amana"
)

// diskError says what the disk refused, without the name that somebody gave a file.
func diskError(doing string, err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	if link := (*os.LinkError)(nil); errors.As(err, &link) {
		err = link.Err
	}
	return fmt.Errorf("%s: %w: %w", doing, amana.ErrStorage, err)
}

// writeNewFile writes a file that must not exist yet: whole and durable, or not
// at all.
func writeNewFile(path string, write func(io.Writer) error) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return hintedError{fmt.Errorf("the file exists: %w", amana.ErrConflict), "choose another name: nothing is written over"}
	}
	part, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return diskError("new file", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part.Name())
		}
	}()
	err = write(part)
	if err == nil {
		err = part.Sync()
	}
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return diskOr("write file", err)
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return diskError("write file", err)
	}
	return syncFolder(filepath.Dir(path))
}

// diskOr leaves an error that has a kind as it is.
func diskOr(doing string, err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return diskError(doing, err)
	}
	return err
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return diskError("sync folder", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return diskError("sync folder", err)
	}
	return nil
}
