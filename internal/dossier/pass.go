package dossier

import (
	"context"
	"errors"
	"hash/crc32"
	"io"

	"amana/internal/seal"
)

// A file goes through in lots: small ones, so that the stages seldom wait for each
// other where a file begins and ends.
const (
	lotSize  = 256 << 10
	lotCount = 8
)

// pass copies r to w while other goroutines read ahead and hash: what leaves, and what
// is checked, is read once. w may be nil. size is what r should have.
func pass(ctx context.Context, w io.Writer, r io.Reader, size uint64) (n int64, sum seal.Hash, crc uint32, err error) {
	if size < lotSize {
		return passSmall(w, r, size)
	}
	empty, read, written := make(chan []byte, lotCount), make(chan []byte, lotCount), make(chan []byte, lotCount)
	for range lotCount {
		empty <- make([]byte, lotSize)
	}
	ctx, stop := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() {
		defer close(read)
		failed <- readLots(ctx, r, empty, read)
	}()
	hashed := make(chan struct{})
	h := seal.NewSum()
	go func() {
		defer close(hashed)
		for b := range written {
			h.Write(b)
			crc = crc32.Update(crc, crc32.IEEETable, b)
			empty <- b[:cap(b)]
		}
	}()
	for b := range read {
		if w != nil && err == nil {
			if _, err = w.Write(b); err != nil {
				stop()
			}
		}
		n += int64(len(b))
		written <- b
	}
	close(written)
	<-hashed
	stop()
	if bad := <-failed; err == nil {
		err = bad
	}
	h.Sum(sum[:0])
	return n, sum, crc, err
}

// readLots reads ahead, as far as there are empty lots.
func readLots(ctx context.Context, r io.Reader, empty <-chan []byte, read chan<- []byte) error {
	for {
		var b []byte
		select {
		case <-ctx.Done():
			return ctx.Err()
		case b = <-empty:
		}
		n, err := io.ReadFull(r, b)
		if n > 0 {
			read <- b[:n]
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// passSmall is pass for what fits into one lot.
func passSmall(w io.Writer, r io.Reader, size uint64) (n int64, sum seal.Hash, crc uint32, err error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(size)+1))
	if err == nil && w != nil {
		_, err = w.Write(b)
	}
	h := seal.NewSum()
	h.Write(b)
	h.Sum(sum[:0])
	return int64(len(b)), sum, crc32.ChecksumIEEE(b), err
}
