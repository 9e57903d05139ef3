package vault

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
)

// foundEntry is an item with its entry, opened.
type foundEntry struct {
	item  journal.Item
	entry journal.Entry
}

// before is the order of entries of several devices: by time, author, device, number.
func (f foundEntry) compare(g foundEntry) int {
	return cmp.Or(
		cmp.Compare(f.entry.Time, g.entry.Time),
		bytes.Compare(f.entry.Author[:], g.entry.Author[:]),
		bytes.Compare(f.item.Device[:], g.item.Device[:]),
		cmp.Compare(f.item.Seq, g.item.Seq),
	)
}

// recordKeys are the keys of one record that the member holds, and whose it is.
//
// Entries come in any order from other devices, and everybody in the organisation
// sees which records there are: whoever knows one could write an entry that gives it
// to another team. So a record is what began with the first entry, in order, that
// opens with this member's keys; without the keys of a team nobody can write one
// that opens for it. Entries that name other teams count for nothing. See format §8.6.
type recordKeys struct {
	teams []amana.TeamID
	keys  map[seal.Generation]seal.RecordKey
	first seal.Generation
	begun int            // which of the entries it began with, or -1
	began seal.RecordKey // the key that this entry brought, where it opens
	// begins is how many entries begin it that their authors were allowed: more than
	// one where somebody's changed program began it again.
	begins int
	// versions are those entries, where there are more than one.
	versions []int
	// rivals is how many entries beside the first would begin it, allowed or not, for
	// whichever team.
	rivals int
}

// keysOf finds them among the entries of one record.
func (s *Session) keysOf(found []foundEntry) recordKeys {
	k := recordKeys{keys: make(map[seal.Generation]seal.RecordKey, 1), begun: -1, begins: 1}
	closed := s.beginning(&k, found)
	switch {
	case k.begun >= 0:
		k.teams = teamsOf(found[k.begun].entry)
	case closed >= 0:
		k.begun, k.teams = closed, teamsOf(found[closed].entry)
	}
	for i, f := range found {
		if len(f.entry.Teams) == 0 || !k.fits(f) || f.entry.Generation == (seal.Generation{}) && i != k.begun {
			continue
		}
		if i == k.begun && !k.began.IsZero() { // it opened a moment ago
			k.keys[k.first] = k.began
			continue
		}
		if key, err := s.ring.RecordKey(f.entry, f.item); err == nil {
			k.keys[f.entry.Commitment.Generation()] = key
		}
	}
	return k
}

// beginning finds the entry with which a record begins, of those that open, and of those
// that do not, which are other people's or erased, the first.
func (s *Session) beginning(k *recordKeys, found []foundEntry) (closed int) {
	closed = -1
	var open []int // it is one, but for a changed program
	k.rivals = -1
	for i, f := range found {
		if !f.entry.Begins(s.open.org) {
			continue
		}
		k.rivals++
		key, err := s.ring.RecordKey(f.entry, f.item)
		switch {
		case err != nil:
			if closed < 0 || f.compare(found[closed]) < 0 {
				closed = i
			}
			continue
		case k.begun < 0 || f.compare(found[k.begun]) < 0:
			k.begun, k.began, k.first = i, key, f.entry.Commitment.Generation()
		}
		open = append(open, i)
	}
	if len(open) > 1 {
		s.choose(k, found, open)
	}
	return closed
}

// choose takes, of several entries with which a record would begin, the first whose
// author was allowed it, and of those first one by who works on cases: by setting their
// clock back, nobody who may not begin a case puts another in its place.
func (s *Session) choose(k *recordKeys, found []foundEntry, open []int) {
	best := [2]int{-1, -1} // by standing
	k.begins = 0
	defer func() {
		if k.begins < 2 {
			k.versions = nil
		}
	}()
	for _, i := range open {
		by, err := s.mayBegin(found[i])
		if err != nil {
			continue
		}
		k.begins++
		k.versions = append(k.versions, i)
		if best[by] < 0 || found[i].compare(found[best[by]]) < 0 {
			best[by] = i
		}
	}
	for _, i := range best {
		if i < 0 {
			continue
		}
		if key, err := s.ring.RecordKey(found[i].entry, found[i].item); err == nil {
			k.begun, k.began, k.first = i, key, found[i].entry.Commitment.Generation()
			return
		}
	}
}

// mayBegin says by which right an entry begins a record. Kinds: ErrRefused,
// ErrTampered, ErrInvalid for one that begins none.
func (s *Session) mayBegin(f foundEntry) (standing, error) {
	key, err := s.ring.RecordKey(f.entry, f.item)
	if err != nil {
		return full, err
	}
	g := f.entry.Commitment.Generation()
	body, err := openBody(s.ring, f.entry, f.item, map[seal.Generation]seal.RecordKey{g: key}, g)
	if err != nil {
		return full, err
	}
	if !slices.ContainsFunc(body.Facts, func(f event.Fact) bool { _, is := f.(event.Begun); return is }) {
		return full, fmt.Errorf("vault: record %s: begins nothing: %w", f.entry.Record, amana.ErrInvalid)
	}
	_, by, err := s.verify(f.entry, f.item, body, teamsOf(f.entry))
	return by, err
}

// fits reports whether an entry is one of the record's, by the teams that it names.
func (k recordKeys) fits(f foundEntry) bool {
	return len(f.entry.Teams) == 0 || k.teams == nil || slices.Equal(teamsOf(f.entry), k.teams)
}

// newest returns the entry that brought the record's newest key, by an author who was
// allowed it, of those that this member can open.
func (s *Session) newest(c *charter.Charter, found []foundEntry, k recordKeys) int {
	at := k.begun
	for i, f := range found {
		if len(f.entry.Teams) == 0 || f.entry.Generation == (seal.Generation{}) || !k.fits(f) || f.compare(found[at]) < 0 {
			continue
		}
		if _, held := k.keys[f.entry.Generation]; !held {
			continue
		}
		author, err := verifyAuthor(c, s.open.org, f.entry, f.item)
		if err == nil && c.MayRead(author, k.teams, f.entry.Time) == nil {
			at = i
		}
	}
	return at
}
