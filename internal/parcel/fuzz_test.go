package parcel_test

import (
	"bytes"
	"testing"

	"amana/internal/parcel"
)

// What a partner writes of a package is read whole or not at all; what opens it does not
// stay in what is kept.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"v":1,"parcel":"00112233445566778899aabbccddeeff","key":"` + string(bytes.Repeat([]byte("0a"), 32)) +
		`","size":70000,"sum":"` + string(bytes.Repeat([]byte("1b"), 32)) + `","crc":7,"salt":"` + string(bytes.Repeat([]byte("2c"), 32)) +
		`","format":"dossier","purpose":"courts","when":"2026-03-01"}`))
	f.Add([]byte(`{"state":"asked","from":65536,"when":"2026-03-01"}`))
	f.Add([]byte(`{"why":"withdrawn","when":"2026-03-01"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if n, err := parcel.Read(raw); err == nil && n.Size < 0 {
			t.Fatal("a package of less than nothing")
		}
		if kept, err := parcel.Without(raw); err == nil {
			if _, err := parcel.Read(kept); err == nil {
				t.Fatal("what is kept opens the package")
			}
		}
		_, _ = parcel.ReadAbout(raw)
		if w, err := parcel.ReadWord(raw); err == nil {
			if again, err := w.Bytes(); err != nil {
				t.Fatalf("a word that is read cannot be written: %v, %s", err, again)
			}
		}
		if n, err := parcel.ReadNotice(raw); err == nil {
			if _, err := n.Bytes(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
