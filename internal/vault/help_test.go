package vault_test

import (
	"context"
	"io"
	"os"
	"testing"

	"amana/internal/vault"
)

func backupTo(t testing.TB, s *vault.Session, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := s.Backup(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func reader(t testing.TB, path string) io.Reader {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
