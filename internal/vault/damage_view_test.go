package vault_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/vault"
	"amana/internal/view"
)

// A view that is damaged is built anew, and is never wrong.
func TestDamage_views(t *testing.T) {
	h := newHouse(t)
	s := h.enter(t, "w0")
	for i := range 40 {
		mustOpenCase(t, s, h.Teams[0], fmt.Sprintf("Fatoumata Exemple %d", i), strings.Repeat(fmt.Sprintf("orchard river well word%d ", i), 12))
	}
	want := rows(t, s)
	h.v.LockAll()
	path, raw := largest(t, glob(h.dir))
	damaged := func(what string, bad []byte) {
		t.Helper()
		writeAll(t, path, bad)
		h.reopen(t)
		rightOrRebuilt(t, h.enter(t, "w0"), want, what)
		h.v.LockAll()
		for _, p := range glob(h.dir) {
			os.Remove(p)
		}
	}
	for page := range len(raw) / 4096 {
		if testing.Short() && page%5 != 0 {
			continue
		}
		bad := slices.Clone(raw)
		bad[page*4096+page*37%4096] ^= 1 << (page % 8)
		damaged(fmt.Sprintf("page %d of %d", page, len(raw)/4096), bad)
	}
	for _, size := range []int{0, 1, 512, 4096, 4097, len(raw) / 2, len(raw) - 1} {
		damaged(fmt.Sprintf("cut to %d", size), raw[:size])
	}
}

// largest is the view of w0: the others have nothing in theirs.
func largest(t testing.TB, paths []string) (path string, raw []byte) {
	t.Helper()
	for _, p := range paths {
		if b, err := os.ReadFile(p); err != nil {
			t.Fatal(err)
		} else if len(b) > len(raw) {
			path, raw = p, b
		}
	}
	return path, raw
}

func glob(dir string) []string {
	paths, _ := filepath.Glob(filepath.Join(dir, "views", "*"))
	return paths
}

// rightOrRebuilt accepts lists that are said not to be whole yet, as while a view
// is built, and no others than the right ones after that.
func rightOrRebuilt(t *testing.T, s *vault.Session, want []string, what string) {
	t.Helper()
	for range 3 {
		got, err := s.Cases(amana.Private{}, view.Filter{Limit: 1 << 20})
		found, err2 := s.Cases(amana.Conceal("word7"), view.Filter{Limit: 100})
		if err = errors.Join(err, err2); err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		if !s.Progress().Searchable {
			built(t, s)
			continue
		}
		if len(got) != len(want) || len(found) != 1 {
			t.Errorf("%s: %d rows, want %d; %d found, want 1", what, len(got), len(want), len(found))
			return
		}
		for _, row := range got[:3] {
			if f, err := s.Peek(row.ID); err != nil || len(f.Records) != 2 {
				t.Errorf("%s: case %s: %d records, %v", what, row.ID, len(f.Records), err)
			}
		}
		built(t, s)
		if have := rows(t, s); !slices.Equal(have, want) {
			t.Errorf("%s: other rows", what)
		}
		return
	}
	t.Errorf("%s: the view is built again and again", what)
}
