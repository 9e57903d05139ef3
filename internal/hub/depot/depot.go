// Package depot is where a hub keeps what is large: pieces of sealed files, each under
// a random name, put once and never changed. It knows neither organisations nor what
// belongs together, and lists nothing: that is in the hub's database.
package depot

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"amana"
)

// ID names one piece: 16 random bytes.
type ID [16]byte

// String is the ID as it stands in names.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Largest is the size of the largest piece, in bytes.
const Largest = 1 << 20

// Depot keeps pieces.
type Depot interface {
	// Put keeps a piece: when it returns, it is durable. Kinds: ErrStorage.
	Put(ctx context.Context, id ID, b []byte) error
	// Get returns a piece. Kinds: ErrNotFound, ErrStorage.
	Get(ctx context.Context, id ID) ([]byte, error)
	// Delete destroys a piece; one that is not there is no error. Kinds: ErrStorage.
	Delete(ctx context.Context, id ID) error
	// Check reports whether it answers. Kinds: ErrStorage.
	Check(ctx context.Context) error
}

func storage(doing string, err error) error {
	return fmt.Errorf("depot: %s: %w: %w", doing, amana.ErrStorage, err)
}

func missing(id ID) error { return fmt.Errorf("depot: piece %s: %w", id, amana.ErrNotFound) }

// Folder keeps pieces as files in a folder, which every hub on one database must see.
type Folder struct{ dir string }

// OpenFolder returns the depot in a folder, which is made if it is missing. Kinds:
// ErrStorage.
func OpenFolder(dir string) (Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Folder{}, storage("new folder", inner(err))
	}
	return Folder{dir}, nil
}

// inner is an error of the file system without the path in it.
func inner(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

func (f Folder) path(id ID) (dir, path string) {
	name := id.String()
	dir = filepath.Join(f.dir, name[:2])
	return dir, filepath.Join(dir, name)
}

// Put implements [Depot].
func (f Folder) Put(_ context.Context, id ID, b []byte) error {
	dir, path := f.path(id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return storage("put", inner(err))
	}
	next := path + ".new"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return storage("put", inner(err))
	}
	_, err = file.Write(b)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(next, path)
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err == nil {
		err = syncFolder(f.dir)
	}
	if err != nil {
		os.Remove(next)
		return storage("put", inner(err))
	}
	return nil
}

// Get implements [Depot].
func (f Folder) Get(_ context.Context, id ID) ([]byte, error) {
	_, path := f.path(id)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(id)
	}
	if err != nil {
		return nil, storage("get", inner(err))
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, Largest+1))
	if err != nil {
		return nil, storage("get", inner(err))
	}
	return b, nil
}

// Delete implements [Depot].
func (f Folder) Delete(_ context.Context, id ID) error {
	dir, path := f.path(id)
	for _, name := range []string{path, path + ".new"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return storage("delete", inner(err))
		}
	}
	if err := syncFolder(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return storage("delete", inner(err))
	}
	return nil
}

// Check implements [Depot].
func (f Folder) Check(context.Context) error {
	info, err := os.Stat(f.dir)
	if err == nil && !info.IsDir() {
		err = errors.New("not a folder")
	}
	if err != nil {
		return storage("check", inner(err))
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
