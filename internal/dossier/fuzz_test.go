package dossier_test

import (
	"bytes"
	"context"
	"testing"

	"amana/internal/dossier"
)

// Whatever is given for a dossier: it is the one that was written, or it is said what is
// wrong with it.
func FuzzVerify(f *testing.F) {
	raw := small(f)
	f.Add(raw)
	f.Add(raw[:len(raw)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := dossier.Verify(context.Background(), bytes.NewReader(b), int64(len(b)), dossier.Options{})
		if err == nil && !r.OK && !saysWhy(r) {
			t.Fatalf("it does not say what is wrong: %+v", r)
		}
	})
}
