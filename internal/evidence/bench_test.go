package evidence_test

import (
	"crypto/aes"
	"crypto/cipher"
	"io"
	"os"
	"path/filepath"
	"testing"

	"amana/internal/evidence"
	"amana/internal/seal"
)

// What taking in reaches is set beside what the disk and one core can do:
// go test ./internal/evidence -run '^$' -bench . -benchtime 3x.
const benchSize = 256 << 20

func BenchmarkTake(b *testing.B) {
	s := evidence.Open(b.TempDir(), seal.NewDeviceKey())
	b.SetBytes(benchSize)
	for b.Loop() {
		blob, err := s.Take(b.Context(), somebody, &endless{benchSize})
		if err == nil {
			err = s.Erase(blob.Record)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReference_writeAndSync(b *testing.B) {
	path := filepath.Join(b.TempDir(), "raw")
	buf := make([]byte, 1<<20)
	b.SetBytes(benchSize)
	for b.Loop() {
		f, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		for range benchSize / len(buf) {
			if _, err := f.Write(buf); err != nil {
				b.Fatal(err)
			}
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

func BenchmarkReference_gcmOnOneCore(b *testing.B) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	chunk, out := make([]byte, seal.BlobChunk), make([]byte, 0, seal.BlobChunk+16)
	b.SetBytes(benchSize)
	for b.Loop() {
		for range benchSize / len(chunk) {
			out = gcm.Seal(out[:0], make([]byte, 12), chunk, nil)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	s := evidence.Open(b.TempDir(), seal.NewDeviceKey())
	blob, err := s.Take(b.Context(), somebody, &endless{benchSize})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(benchSize)
	for b.Loop() {
		r, done, err := s.Reader(blob)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, io.NewSectionReader(r, 0, r.Size())); err != nil {
			b.Fatal(err)
		}
		done()
	}
}
