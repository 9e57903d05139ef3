package seal_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"amana"
	"amana/internal/seal"
)

func TestStream_opensWhatItSealedAndFindsEveryCutAndFlip(t *testing.T) {
	for _, size := range []int{0, 1, 65535, 65536, 65537, 200_000} {
		k := seal.NewStreamKey()
		plain := bytes.Repeat([]byte("ab\x00"), size/3+1)[:size]
		var sealed bytes.Buffer
		w := k.Seal(&sealed)
		for at := 0; at < size; at += 7001 {
			w.Write(plain[at:min(size, at+7001)])
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(k.Open(bytes.NewReader(sealed.Bytes())))
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("size %d: %d bytes, %v", size, len(got), err)
		}
		for _, cut := range []int{0, 1, sealed.Len() / 2, sealed.Len() - 1, 65536 + 16} {
			if cut >= sealed.Len() {
				continue
			}
			if _, err := io.ReadAll(k.Open(bytes.NewReader(sealed.Bytes()[:cut]))); !errors.Is(err, amana.ErrTampered) {
				t.Errorf("size %d cut at %d: %v", size, cut, err)
			}
		}
		for at := 0; at < sealed.Len(); at += max(1, sealed.Len()/97) {
			bad := bytes.Clone(sealed.Bytes())
			bad[at] ^= 4
			if _, err := io.ReadAll(k.Open(bytes.NewReader(bad))); !errors.Is(err, amana.ErrTampered) {
				t.Errorf("size %d flip at %d: %v", size, at, err)
			}
		}
	}
}
