package syncer

import "testing"

// A hundred thousand entries are hundreds of batches: doubled for each, a size would
// become none, and every entry a batch of its own.
func TestLarger_staysLarge(t *testing.T) {
	size := smallFirst
	for range 200 {
		was := size
		if size = larger(size); size < was {
			t.Fatalf("after %d comes %d", was, size)
		}
	}
}
