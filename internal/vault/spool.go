package vault

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"amana"
	"amana/internal/seal"
)

// Spool is a file that is worked on and not kept: one that somebody brings, or one
// that is about to leave. It lies in the vault's folder, sealed under a key that is
// in memory only, so that whatever ends the program leaves nothing that opens.
type Spool struct {
	file *os.File
	key  seal.StreamKey
	in   io.WriteCloser
	at   io.ReaderAt
	size int64
}

// spoolPrefix begins the names of spools, among the views: they too can be thrown
// away at any time.
const spoolPrefix = "spool-"

// Spool makes an empty one. Write to it, then [Spool.Done]; then it can be read at
// any place, and [Spool.Close] takes it away. Kinds: ErrLocked, ErrStorage.
func (s *Session) Spool() (*Spool, error) {
	release, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer release()
	f, err := os.CreateTemp(filepath.Join(s.vault.dir, viewsDir), spoolPrefix)
	if err != nil {
		return nil, storage("spool", err)
	}
	sp := &Spool{file: f, key: seal.NewStreamKey()}
	sp.in = sp.key.Seal(f)
	return sp, nil
}

// Write implements [io.Writer].
func (sp *Spool) Write(p []byte) (int, error) {
	n, err := sp.in.Write(p)
	if err != nil {
		return n, storage("spool", err)
	}
	return n, nil
}

// Done ends the writing.
func (sp *Spool) Done() error {
	if err := sp.in.Close(); err != nil {
		return storage("spool", err)
	}
	st, err := sp.file.Stat()
	if err != nil {
		return storage("spool", err)
	}
	sp.at, sp.size, err = sp.key.OpenAt(sp.file, st.Size())
	return err
}

// ReadAt implements [io.ReaderAt], once the writing is done.
func (sp *Spool) ReadAt(p []byte, off int64) (int, error) {
	if sp.at == nil {
		return 0, fmt.Errorf("vault: spool: still written: %w", amana.ErrInvalid)
	}
	return sp.at.ReadAt(p, off) //nolint:wrapcheck // it is a reader like the one below it
}

// Size is how many bytes can be read, once the writing is done.
func (sp *Spool) Size() int64 { return sp.size }

// Close takes the file away.
func (sp *Spool) Close() error {
	err := errors.Join(sp.file.Close(), os.Remove(sp.file.Name()))
	if err != nil {
		return storage("spool", err)
	}
	return nil
}

// removeSpools takes away what a program that was ended left: nobody has its keys.
func removeSpools(dir string) {
	left, err := filepath.Glob(filepath.Join(dir, viewsDir, spoolPrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range left {
		os.Remove(path)
	}
}
