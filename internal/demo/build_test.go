package demo_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"amana"
	"amana/internal/demo"
	"amana/internal/vault"
	"amana/internal/view"
)

func TestBuild(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "vault")
	start := time.Now()
	members, err := demo.Build(ctx, dir, demo.Options{Cases: 200, Seed: 1, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("built in", time.Since(start))
	v, err := vault.Open(dir, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	defer v.LockAll()
	for _, m := range members {
		s, err := v.Unlock(ctx, []byte(m.Passphrase))
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		for !s.Progress().Searchable {
			if err := s.Progress().Failed; err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		n, err := s.Count(amana.Private{}, view.Filter{}, 1000)
		t.Log(m.Name, n, err, s.Behind(), time.Since(start))
	}
}
