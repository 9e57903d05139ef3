package vault

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"amana"
	"amana/internal/seal"
)

// bundleMagic2 begins a bundle that carries files of evidence after its entries.
const bundleMagic2 = "amana bundle 2\n"

// fileHead is the length of what stands before a file: its name and its length.
const fileHead = len(seal.Hash{}) + 8

// FilesHere are the files of evidence that the member can read and that are whole on
// this device: what a bundle may carry. Their sizes are what it grows by.
func (s *Session) FilesHere(ctx context.Context) ([]File, error) {
	all, err := s.Files(ctx)
	if err != nil {
		return nil, err
	}
	var here []File
	for _, f := range all {
		if f.Here {
			here = append(here, f)
		}
	}
	return here, nil
}

// writeFiles writes files as they travel. One that was erased meanwhile is zeros, which
// nobody takes.
func (s *Session) writeFiles(ctx context.Context, files []File, out *bufio.Writer) error {
	if err := writePart(out, nil); err != nil { // no batch is empty: the last one was
		return err
	}
	for _, f := range files {
		head := binary.BigEndian.AppendUint64(f.Name[:], uint64(f.Size))
		if err := writePart(out, head); err != nil {
			return err
		}
		var src io.Reader = zeros{}
		t, err := s.ReadFile(f)
		switch {
		case err == nil:
			src = io.NewSectionReader(t, 0, f.Size)
		case !errors.Is(err, amana.ErrNotFound):
			return err
		}
		_, err = io.CopyN(out, stopping{ctx, src}, f.Size)
		if t != nil {
			err = errors.Join(err, t.Close())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// takeFiles takes the files of a bundle, once its entries are in: those that the member
// can read and that are not here. One that is not what it should be holds up none of the
// others.
func (s *Session) takeFiles(ctx context.Context, in *bufio.Reader, done *Imported) error {
	if err := s.waitForLists(ctx); err != nil {
		return err
	}
	list, err := s.Files(ctx)
	if err != nil {
		return err
	}
	wanted := make(map[seal.Hash]File, len(list))
	for _, f := range list {
		wanted[f.Name] = f
	}
	for {
		head, err := readPart(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(head) != fileHead {
			return fmt.Errorf("vault: bundle: a file: %w", amana.ErrTampered)
		}
		size := binary.BigEndian.Uint64(head[len(seal.Hash{}):])
		if size > largestFile {
			return fmt.Errorf("vault: bundle: a file of %d bytes: %w", size, amana.ErrTampered)
		}
		rest := &io.LimitedReader{R: stopping{ctx, in}, N: int64(size)}
		f, known := wanted[seal.Hash(head[:len(seal.Hash{})])]
		if err := s.takeOne(ctx, f, known, int64(size), rest, done); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, rest); err != nil {
			return err
		}
		if rest.N > 0 {
			return fmt.Errorf("vault: bundle: cut short: %w", amana.ErrTampered)
		}
	}
}

func (s *Session) takeOne(ctx context.Context, f File, known bool, size int64, r *io.LimitedReader, done *Imported) error {
	switch {
	case !known:
		done.FilesPassed++ // of a record that is not this member's, or is erased
		return nil
	case f.Here:
		done.FilesKnown++
		return nil
	case size != f.Size:
		done.FilesBad++
		return nil
	}
	if _, err := io.CopyN(io.Discard, r, f.Got); err != nil {
		return fmt.Errorf("vault: bundle: cut short: %w", amana.ErrTampered)
	}
	src := &noting{r: r}
	whole, err := s.TakeFile(ctx, f, src)
	switch {
	case src.err != nil: // the bundle ends, or does not verify
		return src.err
	case errors.Is(err, amana.ErrTampered):
		done.FilesBad++
		return nil
	case errors.Is(err, amana.ErrConflict): // it arrives by another way meanwhile
		done.FilesKnown++
		return nil
	case err != nil:
		return err
	case whole:
		done.Files++
	}
	return nil
}

// noting notes what a reader failed with, so that it is not taken for the file's fault.
type noting struct {
	r   io.Reader
	err error
}

func (n *noting) Read(b []byte) (int, error) {
	c, err := n.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		n.err = err
	}
	return c, err
}

// waitForLists waits until lists are made anew, where new keys have come: what they do
// not list cannot be taken.
func (s *Session) waitForLists(ctx context.Context) error {
	t := time.NewTicker(20 * time.Millisecond)
	defer t.Stop()
	for {
		done, err := s.hold()
		if err != nil {
			return err
		}
		p := s.Progress()
		done()
		if p.Searchable || p.Failed != nil {
			return p.Failed
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}
