package vault

import (
	"bytes"
	"slices"
	"sync"

	"amana"
	"amana/internal/event"
	"amana/internal/keyring"
	"amana/internal/view"
)

// What an author had before them is said in each entry, so that of what several
// devices wrote at the same time nothing is taken for known. See format §5.6.

// reach is how far each device's chain is in a record: the number of its last entry.
type reach map[amana.DeviceID]uint64

func reachOf(found []foundEntry) reach {
	r := reach{}
	for _, f := range found {
		r[f.item.Device] = max(r[f.item.Device], f.item.Seq)
	}
	return r
}

// list is the reach as a body says it: own is left out where it is whole.
func (r reach) list(own amana.DeviceID, ownWhole bool) []event.Reach {
	list := make([]event.Reach, 0, len(r))
	for d, seq := range r {
		if d != own {
			list = append(list, event.Reach{Device: d, Seq: seq})
		}
	}
	if !ownWhole {
		list = append(list, event.Reach{Device: own, Seq: r[own]})
	}
	slices.SortFunc(list, func(a, b event.Reach) int { return bytes.Compare(a.Device[:], b.Device[:]) })
	return list
}

// shown remembers what was in a record when it was shown, by the version that the
// page hands back with a change. It is lost with the session: what was shown before
// then counts as not seen where another device wrote it.
type shown struct {
	mu sync.Mutex // guards m
	m  map[shownVersion]reach
}

type shownVersion struct {
	record  amana.RecordID
	version uint64
}

// mostShown bounds the memory that it takes.
const mostShown = 8192

// note remembers. Where a version was shown twice and another device's entry came in
// between, what both had counts.
func (s *shown) note(id amana.RecordID, version uint64, r reach) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil || len(s.m) >= mostShown {
		s.m = map[shownVersion]reach{}
	}
	key := shownVersion{id, version}
	if before, there := s.m[key]; there {
		both := reach{}
		for d, seq := range r {
			if seq = min(seq, before[d]); seq > 0 {
				both[d] = seq
			}
		}
		r = both
	}
	s.m[key] = r
}

func (s *shown) get(id amana.RecordID, version uint64) (reach, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, there := s.m[shownVersion{id, version}]
	return r, there
}

// see says in an entry what its author had before them: nothing where that is simply
// all that stands here and one device wrote it all, so that most entries say nothing.
// The entry comes after all of that, whatever times it bears.
func (s *Session) see(ch Change, r view.Record, d *keyring.Draft, body *event.Body) error {
	if ch.Seen == 0 && !r.Foreign {
		return nil
	}
	if err := s.index.Load().follow(); err != nil {
		return err
	}
	if fresh, ok, err := s.index.Load().view.Find(ch.Record); err != nil {
		return err
	} else if ok {
		r = fresh // another device's entry may just have come
	}
	found, err := s.entriesOf(r)
	if err != nil {
		return err
	}
	var newest uint64
	for _, f := range found {
		newest = max(newest, f.entry.Time)
	}
	d.After = newest
	own := s.open.device
	if !r.Foreign {
		if ch.Seen < newest {
			body.Seen = ch.Seen
		}
		return nil
	}
	all := reachOf(found)
	if ch.Seen == 0 {
		body.Heads = all.list(own, true)
		return nil
	}
	saw, known := s.shown.get(ch.Record, ch.Seen)
	if !known {
		saw = reach{}
		for _, f := range found {
			if f.item.Device == own && f.entry.Time <= ch.Seen {
				saw[own] = max(saw[own], f.item.Seq)
			}
		}
	}
	body.Heads = saw.list(own, saw[own] >= all[own])
	return nil
}
