package record

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
)

// Entry is one change to a record, opened and verified.
type Entry struct {
	// Time is the hybrid logical clock: milliseconds since 1970 in the upper 48
	// bits, a counter in the lower 16.
	Time uint64
	// Wall is what the device's clock showed, in milliseconds since 1970, or 0
	// where it agrees with Time.
	Wall   int64
	Device amana.DeviceID
	Seq    uint64 // its place in the device's chain
	Author amana.MemberID
	Body   event.Body
}

// When returns the moment that a logical time names.
func When(t uint64) time.Time { return time.UnixMilli(int64(t >> 16)).UTC() }

// before orders entries: by clock, then by author, then by device. The last to
// write a field wins, on every device alike.
func before(a, b *Entry) int {
	if c := cmp.Compare(a.Time, b.Time); c != 0 {
		return c
	}
	if c := bytes.Compare(a.Author[:], b.Author[:]); c != 0 {
		return c
	}
	if c := bytes.Compare(a.Device[:], b.Device[:]); c != 0 {
		return c
	}
	return cmp.Compare(a.Seq, b.Seq)
}

// saw reports whether the author of e had f before them. Of two entries neither
// of which saw the other, we say that they were written at the same time.
func saw(e, f *Entry) bool {
	if before(f, e) >= 0 {
		return false
	}
	if e.Body.Seen != 0 {
		return f.Time <= e.Body.Seen
	}
	for _, h := range e.Body.Heads {
		if h.Device == f.Device {
			return f.Seq <= h.Seq
		}
	}
	return e.Device == f.Device && f.Seq < e.Seq
}

// ordered returns the entries in order, each once. It copies only when it must.
func ordered(entries []Entry) []Entry {
	inOrder := true
	for i := 1; i < len(entries) && inOrder; i++ {
		inOrder = before(&entries[i-1], &entries[i]) < 0
	}
	if inOrder {
		return entries
	}
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b Entry) int { return before(&a, &b) })
	return slices.CompactFunc(entries, func(a, b Entry) bool { return before(&a, &b) == 0 })
}

// linear reports whether each entry saw all before it, as on a device that is
// alone and among people who take turns: there is nothing to decide then.
func linear(entries []Entry) bool {
	reached := make(map[amana.DeviceID]uint64, 1) // the last of each device so far
	for i := range entries {
		e := &entries[i]
		if i > 0 && !sawAll(e, &entries[i-1], reached) {
			return false
		}
		reached[e.Device] = max(reached[e.Device], e.Seq)
	}
	return true
}

// sawAll reports whether the author of e had everything before them that was
// reached, of which prev is the last in order.
func sawAll(e, prev *Entry, reached map[amana.DeviceID]uint64) bool {
	if e.Body.Seen != 0 {
		return saw(e, prev)
	}
	for device, seq := range reached {
		i := slices.IndexFunc(e.Body.Heads, func(h event.Reach) bool { return h.Device == device })
		if i >= 0 && e.Body.Heads[i].Seq < seq || i < 0 && (device != e.Device || e.Seq <= seq) {
			return false
		}
	}
	return before(prev, e) < 0
}
