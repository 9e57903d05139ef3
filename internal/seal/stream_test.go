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

type brokenDisk struct{ left int }

func (d *brokenDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestStream_saysThatTheDiskIsFull(t *testing.T) {
	w := seal.NewStreamKey().Seal(&brokenDisk{left: 100_000})
	n, err := w.Write(make([]byte, 300_000))
	if !errors.Is(err, io.ErrShortWrite) || n >= 300_000 {
		t.Errorf("%d bytes taken, err = %v", n, err)
	}
	if err := w.Close(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("closed: err = %v", err)
	}
}

func TestStream_refusesSwappedChunksAndWhatFollows(t *testing.T) {
	k := seal.NewStreamKey()
	var sealed bytes.Buffer
	w := k.Seal(&sealed)
	w.Write(make([]byte, 200_000))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const chunk = 65536 + seal.TagSize
	b := sealed.Bytes()
	for name, made := range map[string][]byte{
		"swapped":         bytes.Join([][]byte{b[chunk : 2*chunk], b[:chunk], b[2*chunk:]}, nil),
		"dropped":         bytes.Join([][]byte{b[:chunk], b[2*chunk:]}, nil),
		"twice":           bytes.Join([][]byte{b[:chunk], b}, nil),
		"cut at a chunk":  b[:2*chunk],
		"a byte too many": append(bytes.Clone(b), 0),
		"stream too many": append(bytes.Clone(b), b...),
	} {
		if _, err := io.ReadAll(k.Open(bytes.NewReader(made))); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("%s: err = %v, want ErrTampered", name, err)
		}
	}
	if _, err := io.ReadAll(seal.NewStreamKey().Open(bytes.NewReader(b))); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("another key: err = %v, want ErrTampered", err)
	}
}
