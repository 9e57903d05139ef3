package dossier_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"testing"

	"amana/internal/dossier"
	"amana/internal/release"
)

// A dossier of many files, beside SHA-256 over the same bytes:
// go test ./internal/dossier -run '^$' -bench . -benchtime 1x.
const (
	benchFiles = 100
	benchEach  = 4 << 20
)

func manyFiles(b *testing.B) (*sample, release.Cleared) {
	b.Helper()
	s := newSample()
	var records []release.Record
	for i := range benchFiles {
		s.add(byte(i+1), bytes.Repeat([]byte{byte(i), 1, 2, 3}, benchEach/4), 3)
		records = append(records, asked(byte(i+1), yes()))
	}
	s.Redactions = nil
	return s, cleared(b, dossier.Format, records...)
}

func BenchmarkWriteAndVerify(b *testing.B) {
	s, c := manyFiles(b)
	path := filepath.Join(b.TempDir(), "d.zip")
	b.Run("write", func(b *testing.B) {
		b.SetBytes(benchFiles * benchEach)
		for b.Loop() {
			f, err := os.Create(path)
			if err == nil {
				_, err = dossier.Write(context.Background(), f, c, s.Material)
			}
			if err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
	b.Run("verify", func(b *testing.B) {
		b.SetBytes(benchFiles * benchEach)
		for b.Loop() {
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			info, _ := f.Stat()
			if r, err := dossier.Verify(context.Background(), f, info.Size(), dossier.Options{}); err != nil || !r.OK {
				b.Fatal(err, r.Checks)
			}
			f.Close()
		}
	})
	b.Run("reference sha256", func(b *testing.B) {
		b.SetBytes(benchFiles * benchEach)
		for b.Loop() {
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(sha256.New(), f); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
}
