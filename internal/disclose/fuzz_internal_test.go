package disclose

import "testing"

// Releases and agreements lie in records that any member can write.
func FuzzReadRelease(f *testing.F) {
	f.Add([]byte(`{"id":"r1","made":"2026-03-01T00:00:00Z","audience":"public","policy":{},"areas":[],"periods":["2026-01"],"tables":[{"id":"t","rows":["a"],"cells":[[[1]]]}]}`))
	f.Add([]byte(`{"parties":[{"id":"a","name":"A"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := ReadRelease(raw); err == nil {
			if _, err := r.Encode(); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = ReadAgreement(raw)
	})
}
