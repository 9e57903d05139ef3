package dossier

import (
	"context"
	"errors"
	"hash/crc32"
	"io"

	"amana/internal/seal"
)

const (
	lotSize  = 1 << 20
	lotCount = 4
)

// pass copies r to w while another goroutine hashes: what leaves, and what is
// checked, is read once. w may be nil. size is what r should have.
func pass(ctx context.Context, w io.Writer, r io.Reader, size uint64) (n int64, sum seal.Hash, crc uint32, err error) {
	if size < lotSize {
		return passSmall(w, r, size)
	}
	full, empty := make(chan []byte, lotCount), make(chan []byte, lotCount)
	for range lotCount {
		empty <- make([]byte, lotSize)
	}
	hashed := make(chan struct{})
	h := seal.NewSum()
	go func() {
		defer close(hashed)
		for b := range full {
			h.Write(b)
			empty <- b[:cap(b)]
		}
	}()
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		b := <-empty
		var m int
		m, err = io.ReadFull(r, b)
		b = b[:m]
		n += int64(m)
		crc = crc32.Update(crc, crc32.IEEETable, b)
		if w != nil && m > 0 {
			if _, bad := w.Write(b); bad != nil {
				err = bad
			}
		}
		full <- b
	}
	close(full)
	<-hashed
	h.Sum(sum[:0])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, sum, crc, err
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
