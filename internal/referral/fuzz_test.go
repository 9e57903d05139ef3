package referral_test

import (
	"testing"

	"amana/internal/referral"
)

// What a partner's letter says is bounded, whoever wrote it.
func FuzzReadArrived(f *testing.F) {
	f.Add([]byte(`{"v":1,"when":"2026-03-01T09:00:00Z","lines":[{"item":"age","words":"30"},{"item":"sex","option":"female"},{"item":"hours","hours":[{"id":"pep","hours":20}]}]}`))
	f.Add([]byte(`{"state":"accepted","when":"2026-03-01"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if a, err := referral.ReadArrived(raw); err == nil && len(a.Lines) > 32 {
			t.Fatalf("%d lines", len(a.Lines))
		}
		if r, err := referral.ReadReply(raw); err == nil && r.State == "" {
			t.Fatal("an answer without a state")
		}
		_, _ = referral.ReadTable(raw)
	})
}
