package record

import (
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
)

// A record on which nothing is to be decided is one where every entry saw all
// before it: the short way takes no other for one.
func TestLinear_isThatEachSawAllBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []Entry
		time := uint64(0)
		for range rapid.IntRange(1, 5).Draw(t, "entries") {
			time += rapid.Uint64Range(0, 2).Draw(t, "pause")
			e := Entry{
				Time: time, Seq: rapid.Uint64Range(1, 9).Draw(t, "seq"),
				Device: amana.DeviceID{byte(rapid.IntRange(1, 2).Draw(t, "device"))},
			}
			if rapid.Bool().Draw(t, "looked") {
				e.Body = event.Body{Seen: rapid.Uint64Range(0, time).Draw(t, "seen")}
			}
			entries = append(entries, e)
		}
		entries = ordered(entries)
		want := true
		for j := range entries {
			for i := range j {
				want = want && saw(&entries[j], &entries[i])
			}
		}
		if linear(entries) && !want {
			t.Fatalf("linear, and an entry did not see one before it")
		}
	})
}
