package casework_test

import (
	"bytes"
	"testing"
)

// A bundle for one computer carries as many files of evidence as were said to fit, the
// smallest first, and none where nobody said any.
func TestBundle_forOneComputerWithFiles(t *testing.T) {
	h := newHouse(t)
	holder := h.people(t, 1)[0]
	second := h.at(t, h.elsewhere(t, h.admin), adminWords)
	for _, size := range []int{1000, 300_000} {
		if _, err := h.admin.TakeEvidence(t.Context(), item(holder), bytes.NewReader(noise(size))); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		room  int64
		files int
	}{{0, 0}, {100_000, 1}, {1 << 20, 1}} { // the second time the small one is there already
		var file bytes.Buffer
		if _, err := h.admin.WriteBundleFor(t.Context(), second.Session().Device(), tt.room, &file); err != nil {
			t.Fatal(err)
		}
		done, _, err := second.ReadBundle(t.Context(), &file)
		if err != nil || done.Files != tt.files || done.FilesBad != 0 {
			t.Errorf("room for %d bytes: %+v, %v", tt.room, done, err)
		}
	}
}
