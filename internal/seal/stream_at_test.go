package seal_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"amana"
	"amana/internal/seal"
)

// A sealed stream reads the same at any place as from its beginning, and nothing
// that was changed, cut off or moved is given out.
func TestStreamAt_readsAnywhereAndFindsEveryCutAndFlip(t *testing.T) {
	for _, size := range []int{0, 1, 65535, 65536, 65537, 200_000} {
		k := seal.NewStreamKey()
		plain := make([]byte, size)
		for i := range plain {
			plain[i] = byte(i * 7)
		}
		var sealed bytes.Buffer
		w := k.Seal(&sealed)
		w.Write(plain)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		at, n, err := k.OpenAt(bytes.NewReader(sealed.Bytes()), int64(sealed.Len()))
		if err != nil || n != int64(size) {
			t.Fatalf("%d bytes to read, want %d: %v", n, size, err)
		}
		for off := 0; off < size; off += 1 + size/37 {
			p := make([]byte, min(70_000, size-off))
			if _, err := at.ReadAt(p, int64(off)); err != nil || !bytes.Equal(p, plain[off:off+len(p)]) {
				t.Fatalf("size %d at %d: %v", size, off, err)
			}
		}
		if _, err := at.ReadAt(make([]byte, 1), int64(size)); !errors.Is(err, io.EOF) {
			t.Errorf("size %d behind its end: %v", size, err)
		}
		all := func(raw []byte) error {
			at, n, err := k.OpenAt(bytes.NewReader(raw), int64(len(raw)))
			if err != nil {
				return err
			}
			_, err = io.ReadAll(io.NewSectionReader(at, 0, n))
			return err
		}
		for off := 0; off < sealed.Len(); off += 1 + sealed.Len()/97 {
			bad := bytes.Clone(sealed.Bytes())
			bad[off] ^= 4
			if err := all(bad); !errors.Is(err, amana.ErrTampered) {
				t.Errorf("size %d flip at %d: %v", size, off, err)
			}
		}
		for _, cut := range []int{0, 1, 17, sealed.Len() / 2, sealed.Len() - 1, 65536 + 16} {
			if cut >= sealed.Len() {
				continue
			}
			if err := all(sealed.Bytes()[:cut]); !errors.Is(err, amana.ErrTampered) {
				t.Errorf("size %d cut at %d: %v", size, cut, err)
			}
		}
	}
}
