package casework

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"amana"
)

// publicFile is the page for everyone, in the folder of the vault. It holds what
// is public, and nothing else.
const publicFile = "public.html"

// mostPublic bounds a page that is served.
const mostPublic = 16 << 20

// PublicPage returns the page for everyone that was published on this device. It
// needs no key. Kind: ErrNotFound.
func (o *Office) PublicPage() ([]byte, error) {
	f, err := os.Open(filepath.Join(o.dir, publicFile))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("casework: public page: %w", amana.ErrNotFound)
		}
		return nil, fmt.Errorf("casework: public page: %w", amana.ErrStorage)
	}
	defer f.Close()
	in, err := f.Stat()
	if err != nil || !in.Mode().IsRegular() || in.Size() > mostPublic {
		return nil, fmt.Errorf("casework: public page: %w", amana.ErrNotFound)
	}
	page := make([]byte, in.Size())
	if _, err := f.ReadAt(page, 0); err != nil {
		return nil, fmt.Errorf("casework: public page: %w", amana.ErrStorage)
	}
	return page, nil
}

// Publish puts the page for everyone on this device, in place of the one before;
// an empty one takes it away. It is for release officers and administrators. Kinds:
// ErrRefused, ErrStorage.
func (d *Desk) Publish(page []byte) error {
	if !d.ServiceRights().Publish {
		return refusedServices("publish")
	}
	at := filepath.Join(d.office.dir, publicFile)
	if len(page) == 0 {
		if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("casework: public page: %w", amana.ErrStorage)
		}
		return nil
	}
	if err := os.WriteFile(at+".new", page, 0o600); err != nil {
		return fmt.Errorf("casework: public page: %w", amana.ErrStorage)
	}
	if err := os.Rename(at+".new", at); err != nil {
		return fmt.Errorf("casework: public page: %w", amana.ErrStorage)
	}
	return nil
}
