package vault_test

import (
	"bytes"
	"testing"

	"amana/internal/vault"
)

// A request is read in one spelling only: what two people compare are words of its bytes.
func FuzzParseRequest(f *testing.F) {
	raw, err := vault.RequestPairing(f.TempDir() + "/v")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(bytes.TrimSuffix(raw, raw[len(raw)-1:]))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := vault.ParseRequest(b); err == nil && (len(r.Words) == 0 || r.Device.IsZero()) {
			t.Fatalf("%+v", r)
		}
	})
}
